"""Copies, casts, Python numbers, and results put into tensors that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import convert, inplace, promotion
from derivo._core.copies import _clone, _copy_into
from derivo._core.inplace import _overlaps_itself
from derivo._core.primitive import Primitive
from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import (
    DType,
    TensorBase,
    _cut_history,
    _data,
    _detach,
    _empty,
    _readable,
    _same_storage,
    _set_data,
    dtypes,
    is_grad_enabled,
)
from derivo._info import CPU, check_device, contiguous_format, device
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.creation import _fill_any, empty_as
from derivo.ops.storage import resize_out

if TYPE_CHECKING:
    from derivo import Tensor, dtype

    Number = bool | int | float | complex

# ------------------------------------------------------------------ Python numbers

public("Tensor.item")(convert.item)
public("Tensor.tolist")(convert.tolist)


def _as_python(kind: str, convert_number: Any) -> None:
    def number(self: Tensor) -> Any:
        if self.numel() != 1:
            raise RuntimeError(
                f"[{kind}] a Tensor with {self.numel()} elements cannot be converted "
                "to Scalar: expected exactly one element."
            )
        value = convert.item(self)
        if isinstance(value, complex) and kind != "complex":
            if value.imag != 0:
                raise RuntimeError(
                    f"[{kind}] value cannot be converted to type {kind} without "
                    f"overflow: got {value}."
                )
            value = value.real
        return convert_number(value)

    number.__doc__ = f"Return the only element as {kind}."
    public(f"Tensor.__{kind}__")(number)


for _kind in (float, int, complex):
    _as_python(_kind.__name__, _kind)


@public("Tensor.__bool__")
def _bool(self: Tensor) -> bool:
    """Whether the only element is nonzero."""
    if self.numel() == 0:
        raise RuntimeError(
            "[bool] Boolean value of Tensor with no values is ambiguous: expected one "
            "element."
        )
    if self.numel() > 1:
        raise RuntimeError(
            "[bool] Boolean value of Tensor with more than one value is ambiguous: use "
            "any() or all()."
        )
    if self._batch is not None:
        _check_branch(self)
    return bool(convert.item(self))


def _check_branch(t: Tensor) -> None:
    try:
        _readable(t)
    except RuntimeError:
        raise RuntimeError(
            "[bool] vmap: It looks like you're attempting to use a Tensor in some "
            "data-dependent control flow. We don't support that yet: each example "
            "would take its own branch. Use derivo.where(condition, a, b)."
        ) from None


@public("Tensor.__index__")
def _index(self: Tensor) -> int:
    """Return the only element of an integer tensor as an int."""
    if self.dtype.is_floating_point or self.dtype.is_complex or self.numel() != 1:
        raise TypeError(
            "[index] only integer tensors of a single element can be converted to an "
            f"index, got {self.dtype} and shape {list(self.shape)}."
        )
    return int(convert.item(self))


@public("is_nonzero", "Tensor.is_nonzero")
def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is nonzero."""
    return bool(input)


@public("Tensor.numpy")
def numpy(self: Tensor, *, force: bool = False) -> Any:
    """Return a NumPy array that shares this tensor's memory.

    Parameters
    ----------
    force : bool, default False
        Detach tensors that require a gradient.

    Raises
    ------
    RuntimeError
        If the tensor requires a gradient.
    TypeError
        For bfloat16, which NumPy does not have.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2).numpy()
    array([1., 1.], dtype=float32)
    """
    from derivo.interop.numpy import as_array

    if self.requires_grad and not force:
        raise RuntimeError(
            "[numpy] Can't call numpy() on Tensor that requires grad. Use "
            "tensor.detach().numpy() instead."
        )
    return as_array(self)


@public("Tensor.__array__")
def _array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """Convert for NumPy's functions."""
    import numpy as np

    made = numpy(self)
    if copy is False and dtype is not None and made.dtype != np.dtype(dtype):
        raise ValueError("[__array__] a copy is needed to convert the dtype.")
    if copy:
        return np.array(made, dtype=dtype)
    return made if dtype is None else made.astype(dtype, copy=False)


@public("Tensor.__array_wrap__")
def _array_wrap(self: Tensor, array: Any, context: Any = None, scalar: bool = False):  # type: ignore[no-untyped-def]
    """Give results of NumPy functions back as tensors."""
    from derivo.ops.creation import from_numpy, tensor

    if getattr(array, "ndim", 0) == 0:
        return tensor(array.item() if hasattr(array, "item") else array)
    return from_numpy(array)


