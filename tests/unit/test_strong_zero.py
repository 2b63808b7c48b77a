# A zero gradient that stays zero, whatever the local derivative is.
from __future__ import annotations

import math
import threading

import pytest

import derivo
from derivo.autograd import grad, strong_zero

D = derivo.float64


def leaf(*values):
    return derivo.tensor(values, dtype=D, requires_grad=True)


ELEMENTWISE = {
    "sqrt": (lambda x: x.sqrt(), 0.0),
    "log": (lambda x: x.log(), 0.0),
    "pow": (lambda x: x**0.5, 0.0),
    "rsqrt": (lambda x: x.rsqrt(), 0.0),
    "acos": (lambda x: x.acos(), 1.0),
    "div": (lambda x: 1 / x, 0.0),
    "broadcast": (lambda x: (x / derivo.zeros(3, 1, dtype=D)).sum(0), 0.0),
    "users": (derivo.elementwise(lambda x: derivo.sqrt(x) * 2), 0.0),
    "atanh": (lambda x: x.atanh(), 1.0),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name):
    f, at = ELEMENTWISE[name]
    x = leaf(at, 0.5)
    loss = derivo.where(derivo.tensor([False, name != "broadcast"]), f(x), 0).sum()
    (plain,) = grad(loss, x, retain_graph=True)
    assert not math.isfinite(plain[0].item())
    with strong_zero():
        (g,) = grad(loss, x, create_graph=True)
    assert g[0].item() == 0.0
    if name != "broadcast":
        assert g[1].item() == plain[1].item()


def test_off_again_afterwards_and_as_a_decorator():
    x = leaf(0.0)

    @strong_zero()
    def run():
        return grad((x.sqrt() * 0).sum(), x)[0].item()

    assert run() == 0.0
    assert math.isnan(grad((x.sqrt() * 0).sum(), x)[0].item())
    with strong_zero(), strong_zero():
        pass
    assert math.isnan(grad((x.sqrt() * 0).sum(), x)[0].item())


def test_other_threads_are_left_alone():
    x = leaf(0.0)
    seen = []

    def other():
        seen.append(grad((x.sqrt() * 0).sum(), x)[0].item())

    with strong_zero():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert math.isnan(seen[0])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_other_dtypes(dtype):
    x = derivo.tensor([0.0, 4.0], dtype=getattr(derivo, dtype), requires_grad=True)
    mask = derivo.tensor([0.0, 1.0], dtype=x.dtype)
    with strong_zero():
        (x.sqrt() * mask).sum().backward()
    assert x.grad.dtype == x.dtype
    assert x.grad.tolist() == [0.0, 0.25]


def test_finite_gradients_do_not_change():
    x = leaf(0.3, 0.5, 1.7)
    y = leaf(1.0, 2.0, 3.0)
    loss = ((x * y).sin() / (x + y).sqrt() + x.softmax(0) @ y).sum()
    plain = grad(loss, (x, y), retain_graph=True)
    with strong_zero():
        strong = grad(loss, (x, y))
    for a, b in zip(plain, strong, strict=True):
        assert a.tolist() == b.tolist()


def test_a_nan_that_comes_in_stays():
    x = leaf(4.0, 9.0)
    with strong_zero():
        (g,) = grad(x.sqrt(), x, derivo.tensor([math.nan, 0.0], dtype=D))
    assert math.isnan(g[0].item())
    assert g[1].item() == 0.0


def test_several_results():
    f = derivo.elementwise(lambda x: (derivo.sqrt(x), x * x))
    x = leaf(0.0, 4.0)
    first, second = f(x)
    with strong_zero():
        (g,) = grad((first, second), x, (derivo.tensor([0.0, 1.0]).double(),) * 2)
    assert g.tolist() == [0.0, 8.25]


def test_many_operands():
    # More gradients than fit in one kernel.
    f = derivo.elementwise(
        lambda a, b, c, d, e, f, g: derivo.sqrt(a * b * c * d * e * f * g)
    )
    xs = [leaf(0.0, 1.0) for _ in range(7)]
    with strong_zero():
        gs = grad((f(*xs) * derivo.tensor([0.0, 1.0])).sum(), xs)
    assert [g.tolist() for g in gs] == [[0.0, 0.5]] * 7


def test_reductions():
    x = derivo.tensor([[0.0, 0.0, 0.0], [3.0, 0.0, 4.0]], dtype=D, requires_grad=True)
    y = x.norm(p=0.5, dim=1)
    weight = derivo.tensor([0.0, 1.0], dtype=D)
    (plain,) = grad((y * weight).sum(), x, retain_graph=True)
    with strong_zero():
        (g,) = grad((y * weight).sum(), x)
    assert g[0].tolist() == [0.0, 0.0, 0.0]
    assert g[1, 0].item() == plain[1, 0].item()


def test_functions_whose_gradient_is_all_zero():
    class Bad(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g * math.inf

    x = leaf(1.0, 2.0)
    with strong_zero():
        (g,) = grad((Bad.apply(x) * 0).sum(), x)
    assert g.tolist() == [0.0, 0.0]
