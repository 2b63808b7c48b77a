"""The functions of the scalar language, each beside its derivative.

Every function builds one `Expr` node. A derivative rule is a function
``rule(g, out, *args)`` that returns one contribution per argument: the cotangent `g`
times the partial derivative, or None where the derivative is zero everywhere. Rules
are linear in `g`, so they also push tangents forward. Values at kinks are PyTorch's
(smallest subgradient; half each at ties; zero for steps).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from derivo.ir import dtypes
from derivo.ir.expr import FOLD, ZERO, Expr, Operand, as_expr, const, is_const, make

PI = math.pi
E = math.e
INF = math.inf
NAN = math.nan

Contribution = Any  # Expr, None (zero) or NotImplemented
Rule = Callable[..., tuple[Contribution, ...]]


class ScalarFunction(NamedTuple):
    """What the generator knows about one function.

    `kind` decides the dtypes: ``arith`` (that of the promoted arguments), ``float``
    (the same, integers made float), ``compare``, ``logical`` and ``predicate`` (truth
    values), ``bits`` (integers and truth values), ``round`` (integers unchanged),
    ``where``, ``cast``.
    """

    name: str
    arity: int
    kind: str
    rule: Rule | None


FUNCTIONS: dict[str, ScalarFunction] = {}


def _define(
    name: str,
    arity: int,
    kind: str,
    rule: Rule | None = None,
    fold: Callable[..., Any] | None = None,
) -> None:
    if name in FUNCTIONS:
        raise ValueError(f"[scalar] {name=} is defined twice")
    FUNCTIONS[name] = ScalarFunction(name, arity, kind, rule)
    if fold is not None:
        FOLD[name] = fold


def _refuse(value: object) -> Any:
    raise TypeError("[scalar] not folded: left to the kernel")


def _one(name: str, x: Operand) -> Expr:
    return make(name, as_expr(x))


def _two(name: str, x: Operand, y: Operand) -> Expr:
    return make(name, as_expr(x), as_expr(y))


# --- arithmetic -----------------------------------------------------------------

_define("add", 2, "arith", lambda g, o, a, b: (g, g), operator.add)
_define("sub", 2, "arith", lambda g, o, a, b: (g, -g), operator.sub)
_define("mul", 2, "arith", lambda g, o, a, b: (g * b, g * a), operator.mul)
_define("div", 2, "float", lambda g, o, a, b: (g / b, -g * (o / b)), operator.truediv)
_define("neg", 1, "arith", lambda g, o, a: (-g,), operator.neg)
_define("abs", 1, "arith", lambda g, o, a: (g * sign(a),), abs)
_define("floor_divide", 2, "arith", None, operator.floordiv)
_define(
    "remainder",
    2,
    "arith",
    lambda g, o, a, b: (g, -g * floor(a / b)),
    operator.mod,
)
_define(
    "fmod",
    2,
    "arith",
    lambda g, o, a, b: (g, -g * trunc(a / b)),
    lambda a, b: math.fmod(a, b) if isinstance(a, float) else _refuse(a),
)


def _pow_rule(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Contribution, ...]:
    if is_const(y):
        n = y.value
        if n == 0:
            return None, None
        if n == 2:
            return g * (2 * x), None
        return g * (n * pow(x, n - 1)), None
    dx = where(y == 0, 0, g * (y * pow(x, y - 1)))
    if is_const(x):
        if x.value == 0:
            return None, where(y >= 0, 0, g * (out * math.nan))
        slope = math.log(x.value) if x.value > 0 else math.nan
        return None, g * (out * slope)
    dy = where((x == 0) & (y >= 0), 0, g * (out * log(x)))
    return dx, dy


_define("pow", 2, "arith", _pow_rule, operator.pow)

# --- comparison, logic, bits ----------------------------------------------------

_define("lt", 2, "compare", None, operator.lt)
_define("le", 2, "compare", None, operator.le)
_define("gt", 2, "compare", None, operator.gt)
_define("ge", 2, "compare", None, operator.ge)
_define("eq", 2, "compare", None, operator.eq)
_define("ne", 2, "compare", None, operator.ne)
_define("logical_and", 2, "logical", None, lambda a, b: bool(a) and bool(b))
_define("logical_or", 2, "logical", None, lambda a, b: bool(a) or bool(b))
_define("logical_xor", 2, "logical", None, lambda a, b: bool(a) != bool(b))
_define("logical_not", 1, "logical", None, operator.not_)
_define("bitwise_and", 2, "bits", None, operator.and_)
_define("bitwise_or", 2, "bits", None, operator.or_)
_define("bitwise_xor", 2, "bits", None, operator.xor)
_define("bitwise_not", 1, "bits")
_define("shift_left", 2, "bits")
_define("shift_right", 2, "bits")
_define("gcd", 2, "bits")
_define("lcm", 2, "bits")
_define("isnan", 1, "predicate", None, math.isnan)
_define("isinf", 1, "predicate", None, math.isinf)
_define("isfinite", 1, "predicate", None, math.isfinite)
_define("signbit", 1, "predicate", None, lambda x: math.copysign(1.0, x) < 0)


def where(condition: Operand, a: Operand, b: Operand) -> Expr:
    """Choose `a` where `condition` holds, else `b`.

    Its derivative is a choice too, so what the side not taken would give (a NaN, say)
    never reaches the result.
    """
    return make("where", as_expr(condition), as_expr(a), as_expr(b))


def _where_rule(
    g: Expr, out: Expr, c: Expr, a: Expr, b: Expr
) -> tuple[Contribution, ...]:
    return None, where(c, g, ZERO), where(c, ZERO, g)


_define("where", 3, "where", _where_rule)


def cast(x: Operand, dtype: Any) -> Expr:
    """Convert `x` to `dtype`; float16 and bfloat16 round, and stay float32."""
    name = dtypes.normalise(dtype)
    e = as_expr(x)
    if e.op == "cast" and e.value == name:
        return e
    return make("cast", e, value=name)


# The rule is in `derive`: it needs the node's target dtype.
_define("cast", 1, "cast")


def logical_and(x: Operand, y: Operand) -> Expr:
    """Tell whether both are non-zero."""
    return _two("logical_and", x, y)


def logical_or(x: Operand, y: Operand) -> Expr:
    """Tell whether one is non-zero."""
    return _two("logical_or", x, y)


def logical_xor(x: Operand, y: Operand) -> Expr:
    """Tell whether exactly one is non-zero."""
    return _two("logical_xor", x, y)


def logical_not(x: Operand) -> Expr:
    """Tell whether `x` is zero."""
    return _one("logical_not", x)


def bitwise_and(x: Operand, y: Operand) -> Expr:
    """Combine the bits of both by `and`."""
    return _two("bitwise_and", x, y)


def bitwise_or(x: Operand, y: Operand) -> Expr:
    """Combine the bits of both by `or`."""
    return _two("bitwise_or", x, y)


def bitwise_xor(x: Operand, y: Operand) -> Expr:
    """Combine the bits of both by exclusive or."""
    return _two("bitwise_xor", x, y)


def bitwise_not(x: Operand) -> Expr:
    """Flip all bits; for truth values, negate."""
    return _one("bitwise_not", x)


def shift_left(x: Operand, n: Operand) -> Expr:
    """Shift the bits of `x` left by `n`; 0 where `n` is negative or too large."""
    return _two("shift_left", x, n)


def shift_right(x: Operand, n: Operand) -> Expr:
    """Shift right by `n`, keeping the sign; all the way where `n` is out of range."""
    return _two("shift_right", x, n)


def gcd(x: Operand, y: Operand) -> Expr:
    """Greatest common divisor of integers, never negative."""
    return _two("gcd", x, y)


def lcm(x: Operand, y: Operand) -> Expr:
    """Least common multiple of integers, never negative."""
    return _two("lcm", x, y)


def isnan(x: Operand) -> Expr:
    """Tell whether `x` is not a number."""
    return _one("isnan", x)


def isinf(x: Operand) -> Expr:
    """Tell whether `x` is infinite."""
    return _one("isinf", x)


def isfinite(x: Operand) -> Expr:
    """Tell whether `x` is neither infinite nor NaN."""
    return _one("isfinite", x)


def signbit(x: Operand) -> Expr:
    """Tell whether the sign bit is set, also for -0.0 and NaN."""
    return _one("signbit", x)


# --- rounding and signs ---------------------------------------------------------

_define("floor", 1, "round", None, math.floor)
_define("ceil", 1, "round", None, math.ceil)
_define("trunc", 1, "round", None, math.trunc)
_define("round", 1, "round", None, round)
_define("sign", 1, "arith", None, lambda x: (x > 0) - (x < 0))


def _copysign_rule(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Contribution, ...]:
    return where(x == 0, 0, g * copysign(sign(x), x * copysign(1.0, y))), None


_define("copysign", 2, "float", _copysign_rule, math.copysign)
_define("nextafter", 2, "float", None, math.nextafter)


def abs(x: Operand) -> Expr:
    """Magnitude of `x`."""
    return _one("abs", x)


def floor(x: Operand) -> Expr:
    """Largest whole number that is not above `x`."""
    return _one("floor", x)


def ceil(x: Operand) -> Expr:
    """Smallest whole number that is not below `x`."""
    return _one("ceil", x)


def trunc(x: Operand) -> Expr:
    """Whole part of `x`."""
    return _one("trunc", x)


def round(x: Operand) -> Expr:
    """Nearest whole number, the even one at halves."""
    return _one("round", x)


def sign(x: Operand) -> Expr:
    """-1, 0 or 1 by the sign of `x`; 0 for NaN."""
    return _one("sign", x)


def copysign(x: Operand, y: Operand) -> Expr:
    """Magnitude of `x` with the sign of `y`."""
    return _two("copysign", x, y)


def nextafter(x: Operand, y: Operand) -> Expr:
    """Next representable number after `x` towards `y`."""
    return _two("nextafter", x, y)


def fmod(x: Operand, y: Operand) -> Expr:
    """Remainder of the division with the sign of `x`."""
    return _two("fmod", x, y)


def remainder(x: Operand, y: Operand) -> Expr:
    """Remainder of the division with the sign of `y`, as Python's ``%``."""
    return _two("remainder", x, y)