# ------------------------------------------------------------------ clone, cast, to


def _clone_forward(x: Tensor, memory_format: Any) -> Tensor:
    if memory_format is None or memory_format.name == "preserve_format":
        made = empty_as(x, None)
    else:
        made = _empty(x.shape, x.dtype)
    _copy_into(made, x)
    return made


_CLONE = Primitive(
    "clone",
    linear=True,
    node="CloneBackward0",
    forward=_clone_forward,
    vjp=lambda ctx, g, memory_format: g,
    batch=_batching.elementwise,
)


@public("clone", "Tensor.clone")
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """Return a copy; gradients flow back to the original.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    memory_format : memory_format, optional
        Keeps dense strides by default; ``contiguous_format`` gives row-major order.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, requires_grad=True)
    >>> x.clone().grad_fn.name()
    'CloneBackward0'
    """
    made: Tensor = _CLONE((input,), memory_format)
    return made


def clone_recorded(t: Tensor) -> Tensor:
    """Copy of a gradient that stays in the graph."""
    return clone(t)


@public("Tensor.contiguous")
def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    """Return the tensor in row-major order: itself if it already is."""
    if self.is_contiguous():
        return self
    return clone(self, memory_format=contiguous_format)


def _cast_forward(x: Tensor, dtype: dtype, memory_format: Any) -> Tensor:
    made = empty_as(x, dtype, memory_format)
    _copy_into(made, x)
    return made


def _cast_vjp(ctx: Any, g: Tensor, dtype: dtype, memory_format: Any) -> Tensor:
    return fit(g, ctx.dtype)


_CAST = Primitive(
    "to",
    linear=True,
    node="ToCopyBackward0",
    forward=_cast_forward,
    vjp=_cast_vjp,
    batch=_batching.elementwise,
)


def cast(t: Tensor, dtype: dtype) -> Tensor:
    """Convert to another dtype (the same tensor if it has it), differentiably."""
    if t.dtype is dtype:
        return t
    made: Tensor = _CAST((t,), dtype, None)
    return made


def fit(g: Tensor, dtype: dtype) -> Tensor:
    """Convert a gradient to what it belongs to: of a real tensor, the real part."""
    if g.is_complex() and not dtype.is_complex:
        g = g.real
    return cast(g, dtype)


@public("Tensor.to")
def to(
    self: Tensor,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
    other: Tensor | None = None,
) -> Tensor:
    """Convert dtype or device; returns this tensor itself if nothing changes.

    Parameters
    ----------
    *args : dtype, device or Tensor
        ``to(dtype)``, ``to(device, dtype)`` or ``to(other)``, then non_blocking, copy.
    copy : bool, default False
        Make a copy even if nothing changes.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2).to(derivo.int64)
    tensor([1, 1])
    """
    rest = []
    for value in args:
        if type(value) is DType and dtype is None:
            dtype = value
        elif isinstance(value, TensorBase):
            other = value
        elif isinstance(value, bool):
            rest.append(value)
        elif value is None:
            continue
        elif isinstance(value, (str, _device_type)):
            device = value
        else:
            raise TypeError(
                f"[to] received an invalid combination of arguments: expected a dtype, "
                f"device or Tensor, got {type(value).__name__}."
            )
    if len(rest) > 1:
        copy = rest[1]
    if other is not None:
        dtype = other.dtype
    check_device(device)
    dtype = dtype or self.dtype
    kept = memory_format is None or not memory_format.name.startswith("channels_last")
    if dtype is self.dtype and kept and not copy:
        return self
    made: Tensor = _CAST((self,), dtype, memory_format)
    return made


_device_type = device


def _add_casts() -> None:
    names = {
        "float": "float32",
        "double": "float64",
        "half": "float16",
        "bfloat16": "bfloat16",
        "int": "int32",
        "long": "int64",
        "short": "int16",
        "char": "int8",
        "byte": "uint8",
        "bool": "bool",
        "cfloat": "complex64",
        "cdouble": "complex128",
    }
    by_name = {d.name: d for d in dtypes}

    def make(name: str, target: dtype) -> None:
        def convert_to(self: Tensor, memory_format: Any = None) -> Tensor:
            return (
                cast(self, target)
                if memory_format is None
                else to(self, target, memory_format=memory_format)
            )

        convert_to.__doc__ = f"Convert to {target.name} (see `to`)."
        public(f"Tensor.{name}")(convert_to)

    for name, target in names.items():
        make(name, by_name[target])


