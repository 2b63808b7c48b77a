# Derivatives that users state (custom_vjp, custom_jvp), inside every transform and
# nesting of transforms: as a plain function with those derivatives.
from __future__ import annotations

import pytest

import derivo
from derivo.func import grad, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap

F64 = derivo.float64
X = derivo.tensor([0.7, 1.2, 1.9], dtype=F64)
XS = derivo.stack([X, X * 1.1 + 0.1])
T = derivo.tensor([1.0, -2.0, 0.5], dtype=F64)


def total(f):
    return lambda x: (f(x) * T).sum()


TRANSFORMS = {
    "value": lambda f: f(X),
    "grad": lambda f: grad(total(f))(X),
    "grad of grad": lambda f: grad(lambda x: (grad(total(f))(x) ** 2).sum())(X),
    "vjp": lambda f: vjp(f, X)[1](T)[0],
    "jacrev": lambda f: jacrev(f)(X),
    "jvp": lambda f: jvp(f, (X,), (T,))[1],
    "jvp of jvp": lambda f: jvp(lambda x: jvp(f, (x,), (T,))[1], (X,), (X,))[1],
    "jacfwd": lambda f: jacfwd(f)(X),
    "hessian": lambda f: hessian(total(f))(X),
    "reverse over reverse": lambda f: jacrev(jacrev(f))(X),
    "forward over forward": lambda f: jacfwd(jacfwd(f))(X),
    "reverse over forward": lambda f: jacrev(jacfwd(f))(X),
    "forward over reverse": lambda f: jacfwd(jacrev(f))(X),
    "vmap": lambda f: vmap(f)(XS),
    "vmap over the second": lambda f: vmap(f, 1, 1)(XS.t()),
    "vmap of grad": lambda f: vmap(grad(total(f)))(XS),
    "vmap of jacrev": lambda f: vmap(jacrev(f))(XS),
    "vmap of jvp": lambda f: vmap(lambda x: jvp(f, (x,), (T,))[1])(XS),
    "vmap of jvp of batches": lambda f: vmap(lambda x: jvp(f, (x,), (x,))[1])(XS),
    "vmap of jacfwd": lambda f: vmap(jacfwd(f))(XS),
    "vmap of hessian": lambda f: vmap(hessian(total(f)))(XS),
    "vmap of vmap": lambda f: vmap(vmap(f))(derivo.stack([XS, XS + 0.1])),
    "vmap of vmap of grad": lambda f: vmap(vmap(grad(total(f))))(
        derivo.stack([XS, XS + 0.1])
    ),
    "vmap of grad of vmap": lambda f: vmap(grad(lambda x: (vmap(f)(x) ** 2).sum()))(
        derivo.stack([XS, XS + 0.1])
    ),
    "grad of vmap": lambda f: grad(lambda x: (vmap(f)(x) ** 2).sum())(XS),
    "grad of vmap of grad": lambda f: grad(
        lambda x: (vmap(grad(total(f)))(x) ** 2).sum()
    )(XS),
    "grad of grad of vmap": lambda f: grad(
        lambda x: (grad(lambda x: (vmap(f)(x) ** 2).sum())(x) ** 2).sum()
    )(XS),
    "jvp of vmap": lambda f: jvp(vmap(f), (XS,), (XS,))[1],
    "jvp of vmap of grad": lambda f: jvp(vmap(grad(total(f))), (XS,), (XS,))[1],
    "linearize": lambda f: linearize(f, X)[1](T),
}


def reference(x):
    return x.sin() * x


def by_vjp():
    @derivo.custom_vjp
    def f(x):
        return x.sin() * x

    def fwd(x):
        return x.sin() * x, x

    def bwd(x, g):
        return (g * (x.cos() * x + x.sin()),)

    f.defvjp(fwd, bwd)
    return f


