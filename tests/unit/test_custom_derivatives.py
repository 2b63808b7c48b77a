# Rules that users state for whole functions: custom_vjp and custom_jvp.
from __future__ import annotations

import math

import pytest

import derivo
from derivo import custom_jvp, custom_vjp
from derivo.autograd import grad, gradcheck, gradgradcheck

D = derivo.float64


def points(*shape, low=0.2, high=1.7):
    count = math.prod(shape)
    return (
        derivo.linspace(low, high, count, dtype=D)
        .reshape(shape)
        .detach()
        .requires_grad_()
    )


def product_vjp(saves):
    f = custom_vjp(lambda x, y: derivo.sin(x) * y)

    def fwd(x, y):
        return derivo.sin(x) * y, saves(x, y)

    return f, fwd


def with_inputs():
    f, fwd = product_vjp(lambda x, y: (x, y))
    f.defvjp(fwd, lambda r, g: (g * r[0].cos() * r[1], g * r[0].sin()))
    return f


def with_intermediates():
    f, fwd = product_vjp(lambda x, y: {"c": x.cos(), "s": x.sin(), "y": y})
    f.defvjp(fwd, lambda r, g: (g * r["c"] * r["y"], g * r["s"]))
    return f


def with_everything():
    # The result itself, one tensor twice, and a number.
    f = custom_vjp(lambda x, y: derivo.sin(x) * y)

    def fwd(x, y):
        s = x.sin()
        out = s * y
        return out, (out, s, s, x, y, 1.0)

    f.defvjp(
        fwd,
        lambda r, g: (g * r[3].cos() * r[0] / r[1] * r[5], g * (r[1] + r[2]) / 2),
    )
    return f


def jvp_rule():
    f = custom_jvp(lambda x, y: derivo.sin(x) * y)

    @f.defjvp
    def rule(primals, tangents):
        (x, y), (dx, dy) = primals, tangents
        return f(x, y), dx * x.cos() * y + dy * x.sin()

    return f


def jvp_rules():
    f = custom_jvp(lambda x, y: derivo.sin(x) * y)
    f.defjvps(lambda t, out, x, y: t * x.cos() * y, lambda t, out, x, y: t * x.sin())
    return f


KINDS = [with_inputs, with_intermediates, with_everything, jvp_rule, jvp_rules]


@pytest.mark.parametrize("make", KINDS)
def test_first_and_second_order(make):
    f = make()
    x, y = points(3), points(3, low=0.5)
    assert f(x, y).tolist() == pytest.approx((x.sin() * y).tolist())
    assert gradcheck(f, (x, y))
    assert gradgradcheck(f, (x, y))


@pytest.mark.parametrize("make", KINDS)
def test_third_order(make):
    f = make()
    x, y = points(3), points(3, low=0.5)
    g = f(x, y)
    for _ in range(3):
        (g,) = grad(g.sum(), x, create_graph=True)
    assert g.tolist() == pytest.approx((-x.cos() * y).tolist())
    (h,) = grad(g.sum(), y)
    assert h.tolist() == pytest.approx((-x.cos()).tolist())


@pytest.mark.parametrize("make", KINDS)
def test_some_inputs_only(make):
    f = make()
    x, y = points(3), points(3)
    (g,) = grad(f(x, y.detach()).sum(), x)
    assert g.tolist() == pytest.approx((x.cos() * y).tolist())
    assert not f(x.detach(), y.detach()).requires_grad
    with derivo.no_grad():
        assert not f(x, y).requires_grad


@pytest.mark.parametrize("make", KINDS)
def test_node_is_named_after_the_function(make):
    f = make()
    f_named = f(points(1), points(1)).grad_fn
    assert f_named.name().endswith("Backward")


def test_the_rule_is_what_counts():
    @custom_vjp
    def clip(x):
        return x.clone()

    clip.defvjp(lambda x: (x.clone(), None), lambda _, g: (g.clamp(-1, 1),))
    x = points(2)
    (g,) = grad((clip(x) * derivo.tensor([0.5, 7.0])).sum(), x)
    assert g.tolist() == [0.5, 1.0]
    assert clip(x).grad_fn.name() == "clipBackward"


def test_trees_in_and_out():
    @custom_vjp
    def f(tree, scale):
        return {"sum": tree["a"] + tree["b"][0], "product": [tree["a"] * scale, "tag"]}

    def fwd(tree, scale):
        return f.fun(tree, scale), scale

    def bwd(scale, g):
        return {"a": g["sum"] + g["product"][0] * scale, "b": (g["sum"],)}, None

    f.defvjp(fwd, bwd)
    a, b = points(2), points(2)
    out = f({"a": a, "b": (b,)}, 3.0)
    assert out["product"][1] == "tag"
    assert gradcheck(lambda a, b: f({"a": a, "b": (b,)}, 3.0)["sum"], (a, b))
    out["product"][0].sum().backward()
    assert a.grad.tolist() == [3.0, 3.0]
    assert b.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("kind", ["vjp", "jvp"])
def test_nondiff_argnums(kind):
    def apply(fun, x):
        return fun(x)

    if kind == "vjp":
        f = custom_vjp(apply, nondiff_argnums=(0,))
        f.defvjp(lambda fun, x: (fun(x), x), lambda fun, saved, g: (g * 10,))
    else:
        f = custom_jvp(apply, nondiff_argnums=(0,))
        f.defjvp(lambda fun, primals, tangents: (fun(primals[0]), tangents[0] * 10))
    x = points(2)
    (g,) = grad(f(derivo.sin, x).sum(), x)
    assert g.tolist() == [10.0, 10.0]
    with pytest.raises(TypeError, match="argument 0 is in nondiff_argnums, but holds"):
        f(x, x)
    f.nondiff_argnums = (3,)
    with pytest.raises(TypeError, match="called with 2 arguments"):
        f(derivo.sin, x)


