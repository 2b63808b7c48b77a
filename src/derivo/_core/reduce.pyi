# Stub of derivo._core.reduce, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class ReduceOp:
    """The compiled side of a loop program with reductions.

    Parameters
    ----------
    name : str
        Name in messages.
    spec : object
        ``spec.build(axis, out_dtypes, in_dtypes, compute_dtype, letters)`` gives the
        address of a kernel (letters: one of 'csx' per operand, outputs first).
    out_spaces, in_spaces : str
        Per operand 'r' (varies over the reduced dimensions), 'k', or 't' (an output
        of the reduced dimensions' shape, to which every kept point adds).
    partial, final : ReduceOp, optional
        What to use for long reductions: `partial` gives parts, `final` (taking the
        parts and the number of elements) the result. With totals: `final` sums those
        of all blocks over their first dimension.
    partial_dtype : int, optional
        dtype code of the parts.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __call__(*args: Any, **kwargs: Any) -> Any: ...
    def __repr__(self) -> str: ...
    @property
    def final(self) -> Any:
        ...
    @property
    def name(self) -> str:
        ...
    @property
    def nin(self) -> Any:
        ...
    @property
    def nout(self) -> Any:
        ...
    @property
    def partial(self) -> Any:
        ...
    @property
    def spec(self) -> Any:
        ...
    @property
    def totals(self) -> Any:
        ...

class SumNode(Node):
    """Node of sums and means over dimensions."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def _facts(self) -> Any:
        """(dimensions, keepdim, shape of the input)."""

def hang_sum(out: Any, scaled: Any, input: Any, dim: Any, keepdim: Any) -> Any:
    """Hang the node of a sum (or mean) on a result that was computed elsewhere."""

def mean(
    input: Any,
    dim: Any = None,
    keepdim: Any = False,
    *,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    """Mean of elements, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int or tuple of int, optional
        Dimensions to average over; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        For integers and bool.

    Notes
    -----
    **Derivative** the incoming gradient divided by the number of elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1.0, 2.0, 6.0]).mean()
    tensor(3.)
    """

def reduced_dims(dim: Any, rank: Any) -> Any:
    """Normalised, sorted tuple of the dimensions that `dim` names (None: all)."""

def set_operations(sum_op: Any, mean_op: Any, **functions: Any) -> Any:
    """The reductions that the core itself runs."""

def sum(
    input: Any,
    dim: Any = None,
    keepdim: Any = False,
    *,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    """Sum of elements, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int or tuple of int, optional
        Dimensions to sum over; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first. Integers and bool are summed as int64 by default.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Sums of floats are accumulated in float64.

    Raises
    ------
    IndexError
        If a dimension is out of range.

    Notes
    -----
    **Derivative** the incoming gradient, for every element.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2, 3, requires_grad=True)
    >>> x.sum(dim=1)
    tensor([3., 3.], grad_fn=<SumBackward1>)
    """

def sum_to_size(self: Any, *size: Any) -> Any:
    """Sum over the dimensions that broadcasting to this shape has added.

    Parameters
    ----------
    *size : int
        The shape before it was broadcast.

    Raises
    ------
    RuntimeError
        If it does not broadcast to this tensor's shape.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
