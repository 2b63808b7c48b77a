# Roots, fixed points and linear systems inside every transform and nesting of
# transforms: as the closed form of what the equation defines.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo.func import grad, hessian, jacfwd, jacrev, jvp, vmap
from tests.unit.test_stated_transforms import TRANSFORMS

F64 = derivo.float64
MATRIX = derivo.tensor([[3.0, 1.0, 0.0], [1.0, 4.0, 1.0], [0.5, 1.0, 5.0]], dtype=F64)
INVERSE = derivo.tensor(np.linalg.inv(np.array(MATRIX.tolist())).tolist(), dtype=F64)
EYE = derivo.eye(3, dtype=F64)


def newton(f, x):
    # By an inner backward pass.
    for _ in range(30):
        x = x.detach().requires_grad_()
        with derivo.enable_grad():
            y = f(x)
            total = y.sum()
        x = x - y / derivo.autograd.grad(total, x)[0]
    return x


def newton_by_jvp(f, x):
    for _ in range(8):
        y, slope = jvp(f, (x,), (derivo.ones_like(x),))
        x = x - y / slope
    return x


def by_hand(matvec, b):
    # A user's solver: Richardson's iteration, far too long.
    x = b * 0
    for _ in range(200):
        x = x + 0.15 * (b - matvec(x))
    return x


def cross(u, v):
    a, b, c = u
    d, e, f = v
    return derivo.stack([b * f - c * e, c * d - a * f, a * e - b * d])


def solved(a, b):
    # Three unknowns, by the adjugate.
    u, v, w = a
    columns = [cross(v, w), cross(w, u), cross(u, v)]
    return derivo.stack(columns, 1) @ b / (u * columns[0]).sum()


def tree_of_roots(a):
    # x^2 = a and x y = 1.
    made = derivo.custom_root(
        lambda z: {"x": z["x"] ** 2 - a, "y": z["x"] * z["y"] - 1},
        {"x": derivo.ones_like(a), "y": derivo.ones_like(a)},
        lambda f, z: {"x": a.sqrt(), "y": a.rsqrt()},
    )
    return made["x"] + made["y"]


# What it is, and its closed form.
FUNCTIONS = {
    "root": (
        lambda a: derivo.custom_root(lambda x: x * x - a, derivo.ones_like(a), newton),
        derivo.sqrt,
    ),
    "root of a shared guess": (
        lambda a: derivo.custom_root(
            lambda x: x * x - a, derivo.ones(3, dtype=F64), newton_by_jvp
        ),
        derivo.sqrt,
    ),
    "root with a solver of the tangent": (
        lambda a: derivo.custom_root(
            lambda x: x * x - a, derivo.ones_like(a), newton_by_jvp, by_hand
        ),
        derivo.sqrt,
    ),
    "roots": (tree_of_roots, lambda a: a.sqrt() + a.rsqrt()),
    "fixed point": (
        lambda a: derivo.fixed_point(lambda x: (x + a / x) / 2, derivo.ones_like(a)),
        derivo.sqrt,
    ),
    "fixed point by a solver": (
        lambda a: derivo.fixed_point(
            lambda x: (x + a / x) / 2,
            derivo.ones_like(a),
            solve=lambda f, x: f(f(f(f(f(f(f(x))))))),
        ),
        derivo.sqrt,
    ),
    "right side": (
        lambda b: derivo.custom_linear_solve(lambda v: MATRIX @ v, b),
        lambda b: INVERSE @ b,
    ),
    "matrix and right side": (
        lambda a: derivo.custom_linear_solve(lambda v: (MATRIX * a) @ v + v, a),
        lambda a: solved(MATRIX * a + EYE, a),
    ),
    "matrix alone": (
        lambda a: derivo.custom_linear_solve(
            lambda v: (MATRIX * a) @ v + v, derivo.ones(3, dtype=F64)
        ),
        lambda a: solved(MATRIX * a + EYE, derivo.ones(3, dtype=F64)),
    ),
    "symmetric": (
        lambda a: derivo.custom_linear_solve(
            lambda v: (a[:, None] * a) @ v + v, a, symmetric=True
        ),
        lambda a: solved(a[:, None] * a + EYE, a),
    ),
    "solver": (
        lambda a: derivo.custom_linear_solve(
            lambda v: (MATRIX + a) @ v, a, by_hand, by_hand
        ),
        lambda a: solved(MATRIX + a, a),
    ),
}
LOOSE = {"root with a solver of the tangent", "solver", "fixed point by a solver"}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_as_the_closed_form(name, transform):
    f, closed = FUNCTIONS[name]
    got, expected = TRANSFORMS[transform](f), TRANSFORMS[transform](closed)
    limit = 1e-6 if name in LOOSE else 1e-9
    derivo.testing.assert_close(got, expected, rtol=limit, atol=limit)


