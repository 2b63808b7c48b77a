"""What complex numbers add to the scalar language: four functions, and their rules.

An expression over complex operands is differentiated by the same rules as over real
ones. Of a function ``f`` that is analytic with real coefficients, the gradient is
``g * conj(f'(z))``, and ``conj(f'(z))`` is ``f'(conj(z))``: so a rule of
`derivo.ir.scalar` is handed the conjugates of what it reads (see `rule_of`). Functions
that are not analytic, or whose derivative lies on another branch, have a rule of
their own here. Gradients are PyTorch's: ``dL/dx + i dL/dy``, so that a step against
the gradient goes downhill.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivo.ir import scalar as s
from derivo.ir.expr import _IDENTITIES, TRUTH_OPS, ZERO, Expr, Operand, as_expr, make
from derivo.ir.scalar import FUNCTIONS, Rule, ScalarFunction

# Real whatever their operands are.
REAL_OPS = frozenset({"abs", "real", "imag", "atan2", "hypot"}) | TRUTH_OPS

for _name, _arity in (("conj", 1), ("real", 1), ("imag", 1), ("complex", 2)):
    # No rule: over real operands these functions do not occur.
    FUNCTIONS[_name] = ScalarFunction(_name, _arity, "arith", None)


def _conj(a: Expr) -> Expr | None:
    if a.op == "conj":
        return a.args[0]
    return a if a.op == "const" or a.op in REAL_OPS else None


def _real(a: Expr) -> Expr | None:
    return a if a.op == "const" or a.op in REAL_OPS else None


_IDENTITIES["conj"] = _conj
_IDENTITIES["real"] = _real


def conj(z: Operand) -> Expr:
    """Conjugate of `z`."""
    return make("conj", as_expr(z))


def real(z: Operand) -> Expr:
    """Real part of `z`."""
    return make("real", as_expr(z))


def imag(z: Operand) -> Expr:
    """Imaginary part of `z`."""
    return make("imag", as_expr(z))


def complex_(x: Operand, y: Operand) -> Expr:
    """Build the number with these parts."""
    return make("complex", as_expr(x), as_expr(y))


def _sgn_rule(g: Expr, out: Expr, z: Expr) -> tuple[Any, ...]:
    # What points away from the origin does not turn; the smallest subgradient at 0.
    size = s.abs(z)
    across = g - real(g * conj(out)) * out
    return (s.where(size == 0, ZERO, across / size),)


def _acosh_rule(g: Expr, out: Expr, z: Expr) -> tuple[Any, ...]:
    w = conj(z)
    # Not rsqrt(w * w - 1), which is of the other sign in half of the plane.
    return (g * (s.rsqrt(w + 1) * s.rsqrt(w - 1)),)


RULES: dict[str, Rule] = {
    "abs": lambda g, o, z: (real(g) * s.sign(z),),
    "sign": _sgn_rule,
    "conj": lambda g, o, z: (conj(g),),
    "real": lambda g, o, z: (real(g),),
    "imag": lambda g, o, z: (complex_(0, real(g)),),
    "complex": lambda g, o, x, y: (real(g), imag(g)),
    "acosh": _acosh_rule,
}


def _of_conjugates(rule: Rule) -> Rule:
    def conjugated(g: Expr, out: Expr, *args: Expr) -> tuple[Any, ...]:
        return rule(g, conj(out), *map(conj, args))

    return conjugated


def rule_of(op: str) -> Callable[..., tuple[Any, ...]] | None:
    """Return the derivative rule of a function of complex numbers."""
    own = RULES.get(op)
    if own is not None:
        return own
    rule = FUNCTIONS[op].rule
    return None if rule is None else _of_conjugates(rule)


__all__ = ["REAL_OPS", "RULES", "complex_", "conj", "imag", "real", "rule_of"]
