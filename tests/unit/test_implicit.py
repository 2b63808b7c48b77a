# Results that equations define: linear systems, roots, fixed points.
from __future__ import annotations

import pytest

import derivo
from derivo import custom_linear_solve, custom_root, fixed_point
from derivo.autograd import grad, gradcheck, gradgradcheck

D = derivo.float64


def matrix(n, shift=2.0, seed=0):
    g = derivo.Generator().manual_seed(seed)
    a = derivo.randn(n, n, dtype=D, generator=g) * 0.5 + shift * derivo.eye(n, dtype=D)
    return a.detach().requires_grad_()


def vector(n, seed=1):
    g = derivo.Generator().manual_seed(seed)
    return (derivo.rand(n, dtype=D, generator=g) + 0.5).detach().requires_grad_()


def direct(matvec, b):
    # Gauss-Seidel does for these: diagonally dominant enough to test with.
    n = b.numel()
    columns = derivo.stack([matvec(e) for e in derivo.eye(n, dtype=D)], 1)
    x = derivo.zeros_like(b)
    for _ in range(200):
        for i in range(n):
            x[i] += (b[i] - columns[i] @ x) / columns[i, i]
    return x


def newton(f, x):
    for _ in range(30):
        x = x.detach().requires_grad_()
        with derivo.enable_grad():
            y = f(x).sum()
        x = x.detach() - f(x).detach() / grad(y, x)[0]
    return x


SOLVES = {
    "default": lambda a, b: custom_linear_solve(lambda v: a @ v, b),
    "given": lambda a, b: custom_linear_solve(lambda v: a @ v, b, direct),
    "both given": lambda a, b: custom_linear_solve(lambda v: a @ v, b, direct, direct),
    "captured result": lambda a, b: (lambda s: custom_linear_solve(lambda v: s @ v, b))(
        a * 1.5 + a.sin()
    ),
    "symmetric": lambda a, b: (
        lambda s: custom_linear_solve(lambda v: s @ v, b, symmetric=True)
    )(a @ a.t()),
    "module of ops": lambda a, b: custom_linear_solve(lambda v: a.t() @ v + v * b, b),
}


@pytest.mark.parametrize("name", SOLVES)
def test_linear_solve(name):
    f = SOLVES[name]
    a, b = matrix(3), vector(3)
    assert f(a, b).grad_fn.name() == "custom_linear_solveBackward"
    assert gradcheck(f, (a, b))
    assert gradgradcheck(f, (a, b))


def test_linear_solve_solves():
    a, b = matrix(5), vector(5)
    x = custom_linear_solve(lambda v: a @ v, b)
    assert (a @ x).tolist() == pytest.approx(b.tolist())
    (g,) = grad(x.sum(), b)
    assert (a.t() @ g).tolist() == pytest.approx([1.0] * 5)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_iterative_solvers(symmetric, dtype):
    n = 100
    a = matrix(n, shift=12.0).detach().to(getattr(derivo, dtype))
    if symmetric:
        a = a @ a.t()
    b = vector(n).detach().to(a.dtype)
    x = custom_linear_solve(lambda v: a @ v, b, symmetric=symmetric)
    assert x.dtype == a.dtype
    tolerance = 2e-4 if dtype == "float32" else 1e-11
    assert (a @ x - b).abs().max().item() < tolerance


def test_singular_systems_warn():
    zero = derivo.zeros(100, 100, dtype=D)
    with pytest.warns(UserWarning, match="GMRES did not converge"):
        custom_linear_solve(lambda v: zero @ v, vector(100).detach())


def test_trees_of_unknowns():
    a, b = matrix(2), vector(2)

    def f(a, b):
        x = custom_linear_solve(
            lambda t: {"p": a @ t["p"] + t["q"], "q": 3 * t["q"] - t["p"]},
            {"p": b, "q": b * 2},
        )
        return x["p"], x["q"]

    assert gradcheck(f, (a, b))
    assert gradgradcheck(f, (a, b))


def test_nothing_is_recorded_without_need():
    a, b = matrix(2).detach(), vector(2).detach()
    assert not custom_linear_solve(lambda v: a @ v, b).requires_grad
    with derivo.no_grad():
        x = custom_linear_solve(lambda v: matrix(2) @ v, vector(2))
    assert not x.requires_grad


