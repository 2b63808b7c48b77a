# Formulas are what one would write by hand.
from __future__ import annotations

import math
import pickle

import pytest

import derivo
import derivo.nn.functional as F
from derivo.ir.expr import variables
from derivo.ir.handwriting import tidy

GOLDEN = {
    "sigmoid": "s * (1 - s)  where s = sigmoid(x)",
    "tanh": "1 - t ** 2  where t = tanh(x)",
    "exp": "y  where y = exp(x)",
    "log": "1 / x",
    "sqrt": "1 / (2 * s)  where s = sqrt(x)",
    "rsqrt": "-r ** 3 / 2  where r = rsqrt(x)",
    "square": "2 * x",
    "reciprocal": "-r ** 2  where r = reciprocal(x)",
    "sin": "cos(x)",
    "cos": "-sin(x)",
    "tan": "1 + t ** 2  where t = tan(x)",
    "asin": "1 / sqrt(1 - x ** 2)",
    "acos": "-1 / sqrt(1 - x ** 2)",
    "atan": "1 / (1 + x ** 2)",
    "sinh": "cosh(x)",
    "cosh": "sinh(x)",
    "asinh": "1 / sqrt(x ** 2 + 1)",
    "acosh": "1 / sqrt(x ** 2 - 1)",
    "atanh": "1 / (1 - x ** 2)",
    "erf": "2 * exp(-x ** 2) / sqrt(pi)",
    "erfc": "-2 * exp(-x ** 2) / sqrt(pi)",
    "abs": "sign(x)",
    "neg": "-1",
    "add": "1",
    "sub": "1",
    "mul": "y",
    "div": "1 / y",
    "log1p": "1 / (x + 1)",
    "expm1": "y + 1  where y = expm1(x)",
    "exp2": "log(2) * y  where y = exp2(x)",
    "log2": "1 / (log(2) * x)",
    "log10": "1 / (log(10) * x)",
    "hypot": "x / h  where h = hypot(x, y)",
    "lgamma": "digamma(x)",
    "digamma": "zeta(2, x)",
    "deg2rad": "pi / 180",
    "rad2deg": "180 / pi",
    "maximum": "where(x == y, 0.5, where(x < y, 0, 1))",
    "where": "where(condition, 1, 0)",
    "clamp": "where((x >= min) & (x <= max), 1, 0)",
    "relu": "where(r <= 0, 0, 1)  where r = relu(x)",
}
SECOND = {
    "sub": "-1",
    "mul": "x",
    "div": "-x / y ** 2",
    "xlogy": "x / y",
    "addcmul": "tensor2 * value",
    "addcdiv": "value / tensor2",
    "hypot": "y / h  where h = hypot(x, y)",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_derivative(name):
    arg = "x" if name == "where" else None
    assert str(getattr(derivo, name).formula.derivative(arg)) == GOLDEN[name]


@pytest.mark.parametrize("name", SECOND)
def test_derivative_by_the_second_operand(name):
    formula = getattr(derivo, name).formula
    second = formula._spec.names[1]
    assert str(formula.derivative(second)) == SECOND[name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sigmoid", "1 / (1 + exp(-x))"),
        ("rsqrt", "1 / sqrt(x)"),
        ("square", "x ** 2"),
        ("exp2", "2 ** x"),
        ("deg2rad", "pi * x / 180"),
        ("addcmul", "x + value * tensor1 * tensor2"),
        ("pow", "x ** y"),
        ("where", "where(condition, x, y)"),
    ],
)
def test_definition(name, text):
    assert getattr(derivo, name).formula.text == text


def test_all_derivatives_of_an_operation():
    assert str(derivo.div.formula) == (
        "div(x, y) = x / y\nd/dx = 1 / y\nd/dy = -x / y ** 2"
    )
    assert str(derivo.gt.formula) == "gt(x, y) = x > y"
    assert repr(derivo.tanh.formula) == "<formula tanh(x) = tanh(x)>"


def test_powers_with_a_number():
    cube = derivo.elementwise(lambda x: x**3)
    assert cube.formula.text == "x ** 3"
    first = cube.formula.derivative()
    assert first.text == "3 * x ** 2"
    assert first.derivative().text == "6 * x"
    power = derivo.elementwise(lambda x, *, n: x**n, name="power")
    assert "n * x ** (n - 1)" in power.formula.derivative().text