def by_vjp_with_parts():
    # What is saved is neither an argument nor a result, and one part is shared.
    @derivo.custom_vjp
    def f(x):
        return x.sin() * x

    def fwd(x):
        s = x.sin()
        return s * x, {"parts": (x, s), "shared": derivo.ones(3, dtype=F64), "n": 1}

    def bwd(saved, g):
        x, s = saved["parts"]
        return (g * saved["shared"] * (x.cos() * x + s) * saved["n"],)

    f.defvjp(fwd, bwd)
    return f


def by_jvp():
    @derivo.custom_jvp
    def f(x):
        return x.sin() * x

    @f.defjvp
    def rule(primals, tangents):
        (x,), (t,) = primals, tangents
        return f(x), t * (x.cos() * x + x.sin())

    return f


MAKERS = [by_vjp, by_vjp_with_parts, by_jvp]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_as_a_plain_function(make, name):
    got, expected = TRANSFORMS[name](make()), TRANSFORMS[name](reference)
    derivo.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)


def scaled_by_vjp(factor):
    @derivo.custom_vjp
    def f(x):
        return x**3

    f.defvjp(lambda x: (x**3, x), lambda x, g: (factor * 3 * x**2 * g,))
    return f


def scaled_by_jvp(factor):
    @derivo.custom_jvp
    def f(x):
        return x**3

    f.defjvp(lambda p, t: (f(*p), factor * 3 * p[0] ** 2 * t[0]))
    return f


@pytest.mark.parametrize("make", [scaled_by_vjp, scaled_by_jvp])
@pytest.mark.parametrize(
    "name",
    [
        "grad",
        "jvp",
        "jacrev",
        "jacfwd",
        "vmap of grad",
        "vmap of jvp",
        "vmap of jacrev",
        "vmap of jacfwd",
        "vmap of vmap of grad",
        "jvp of vmap",
        "linearize",
    ],
)
def test_what_is_stated_counts(make, name):
    # Not the derivative of the function's own operations.
    got = TRANSFORMS[name](make(5.0))
    derivo.testing.assert_close(got, 5 * TRANSFORMS[name](lambda x: x**3))


@pytest.mark.parametrize("make", [scaled_by_vjp, scaled_by_jvp])
def test_second_derivatives_are_of_what_is_stated(make):
    # The derivative of 5 * 3 x^2 is 5 * 6 x.
    f = make(5.0)
    expected = derivo.diag(30 * X)
    for outer in (jacrev, jacfwd):
        for inner in (grad, lambda g: lambda x: jacfwd(g)(x)):
            got = outer(inner(lambda x: f(x).sum()))(X)
            derivo.testing.assert_close(got, expected)
    got = vmap(hessian(lambda x: f(x).sum()))(XS)
    derivo.testing.assert_close(got, derivo.stack([derivo.diag(30 * x) for x in XS]))


def tree_by_vjp():
    @derivo.custom_vjp
    def f(a, pair, flag):
        b, c = pair["b"], pair["c"]
        return {"sum": a * b, "product": (a + c, flag)}

    def fwd(a, pair, flag):
        return f.fun(a, pair, flag), (a, pair["b"])

    def bwd(saved, g):
        a, b = saved
        s, (p, _) = g["sum"], g["product"]
        return s * b + p, {"b": (s * a).sum() if b.dim() == 0 else s * a, "c": p}, None

    f.defvjp(fwd, bwd)
    return f


def tree_by_jvp():
    @derivo.custom_jvp
    def f(a, pair, flag):
        b, c = pair["b"], pair["c"]
        return {"sum": a * b, "product": (a + c, flag)}

    @f.defjvp
    def rule(primals, tangents):
        (a, pair, flag), (s, t, _) = primals, tangents
        out = {
            "sum": s * pair["b"] + a * t["b"],
            "product": (s + t["c"], derivo.zeros_like(flag)),
        }
        return f(a, pair, flag), out

    return f


