"""Kernels: from expressions and loop programs to addresses of machine code.

`build_map` and `build` return the address of a C function

    void kernel(const int64_t* sizes, char* const* ptrs, const int64_t* strides)

with outputs first among the operands and strides in bytes. Addresses stay valid for
the life of the process. See README.md in this folder.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from derivo.codegen import target as targets
from derivo.ir import dtypes
from derivo.ir.expr import Expr, canonical
from derivo.ir.program import Program, check

_memo: dict[Any, int] = {}
_lock = threading.RLock()


def _after_fork() -> None:
    # Another thread may have held the lock when the process was forked.
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _check(
    name: str, exprs: Sequence[Expr], ins: Sequence[str], outs: Sequence[str], lay: str
) -> None:
    expected = sum([2 if d in dtypes.COMPLEX else 1 for d in outs])
    if len(exprs) != expected:
        raise ValueError(
            f"[{name}] one output dtype per expression (a complex one for two): "
            f"expected {len(exprs)}, got {expected}"
        )
    if len(lay) != len(ins) + len(outs) or set(lay) - set("csx"):
        raise ValueError(
            f"[{name}] the layout has a letter of 'csx' per operand, outputs first: "
            f"expected {len(ins) + len(outs)} letters, got layout={lay!r}"
        )
    if "s" in lay[: len(outs)]:
        raise ValueError(f"[{name}] an output cannot have stride 0: got layout={lay!r}")


def build_map(
    name: str,
    exprs: Sequence[Expr],
    in_dtypes: Sequence[Any],
    out_dtypes: Sequence[Any],
    compute_dtype: Any,
    layout: str,
    pairs: bool = False,
) -> int:
    """Return the address of an elementwise kernel.

    Parameters
    ----------
    name : str
        What the kernel is for; part of its symbol.
    exprs : sequence of Expr
        One expression per output, over operands 0, 1, ...
    in_dtypes, out_dtypes : sequences of dtypes
        Dtypes in memory, as names, codes or dtype objects.
    compute_dtype : dtype
        What operands are converted to when loaded. Half types compute in float32.
    layout : str
        One letter per operand, outputs first: 'c' contiguous along the inner axis,
        's' stride 0 (inputs), 'x' any stride.
    pairs : bool
        Whether operands may be complex. Then variables 2k and 2k + 1 are the real and
        the imaginary part of operand k, and a complex output takes two expressions.

    Returns
    -------
    int
        The address of a function of ``sizes = [n0, n1]``, pointers, and strides in
        bytes (inner ones of all operands, then outer ones).
    """
    target = targets.current()
    key = (
        name,
        tuple(exprs),
        tuple(in_dtypes),
        tuple(out_dtypes),
        compute_dtype,
        layout,
        target.level,
        pairs,
    )
    found = _memo.get(key)
    if found is not None:
        return found
    normalise = dtypes.normalise_operand if pairs else dtypes.normalise
    ins = tuple(map(normalise, in_dtypes))
    outs = tuple(map(normalise, out_dtypes))
    compute = dtypes.normalise(compute_dtype)
    _check(name, exprs, ins, outs, layout)

    def write(symbol: str) -> tuple[str, tuple[str, ...]]:
        from derivo.codegen.maps import map_text

        return map_text(symbol, target, exprs, ins, outs, compute, layout, pairs)

    with _lock:
        found = _memo.get(key)
        if found is None:
            kind = "pairs" if pairs else "map"
            what = (kind, canonical(exprs), " ".join((*ins, *outs)), compute, layout)
            found = _memo[key] = _finish(name, target, what, write)
    return found


def build(program: Program) -> int:
    """Return the address of a program's kernel.

    Parameters
    ----------
    program : Program
        A checked program (see `derivo.ir.program`).

    Returns
    -------
    int
        The address of a function of ``sizes = [r0, r1, k0, k1]``, pointers, and
        strides in bytes: those along r0 of all operands, then r1, k0 and k1.
    """
    target = targets.current()
    key = (program, target.level)
    found = _memo.get(key)
    if found is not None:
        return found

    def write(symbol: str) -> tuple[str, tuple[str, ...]]:
        from derivo.codegen.programs import program_text

        return program_text(symbol, target, program)

    with _lock:
        found = _memo.get(key)
        if found is None:
            check(program)
            what = ("program", program.canonical())
            found = _memo[key] = _finish(program.name, target, what, write)
    return found


def build_tiles(dtype: str, level: str) -> tuple[int, int, int]:
    """Return the inner loops of matrix products (see `derivo.codegen.tiles`).

    Parameters
    ----------
    dtype : str
        ``"float32"`` or ``"float64"``.
    level : str
        Which vectors to use.

    Returns
    -------
    address : int
        Of the function that writes the addresses of all others.
    rows, lanes : int
        Of the largest tile; of a vector.
    """
    from derivo.codegen import tiles

    target = targets.at_level(level)
    key = ("tiles", dtype, level)
    with _lock:
        found = _memo.get(key)
        if found is None:
            what = ("tiles", dtype)
            found = _memo[key] = _finish(
                "tiles", target, what, lambda s: tiles.tiles_text(s, target, dtype)
            )
    return found, tiles.rows_of(target), tiles.lanes_of(target, dtype)


def _finish(
    name: str,
    target: targets.Target,
    what: tuple[str, ...],
    write: Callable[[str], tuple[str, tuple[str, ...]]],
) -> int:
    """Take a kernel from the disk, or write, compile and keep it."""
    from derivo.codegen import cache

    key = cache.key(*what, target.arch, target.level, targets.libc_version())
    kernel = cache.read(key)
    if kernel is not None:
        try:
            address = _load(kernel, target)
        except (RuntimeError, OSError):
            # A C function that was here when the kernel was made is not any more.
            pass
        else:
            cache.counters["disk"] += 1
            return address
    from derivo.codegen import binding

    symbol = f"dv_{re.sub(r'[^A-Za-z0-9_]', '_', name)}_{key.hex()[:12]}"
    text, symbols = write(symbol)
    kernel = cache.Kernel(symbol, symbols, binding.compile_text(text, target))
    cache.counters["compiled"] += 1
    address = _load(kernel, target)
    cache.write(key, kernel)
    return address


def _load(kernel: Any, target: targets.Target) -> int:
    from derivo.codegen import loader

    if loader.available():
        try:
            return loader.load(kernel.code, kernel.name, targets.resolve)
        except loader.Unsupported:
            pass
    from derivo.codegen import binding

    return binding.load(kernel.code, kernel.name, kernel.symbols, target)
