# Definitions that cannot be read are refused at the user's line, with what to write.
from __future__ import annotations

import math
import traceback

import numpy as np
import pytest

import derivo
from derivo import elementwise
from derivo.errors import DerivoError, TraceError

WEIGHT = derivo.ones(3)


def branch(x):
    y = x * 2
    if y > 0:
        return y
    return -y


def loop(x):
    total = 0
    for item in x:
        total += item
    return total


def drop(x):
    x + 1


REFUSED = {
    "if": (branch, r"no truth value.*where\(condition, a, b\)"),
    "and": (lambda x: (x > 0) and (x < 1), r"no truth value.*& \| ~"),
    "not": (lambda x: not x, "no truth value"),
    "chained": (lambda x: 0 < x < 1, "chained comparison"),
    "conditional": (lambda x: x if x else 0, "conditional expression"),
    "float": (lambda x: float(x), "no Python number"),
    "int": (lambda x: int(x), "no Python number"),
    "range": (lambda x: sum(range(x)), r"no Python number.*range\(4\)"),
    "loop": (loop, "no elements"),
    "index": (lambda x: x[0], "no elements"),
    "len": (lambda x: len(x), "no elements"),
    "unpack": (lambda x: next(iter(x)), "no elements"),
    "numpy": (lambda x: np.exp(x), r"derivo\.exp for numpy\.exp"),
    "numpy array": (lambda x: np.asarray(x), r"derivo\.exp for numpy\.exp"),
    "tensor": (lambda x: x * WEIGHT, "a tensor is among its constants"),
    "tensor first": (lambda x: WEIGHT * x, "a tensor is among its constants"),
    "tensor in call": (
        lambda x: derivo.maximum(WEIGHT, x),
        "a tensor is among its constants",
    ),
    "reduction": (lambda x: derivo.sum(x), "function of whole tensors"),
    "method": (lambda x: x.sum(), r"x\.sum.*Reduce the result"),
    "item": (lambda x: x.item(), r"x\.item.*no Python value"),
    "shape": (lambda x: x.shape[0] * x, r"x\.shape.*outside"),
    "unknown": (lambda x: x.foo, "no attribute 'foo'"),
    "matmul": (lambda x: derivo.matmul(x, x), "function of whole tensors"),
    "in place": (lambda x: derivo.exp_(x), "(in place|whole tensors)"),
    "math": (lambda x: math.gcd(x, 2), r"math\.gcd works on Python numbers only"),
    "min key": (lambda x: min(x, 1, key=abs), "neither key nor default"),
    "digits": (lambda x: round(x, 2), r"round\(x \* 10\*\*n\)"),
    "text": (lambda x: "y", "it returns str"),
    "captured result": (lambda x: WEIGHT, "it returns Tensor"),
    "nothing": (drop, "returns None"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    body, message = REFUSED[name]
    with pytest.raises(TraceError, match=f"(?s){message}") as caught:
        elementwise(body)(derivo.ones(2))
    assert isinstance(caught.value, (DerivoError, TypeError))
    assert len(str(caught.value)) < 700


def test_the_line_is_named_and_the_traceback_ends_there():
    line = branch.__code__.co_firstlineno + 2
    with pytest.raises(TraceError, match="if y > 0") as caught:
        elementwise(branch)(derivo.ones(2))
    assert caught.value.filename == __file__
    assert caught.value.lineno == line
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert (__file__, line) in [(f.filename, f.lineno) for f in frames]


def test_the_line_of_a_helper_is_named():
    with pytest.raises(TraceError, match="if y > 0") as caught:
        elementwise(lambda x: branch(x) + 1)(derivo.ones(2))
    assert caught.value.lineno == branch.__code__.co_firstlineno + 2


def test_errors_of_the_definition_itself_pass():
    with pytest.raises(ZeroDivisionError):
        elementwise(lambda x: x + 1 // 0)(derivo.ones(1))
    with pytest.raises(NameError):
        elementwise(lambda x: x + undefined_name)(derivo.ones(1))  # noqa: F821


def test_a_refused_stated_derivative():
    op = elementwise(lambda x: x)
    op.derivative(lambda g, x, out: g if x > 0 else 0)
    with pytest.raises(TraceError, match=r"lambda\.derivative.*no truth value"):
        op(derivo.ones(2, requires_grad=True))


def test_signatures_that_mean_nothing():
    with pytest.raises(TraceError, match=r"takes \*args"):
        elementwise(lambda *xs: xs[0])
    with pytest.raises(TraceError, match="has no operand"):
        elementwise(lambda x=1.0: x)
    with pytest.raises(TraceError, match="expected a number, got str"):
        elementwise(lambda x, mode="a": x)
    with pytest.raises(TraceError, match="expected a Python function, got"):
        elementwise(math.sin)
    with pytest.raises(ValueError, match="unknown promotion"):
        elementwise(promote="up")


def test_too_many_operands():
    with pytest.raises(TraceError, match=r"at most 10 operands.*got 11"):
        elementwise(lambda a, b, c, d, e, f, g, h, i, j: a)(*[1.0] * 10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, x: f(), "missing arguments: x"),
        (lambda f, x: f(x, 1, 2), "takes 2 positional arguments but 3"),
        (lambda f, x: f(x, z=1), "unexpected keyword argument 'z'"),
        (lambda f, x: f(x, x=x), "multiple values for argument 'x'"),
        (lambda f, x: f(x, k=x), "parameter 'k' must be a number, not Tensor"),
        (lambda f, x: f("a"), "must be Tensor"),
        (lambda f, x: f(x, "a"), "must be Tensor or Number, not str"),
    ],
)
def test_wrong_calls(call, message):
    op = elementwise(lambda x, k=1.0: x * k)
    with pytest.raises(TypeError, match=message):
        call(op, derivo.ones(2))


def test_shapes_that_do_not_fit():
    with pytest.raises(RuntimeError, match="must match the size of tensor b"):
        elementwise(lambda x, y: x + y)(derivo.ones(2), derivo.ones(3))
