# Linear algebra: definitions, derivatives of both orders, batches, what is refused.
from __future__ import annotations

import math

import numpy as np
import pytest

import derivo
from derivo import linalg
from derivo.autograd import gradcheck, gradgradcheck
from derivo.func import jvp, vmap

DTYPES = [derivo.float64, derivo.complex128]


def matrices(*shape, dtype=derivo.float64, seed=0):
    derivo.manual_seed(seed)
    made = derivo.randn(*shape, dtype=dtype)
    if shape[-1] == shape[-2]:
        made = made + 2 * derivo.eye(shape[-1], dtype=dtype)
    return made


def hermitian(a):
    return (a + a.mH) / 2


def positive(a):
    return a @ a.mH + derivo.eye(a.shape[-1], dtype=a.dtype)


B = derivo.tensor([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]], dtype=derivo.float64)

# Name -> function of one matrix, whose result does not depend on signs and phases.
FUNCTIONS = {
    "inv": linalg.inv,
    "inv_ex": lambda a: linalg.inv_ex(a).inverse,
    "det": linalg.det,
    "slogdet": lambda a: linalg.slogdet(a).logabsdet,
    "logdet": lambda a: derivo.logdet(positive(a)).real,
    "solve": lambda a: linalg.solve(a, B.to(a.dtype)),
    "solve_vector": lambda a: linalg.solve(a, B[:, 0].to(a.dtype)),
    "solve_right": lambda a: linalg.solve(a, B.mT.to(a.dtype), left=False),
    "solve_triangular": lambda a: linalg.solve_triangular(a, B.to(a.dtype), upper=True),
    "solve_unit": lambda a: linalg.solve_triangular(
        a, B.mT.to(a.dtype), upper=False, left=False, unitriangular=True
    ),
    "cholesky": lambda a: linalg.cholesky(positive(a)),
    "cholesky_upper": lambda a: derivo.cholesky(positive(a), upper=True),
    "cholesky_solve": lambda a: derivo.cholesky_solve(B.to(a.dtype), a.tril()),
    "cholesky_inverse": lambda a: derivo.cholesky_inverse(a.tril()),
    "qr": lambda a: linalg.qr(a).R.abs(),
    "eigh": lambda a: linalg.eigh(hermitian(a)).eigenvectors.abs(),
    "eigvalsh": lambda a: linalg.eigvalsh(hermitian(a)),
    "svd": lambda a: linalg.svd(a).U.abs(),
    "svdvals": linalg.svdvals,
    "eigvals": lambda a: linalg.eigvals(a).abs().sum(-1),
    "eig": lambda a: linalg.eig(a).eigenvectors.abs().sum((-1, -2)),
    "pinv": linalg.pinv,
    "matrix_exp": linalg.matrix_exp,
    "matrix_power": lambda a: linalg.matrix_power(a, 3),
    "negative_power": lambda a: linalg.matrix_power(a, -2),
    "nuclear": lambda a: linalg.matrix_norm(a, "nuc"),
    "spectral": lambda a: (
        linalg.norm(a, 2) if a.dim() == 2 else linalg.matrix_norm(a, 2)
    ),
    "one": lambda a: linalg.matrix_norm(a, 1),
    "cond": linalg.cond,
    "cond_fro": lambda a: linalg.cond(a, "fro"),
    "lstsq": lambda a: linalg.lstsq(a, B.to(a.dtype)).solution,
    "lu": lambda a: linalg.lu(a)[1],
    "lu_upper": lambda a: linalg.lu(a).U,
    "lu_solve": lambda a: linalg.lu_solve(*linalg.lu_factor(a), B.to(a.dtype)),
    "lu_solve_adjoint": lambda a: linalg.lu_solve(
        *linalg.lu_factor(a), B.to(a.dtype), adjoint=True
    ),
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name, dtype):
    a = matrices(3, 3, dtype=dtype).requires_grad_()
    assert gradcheck(FUNCTIONS[name], (a,), check_forward_ad=True)
    assert gradgradcheck(FUNCTIONS[name], (a,), atol=1e-4)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batches_are_loops(name):
    f = FUNCTIONS[name]
    a = matrices(2, 4, 3, 3)
    loop = derivo.stack([derivo.stack([f(m) for m in row]) for row in a])
    derivo.testing.assert_close(vmap(vmap(f))(a), loop)
    if name != "solve_vector":
        derivo.testing.assert_close(f(a), loop)
    derivo.testing.assert_close(f(a.mT.contiguous().mT), loop)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tangents_under_vmap(name):
    f = FUNCTIONS[name]
    a, t = matrices(2, 3, 3), matrices(2, 3, 3, seed=1)
    pairs = [jvp(f, (x,), (v,))[1] for x, v in zip(a, t, strict=True)]
    made = vmap(lambda x, v: jvp(f, (x,), (v,))[1])(a, t)
    derivo.testing.assert_close(made, derivo.stack(pairs))


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (2, 5, 3)])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_decompositions_give_the_matrix_back(shape, dtype):
    a = matrices(*shape, dtype=dtype)
    q, r = linalg.qr(a)
    derivo.testing.assert_close(q @ r, a)
    u, s, vh = linalg.svd(a, full_matrices=False)
    derivo.testing.assert_close((u * s.unsqueeze(-2)) @ vh, a)
    p, low, up = linalg.lu(a)
    derivo.testing.assert_close(p @ low @ up, a)
    derivo.testing.assert_close(a @ linalg.pinv(a) @ a, a)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4)])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_derivatives_of_matrices_that_are_not_square(shape, dtype):
    a = matrices(*shape, dtype=dtype).requires_grad_()
    for f in (
        linalg.pinv,
        linalg.svdvals,
        lambda a: linalg.svd(a, full_matrices=False).U.abs(),
        lambda a: linalg.svd(a, full_matrices=False).Vh.abs(),
        lambda a: linalg.qr(a).R.abs(),
        lambda a: linalg.lu(a)[1],
        lambda a: linalg.lu(a)[2],
    ):
        assert gradcheck(f, (a,))


