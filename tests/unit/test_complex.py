# Complex tensors beyond single elementwise operations: the convention of gradients,
# promotion, reductions, products, in-place forms, what is refused and in which words.

import cmath
import math
import warnings

import numpy as np
import pytest

import derivo
from derivo.autograd import gradcheck, gradgradcheck

rng = np.random.default_rng(0)


def draw(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def leaf(*shape):
    return derivo.from_numpy(draw(*shape)).requires_grad_()


def same(got, want, tol=1e-12):
    np.testing.assert_allclose(got.numpy(), want, rtol=tol, atol=tol)


# ------------------------------------------------------------------ the convention


def test_the_gradient_of_a_squared_modulus():
    z = derivo.tensor(1 + 2j, requires_grad=True)
    (z * z.conj()).real.backward()
    assert z.grad.item() == 2 + 4j


def test_the_gradient_of_an_analytic_function_is_conjugated():
    z = derivo.tensor(1 + 2j, requires_grad=True)
    (z * z).real.backward()
    assert z.grad.item() == 2 - 4j


def test_a_step_against_the_gradient_goes_downhill():
    z = leaf(5)
    before = (z.sin() * z).abs().sum()
    before.backward()
    with derivo.no_grad():
        z -= 1e-3 * z.grad
    assert (z.sin() * z).abs().sum() < before


def test_a_real_operand_gets_the_real_part():
    x = derivo.tensor([1.0, 2.0], dtype=derivo.float64, requires_grad=True)
    z = derivo.tensor([3 + 4j, 1 - 1j], dtype=derivo.complex128)
    (x * z).abs().sum().backward()
    assert x.grad.dtype is derivo.float64
    same(x.grad, [5.0, math.sqrt(2)])


def test_casting_a_gradient_back_to_real_warns_of_nothing():
    x = derivo.ones(3, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (x.to(derivo.complex64) * 1j).imag.sum().backward()
        x.add(1j).real.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_no_implicit_seed_for_complex_results():
    z = derivo.ones(2, dtype=derivo.complex64, requires_grad=True)
    with pytest.raises(RuntimeError, match="for real scalar outputs but got"):
        z.sum().backward()


@pytest.mark.parametrize(
    ("make", "grad"),
    [
        (lambda z: z.real, 1),
        (lambda z: z.imag, 1j),
        (lambda z: derivo.view_as_real(z)[1], 1j),
        (lambda z: z.abs(), cmath.rect(1, cmath.phase(3 - 4j))),
        (lambda z: z.angle(), 1j * (3 - 4j) / 25),
        (lambda z: z.conj().imag, -1j),
        (lambda z: derivo.where(derivo.tensor(True), z, 0).real, 1),
        (lambda z: z.clone().imag, 1j),
    ],
)
def test_what_is_not_analytic(make, grad):
    z = derivo.tensor(3 - 4j, dtype=derivo.complex128, requires_grad=True)
    make(z).backward()
    assert z.grad.item() == pytest.approx(grad)


def test_kinks_have_no_gradient():
    z = derivo.zeros(2, dtype=derivo.complex128, requires_grad=True)
    (z.abs().sum() + z.sgn().real.sum()).backward()
    assert z.grad.tolist() == [0, 0]


def test_polar_and_complex_give_gradients_to_real_parts():
    r = derivo.tensor([2.0], dtype=derivo.float64, requires_grad=True)
    t = derivo.tensor([0.5], dtype=derivo.float64, requires_grad=True)
    assert gradcheck(derivo.polar, (r, t))
    assert gradgradcheck(derivo.polar, (r, t))
    assert gradcheck(derivo.complex, (r, t))
    made = derivo.polar(r, t)
    assert made.grad_fn.name() == "PolarBackward0"
    same(made.detach(), [cmath.rect(2.0, 0.5)])


# ------------------------------------------------------------------ promotion


@pytest.mark.parametrize(
    ("left", "right", "dtype"),
    [
        ("float32", 1j, "complex64"),
        ("float64", 1j, "complex128"),
        ("int64", 1j, "complex64"),
        ("complex64", 2, "complex64"),
        ("complex64", "float64", "complex128"),
        ("complex64", "int64", "complex64"),
        ("bool", "complex64", "complex64"),
        ("float16", "complex64", "complex64"),
        ("complex64", "complex128", "complex128"),
    ],
)
def test_promotion(left, right, dtype):
    a = derivo.ones(3, dtype=getattr(derivo, left))
    b = derivo.ones(3, dtype=getattr(derivo, right)) if type(right) is str else right
    assert (a * b).dtype.name == dtype
    assert (b + a).dtype.name == dtype


def test_a_zero_dimensional_operand_does_not_widen():
    a = derivo.ones(3, dtype=derivo.complex64)
    assert (a * derivo.tensor(1.0, dtype=derivo.float64)).dtype is derivo.complex64


def test_infinity_times_a_real_number_as_a_complex_one():
    # PyTorch converts the real operand: 0 * inf is NaN.
    got = derivo.tensor([complex(math.inf, 1)]) * derivo.tensor([2.0])
    assert got.real.isinf().item()
    assert got.imag.isnan().item()


def test_the_square_of_the_modulus_is_real():
    z = derivo.from_numpy(draw(1000))
    assert not (z * z.conj()).imag.any()


# ------------------------------------------------------------------ special points

INF, NAN = math.inf, math.nan
SPECIAL = [
    ("exp", complex(-INF, INF), 0),
    ("exp", complex(INF, 0.0), complex(INF, 0)),
    ("log", complex(-INF, 0.0), complex(INF, math.pi)),
    ("log", 0j, complex(-INF, 0)),
    ("log", complex(-1.0, -0.0), complex(0, -math.pi)),
    ("sqrt", complex(-4.0, 0.0), 2j),
    ("sqrt", complex(-4.0, -0.0), -2j),
    ("sqrt", complex(NAN, INF), complex(INF, INF)),
    ("sqrt", 1e300 + 1e300j, cmath.sqrt(1e300 + 1e300j)),
    ("abs", complex(NAN, INF), INF),
    ("abs", 3e300 + 4e300j, 5e300),
    ("tanh", 1000 + 1j, 1),
    ("tan", 1 + 1000j, 1j),
    ("asin", complex(2.0, 0.0), cmath.asin(2)),
    ("asin", complex(2.0, -0.0), cmath.asin(complex(2, -0.0))),
    ("acosh", complex(-2.0, 0.0), cmath.acosh(-2)),
    ("atan", 1e200 + 1j, math.pi / 2),
    ("asinh", complex(INF, 0.0), complex(INF, 0)),
    ("acos", complex(INF, INF), complex(math.pi / 4, -INF)),
    ("log1p", 1e-20 + 1e-20j, 1e-20 + 1e-20j),
    ("expm1", 1e-20 + 1e-20j, 1e-20 + 1e-20j),
    ("sgn", 0j, 0),
    ("reciprocal", 1e200 + 1e200j, 0.5e-200 - 0.5e-200j),
]


@pytest.mark.parametrize(("name", "z", "want"), SPECIAL)
def test_special_points(name, z, want):
    got = getattr(derivo, name)(derivo.tensor([z], dtype=derivo.complex128)).numpy()
    want = np.asarray(want)
    np.testing.assert_allclose(got.real, [want.real], rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(got.imag, [want.imag], rtol=1e-14, atol=1e-300)


def test_a_quotient_does_not_overflow_on_the_way():
    z = derivo.tensor([1e300 + 1e300j], dtype=derivo.complex128)
    same(z / z, [1])
    same(z / (1e-300 * z) * 1e-300, [1])


@pytest.mark.parametrize("name", ["sqrt", "log", "asin", "acosh", "atanh"])
def test_accuracy_near_branch_points(name):
    points = np.array([1 + 1e-12j, 1 - 1e-10j, -1 + 1e-9j, 1 + 1e-7 + 1e-9j, 1e-13j])
    got = getattr(derivo, name)(derivo.from_numpy(points)).numpy()
    want = [getattr(cmath, name)(complex(z)) for z in points]
    np.testing.assert_allclose(got, want, rtol=2e-14)


# ------------------------------------------------------------------ in place, out=


def test_in_place():
    z = derivo.tensor([1 + 1j, 2.0])
    z.mul_(1j).add_(1, alpha=2j).exp_()
    np.testing.assert_allclose(
        z.numpy(), np.exp(1j * np.array([1 + 1j, 2]) + 2j), rtol=1e-6
    )
    w = leaf(3)
    v = w * 1
    v.mul_(v.detach().conj()).sub_(1j)
    v.abs().sum().backward()
    assert w.grad.is_complex()


@pytest.mark.parametrize("how", ["mul_", "add_"])
def test_a_complex_result_does_not_go_into_a_real_tensor(how):
    words = "result type ComplexFloat can't be cast to the desired output type Float"
    with pytest.raises(RuntimeError, match=words):
        getattr(derivo.ones(3), how)(1j)
    with pytest.raises(RuntimeError, match=words):
        derivo.exp(derivo.ones(3) * 1j, out=derivo.empty(3))


def test_a_real_result_goes_into_a_complex_tensor():
    out = derivo.empty(2, dtype=derivo.complex64)
    assert derivo.exp(derivo.zeros(2), out=out) is out
    assert out.tolist() == [1, 1]
    derivo.abs(derivo.tensor([3 + 4j, 0]), out=out)
    assert out.tolist() == [5, 0]


def test_filling_a_real_tensor_with_a_complex_number():
    with pytest.raises(RuntimeError, match="without overflow"):
        derivo.ones(2).fill_(1j)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda z: z < z, "\"lt_cpu\" not implemented for 'ComplexFloat'"),
        (lambda z: z.sign(), "Unlike NumPy, torch.sign is not intended to support"),
        (lambda z: z.abs_(), "In-place abs is not supported for complex tensors"),
        (lambda z: z.sort(), "Sort does not support complex dtypes on CPU"),
        (lambda z: z // 2, "not implemented for 'ComplexFloat'"),
        (lambda z: z.max(), "complex"),
        (lambda z: derivo.softmax(z, 0), "not implemented for 'ComplexFloat'"),
        (lambda z: float(z[0]), "without overflow"),
        (
            lambda z: derivo.add(z.real, z.real, alpha=1j),
            "For non-complex input tensors, argument alpha must not be a complex",
        ),
    ],
)
def test_refusals(call, words):
    with pytest.raises(RuntimeError, match=words):
        call(derivo.tensor([1 + 1j, 2j]))


def test_what_needs_no_order_works():
    z = derivo.tensor([1 + 1j, 0, complex(math.nan, 1), complex(0, math.inf)])
    assert z.isnan().tolist() == [False, False, True, False]
    assert z.isinf().tolist() == [False, False, False, True]
    assert z.isreal().tolist() == [False, True, False, False]
    assert (z == z).tolist() == [True, True, False, True]
    assert z.nan_to_num()[2].item() == 1j
    assert derivo.allclose(z[:2], z[:2] + 1e-9)
    assert not z.is_conj()
    assert z.resolve_conj() is z


# ------------------------------------------------------------------ reductions

A = draw(3, 4, 5)
REDUCTIONS = {
    "sum": lambda t, **k: t.sum(**k),
    "mean": lambda t, **k: t.mean(**k),
    "prod": lambda t, **k: t.prod(**k),
    "var": lambda t, **k: t.var(**k),
    "std": lambda t, **k: t.std(**k),
    "norm": lambda t, **k: derivo.linalg.vector_norm(t, **k),
    "norm1": lambda t, **k: derivo.linalg.vector_norm(t, 1, **k),
    "norminf": lambda t, **k: derivo.linalg.vector_norm(t, math.inf, **k),
}
NUMPY = {
    "sum": lambda a, axis: a.sum(axis),
    "mean": lambda a, axis: a.mean(axis),
    "prod": lambda a, axis: a.prod(axis),
    "var": lambda a, axis: a.var(axis, ddof=1),
    "std": lambda a, axis: a.std(axis, ddof=1),
    "norm": lambda a, axis: np.sqrt((abs(a) ** 2).sum(axis)),
    "norm1": lambda a, axis: abs(a).sum(axis),
    "norminf": lambda a, axis: abs(a).max(axis),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name):
    f, want = REDUCTIONS[name], NUMPY[name]
    t = derivo.from_numpy(A)
    same(f(t, dim=1), want(A, 1))
    same(f(t.transpose(0, 2), dim=2), want(A, 0).T)
    assert f(t, dim=0, keepdim=True).shape == (1, 4, 5)
    if name != "prod":
        same(f(t), want(A, None))
        same(f(t, dim=(0, 2)), want(A, (0, 2)))
    x = leaf(2, 3)
    assert gradcheck(lambda v: f(v, dim=1), (x,))
    assert gradgradcheck(lambda v: f(v, dim=1), (x,))


@pytest.mark.parametrize("how", ["sum", "mean", "prod"])
def test_reductions_of_one_number(how):
    z = derivo.tensor(2 + 3j, requires_grad=True)
    made = getattr(z, how)()
    assert made.item() == 2 + 3j
    made.imag.backward()
    assert z.grad.item() == 1j


def test_names_of_nodes():
    z = leaf(3)
    assert z.sum().grad_fn.name() == "SumBackward0"
    assert z.mean(0).grad_fn.name() == "MeanBackward1"
    assert z.prod().grad_fn.name() == "ProdBackward0"
    assert z.conj().grad_fn.name() == "ConjBackward0"
    assert (z @ z).grad_fn.name() == "DotBackward0"


def test_empty_reductions():
    none = derivo.empty(0, 2, dtype=derivo.complex64)
    assert none.sum().item() == 0
    assert none.prod(0).tolist() == [1, 1]


def test_products_with_zeros():
    z = derivo.tensor([0j, 2 + 1j, 1j], dtype=derivo.complex128, requires_grad=True)
    z.prod().real.backward()
    assert z.grad[0].item() == ((2 + 1j) * 1j).conjugate()
    assert gradcheck(lambda v: v.cumprod(0), (z,))


@pytest.mark.parametrize("how", ["cumsum", "cumprod", "logcumsumexp"])
def test_scans(how):
    x = leaf(3, 4)
    want = {
        "cumsum": lambda a: a.cumsum(1),
        "cumprod": lambda a: a.cumprod(1),
        "logcumsumexp": lambda a: np.log(np.exp(a).cumsum(1)),
    }[how](x.detach().numpy())
    got = getattr(derivo, how)(x, 1)
    # A logarithm of a sum is known up to whole turns.
    turns = (got.detach().numpy() - want).imag / (2 * math.pi)
    same(got.detach(), want + 2j * math.pi * np.round(turns))
    assert gradcheck(lambda v: getattr(derivo, how)(v, 1), (x,))
    assert gradgradcheck(lambda v: getattr(derivo, how)(v, 1), (x,))


# ------------------------------------------------------------------ products

PRODUCTS = [
    ("i,i->", lambda a, b: a.dot(b), (4,), (4,)),
    ("ij,j->i", lambda a, b: a.mv(b), (3, 4), (4,)),
    ("ij,jk->ik", lambda a, b: a.mm(b), (3, 4), (4, 2)),
    ("bij,bjk->bik", lambda a, b: a.bmm(b), (2, 3, 4), (2, 4, 2)),
    ("bij,jk->bik", lambda a, b: a @ b, (2, 3, 4), (4, 2)),
    ("i,j->ij", derivo.outer, (3,), (2,)),
    ("ij,kj->ik", derivo.nn.functional.linear, (3, 4), (2, 4)),
    ("ij,ki->jk", lambda a, b: derivo.einsum("ij,ki->jk", a, b), (3, 4), (2, 3)),
]


@pytest.mark.parametrize(("letters", "f", "left", "right"), PRODUCTS)
def test_products(letters, f, left, right):
    a, b = leaf(*left), leaf(*right)
    want = np.einsum(letters, a.detach().numpy(), b.detach().numpy())
    same(f(a, b).detach(), want)
    assert gradcheck(f, (a, b))
    assert gradgradcheck(f, (a, b))


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_larger_products(dtype):
    a, b = draw(65, 130).astype(dtype), draw(130, 33).astype(dtype)
    got = derivo.from_numpy(a) @ derivo.from_numpy(b)
    assert got.dtype.name == dtype
    wide = a.astype("complex128") @ b.astype("complex128")
    error = np.abs(got.numpy() - wide).max()
    assert error <= 130 * np.finfo(dtype).eps * np.abs(wide).max()
    # Conjugate transposes are read where they lie.
    h = derivo.from_numpy(b).mH @ derivo.from_numpy(a).mH
    np.testing.assert_allclose(h.mH.numpy(), got.numpy(), rtol=1e-4, atol=1e-4)


def test_vdot_conjugates_its_first_vector():
    a, b = leaf(4), leaf(4)
    same(derivo.vdot(a, b).detach(), np.vdot(a.detach().numpy(), b.detach().numpy()))
    assert gradcheck(derivo.vdot, (a, b))
    assert gradgradcheck(derivo.vdot, (a, b))
    same(derivo.linalg.vecdot(a, b).detach(), derivo.vdot(a, b).detach().numpy())


@pytest.mark.parametrize("name", ["addmm", "addmv", "baddbmm", "addbmm", "addr"])
def test_products_that_are_added(name):
    shapes = {
        "addmm": ((2,), (3, 4), (4, 2)),
        "addmv": ((3,), (3, 4), (4,)),
        "baddbmm": ((3, 2), (2, 3, 4), (2, 4, 2)),
        "addbmm": ((3, 2), (2, 3, 4), (2, 4, 2)),
        "addr": ((3, 2), (3,), (2,)),
    }[name]
    c, a, b = (leaf(*s) for s in shapes)

    def f(c, a, b):
        return getattr(derivo, name)(c, a, b, beta=2 - 1j, alpha=0.5j)

    if name == "addbmm":
        want = np.einsum("bij,bjk->ik", a.detach().numpy(), b.detach().numpy())
    elif name == "addr":
        want = np.outer(a.detach().numpy(), b.detach().numpy())
    else:
        want = a.detach().numpy() @ b.detach().numpy()
    same(f(c, a, b).detach(), (2 - 1j) * c.detach().numpy() + 0.5j * want)
    assert gradcheck(f, (c, a, b))
    assert gradgradcheck(f, (c, a, b))


def test_products_in_place_and_out():
    a, b = derivo.from_numpy(draw(3, 3)), derivo.from_numpy(draw(3, 3))
    out = derivo.empty(3, 3, dtype=derivo.complex128)
    assert derivo.mm(a, b, out=out) is out
    same(out, a.numpy() @ b.numpy())
    total = a.clone().addmm_(a, b)
    same(total, a.numpy() + a.numpy() @ b.numpy())


def test_operands_of_products_are_of_one_dtype():
    with pytest.raises(RuntimeError, match="to have the same dtype"):
        derivo.ones(2, 2, dtype=derivo.complex64) @ derivo.ones(2, 2)


# ------------------------------------------------------------------ views, indexing


def test_indexing_and_views_pass_gradients():
    z = leaf(3, 4)
    rows = derivo.tensor([0, 2, 2])
    assert gradcheck(
        lambda v: v[rows] * v.t()[1:2].mH, (z.detach()[:, :3].clone().requires_grad_(),)
    )
    assert gradcheck(lambda v: derivo.cat([v, v.conj()], 1)[:, ::3], (z,))
    assert gradcheck(lambda v: v.masked_fill(v.real > 0, 2j), (z,))
    assert gradcheck(lambda v: derivo.stack([v, 1j * v]).permute(2, 0, 1), (z,))
    one = derivo.tensor(1 + 2j, dtype=derivo.complex128, requires_grad=True)
    assert gradcheck(lambda v: v.index_select(0, derivo.tensor([0])), (one,))


def test_adding_one_element_at_an_index_keeps_its_parts_apart():
    z = derivo.zeros(3, dtype=derivo.complex64)
    z.index_add_(0, derivo.tensor([1]), derivo.tensor([1 + 2j]))
    z.index_put_((derivo.tensor([0, 2]),), derivo.tensor(3 - 1j), accumulate=True)
    assert z.tolist() == [3 - 1j, 1 + 2j, 3 - 1j]


def test_copying_through_dtypes():
    x = derivo.ones(2, dtype=derivo.float64, requires_grad=True)
    z = derivo.zeros(2, dtype=derivo.complex128)
    z.copy_(x)
    (z * (1 + 2j)).real.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    with pytest.warns(UserWarning, match="discards the imaginary part"):
        assert z.detach().to(derivo.float32).tolist() == [1.0, 1.0]


# ------------------------------------------------------------------ gradcheck itself


def test_gradcheck_sees_a_missing_conjugate():
    class Wrong(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z * z

        @staticmethod
        def backward(ctx, g):
            (z,) = ctx.saved_tensors
            return g * 2 * z

    z = leaf(2)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(Wrong.apply, (z,))
    assert gradcheck(lambda v: v * v, (z,), fast_mode=True)


# ------------------------------------------------------------------ parts in place


def change_parts(z):
    w = z * 1
    w.real.mul_(z.imag)
    w.imag[0] = z.real[1]
    return w * w


def change_pairs(x):
    y = x * x
    derivo.view_as_complex(y)[1:].mul_(1j * x[1:, 0])
    return y * y


def test_changing_a_part_in_place():
    z = leaf(2)
    w = z * 1
    w.real.mul_(2)
    w.imag.add_(1)
    start = z.detach().numpy()
    same(w.detach(), 2 * start.real + 1j * (start.imag + 1))
    (w.abs() ** 2).sum().backward()
    same(z.grad, 8 * start.real + 2j * (start.imag + 1))
    assert gradcheck(change_parts, (z,))
    assert gradgradcheck(change_parts, (z,))


def test_changing_pairs_of_real_numbers_as_complex_ones():
    x = derivo.from_numpy(rng.normal(size=(3, 2))).requires_grad_()
    assert gradcheck(change_pairs, (x,))
    assert gradgradcheck(change_pairs, (x,))


def test_parts_can_be_set():
    z = derivo.tensor([1 + 2j, 3 - 1j])
    z.real = derivo.tensor([5.0, 6.0])
    z.imag = 1
    assert z.tolist() == [5 + 1j, 6 + 1j]


def test_a_seed_is_complex_where_its_output_is():
    z = leaf(2)
    words = "both grad_output and output are required to have the same dtype"
    with pytest.raises(RuntimeError, match=words):
        z.abs().backward(derivo.ones(2, dtype=derivo.complex128))
    with pytest.raises(RuntimeError, match=words):
        (z * 2).backward(derivo.ones(2, dtype=derivo.float64))
