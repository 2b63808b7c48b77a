"""Forward mode through a user's autograd.Function."""

from __future__ import annotations

import pytest

import derivo as torch
from derivo.autograd import Function
from derivo.autograd import forward_ad as fw
from derivo.func import jvp
from derivo.testing import assert_close


def f64(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


class Product(Function):
    """x * y * k, with a context of the usual kind."""

    seen: list[object] = []  # noqa: RUF012

    @staticmethod
    def forward(ctx, x, y, k):
        ctx.save_for_forward(x, y)
        ctx.save_for_backward(x, y)
        ctx.k = k
        return x * y * k

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * y * ctx.k, g * x * ctx.k, None

    @staticmethod
    def jvp(ctx, tx, ty, tk):
        x, y = ctx.saved_tensors
        Product.seen = [tx, ty, tk, fw.unpack_dual(x).tangent]
        return tx * y * ctx.k + x * ty * ctx.k


class Cube(Function):
    """x ** 3 with a deliberately wrong derivative (4), to see that it is used."""

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_forward(*inputs)
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 4 * g * x * x

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return 4 * t * x * x


@pytest.fixture
def dual():
    with fw.dual_level():
        yield fw.make_dual(f64(1.0, 2.0), f64(1.0, 0.5))


def tangent(t):
    return fw.unpack_dual(t).tangent


def test_jvp_is_called(dual):
    y = f64(3.0, 4.0)
    out = Product.apply(dual, y, 2)
    assert_close(tangent(out), f64(6.0, 4.0))
    tx, ty, tk, inner = Product.seen
    assert_close(tx, f64(1.0, 0.5))
    assert_close(ty, f64(0.0, 0.0))
    assert tk is None
    assert inner is None


def test_both_operands(dual):
    assert_close(tangent(Product.apply(dual, dual, 1)), f64(2.0, 2.0))


def test_without_materialized_tangents(dual):
    class Once(Product):
        @staticmethod
        def forward(ctx, x, y, k):
            ctx.set_materialize_grads(False)
            return x * y * k

        @staticmethod
        def jvp(ctx, tx, ty, tk):
            assert ty is None
            return tx * 7

    assert_close(tangent(Once.apply(dual, f64(1.0, 1.0), 1)), f64(7.0, 3.5))


def test_the_backward_pass_goes_with_it():
    x = f64(1.0, 2.0).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, f64(1.0, 0.5))
        out = Product.apply(d, d, 1)
        (g,) = torch.autograd.grad(out.sum(), x, create_graph=True)
        (h,) = torch.autograd.grad(tangent(out).sum(), x)
        assert_close(tangent(g).detach(), f64(2.0, 1.0))
    assert_close(g.detach(), f64(2.0, 4.0))
    assert_close(h, f64(2.0, 1.0))


def test_no_jvp_is_refused(dual):
    class Plain(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    with pytest.raises(NotImplementedError, match="must implement the jvp function"):
        Plain.apply(dual)
    assert_close(tangent(dual), f64(1.0, 0.5))


@pytest.mark.parametrize(
    ("made", "match"),
    [
        (lambda t: 3, r"expected Variable or None \(got int\)"),
        (lambda t: (t, t), "invalid number of forward gradients"),
        (lambda t: torch.ones(3), "different size"),
    ],
)
def test_what_jvp_may_not_return(dual, made, match):
    class Odd(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def jvp(ctx, t):
            return made(t)

    with pytest.raises(RuntimeError, match=match):
        Odd.apply(dual)


def test_several_results(dual):
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, 5, x.long()

        @staticmethod
        def jvp(ctx, t):
            return t * 2, None, None

    a, five, n = Two.apply(dual)
    assert five == 5
    assert tangent(n) is None
    assert_close(tangent(a), f64(2.0, 1.0))


def test_in_place(dual):
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def jvp(ctx, t):
            return t.mul_(2)

    class Fresh(Double):
        @staticmethod
        def jvp(ctx, t):
            return t * 2

    with pytest.raises(RuntimeError, match="not modifying the forward mode gradients"):
        Fresh.apply(dual.clone())
    y = Double.apply(dual)
    assert_close(tangent(y), f64(2.0, 1.0))


def test_views(dual):
    class Column(Function):
        @staticmethod
        def forward(ctx, x):
            return x.view(2, 1)

        @staticmethod
        def jvp(ctx, t):
            return t.view(2, 1)

    class Copied(Column):
        @staticmethod
        def jvp(ctx, t):
            return t.view(2, 1) * 1

    assert_close(tangent(Column.apply(dual)), f64(1.0, 0.5).view(2, 1))
    with pytest.raises(RuntimeError, match="jvp is not returning a view"):
        Copied.apply(dual)


def test_the_transform_needs_setup_context():
    x = f64(1.0)
    with pytest.raises(RuntimeError, match="must override the setup_context"):
        jvp(lambda x: Product.apply(x, x, 1), (x,), (x,))


def test_levels_nest():
    x, one = f64(2.0), f64(1.0)
    first = lambda x: jvp(Cube.apply, (x,), (one,))[1]  # noqa: E731
    assert_close(first(x), f64(16.0))
    # The derivative of 4 x^2, in which Cube is not used any more.
    assert_close(jvp(first, (x,), (one,))[1], f64(16.0))


def test_a_gradient_under_a_jvp():
    x, one = f64(2.0), f64(1.0)

    def gradient(x):
        x = x * 1
        x.requires_grad_()
        return torch.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)[0]

    assert_close(jvp(gradient, (x,), (one,))[1].detach(), f64(16.0))


def test_nothing_changes_without_a_level():
    x = f64(2.0)
    assert_close(Cube.apply(x), f64(8.0))
    with fw.dual_level():
        assert tangent(Cube.apply(x)) is None
