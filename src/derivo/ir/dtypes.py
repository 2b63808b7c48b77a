"""What the kernel languages know about dtypes: names, sizes, kinds, promotion.

Dtypes are plain names here (``"float32"``), so that definitions, cache keys and
generated text need no runtime objects. The order of `NAMES` is the order of the
runtime's dtype codes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

NAMES = (
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
)

ITEMSIZE = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
}

# In memory: real and imaginary part, side by side.
COMPLEX = {"complex64": "float32", "complex128": "float64"}

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
INTEGERS = frozenset({"uint8", "int8", "int16", "int32", "int64"})

_RANK = {
    "bool": 0,
    "uint8": 1,
    "int8": 2,
    "int16": 3,
    "int32": 4,
    "int64": 5,
    "float32": 6,
    "float64": 7,
}


def normalise(dtype: Any) -> str:
    """Return the name of a dtype given as a name, a code or a dtype object."""
    if isinstance(dtype, str):
        name = dtype
    elif isinstance(dtype, int):
        if not 0 <= dtype < len(NAMES):
            raise TypeError(f"[codegen] no kernels for dtype code {dtype}")
        return NAMES[dtype]
    else:
        name = str(getattr(dtype, "name", dtype))
    if name not in ITEMSIZE:
        known = ", ".join(NAMES)
        raise TypeError(
            f"[codegen] kernels are generated for {known}: got dtype={name}. "
            "Convert the operand first."
        )
    return name


def normalise_operand(dtype: Any) -> str:
    """Return the name of the dtype of an operand, which may be complex."""
    return dtype if dtype in COMPLEX else normalise(dtype)


@cache
def compute_dtype(dtype: str) -> str:
    """Return the dtype that values of `dtype` are computed in."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype


@cache
def promote(a: str, b: str) -> str:
    """Return the compute dtype that holds values of both compute dtypes."""
    if a == b:
        return a
    low, high = sorted((a, b), key=_RANK.__getitem__)
    # uint8 reaches 255, which int8 cannot hold.
    if (low, high) == ("uint8", "int8"):
        return "int16"
    return high
