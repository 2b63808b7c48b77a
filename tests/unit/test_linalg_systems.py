# Systems of equations are one node each: operands of different ranks, and vmap.
from __future__ import annotations

import math

import pytest

import derivo
from derivo import linalg
from derivo.autograd import gradcheck, gradgradcheck
from derivo.func import vmap


def lu_solve(left, adjoint):
    def solved(a, b):
        lu, pivots, _ = linalg.lu_factor_ex(a)
        return linalg.lu_solve(lu, pivots, b, left=left, adjoint=adjoint)

    return solved


# Name -> (function of the matrix and the other side, name of its node).
SYSTEMS = {
    "solve": (linalg.solve, "LinalgSolveExBackward0"),
    "solve_right": (
        lambda a, b: linalg.solve(a, b, left=False),
        "LinalgSolveExBackward0",
    ),
    "solve_triangular": (
        lambda a, b: linalg.solve_triangular(a, b, upper=True),
        "LinalgSolveTriangularBackward0",
    ),
    "cholesky_solve": (
        lambda a, b: derivo.cholesky_solve(b, a),
        "CholeskySolveBackward0",
    ),
    "cholesky_solve_upper": (
        lambda a, b: derivo.cholesky_solve(b, a, upper=True),
        "CholeskySolveBackward0",
    ),
    **{
        f"lu_solve_{left}_{adjoint}": (
            lu_solve(left, adjoint),
            "LinalgLuSolveBackward0",
        )
        for left in (True, False)
        for adjoint in (True, False)
    },
}


def operands(*shapes, dtype=derivo.float64):
    derivo.manual_seed(0)
    made = [derivo.randn(*shape, dtype=dtype) for shape in shapes]
    # Dominant diagonals, so that nothing comes near to being singular.
    return [t + 3 * derivo.eye(3, dtype=dtype) for t in made]


@pytest.mark.parametrize(
    ("shapes", "dtype"),
    [
        (((3, 3), (2, 3, 3)), derivo.complex128),
        (((2, 1, 3, 3), (2, 3, 3)), derivo.float64),
    ],
)
@pytest.mark.parametrize("name", SYSTEMS)
def test_operands_broadcast(name, shapes, dtype):
    f, node = SYSTEMS[name]
    a, b = (t.requires_grad_() for t in operands(*shapes, dtype=dtype))
    made = f(a, b)
    lead = derivo.broadcast_shapes(shapes[0][:-2], shapes[1][:-2])
    wide = [t.expand(*lead, 3, 3) for t in (a, b)]
    derivo.testing.assert_close(made, f(*wide))
    assert gradcheck(f, (a, b))
    # No dimension was expanded on the way.
    assert made.grad_fn.name() == node
    assert "Expand" not in str([n for n, _ in made.grad_fn.next_functions])


@pytest.mark.parametrize("name", SYSTEMS)
def test_second_order(name):
    a, b = (t.requires_grad_() for t in operands((3, 3), (1, 3, 3)))
    assert gradgradcheck(SYSTEMS[name][0], (a, b))


@pytest.mark.parametrize("in_dims", [(0, 0), (0, None), (None, 0)])
@pytest.mark.parametrize("name", SYSTEMS)
def test_examples_of_different_ranks(name, in_dims):
    f = SYSTEMS[name][0]
    for ranks in ((), (2,)), ((2,), ()):
        a, b = operands(
            *(
                (*(() if d is None else (4,)), *lead, 3, 3)
                for d, lead in zip(in_dims, ranks, strict=True)
            )
        )
        loop = derivo.stack(
            [
                f(a if in_dims[0] is None else a[i], b if in_dims[1] is None else b[i])
                for i in range(4)
            ]
        )
        derivo.testing.assert_close(vmap(f, in_dims)(a, b), loop)


def test_vectors_under_vmap():
    (a,) = operands((4, 2, 3, 3))
    derivo.manual_seed(1)
    for b, in_dims in (
        (derivo.randn(3, dtype=a.dtype), (0, None)),
        (derivo.randn(4, 3, dtype=a.dtype), (0, 0)),
        (derivo.randn(4, 2, 3, dtype=a.dtype), (0, 0)),
    ):
        loop = derivo.stack(
            [linalg.solve(a[i], b if b.dim() == 1 else b[i]) for i in range(4)]
        )
        derivo.testing.assert_close(vmap(linalg.solve, in_dims)(a, b), loop)


