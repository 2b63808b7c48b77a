"""Names of PyTorch's compiled module that subclasses of `Tensor` are written with."""

from __future__ import annotations

from derivo._core.tensor import TensorBase
from derivo._disabled import (
    DisableTorchFunctionSubclass,
    _disabled_torch_function_impl,
)

__all__ = [
    "DisableTorchFunctionSubclass",
    "TensorBase",
    "_disabled_torch_function_impl",
]
