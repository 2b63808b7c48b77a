"""Transforms in one another: who sees which derivative."""

from __future__ import annotations

import math

import pytest

import derivo
from derivo.func import grad, grad_and_value, jacrev, vjp, vmap

F64 = derivo.float64


def cube(x):
    return (x**3).sum()


def close(a, b, tol=1e-12):
    assert a.shape == b.shape
    assert float((a - b).abs().max()) <= tol if a.numel() else True


@pytest.fixture
def x():
    derivo.manual_seed(0)
    return derivo.randn(5, 3, dtype=F64)


def test_grad(x):
    close(grad(cube)(x), 3 * x**2)


def test_grad_of_grad():
    assert grad(grad(lambda x: x**3))(derivo.tensor(2.0)).item() == 12


def test_three_grads():
    f = grad(grad(grad(derivo.sin)))
    assert f(derivo.tensor(0.5, dtype=F64)).item() == pytest.approx(-math.cos(0.5))


def test_vmap_of_grad(x):
    close(vmap(grad(cube))(x), 3 * x**2)


def test_grad_of_vmap(x):
    close(grad(lambda x: vmap(cube)(x).sum())(x), 3 * x**2)


def test_vmap_of_vmap(x):
    f = vmap(vmap(lambda a: a.exp()))
    close(f(x), x.exp())


def test_grad_of_vmap_of_grad(x):
    f = grad(lambda x: vmap(grad(cube))(x).sum())
    close(f(x), 6 * x)


def test_vmap_of_grad_of_vmap(x):
    f = vmap(grad(lambda r: vmap(lambda a: a**3)(r).sum()))
    close(f(x), 3 * x**2)


def test_vmap_of_grad_of_grad(x):
    f = vmap(vmap(grad(grad(lambda a: a**3))))
    close(f(x), 6 * x)


def test_captured_plain(x):
    w = derivo.arange(1.0, 4.0, dtype=F64)
    close(vmap(grad(lambda r: (w * r**2).sum()))(x), 2 * w * x)


def test_captured_batched(x):
    def outer(r):
        return grad(lambda s: (r * s).sum())(r.detach() * 2)

    close(vmap(outer)(x), x)


def test_captured_that_requires_grad(x):
    w = derivo.arange(1.0, 4.0, dtype=F64).requires_grad_()
    out = vmap(grad(lambda r: (w * r**2).sum()))(x)
    assert out.requires_grad
    (g,) = derivo.autograd.grad(out.sum(), w)
    close(g, 2 * x.sum(0))
    assert w.grad is None


def test_argument_that_requires_grad(x):
    x.requires_grad_()
    out = grad(cube)(x)
    assert out.requires_grad
    out.sum().backward()
    close(x.grad, 6 * x.detach())


def test_plain_result_has_no_graph(x):
    assert not grad(cube)(x).requires_grad
    assert not vmap(grad(cube))(x).requires_grad


def test_grad_attribute_stays(x):
    x.requires_grad_()
    grad(cube)(x)
    assert x.grad is None


def test_constant_gradient_has_no_graph():
    # The loss depends on w, the gradient by x does not.
    w = derivo.ones(3, requires_grad=True)
    out = grad(lambda x: (x**2).sum() + w.sum())(derivo.ones(3))
    assert not out.requires_grad


def test_outer_no_grad_is_ignored(x):
    with derivo.no_grad():
        close(grad(cube)(x), 3 * x**2)


def test_outer_no_grad_leaves_no_graph(x):
    x.requires_grad_()
    with derivo.no_grad():
        assert not grad(cube)(x).requires_grad


def test_inner_no_grad_is_honoured():
    def f(x):
        with derivo.no_grad():
            c = x**2
        return (x * c).sum()

    x = derivo.tensor([1.0, 2.0])
    close(grad(f)(x), x**2)
    close(vmap(grad(f))(x.unsqueeze(1)).squeeze(1), x**2)


def test_inner_no_grad_does_not_hide_from_outer():
    def f(x):
        with derivo.no_grad():
            c = x**2
        return x * c

    x = derivo.tensor([3.0])
    out = grad(lambda x: vmap(grad(f))(x).sum())(x)
    close(out, 2 * x)


def test_no_grad_inside_vmap(x):
    x.requires_grad_()

    def f(r):
        with derivo.no_grad():
            return r * 2

    assert not vmap(f)(x).requires_grad
    assert vmap(lambda r: r * 2)(x).requires_grad


def test_per_sample_gradients(x):
    w = derivo.randn(3, 2, dtype=F64)
    b = derivo.randn(2, dtype=F64)

    def loss(params, r):
        w, b = params
        return ((r @ w + b).tanh() ** 2).sum()

    gw, gb = vmap(grad(loss), (None, 0))((w, b), x)
    for i in range(5):
        ew, eb = grad(loss)((w, b), x[i])
        close(gw[i], ew)
        close(gb[i], eb)


def test_per_sample_gradients_against_backward(x):
    w = derivo.randn(3, 4, dtype=F64, requires_grad=True)
    found = vmap(grad(lambda w, r: (r @ w).sigmoid().sum()), (None, 0))(w.detach(), x)
    (x @ w).sigmoid().sum().backward()
    close(found.sum(0), w.grad)


def test_ensemble(x):
    ws = derivo.randn(4, 3, 2, dtype=F64)
    found = vmap(lambda w, x: x @ w, (0, None))(ws, x)
    close(found, derivo.stack([x @ w for w in ws]))