_add_casts()

_TYPE_NAMES = {
    "FloatTensor": 8,
    "DoubleTensor": 9,
    "HalfTensor": 6,
    "BFloat16Tensor": 7,
    "ByteTensor": 1,
    "CharTensor": 2,
    "ShortTensor": 3,
    "IntTensor": 4,
    "LongTensor": 5,
    "BoolTensor": 0,
}


@public("Tensor.type")
def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the legacy type name, or convert to a dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(1).type()
    'torch.FloatTensor'
    """
    if dtype is None:
        for name, code in _TYPE_NAMES.items():
            if code == self.dtype.code:
                return f"torch.{name}"
        return {
            "complex64": "torch.ComplexFloatTensor",
            "complex128": "torch.ComplexDoubleTensor",
        }[self.dtype.name]
    if isinstance(dtype, str):
        found = _TYPE_NAMES.get(dtype.rpartition(".")[2])
        if found is None:
            raise ValueError(f"[type] invalid type: {dtype!r}.")
        dtype = dtypes[found]
    return to(self, dtype)


@public("Tensor.type_as")
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Convert to the dtype of another tensor."""
    return cast(self, other.dtype)


@public("Tensor.cpu")
def cpu(self: Tensor, memory_format: Any = None) -> Tensor:
    """Return the tensor itself: it is on the CPU."""
    return self


@public("Tensor.cuda")
def cuda(self: Tensor, device: Any = None, **kwargs: Any) -> Tensor:
    """Refuse: there is no GPU."""
    raise RuntimeError(
        "[cuda] 'cuda' is not available: derivo computes on the CPU. Remove the call."
    )


# ------------------------------------------------------------------ copy_, fill_


def _copy_forward(dst: Tensor, src: Tensor) -> Tensor:
    if inplace._overlaps_itself(dst):
        raise RuntimeError(
            "[copy_] unsupported operation: more than one element of the written-to "
            "tensor refers to a single memory location. Please clone() the tensor."
        )
    if _shares(dst, src):
        src = _clone(src)
    _copy_into(dst, src)
    return dst


def _shares(dst: Tensor, src: Tensor) -> bool:
    from derivo._core.tensor import _same_storage

    return src is not dst and _same_storage(dst, src)


def _copy_vjp(ctx: Any, g: Tensor, *_: Any) -> tuple[Any, Any]:
    source = None
    if ctx.needs[1]:
        source = g.sum_to_size(ctx.shapes[1])
        source = fit(source, ctx.params[0])
    from derivo.ops.creation import zeros_like

    return (zeros_like(g) if ctx.needs[0] else None), source


_COPY = Primitive(
    "copy_",
    linear=True,
    node="CopyBackwards",
    forward=lambda dst, src, dtype: _copy_forward(dst, src),
    vjp=_copy_vjp,
    inplace=True,
    batch=_batching.elementwise,
)


