"""What a tensor is, and whether two are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase, set_slots
from derivo.ops._surface import public
from derivo.ops.complex import view_as_real

if TYPE_CHECKING:
    from derivo import Tensor


@public("is_tensor")
def is_tensor(obj: Any) -> bool:
    """Whether an object is a tensor."""
    return isinstance(obj, TensorBase)


@public("is_floating_point")
def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype of a tensor is a floating point one."""
    return bool(input.is_floating_point())


@public("is_complex")
def is_complex(input: Tensor) -> bool:
    """Whether the dtype of a tensor is complex."""
    return bool(input.is_complex())


@public("numel")
def numel(input: Tensor) -> int:
    """Return the number of elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.numel(derivo.ones(2, 3))
    6
    """
    return int(input.numel())


@public("is_same_size")
def is_same_size_(input: Tensor, other: Tensor) -> bool:
    """Whether both tensors have the same shape."""
    return bool(input.shape == other.shape)


@public("equal", "Tensor.equal")
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.equal(derivo.ones(2), derivo.ones(2))
    True
    """
    if input.dtype != other.dtype:
        raise RuntimeError(
            f"[equal] Expected object of data type {input.dtype} but got data type "
            f"{other.dtype} for argument 'other'."
        )
    if input.shape != other.shape:
        return False
    if input.is_complex():
        return equal(view_as_real(input), view_as_real(other))
    return bool((input.detach() == other.detach()).all())


@public("allclose", "Tensor.allclose")
def allclose(
    input: Tensor,
    other: Tensor,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> bool:
    """Whether all elements are close: ``|input - other| <= atol + rtol * |other|``.

    Examples
    --------
    >>> import derivo
    >>> derivo.allclose(derivo.ones(2), derivo.ones(2) + 1e-7)
    True
    """
    from derivo import isclose

    return bool(isclose(input, other, rtol, atol, equal_nan).all())


def _lies_channels_last(t: Tensor, memory_format: Any) -> bool:
    """`Tensor.is_contiguous` for the formats in which the channels come last."""
    from derivo._info import channels_last, channels_last_3d, preserve_format

    if memory_format is preserve_format:
        return t.is_contiguous()
    ranks = {channels_last: 4, channels_last_3d: 5}
    if memory_format not in ranks:
        raise TypeError(
            "[is_contiguous] argument 'memory_format' must be memory_format, not "
            f"{type(memory_format).__name__}."
        )
    rank = ranks[memory_format]
    if t.dim() != rank:
        return False
    step = 1
    for d in (1, *range(rank - 1, 1, -1), 0):
        if t.shape[d] != 1 and t.stride(d) != step:
            return False
        step *= t.shape[d]
    return True


set_slots(is_contiguous=_lies_channels_last)
