"""Tangents of operations against differences, and what jvp takes and gives."""

from __future__ import annotations

import pytest

import derivo as torch
from derivo.func import jvp, linearize
from derivo.testing import assert_close

F = torch.nn.functional
STEP = 1e-6


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def check(f, *primals, tol=1e-7):
    """The tangent of `f` along random directions is the difference quotient."""
    tangents = tuple(draw(*p.shape, seed=50 + i) for i, p in enumerate(primals))
    made, got = jvp(f, primals, tangents)
    assert_close(made, f(*primals))
    up = f(*(p + STEP * t for p, t in zip(primals, tangents, strict=True)))
    down = f(*(p - STEP * t for p, t in zip(primals, tangents, strict=True)))
    assert_close(got, (up - down) / (2 * STEP), atol=tol, rtol=tol)


INDEX = torch.tensor([[0, 2, 1], [1, 1, 0]])
ONCE = torch.tensor([[0, 2, 1], [1, 2, 0]])
MASK = torch.tensor([True, False, True])

ONE = {
    "exp": torch.exp,
    "log of square": lambda x: (x * x + 1).log(),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "gelu": F.gelu,
    "silu": F.silu,
    "elu": F.elu,
    "erf": torch.erf,
    "atan": torch.atan,
    "power": lambda x: x**3,
    "exponent": lambda x: 2**x,
    "reciprocal": lambda x: 1 / (x * x + 1),
    "abs": torch.abs,
    "clamp": lambda x: x.clamp(-0.5, 0.5),
    "where": lambda x: torch.where(x > 0, x.sin(), x * x),
    "lgamma": lambda x: torch.lgamma(x * x + 1),
    "sum": torch.sum,
    "sum of rows": lambda x: x.sum(1),
    "mean": lambda x: x.mean(0, keepdim=True),
    "var": lambda x: x.var(1),
    "std": lambda x: x.std(0, correction=0),
    "norm": lambda x: x.norm(),
    "p-norm": lambda x: (
        torch.linalg.vector_norm(x, 3, dim=1)
        if hasattr(torch.linalg, "vector_norm")
        else x.norm(3, dim=1)
    ),
    "prod": torch.prod,
    "prod of rows": lambda x: x.prod(1),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(0),
    "logsumexp": lambda x: x.logsumexp(1),
    "logcumsumexp": lambda x: x.logcumsumexp(1),
    "cummax": lambda x: x.cummax(1)[0],
    "max": torch.max,
    "max of rows": lambda x: x.max(1)[0],
    "amin": lambda x: x.amin(0),
    "median": lambda x: x.median(1)[0],
    "sort": lambda x: x.sort(1)[0],
    "topk": lambda x: x.topk(2, 1)[0],
    "kthvalue": lambda x: x.kthvalue(2, 1)[0],
    "softmax": lambda x: x.softmax(1),
    "log_softmax": lambda x: x.log_softmax(0),
    "layer_norm": lambda x: F.layer_norm(x, (3,)),
    "normalize": lambda x: F.normalize(x, dim=1),
    "transpose": lambda x: x.t() * 2,
    "view": lambda x: x.view(3, 2) * 2,
    "reshape of a transposed": lambda x: x.t().reshape(6) ** 2,
    "select": lambda x: x[1] ** 2,
    "slice": lambda x: x[:, ::2] ** 2,
    "expand": lambda x: x[0].expand(4, 3) ** 2,
    "diagonal": lambda x: x.diagonal() ** 2,
    "unfold": lambda x: x.unfold(1, 2, 1) ** 2,
    "as_strided": lambda x: x.as_strided((2, 2), (1, 2), 1) ** 2,
    "flip": lambda x: x.flip(0) ** 2,
    "roll": lambda x: x.roll(1, 1) ** 2,
    "tril": torch.tril,
    "pad": lambda x: F.pad(x, (1, 2)) ** 2,
    "reflected": lambda x: F.pad(x[None], (1, 1), mode="reflect") ** 2,
    "cat": lambda x: torch.cat([x, x * 2, torch.ones(1, 3, dtype=x.dtype)]),
    "stack": lambda x: torch.stack([x, x.sin()], 1),
    "split": lambda x: x.split(2, 1)[0] * x.split([2, 1], 1)[1],
    "unbind": lambda x: x.unbind(1)[1] ** 2,
    "repeat": lambda x: x.repeat(2, 2) ** 2,
    "repeat_interleave": lambda x: x.repeat_interleave(2, 0) ** 2,
    "gather": lambda x: x.gather(1, INDEX) ** 2,
    "index_select": lambda x: x.index_select(1, INDEX[0]) ** 2,
    "indexed by a tensor": lambda x: x[:, INDEX[1]] ** 2,
    "indexed by a mask": lambda x: x[:, MASK] ** 2,
    "masked_select": lambda x: x.masked_select(MASK) ** 2,
    "masked_fill": lambda x: x.masked_fill(MASK, 3.0) ** 2,
    "take": lambda x: x.take(INDEX) ** 2,
    "float32 and back": lambda x: (x.float() * 0 + 1).double() * x,
    "chain in place": lambda x: x.clone().mul_(3).add_(x).exp_(),
    "item set": lambda x: _set(x),
}


