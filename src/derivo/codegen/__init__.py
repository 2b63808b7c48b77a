"""Kernels: from expressions and loop programs to addresses of machine code.

`build_map` and `build` return the address of a C function

    void kernel(const int64_t* sizes, char* const* ptrs, const int64_t* strides)

with outputs first among the operands and strides in bytes. Addresses stay valid for
the life of the process. See README.md in this folder.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

from derivo.codegen import target as targets
from derivo.ir import dtypes
from derivo.ir.expr import Expr

_memo: dict[Any, int] = {}
_lock = threading.RLock()


def _check(
    name: str, exprs: Sequence[Expr], ins: Sequence[str], outs: Sequence[str], lay: str
) -> None:
    if len(outs) != len(exprs):
        raise ValueError(
            f"[{name}] one output dtype per expression: expected {len(exprs)}, "
            f"got {len(outs)}"
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
    )
    found = _memo.get(key)
    if found is not None:
        return found
    ins = tuple(map(dtypes.normalise, in_dtypes))
    outs = tuple(map(dtypes.normalise, out_dtypes))
    compute = dtypes.normalise(compute_dtype)
    _check(name, exprs, ins, outs, layout)
    from derivo.codegen.maps import map_text

    symbol = _symbol(name)

    def write() -> tuple[str, tuple[str, ...]]:
        return map_text(symbol, target, exprs, ins, outs, compute, layout)

    with _lock:
        found = _memo.get(key)
        if found is None:
            found = _memo[key] = _finish(symbol, target, write)
    return found


_serial = 0


def _symbol(name: str) -> str:
    global _serial
    _serial += 1
    return f"dv_{re.sub(r'[^A-Za-z0-9_]', '_', name)}_{_serial}"


def _finish(symbol: str, target: targets.Target, write: Any) -> int:
    from derivo.codegen import binding

    text, symbols = write()
    code = binding.compile_text(text, target)
    return binding.load(code, symbol, symbols, target)