@public("Tensor.copy_")
def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Copy the values of another tensor, broadcast and converted.

    Parameters
    ----------
    src : Tensor
        Must broadcast to this tensor's shape.

    Raises
    ------
    RuntimeError
        If it does not, or if this is a leaf that requires a gradient.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2).copy_(derivo.tensor([1, 2]))
    tensor([1., 2.])
    """
    if not isinstance(src, TensorBase):
        from derivo.ops.creation import tensor

        src = tensor(src)
    _check_broadcast(self, src)
    made: Tensor = _COPY((self, src), src.dtype)
    return made


def _check_broadcast(dst: Tensor, src: Tensor) -> None:
    pairs = zip(reversed(dst.shape), reversed(src.shape), strict=False)
    if src.dim() > dst.dim():
        extra = src.shape[: src.dim() - dst.dim()]
        fits = all(n == 1 for n in extra)
    else:
        fits = True
    for d, (have, got) in enumerate(pairs):
        if got not in (1, have):
            raise RuntimeError(
                f"[copy_] The size of tensor a ({have}) must match the size of tensor "
                f"b ({got}) at non-singleton dimension {dst.dim() - 1 - d}."
            )
    if not fits:
        raise RuntimeError(
            f"[copy_] output with shape {list(dst.shape)} doesn't match the broadcast "
            f"shape {list(src.shape)}."
        )


def _fill_forward(x: Tensor, value: Any) -> Tensor:
    if isinstance(value, complex) and not x.is_complex():
        raise RuntimeError(
            f"[fill_] value cannot be converted to type {x.dtype.name} without "
            f"overflow: got {value}. Make the tensor complex first."
        )
    scalar = _empty((), x.dtype)
    convert.store_scalar(scalar, value)
    if inplace._is_dense(x) and x.numel():
        _fill_any(x, value)
    else:
        _copy_into(x, scalar)
    return x


def _zero_grad_like(ctx: Any, g: Tensor, *_: Any) -> Tensor:
    from derivo.ops.creation import zeros_like

    return zeros_like(g)


_FILL = Primitive(
    "fill_",
    node="FillBackward0",
    forward=_fill_forward,
    vjp=_zero_grad_like,
    jvp=lambda given, tensors, out, value: given[0].zero_(),
    inplace=True,
    shared=True,
    batch=_batching.elementwise,
)
_ZERO = Primitive(
    "zero_",
    linear=True,
    node="ZeroBackward0",
    forward=lambda x: _fill_forward(x, 0),
    vjp=_zero_grad_like,
    inplace=True,
    shared=True,
    batch=_batching.elementwise,
)


def _fill_tensor_vjp(ctx: Any, g: Tensor, dtype: dtype) -> tuple[Any, Any]:
    from derivo.ops.creation import zeros_like

    return (
        zeros_like(g) if ctx.needs[0] else None,
        cast(g.sum(), dtype) if ctx.needs[1] else None,
    )


_FILL_TENSOR = Primitive(
    "fill_",
    linear=True,
    node="FillBackward1",
    forward=lambda x, value, dtype: _copy_forward(x, value),
    vjp=_fill_tensor_vjp,
    inplace=True,
    shared=True,
    batch=_batching.elementwise,
)


@public("Tensor.fill_")
def fill_(self: Tensor, value: Number | Tensor) -> Tensor:
    """Set every element to one value.

    Parameters
    ----------
    value : number or 0-d Tensor
        The value.

    Raises
    ------
    RuntimeError
        If a tensor with dimensions is given.
    """
    if isinstance(value, TensorBase):
        if value.dim() != 0:
            raise RuntimeError(
                "[fill_] fill_ only supports 0-dimension value tensor but got tensor "
                f"with {value.dim()} dimensions."
            )
        made: Tensor = _FILL_TENSOR((self, value), value.dtype)
        return made
    made = _FILL((self,), value)
    return made


def _filled(x: Tensor, value: Number | Tensor, *_: Any) -> Tensor:
    return fill_(_batching.fresh_for(x, value), value)


_FILLED = Primitive(
    "fill",
    node="FillBackward0",
    forward=_filled,
    vjp=_zero_grad_like,
    jvp=lambda given, tensors, out, value: clone(given[0]).zero_(),
    save=(),
    batch=_batching.follows,
)
_FILLED_TENSOR = Primitive(
    "fill",
    linear=True,
    node="FillBackward1",
    forward=_filled,
    vjp=_fill_tensor_vjp,
    save=(),
    batch=_batching.follows,
)


@public("fill")
def fill(input: Tensor, value: Number | Tensor) -> Tensor:
    """Return a tensor of the input's shape and dtype with every element `value`."""
    if isinstance(value, TensorBase):
        made: Tensor = _FILLED_TENSOR((input, value), value.dtype)
        return made
    made = _FILLED((input,), value)
    return made


@public("Tensor.zero_", "zero_")
def zero_(self: Tensor) -> Tensor:
    """Set every element to zero."""
    made: Tensor = _ZERO((self,))
    return made


# ------------------------------------------------------------------ detach, data


@public("Tensor.detach", "detach")
def detach(self: Tensor) -> Tensor:
    """Return a tensor on the same storage without history.

    Writing to it counts as writing to the original: saved tensors notice.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, requires_grad=True)
    >>> (x * 2).detach().requires_grad
    False
    """
    made: Tensor = _detach(self)
    return made


@public("Tensor.detach_", "detach_")
def detach_(self: Tensor) -> Tensor:
    """Cut this tensor out of the graph, making it a leaf.

    Raises
    ------
    RuntimeError
        For views, whose base would stay in the graph.
    """
    if self._is_view():
        raise RuntimeError(
            "[detach_] Can't detach views in-place. Use detach() instead. If you are "
            "using DistributedDataParallel (DDP) for training, set "
            "gradient_as_bucket_view=False."
        )
    _cut_history(self)
    return self