def _set(x):
    y = torch.zeros(3, 3, dtype=x.dtype)
    y[:2] = x.sin()
    y[2, 1] = x.sum()
    y[1].mul_(2)
    return y


@pytest.mark.parametrize("name", ONE)
def test_one_operand(name):
    check(ONE[name], draw(2, 3))


TWO = {
    "mul": (torch.mul, (2, 3), (3,)),
    "div": (lambda x, y: x / (y * y + 1), (2, 3), (2, 1)),
    "pow": (lambda x, y: (x * x + 1) ** y, (2, 3), (2, 3)),
    "atan2": (torch.atan2, (3,), (3,)),
    "hypot": (torch.hypot, (3,), (3,)),
    "maximum": (torch.maximum, (3,), (3,)),
    "lerp": (lambda x, y: torch.lerp(x, y, 0.3), (3,), (3,)),
    "add broadcast": (torch.add, (2, 3), (3,)),
    "mm": (torch.mm, (2, 3), (3, 4)),
    "mv": (torch.mv, (2, 3), (3,)),
    "dot": (torch.dot, (3,), (3,)),
    "bmm": (torch.bmm, (2, 3, 4), (2, 4, 1)),
    "matmul": (torch.matmul, (2, 3, 4), (4, 2)),
    "matmul of a vector": (torch.matmul, (3,), (3, 2)),
    "matmul broadcast": (torch.matmul, (2, 1, 2, 3), (3, 3, 2)),
    "einsum": (lambda x, y: torch.einsum("ij,kj->ik", x, y), (2, 3), (4, 3)),
    "outer": (torch.outer, (2,), (3,)),
    "linear": (F.linear, (2, 3), (4, 3)),
    "conv1d": (lambda x, w: F.conv1d(x, w, padding=1), (1, 2, 5), (3, 2, 3)),
    "conv2d": (lambda x, w: F.conv2d(x, w, stride=2), (1, 2, 4, 4), (3, 2, 2, 2)),
    "conv_transpose": (F.conv_transpose1d, (1, 2, 4), (2, 3, 2)),
    "mse": (F.mse_loss, (2, 3), (2, 3)),
    "smooth l1": (F.smooth_l1_loss, (2, 3), (2, 3)),
    "cdist": (torch.cdist, (2, 3), (4, 3)),
    "cross": (torch.cross, (2, 3), (2, 3)),
    "scatter": (lambda x, y: x.scatter(1, ONCE, y) ** 2, (2, 3), (2, 3)),
    "scatter_add": (lambda x, y: x.scatter_add(1, INDEX, y) ** 2, (2, 3), (2, 3)),
    "index_add": (
        lambda x, y: x.index_add(0, torch.tensor([1, 1]), y) ** 2,
        (2, 3),
        (2, 3),
    ),
    "index_put": (
        lambda x, y: x.index_put((torch.tensor([0, 1]),), y) ** 2,
        (2, 3),
        (2, 3),
    ),
    "masked_scatter": (lambda x, y: x.masked_scatter(MASK, y) ** 2, (2, 3), (2, 3)),
    "copy": (lambda x, y: x.clone().copy_(y) * x, (2, 3), (3,)),
    "addcmul": (lambda x, y: torch.addcmul(x, x, y, value=0.5), (2, 3), (2, 3)),
}


@pytest.mark.parametrize("name", TWO)
def test_two_operands(name):
    f, a, b = TWO[name]
    x, y = draw(*a), draw(*b, seed=1)
    check(f, x, y)
    # Each alone: which rule is taken depends on who has a tangent.
    check(lambda x: f(x, y), x)
    check(lambda y: f(x, y), y)


