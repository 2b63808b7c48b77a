"""The machine that kernels are generated for, found without importing LLVM.

A target is one of a few *levels* rather than a processor model: the generated code
depends on the level alone, so object code can be cached, shared between machines with
the same level, and its key computed in microseconds.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from typing import NamedTuple

from derivo.ir.dtypes import ITEMSIZE

# level: (vector bytes, masked memory operations, f16 conversion, fma)
_LEVELS = {
    "avx512": (64, True, True, True),
    "avx2": (32, False, True, True),
    "sse2": (16, False, False, False),
    "neon": (16, False, True, True),
    "scalar": (0, False, False, False),
}


class Target(NamedTuple):
    """What generated code may use."""

    level: str
    arch: str
    vector_bytes: int
    masks: bool
    f16: bool
    fma: bool

    @property
    def cpu(self) -> str:
        """LLVM's name of the baseline processor with these features."""
        if self.arch != "x86_64":
            return "generic"
        return {"avx512": "x86-64-v4", "avx2": "x86-64-v3"}.get(self.level, "x86-64")

    def lanes(self, dtype: str) -> int:
        """Return how many elements of `dtype` a vector register holds."""
        return max(1, self.vector_bytes // ITEMSIZE[dtype])


def _arch() -> str:
    # os.uname rather than platform.machine: importing platform takes 2 ms.
    uname = getattr(os, "uname", None)
    machine = uname().machine if uname else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    machine = machine.lower()
    return {"amd64": "x86_64", "x86-64": "x86_64", "aarch64": "arm64"}.get(
        machine, machine
    )


def _linux_flags() -> frozenset[str]:
    # The first processor's record is enough, and the whole file is slow to make on
    # machines with hundreds of them.
    try:
        with open("/proc/cpuinfo", "rb") as f:
            head = f.read(8192)
    except OSError:
        return frozenset()
    for line in head.split(b"\n"):
        if line.startswith(b"flags"):
            return frozenset(line.decode("ascii", "replace").split())
    return frozenset()


def _darwin_has(feature: bytes) -> bool:
    libc = ctypes.CDLL(None)
    value, size = ctypes.c_int(0), ctypes.c_size_t(4)
    ok = libc.sysctlbyname(feature, ctypes.byref(value), ctypes.byref(size), None, 0)
    return ok == 0 and value.value == 1


def _x86_level() -> str:
    if sys.platform.startswith("linux"):
        flags = _linux_flags()
        if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
            return "avx512"
        return "avx2" if {"avx2", "fma", "f16c", "bmi2"} <= flags else "sse2"
    if sys.platform == "darwin":
        return "avx2" if _darwin_has(b"hw.optional.avx2_0") else "sse2"
    if sys.platform == "win32":
        present = ctypes.windll.kernel32.IsProcessorFeaturePresent  # type: ignore[attr-defined]
        # PF_AVX512F_INSTRUCTIONS_AVAILABLE says nothing of bw/dq/vl: stay with avx2.
        return "avx2" if present(40) else "sse2"
    return "sse2"


@functools.cache
def host_level() -> str:
    """Return the widest level that this machine runs."""
    arch = _arch()
    if arch == "x86_64":
        return _x86_level()
    return "neon" if arch == "arm64" else "scalar"


@functools.cache
def _target(level: str) -> Target:
    arch = _arch()
    allowed = {
        "x86_64": ("scalar", "sse2", "avx2", "avx512"),
        "arm64": ("scalar", "neon"),
    }.get(arch, ("scalar",))
    best = host_level()
    if level not in _LEVELS:
        raise ValueError(
            f"[codegen] unknown DERIVO_SIMD={level!r}: expected one of "
            f"{', '.join(_LEVELS)}"
        )
    if level not in allowed or allowed.index(level) > allowed.index(best):
        raise ValueError(
            f"[codegen] DERIVO_SIMD={level!r} asks for more than this machine has: "
            f"expected one of {', '.join(allowed[: allowed.index(best) + 1])}"
        )
    return Target(level, arch, *_LEVELS[level])


def at_level(level: str) -> Target:
    """Return the target of a level by name.

    Raises
    ------
    ValueError
        If this machine has less.
    """
    return _target(level)


def current() -> Target:
    """Return the target of new kernels: the host's, or what DERIVO_SIMD names."""
    return _target(os.environ.get("DERIVO_SIMD") or host_level())


# --- math libraries -------------------------------------------------------------


@functools.cache
def _libmvec() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None


@functools.cache
def libm() -> ctypes.CDLL:
    """Return the C math library."""
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    for name in ("libm.so.6", "libm.so"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return ctypes.CDLL(None)


def libc_version() -> str:
    """Return what decides which vector functions exist."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or sys.platform
    except (AttributeError, ValueError, OSError):
        return sys.platform


_VARIANTS = {64: "e", 32: "d", 16: "b"}


def vector_function(target: Target, name: str, dtype: str, nargs: int) -> str | None:
    """Return a template of the symbol of a vector function, or None.

    The template has two holes: the letter of the instruction set and the lanes.
    """
    if target.arch != "x86_64" or target.vector_bytes < 16:
        return None
    library = _libmvec()
    if library is None:
        return None
    suffix = "f" if dtype == "float32" else ""
    letter = _VARIANTS[target.vector_bytes]
    lanes = target.lanes(dtype)
    symbol = f"_ZGV{letter}N{lanes}{'v' * nargs}_{name}{suffix}"
    return symbol if hasattr(library, symbol) else None


def narrower(symbol: str, lanes: int, itemsize: int) -> str:
    """Return the same vector function for fewer lanes."""
    tail = symbol[symbol.index("N") :].lstrip("N").lstrip("0123456789")
    return f"_ZGV{_VARIANTS[lanes * itemsize]}N{lanes}{tail}"


def resolve(symbol: str) -> int | None:
    """Return the address of a C function that kernels call, or None."""
    if symbol.startswith("_ZGV"):
        library = _libmvec()
        if library is None:
            return None
    elif symbol.startswith("dv_special_"):
        from derivo.codegen.special import address

        return address(symbol.removeprefix("dv_special_"))
    else:
        library = libm()
    try:
        function = getattr(library, symbol)
    except AttributeError:
        return None
    return ctypes.cast(function, ctypes.c_void_p).value
