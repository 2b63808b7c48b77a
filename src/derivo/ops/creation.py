"""New tensors: from data, from sizes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derivo._core.convert import fill_value, from_nested
from derivo._core.copies import _cast, _copy_into
from derivo._core.promotion import promote_types
from derivo._core.tensor import (
    TensorBase,
    _empty,
    _empty_strided,
    _make_subclass,
    dtypes,
    get_default_dtype,
)
from derivo._info import check_device
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor, dtype

    Number = bool | int | float | complex

_BOOL, _INT64 = dtypes[0], dtypes[5]


def _promote_codes(a: int, b: int) -> int:
    code: int = promote_types(dtypes[a], dtypes[b]).code
    return code


def _shape(name: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as one sequence."""
    if len(size) == 1 and not isinstance(size[0], int):
        inner = size[0]
        if isinstance(inner, TensorBase) and inner.dim() == 0:
            return (int(inner),)
        if not hasattr(inner, "__iter__"):
            raise TypeError(
                f"[{name}] argument 'size' must be tuple of ints, not "
                f"{type(inner).__name__}."
            )
        size = tuple(inner)
    return size


def _finish(
    out: Tensor | None, made: Tensor, requires_grad: bool, pin_memory: bool = False
) -> Tensor:
    """Hand over a result: into `out` if given, recording if asked."""
    if pin_memory:
        raise RuntimeError(
            "[pin_memory] Cannot access accelerator device when none is available: "
            "expected pin_memory=False."
        )
    if out is not None:
        from derivo.ops.conversion import write_out

        made = write_out(out, made)
    if requires_grad:
        made.requires_grad_(True)
    return made


def _check_layout(layout: Any) -> None:
    if layout is not None and getattr(layout, "name", layout) != "strided":
        raise RuntimeError(
            f"[layout] only strided tensors are supported, got layout={layout!r}."
        )


def _filled(shape: Any, value: Any, dtype: dtype | None) -> Tensor:
    made = _empty(shape, get_default_dtype() if dtype is None else dtype)
    fill_value(made, value)
    return made


def _dtype_of_number(value: Any) -> dtype:
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, int):
        return _INT64
    default = get_default_dtype()
    return default.to_complex() if isinstance(value, complex) else default


# ------------------------------------------------------------------ from data


@public("tensor")
def tensor(
    data: Any,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor with a copy of some data.

    Parameters
    ----------
    data : number, sequence, array or Tensor
        Numbers, nested sequences of them, NumPy arrays or tensors, in any mixture.
    dtype : dtype, optional
        Type of the elements. By default bool for bools, int64 for ints, the default
        dtype for floats.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.
    pin_memory : bool, default False
        Must be False.

    Returns
    -------
    Tensor
        A leaf with memory of its own.

    Raises
    ------
    ValueError
        If nested sequences have different lengths.
    TypeError
        If something in them is not a number.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([[2., 4.],
            [6., 8.]])
    """
    check_device(device)
    if isinstance(data, TensorBase):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use "
            "sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than "
            "torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
        made = _cast(data, data.dtype if dtype is None else dtype)
    elif _is_array(data):
        from derivo.interop.numpy import copy_array

        made = copy_array(data, dtype)
    else:
        made = from_nested(data, dtype, _promote_codes)
    return _finish(None, made, requires_grad, pin_memory)


def _is_array(data: Any) -> bool:
    return hasattr(data, "__array_interface__") and getattr(data, "ndim", 0) > 0


def _has_buffer(data: Any) -> bool:
    if hasattr(data, "dtype"):  # a number of NumPy, whose memory is its own
        return False
    try:
        memoryview(data).release()
    except TypeError:
        return False
    return True


@public("as_tensor")
def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """Make a tensor of some data, sharing memory and history where possible.

    Parameters
    ----------
    data : number, sequence, array or Tensor
        A tensor of the right dtype is returned as it is, a NumPy array is shared.
    dtype : dtype, optional
        Type of the elements; that of the data by default.
    device : device, optional
        The CPU.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2)
    >>> derivo.as_tensor(x) is x
    True
    """
    check_device(device)
    if isinstance(data, TensorBase):
        return data if dtype is None else data.to(dtype)
    if _is_array(data):
        from derivo.interop.numpy import share_array

        shared = share_array(data)
        return shared if dtype is None else shared.to(dtype)
    return from_nested(data, dtype, _promote_codes)


@public("asarray")
def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Convert an object to a tensor, sharing its memory unless a copy is wanted.

    Parameters
    ----------
    obj : Tensor, array, DLPack object, buffer, number or sequence
        What to convert. The memory of a buffer, such as a bytearray, is read as
        elements of `dtype` (see `frombuffer`).
    dtype : dtype, optional
        Type of the elements.
    device : device, optional
        The CPU.
    copy : bool, optional
        True: always copy; False: error if a copy would be needed.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    ValueError
        If ``copy=False`` and the memory cannot be shared.

    Examples
    --------
    >>> import derivo
    >>> derivo.asarray([1, 2])
    tensor([1, 2])
    """
    check_device(device)
    if isinstance(obj, TensorBase):
        found, shared = obj, True
    elif _is_array(obj):
        from derivo.interop.numpy import share_array

        found, shared = share_array(obj), True
    elif hasattr(obj, "__dlpack__"):
        from derivo.interop.dlpack import from_dlpack

        found, shared = from_dlpack(obj), True
    elif _has_buffer(obj):
        from derivo.interop.buffers import share_buffer

        found = share_buffer(obj, dtype or get_default_dtype(), -1, 0)
        shared = True
    else:
        found, shared = from_nested(obj, dtype, _promote_codes), False
    if dtype is not None and found.dtype != dtype:
        found, shared = found.to(dtype), False
    if copy is False and not shared:
        raise ValueError(
            "[asarray] can't alias arbitrary sequence or convert dtype without a "
            "copy: expected copy=True or copy=None."
        )
    if copy and shared:
        found = found.clone()
    if not requires_grad and found.requires_grad:
        found = found.detach()
    return _finish(None, found, requires_grad)


