# Expressions as people read them.
from __future__ import annotations

import doctest

import pytest

from derivo.ir import derive, formula, program, simplify
from derivo.ir import scalar as S
from derivo.ir.expr import variables

x, y, beta, x1 = variables("x y beta x1")


@pytest.mark.parametrize(
    ("e", "text", "latex"),
    [
        (x + y * 2, "x + 2 * y", r"x + 2 \, y"),
        ((x + y) * 2, "2 * (x + y)", r"2 \, (x + y)"),
        (x - (y - 1), "x - (y - 1)", r"x - (y - 1)"),
        (x / (y / 2), "x / (y / 2)", r"\frac{x}{\frac{y}{2}}"),
        ((-x) ** 2, "(-x) ** 2", r"(-x)^{2}"),
        (-(x**2), "-x ** 2", r"-x^{2}"),
        ((x**y) ** 2, "(x ** y) ** 2", r"(x^{y})^{2}"),
        (x**-y, "x ** -y", r"x^{-y}"),
        (x - -1.5, "x - -1.5", r"x - -1.5"),
        (S.exp(-x), "exp(-x)", r"e^{-x}"),
        (S.sqrt(x1), "sqrt(x1)", r"\sqrt{x_{1}}"),
        (abs(x), "abs(x)", r"\left|x\right|"),
        (S.special("i0", beta), "i0(beta)", r"\operatorname{i0}\left(\beta\right)"),
        (S.cast(x, "int8"), "cast(x, int8)", r"\mathrm{int8}\left(x\right)"),
        (
            S.where(x >= 0, x, 0),
            "where(x >= 0, x, 0)",
            r"\begin{cases} x & \text{if } x \ge 0 \\ 0 & \text{otherwise} "
            r"\end{cases}",
        ),
        ((x > 0) & (y < 1), "(x > 0) & (y < 1)", r"(x > 0) \wedge (y < 1)"),
        (x // 2 % 3, "x // 2 % 3", r"\lfloor \frac{x}{2} \rfloor \bmod 3"),
    ],
)
def test_forms(e, text, latex):
    assert formula.text(e) == text
    assert repr(e) == text
    assert formula.latex(e) == latex


@pytest.mark.parametrize("module", [formula, derive, simplify, program])
def test_examples(module):
    assert doctest.testmod(module).failed == 0


def test_text_reads_back():
    # The text is Python: evaluating it gives the same expression.
    names = {"x": x, "y": y, "beta": beta} | {n: getattr(S, n) for n in S.__all__}
    for e in (
        x - (y - (x - 1)) * -2.5,
        (x / y) / (x * y) ** -beta,
        S.where((x > 0) | (y <= 1), -(-x + y), S.tanh(x) % 3),
        S.log1p(S.exp(beta * x)) / beta,
        ~(x == 1) ^ (y != 2),
    ):
        assert eval(formula.text(e), {}, names) is e
