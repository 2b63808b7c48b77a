"""Expressions that call operations whose derivative is stated.

A definition may use an operation that has a definition and a derivative of its own
(softplus, whose formula overflows where its derivative does not). To read it is to
build the node ``call:N:name``, so that `derive` finds the stated rule; before a kernel
is made, `expand` puts the definition in its place.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from derivo.ir.expr import Expr, make, substitute, topological
from derivo.ir.scalar import FUNCTIONS, ScalarFunction

__all__ = ["call", "define", "expand"]

_numbers = itertools.count()
_bodies: dict[str, Callable[[], tuple[tuple[Expr, ...], Expr]]] = {}


def define(
    name: str, arity: int, body: Callable[[], tuple[tuple[Expr, ...], Expr]], rule: Any
) -> str:
    """Make a node kind; `body` gives its variables and what it stands for."""
    op = f"call:{next(_numbers)}:{name}"
    FUNCTIONS[op] = ScalarFunction(op, arity, "float", rule)
    _bodies[op] = body
    return op


def call(op: str, args: Sequence[Expr]) -> Expr:
    """Return the node that calls what `define` made."""
    return make(op, *args)


def expand(roots: Sequence[Expr]) -> tuple[Expr, ...]:
    """Put definitions in the place of calls."""
    order = topological(roots)
    if not any(e.op in _bodies for e in order):
        return tuple(roots)
    done: dict[Expr, Expr] = {}
    for e in order:
        args = tuple(done[a] for a in e.args)
        if e.op in _bodies:
            variables, body = _bodies[e.op]()
            (done[e],) = substitute([body], dict(zip(variables, args, strict=True)))
        elif not args or all(x is y for x, y in zip(args, e.args, strict=True)):
            done[e] = e
        else:
            done[e] = make(e.op, *args, value=e.value)
    return tuple(done[r] for r in roots)