@public("from_numpy")
def from_numpy(ndarray: Any) -> Tensor:
    """Make a tensor that shares the memory of a NumPy array.

    Parameters
    ----------
    ndarray : numpy.ndarray
        Strides must not be negative.

    Raises
    ------
    TypeError
        If it is no array, or of a dtype that tensors do not have.

    Examples
    --------
    >>> import derivo, numpy
    >>> a = numpy.zeros(2)
    >>> derivo.from_numpy(a)[0] = 1.0
    >>> a
    array([1., 0.])
    """
    from derivo.interop.numpy import share_array

    if not hasattr(ndarray, "__array_interface__"):
        raise TypeError(
            f"[from_numpy] expected np.ndarray (got {type(ndarray).__name__})."
        )
    return share_array(ndarray)


@public("scalar_tensor")
def scalar_tensor(
    s: Number,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make a 0-d tensor of the default dtype."""
    check_device(device)
    return _finish(None, _filled((), s, dtype), requires_grad)


# ------------------------------------------------------------------ from sizes

_SIZE_DOC = """

    Parameters
    ----------
    *size : int
        Sizes of the dimensions, one by one or as one sequence.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If a size is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.{}
"""


def _sized(name: str, example: str) -> Any:
    # The parameters that the functions of sizes share are documented once.
    def add(function: Any) -> Any:
        function.__doc__ = (function.__doc__ or "") + _SIZE_DOC.format(example)
        return public(name)(function)

    return add


@_sized("empty", "empty(2, 3).shape\n    torch.Size([2, 3])")
def empty(
    *size: Any,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor of arbitrary values."""
    check_device(device)
    _check_layout(layout)
    if not size:
        raise TypeError("[empty] received no arguments: expected sizes.")
    made = _empty(
        _shape("empty", size), get_default_dtype() if dtype is None else dtype
    )
    return _finish(out, made, requires_grad, pin_memory)


@_sized("zeros", "zeros(3)\n    tensor([0., 0., 0.])")
def zeros(
    *size: Any,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of zeros."""
    check_device(device)
    _check_layout(layout)
    if not size:
        raise TypeError("[zeros] received no arguments: expected sizes.")
    made = _filled(_shape("zeros", size), 0, _out_dtype(out, dtype))
    return _finish(out, made, requires_grad, pin_memory)


@_sized("ones", "ones(3)\n    tensor([1., 1., 1.])")
def ones(
    *size: Any,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of ones."""
    check_device(device)
    _check_layout(layout)
    if not size:
        raise TypeError("[ones] received no arguments: expected sizes.")
    made = _filled(_shape("ones", size), 1, _out_dtype(out, dtype))
    return _finish(out, made, requires_grad, pin_memory)


def _out_dtype(out: Tensor | None, dtype: dtype | None) -> dtype | None:
    if out is None:
        return dtype
    if dtype is not None and dtype != out.dtype:
        raise RuntimeError(
            f"[out] dtype {dtype} does not match dtype of out parameter ({out.dtype})."
        )
    return out.dtype


@public("full")
def full(
    size: Sequence[int],
    fill_value: Number | Tensor,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor filled with one value.

    Parameters
    ----------
    size : sequence of int
        Sizes of the dimensions.
    fill_value : number or 0-d Tensor
        The value.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; by default follows from the value.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.full((2,), 7)
    tensor([7, 7])
    """
    check_device(device)
    _check_layout(layout)
    if isinstance(fill_value, TensorBase):
        fill_value = fill_value.item()
    if dtype is None:
        dtype = _out_dtype(out, None) or _dtype_of_number(fill_value)
    made = _filled(_shape("full", (size,)), fill_value, dtype)
    return _finish(out, made, requires_grad, pin_memory)


def _like_strides(input: Tensor) -> tuple[int, ...] | None:
    """Strides of a result that keeps the layout of `input`; None: contiguous."""
    if input.is_contiguous() or input.numel() == 0:
        return None
    order = sorted(
        range(input.dim()), key=lambda d: (input.stride(d), -d), reverse=True
    )
    steps, step = [0] * input.dim(), 1
    for d in reversed(order):
        steps[d] = step
        step *= max(input.shape[d], 1)
    return tuple(steps)


def empty_as(input: Tensor, dtype: dtype | None, memory_format: Any = None) -> Tensor:
    """Uninitialised tensor of the shape and (unless told) layout of `input`."""
    dtype = input.dtype if dtype is None else dtype
    keep = memory_format is None or memory_format.name == "preserve_format"
    steps = _like_strides(input) if keep else None
    if steps is None:
        return _empty(input.shape, dtype)
    return _empty_strided(input.shape, steps, dtype)


def plain_like(
    input: Tensor, value: Any, dtype: dtype | None = None, memory_format: Any = None
) -> Tensor:
    """As `full_like` (`value` None: as `empty_like`), but unknown to transforms."""
    made = empty_as(input, dtype, memory_format)
    if value is not None:
        _fill_any(made, value)
    return made


def _as_followed(source: Tensor, made: Tensor) -> Tensor:
    """`made` for each example of a `vmap` that follows `source`: it may be written to.

    Its memory is of its own, and its layout that of `made`.
    """
    return made if source._batch is None else one_each(source, made)


def one_each(source: Tensor, made: Tensor) -> Tensor:
    """`made`, of its layout, for each example of a `vmap` that follows `source`."""
    from derivo.func._batch import wrap

    batch = source._batch
    inner = _as_followed(batch.tensor, made)
    if not batch.batched:
        return wrap(inner, batch.frame, False)
    size = batch.frame.size
    if inner is made:
        extent = 1 + sum(
            (n - 1) * s for n, s in zip(made.shape, made.stride(), strict=True)
        )
        steps = (extent if made.numel() else 0, *made.stride())
        each = _empty_strided((size, *made.shape), steps, made.dtype)
        _copy_into(each, made)
    else:
        each = inner.unsqueeze(0).expand(size, *inner.shape).clone()
    return wrap(each, batch.frame)


def _make_like(kind: str, value: Any) -> Any:
    def like(
        input: Tensor,
        *,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        if not isinstance(input, TensorBase):
            raise TypeError(
                f"[{kind}_like] argument 'input' must be Tensor, not "
                f"{type(input).__name__}."
            )
        check_device(device)
        made = _as_followed(input, plain_like(input, value, dtype, memory_format))
        return _finish(None, made, requires_grad, pin_memory)

    what = {"empty": "arbitrary values", "zeros": "zeros", "ones": "ones"}[kind]
    like.__doc__ = f"""Make a tensor of {what} with the shape and layout of another.

    Parameters
    ----------
    input : Tensor
        Gives shape, memory layout and (by default) dtype.
    dtype : dtype, optional
        Type of the elements.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.{kind}_like(derivo.ones(2, 2)).shape
    torch.Size([2, 2])
    """
    return public(f"{kind}_like")(like)


def _fill_any(made: Tensor, value: Any) -> None:
    """Fill a dense tensor, whatever its order of dimensions."""
    if made.is_contiguous():
        fill_value(made, value)
        return
    from derivo._core.tensor import _alias

    fill_value(_alias(made, (made.numel(),), (1,), 0), value)


empty_like = _make_like("empty", None)
zeros_like = _make_like("zeros", 0)
ones_like = _make_like("ones", 1)


@public("full_like")
def full_like(
    input: Tensor,
    fill_value: Number | Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor filled with one value, of the shape and dtype of another.

    Examples
    --------
    >>> import derivo
    >>> derivo.full_like(derivo.zeros(2), 3.0)
    tensor([3., 3.])
    """
    check_device(device)
    if isinstance(fill_value, TensorBase):
        fill_value = fill_value.item()
    made = _as_followed(input, plain_like(input, fill_value, dtype, memory_format))
    return _finish(None, made, requires_grad, pin_memory)


@public("empty_strided")
def empty_strided(
    size: Sequence[int],
    stride: Sequence[int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of arbitrary values with given strides (in elements).

    Examples
    --------
    >>> import derivo
    >>> derivo.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    check_device(device)
    made = _empty_strided(size, stride, get_default_dtype() if dtype is None else dtype)
    return _finish(None, made, requires_grad, pin_memory)


@public("empty_permuted")
def empty_permuted(
    size: Sequence[int],
    physical_layout: Sequence[int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of arbitrary values whose dimensions lie in a given order.

    Parameters
    ----------
    size : sequence of int
        Sizes of the dimensions.
    physical_layout : sequence of int
        The dimensions from outermost to innermost in memory.
    """
    if sorted(physical_layout) != list(range(len(size))):
        raise RuntimeError(
            f"[empty_permuted] Number of dimensions in size and a permutation must "
            f"agree: got size={tuple(size)}, physical_layout={tuple(physical_layout)}."
        )
    steps, step = [0] * len(size), 1
    for d in reversed(physical_layout):
        steps[d] = step
        step *= max(size[d], 1)
    return empty_strided(
        size, steps, dtype=dtype, device=device, requires_grad=requires_grad
    )


# ------------------------------------------------------------------ new_* methods


@public("Tensor.new_empty")
def new_empty(
    self: Tensor,
    *size: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of arbitrary values with this tensor's dtype."""
    check_device(device)
    made = _empty(_shape("new_empty", size), self.dtype if dtype is None else dtype)
    return _finish(None, _as_followed(self, made), requires_grad, pin_memory)


@public("Tensor.new_empty_strided")
def new_empty_strided(
    self: Tensor,
    size: Sequence[int],
    stride: Sequence[int],
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of arbitrary values with given strides and this one's dtype."""
    made = _empty_strided(size, stride, self.dtype if dtype is None else dtype)
    return _finish(None, _as_followed(self, made), requires_grad, pin_memory)


@public("Tensor.new_zeros")
def new_zeros(
    self: Tensor,
    *size: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of zeros with this tensor's dtype."""
    check_device(device)
    made = _filled(_shape("new_zeros", size), 0, self.dtype if dtype is None else dtype)
    return _finish(None, _as_followed(self, made), requires_grad, pin_memory)


@public("Tensor.new_ones")
def new_ones(
    self: Tensor,
    *size: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor of ones with this tensor's dtype."""
    check_device(device)
    made = _filled(_shape("new_ones", size), 1, self.dtype if dtype is None else dtype)
    return _finish(None, _as_followed(self, made), requires_grad, pin_memory)


@public("Tensor.new_full")
def new_full(
    self: Tensor,
    size: Sequence[int],
    fill_value: Number,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor filled with one value, with this tensor's dtype."""
    check_device(device)
    made = _filled(size, fill_value, self.dtype if dtype is None else dtype)
    return _finish(None, _as_followed(self, made), requires_grad, pin_memory)


@public("Tensor.new_tensor")
def new_tensor(
    self: Tensor,
    data: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Make a tensor with a copy of some data and this tensor's dtype."""
    return tensor(
        data,
        dtype=self.dtype if dtype is None else dtype,
        device=device,
        requires_grad=requires_grad,
        pin_memory=pin_memory,
    )


def legacy_tensor(cls: Any, *args: Any, **kwargs: Any) -> Tensor:
    """Make ``Tensor(2, 3)``, ``Tensor([1, 2])`` or ``Tensor(other)``."""
    check_device(kwargs.pop("device", None))
    dtype = kwargs.pop("dtype", None) or get_default_dtype()
    if kwargs:
        raise TypeError(f"[Tensor] unexpected arguments {sorted(kwargs)}.")
    made: Tensor
    if not args:
        made = _empty((0,), dtype)
    elif len(args) == 1 and isinstance(args[0], TensorBase):
        made = args[0].detach()
    elif all(isinstance(a, int) for a in args):
        made = _empty(args, dtype)
    elif len(args) == 1 and type(args[0]).__name__ == "Size":
        made = _empty(args[0], dtype)
    elif len(args) == 1 and not isinstance(args[0], (float, complex)):
        made = tensor(args[0], dtype=dtype)
    else:
        raise TypeError(
            f"[Tensor] new(): data must be a sequence (got {type(args[0]).__name__})."
        )
    return _make_subclass(cls, made)