def test_infos_are_those_of_the_matrices():
    (a,) = operands((2, 3, 3))
    a[1] = 0
    b = derivo.ones(4, 1, 3, 1, dtype=a.dtype)
    made, info = linalg.solve_ex(a, b)
    assert made.shape == (4, 2, 3, 1)
    assert (info != 0).tolist() == [False, True]
    assert made[:, 0].isfinite().all()
    assert made[:, 1].isnan().all()


@pytest.mark.parametrize("driver", ["gels", "gelsy", "gelsd"])
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 5, 3)])
def test_least_squares(shape, driver):
    derivo.manual_seed(0)
    a = derivo.randn(*shape, dtype=derivo.float64, requires_grad=True)
    for b in (
        derivo.randn(*shape[:-1], 2, dtype=a.dtype, requires_grad=True),
        derivo.randn(*shape[:-1], dtype=a.dtype, requires_grad=True),
    ):

        def f(a, b):
            made = linalg.lstsq(a, b, driver=driver)
            return made.solution, made.residuals

        x, residuals = f(a, b)
        assert x.grad_fn.name() == "LinalgLstsqBackward0"
        assert gradcheck(f, (a, b))
        if a.dim() == 2:
            assert gradgradcheck(f, (a, b), atol=1e-4)
        if shape[-2] > shape[-1] and driver != "gelsy":
            side = b if b.dim() == a.dim() else b.unsqueeze(-1)
            wide = x if b.dim() == a.dim() else x.unsqueeze(-1)
            derivo.testing.assert_close(residuals, (a @ wide - side).square().sum(-2))
        else:
            assert residuals.shape == (0,)
        values = linalg.lstsq(a, b, driver=driver).singular_values
        assert not values.requires_grad


def test_least_squares_under_vmap():
    derivo.manual_seed(0)
    for shape, sizes in (((4, 5, 3), (4, 2)), ((4, 3, 5), (4, 0))):
        a = derivo.randn(*shape, dtype=derivo.float64)
        b = derivo.randn(*shape[:-1], 2, dtype=a.dtype)
        made = vmap(lambda a, b: tuple(linalg.lstsq(a, b, driver="gels"))[:2])(a, b)
        assert made[1].shape == sizes
        derivo.testing.assert_close(made[0], linalg.lstsq(a, b).solution)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 4, 4)])
def test_unpacking(shape):
    derivo.manual_seed(0)
    a = derivo.randn(*shape, dtype=derivo.float64, requires_grad=True)
    p, low, up = linalg.lu(a)
    assert not p.requires_grad
    assert [t.grad_fn.name() for t in (low, up)] == ["LinalgLuBackward0"] * 2
    assert [t.output_nr for t in (low, up)] == [0, 1]
    derivo.testing.assert_close(p @ low @ up, a)
    lu, pivots = linalg.lu_factor(a)
    again = derivo.lu_unpack(lu, pivots)
    assert again.U.grad_fn.name() == "LuUnpackBackward0"
    for one, other in zip(again, (p, low, up), strict=True):
        derivo.testing.assert_close(one, other)
    assert gradcheck(
        lambda t: derivo.lu_unpack(t, pivots)[1:], (lu.detach().requires_grad_(),)
    )
    assert gradcheck(lambda t: linalg.lu(t)[1:], (a,))


def test_what_nodes_show():
    a, b = (t.requires_grad_() for t in operands((3, 3), (2, 3, 3)))
    node = linalg.solve(a, b).grad_fn
    assert node._saved_A is a
    assert node._saved_left is True
    assert node._saved_result.shape == (2, 3, 3)
    node = derivo.cholesky_solve(b, a, upper=True).grad_fn
    assert node._saved_input2 is a
    assert node._saved_upper is True
    node = linalg.qr(a, mode="complete").R.grad_fn
    assert node._saved_mode == "complete"
    assert node._saved_Q.shape == (3, 3)
    node = linalg.svd(a, full_matrices=False).S.grad_fn
    assert node._saved_S_sym_argsize_minus_1 == 3
    assert node._saved_full_matrices is False
    node = linalg.matrix_norm(a, 1).grad_fn
    assert node.name() == "AmaxBackward0"
    assert node.next_functions[0][0]._saved_dim == (0,)
    node = linalg.vector_norm(a, 3, (1, 0)).grad_fn
    assert (node._saved_ord, node._saved_dim) == (3, (1, 0))
    assert linalg.vecdot(a[0], a[1]).grad_fn.name() == "VdotBackward0"


def test_a_zero_on_the_diagonal_gives_infinities_there_only():
    a = derivo.tensor([[0.0, 1.0], [0.0, 2.0]])
    made = linalg.solve_triangular(a, derivo.ones(2, 2), upper=True)
    assert made.tolist() == [[math.inf] * 2, [0.5] * 2]
