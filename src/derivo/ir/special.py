"""Special functions taken from SciPy by C pointer, each beside its derivative.

`special("i0", x)` is the node ``special:i0``; kernels call SciPy's own function for
each element, in float64. A name without an entry here may be used, but not
differentiated.
"""

from __future__ import annotations

import math
from typing import Any

from derivo.ir.expr import Expr, Operand, as_expr, make
from derivo.ir.scalar import FUNCTIONS, ScalarFunction, exp, lgamma, log, sign, where

PREFIX = "special:"

# Names that SciPy's kernels lack, written in terms of others.
_SQRT_2PI = math.sqrt(2.0 * math.pi)
_SQRT_PI = math.sqrt(math.pi)


def special(name: str, *args: Operand) -> Expr:
    """Return the node that applies SciPy's function `name` to `args`."""
    op = PREFIX + name
    if op not in FUNCTIONS:
        # The C signature is checked when a kernel is built.
        FUNCTIONS[op] = ScalarFunction(op, len(args), "float", _unknown(len(args)))
    found = FUNCTIONS[op]
    if found.arity != len(args):
        raise TypeError(
            f"[{name}] wrong number of operands: expected {found.arity}, "
            f"got {len(args)}"
        )
    return make(op, *(as_expr(a) for a in args))


def _unknown(arity: int) -> Any:
    return lambda g, out, *args: (NotImplemented,) * arity


def _define(name: str, arity: int, rule: Any) -> None:
    op = PREFIX + name
    FUNCTIONS[op] = ScalarFunction(op, arity, "float", rule)


def _at_zero(x: Expr, value: float, other: Expr) -> Expr:
    return where(x == 0, value, other)


_define("i0", 1, lambda g, o, x: (g * special("i1", x),))
_define(
    "i1",
    1,
    lambda g, o, x: (g * _at_zero(x, 0.5, special("i0", x) - o / x),),
)
_define("i0e", 1, lambda g, o, x: (g * (special("i1e", x) - sign(x) * o),))
_define(
    "i1e",
    1,
    lambda g, o, x: (
        g * _at_zero(x, 0.5, special("i0e", x) - o * (sign(x) + 1.0 / x)),
    ),
)
_define("j0", 1, lambda g, o, x: (-g * special("j1", x),))
_define("j1", 1, lambda g, o, x: (g * _at_zero(x, 0.5, special("j0", x) - o / x),))
_define("y0", 1, lambda g, o, x: (-g * special("y1", x),))
_define("y1", 1, lambda g, o, x: (g * (special("y0", x) - o / x),))
_define("k0", 1, lambda g, o, x: (-g * special("k1", x),))
_define("k1", 1, lambda g, o, x: (-g * (special("k0", x) + o / x),))
_define("k0e", 1, lambda g, o, x: (g * (o - special("k1e", x)),))
_define("k1e", 1, lambda g, o, x: (g * (o * (1.0 - 1.0 / x) - special("k0e", x)),))
_define("ndtr", 1, lambda g, o, x: (g * (exp(-0.5 * (x * x)) / _SQRT_2PI),))
_define("ndtri", 1, lambda g, o, x: (g * (_SQRT_2PI * exp(0.5 * (o * o))),))
# exp(-x*x/2 - log_ndtr(x)) stays finite where ndtr(x) underflows.
_define("log_ndtr", 1, lambda g, o, x: (g * (exp(-0.5 * (x * x) - o) / _SQRT_2PI),))
_define("erfcx", 1, lambda g, o, x: (g * (2.0 * x * o - 2.0 / _SQRT_PI),))
_define("gamma", 1, lambda g, o, x: (g * (o * special("psi", x)),))
_define("psi", 1, lambda g, o, x: FUNCTIONS["digamma"].rule(g, o, x))  # type: ignore[misc]
_define("entr", 1, lambda g, o, x: (-g * (log(x) + 1.0),))


def _gammainc_slope(a: Expr, x: Expr) -> Expr:
    return exp((a - 1.0) * log(x) - x - lgamma(a))


# PyTorch has no derivative by the first argument either.
_define("gammainc", 2, lambda g, o, a, x: (NotImplemented, g * _gammainc_slope(a, x)))
_define("gammaincc", 2, lambda g, o, a, x: (NotImplemented, -g * _gammainc_slope(a, x)))
