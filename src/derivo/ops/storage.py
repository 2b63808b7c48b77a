"""Tensors that change their geometry, or share another's storage."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.buffer import _may_grow
from derivo._core.copies import _copy_into
from derivo._core.tensor import _empty, _reinterpret, _set_data
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor


def resize_out(out: Tensor, shape: tuple[int, ...]) -> None:
    """Give a result tensor another shape, warning if it held values."""
    if out.numel():
        warnings.warn(
            "An output with one or more elements was resized since it had shape "
            f"{list(out.shape)}, which does not match the required output shape "
            f"{list(shape)}. This behavior is deprecated, and in a future PyTorch "
            "release outputs will not be resized unless they have zero elements.",
            UserWarning,
            stacklevel=4,
        )
    _resize(out, shape)


def _resize(t: Tensor, shape: tuple[int, ...]) -> None:
    needed = 1
    for n in shape:
        needed *= n
    steps, step = [0] * len(shape), 1
    for d in range(len(shape) - 1, -1, -1):
        steps[d] = step
        step *= max(shape[d], 1)
    room = len(t.untyped_storage()) // t.element_size() - t.storage_offset()
    if needed <= room:
        _set_data_keeping(t, _reinterpret(t, t.dtype, shape, steps))
        return
    if not _may_grow(t):
        raise RuntimeError(
            "[resize_] Trying to resize storage that is not resizable: NumPy or a "
            "buffer shares its memory, expected a storage of the tensor's own to grow "
            f"from {room} to {needed} elements. Use clone() first."
        )
    made = _empty(shape, t.dtype)
    old = min(room, needed)
    if old > 0:
        flat = _reinterpret(made, t.dtype, (old,), (1,))
        _copy_into(flat, _reinterpret(t, t.dtype, (old,), (1,)))
    _set_data_keeping(t, made)


def _set_data_keeping(t: Tensor, source: Tensor) -> None:
    _set_data(t, source, True)


@public("Tensor.resize_")
def resize_(self: Tensor, *sizes: Any, memory_format: Any = None) -> Tensor:
    """Change the shape, growing the storage if needed; new elements are arbitrary.

    Raises
    ------
    RuntimeError
        If the tensor requires a gradient; if `vmap` maps over it and the shape is
        another one: the memory of the examples would be mixed up.
    """
    from derivo.ops.creation import _shape

    if self.requires_grad:
        raise RuntimeError(
            "[resize_] cannot resize variables that require grad. Use detach() first."
        )
    from derivo._core.tensor import _bump

    shape = tuple(_shape("resize_", sizes))
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"[resize_] numel: sizes must not be negative, got {list(shape)}."
        )
    if self._batch is not None and shape != tuple(self.shape):
        raise RuntimeError(
            f"[resize_] vmap: an example of shape {list(self.shape)} cannot be resized "
            f"to {list(shape)}, as all examples lie in one memory. Take a slice of it, "
            "or pad it, instead."
        )
    _resize(self, shape)
    _bump(self, "resize_")
    return self


@public("Tensor.resize_as_", "resize_as_")
def resize_as_(self: Tensor, the_template: Tensor, memory_format: Any = None) -> Tensor:
    """Change the shape to that of another tensor."""
    return resize_(self, the_template.shape)


@public("Tensor.set_")
def set_(
    self: Tensor,
    source: Tensor | None = None,
    storage_offset: int = 0,
    size: Any = None,
    stride: Any = None,
) -> Tensor:
    """Let this tensor take the storage and geometry of another."""
    if source is None:
        source = _empty((0,), self.dtype)
    if source.dtype != self.dtype:
        raise RuntimeError(
            f"[set_] Could not set tensor of type {source.dtype} to a tensor of type "
            f"{self.dtype}."
        )
    if self.requires_grad:
        from derivo._core.inplace import _check_inplace

        _check_inplace(self, False)
    _set_data_keeping(self, source)
    return self


@public("Tensor.is_set_to")
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both tensors have the same storage and geometry."""
    return (
        self.data_ptr() == tensor.data_ptr()
        and self.shape == tensor.shape
        and self.stride() == tensor.stride()
    )


@public("Tensor.is_same_size")
def is_same_size(self: Tensor, other: Tensor) -> bool:
    """Whether both tensors have the same shape."""
    return bool(self.shape == other.shape)


@public("Tensor.share_memory_", "Tensor.pin_memory")
def share_memory_(self: Tensor) -> Tensor:
    """Return the tensor; its memory is private to the process."""
    return self
