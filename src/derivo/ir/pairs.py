"""Complex expressions as pairs of real ones.

`parts` gives, for each expression over complex operands, the expressions of its real
and its imaginary part. Those are ordinary scalar expressions: the generator makes
vector code of them as of any other. The formulas keep their digits near branch points
and do not overflow on the way; at zeros, infinities and NaN they give what C and
PyTorch give.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from derivo.ir import scalar as s
from derivo.ir.complex import REAL_OPS
from derivo.ir.expr import Expr, as_expr, const, make, topological

# (real part, imaginary part); None where the number is real.
Pair = tuple[Expr, Expr | None]
Full = tuple[Expr, Expr]

NOTHING = const(0.0)
_LN2, _LN10 = math.log(2.0), math.log(10.0)
# Beyond, sinh and cosh are equal to the last digit and their squares overflow soon.
_FAR = 20.0


def _full(p: Pair) -> Full:
    return p[0], NOTHING if p[1] is None else p[1]


def _choose(c: Expr, a: Full, b: Full) -> Full:
    return s.where(c, a[0], b[0]), s.where(c, a[1], b[1])


# --- arithmetic -----------------------------------------------------------------


def _add(a: Pair, b: Pair) -> Pair:
    if a[1] is None or b[1] is None:
        return a[0] + b[0], b[1] if a[1] is None else a[1]
    return a[0] + b[0], a[1] + b[1]


def _sub(a: Pair, b: Pair) -> Pair:
    if b[1] is None:
        return a[0] - b[0], a[1]
    return a[0] - b[0], -b[1] if a[1] is None else a[1] - b[1]


def _neg(a: Pair) -> Pair:
    return -a[0], None if a[1] is None else -a[1]


def _mul(a: Pair, b: Pair) -> Pair:
    if a[1] is None or b[1] is None:
        r, z = (a, b) if a[1] is None else (b, a)
        return r[0] * z[0], None if z[1] is None else r[0] * z[1]
    # Rounded before they are added: fused, z * conj(z) would have an imaginary part.
    (x, y), (u, v) = _full(a), _full(b)
    return (
        s.rounded(x * u) - s.rounded(y * v),
        s.rounded(x * v) + s.rounded(y * u),
    )


def _square(a: Pair) -> Pair:
    return _mul(a, a)


def _div(a: Pair, b: Pair) -> Pair:
    if b[1] is None:
        return a[0] / b[0], None if a[1] is None else a[1] / b[0]
    # Smith's: by the larger part of the divisor, so that no square overflows.
    (x, y), (u, v) = _full(a), _full(b)
    wide = s.abs(u) >= s.abs(v)
    large, small = s.where(wide, u, v), s.where(wide, v, u)
    none = (u == 0) & (v == 0)
    ratio = s.where(none, 0.0, small / large)
    scale = 1 / (large + small * ratio)
    p, q = s.where(wide, x, y), s.where(wide, y, x)
    re = (p + q * ratio) * scale
    im = (q - p * ratio) * scale
    size = s.abs(large)
    return (
        s.where(none, x / size, re),
        s.where(none, y / size, s.where(wide, im, -im)),
    )


def _reciprocal(a: Pair) -> Pair:
    return _div((const(1.0), None), a)


# --- parts ----------------------------------------------------------------------


def _abs(a: Pair) -> Pair:
    return (s.abs(a[0]) if a[1] is None else s.hypot(a[0], a[1])), None


def _sign(a: Pair) -> Pair:
    if a[1] is None:
        return s.sign(a[0]), None
    size = s.hypot(a[0], a[1])
    none = size == 0
    return s.where(none, 0.0, a[0] / size), s.where(none, 0.0, a[1] / size)


def _conj(a: Pair) -> Pair:
    return a[0], None if a[1] is None else -a[1]


# --- exponentials, logarithms, roots --------------------------------------------


def _turned(x: Expr, size: Expr, y: Expr) -> Full:
    """Return ``size * exp(i * y)``, where `size` is a power to the exponent `x`."""
    # 0 for exp(-inf) whatever the angle is; no NaN from infinity times 0.
    gone = (x == -s.INF) & s.logical_not(s.isfinite(y))
    re = s.where(gone, 0.0, size * s.cos(y))
    im = s.where(gone, 0.0, s.where(y == 0, y, size * s.sin(y)))
    lost = s.isinf(size) & s.logical_not(s.isfinite(y))
    return s.where(lost, size, re), im


def _exp(a: Pair) -> Pair:
    x, y = _full(a)
    return _turned(x, s.exp(x), y)


def _exp2(a: Pair) -> Pair:
    x, y = _full(a)
    return _turned(x, s.exp2(x), y * _LN2)


def _expm1(a: Pair) -> Pair:
    x, y = _full(a)
    half = s.sin(0.5 * y)
    return (
        s.expm1(x) * s.cos(y) - 2 * half * half,
        s.where(y == 0, y, s.exp(x) * s.sin(y)),
    )


def _log_size(x: Expr, y: Expr) -> Expr:
    """Return ``log(hypot(x, y))``, exact near the unit circle."""
    size = s.hypot(x, y)
    u, v = s.abs(x), s.abs(y)
    large, small = s.maximum(u, v), s.minimum(u, v)
    near = 0.5 * s.log1p((large - 1) * (large + 1) + small * small)
    return s.where((size > 0.5) & (size < 1.5), near, s.log(size))


def _log(a: Pair) -> Full:
    x, y = _full(a)
    return _log_size(x, y), s.atan2(y, x)


def _log_to(base: float) -> Callable[[Pair], Pair]:
    def rule(a: Pair) -> Pair:
        re, im = _log(a)
        return re / base, im / base

    return rule


def _log1p(a: Pair) -> Pair:
    x, y = _full(a)
    more = x + 1
    grown = x * (2 + x) + y * y
    near = s.where(grown == 0, x, 0.5 * s.log1p(grown))
    return (
        s.where(s.hypot(x, y) < 0.5, near, s.log(s.hypot(more, y))),
        s.atan2(y, more),
    )


def _sqrt(a: Pair) -> Full:
    x, y = _full(a)
    # The larger part by a root, the smaller one from 2 * re * im = y.
    root = s.sqrt(0.5 * s.abs(x) + 0.5 * s.hypot(x, y))
    other = s.where(root == 0, y, 0.5 * (y / root))
    right = s.logical_not(x < 0)
    re = s.where(right, root, s.abs(other))
    im = s.where(right, other, s.copysign(root, y))
    far = s.isinf(y)
    return s.where(far, s.INF, re), s.where(far, y, im)


def _rsqrt(a: Pair) -> Pair:
    return _reciprocal(_sqrt(a))


def _pow(a: Pair, b: Pair) -> Pair:
    if a[1] is None and b[1] is None:
        return s.pow(a[0], b[0]), None
    fixed = b[0].value if b[1] is None and b[0].op == "const" else None
    if fixed in (2, 3, 4):
        twice = _mul(a, a)
        return twice if fixed == 2 else _mul(twice, a if fixed == 3 else twice)
    if fixed == 0.5:
        return _sqrt(a)
    if fixed == -0.5:
        return _rsqrt(a)
    if fixed == -1:
        return _reciprocal(a)
    if fixed == -2:
        return _reciprocal(_mul(a, a))
    return _exp(_mul(b, _log(a)))


# --- trigonometric and hyperbolic functions -------------------------------------


def _times_i(a: Pair) -> Full:
    x, y = _full(a)
    return -y, x


def _over_i(a: Pair) -> Full:
    x, y = _full(a)
    return y, -x


def _sin(a: Pair) -> Pair:
    return _over_i(_sinh(_times_i(a)))


def _cos(a: Pair) -> Pair:
    return _cosh(_times_i(a))


def _sinh(a: Pair) -> Full:
    x, y = _full(a)
    return (
        s.where(x == 0, x, s.sinh(x) * s.cos(y)),
        s.where(y == 0, y, s.cosh(x) * s.sin(y)),
    )


def _cosh(a: Pair) -> Pair:
    x, y = _full(a)
    flat = (x == 0) | (y == 0)
    return (
        s.cosh(x) * s.cos(y),
        s.where(flat, s.copysign(0.0, x) * s.copysign(1.0, y), s.sinh(x) * s.sin(y)),
    )


def _tanh(a: Pair) -> Full:
    x, y = _full(a)
    sine, cosine, rise = s.sin(y), s.cos(y), s.sinh(x)
    below = rise * rise + cosine * cosine
    near = s.where(x == 0, x, rise * s.cosh(x) / below), sine * cosine / below
    tail = s.exp(-2 * s.abs(x))
    far = s.copysign(1.0, x), s.where(tail == 0, 0.0, 4 * sine * cosine * tail)
    return _choose(s.abs(x) > _FAR, far, near)


def _tan(a: Pair) -> Pair:
    return _over_i(_tanh(_times_i(a)))


# The inverses are Kahan's: through roots of 1 - z and 1 + z apart, never of 1 - z * z,
# and with the sign of zero telling the side of a branch cut.


def _roots(a: Pair) -> tuple[Full, Full]:
    x, y = _full(a)
    return _sqrt((1 - x, -y)), _sqrt((1 + x, y))


def _corner(a: Pair) -> tuple[Expr, Full]:
    """Tell whether `a` is infinite, and in which direction it lies then."""
    x, y = _full(a)
    far = s.isinf(x) | s.isinf(y)
    one = [
        s.copysign(s.where(s.isinf(t), 1.0, s.where(t == t, 0.0, t)), t) for t in (x, y)
    ]
    return far, (one[0], one[1])


def _asin(a: Pair) -> Full:
    x, y = _full(a)
    (p, q), (u, v) = _roots(a)
    far, (right, up) = _corner(a)
    return _choose(
        far,
        (s.atan2(right, s.abs(up)), s.copysign(s.INF, y)),
        (s.atan2(x, p * u - q * v), s.asinh(p * v - q * u)),
    )


def _acos(a: Pair) -> Full:
    _, y = _full(a)
    (p, q), (u, v) = _roots(a)
    far, (right, up) = _corner(a)
    return _choose(
        far,
        (s.atan2(s.abs(up), right), -s.copysign(s.INF, y)),
        (2 * s.atan2(p, u), s.asinh(u * q - v * p)),
    )


def _acosh(a: Pair) -> Pair:
    x, y = _full(a)
    (p, q), (u, v) = _sqrt((x - 1, y)), _sqrt((x + 1, y))
    far, (right, up) = _corner(a)
    return _choose(
        far,
        (const(s.INF), s.atan2(up, right)),
        (s.asinh(p * u + q * v), 2 * s.atan2(q, u)),
    )


def _asinh(a: Pair) -> Pair:
    return _over_i(_asin(_times_i(a)))


def _atanh(a: Pair) -> Full:
    x, y = _full(a)
    u = s.abs(x)
    less = 1 - u
    re = 0.25 * s.log1p(4 * u / (less * less + y * y))
    im = 0.5 * s.atan2(2 * y, less * (1 + u) - y * y)
    # Far out the squares overflow; what is left is 1 / z and a quarter turn.
    size = s.hypot(x, y)
    rest = s.where(s.isinf(size), 0.0, u / size / size)
    return _choose(
        size > 1e15,
        (s.copysign(rest, x), s.copysign(math.pi / 2, y)),
        (s.copysign(re, x), im),
    )


def _atan(a: Pair) -> Pair:
    return _over_i(_atanh(_times_i(a)))


# --- truth ----------------------------------------------------------------------


def _eq(a: Pair, b: Pair) -> Expr:
    (x, y), (u, v) = _full(a), _full(b)
    return (x == u) & (y == v)


def _ne(a: Pair, b: Pair) -> Expr:
    (x, y), (u, v) = _full(a), _full(b)
    return (x != u) | (y != v)


def _truth(a: Pair) -> Expr:
    if a[1] is None:
        return a[0]
    return s.logical_or(a[0], a[1])


def _either(op: str) -> Callable[[Pair], Expr]:
    def rule(a: Pair) -> Expr:
        x, y = _full(a)
        return make(op, x) | make(op, y)

    return rule


def _is_finite(a: Pair) -> Expr:
    x, y = _full(a)
    return s.isfinite(x) & s.isfinite(y)


def _ordered(op: str) -> Callable[[Pair, Pair], Expr]:
    # Of complex numbers only conditions inside a derivative are compared (a positive
    # exponent): by the real parts.
    return lambda a, b: make(op, a[0], b[0])


_TRUTH: dict[str, Callable[..., Expr]] = {
    "eq": _eq,
    "ne": _ne,
    **{op: _ordered(op) for op in ("lt", "le", "gt", "ge")},
    "isnan": _either("isnan"),
    "isinf": _either("isinf"),
    "isfinite": _is_finite,
    "logical_not": lambda a: s.logical_not(_truth(a)),
    **{
        op: lambda a, b, op=op: make(op, _truth(a), _truth(b))
        for op in ("logical_and", "logical_or", "logical_xor")
    },
}
_PARTS: dict[str, Callable[..., Pair]] = {
    "add": _add,
    "sub": _sub,
    "neg": _neg,
    "mul": _mul,
    "square": _square,
    "div": _div,
    "reciprocal": _reciprocal,
    "abs": _abs,
    "sign": _sign,
    "conj": _conj,
    "real": lambda a: (a[0], None),
    "imag": lambda a: (_full(a)[1], None),
    "complex": lambda a, b: (a[0], b[0]),
    "rounded": lambda a: (s.rounded(a[0]), None if a[1] is None else s.rounded(a[1])),
    "exp": _exp,
    "exp2": _exp2,
    "expm1": _expm1,
    "log": _log,
    "log2": _log_to(_LN2),
    "log10": _log_to(_LN10),
    "log1p": _log1p,
    "sqrt": _sqrt,
    "rsqrt": _rsqrt,
    "pow": _pow,
    "sin": _sin,
    "cos": _cos,
    "tan": _tan,
    "asin": _asin,
    "acos": _acos,
    "atan": _atan,
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "asinh": _asinh,
    "acosh": _acosh,
    "atanh": _atanh,
}
# Not left to the real function where the operands happen to be real.
_ALWAYS = frozenset({"conj", "real", "imag", "complex"})


def _node(e: Expr, args: Sequence[Pair]) -> Pair:
    if e.op == "where":
        c = _truth(args[0])
        a, b = args[1:]
        if a[1] is None and b[1] is None:
            return s.where(c, a[0], b[0]), None
        return _choose(c, _full(a), _full(b))
    if e.op == "cast":
        re, im = args[0]
        return s.cast(re, e.value), None if im is None else s.cast(im, e.value)
    if e.op not in _ALWAYS and all(im is None for _, im in args):
        return make(e.op, *(re for re, _ in args), value=e.value), None
    truth = _TRUTH.get(e.op)
    if truth is not None:
        return truth(*args), None
    rule = _PARTS.get(e.op)
    if rule is None:
        raise TypeError(
            f"[{e.op}] is not defined for complex numbers: take real and imaginary "
            "parts, or the absolute value, first."
        )
    return rule(*args)


def parts(exprs: Sequence[Expr], operands: Mapping[Expr, Pair]) -> tuple[Pair, ...]:
    """Return real and imaginary part of expressions over complex operands.

    Parameters
    ----------
    exprs : sequence of Expr
        May use the functions of `derivo.ir.complex`.
    operands : mapping of Expr to pair of Expr
        The parts of each variable; None as the second for one that is real.

    Returns
    -------
    tuple of pairs
        The second is None where the result is real whatever the operands are.

    Raises
    ------
    TypeError
        If a function has no meaning for complex numbers.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> z, x, y = variables("z x y")
    >>> parts([2 * z], {z: (x, y)})
    ((2 * x, 2 * y),)
    """
    done: dict[Expr, Pair] = {}
    for e in topological(exprs):
        if e.op == "var":
            done[e] = operands[e]
        elif e.op == "const":
            done[e] = (e, None)
        else:
            done[e] = _node(e, [done[a] for a in e.args])
    return tuple(done[as_expr(e)] for e in exprs)


__all__ = ["REAL_OPS", "Pair", "parts"]