def floor_divide(x: Operand, y: Operand) -> Expr:
    """Quotient rounded down, as Python's ``//``; 0 for integers over zero."""
    return _two("floor_divide", x, y)


# --- minimum and maximum --------------------------------------------------------


def _ties(g: Expr, a: Expr, b: Expr, a_loses: Expr, b_loses: Expr) -> Any:
    # NaN compares false: both get the whole cotangent, as in PyTorch. Beside a
    # constant the smallest subgradient is 0.
    if is_const(b):
        return where(a_loses | (a == b), ZERO, g), None
    if is_const(a):
        return None, where(b_loses | (a == b), ZERO, g)
    half = g * 0.5
    tie = a == b
    return (
        where(tie, half, where(a_loses, ZERO, g)),
        where(tie, half, where(b_loses, ZERO, g)),
    )


def _fmax_rule(g: Expr, out: Expr, a: Expr, b: Expr) -> tuple[Contribution, ...]:
    first = (a >= b) | isnan(b)
    return where(first, g, ZERO), where(first, ZERO, g)


def _fmin_rule(g: Expr, out: Expr, a: Expr, b: Expr) -> tuple[Contribution, ...]:
    first = (a <= b) | isnan(b)
    return where(first, g, ZERO), where(first, ZERO, g)


_define("minimum", 2, "arith", lambda g, o, a, b: _ties(g, a, b, a > b, b > a), min)
_define("maximum", 2, "arith", lambda g, o, a, b: _ties(g, a, b, a < b, b < a), max)
_define("fmin", 2, "arith", _fmin_rule)
_define("fmax", 2, "arith", _fmax_rule)