@pytest.mark.parametrize("make", [tree_by_vjp, tree_by_jvp])
def test_trees_of_which_some_are_shared(make):
    f = make()
    flag = derivo.tensor([1, 2, 3])

    def plain(a, pair, flag):
        return {"sum": a * pair["b"], "product": (a + pair["c"], flag)}

    def run(f):
        def loss(a, b, c):
            made = f(a, {"b": b, "c": c}, flag)
            return (made["sum"] ** 2).sum() + (made["product"][0] ** 3).sum()

        every = vmap(grad(loss, (0, 1, 2)), in_dims=(0, None, 0))
        outside = grad(
            lambda a, b, c: vmap(loss, in_dims=(0, None, 0))(a, b, c).sum(), (0, 1, 2)
        )
        tangents = jvp(lambda a, b: vmap(lambda a: loss(a, b, T))(a), (XS, X), (XS, T))[
            1
        ]
        values = vmap(lambda a: f(a, {"b": X, "c": T}, flag)["product"])(XS)
        return [*every(XS, X, XS), *outside(XS, X, XS), tangents, *values]

    for got, expected in zip(run(f), run(plain), strict=True):
        derivo.testing.assert_close(got, expected)


def test_arguments_without_gradients():
    @powers
    def f(n, x):
        return x**n

    expected = derivo.stack([3 * x**2 for x in XS])
    got = vmap(grad(lambda x: f(3, x).sum()))(XS)
    derivo.testing.assert_close(got, expected)


def powers(fun):
    made = derivo.custom_vjp(fun, nondiff_argnums=(0,))
    made.defvjp(lambda n, x: (fun(n, x), x), lambda n, x, g: (g * n * x ** (n - 1),))
    return made


def test_a_gradient_that_is_not_there():
    @derivo.custom_vjp
    def f(x, y):
        return x * y

    f.defvjp(lambda x, y: (x * y, y), lambda y, g: (g * y, None))
    gx, gy = vmap(grad(lambda x, y: f(x, y).sum(), (0, 1)), in_dims=(0, None))(XS, X)
    derivo.testing.assert_close(gx, derivo.stack([X, X]))
    assert not gy.any()


def test_random_numbers_in_a_function():
    @derivo.custom_vjp
    def f(x):
        return x * derivo.rand_like(x)

    f.defvjp(lambda x: (f.fun(x), x), lambda x, g: (g,))
    made = vmap(f, randomness="different")(derivo.ones(2, 3))
    assert made[0].tolist() != made[1].tolist()
    with pytest.raises(RuntimeError, match="randomness"):
        vmap(f)(derivo.ones(2, 3))


# ------------------------------------------------------------------ found on the way


@pytest.mark.parametrize(
    "f",
    [
        derivo.exp,
        derivo.abs,
        lambda z: z.conj() * z.exp(),
        lambda z: z * z.real,
        lambda z: grad(lambda w: (w * w.exp()).abs().sum())(z),
    ],
)
def test_tangents_of_complex_numbers_by_example(f):
    derivo.manual_seed(0)
    zs = derivo.randn(3, 2, dtype=derivo.complex128)
    t = derivo.randn(2, dtype=derivo.complex128)

    def pushed(z):
        return jvp(f, (z,), (t,))[1]

    derivo.testing.assert_close(vmap(pushed)(zs), derivo.stack([pushed(z) for z in zs]))
    # And levels that the operand does not belong to.
    derivo.testing.assert_close(
        vmap(jacfwd(f))(zs), derivo.stack([jacfwd(f)(z) for z in zs])
    )
    got = vmap(jacfwd(jacfwd(f)))(zs)
    derivo.testing.assert_close(got, derivo.stack([jacfwd(jacfwd(f))(z) for z in zs]))


def test_the_graph_of_a_gradient_is_kept_for_the_next():
    def f(x):
        return (x.sin() * x).sum()

    got = grad(lambda x: (grad(f)(x) ** 2).sum())(X)
    first = X.cos() * X + X.sin()
    second = 2 * X.cos() - X * X.sin()
    derivo.testing.assert_close(got, 2 * first * second)


