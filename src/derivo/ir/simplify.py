"""Rewriting expressions into simpler ones with the same value.

The rules keep values up to rounding and the sign of zeros; none drops a NaN or an
infinity. They are meant for derivatives, which are full of ones, zeros and signs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from derivo.ir.expr import Expr, const, is_const, make, substitute, topological


def _is_number(e: Expr) -> bool:
    return e.op == "const" and type(e.value) is not bool


def _scaled(e: Expr) -> tuple[float | int, Expr] | None:
    """Split ``c * x``."""
    if e.op == "mul" and _is_number(e.args[0]):
        return e.args[0].value, e.args[1]
    return None


def _finite(value: float) -> bool:
    return math.isfinite(value) and (value == 0 or 1e-30 < abs(value) < 1e30)


def _scale(factor: float, x: Expr) -> Expr:
    return mul(const(factor), x)


def add(a: Expr, b: Expr) -> Expr:
    """Return ``a + b``."""
    if is_const(a, 0):
        return b
    if is_const(b, 0):
        return a
    if b.op == "neg":
        return sub(a, b.args[0])
    if a.op == "neg":
        return sub(b, a.args[0])
    if a.op == "where" and b.op == "where" and a.args[0] is b.args[0]:
        c, a1, a0 = a.args
        _, b1, b0 = b.args
        # Only where nothing has to be added is the choice joined.
        if (is_const(a1, 0) or is_const(b1, 0)) and (
            is_const(a0, 0) or is_const(b0, 0)
        ):
            return make("where", c, add(a1, b1), add(a0, b0))
        if is_const(a0, 0) and is_const(b0, 0):
            return make("where", c, add(a1, b1), a0)
    if a is b:
        return _scale(2, a)
    return make("add", a, b)


def sub(a: Expr, b: Expr) -> Expr:
    """Return ``a - b``."""
    if is_const(b, 0):
        return a
    if is_const(a, 0):
        return neg(b)
    if b.op == "neg":
        return add(a, b.args[0])
    if a.op == "neg":
        return neg(add(a.args[0], b))
    scaled = _scaled(b)
    if scaled and scaled[0] < 0:
        return add(a, _scale(-scaled[0], scaled[1]))
    return make("sub", a, b)


def neg(a: Expr) -> Expr:
    """Return ``-a``."""
    if a.op == "neg":
        return a.args[0]
    if a.op == "sub":
        return make("sub", a.args[1], a.args[0])
    scaled = _scaled(a)
    if scaled:
        return _scale(-scaled[0], scaled[1])
    if a.op == "where" and any(is_const(x, 0) for x in a.args[1:]):
        c, x, y = a.args
        return make(
            "where", c, x if is_const(x, 0) else neg(x), y if is_const(y, 0) else neg(y)
        )
    return make("neg", a)


def mul(a: Expr, b: Expr) -> Expr:
    """Return ``a * b``."""
    if a.op == "neg":
        return neg(mul(a.args[0], b))
    if b.op == "neg":
        return neg(mul(a, b.args[0]))
    if _is_number(b) and not _is_number(a):
        a, b = b, a
    if _is_number(a):
        if a.value == 1:
            return b
        if a.value == -1:
            return neg(b)
        inner = _scaled(b)
        if inner and _finite(inner[0]) and _finite(a.value):
            return _scale(a.value * inner[0], inner[1])
        if b.op == "div" and _is_number(b.args[0]) and _finite(b.args[0].value):
            return div(const(a.value * b.args[0].value), b.args[1])
        return make("mul", a, b)
    # Constants travel to the front.
    left, right = _scaled(a), _scaled(b)
    if left and _finite(left[0]):
        return _scale(left[0], mul(left[1], b))
    if right and _finite(right[0]):
        return _scale(right[0], mul(a, right[1]))
    if b.op == "div" and is_const(b.args[0], 1):
        return div(a, b.args[1])
    if a.op == "div" and is_const(a.args[0], 1):
        return div(b, a.args[1])
    return make("mul", a, b)


def div(a: Expr, b: Expr) -> Expr:
    """Return ``a / b``."""
    if is_const(b, 1):
        return a
    if a.op == "neg":
        return neg(div(a.args[0], b))
    if b.op == "neg":
        return neg(div(a, b.args[0]))
    if _is_number(b) and b.value != 0:
        # Exact when the divisor is a power of two.
        if abs(math.frexp(b.value)[0]) == 0.5 and _finite(b.value):
            return mul(const(1.0 / b.value), a)
    elif not _is_number(a):
        scaled = _scaled(a)
        if scaled and _finite(scaled[0]):
            return _scale(scaled[0], div(scaled[1], b))
    scaled = _scaled(b)
    if scaled and not _is_number(a) and scaled[0] != 0 and _finite(scaled[0]):
        inverse = 1.0 / scaled[0]
        if abs(math.frexp(scaled[0])[0]) == 0.5:
            return _scale(inverse, div(a, scaled[1]))
    return make("div", a, b)


def _power(a: Expr, b: Expr) -> Expr:
    if is_const(b, 0):
        return const(1)
    return make("pow", a, b)


_RULES: dict[str, Callable[..., Expr]] = {
    "add": add,
    "sub": sub,
    "neg": neg,
    "mul": mul,
    "div": div,
    "pow": _power,
}


def node(e: Expr, args: Sequence[Expr]) -> Expr:
    """Return node `e` with other (simple) arguments, simplified at its top."""
    rule = _RULES.get(e.op)
    if rule is not None:
        return rule(*args)
    return make(e.op, *args, value=e.value)


def simplify(*roots: Expr) -> tuple[Expr, ...]:
    """Return simpler expressions with the values of `roots`.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> x, g = variables("x g")
    >>> simplify(-(-2 * x) * (g * 1) + 0)
    (2 * (x * g),)
    """
    done: dict[Expr, Expr] = {}
    for e in topological(roots):
        done[e] = node(e, [done[a] for a in e.args]) if e.args else e
    return tuple(done[r] for r in roots)


__all__ = ["add", "div", "mul", "neg", "node", "simplify", "sub", "substitute"]
