# jacobian, hessian and their products with vectors, against formulas.
from __future__ import annotations

import math

import pytest

import derivo
from derivo.autograd import functional as F


def vector(*numbers):
    return derivo.tensor(numbers, dtype=derivo.float64)


X = (0.5, -1.0, 2.0)
V = (1.0, 2.0, 3.0)


def test_jacobian_of_an_elementwise_function_is_diagonal():
    j = F.jacobian(lambda t: t**3, vector(*X))
    expected = [[3 * v * v * (r == c) for c, v in enumerate(X)] for r in range(3)]
    assert j.tolist() == expected


@pytest.mark.parametrize(
    ("rows", "function"),
    [((), lambda t: (t * t).sum()), ((1,), lambda t: (t * t).sum(0, keepdim=True))],
)
def test_jacobian_has_the_shape_of_output_and_input(rows, function):
    j = F.jacobian(function, vector(*X))
    assert tuple(j.shape) == (*rows, 3)
    assert j.reshape(-1).tolist() == [2 * v for v in X]


def test_jacobian_of_matrices():
    x = derivo.arange(4, dtype=derivo.float64).reshape(2, 2)
    j = F.jacobian(lambda t: t.t(), x)
    assert tuple(j.shape) == (2, 2, 2, 2)
    for a in range(2):
        for b in range(2):
            assert j[a, b].tolist() == [
                [float((r, c) == (b, a)) for c in range(2)] for r in range(2)
            ]


def test_jacobian_of_several_inputs_and_outputs():
    a, b = vector(2.0, 3.0), vector(5.0)
    (oa, ob), (pa, pb) = F.jacobian(lambda s, t: (s * t, s.sum() + t), (a, b))
    assert oa.tolist() == [[5.0, 0.0], [0.0, 5.0]]
    assert ob.tolist() == [[2.0], [3.0]]
    assert pa.tolist() == [[1.0, 1.0]]
    assert pb.tolist() == [[1.0]]


def test_jacobian_leaves_nothing_behind():
    x = vector(*X).requires_grad_()
    j = F.jacobian(lambda t: t.exp(), x)
    assert not j.requires_grad
    assert x.grad is None


def test_jacobian_that_is_recorded():
    x = vector(*X).requires_grad_()
    F.jacobian(lambda t: t**3, x, create_graph=True).sum().backward()
    assert x.grad.tolist() == [6 * v for v in X]


def test_functions_that_do_not_depend_on_their_input():
    def constant(t):
        return derivo.ones(2, dtype=derivo.float64)

    assert F.jacobian(constant, vector(*X)).tolist() == [[0.0] * 3] * 2
    with pytest.raises(RuntimeError, match="strict mode"):
        F.jacobian(constant, vector(*X), strict=True)
    unused = F.jacobian(lambda s, t: s * 2, (vector(1.0), vector(*X)))
    assert unused[1].tolist() == [[0.0] * 3]
    with pytest.raises(RuntimeError, match="is independent of input 1"):
        F.jacobian(lambda s, t: s * 2, (vector(1.0), vector(*X)), strict=True)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: F.jacobian(lambda t: 3, vector(1.0)), TypeError, "must be either a T"),
        (lambda: F.jacobian(lambda t: t, 3), TypeError, "must be either a Tensor"),
        (lambda: F.hessian(lambda t: t, vector(*X)), RuntimeError, "single element"),
        (
            lambda: F.hessian(lambda t: (t.sum(), t.sum()), vector(*X)),
            RuntimeError,
            "single Tensor",
        ),
        (
            lambda: F.vjp(lambda t: t.exp(), vector(*X)),
            RuntimeError,
            "vector v can only be None",
        ),
        (
            lambda: F.vjp(lambda t: t.exp(), vector(*X), vector(1.0)),
            RuntimeError,
            "has invalid size",
        ),
        (
            lambda: F.jvp(lambda t: t.exp(), vector(*X)),
            RuntimeError,
            "vector v can only be None",
        ),
        (
            lambda: F.hvp(lambda t: t**2, vector(*X), vector(*V)),
            RuntimeError,
            "single element",
        ),
        (
            lambda: F.vhp(lambda t: t.sum(), vector(*X), vector(*V), strict=True),
            RuntimeError,
            "strict mode|independent",
        ),
    ],
)
def test_refusals(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_hessian():
    # of x0 x1^2 + x2^3
    h = F.hessian(lambda t: t[0] * t[1] ** 2 + t[2] ** 3, vector(*X))
    x0, x1, x2 = X
    assert h.tolist() == [[0, 2 * x1, 0], [2 * x1, 2 * x0, 0], [0, 0, 6 * x2]]


def test_hessian_of_several_inputs_has_blocks():
    a, b = vector(2.0, 3.0), vector(5.0)
    (aa, ab), (ba, bb) = F.hessian(lambda s, t: (s * s * t).sum(), (a, b))
    assert aa.tolist() == [[10.0, 0.0], [0.0, 10.0]]
    assert ab.tolist() == [[4.0], [6.0]]
    assert ba.tolist() == [[4.0, 6.0]]
    assert bb.tolist() == [[0.0]]


def test_hessian_of_a_linear_function_is_zero():
    assert F.hessian(lambda t: t.sum(), vector(*X)).tolist() == [[0.0] * 3] * 3


def test_vjp_and_jvp_multiply_from_the_two_sides():
    m = derivo.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=derivo.float64)
    out, left = F.vjp(lambda t: m @ t, vector(*X), vector(1.0, -1.0))
    assert out.tolist() == (m @ vector(*X)).tolist()
    assert left.tolist() == [-3.0, -3.0, -3.0]
    out, right = F.jvp(lambda t: m @ t, vector(*X), vector(*V))
    assert right.tolist() == [14.0, 32.0]
    assert not out.requires_grad
    assert not right.requires_grad


def test_jvp_of_several():
    out, t = F.jvp(
        lambda a, b: (a * b, a.exp()),
        (vector(2.0), vector(3.0)),
        (vector(1.0), vector(10.0)),
    )
    assert [o.item() for o in out] == [6.0, pytest.approx(math.exp(2))]
    assert [o.item() for o in t] == [23.0, pytest.approx(math.exp(2))]


@pytest.mark.parametrize("product", [F.hvp, F.vhp])
def test_products_with_the_hessian(product):
    value, made = product(lambda t: (t**3).sum(), vector(*X), vector(*V))
    assert value.item() == sum(v**3 for v in X)
    assert made.tolist() == [6 * x * v for x, v in zip(X, V, strict=True)]
    _, zero = product(lambda t: t.sum(), vector(*X), vector(*V))
    assert zero.tolist() == [0.0] * 3


def test_products_that_are_recorded():
    x = vector(*X).requires_grad_()
    _, made = F.vhp(lambda t: (t**3).sum(), x, vector(*V), create_graph=True)
    made.sum().backward()
    assert x.grad.tolist() == [6 * v for v in V]
    x.grad = None
    _, made = F.jvp(lambda t: t**3, x, vector(*V), create_graph=True)
    made.sum().backward()
    assert x.grad.tolist() == [6 * a * v for a, v in zip(X, V, strict=True)]
