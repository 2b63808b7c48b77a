"""What PyTorch's files call derivo's types."""

from __future__ import annotations

from derivo._core.tensor import DType, dtypes

__all__ = ["STORAGES", "UNTYPED", "storage_name", "theirs"]

UNTYPED = ("torch.storage", "UntypedStorage")
_TYPES = {
    "bool": "Bool",
    "uint8": "Byte",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "float16": "Half",
    "bfloat16": "BFloat16",
    "float32": "Float",
    "float64": "Double",
    "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
}
STORAGES: dict[str, DType] = {
    f"{_TYPES[dtype.name]}Storage": dtype for dtype in dtypes if dtype.name in _TYPES
}
"""PyTorch's name of a typed storage → the dtype of its elements."""


def storage_name(dtype: DType) -> str:
    """Name of PyTorch's storage type for a dtype."""
    return f"{_TYPES[dtype.name]}Storage"


def theirs(module: str) -> str:
    """Name of the module under which PyTorch has what derivo has in `module`."""
    if module == "derivo" or module.startswith("derivo."):
        return "torch" + module.removeprefix("derivo")
    return module
