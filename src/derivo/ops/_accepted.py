"""Which dtypes elementwise operations take, and what PyTorch calls them."""

from __future__ import annotations

__all__ = ["ACCEPTS", "WORDS"]

# What PyTorch calls the dtypes in "... not implemented for 'Bool'".
WORDS = {
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
