"""What PyTorch's files call derivo's types."""

from __future__ import annotations

from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import DType, dtypes

__all__ = ["STORAGES", "UNTYPED", "storage_name", "theirs"]

UNTYPED = ("torch.storage", "UntypedStorage")
STORAGES: dict[str, DType] = {
    f"{word}Storage": dtype for dtype, word in zip(dtypes, SCALAR_TYPES, strict=True)
}
"""PyTorch's name of a typed storage → the dtype of its elements."""


def storage_name(dtype: DType) -> str:
    """Name of PyTorch's storage type for a dtype."""
    return f"{SCALAR_TYPES[dtype.code]}Storage"


def theirs(module: str) -> str:
    """Name of the module under which PyTorch has what derivo has in `module`."""
    if module == "derivo" or module.startswith("derivo."):
        return "torch" + module.removeprefix("derivo")
    return module