def test_what_numpy_says():
    a = matrices(3, 3)
    array = a.numpy()
    np.testing.assert_allclose(linalg.inv(a).numpy(), np.linalg.inv(array))
    np.testing.assert_allclose(linalg.det(a).item(), np.linalg.det(array))
    for order in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf):
        np.testing.assert_allclose(
            linalg.matrix_norm(a, order).item(), np.linalg.norm(array, order)
        )
        np.testing.assert_allclose(
            linalg.cond(a, order).item(), np.linalg.cond(array, order)
        )
    assert linalg.matrix_rank(derivo.ones(3, 3)).item() == 1
    np.testing.assert_allclose(
        linalg.vander(a[0], N=4).numpy(), np.vander(array[0], 4, increasing=True)
    )


def test_empty_matrices():
    a = derivo.empty(2, 0, 0)
    assert linalg.inv(a).shape == (2, 0, 0)
    assert linalg.det(a).tolist() == [1.0, 1.0]
    assert linalg.eigvalsh(a).shape == (2, 0)
    assert linalg.svdvals(derivo.empty(3, 0)).shape == (0,)


def test_the_determinant_of_a_singular_matrix_has_a_gradient():
    a = derivo.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    linalg.det(a).backward()
    # The cofactors.
    derivo.testing.assert_close(a.grad, derivo.tensor([[4.0, -2.0], [-2.0, 1.0]]))


def test_nodes_have_their_names():
    a = matrices(2, 2).requires_grad_()
    assert linalg.inv(a).grad_fn.name() == "LinalgInvExBackward0"
    assert linalg.det(a).grad_fn.name() == "LinalgDetBackward0"
    assert linalg.eigh(a)[0].grad_fn.name() == "LinalgEighBackward0"
    assert linalg.svd(a).S.grad_fn.name() == "LinalgSvdBackward0"


def test_singular_matrices_are_refused():
    a = derivo.zeros(2, 2)
    with pytest.raises(linalg.LinAlgError, match="The diagonal element 1 is zero"):
        linalg.inv(a)
    with pytest.raises(RuntimeError, match=r"Batch element 1.*singular"):
        linalg.solve(derivo.stack([derivo.eye(2), a]), derivo.ones(2, 2, 1))
    with pytest.raises(linalg.LinAlgError, match="not positive-definite"):
        linalg.cholesky(-derivo.eye(2))
    assert linalg.inv_ex(a).info.item() == 1
    assert linalg.cholesky_ex(-derivo.eye(2)).info.item() == 1
    assert linalg.cond(a, 1).item() == math.inf
    with pytest.raises(linalg.LinAlgError, match="is zero"):
        linalg.solve_ex(a, derivo.ones(2), check_errors=True)
    with pytest.raises(linalg.LinAlgError, match="is zero"):
        derivo.lu(a)