def _get_data(self: Tensor) -> Tensor:
    """Alias without history whose changes autograd does not notice."""
    made: Tensor = _data(self)
    return made


def _put_data(self: Tensor, value: Any) -> None:
    if not isinstance(value, TensorBase):
        raise TypeError(
            f"[data] Variable data has to be a tensor, but got {type(value).__name__}."
        )
    if value.dtype.is_floating_point != self.dtype.is_floating_point and (
        self.requires_grad
    ):
        raise RuntimeError(
            "[data] data set to a tensor that requires gradients must be floating "
            f"point or complex dtype, got {value.dtype}."
        )
    _set_data(self, value)


DATA = property(_get_data, _put_data)


# ------------------------------------------------------------------ results


def deliver(
    out: Tensor, made: Tensor, name: str, *inputs: Tensor, same: bool = False
) -> Tensor:
    """Put a result into `out`, which must not share memory with the inputs.

    With `same` it must have the result's dtype.
    """
    if isinstance(out, TensorBase):
        if same and out.dtype is not made.dtype:
            raise RuntimeError(
                f"[{name}] {name}(): self and result must have the same scalar type. "
                f"Expected out tensor to have dtype {made.dtype}, but got {out.dtype} "
                "instead."
            )
        if out.numel() and _overlaps_itself(out):
            raise RuntimeError(
                f"[{name}] unsupported operation: more than one element of the "
                "written-to tensor refers to a single memory location. Please clone() "
                "the tensor before performing the operation."
            )
        for t in inputs:
            if out is t or (out.numel() and t.numel() and _same_storage(out, t)):
                raise RuntimeError(
                    f"[{name}] unsupported operation: some elements of the input "
                    "tensor and the written-to tensor refer to a single memory "
                    "location. Please clone() the tensor before performing the "
                    "operation."
                )
    return write_out(out, made, name)


def write_out(out: Tensor, made: Tensor, name: str = "out") -> Tensor:
    """Put a computed result into the tensor that the user gave for it.

    Parameters
    ----------
    out : Tensor
        Resized if its shape differs.
    made : Tensor
        The result; its dtype must convert to that of `out`.
    """
    if not isinstance(out, TensorBase):
        raise TypeError(
            f"[{name}] argument 'out' must be Tensor, not {type(out).__name__}."
        )
    if is_grad_enabled() and (made.requires_grad or out.requires_grad):
        raise RuntimeError(
            f"[{name}] functions with out=... arguments don't support automatic "
            "differentiation, but one of the arguments requires grad."
        )
    if not promotion.can_cast(made.dtype, out.dtype):
        raise RuntimeError(
            f"[{name}] result type {_legacy(made)} can't be cast to the desired "
            f"output type {_legacy(out)}."
        )
    if out.shape != made.shape:
        resize_out(out, tuple(made.shape))
    _copy_forward(out, made)
    from derivo._core.tensor import _bump

    _bump(out, name)
    return out


def _legacy(t: Tensor) -> str:
    name: str = SCALAR_TYPES[t.dtype.code]
    return name


# ------------------------------------------------------------------ for the core


def zeros_like_c(t: Tensor) -> Tensor:
    """Zeros for the engine."""
    from derivo.ops.creation import zeros_like

    made: Tensor = zeros_like(t)
    return made


def zeros_c(shape: tuple[int, ...], dtype: dtype) -> Tensor:
    """Zeros of a shape and dtype for the engine."""
    from derivo.ops.creation import _filled

    return _filled(shape, 0, dtype)


# ------------------------------------------------------------------ other protocols


@public("Tensor.__contains__")
def _contains(self: Tensor, element: Any) -> bool:
    """Whether some element equals `element`."""
    if isinstance(element, (TensorBase, int, float, complex)):
        return bool((self == element).any())
    raise RuntimeError(
        f"[contains] Tensor.__contains__ only supports Tensor or scalar, but you "
        f"passed in a {type(element)}."
    )


@public("Tensor.__reversed__")
def _reversed(self: Tensor) -> Tensor:
    """Flip the first dimension."""
    return self if self.dim() == 0 else self.flip(0)


@public("Tensor.__format__")
def _format(self: Tensor, spec: str) -> str:
    """Format a 0-d tensor as its number."""
    if self.dim() == 0 and type(self).__name__ == "Tensor":
        return convert.item(self).__format__(spec)
    return object.__format__(self, spec)


DEVICE = property(lambda self: CPU, doc="Where the tensor lives: the CPU.")
