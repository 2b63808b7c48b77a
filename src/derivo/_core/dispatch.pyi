# Stub of derivo._core.dispatch, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



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

class ElementwiseNode(Node):
    """Graph node of an elementwise operation."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __repr__(self) -> str: ...
    def _kept_get(self, k: Any) -> Any:
        """Saved operand: a tensor, a number, or what a pack hook made."""
    def _kept_put(self, k: Any, value: Any) -> Any:
        """Let a slot store `value`, a `Packed`."""
    def _kept_raw(self, k: Any) -> Any:
        """(what is stored in a slot, the output number that it is or -1)."""
    @property
    def _kept_shown(self) -> Any:
        """Further attributes that PyTorch shows, with their values."""
    def _kept_slots(self) -> Any:
        """What PyTorch shows of a node: the argument's name, with its slot."""
    def _note_tangents(self, nr: Any, tangents: Any, before: Any) -> Any:
        """Let saved outputs, and a saved copy of the old value, have tangents."""
    @property
    def formula(self) -> Any:
        """Definition and derivatives of the operation, as text and LaTeX."""
    def name(self) -> Any:
        """Name of the operation, e.g. ``'MulBackward0'``."""

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
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any: ...
    def __repr__(self) -> str: ...
    def hang(self, made: Any, *args: Any) -> Any:
        """Hang the node of a call on results that were computed elsewhere."""
    def hang_inplace(self, compute: Any, *args: Any) -> Any:
        """Let `compute` change the first operand, and record it as this operation."""
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

class _CopySpec:
    ...
    def backward(self, mask: Any) -> Any: ...
    def build(
        self,
        in_dtypes: Any,
        out_dtypes: Any,
        compute_dtype: Any,
        layout: Any,
    ) -> Any: ...
    operand_names: tuple[Any, ...]
_LEGACY_NAMES: tuple[Any, ...]
_RULES: dict[Any, Any]
_SOURCES: dict[Any, Any]

def _cast(t: Any, dtype: Any) -> Any:
    """A detached copy in another dtype, keeping dense strides."""

def _check_inplace(t: Any, recorded: Any) -> Any:
    """Raise if `t` may not be changed in place now."""

def _clone(t: Any) -> Any:
    """A detached copy, keeping dense strides."""

def _contiguous(t: Any) -> Any:
    """`t` itself if contiguous, else a detached contiguous copy."""

def _copy_into(dst: Any, src: Any) -> Any:
    """Copy values (broadcast, converted) without autograd or version count."""

def _fill_table() -> Any: ...

def _finish_inplace(t: Any, node: Any, name: Any) -> Any:
    """Count the change of `t` and give it the history `node` (or None)."""

def _is_dense(t: Any) -> Any:
    """Whether the elements fill their memory without gaps or overlap."""

def _needs_grad(*tensors: Any) -> Any:
    """Whether recording is on and some tensor requires a gradient."""

def _overlaps_itself(t: Any) -> Any:
    """Whether some elements share a place (an expanded tensor)."""

def can_cast(from_: Any, to: Any) -> Any:
    """Whether a value may be stored in `to` without changing its kind.

    Examples
    --------
    >>> import derivo
    >>> derivo.can_cast(derivo.float32, derivo.int32)
    False
    """

def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype that both types convert to, by PyTorch's rules.

    Examples
    --------
    >>> import derivo
    >>> derivo.promote_types(derivo.int32, derivo.float32)
    torch.float32
    """

def result_type(*tensors: Any) -> Any:
    """The dtype that an operation on these tensors and numbers would give.

    Examples
    --------
    >>> import derivo
    >>> derivo.result_type(derivo.tensor([1, 2]), 1.5)
    torch.float32
    """

def set_callbacks(**functions: Any) -> Any:
    """Set the Python functions that dispatch falls back on."""

def set_operators(operations: Any) -> Any:
    """ElementwiseOp (or function) for each special method, in the order of OP_*."""