def minimum(x: Operand, y: Operand) -> Expr:
    """Smaller of the two; NaN if either is."""
    return _two("minimum", x, y)


def maximum(x: Operand, y: Operand) -> Expr:
    """Larger of the two; NaN if either is."""
    return _two("maximum", x, y)


def fmin(x: Operand, y: Operand) -> Expr:
    """Smaller of the two, ignoring a NaN."""
    return _two("fmin", x, y)


def fmax(x: Operand, y: Operand) -> Expr:
    """Larger of the two, ignoring a NaN."""
    return _two("fmax", x, y)


# --- powers, exponentials, logarithms -------------------------------------------

_LN2 = math.log(2.0)
_LN10 = math.log(10.0)

_define("exp", 1, "float", lambda g, o, x: (g * o,), math.exp)
_define("exp2", 1, "float", lambda g, o, x: (g * (o * _LN2),), math.exp2)
_define("expm1", 1, "float", lambda g, o, x: (g * (o + 1),), math.expm1)
_define("log", 1, "float", lambda g, o, x: (g / x,), math.log)
_define("log2", 1, "float", lambda g, o, x: (g / (x * _LN2),), math.log2)
_define("log10", 1, "float", lambda g, o, x: (g / (x * _LN10),), math.log10)
_define("log1p", 1, "float", lambda g, o, x: (g / (x + 1),), math.log1p)
_define("sqrt", 1, "float", lambda g, o, x: (g / (2 * o),), math.sqrt)
_define("rsqrt", 1, "float", lambda g, o, x: (-0.5 * g * (o * o * o),))
_define("rounded", 1, "arith", lambda g, o, x: (g,), lambda x: x)
_define("square", 1, "arith", lambda g, o, x: (g * (2 * x),), lambda x: x * x)
_define("reciprocal", 1, "float", lambda g, o, x: (-g * (o * o),))