def test_keywords_and_defaults():
    @custom_jvp
    def f(x, y=2.0):
        return x * y

    f.defjvp(lambda p, t: (p[0] * p[1], t[0] * p[1]))
    x = points(2)
    assert f(y=3.0, x=x).tolist() == (x * 3).tolist()
    assert f(x).tolist() == (x * 2).tolist()
    (g,) = grad(f(x).sum(), x)
    assert g.tolist() == [2.0, 2.0]


def test_methods():
    class Layer:
        scale = 2.0

        @custom_vjp
        def run(self, x):
            return x * self.scale

        run.defvjp(
            lambda self, x: (x * self.scale, self.scale), lambda s, g: (None, g * s * 5)
        )

    x = points(2)
    (g,) = grad(Layer().run(x).sum(), x)
    assert g.tolist() == [10.0, 10.0]
    assert Layer.run.__name__ == "run"


def test_several_results_of_which_one_is_used():
    @custom_jvp
    def f(x):
        return x * 2, x.sign().long(), x * 3

    f.defjvp(lambda p, t: (f(*p), (t[0] * 2, t[0] * 0, t[0] * 3)))
    x = points(2)
    a, sign, _ = f(x)
    assert sign.dtype == derivo.int64
    assert not sign.requires_grad
    assert grad(a.sum(), x)[0].tolist() == [2.0, 2.0]


def test_numerically_stable_rule():
    @custom_jvp
    def log1pexp(x):
        return derivo.log1p(derivo.exp(x))

    @log1pexp.defjvp
    def rule(primals, tangents):
        (x,), (t,) = primals, tangents
        return log1pexp(x), t * derivo.sigmoid(x)

    x = derivo.tensor(1000.0, requires_grad=True)
    log1pexp(x).backward()
    assert x.grad.item() == 1.0


def test_custom_jvp_in_forward_mode():
    from derivo.autograd import forward_ad

    f = custom_jvp(lambda x: x.sin())
    f.defjvp(lambda p, t: (f(*p), t[0] * p[0].cos() * 10))
    x = points(2).detach()
    with forward_ad.dual_level():
        out = f(forward_ad.make_dual(x, derivo.ones_like(x)))
        tangent = forward_ad.unpack_dual(out).tangent
    assert tangent.tolist() == pytest.approx((x.cos() * 10).tolist())


def test_backward_frees_and_retains():
    f = with_intermediates()
    x, y = points(2), points(2)
    out = f(x, y).sum()
    out.backward(retain_graph=True)
    out.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        out.backward()


def test_without_a_rule():
    with pytest.raises(AttributeError, match=r"No VJP defined.*defvjp"):
        custom_vjp(lambda x: x)(points(1))
    with pytest.raises(AttributeError, match=r"No JVP defined.*defjvp"):
        custom_jvp(lambda x: x)(points(1))


def vjp_of(fwd, bwd):
    f = custom_vjp(lambda x, y: x * y)
    f.defvjp(fwd, bwd)
    return lambda: f(points(2), points(2)).sum().backward()


def fine(x, y):
    return x * y, None


@pytest.mark.parametrize(
    ("run", "error", "message"),
    [
        (vjp_of(lambda x, y: x * y, fine), TypeError, "fwd must return a pair"),
        (vjp_of(fine, lambda _, g: (g,)), TypeError, "expected 2, got 1"),
        (vjp_of(fine, lambda _, g: g), TypeError, "expected 2, got 1"),
        (
            vjp_of(fine, lambda _, g: (g.sum(), g)),
            ValueError,
            r"wrong shape for tensor 0: expected \[2\], got \[\]",
        ),
    ],
)
def test_wrong_vjp_rules(run, error, message):
    with pytest.raises(error, match=message):
        run()


def test_wrong_structure_of_a_gradient():
    f = custom_vjp(lambda d: d["x"] * 1)
    f.defvjp(lambda d: (d["x"] * 1, None), lambda _, g: ((g,),))
    with pytest.raises(TypeError, match="another structure than argument 0"):
        f({"x": points(2)}).sum().backward()


def test_wrong_jvp_rules():
    f = custom_jvp(lambda x: x * 1)
    f.defjvp(lambda p, t: t[0])
    with pytest.raises(TypeError, match=r"must produce a pair \(result, tangent\)"):
        f(points(2)).sum().backward()
    f.defjvp(lambda p, t: (p[0], (t[0], t[0])))
    with pytest.raises(TypeError, match="expected 1, got 2"):
        f(points(2)).sum().backward()
    f.defjvps(None, None)
    with pytest.raises(TypeError, match="got 2 rules for 1 arguments"):
        f(points(2)).sum().backward()
    with pytest.raises(TypeError, match="Can't use defjvps with nondiff_argnums"):
        custom_jvp(lambda k, x: x, nondiff_argnums=0).defjvps(None)


def test_no_leak_of_saved_tensors():
    import gc
    import weakref

    f = with_intermediates()
    x, y = points(2), points(2)
    out = f(x, y)
    node = weakref.ref(out.grad_fn)
    del out
    gc.collect()
    assert node() is None
