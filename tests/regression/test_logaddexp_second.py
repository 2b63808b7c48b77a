# The second derivative of logaddexp was zero where its arguments are equal.

import math

import pytest

import derivo


@pytest.mark.parametrize(("name", "want"), [("logaddexp", 1.0), ("logaddexp2", None)])
def test_second_derivative_at_equal_arguments(name, want):
    x = derivo.tensor([1.0], dtype=derivo.float64, requires_grad=True)
    y = derivo.tensor([1.0], dtype=derivo.float64)
    out = getattr(derivo, name)(x, y)
    (g,) = derivo.autograd.grad(out.sum(), x, create_graph=True)
    (h,) = derivo.autograd.grad(g.sum(), x)
    scale = math.log(2) if want is None else want
    assert h.item() == pytest.approx(scale / 4, rel=1e-14)