def test_added_products():
    c, a, b = draw(2), draw(3, 4), draw(4, 2)
    check(lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), c, a, b)
    check(lambda c: torch.addmm(c, a, b, beta=0.5, alpha=2), c)
    check(lambda b: torch.addmm(c, a, b, beta=0.5, alpha=2), b)


def test_cross_entropy():
    target = torch.tensor([2, 0])
    check(lambda x: F.cross_entropy(x, target), draw(2, 3))


def test_batch_norm_in_training():
    check(lambda x: F.batch_norm(x, None, None, training=True), draw(4, 3))


def test_embedding_and_pooling():
    check(lambda w: F.embedding(INDEX, w) ** 2, draw(3, 2))
    check(lambda x: F.max_pool2d(x, 2), draw(1, 1, 4, 4))
    check(lambda x: F.avg_pool2d(x, 2) ** 2, draw(1, 1, 4, 4))


def test_a_module():
    net = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
    ).double()
    check(lambda x: net(x), draw(2, 3))


# ------------------------------------------------------------------ NaN and choices


def test_a_side_not_taken_does_not_leak():
    x = torch.tensor([0.0, 4.0], dtype=torch.float64)
    _, t = jvp(lambda x: torch.where(x > 0, x.sqrt(), x), (x,), (torch.ones_like(x),))
    assert t[1] == 0.25
    assert not torch.isinf(t[1])


def test_steps_say_zero():
    x = draw(3)
    _, t = jvp(torch.sign, (x,), (x,))
    assert_close(t, torch.zeros_like(x))


# ------------------------------------------------------------------ jvp itself


def test_trees_in_and_out():
    x, t = draw(2), draw(2, seed=1)
    made, slope = jvp(
        lambda d, e: {"p": d["a"] * e[0], "q": [e[0].sum()]},
        ({"a": x}, [x]),
        ({"a": t}, [t]),
    )
    assert_close(made["p"], x * x)
    assert_close(slope["p"], 2 * x * t)
    assert_close(slope["q"][0], t.sum())


def test_aux_has_no_tangent():
    x = draw(2)
    out, t, aux = jvp(lambda x: (x * 2, {"k": x * 3, "n": 5}), (x,), (x,), has_aux=True)
    assert_close(out, t)
    assert_close(aux["k"], 3 * x)
    assert aux["n"] == 5
    _, again = jvp(lambda y: aux["k"] * y, (x,), (x,))
    assert_close(again, aux["k"] * x)


def test_an_output_that_does_not_depend():
    x = draw(2)
    _, t = jvp(lambda y: x * 2, (x,), (x,))
    assert_close(t, torch.zeros_like(x))
    with pytest.raises(RuntimeError, match="independent of the inputs"):
        jvp(lambda y: x * 2, (x,), (x,), strict=True)


@pytest.mark.parametrize(
    ("primals", "tangents", "match"),
    [
        (draw(2), (draw(2),), "Expected primals to be a tuple"),
        ((draw(2),), (draw(2), draw(2)), "same python structure"),
        ((draw(2),), (draw(3),), "different size"),
        ((), (), "at least one Tensor"),
        ((draw(2), 3.0), (draw(2), 3.0), "to only contain Tensors"),
    ],
)
def test_refused_arguments(primals, tangents, match):
    with pytest.raises(RuntimeError, match=match):
        jvp(lambda *x: x[0], primals, tangents)


def test_integers_are_refused():
    n = torch.tensor([1, 2])
    with pytest.raises(ValueError, match="Expected primal to be floating point"):
        jvp(lambda x: x, (n,), (n,))


def test_refused_results():
    x = draw(2)
    with pytest.raises(RuntimeError, match="return only tensors"):
        jvp(lambda x: 3.0, (x,), (x,))
    with pytest.raises(RuntimeError, match="if has_aux is True"):
        jvp(lambda x: x, (x,), (x,), has_aux=True)


def test_an_error_inside_closes_the_level():
    x = draw(2)
    with pytest.raises(KeyError, match="z"):
        jvp(lambda x: {}["z"], (x,), (x,))
    assert_close(jvp(lambda x: x, (x,), (x,))[1], x)


# ------------------------------------------------------------------ nesting


