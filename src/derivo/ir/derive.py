"""Derivatives of scalar expressions, as scalar expressions.

`vjp` goes backward (cotangents of outputs to cotangents of inputs), `jvp` forward.
Both give expressions that can be differentiated again. A ``where`` stays a choice all
the way: what the derivative of the side not taken would be, were it NaN or infinite,
does not show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derivo.ir import simplify as s
from derivo.ir.dtypes import FLOATS
from derivo.ir.expr import (
    ZERO,
    Expr,
    Operand,
    as_expr,
    is_const,
    make,
    substitute,
    topological,
)
from derivo.ir.scalar import FUNCTIONS

# A choice inside a choice is differentiated side by side up to this depth; deeper, the
# sides are joined before the derivative is taken (right wherever it is finite).
_DEPTH = 6


Rules = Callable[[str], Callable[..., tuple[Any, ...]] | None]


def _real_rule(op: str) -> Callable[..., tuple[Any, ...]] | None:
    return FUNCTIONS[op].rule


def _active(
    order: Sequence[Expr], wrt: set[Expr], rules: Rules = _real_rule
) -> set[Expr]:
    """Return the nodes through which a change of `wrt` can pass."""
    found = set(wrt)
    for e in order:
        if e in found or not e.args:
            continue
        if e.op == "cast":
            if e.value in FLOATS and e.args[0] in found:
                found.add(e)
        elif rules(e.op) is not None:
            values = e.args[1:] if e.op == "where" else e.args
            if any(a in found for a in values):
                found.add(e)
    return found


def _rule(e: Expr, g: Expr, k: int, rules: Rules) -> Expr:
    """Return the cotangent of argument `k` of `e` for a cotangent `g` of `e`."""
    if e.op == "cast":
        return g
    rule = rules(e.op)
    assert rule is not None
    found: Any = rule(g, e, *e.args)[k]
    if found is None:
        return ZERO
    if found is NotImplemented:
        name = e.op.removeprefix("special:")
        raise NotImplementedError(
            f"[{name}] the derivative for operand {k} is not implemented: it has no "
            "closed form. Detach that operand, or state a derivative yourself with an "
            "autograd.Function."
        )
    return s.simplify(found)[0]


def _has_zero(g: Expr, depth: int = _DEPTH) -> bool:
    if g.op != "where":
        return is_const(g, 0)
    if depth == 0:
        return False
    return any(_has_zero(x, depth - 1) for x in g.args[1:])


def _choose(c: Expr, a: Expr, b: Expr) -> Expr:
    return make("where", c, a, b)


def _through(
    e: Expr, g: Expr, k: int, rules: Rules = _real_rule, depth: int = _DEPTH
) -> Expr:
    """Apply the rule to `g`, on each side of a choice with a zero side apart."""
    if is_const(g, 0):
        return ZERO
    if g.op == "where" and depth and _has_zero(g):
        c, a, b = g.args
        return _choose(
            c,
            _through(e, a, k, rules, depth - 1),
            _through(e, b, k, rules, depth - 1),
        )
    return _rule(e, g, k, rules)


def _terms(g: Expr) -> list[Expr]:
    """Split a sum into choices with a zero side, each apart, and the rest."""
    masked: list[Expr] = []
    rest: Expr = ZERO
    stack = [g]
    while stack:
        x = stack.pop()
        if x.op == "add" and len(masked) < _DEPTH:
            stack += reversed(x.args)
        elif x.op == "where" and _has_zero(x) and len(masked) < _DEPTH:
            masked.append(x)
        else:
            rest = s.add(rest, x)
    return masked if is_const(rest, 0) else [*masked, rest]


def vjp(
    exprs: Sequence[Expr],
    inputs: Sequence[Expr],
    seeds: Sequence[Operand],
    wrt: Sequence[Expr | int] | None = None,
    *,
    outs: Sequence[Expr | None] | None = None,
    rules: Rules = _real_rule,
) -> tuple[Expr, ...]:
    """Return cotangents of inputs, given cotangents of outputs.

    Parameters
    ----------
    exprs : sequence of Expr
        The outputs.
    inputs : sequence of Expr
        The variables that they are functions of.
    seeds : sequence of Expr
        One cotangent per output, usually a variable of its own.
    wrt : sequence of Expr or int, optional
        The inputs (or their positions) to differentiate by; all, if not given.
    outs : sequence of Expr, optional
        Variables that hold the values of the outputs, to be used instead of computing
        those again; None for outputs that are not at hand.
    rules : callable, optional
        Derivative rule of a function by its name; `derivo.ir.complex.rule_of` for
        complex operands.

    Returns
    -------
    tuple of Expr
        One per element of `wrt`; the constant 0 where nothing depends on it.

    Raises
    ------
    NotImplementedError
        If a function has no derivative by an argument that matters.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> from derivo.ir.scalar import sin
    >>> x, y, g = variables("x y g")
    >>> vjp([sin(x) * y], [x, y], [g])
    (g * y * cos(x), g * sin(x))
    """
    if len(seeds) != len(exprs):
        raise ValueError(
            f"[vjp] one seed per output: expected {len(exprs)}, got {len(seeds)}"
        )
    chosen = [
        inputs[w] if isinstance(w, int) else w for w in (inputs if wrt is None else wrt)
    ]
    order = topological(exprs)
    active = _active(order, set(chosen), rules)
    gradient: dict[Expr, Expr] = {}
    for e, seed in zip(exprs, seeds, strict=True):
        gradient[e] = s.add(gradient.get(e, ZERO), as_expr(seed))
    for e in reversed(order):
        g = gradient.get(e)
        if g is None or e not in active or not e.args or is_const(g, 0):
            continue
        if e.op == "where":
            c, a, b = e.args
            for x, part in ((a, _choose(c, g, ZERO)), (b, _choose(c, ZERO, g))):
                if x in active:
                    gradient[x] = s.add(gradient.get(x, ZERO), part)
            continue
        parts = _terms(g)
        for k, a in enumerate(e.args):
            if a not in active:
                continue
            total = gradient.get(a, ZERO)
            for part in parts:
                total = s.add(total, _through(e, part, k, rules))
            gradient[a] = total
    found = s.simplify(*(gradient.get(w, ZERO) for w in chosen))
    if outs is not None:
        known = {
            e: o
            for e, o in zip(exprs, outs, strict=True)
            if o is not None and e.args and e.op not in ("neg",)
        }
        found = substitute(found, known)
    return found


def jvp(
    exprs: Sequence[Expr], inputs: Sequence[Expr], tangents: Sequence[Operand | None]
) -> tuple[Expr, ...]:
    """Return tangents of outputs, given tangents of inputs (None for constants).

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> from derivo.ir.scalar import exp
    >>> x, t = variables("x t")
    >>> jvp([exp(2 * x)], [x], [t])
    (2 * (t * exp(2 * x)),)
    """
    if len(tangents) != len(inputs):
        raise ValueError(
            f"[jvp] one tangent per input: expected {len(inputs)}, got {len(tangents)}"
        )
    tangent = {
        x: as_expr(t) for x, t in zip(inputs, tangents, strict=True) if t is not None
    }
    order = topological(exprs)
    active = _active(order, set(tangent))
    for e in order:
        if e not in active or e in tangent:
            continue
        if e.op == "where":
            c, a, b = e.args
            tangent[e] = _choose(c, tangent.get(a, ZERO), tangent.get(b, ZERO))
            continue
        total: Expr = ZERO
        for k, a in enumerate(e.args):
            t = tangent.get(a)
            if t is None or is_const(t, 0):
                continue
            for part in _terms(t):
                total = s.add(total, _through(e, part, k))
        tangent[e] = total
    return s.simplify(*(tangent.get(e, ZERO) for e in exprs))


def gradient(e: Expr, wrt: Expr) -> Expr:
    """Return the derivative of one expression by one variable.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> (x,) = variables("x")
    >>> gradient(x**3, x)
    3 * x ** 2
    """
    return vjp([e], [wrt], [1])[0]
