"""Exchanging memory with other libraries by DLPack, through NumPy's implementation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.interop.numpy import as_array, share_array
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["from_dlpack"]

_CPU = 1


@public("from_dlpack")
def from_dlpack(ext_tensor: Any) -> Tensor:
    """Make a tensor that shares the memory of another library's array.

    Parameters
    ----------
    ext_tensor : object
        With ``__dlpack__`` and ``__dlpack_device__``, on the CPU.

    Raises
    ------
    TypeError
        If it does not have these methods, or its dtype is not known.
    BufferError
        If it is not on the CPU.

    Examples
    --------
    >>> import derivo, numpy
    >>> a = numpy.zeros(2)
    >>> derivo.from_dlpack(a).fill_(1.0)
    tensor([1., 1.], dtype=torch.float64)
    >>> a
    array([1., 1.])
    """
    import numpy as np

    if not hasattr(ext_tensor, "__dlpack__"):
        raise TypeError(
            "[from_dlpack] expected an object with __dlpack__, got "
            f"{type(ext_tensor).__name__}."
        )
    return share_array(np.from_dlpack(ext_tensor))


@public("Tensor.__dlpack__")
def _dlpack(
    self: Tensor,
    *,
    stream: Any = None,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple[int, int] | None = None,
    copy: bool | None = None,
) -> Any:
    """Capsule by which another library reads this tensor's memory."""
    if self.requires_grad:
        raise BufferError(
            "[dlpack] Can't export tensors that require gradient, use tensor.detach()."
        )
    array = as_array(self)
    if max_version is None:
        return array.__dlpack__(stream=stream)
    return array.__dlpack__(
        stream=stream, max_version=max_version, dl_device=dl_device, copy=copy
    )


@public("Tensor.__dlpack_device__")
def _dlpack_device(self: Tensor) -> tuple[int, int]:
    """DLPack's name of the CPU."""
    return (_CPU, 0)