def put(x):
    return derivo.zeros(3, dtype=F64).scatter_add(0, derivo.tensor([0, 2]), x)


def put_in_place(x):
    return derivo.zeros(3, dtype=F64).index_add_(0, derivo.tensor([0, 2]), x)


def put_in_view(x):
    z = derivo.zeros(3, dtype=F64)
    z[:2] = x
    return z


def copied(x):
    return derivo.zeros(2, dtype=F64).copy_(x).sum() * derivo.ones(3, dtype=F64)


def multiplied(x):
    return derivo.ones(2, dtype=F64).mul_(x).sum() * derivo.ones(3, dtype=F64)


def product_added(x):
    z = derivo.zeros(2, 2, dtype=F64).addmm_(x[:, None], x[None])
    return z.reshape(4)[:3]


def squared_in_place(x):
    return x.clone().mul_(x).sum() * derivo.ones(3, dtype=F64)


PUTS = [put, put_in_place, put_in_view, copied, multiplied, product_added]


@pytest.mark.parametrize("f", [*PUTS, squared_in_place])
def test_zeros_that_what_is_differentiated_is_written_to(f):
    # The same for all examples, as what is differentiated is; the seeds are not.
    x, seeds = derivo.tensor([1.0, 2.0], dtype=F64), XS

    def loss(x, c):
        return (f(x) * c).sum()

    got = vmap(lambda c: grad(loss)(x, c))(seeds)
    derivo.testing.assert_close(got, derivo.stack([grad(loss)(x, c) for c in seeds]))

    def pushed(t):
        return jvp(f, (x,), (t,))[1]

    got = vmap(pushed)(seeds[:, :2])
    derivo.testing.assert_close(got, derivo.stack([pushed(t) for t in seeds[:, :2]]))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.sort(0).values,
        lambda x: x.topk(1, 0)[0],
        lambda x: x.max(0)[0],
        lambda x: x.kthvalue(1, 0)[0],
        lambda x: x.cummax(0)[0],
        lambda x: x.median(0)[0],
        lambda x: x.gather(0, derivo.tensor([[0, 1]])),
        lambda x: x[derivo.tensor([0, 1])],
    ],
)
def test_tangents_by_example_of_a_shared_tensor(f):
    x = derivo.tensor([[3.0, 1.0], [2.0, 5.0]], dtype=F64)
    ts = derivo.arange(8.0, dtype=F64).reshape(2, 2, 2)

    def pushed(t):
        return jvp(f, (x,), (t,))[1]

    derivo.testing.assert_close(vmap(pushed)(ts), derivo.stack([*map(pushed, ts)]))


def set_part(z, x):
    z[:2] = x
    return z


MADE_LIKE = {
    "zeros_like": lambda x: derivo.zeros_like(x).copy_(x),
    "ones_like": lambda x: derivo.ones_like(x).mul_(x),
    "full_like": lambda x: derivo.full_like(x, 2.0).add_(x),
    "empty_like": lambda x: derivo.empty_like(x).fill_(0).add_(x),
    "new_zeros": lambda x: set_part(x.new_zeros(3), x),
    "new_ones": lambda x: set_part(x.new_ones(3), x),
    "new_full": lambda x: set_part(x.new_full((3,), 2.0), x),
    "new_empty": lambda x: set_part(x.new_empty(3).zero_(), x),
    "new_empty_strided": lambda x: x.new_empty_strided((2,), (1,)).copy_(x),
    "of a view": lambda x: derivo.zeros_like(x.expand(3, 2).t()).copy_(x[:, None]),
}


