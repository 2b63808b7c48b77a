# Stub of derivo._core.tensor, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo.tensor import Tensor



class Batch:
    """What `vmap` knows of a tensor: the one with the hidden dimension, which is first.

    `batched` is false for tensors that only belong to the level (what is
    differentiated inside it is told from what comes from outside).
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def batched(self) -> Any:
        ...
    @property
    def frame(self) -> Any:
        ...
    @property
    def level(self) -> Any:
        ...
    @property
    def tensor(self) -> Any:
        ...

class DType:
    """Type of the elements of a tensor, such as ``derivo.float32``.

    Its text form is PyTorch's (``torch.float32``) so that printed tensors agree
    character for character.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __eq__(self, other: object) -> bool: ...
    def __ge__(self, other: object) -> bool: ...
    def __gt__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __le__(self, other: object) -> bool: ...
    def __lt__(self, other: object) -> bool: ...
    def __ne__(self, other: object) -> bool: ...
    def __repr__(self) -> str: ...
    @property
    def code(self) -> int:
        ...
    @property
    def is_complex(self) -> bool:
        ...
    @property
    def is_floating_point(self) -> bool:
        ...
    @property
    def is_signed(self) -> bool:
        ...
    @property
    def itemsize(self) -> int:
        ...
    @property
    def name(self) -> str:
        ...
    def to_complex(self) -> Any:
        """The complex type of the same precision."""
    def to_real(self) -> Any:
        """The real type of the same precision (itself if already real)."""

class Node:
    """A recorded operation: what takes the gradient of its outputs to its inputs."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __repr__(self) -> str: ...
    def _kept_get(self, slot: Any) -> Any: ...
    def _note_tangents(self, nr: Any, tangents: Any, before: Any) -> Any:
        """Let saved copies of output `nr` have tangents; nodes that save know how."""
    def _sequence_nr(self) -> Any:
        """When the node was recorded; the largest number for leaves."""
    def _set_sequence_nr(self, value: Any) -> Any: ...
    @property
    def metadata(self) -> dict[Any, Any]:
        """A dict for the user's own data."""
    def name(self) -> Any:
        """Name of the operation, e.g. ``'MulBackward0'``."""
    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """Tuple of ``(node, output number)``; ``(None, 0)`` for constants."""
    def register_hook(self, hook: Any) -> Any:
        """Call ``hook(grad_inputs, grad_outputs)`` after each run of the node."""
    def register_prehook(self, hook: Any) -> Any:
        """Call ``hook(grad_outputs)`` before each run of the node."""
    @property
    def requires_grad(self) -> Any:
        """True: only what requires a gradient has a node."""

class NodeHooks:
    ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class Size(tuple[Any, ...]):
    """Shape of a tensor: a tuple of ints that prints as PyTorch's."""
    def numel(self) -> Any:
        """Product of all sizes."""
TensorBase = Tensor
_NAMES: tuple[Any, ...]
_OPERATORS: tuple[Any, ...]

def _alias(source: Any, shape: Any, strides: Any, offset: Any) -> Any:
    """Another geometry (`offset` in elements from the first element of `source`)
    on the same storage, unknown to autograd.
    """

def _attach(out: Any, t: Any, frame: Any, level: Any, batched: Any = True) -> Any:
    """Let `out`, which has the geometry of an example of `t`, stand for it."""

def _bump(t: Any, name: Any = 'in-place operation') -> Any:
    """Count one in-place change."""

def _check_dim(dim: Any, rank: Any) -> Any:
    """Normalised dimension (0-d counts as one dimension), or IndexError."""

def _count_modes(change: Any) -> Any:
    """Count transforms that begin (1) or end (-1) on this thread."""

def _creation(t: Any, value: Any) -> Any:
    """Say how a view came to be (an entry of the enum Creation)."""

def _cut_history(t: Any) -> Any:
    """Make `t` a leaf that does not require a gradient."""

def _data(source: Any) -> Any:
    """Alias with a version counter of its own (what ``.data`` returns)."""

def _detach(source: Any) -> Any:
    """Alias that shares storage and version counter but not history."""

def _dtype_by_name(name: Any) -> Any: ...

def _empty(shape: Any, dtype: Any, requires_grad: Any = False) -> Any:
    """Uninitialised contiguous tensor."""

