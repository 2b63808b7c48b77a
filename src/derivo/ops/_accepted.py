"""Which dtypes elementwise operations take, and what PyTorch calls them."""

from __future__ import annotations

from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import dtypes

__all__ = ["ACCEPTS", "WORDS"]

# What PyTorch calls the dtypes in "... not implemented for 'Bool'".
WORDS = {t.name: word for t, word in zip(dtypes, SCALAR_TYPES, strict=True)}
_INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
_FLOATS = ("float16", "bfloat16", "float32", "float64")

# Which dtypes the promoted operands may have.
ACCEPTS: dict[str, tuple[str, ...]] = {
    "all": ("bool", *_INTEGERS, *_FLOATS),
    "numbers": (*_INTEGERS, *_FLOATS),
    "floats": _FLOATS,
    "singles": ("float32", "float64"),
    "integers": _INTEGERS,
    "bits": ("bool", *_INTEGERS),
}
