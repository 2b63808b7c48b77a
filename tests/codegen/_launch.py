# Running kernels on NumPy arrays, for the tests of this folder.
from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from derivo import codegen

_SIGNATURE = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)


def storage(dtype: str) -> Any:
    return np.dtype("uint16" if dtype == "bfloat16" else dtype)


def call(address: int, sizes: Sequence[int], arrays: Sequence[Any], strides: Any):
    sizes = np.array(sizes, dtype=np.int64)
    pointers = np.array([a.ctypes.data for a in arrays], dtype=np.uintp)
    strides = np.array(strides, dtype=np.int64)
    _SIGNATURE(address)(sizes.ctypes.data, pointers.ctypes.data, strides.ctypes.data)


def letter(a: Any) -> str:
    if a.strides[-1] == 0:
        return "s"
    return "c" if a.strides[-1] == a.itemsize else "x"


def run_map(exprs, arrays, in_dtypes, out_dtypes, compute, outs=None, layout=None):
    """Run a map over operands of one shape (n1, n0), broadcast by the caller."""
    shape = arrays[0].shape
    if outs is None:
        outs = [np.zeros(shape, storage(d)) for d in out_dtypes]
    operands = [*outs, *arrays]
    if layout is None:
        layout = "".join(letter(a) for a in operands)
    address = codegen.build_map("test", exprs, in_dtypes, out_dtypes, compute, layout)
    inner = [a.strides[1] for a in operands]
    outer = [a.strides[0] for a in operands]
    call(address, [shape[1], shape[0]], operands, [*inner, *outer])
    return outs


def ulps(got: Any, expected: Any) -> float:
    """Return the largest distance in units in the last place."""
    got, expected = np.asarray(got), np.asarray(expected)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    bad = ~same & ~(np.isfinite(got) & np.isfinite(expected))
    if bad.any():
        return float("inf")
    if same.all():
        return 0.0
    g = got[~same].astype(np.longdouble)
    e = expected[~same].astype(np.longdouble)
    return float(np.max(np.abs(g - e) / np.spacing(np.abs(expected[~same]))))
