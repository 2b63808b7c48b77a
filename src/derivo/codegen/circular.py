"""Sine and cosine of float32, written in place.

A call of C's vector functions costs as much as the calculation, as all registers are
saved around it, and the sine and the cosine of one number (a function and its
derivative) share most of their work. So both are polynomials of what is left of the
number after whole quarters of a turn. That is found in float32 as long as the quarters
can be counted exactly; for a vector with a larger number in it, or an infinite one, C
is called as well, and the lanes in question are taken from there.

The error is below 2.5 units in the last place; see ``tests/codegen/test_circular.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo.ir.expr import Expr

if TYPE_CHECKING:
    from derivo.codegen.emit import Evaluator

# Up to this number quarters of a turn are counted exactly.
_LARGEST = 1e5
_QUARTERS = 0.6366197466850281
# A quarter in three parts. The rest r = x - n * first, of the first step, is exact: it
# is smaller than 1 and a multiple of 2**-23.
_QUARTER = (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15)
# (sin(r) / r - 1) / r**2 and (cos(r) - 1 + r**2 / 2) / r**4, in r**2, for r up to half
# a quarter: relative errors 4e-9 and 1e-10 of the whole.
_SINE = (-0.16666654138942652, 0.00833213054286076, -0.00019511125411117176)
_COSINE = (0.041666644853402206, -0.0013887275246533897, 2.4428406441812664e-05)
# Adding it rounds to whole numbers, which are the last bits of the sum.
_ROUNDER = 12582912.0


def sin_cos(ev: Evaluator, e: Expr) -> tuple[str, str]:
    """Write sin or cos."""
    t = ev.types.args[e]
    b = ev.block
    x = ev.get(e.args[0], t)
    if t != "float32" or not b.target.fma or b.lanes == 1:
        return b.call(e.op, t, x), t
    quarters, sine, cosine, large = _parts(ev, x)
    i = f"<{b.lanes} x i32>"
    if e.op == "cos":
        # As the sine of a number that lies a quarter further.
        quarters = b.new(f"add {i} {quarters}, splat (i32 1)")
    odd = b.new(f"trunc {i} {quarters} to {b.vec('bool')}")
    y = b.select(odd, t, cosine, sine)
    half = b.new(f"and {i} {quarters}, splat (i32 2)")
    sign = b.new(f"shl {i} {half}, splat (i32 30)")
    flipped = b.new(f"xor {i} {b.bits(t, y, 'i32')}, {sign}")
    y = b.new(f"bitcast {i} {flipped} to {b.vec(t)}")
    if e.op == "sin":
        # Of a zero with its sign.
        zero = b.new(f"fcmp oeq {b.vec(t)} {x}, zeroinitializer")
        y = b.select(zero, t, x, y)
    return b.rarely(large, t, y, lambda: b.call(e.op, t, x)), t


def _parts(ev: Evaluator, x: str) -> tuple[str, ...]:
    """Return quarters, sine and cosine of the rest, and where it is all wrong."""
    found = ev.shared.get(x)
    if found is None:
        found = ev.shared[x] = _reduced(ev, x)
    return found


def _reduced(ev: Evaluator, x: str) -> tuple[str, ...]:
    b, t = ev.block, "float32"

    def const(value: float) -> str:
        return b.const(value, t)

    def fma(one: str, other: str, term: str) -> str:
        return b.intrinsic("fma", t, one, other, term)

    size = b.intrinsic("fabs", t, x)
    large = b.new(f"fcmp ogt {b.vec(t)} {size}, {const(_LARGEST)}")
    shifted = fma(x, const(_QUARTERS), const(_ROUNDER))
    n = b.op("fsub", t, shifted, const(_ROUNDER))
    r = x
    for part in _QUARTER:
        r = fma(n, const(-part), r)
    square = b.op("fmul", t, r, r)
    sine, cosine = (const(c[-1]) for c in (_SINE, _COSINE))
    for s, c in zip(_SINE[-2::-1], _COSINE[-2::-1], strict=True):
        sine = fma(sine, square, const(s))
        cosine = fma(cosine, square, const(c))
    sine = fma(b.op("fmul", t, r, square), sine, r)
    near = fma(square, const(-0.5), const(1.0))
    cosine = fma(b.op("fmul", t, square, square), cosine, near)
    return b.bits(t, shifted, "i32"), sine, cosine, large