@pytest.mark.parametrize(
    ("call", "phrase"),
    [
        (lambda: linalg.inv(derivo.ones(2, 3)), "must be batches of square matrices"),
        (lambda: linalg.det(derivo.ones(2)), "must have at least 2 dimensions"),
        (lambda: linalg.inv(derivo.ones(2, 2).int()), "Expected a floating point"),
        (lambda: linalg.inv(derivo.ones(2, 2).half()), "Low precision dtypes"),
        (
            lambda: linalg.solve(derivo.eye(2), derivo.ones(3)),
            "Incompatible shapes of A and B",
        ),
        (
            lambda: linalg.solve(derivo.eye(2), derivo.ones(2).double()),
            "to have the same dtype",
        ),
        (lambda: linalg.qr(derivo.eye(2), "odd"), "unrecognized mode"),
        (lambda: linalg.eigh(derivo.eye(2), "X"), "Expected UPLO argument"),
        (lambda: linalg.svd(derivo.eye(2), driver="x"), "only supported on CUDA"),
        (lambda: linalg.matrix_norm(derivo.eye(2), 3), "Order 3 not supported"),
        (lambda: linalg.norm(derivo.ones(2, 2, 2), 2), "the input must be 1D or 2D"),
        (lambda: linalg.lu(derivo.eye(2), pivot=False), "LU without pivoting"),
        (lambda: linalg.tensorinv(derivo.eye(2), 0), "strictly positive integer"),
        (lambda: linalg.vander(derivo.ones(2), N=1), "N must be greater than 1"),
        (lambda: linalg.eig(derivo.tensor([[math.nan]])), "should not contain infs"),
    ],
)
def test_refused(call, phrase):
    with pytest.raises(RuntimeError, match=phrase):
        call()


def test_a_loss_that_depends_on_the_phase_is_refused():
    a = hermitian(matrices(3, 3, dtype=derivo.complex128)).requires_grad_()
    with pytest.raises(RuntimeError, match="specified up to multiplication"):
        linalg.eigh(a).eigenvectors.imag.sum().backward()
    with pytest.raises(RuntimeError, match="depends on Q"):
        linalg.qr(a, "r").R.abs().sum().backward()


def test_out():
    a = matrices(2, 2)
    made = derivo.empty(0, dtype=derivo.float64)
    assert linalg.inv(a, out=made) is made
    derivo.testing.assert_close(made, linalg.inv(a))
    q, r = derivo.empty(0, dtype=a.dtype), derivo.empty(0, dtype=a.dtype)
    linalg.qr(a, out=(q, r))
    derivo.testing.assert_close(q @ r, a)


def test_results_print_as_named_tuples():
    assert str(linalg.slogdet(derivo.eye(2))) == (
        "torch.return_types.linalg_slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(0.))"
    )


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 5, 5)])
def test_low_rank(shape):
    a = matrices(*shape[:-1], 2) @ matrices(*shape[:-2], 2, shape[-1], seed=1)
    u, s, v = derivo.svd_lowrank(a, q=3)
    derivo.testing.assert_close((u * s.unsqueeze(-2)) @ v.mH, a)
    mean = a.mean(-2, keepdim=True)
    for center in (True, False):
        u, s, v = derivo.pca_lowrank(a, q=3, center=center)
        expected = a - mean if center else a
        derivo.testing.assert_close((u * s.unsqueeze(-2)) @ v.mH, expected)
    x = a.clone().requires_grad_()
    derivo.svd_lowrank(x, q=3, M=mean)[1].sum().backward()
    assert x.grad.isfinite().all()


def test_low_rank_refuses():
    with pytest.raises(ValueError, match="and not greater than"):
        derivo.pca_lowrank(derivo.ones(3, 2), q=3)
    with pytest.raises(ValueError, match="must be non-negative integer"):
        derivo.pca_lowrank(derivo.ones(3, 2), niter=-1)