def test_gradients_of_an_ensemble(x):
    ws = derivo.randn(4, 3, 2, dtype=F64)
    f = vmap(grad(lambda w, x: (x @ w).tanh().sum()), (0, None))
    expected = [grad(lambda w: (x @ w).tanh().sum())(w) for w in ws]
    close(f(ws, x), derivo.stack(expected))


def test_jacrev_is_diagonal():
    x = derivo.tensor([1.0, 2.0], dtype=F64)
    close(jacrev(derivo.sin)(x), derivo.diag(x.cos()))


def test_jacrev_of_jacrev():
    x = derivo.tensor([1.0, 2.0], dtype=F64)
    close(jacrev(jacrev(cube))(x), derivo.diag(6 * x))


def test_jacrev_of_grad():
    x = derivo.tensor([1.0, 2.0], dtype=F64)
    close(jacrev(grad(cube))(x), derivo.diag(6 * x))


def test_vmap_of_jacrev(x):
    close(vmap(jacrev(derivo.sin))(x), derivo.diag_embed(x.cos()))


def test_vmap_of_hessian(x):
    close(vmap(jacrev(jacrev(cube)))(x), derivo.diag_embed(6 * x))


def test_third_derivative():
    x = derivo.tensor([1.0, 2.0], dtype=F64)
    found = jacrev(jacrev(jacrev(lambda x: (x**4).sum())))(x)
    assert found.shape == (2, 2, 2)
    assert found[0, 0, 0] == 24
    assert found[1, 1, 1] == 48
    assert found.sum() == 72


def test_vjp_of_vmap(x):
    out, pull = vjp(vmap(cube), x)
    close(out, (x**3).sum(1))
    (g,) = pull(derivo.ones(5, dtype=F64))
    close(g, 3 * x**2)


def test_vmap_over_vjp(x):
    _, pull = vjp(derivo.sin, x[0])
    (rows,) = vmap(pull)(derivo.eye(3, dtype=F64))
    close(rows, derivo.diag(x[0].cos()))


def test_vjp_inside_vmap(x):
    def f(r):
        out, pull = vjp(derivo.exp, r)
        return pull(out)[0]

    close(vmap(f)(x), x.exp() ** 2)


def test_grad_and_value_in_vmap(x):
    g, v = vmap(grad_and_value(cube))(x)
    close(g, 3 * x**2)
    close(v, (x**3).sum(1))


def test_in_place_in_vmap_of_grad(x):
    def f(r):
        y = r.clone()
        y[0] = r[1] ** 2
        y.mul_(r)
        return y.sum()

    expected = derivo.stack([grad(f)(r) for r in x])
    close(vmap(grad(f))(x), expected)


def test_views_in_vmap_of_grad(x):
    def f(r):
        y = r.clone()
        part = y[1:]
        part *= r[:-1]
        return (y**2).sum()

    expected = derivo.stack([grad(f)(r) for r in x])
    close(vmap(grad(f))(x), expected)


def test_different_levels_do_not_mix(x):
    # The inner gradient must not see the dependence of c on x.
    def outer(x):
        return grad(lambda y: (y * x).sum())(x.detach()).sum()

    close(grad(outer)(x), derivo.ones_like(x))


# ------------------------------------------------------------ a Jacobian of one row


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_jacobian_of_one_element_has_the_shape_of_any_other(shape):
    x, y = derivo.tensor([1.0, 2.0, 3.0]), derivo.tensor([[0.5], [2.0]])

    def f(p, c):
        return {"out": ((p["x"] ** 3).sum() * c.prod()).reshape(shape)}, "aux"

    made, aux = jacrev(f, argnums=(0, 1), has_aux=True)({"x": x}, y)
    assert aux == "aux"
    by_x, by_y = made["out"]
    assert by_x["x"].shape == (*shape, 3)
    assert by_y.shape == (*shape, 2, 1)
    assert by_x["x"].flatten().tolist() == (3 * x**2).tolist()
    assert by_y.flatten().tolist() == [72.0, 18.0]


def test_jacobian_of_one_element_that_depends_on_nothing():
    made = jacrev(lambda x: derivo.ones(1))(derivo.ones(2, dtype=derivo.float64))
    assert made.shape == (1, 2)
    assert made.dtype is derivo.float64
    assert made.tolist() == [[0.0, 0.0]]


def test_jacobian_of_one_element_in_other_transforms():
    xs = derivo.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=derivo.float64)

    def f(x):
        return (x**3).sum()

    each = vmap(jacrev(f))(xs)
    assert each.tolist() == (3 * xs**2).tolist()
    hessians = vmap(derivo.func.hessian(f))(xs)
    assert hessians.tolist() == [[[6, 0], [0, 12]], [[18, 0], [0, 24]]]
    third = derivo.func.jacfwd(derivo.func.hessian(f))(xs[0])
    assert third.tolist() == [[[6, 0], [0, 0]], [[0, 0], [0, 6]]]
    twice = jacrev(jacrev(f))(xs[0])
    assert twice.tolist() == [[6, 0], [0, 12]]
    leaf = xs[0].clone().requires_grad_()
    jacrev(f)(leaf).sum().backward()
    assert leaf.grad.tolist() == [6.0, 12.0]
    with derivo.no_grad():
        assert not jacrev(f)(leaf).requires_grad