def _empty_strided(shape: Any, strides: Any, dtype: Any) -> Any:
    """Uninitialised tensor of the given strides (in elements)."""

def _forward_enabled() -> Any:
    """Whether operations give tangents on this thread."""

def _leaf_hooks(t: Any) -> Any: ...

def _line_of(code: Any, at: Any) -> Any:
    """(file, line) of an instruction."""

def _make_dtypes() -> Any: ...

def _make_subclass(cls: Any, source: Any, require_grad: Any = False) -> Any:
    """An object of class `cls` over the storage of `source`, a leaf."""

def _modes_active() -> Any:
    """How many transforms that follow values are active on this thread."""

def _modes_off() -> Any:
    """Switch transforms off on this thread; returns what `_modes_on` takes."""

def _modes_on(before: Any) -> Any:
    """Switch transforms on again."""

def _needs_grad(t: Any) -> Any:
    """Whether `t` is part of a graph, whatever the mode."""

def _node_line(node: Any) -> Any:
    """(file, line) of the user's code that made `node`, or None."""

def _numbers(t: Any) -> Any:
    """(data address, dtype code, itemsize) for code that fills memory."""

def _readable(t: Any, what: Any = '.numpy()') -> Any:
    """Refuse to read the values of a tensor that `vmap` follows."""

def _reinterpret(source: Any, dtype: Any, shape: Any, strides: Any) -> Any:
    """The same memory read as another dtype, sharing version counter."""

def _same_storage(a: Any, b: Any) -> Any:
    """Whether two tensors lie in the same block of memory."""

def _set_anomaly(value: Any) -> Any:
    """Set the anomaly mode: 0 off, 1 stacks only, 3 and NaN are looked for."""

def _set_data(t: Any, source: Any, share: Any = False) -> Any:
    """Let `t` take geometry, dtype and storage of `source`.

    ``t.data = source`` keeps the version counter of `t`; with `share` both count
    together from then on.
    """

def _set_forward_enabled(enabled: Any) -> Any:
    """Set whether operations give tangents on this thread; returns the old value."""

def _set_grad_enabled(value: Any) -> Any: ...

def _set_home(folder: Any) -> Any:
    """Code below this folder is derivo's own, not the user's."""

def _set_inference(value: Any) -> Any: ...

def _take_over(kind: Any, op: Any, args: Any) -> Any:
    """Hand a call to a transform that follows an argument; NotImplemented if none."""

def _version_writer(t: Any) -> Any:
    """Name of the operation that changed the storage last, or None."""

def _wrap(t: Any, frame: Any, level: Any, batched: Any = True) -> Any:
    """A tensor of level `level` over `t`, whose first dimension it hides."""

def _writer_line(t: Any) -> Any:
    """(file, line) of the user's code that changed the storage last, or None."""
dtypes: tuple[Any, ...]

def get_default_dtype() -> Any:
    """Return the type that Python floats take (initially ``derivo.float32``)."""

def is_grad_enabled() -> Any:
    """Whether operations are recorded in this thread."""

def is_inference_mode_enabled() -> Any:
    """Whether this thread is in inference mode."""

def set_contiguous_formats(formats: Any) -> Any:
    """Which memory_format objects mean plain row-major order."""

def set_default_dtype(d: Any) -> Any:
    """Set the type that Python floats and ``derivo.tensor([1.0])`` take.

    Parameters
    ----------
    d : dtype
        A floating point type.

    Raises
    ------
    TypeError
        If `d` is not a floating point dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.set_default_dtype(derivo.float64)
    >>> derivo.tensor([1.0]).dtype
    torch.float64
    >>> derivo.set_default_dtype(derivo.float32)
    """

def set_mode_handler(handler: Any) -> Any:
    """Set what takes over an operation on a tensor that a transform follows.

    ``handler(kind, op, args)`` is called instead of the operation: `kind` says how
    `op` is called again (see `derivo.func._modes`).
    """

def set_slots(**functions: Any) -> Any:
    """Set the Python functions behind special methods that are not elementwise."""

def set_tensor_class(cls: Any) -> Any:
    """Make `cls`, a subclass of TensorBase, the type of every result."""

def use_core_operators(cls: Any) -> Any:
    """Let a subclass run the core's operators without a lookup by name.

    Nothing happens if it has defined some of them itself.
    """