def exp(x: Operand) -> Expr:
    """Return e to the power `x`."""
    return _one("exp", x)


def exp2(x: Operand) -> Expr:
    """2 to the power `x`."""
    return _one("exp2", x)


def expm1(x: Operand) -> Expr:
    """``exp(x) - 1``, exact near 0."""
    return _one("expm1", x)


def log(x: Operand) -> Expr:
    """Natural logarithm."""
    return _one("log", x)


def log2(x: Operand) -> Expr:
    """Logarithm to base 2."""
    return _one("log2", x)


def log10(x: Operand) -> Expr:
    """Logarithm to base 10."""
    return _one("log10", x)


def log1p(x: Operand) -> Expr:
    """``log(1 + x)``, exact near 0."""
    return _one("log1p", x)


def sqrt(x: Operand) -> Expr:
    """Square root."""
    return _one("sqrt", x)


def rsqrt(x: Operand) -> Expr:
    """``1 / sqrt(x)``."""
    return _one("rsqrt", x)


def rounded(x: Operand) -> Expr:
    """`x` rounded to its dtype: a product in it is not fused with a sum around it.

    Generated code may turn ``a * b + c`` into one instruction that rounds once; where
    the bits of a known sequence of operations are wanted, this says where it rounds.
    """
    return _one("rounded", x)


def square(x: Operand) -> Expr:
    """``x * x``."""
    return _one("square", x)


def reciprocal(x: Operand) -> Expr:
    """``1 / x``."""
    return _one("reciprocal", x)


def pow(x: Operand, y: Operand) -> Expr:
    """`x` to the power `y`; integers to negative powers give 0, or ±1 for ±1."""
    return _two("pow", x, y)


def xlogy(x: Operand, y: Operand) -> Expr:
    """``x * log(y)``, 0 where `x` is 0, NaN where `y` is."""
    x, y = as_expr(x), as_expr(y)
    return where((x == 0) & (y == y), 0.0, x * log(y))


# --- trigonometric and hyperbolic functions -------------------------------------

_define("sin", 1, "float", lambda g, o, x: (g * cos(x),), math.sin)
_define("cos", 1, "float", lambda g, o, x: (-g * sin(x),), math.cos)
_define("tan", 1, "float", lambda g, o, x: (g * (1 + o * o),), math.tan)
_define("asin", 1, "float", lambda g, o, x: (g * rsqrt(1 - x * x),), math.asin)
_define("acos", 1, "float", lambda g, o, x: (-g * rsqrt(1 - x * x),), math.acos)
_define("atan", 1, "float", lambda g, o, x: (g / (1 + x * x),), math.atan)
_define("sinh", 1, "float", lambda g, o, x: (g * cosh(x),), math.sinh)
_define("cosh", 1, "float", lambda g, o, x: (g * sinh(x),), math.cosh)
_define("tanh", 1, "float", lambda g, o, x: (g * (1 - o * o),), math.tanh)
_define("asinh", 1, "float", lambda g, o, x: (g * rsqrt(x * x + 1),), math.asinh)
_define("acosh", 1, "float", lambda g, o, x: (g * rsqrt(x * x - 1),), math.acosh)
_define("atanh", 1, "float", lambda g, o, x: (g / (1 - x * x),), math.atanh)


def _atan2_rule(g: Expr, out: Expr, y: Expr, x: Expr) -> tuple[Contribution, ...]:
    r2 = x * x + y * y
    # Last, so that zeros keep the sign of the gradient times the operand.
    scale = where(r2 == 0, ZERO, 1 / r2)
    return g * x * scale, g * -y * scale


def _hypot_rule(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Contribution, ...]:
    # The smallest subgradient at the origin is 0.
    zero = out == 0
    return where(zero, ZERO, g * (x / out)), where(zero, ZERO, g * (y / out))


_define("atan2", 2, "float", _atan2_rule, math.atan2)
_define("hypot", 2, "float", _hypot_rule, math.hypot)


def sin(x: Operand) -> Expr:
    """Sine."""
    return _one("sin", x)