@pytest.mark.parametrize("name", MADE_LIKE)
def test_what_is_made_like_a_followed_tensor_can_be_written_to(name):
    f = MADE_LIKE[name]
    xs = derivo.arange(6.0, dtype=F64).reshape(3, 2) + 1

    def each(run, xs):
        return derivo.stack([run(x) for x in xs])

    def loss(x):
        return (f(x) ** 2).sum()

    check = derivo.testing.assert_close
    check(vmap(f)(xs), each(f, xs))
    check(vmap(grad(loss))(xs), each(grad(loss), xs))
    check(grad(lambda xs: vmap(loss)(xs).sum())(xs), each(grad(loss), xs))
    check(vmap(jacfwd(f))(xs), each(jacfwd(f), xs))
    nested = derivo.stack([xs, xs + 1])
    check(vmap(vmap(f))(nested), each(lambda xs: each(f, xs), nested))
    check(vmap(lambda x: f(x) + derivo.zeros_like(f(x)))(xs), each(f, xs))


def test_layout_of_what_is_made_like_a_followed_tensor():
    xs = derivo.zeros(4, 2, 3)
    seen = []
    vmap(lambda x: (seen.append(derivo.zeros_like(x.t()).stride()), x)[1])(xs)
    assert seen == [(1, 3)]


@pytest.mark.parametrize(
    "f",
    [
        lambda a: a.dot(T) ** 2,
        lambda a: (a.sum() * T).exp().sum() * a.sum(),
        lambda a: derivo.outer(a, T).mv(a).sin().sum(),
        lambda a: (a.sum() ** 2 * derivo.ones(2, 3, dtype=F64) * a).sum(),
        lambda a: derivo.ones(3, dtype=F64).mul(a.sum() ** 3).sum(),
    ],
)
def test_operands_of_different_ranks(f):
    # What aligns them is part of the history that is outside of the level.
    def outer(run):
        return grad(lambda xs: (run(xs) ** 2).sum())(XS)

    got = outer(vmap(grad(f)))
    expected = outer(lambda xs: derivo.stack([grad(f)(x) for x in xs]))
    derivo.testing.assert_close(got, expected)


@pytest.mark.parametrize("dim", [0, -1])
def test_numbers_of_examples_are_stacked(dim):
    def f(x):
        return derivo.stack([x[0], x[1] * x[2]], dim)

    derivo.testing.assert_close(vmap(f)(XS), derivo.stack([f(x) for x in XS]))
    got = vmap(jacrev(f))(XS)
    derivo.testing.assert_close(got, derivo.stack([jacrev(f)(x) for x in XS]))


# ------------------------------------------------------------------ autograd.Function


class Generated(derivo.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.sin() * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x.cos() * x + x.sin())

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return t * (x.cos() * x + x.sin())


class Ruled(Generated):
    generate_vmap_rule = False

    @staticmethod
    def vmap(info, in_dims, x):
        return Ruled.apply(x.movedim(in_dims[0], 0)), 0


@pytest.mark.parametrize("function", [Generated, Ruled])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_functions_of_the_user(function, name):
    got, expected = TRANSFORMS[name](function.apply), TRANSFORMS[name](reference)
    derivo.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)


def test_a_generated_rule_of_several_tensors():
    class Scaled(derivo.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x, y, k):
            return x * y * k, x + y

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, y, ctx.k = inputs
            ctx.save_for_backward(x, y)
            ctx.save_for_forward(x, y)

        @staticmethod
        def backward(ctx, a, b):
            x, y = ctx.saved_tensors
            return a * y * ctx.k + b, a * x * ctx.k + b, None

        @staticmethod
        def jvp(ctx, s, t, _):
            x, y = ctx.saved_tensors
            return (s * y + x * t) * ctx.k, s + t

    def run(f):
        both = vmap(vmap(f, (0, None)), (0, 0))(XS, X[:2])
        tangents = jvp(vmap(f, (0, None)), (XS, X), (XS * 2, T))[1]
        return [*both, *tangents]

    got = run(lambda x, y: Scaled.apply(x, y, 3))
    expected = run(lambda x, y: (x * y * 3, x + y))
    for a, b in zip(got, expected, strict=True):
        derivo.testing.assert_close(a, b)
