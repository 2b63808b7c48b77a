"""Sharing and copying memory with NumPy."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.convert import from_address
from derivo._core.copies import _cast, _copy_into
from derivo._core.tensor import _detach, _empty, _readable, dtypes

if TYPE_CHECKING:
    from derivo import Tensor, dtype

__all__ = ["as_array", "copy_array", "share_array"]

_BY_NAME = {d.name: d for d in dtypes if d.name != "bfloat16"}


def _dtype_of(array: Any) -> dtype:
    found = _BY_NAME.get(array.dtype.name)
    if found is None or not array.dtype.isnative:
        raise TypeError(
            f"[from_numpy] can't convert np.ndarray of type numpy.{array.dtype.name}. "
            "The only supported types are: float64, float32, float16, complex64, "
            "complex128, int64, int32, int16, int8, uint8, and bool."
        )
    return found


def share_array(array: Any) -> Tensor:
    """Tensor over the memory of a NumPy array."""
    import numpy as np

    array = np.asanyarray(array)
    dtype = _dtype_of(array)
    width = array.itemsize
    if any(s < 0 for s in array.strides):
        raise ValueError(
            "[from_numpy] At least one stride in the given numpy array is negative, "
            "and tensors with negative strides are not currently supported. (You can "
            "probably work around this by making a copy of your array with "
            "array.copy().)"
        )
    if any(s % width for s in array.strides):
        raise ValueError(
            "[from_numpy] given numpy array strides not a multiple of the element byte "
            "size. Copy the numpy array to reallocate the memory."
        )
    if not array.flags.writeable:
        warnings.warn(
            "The given NumPy array is not writable, and PyTorch does not support "
            "non-writable tensors: writing to this tensor raises an error.",
            UserWarning,
            stacklevel=3,
        )
    address = array.__array_interface__["data"][0]
    steps = tuple(s // width for s in array.strides)
    # From the first element to the last: less than all elements where some lie on one
    # another, more where there are gaps.
    reach = sum((n - 1) * s for n, s in zip(array.shape, array.strides, strict=True))
    return from_address(
        address,
        reach + width if array.size else 0,
        dtype,
        array.shape,
        steps,
        array,
        not array.flags.writeable,
    )


def copy_array(array: Any, dtype: dtype | None) -> Tensor:
    """Contiguous tensor with the values of an array, in the given dtype."""
    import numpy as np

    array = np.ascontiguousarray(array).reshape(np.shape(array))
    source = _dtype_of(array)
    address = array.__array_interface__["data"][0]
    steps = tuple(s // array.itemsize for s in array.strides)
    shared = from_address(address, array.nbytes, source, array.shape, steps, array)
    made = _empty(array.shape, source if dtype is None else dtype)
    _copy_into(made, shared)
    return made


def as_array(t: Tensor) -> Any:
    """NumPy array over the memory of a tensor, whatever its autograd state."""
    import numpy as np

    if t.dtype.name == "bfloat16":
        raise TypeError(
            "[numpy] Got unsupported ScalarType BFloat16: NumPy has no such type. Use "
            "t.float().numpy()."
        )
    if t._batch is not None:
        _readable(t, ".numpy()")
    return np.asarray(memoryview(_detach(t)))


def computed(values: Any, dtype: dtype) -> Tensor:
    """Tensor of a computed array in the given dtype (a copy only if needed)."""
    shared = copy_array(values, None)
    return shared if shared.dtype == dtype else _cast(shared, dtype)