def cos(x: Operand) -> Expr:
    """Cosine."""
    return _one("cos", x)


def tan(x: Operand) -> Expr:
    """Tangent."""
    return _one("tan", x)


def asin(x: Operand) -> Expr:
    """Inverse sine."""
    return _one("asin", x)


def acos(x: Operand) -> Expr:
    """Inverse cosine."""
    return _one("acos", x)


def atan(x: Operand) -> Expr:
    """Inverse tangent."""
    return _one("atan", x)


def sinh(x: Operand) -> Expr:
    """Hyperbolic sine."""
    return _one("sinh", x)


def cosh(x: Operand) -> Expr:
    """Hyperbolic cosine."""
    return _one("cosh", x)


def tanh(x: Operand) -> Expr:
    """Hyperbolic tangent."""
    return _one("tanh", x)


def asinh(x: Operand) -> Expr:
    """Inverse hyperbolic sine."""
    return _one("asinh", x)


def acosh(x: Operand) -> Expr:
    """Inverse hyperbolic cosine."""
    return _one("acosh", x)


def atanh(x: Operand) -> Expr:
    """Inverse hyperbolic tangent."""
    return _one("atanh", x)


def atan2(y: Operand, x: Operand) -> Expr:
    """Angle of the point (`x`, `y`)."""
    return _two("atan2", y, x)


def hypot(x: Operand, y: Operand) -> Expr:
    """``sqrt(x * x + y * y)`` without overflow on the way."""
    return _two("hypot", x, y)


# --- error and gamma functions --------------------------------------------------

_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)

_define("erf", 1, "float", lambda g, o, x: (g * (_TWO_OVER_SQRT_PI * exp(-(x * x))),))
_define("erfc", 1, "float", lambda g, o, x: (-g * (_TWO_OVER_SQRT_PI * exp(-(x * x))),))
_define("erfinv", 1, "float", lambda g, o, x: (g * (exp(o * o) / _TWO_OVER_SQRT_PI),))
_define("lgamma", 1, "float", lambda g, o, x: (g * digamma(x),))
_define("digamma", 1, "float", lambda g, o, x: (g * trigamma(x),))
# The derivative by the exponent has no closed form: `derive` refuses it.
_define(
    "zeta", 2, "float", lambda g, o, s, q: (NotImplemented, -g * (s * zeta(s + 1, q)))
)


def erf(x: Operand) -> Expr:
    """Error function."""
    return _one("erf", x)


def erfc(x: Operand) -> Expr:
    """``1 - erf(x)``, exact for large `x`."""
    return _one("erfc", x)


def erfinv(x: Operand) -> Expr:
    """Inverse of the error function."""
    return _one("erfinv", x)


def lgamma(x: Operand) -> Expr:
    """Logarithm of the absolute value of the gamma function."""
    return _one("lgamma", x)


def digamma(x: Operand) -> Expr:
    """Logarithmic derivative of the gamma function."""
    return _one("digamma", x)


def zeta(s: Operand, q: Operand) -> Expr:
    """Hurwitz zeta function, the sum of ``(q + k) ** -s`` over k = 0, 1, ..."""
    return _two("zeta", s, q)


def trigamma(x: Operand) -> Expr:
    """Second derivative of `lgamma`."""
    return polygamma(1, x)


def polygamma(n: int, x: Operand) -> Expr:
    """Take derivative number `n` of `digamma`."""
    if not isinstance(n, int) or n < 0:
        raise ValueError(
            f"[polygamma] the order must be a non-negative integer: got {n=}"
        )
    if n == 0:
        return digamma(x)
    factor = (-1.0) ** (n + 1) * float(math.factorial(n))
    return factor * zeta(float(n + 1), x)


def special(name: str, *args: Operand) -> Expr:
    """Return a special function of SciPy by its name there."""
    from derivo.ir.special import special as build

    return build(name, *args)


__all__ = [
    "E",
    "FUNCTIONS",
    "INF",
    "NAN",
    "PI",
    "ScalarFunction",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cast",
    "ceil",
    "const",
    "copysign",
    "cos",
    "cosh",
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "hypot",
    "isfinite",
    "isinf",
    "isnan",
    "lcm",
    "lgamma",
    "log",
    "log1p",
    "log2",
    "log10",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "nextafter",
    "polygamma",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "rounded",
    "rsqrt",
    "shift_left",
    "shift_right",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "special",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trigamma",
    "trunc",
    "where",
    "xlogy",
    "zeta",
]