@pytest.mark.parametrize("symmetric", [False, True])
def test_large_systems_by_example(symmetric):
    # More unknowns than are solved densely.
    derivo.manual_seed(0)
    n = 80
    a = derivo.randn(n, n, dtype=F64) / 20
    a = (a + a.t() if symmetric else a) + 4 * derivo.eye(n, dtype=F64)
    bs, scales = derivo.randn(3, n, dtype=F64), derivo.tensor([1.0, 1.5, 2.0]).double()

    def solve(b, s):
        return derivo.custom_linear_solve(lambda v: s * (a @ v), b, symmetric=symmetric)

    expected = np.linalg.solve(np.array(a.tolist()), np.array(bs.tolist()).T).T
    expected = derivo.tensor(expected.tolist(), dtype=F64) / scales[:, None]
    check = derivo.testing.assert_close
    check(vmap(solve)(bs, scales), expected, rtol=1e-8, atol=1e-9)
    slopes = vmap(grad(lambda b, s: solve(b, s).sum(), 1))(bs, scales)
    check(slopes, -expected.sum(1) / scales, rtol=1e-7, atol=1e-8)


def test_the_solver_sees_one_example():
    seen = []

    def solve(f, x):
        seen.append(x.shape)
        return newton_by_jvp(f, x)

    xs = derivo.tensor([[1.0, 4.0], [9.0, 16.0]], dtype=F64)
    root = vmap(
        lambda a: derivo.custom_root(lambda x: x * x - a, derivo.ones_like(a), solve)
    )
    derivo.testing.assert_close(root(xs), xs.sqrt())
    assert seen == [(2,)]


def test_fixed_points_of_which_some_take_longer():
    a = derivo.tensor([1.0001, 1e6], dtype=F64)

    def f(a):
        return derivo.fixed_point(lambda x: (x + a / x) / 2, derivo.ones_like(a))

    derivo.testing.assert_close(vmap(f)(a), a.sqrt())
    derivo.testing.assert_close(vmap(grad(f))(a), 0.5 / a.sqrt())


def test_only_what_the_function_closes_over_is_followed():
    # The guess is, which the root does not depend on.
    c = derivo.tensor(4.0, dtype=F64)

    def f(guess):
        return derivo.custom_root(lambda x: x * x - c, guess, newton_by_jvp)

    guess = derivo.tensor(1.0, dtype=F64)
    assert jvp(f, (guess,), (guess,))[1].item() == 0
    assert grad(f)(guess).item() == 0
    guesses = derivo.tensor([1.0, -1.0], dtype=F64)
    derivo.testing.assert_close(vmap(f)(guesses), 2 * guesses)


def test_mixed_levels():
    # One tensor of each of two levels of vmap, and one that both share.
    m = derivo.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=F64)
    s, b = derivo.tensor([1.0, 2.0], dtype=F64), derivo.ones(3, 2, dtype=F64)
    b[:, 0] = derivo.tensor([1.0, 2.0, 3.0], dtype=F64)

    def solve(s, b):
        return derivo.custom_linear_solve(lambda v: s * (m @ v), b)

    got = vmap(lambda s: vmap(lambda b: solve(s, b))(b))(s)
    inverse = derivo.tensor(np.linalg.inv(np.array(m.tolist())).tolist(), dtype=F64)
    expected = (b @ inverse)[None] / s[:, None, None]
    derivo.testing.assert_close(got, expected)
    slopes = vmap(lambda s: vmap(grad(lambda s, b: solve(s, b).sum()), (None, 0))(s, b))
    derivo.testing.assert_close(slopes(s), -expected.sum(2) / s[:, None])


def test_forward_ad():
    from derivo.autograd import forward_ad

    a = derivo.tensor([1.0, 4.0], dtype=F64)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(a, derivo.ones_like(a))
        x = derivo.fixed_point(lambda x: (x + dual / x) / 2, derivo.ones_like(a))
        primal, tangent = forward_ad.unpack_dual(x)
    derivo.testing.assert_close(primal, a.sqrt())
    derivo.testing.assert_close(tangent, 0.5 / a.sqrt())


def test_levels_are_as_before_after_an_error():
    def f(a):
        return derivo.custom_root(
            lambda x: x * x - a,
            derivo.ones_like(a),
            lambda f, x: (_ for _ in ()).throw(KeyError("mine")),
        )

    a = derivo.tensor(4.0, dtype=F64)
    for run in (
        lambda: jvp(f, (a,), (a,)),
        lambda: vmap(f)(derivo.stack([a, a])),
        lambda: vmap(lambda a: jvp(f, (a,), (a,)))(derivo.stack([a, a])),
    ):
        with pytest.raises(KeyError, match="mine"):
            run()
    assert derivo._core.tensor._modes_active() == 0
    assert jvp(derivo.exp, (a,), (a,))[1].item() == pytest.approx(4 * np.exp(4))


def test_jacobians_of_a_layer_that_is_a_fixed_point():
    derivo.manual_seed(0)
    w = derivo.randn(4, 4, dtype=F64) / 5
    x = derivo.randn(4, dtype=F64)

    def layer(w, x):
        return derivo.fixed_point(lambda z: derivo.tanh(w @ z + x), x * 0)

    forward, reverse = jacfwd(layer, (0, 1))(w, x), jacrev(layer, (0, 1))(w, x)
    for a, b in zip(forward, reverse, strict=True):
        derivo.testing.assert_close(a, b)
    z = layer(w, x)
    d = 1 - z**2
    left = derivo.eye(4, dtype=F64) - d[:, None] * w
    derivo.testing.assert_close(left @ forward[1], derivo.diag(d))
    h = hessian(lambda x: layer(w, x).sum())(x)
    derivo.testing.assert_close(h, h.t(), rtol=1e-8, atol=1e-10)
