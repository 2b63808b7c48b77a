"""Tensors over the memory of objects with the buffer protocol."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.buffer import from_memory
from derivo.errors import BufferAccessError
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor, dtype

__all__ = ["frombuffer", "share_buffer"]


@public("frombuffer")
def frombuffer(
    buffer: Any,
    *,
    dtype: dtype,
    count: int = -1,
    offset: int = 0,
    requires_grad: bool = False,
) -> Tensor:
    """Make a 1-d tensor over the memory of an object with the buffer protocol.

    Parameters
    ----------
    buffer : bytearray, memoryview, array.array, mmap, ...
        Its memory must be in one piece; it is held while a tensor needs it.
    dtype : dtype
        What its bytes are read as.
    count : int, default -1
        Number of elements; all that there are by default.
    offset : int, default 0
        Bytes to leave out at the start.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Returns
    -------
    Tensor
        Of shape ``(count,)``. Writing to it raises an error if `buffer` is read-only.

    Raises
    ------
    ValueError
        If `buffer` is no such object, or does not hold what is asked for.

    Examples
    --------
    >>> import derivo
    >>> memory = bytearray([1, 0, 2, 0])
    >>> derivo.frombuffer(memory, dtype=derivo.int16)
    tensor([1, 2], dtype=torch.int16)
    """
    from derivo.ops.creation import _finish

    return _finish(None, share_buffer(buffer, dtype, count, offset), requires_grad)


def share_buffer(buffer: Any, dtype: dtype, count: int, offset: int) -> Tensor:
    """Tensor of `count` elements (all: -1) from byte `offset` of `buffer`."""
    try:
        view = memoryview(buffer)
    except TypeError:
        raise ValueError(
            "[frombuffer] object does not implement Python buffer protocol: expected "
            f"e.g. a bytearray, got {type(buffer).__name__}."
        ) from None
    if not view.c_contiguous:
        raise BufferAccessError(
            "[frombuffer] could not retrieve buffer from object: expected memory in "
            f"one piece, got strides={view.strides} of shape={view.shape}. Make a copy."
        )
    count = _checked_count(view.nbytes, dtype.itemsize, count, offset)
    if view.readonly:
        warnings.warn(
            "The given buffer is not writable: writing to this tensor raises an error. "
            "Copy the buffer, or the tensor by clone(), to write.",
            UserWarning,
            stacklevel=4,
        )
    return from_memory(view, dtype, count, offset)


def _checked_count(length: int, width: int, count: int, offset: int) -> int:
    if length == 0 or count == 0:
        raise ValueError(
            f"[frombuffer] both buffer length ({length}) and count ({count}) must not "
            "be 0."
        )
    if not 0 <= offset < length:
        raise ValueError(
            f"[frombuffer] offset ({offset} bytes) must be non-negative and no greater "
            f"than buffer length ({length} bytes) minus 1."
        )
    if count < 0:
        if (length - offset) % width:
            raise ValueError(
                f"[frombuffer] buffer length ({length - offset} bytes) after offset "
                f"({offset} bytes) must be a multiple of element size ({width}): give "
                "count to take a part of it."
            )
        return (length - offset) // width
    if offset + count * width > length:
        raise ValueError(
            f"[frombuffer] requested buffer length ({count} * {width} bytes) after "
            f"offset ({offset} bytes) must not be greater than actual buffer length "
            f"({length} bytes)."
        )
    return count