def test_higher_derivatives():
    f = derivo.sigmoid.formula.derivative("x").derivative("x")
    assert f.text == "sigmoid(x) * (1 - 2 * sigmoid(x)) * (1 - sigmoid(x))"
    assert derivo.sin.formula.derivative().derivative().derivative().text == "-cos(x)"


@derivo.elementwise
def damped(x, t, *, rate=0.5):
    return derivo.exp(-rate * t) * derivo.sin(x)


@derivo.elementwise
def polar(x, y):
    return derivo.sqrt(x * x + y * y), derivo.atan2(y, x)


def test_of_users_operations():
    assert str(damped.formula) == (
        "damped(x, t, rate) = exp(-rate * t) * sin(x)\n"
        "d/dx = exp(-rate * t) * cos(x)\n"
        "d/dt = -rate * sin(x) * exp(-rate * t)"
    )
    assert polar.formula.text == "sqrt(x ** 2 + y ** 2), atan2(y, x)"
    assert polar.formula.derivative("x", 0).text == "x / sqrt(x ** 2 + y ** 2)"
    assert str(polar.formula).count("\n") == 4


def test_of_nodes():
    x = derivo.tensor([1.0, 2.0], requires_grad=True)
    assert derivo.tanh(x).grad_fn.formula.derivative().text == "1 - t ** 2"
    assert (x * x).grad_fn.formula.text == "x * y"
    assert (
        damped(x, x).grad_fn.formula.derivative("x").text == "exp(-rate * t) * cos(x)"
    )


def test_latex():
    assert derivo.asin.formula.derivative().latex == r"\frac{1}{\sqrt{1 - x^{2}}}"
    assert derivo.erf.formula.derivative().latex == (
        r"\frac{2 \, e^{-x^{2}}}{\sqrt{\pi}}"
    )
    assert derivo.sigmoid.formula.derivative()._repr_latex_() == r"$s \, (1 - s)$"
    shown = derivo.div.formula._repr_latex_()
    assert shown.startswith(
        r"$$\begin{aligned} \operatorname{div}(x, y) &= \frac{x}{y}"
    )
    assert r"\frac{\partial}{\partial y}" in shown


def test_what_has_none():
    for function in (derivo.sum, derivo.matmul, derivo.cat):
        with pytest.raises(AttributeError, match="formula"):
            _ = function.formula
    x = derivo.ones(2, requires_grad=True)
    with pytest.raises(AttributeError, match="formula"):
        _ = x.sum().grad_fn.formula
    with pytest.raises(ValueError, match="no operand 'z': expected one of x, y"):
        derivo.mul.formula.derivative("z")


def test_functional_forms_have_one_too():
    assert F.softsign.formula.derivative().text == "1 / (1 + abs(x)) ** 2"
    assert derivo.Tensor.tanh.formula.text == "tanh(x)"
    assert pickle.loads(pickle.dumps(derivo.tanh)) is derivo.tanh


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: 0.5 * x * x / (y * y) - -x,
        lambda x, y: -(x - y) * (x * y) * x * -2,
        lambda x, y: x + 1 - 3 - y - y + 0.25 / x,
        lambda x, y: -x / (-y * 2) - (x - 1 + 1),
        lambda x, y: math.log(2) * x * math.pi / y**3 * y,
    ],
)
def test_tidying_keeps_the_value(function):
    # A tidied formula is text that Python reads.
    x, y = variables("x y")
    names = {"x": 1.3, "y": 0.7, "pi": math.pi, "log": math.log}
    value = eval(str(tidy(function(x, y))), names)
    assert value == pytest.approx(function(1.3, 0.7), rel=1e-12)


def test_every_elementwise_operation_has_a_formula():
    from derivo.ops._elementwise import REGISTRY
    from derivo.ops._formula import OperationFormula

    for record in REGISTRY.values():
        text = str(OperationFormula(record))
        assert text.startswith(f"{record.name}(")
        assert OperationFormula(record)._repr_latex_()
