"""Rewriting expressions as people write them.

For reading only: what this gives has the same value in exact arithmetic, but is not
what the kernels compute. Products become one fraction, repeated factors powers, and
numbers that mean something (ln 2, 2/sqrt(pi)) say so.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from derivo.ir.expr import Expr, const, is_const, make, topological, var

__all__ = ["tidy"]


def _named() -> dict[float, Expr]:
    pi, ln2, ln10 = var(10**6, "pi"), make_log(2), make_log(10)
    root = make_node("sqrt", pi)
    found = {
        math.pi: pi,
        math.log(2): ln2,
        math.log(10): ln10,
        2 / math.sqrt(math.pi): make_node("div", const(2), root),
        1 / math.sqrt(2): make_node("div", const(1), make_node("sqrt", const(2))),
        math.sqrt(2 * math.pi): make_node("sqrt", make_node("mul", const(2), pi)),
        180 / math.pi: make_node("div", const(180), pi),
        math.pi / 180: make_node("div", pi, const(180)),
        math.sqrt(2): make_node("sqrt", const(2)),
    }
    return found


def make_node(op: str, *args: Expr) -> Expr:
    """Build a node that is not folded: sqrt(2) stays what it is."""
    from derivo.ir.expr import _node

    return _node(op, args)


def make_log(n: int) -> Expr:
    """Return the logarithm of a number, unevaluated."""
    return make_node("log", const(n))


def _constant(e: Expr) -> Expr:
    value = e.value
    if type(value) is not float:
        return e
    for number, named in _named().items():
        if math.isclose(abs(value), number, rel_tol=1e-14):
            return named if value > 0 else make_node("neg", named)
    return e


class _Product:
    """A product being collected: a rational number times powers of factors."""

    def __init__(self) -> None:
        self.number: Any = Fraction(1)
        self.powers: dict[Expr, Any] = {}

    def add(self, e: Expr, power: int = 1) -> None:
        if e.op == "mul":
            for a in e.args:
                self.add(a, power)
        elif e.op == "div":
            self.add(e.args[0], power)
            self.add(e.args[1], -power)
        elif e.op == "neg":
            self.number = -self.number
            self.add(e.args[0], power)
        elif e.op == "const" and _rational(e.value) and (power > 0 or e.value != 0):
            self.number *= Fraction(e.value) ** power
        elif e.op == "pow" and e.args[1].op == "const" and _whole(e.args[1].value):
            self.add_factor(e.args[0], int(e.args[1].value) * power)
        elif e.op == "sqrt" and power < 0 and power % 2 == 0:
            self.add_factor(e.args[0], power // 2)
        else:
            self.add_factor(e, power)

    def add_factor(self, e: Expr, power: int) -> None:
        self.powers[e] = self.powers.get(e, 0) + power

    def build(self) -> Expr:
        ordered = sorted(self.powers.items(), key=lambda item: _rank(item[0]))
        above = [_power(e, n) for e, n in ordered if n > 0]
        below = [_power(e, -n) for e, n in ordered if n < 0]
        number = self.number
        negative = number < 0
        number = abs(number)
        if number.numerator != 1 or not above:
            above.insert(0, const(number.numerator))
        if number.denominator != 1:
            below.insert(0, const(number.denominator))
        found = _joined(above)
        if negative:
            found = _negative(found)
        return make_node("div", found, _joined(below)) if below else found


def _rank(e: Expr) -> int:
    """Order of factors: named numbers, variables, functions, sums."""
    if e.op in ("add", "sub"):
        return 3
    if e.op == "var" and e.name != "pi":
        return 1
    numbers = all(a.op == "const" for a in e.args)
    return 0 if numbers or e.name == "pi" else 2


def _rational(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < 10**6
    # Halves, quarters ... and short decimals; others are left as they are written.
    return math.isfinite(value) and Fraction(value).denominator <= 64


def _whole(value: Any) -> bool:
    return not isinstance(value, bool) and float(value).is_integer()


def _power(e: Expr, n: int) -> Expr:
    return e if n == 1 else make_node("pow", e, const(n))


def _joined(factors: list[Expr]) -> Expr:
    found = factors[0]
    for e in factors[1:]:
        found = make_node("mul", found, e)
    return found


def _positive(e: Expr) -> Expr | None:
    """What `e` is the negative of, if it is written with a minus."""
    if e.op == "neg":
        return e.args[0]
    if e.op == "const" and type(e.value) is not bool and e.value < 0:
        return make("neg", e)
    if e.op == "div":
        above = _positive(e.args[0])
        return None if above is None else make_node("div", above, e.args[1])
    return None


def _sum(a: Expr, b: Expr, minus: bool) -> Expr:
    flipped = _positive(b)
    if flipped is not None:
        return _sum(a, flipped, not minus)
    if a.op == "neg" and not minus:
        return make_node("sub", b, a.args[0])
    if a.op in ("add", "sub"):
        first, last = a.args
        same = (a.op == "sub") == minus
        if last.op == "const" and b.op == "const":
            number = last.value + b.value if same else last.value - b.value
            return _sum(first, const(number), a.op == "sub") if number else first
        if last is b:
            twice = _product((const(2), 1), (b, 1))
            return make_node(a.op, first, twice) if same else first
    return make_node("sub" if minus else "add", a, b)


def _logic(op: str, args: list[Expr]) -> Expr | None:
    """Return a condition without constants, if it has one."""
    absorbing = op in ("bitwise_or", "logical_or")
    for e, other in (args, args[::-1]):
        if e.op == "const" and type(e.value) is bool:
            return e if e.value is absorbing else other
    return None


def tidy(root: Expr) -> Expr:
    """Return `root` as one would write it by hand.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> from derivo.ir.scalar import rsqrt
    >>> (x,) = variables("x")
    >>> tidy(0.5 * (x * x) * rsqrt(1 - x * x))
    x ** 2 / (2 * sqrt(1 - x ** 2))
    """
    done: dict[Expr, Expr] = {}
    for e in topological([root]):
        args = [done[a] for a in e.args]
        done[e] = _node(e, args)
    return done[root]


def _node(e: Expr, args: list[Expr]) -> Expr:
    op = e.op
    if op == "const":
        return _constant(e)
    if not args:
        return e
    if op in ("rounded", "cast"):
        return args[0]
    if op == "square":
        return _product((args[0], 2))
    if op == "reciprocal":
        return _product((args[0], -1))
    if op == "rsqrt":
        return _product((make_node("sqrt", args[0]), -1))
    if op == "exp2":
        return make_node("pow", const(2), args[0])
    if op in ("mul", "div", "neg"):
        if op == "neg":
            return _negative(args[0])
        return _product((args[0], 1), (args[1], 1 if op == "mul" else -1))
    if op in ("add", "sub"):
        if is_const(args[0], 0):
            return args[1] if op == "add" else _negative(args[1])
        return _sum(args[0], args[1], op == "sub")
    if op in ("bitwise_and", "bitwise_or", "logical_and", "logical_or"):
        found = _logic(op, args)
        return make(op, *args) if found is None else found
    if op == "where":
        return make(op, *args)
    if op == "pow" and is_const(args[1], 0.5):
        return make_node("sqrt", args[0])
    from derivo.ir.expr import _node as node

    return node(op, tuple(args), e.value)


def _negative(e: Expr) -> Expr:
    if e.op == "neg":
        return e.args[0]
    if e.op == "sub":
        return make_node("sub", e.args[1], e.args[0])
    if e.op in ("mul", "div"):
        # The minus goes to the front: -x / y, and not -(x / y).
        return make_node(e.op, _negative(e.args[0]), e.args[1])
    if e.op == "const" and not isinstance(e.value, bool):
        return make("neg", e)
    return make_node("neg", e)


def _product(*factors: tuple[Expr, int]) -> Expr:
    product = _Product()
    for e, power in factors:
        product.add(e, power)
    return product.build()