ROOTS = {
    "leaf": lambda a: custom_root(
        lambda x: x**3 + a * x - 2 * a, derivo.ones_like(a), newton
    ),
    "result": lambda a: (
        lambda c: custom_root(lambda x: x * x - c, derivo.ones_like(a), newton)
    )(a.exp() + a),
    "own linear solve": lambda a: custom_root(
        lambda x: x * x - a, derivo.ones_like(a), newton, lambda m, g: direct(m, g)
    ),
    "shared": lambda a: (
        lambda c: custom_root(lambda x: x * x - c - a, derivo.ones_like(a), newton)
    )(a * a),
}


@pytest.mark.parametrize("name", ROOTS)
def test_root(name):
    f = ROOTS[name]
    a = vector(3)
    assert f(a).grad_fn.name() == "custom_rootBackward"
    assert gradcheck(f, (a,))
    assert gradgradcheck(f, (a,))


def test_root_against_the_closed_form():
    a = vector(4)
    x = custom_root(lambda x: x * x - a, derivo.ones_like(a), newton)
    g = x
    want = a.detach().requires_grad_()
    h = want.sqrt()
    for _ in range(3):
        (g,) = grad(g.sum(), a, create_graph=True)
        (h,) = grad(h.sum(), want, create_graph=True)
        assert g.tolist() == pytest.approx(h.tolist(), rel=1e-8)


def test_the_guess_has_no_gradient():
    a, x0 = vector(2), derivo.ones(2, dtype=D, requires_grad=True)
    custom_root(lambda x: x * x - a, x0, newton).sum().backward()
    assert x0.grad is None
    assert a.grad is not None


FIXED = {
    "scalar": lambda a: fixed_point(lambda x: derivo.cos(a * x), derivo.zeros_like(a)),
    "vector": lambda a: fixed_point(
        lambda x: derivo.tanh(0.3 * x.sum() + a * x), derivo.zeros_like(a)
    ),
    "solver": lambda a: fixed_point(
        lambda x: derivo.cos(a * x),
        derivo.zeros_like(a),
        solve=lambda f, x: [x := f(x) for _ in range(300)][-1],
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_fixed_point(name):
    f = FIXED[name]
    a = (vector(3) * 0.5).detach().requires_grad_()
    x = f(a)
    assert x.grad_fn.name() == "fixed_pointBackward"
    assert gradcheck(f, (a,))
    assert gradgradcheck(f, (a,))


def test_fixed_point_in_a_module():
    class Deep(derivo.nn.Module):
        def __init__(self):
            super().__init__()
            self.line = derivo.nn.Linear(3, 3)
            with derivo.no_grad():
                self.line.weight.mul_(0.3)

        def forward(self, x):
            return fixed_point(lambda z: self.line(z).tanh() + x, derivo.zeros_like(x))

    net = Deep()
    x = derivo.ones(2, 3, requires_grad=True)
    net(x).sum().backward()
    assert net.line.weight.grad.shape == (3, 3)
    assert x.grad.shape == (2, 3)


def test_no_fixed_point_warns():
    with pytest.warns(UserWarning, match="no fixed point after 20 iterations"):
        fixed_point(lambda x: x + 1, derivo.zeros(2), max_iter=20)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda a: custom_linear_solve(lambda v: v, [1.0]),
            TypeError,
            "b must consist",
        ),
        (
            lambda a: custom_linear_solve(lambda v: v, derivo.ones(2).long()),
            TypeError,
            r"floating-point tensors, got torch\.int64",
        ),
        (
            lambda a: custom_linear_solve(lambda v: v, a, lambda m, b: b[:1]),
            ValueError,
            r"the solution must have.*expected \[\[2\]\], got \[\[1\]\]",
        ),
        (
            lambda a: custom_root(lambda x: x.sum(), a, lambda f, x: x),
            ValueError,
            r"f\(x\) must have the structure",
        ),
        (
            lambda a: fixed_point(lambda x: (x,), a),
            ValueError,
            r"f\(x\) must have the structure",
        ),
    ],
)
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(vector(2))