def test_a_jvp_of_a_jvp():
    x, t, u = draw(3), draw(3, seed=1), draw(3, seed=2)
    first = lambda y: jvp(lambda z: z**3, (y,), (t,))[1]  # noqa: E731
    _, second = jvp(first, (x,), (u,))
    assert_close(second, 6 * x * t * u)


def test_three_deep():
    x, one = draw(2), torch.ones(2, dtype=torch.float64)

    def slope(f):
        return lambda x: jvp(f, (x,), (one,))[1]

    assert_close(slope(slope(slope(torch.sin)))(x), -x.cos())


def test_no_confusion_of_perturbations():
    # d/dx [x * d/dy (x + y)] = 1, where y is not x.
    x = torch.tensor(2.0, dtype=torch.float64)
    one = torch.ones_like(x)

    def outer(x):
        return x * jvp(lambda y: x + y, (one,), (one,))[1]

    assert_close(jvp(outer, (x,), (one,))[1], one)


def test_the_direction_may_depend_on_the_outer_input():
    x = draw(3)
    _, t = jvp(
        lambda y: jvp(lambda z: z**2, (y,), (y,))[1], (x,), (torch.ones(3).double(),)
    )
    assert_close(t, 4 * x)


def test_inner_values_closed_over():
    x, one = draw(3), torch.ones(3, dtype=torch.float64)
    _, t = jvp(lambda y: jvp(lambda z: y * z * z, (x,), (one,))[1], (x,), (one,))
    assert_close(t, 2 * x)


def test_a_gradient_of_a_jvp():
    x, t = draw(3).requires_grad_(), draw(3, seed=1)
    out, slope = jvp(lambda y: y**3, (x,), (t,))
    (g,) = torch.autograd.grad(slope.sum(), x, retain_graph=True)
    assert_close(g, (6 * x * t).detach())
    (h,) = torch.autograd.grad(out.sum(), x)
    assert_close(h, (3 * x**2).detach())


def test_a_jvp_of_a_gradient():
    x, t = draw(3), draw(3, seed=1)

    def gradient(y):
        z = y * 1
        z = z if z.requires_grad else z.requires_grad_()
        (g,) = torch.autograd.grad((z.exp() * z).sum(), z, create_graph=True)
        return g

    made, slope = jvp(gradient, (x,), (t,))
    assert_close(made, x.exp() * (x + 1))
    assert_close(slope, (x.exp() * (x + 2) * t))


def test_inside_a_dual_level():
    from derivo.autograd import forward_ad as fw

    x, t = draw(3), draw(3, seed=1)
    with fw.dual_level():
        d = fw.make_dual(x, t)
        _, slope = jvp(lambda y: y * y * d, (x,), (torch.ones_like(x),))
        assert_close(fw.unpack_dual(slope).tangent, 2 * x * t)


def test_no_grad_inside():
    x = draw(3)

    def f(y):
        with torch.no_grad():
            return y * y

    assert_close(jvp(f, (x,), (x,))[1], 2 * x * x)


# ------------------------------------------------------------------ linearize


def test_linearize_is_a_jvp():
    x = draw(3)
    f = lambda x: {"a": x.sin() * x, "b": x.sum()}  # noqa: E731
    out, along = linearize(f, x)
    for seed in (1, 2):
        t = draw(3, seed=seed)
        want, slope = jvp(f, (x,), (t,))
        assert_close(out, want)
        assert_close(along(t), slope)


def test_linearize_runs_the_function_once():
    runs = []

    def f(x):
        runs.append(1)
        return x.exp()

    _, along = linearize(f, draw(2))
    along(draw(2))
    along(draw(2))
    assert len(runs) == 1


def test_linearize_of_several_and_of_constants():
    x, y = draw(2), draw(2, seed=1)
    _, along = linearize(lambda x, d: (x * d["y"], torch.ones(3)), x, {"y": y})
    slope, zero = along(x, {"y": x})
    assert_close(slope, x * y + x * x)
    assert_close(zero, torch.zeros(3))


def test_what_linearize_refuses():
    _, along = linearize(torch.sin, draw(2))
    with pytest.raises(RuntimeError, match="doesn't match the shape"):
        along(draw(3))
    with pytest.raises(RuntimeError, match="doesn't match the dtype"):
        along(torch.ones(2))
    with pytest.raises(RuntimeError, match="same argspec"):
        along(draw(2), draw(2))
    with pytest.raises(RuntimeError, match="only tensors"):
        linearize(lambda x: 3, draw(2))
