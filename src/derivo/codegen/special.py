"""C pointers to SciPy's special functions."""

from __future__ import annotations

import ctypes
import functools


@functools.cache
def _table() -> dict[str, object]:
    from scipy.special import cython_special

    return dict(cython_special.__pyx_capi__)


@functools.cache
def _signature(name: str) -> tuple[int, int, bool]:
    """Return (address, number of float64 arguments, takes the dispatch flag)."""
    table = _table()
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    candidates = [name, f"__pyx_fuse_0{name}", f"__pyx_fuse_1{name}"]
    for key in candidates:
        capsule = table.get(key)
        if capsule is None:
            continue
        text = api.PyCapsule_GetName(capsule).decode()
        result, _, rest = text.partition(" (")
        types = [t.strip() for t in rest.rstrip(")").split(",")]
        flag = types[-1].startswith("int __pyx_skip_dispatch")
        if flag:
            types.pop()
        if result == "double" and types and all(t == "double" for t in types):
            pointer = api.PyCapsule_GetPointer(capsule, text.encode())
            return pointer, len(types), flag
    raise TypeError(
        f"[{name}] no kernel can be made: scipy.special.cython_special has no real "
        "function of this name in float64. Use a name listed in its documentation."
    )


def address(name: str) -> int:
    """Return the address of SciPy's function `name` of float64 numbers."""
    return _signature(name)[0]


def signature(name: str) -> tuple[int, bool]:
    """Return the number of arguments and whether a dispatch flag follows them."""
    return _signature(name)[1:]
