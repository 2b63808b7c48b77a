# Stub of derivo._core.dispatch, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class BackwardPlan:
    """BackwardPlan(op, sources, results)

    How to get the gradients of some inputs of an elementwise operation.

    Parameters
    ----------
    op : ElementwiseOp, callable or None
        Computes the gradients that are not trivial. A callable (of the operands, with
        the number of its results as `nout`) stands for several operations, where
        there are too many operands for one.
    sources : tuple of (str, int)
        Its operands in order: ``('g', k)`` incoming gradient k, ``('in', i)`` input i,
        ``('out', j)`` output j, ``('param', i)`` scalar parameter i.
    results : tuple of int
        For each needed input in order: ``j >= 0`` is output j of `op`, ``-1`` a zero
        gradient, ``-2 - k`` the incoming gradient k itself.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def call(self) -> Any:
        ...
    @property
    def results(self) -> Any:
        ...
    @property
    def sources(self) -> Any:
        ...

class ElementwiseOp:
    """The compiled side of an elementwise record.

    Parameters
    ----------
    name : str
        Name in error messages.
    nin, nparams, nout : int
        Operands (tensors or numbers), scalar parameters, results.
    promote : {"same", "float", "compare", "logical", "int"}
        How the dtypes of the operands give that of computation and result.
    node_name : str or None
        Name of the graph node; None for operations without derivative.
    spec : object
        ``spec.build(in_dtypes, out_dtypes, compute_dtype, layout)`` gives the address
        of a kernel, ``spec.backward(mask)`` a `BackwardPlan` (or None).
    first_promoted : int
        Operands before this one keep their own dtype (the condition of ``where``).
    tensors_only : int
        Mask of the operands that PyTorch does not take as Python numbers.
    on_complex : {0, 1, 2}
        Whether complex operands are refused, give a complex result or a real one.
    edges : int
        How many operands have an edge in the graph; all of them by default.
    hidden : int
        How many of the first edges are not shown: `first_promoted` by default.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any: ...
    def __repr__(self) -> str: ...
    @property
    def edges(self) -> Any:
        ...
    def hang(self, made: Any, *args: Any) -> Any:
        """Hang the node of a call on results that were computed elsewhere."""
    def hang_inplace(self, compute: Any, *args: Any) -> Any:
        """Let `compute` change the first operand, and record it as this operation."""
    @property
    def hidden(self) -> Any:
        ...
    def inplace(self, *args: Any) -> Any:
        """Compute into the first operand."""
    @property
    def name(self) -> str:
        ...
    @property
    def nin(self) -> Any:
        ...
    @property
    def node_name(self) -> Any:
        ...
    @property
    def node_type(self) -> Any:
        ...
    @property
    def nout(self) -> Any:
        ...
    @property
    def nparams(self) -> Any:
        ...
    def out(self, out: Any, *args: Any) -> Any:
        """Compute into `out`, which is resized if its shape differs."""
    @property
    def promote(self) -> Any:
        ...
    @property
    def spec(self) -> Any:
        ...
    def spec_name(self, index: Any) -> Any:
        """Name of argument `index` in messages."""
SCALAR_TYPES: tuple[Any, ...]
_RULES: dict[Any, Any]
_SOURCES: dict[Any, Any]

def result_type(*tensors: Any) -> Any:
    """The dtype that an operation on these tensors and numbers would give.

    Examples
    --------
    >>> import derivo
    >>> derivo.result_type(derivo.tensor([1, 2]), 1.5)
    torch.float32
    """

def set_operators(operations: Any) -> Any:
    """ElementwiseOp (or function) for each special method, in the order of OP_*."""
