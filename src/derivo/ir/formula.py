"""Expressions as text and as LaTeX, for people."""

from __future__ import annotations

import math
from collections.abc import Callable

from derivo.ir.expr import Expr, topological

_INFIX = {
    "add": ("+", 6),
    "sub": ("-", 6),
    "mul": ("*", 7),
    "div": ("/", 7),
    "floor_divide": ("//", 7),
    "remainder": ("%", 7),
    "pow": ("**", 9),
    "lt": ("<", 2),
    "le": ("<=", 2),
    "gt": (">", 2),
    "ge": (">=", 2),
    "eq": ("==", 2),
    "ne": ("!=", 2),
    "bitwise_and": ("&", 4),
    "bitwise_xor": ("^", 3.5),
    "bitwise_or": ("|", 3),
    "shift_left": ("<<", 5),
    "shift_right": (">>", 5),
}
_NEG = 8
_ATOM = 10


def _number(value: object) -> str:
    if isinstance(value, float):
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        if math.isnan(value):
            return "nan"
        if value.is_integer() and abs(value) < 1e15:
            return repr(int(value)) if math.copysign(1, value) > 0 or value else "-0.0"
        return f"{value:.12g}"
    return repr(value)


def _fold(
    root: Expr,
    atom: Callable[[Expr], tuple[str, float]],
    node: Callable[[Expr, list[tuple[str, float]]], tuple[str, float]],
) -> str:
    done: dict[Expr, tuple[str, float]] = {}
    for e in topological([root]):
        done[e] = node(e, [done[a] for a in e.args]) if e.args else atom(e)
    return done[root][0]


def _wrap(part: tuple[str, float], level: float) -> str:
    return part[0] if part[1] >= level else f"({part[0]})"


def _text_atom(e: Expr) -> tuple[str, float]:
    if e.op == "var":
        return e.name, _ATOM
    s = _number(e.value)
    return s, _NEG if s.startswith("-") else _ATOM


def _text_node(e: Expr, parts: list[tuple[str, float]]) -> tuple[str, float]:
    if e.op in _INFIX:
        sign, level = _INFIX[e.op]
        a, b = parts
        if e.op == "pow":
            return f"{_wrap(a, level + 0.5)} ** {_wrap(b, _NEG)}", level
        return f"{_wrap(a, level)} {sign} {_wrap(b, level + 0.5)}", level
    if e.op in ("neg", "bitwise_not"):
        return ("-" if e.op == "neg" else "~") + _wrap(parts[0], _NEG), _NEG
    inner = ", ".join(p[0] for p in parts)
    if e.op == "cast":
        return f"cast({inner}, {e.value})", _ATOM
    return f"{e.op.rpartition(':')[2]}({inner})", _ATOM


def text(root: Expr) -> str:
    """Return `root` as one line of Python-like text.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> from derivo.ir.scalar import log1p, exp
    >>> x, beta = variables("x beta")
    >>> text(log1p(exp(beta * x)) / beta)
    'log1p(exp(beta * x)) / beta'
    """
    return _fold(root, _text_atom, _text_node)


_GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa"}
    | {"lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi"}
    | {"omega"}
)
_LATEX_NAMES = {
    "exp": r"\exp",
    "log": r"\log",
    "sin": r"\sin",
    "cos": r"\cos",
    "tan": r"\tan",
    "sinh": r"\sinh",
    "cosh": r"\cosh",
    "tanh": r"\tanh",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "minimum": r"\min",
    "maximum": r"\max",
    "lgamma": r"\log\Gamma",
    "digamma": r"\psi",
    "zeta": r"\zeta",
}
_LATEX_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": r"\,",
    "lt": "<",
    "le": r"\le",
    "gt": ">",
    "ge": r"\ge",
    "eq": "=",
    "ne": r"\ne",
    "remainder": r"\bmod",
    "bitwise_and": r"\wedge",
    "bitwise_or": r"\vee",
    "bitwise_xor": r"\oplus",
    "shift_left": r"\ll",
    "shift_right": r"\gg",
}


def _latex_atom(e: Expr) -> tuple[str, float]:
    if e.op == "var":
        name = e.name
        if name in _GREEK:
            return "\\" + name, _ATOM
        stem = name.rstrip("0123456789")
        if stem and stem != name:
            return f"{stem}_{{{name[len(stem) :]}}}", _ATOM
        if len(name) > 1:
            return rf"\mathrm{{{name}}}".replace("_", r"\_"), _ATOM
        return name, _ATOM
    s = _number(e.value)
    s = s.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    return s, _NEG if s.startswith("-") else _ATOM


def _latex_node(e: Expr, parts: list[tuple[str, float]]) -> tuple[str, float]:
    op = e.op
    if op == "div":
        return rf"\frac{{{parts[0][0]}}}{{{parts[1][0]}}}", _ATOM
    if op == "pow":
        return f"{_wrap(parts[0], _ATOM)}^{{{parts[1][0]}}}", 9
    if op == "square":
        return f"{_wrap(parts[0], _ATOM)}^{{2}}", 9
    if op == "reciprocal":
        return rf"\frac{{1}}{{{parts[0][0]}}}", _ATOM
    if op == "sqrt":
        return rf"\sqrt{{{parts[0][0]}}}", _ATOM
    if op == "rsqrt":
        return rf"\frac{{1}}{{\sqrt{{{parts[0][0]}}}}}", _ATOM
    if op == "abs":
        return rf"\left|{parts[0][0]}\right|", _ATOM
    if op == "exp":
        return f"e^{{{parts[0][0]}}}", 9
    if op in ("floor", "ceil"):
        return rf"\l{op} {parts[0][0]} \r{op}", _ATOM
    if op == "floor_divide":
        return rf"\lfloor \frac{{{parts[0][0]}}}{{{parts[1][0]}}} \rfloor", _ATOM
    if op == "neg":
        return "-" + _wrap(parts[0], _NEG), _NEG
    if op == "where":
        c, yes, no = (p[0] for p in parts)
        rows = rf"{yes} & \text{{if }} {c} \\ {no} & \text{{otherwise}}"
        return rf"\begin{{cases}} {rows} \end{{cases}}", _ATOM
    if op in _LATEX_INFIX:
        level = _INFIX[op][1]
        a, b = parts
        sign = _LATEX_INFIX[op]
        return f"{_wrap(a, level)} {sign} {_wrap(b, level + 0.5)}", level
    inner = ", ".join(p[0] for p in parts)
    if op == "cast":
        return rf"\mathrm{{{e.value}}}\left({inner}\right)", _ATOM
    plain = op.rpartition(":")[2].replace("_", r"\_")
    name = _LATEX_NAMES.get(op, rf"\operatorname{{{plain}}}")
    return rf"{name}\left({inner}\right)", _ATOM


def latex(root: Expr) -> str:
    r"""Return `root` as LaTeX.

    Examples
    --------
    >>> from derivo.ir.expr import variables
    >>> x, y = variables("x y")
    >>> print(latex((x + 1) / y))
    \frac{x + 1}{y}
    """
    return _fold(root, _latex_atom, _latex_node)
