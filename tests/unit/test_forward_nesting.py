"""Forward mode together with the other transforms."""

from __future__ import annotations

import pytest

import derivo as torch
from derivo.func import grad, hessian, jacfwd, jacrev, jvp, linearize, vmap
from derivo.testing import assert_close

F64 = torch.float64
X = torch.tensor([1.0, 2.0, 3.0], dtype=F64)
T = torch.tensor([1.0, 0.5, -1.0], dtype=F64)


def cubic(y):
    return (y**3).sum() * y[0]


# d2 of (a^3 + b^3 + c^3) a at (1, 2, 3).
HESSIAN = torch.tensor(
    [[12.0, 12.0, 27.0], [12.0, 12.0, 0.0], [27.0, 0.0, 18.0]], dtype=F64
)


@pytest.mark.parametrize(
    "second",
    [
        hessian(cubic),
        jacfwd(jacfwd(cubic)),
        jacfwd(jacrev(cubic)),
        jacrev(jacfwd(cubic)),
        jacfwd(grad(cubic)),
    ],
    ids=["hessian", "fwd fwd", "fwd rev", "rev fwd", "fwd grad"],
)
def test_second_derivatives(second):
    assert_close(second(X), HESSIAN)


def test_hessian_times_a_vector():
    want = HESSIAN @ T
    assert_close(jvp(grad(cubic), (X,), (T,))[1], want)
    assert_close(jvp(jacrev(cubic), (X,), (T,))[1], want)
    assert_close(grad(lambda y: jvp(cubic, (y,), (T,))[1])(X), want)


def test_vmap_of_jvp_is_a_loop():
    xs, ts = torch.stack([X, 2 * X]), torch.stack([T, T])

    def one(x, t):
        return jvp(lambda y: y.sin() * y.sum(), (x,), (t,))[1]

    want = torch.stack([one(x, t) for x, t in zip(xs, ts, strict=True)])
    assert_close(vmap(one)(xs, ts), want)
    assert_close(jvp(vmap(lambda y: y.sin() * y.sum()), (xs,), (ts,))[1], want)


def test_vmap_of_a_jacobian():
    xs = torch.stack([X, 2 * X])

    def f(y):
        return (y[:, None] * y).softmax(0) @ y

    want = torch.stack([jacrev(f)(x) for x in xs])
    assert_close(vmap(jacfwd(f))(xs), want)


def test_vmap_of_a_linear_map():
    _, along = linearize(lambda y: y.sin() * y, X)
    ts = torch.stack([T, 2 * T])
    want = torch.stack([along(t) for t in ts])
    assert_close(vmap(along)(ts), want)


def test_jacfwd_of_trees():
    x, y = X[:2], X
    made = jacfwd(lambda x, y: (x[:, None] * y, {"s": y.sum()}), argnums=(0, 1))(x, y)
    (by_x, by_y), sums = made[0], made[1]["s"]
    assert by_x.shape == (2, 3, 2)
    assert_close(by_x[1, :, 1], y)
    assert_close(by_y[1, 2], torch.tensor([0.0, 0.0, 2.0], dtype=F64))
    assert_close(sums[0], torch.zeros(2, dtype=F64))
    assert_close(sums[1], torch.ones(3, dtype=F64))


def test_jacfwd_with_aux():
    made, aux = jacfwd(lambda x: (x.sum(), x * 3), has_aux=True)(X)
    assert_close(made, torch.ones(3, dtype=F64))
    assert_close(aux, 3 * X)


@pytest.mark.parametrize(
    ("argnums", "match"),
    [
        (2, "Got argnum=2, but only 1 positional inputs"),
        ((), "argnums must be non-empty"),
        ((0, 0), "argnums elements must be unique"),
        (1.5, "argnums must be int or Tuple"),
    ],
)
def test_jacfwd_refuses(argnums, match):
    with pytest.raises(RuntimeError, match=match):
        jacfwd(lambda x: x, argnums=argnums)(X)


def test_jacfwd_refuses_integers():
    with pytest.raises(ValueError, match="Expected primal to be floating point"):
        jacfwd(lambda x: x)(X.long())


def test_no_confusion_across_transforms():
    # d/dx [x * d/dy (x * y)] = 2x: by grad inside jvp, and by jvp inside grad.
    one = torch.ones((), dtype=F64)
    x = torch.tensor(3.0, dtype=F64)
    inner_grad = lambda x: x * grad(lambda y: x * y)(one)  # noqa: E731
    inner_jvp = lambda x: x * jvp(lambda y: x * y, (one,), (one,))[1]  # noqa: E731
    assert_close(jvp(inner_grad, (x,), (one,))[1], 2 * x)
    assert_close(grad(inner_jvp)(x), 2 * x)
