# Flips, repeats, triangles, padding, stacks and grids, against NumPy.
from __future__ import annotations

import itertools

import numpy as np
import pytest

import derivo
import derivo.nn.functional as F
from derivo.autograd import gradcheck, gradgradcheck

A = np.arange(24.0).reshape(2, 3, 4) / 5 - 1
M = A[0]

CASES = {
    "flip": (A, lambda t: t.flip(0, 2), lambda a: np.flip(a, (0, 2))),
    "fliplr": (M, derivo.fliplr, np.fliplr),
    "flipud": (M, derivo.flipud, np.flipud),
    "roll": (
        A,
        lambda t: t.roll((1, -2), (0, 2)),
        lambda a: np.roll(a, (1, -2), (0, 2)),
    ),
    "roll flat": (A, lambda t: t.roll(5), lambda a: np.roll(a, 5)),
    **{
        f"rot90 {k}": (M, lambda t, k=k: t.rot90(k), lambda a, k=k: np.rot90(a, k))
        for k in range(-1, 4)
    },
    "repeat": (M, lambda t: t.repeat(2, 1, 3), lambda a: np.tile(a, (2, 1, 3))),
    "tile": (A, lambda t: t.tile((2,)), lambda a: np.tile(a, 2)),
    "repeat_interleave": (
        M,
        lambda t: t.repeat_interleave(2, 1),
        lambda a: np.repeat(a, 2, 1),
    ),
    "repeat_interleave counts": (
        M,
        lambda t: t.repeat_interleave(derivo.tensor([2, 0, 1]), 0),
        lambda a: np.repeat(a, [2, 0, 1], 0),
    ),
    "tril": (A, lambda t: t.tril(-1), lambda a: np.tril(a, -1)),
    "triu": (A, lambda t: t.triu(1), lambda a: np.triu(a, 1)),
    "diag": (M, derivo.diag, np.diag),
    "diag of vector": (M[0], lambda t: t.diag(-1), lambda a: np.diag(a, -1)),
    "diagflat": (M, derivo.diagflat, np.diagflat),
    "hstack": (M, lambda t: derivo.hstack([t, t]), lambda a: np.hstack([a, a])),
    "vstack": (M, lambda t: derivo.vstack([t[0], t]), lambda a: np.vstack([a[0], a])),
    "dstack": (M, lambda t: derivo.dstack([t, t]), lambda a: np.dstack([a, a])),
    "column_stack": (
        M,
        lambda t: derivo.column_stack([t[:, 0], t]),
        lambda a: np.column_stack([a[:, 0], a]),
    ),
    "cat": (A, lambda t: derivo.cat([t, t], -1), lambda a: np.concatenate([a, a], -1)),
    "stack": (A, lambda t: derivo.stack([t, t], 1), lambda a: np.stack([a, a], 1)),
    "meshgrid": (
        M,
        lambda t: derivo.meshgrid(t[0], t[:, 0], indexing="xy")[1],
        lambda a: np.meshgrid(a[0], a[:, 0])[1],
    ),
    "combinations": (
        M[0],
        lambda t: derivo.combinations(t, 3),
        lambda a: np.array(list(itertools.combinations(a, 3))),
    ),
    "cartesian_prod": (
        M,
        lambda t: derivo.cartesian_prod(t[0], t[1]),
        lambda a: np.array(list(itertools.product(a[0], a[1]))),
    ),
    "block_diag": (
        M,
        lambda t: derivo.block_diag(t[:1], t[0, 0], t[1]),
        lambda a: np.block(
            [
                [a[:1], np.zeros((1, 5))],
                [np.zeros((1, 4)), a[:1, :1], np.zeros((1, 4))],
                [np.zeros((1, 5)), a[1:2]],
            ]
        ),
    ),
    "pad": (
        A,
        lambda t: F.pad(t, (1, 2, 0, 1), value=3.0),
        lambda a: np.pad(a, ((0, 0), (0, 1), (1, 2)), constant_values=3.0),
    ),
    "pad that cuts": (
        M,
        lambda t: F.pad(t, (-1, 1)),
        lambda a: np.pad(a[:, 1:], ((0, 0), (0, 1))),
    ),
    **{
        f"pad {mode}": (
            A[None],
            lambda t, mode=mode: F.pad(t, (3, 2, 1, 2), mode),
            lambda a, how=how: np.pad(a, ((0, 0), (0, 0), (1, 2), (3, 2)), how),
        )
        for mode, how in (
            ("reflect", "reflect"),
            ("replicate", "edge"),
            ("circular", "wrap"),
        )
    },
    "pixel_unshuffle": (
        A[:1, :2],
        lambda t: F.pixel_unshuffle(t, 2),
        lambda a: a.reshape(1, 1, 2, 2, 2).transpose(0, 2, 4, 1, 3).reshape(4, 1, 2),
    ),
    "channel_shuffle": (
        A.reshape(2, 4, 3),
        lambda t: F.channel_shuffle(t, 2),
        lambda a: a.reshape(2, 2, 2, 3).swapaxes(1, 2).reshape(2, 4, 3),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    a, f, oracle = CASES[name]
    want = oracle(a)
    for x in (
        derivo.tensor(a),
        derivo.tensor(a.T.copy()).permute(*range(a.ndim)[::-1]),
    ):
        got = f(x)
        assert got.shape == want.shape
        assert np.array_equal(got.numpy(), want)
        assert name == "meshgrid" or got.data_ptr() != x.data_ptr()
    x = derivo.tensor(a, requires_grad=True)
    assert gradcheck(f, (x,))
    assert gradgradcheck(f, (x,))
    # Other dtypes move the same way.
    for dtype in (derivo.int32, derivo.bool, derivo.float16):
        moved = f(x.detach().to(dtype))
        assert derivo.equal(moved, f(x.detach().to(dtype).double()).to(dtype))


def test_pixel_shuffle_undoes_unshuffle():
    x = derivo.tensor(A[:, :2], requires_grad=True)
    assert derivo.equal(F.pixel_shuffle(F.pixel_unshuffle(x, 2), 2), x)
    assert gradcheck(lambda t: F.pixel_shuffle(t.reshape(1, 4, 2, 2), 2), (x,))


def test_diag_embed_places():
    x = derivo.tensor(M, requires_grad=True)
    y = derivo.diag_embed(x, 1, 0, 2)
    assert y.shape == (5, 3, 5)
    assert derivo.equal(y.diagonal(1, 0, 2), x)
    assert y.count_nonzero() == derivo.count_nonzero(x)
    assert gradcheck(lambda t: derivo.diag_embed(t, -1), (x,))


def test_triangles_in_place_and_indices():
    x = derivo.tensor(M)
    assert x.clone().tril_(1).tolist() == np.tril(M, 1).tolist()
    assert x.clone().triu_().tolist() == np.triu(M).tolist()
    assert np.array_equal(derivo.tril_indices(3, 4, 1), np.tril_indices(3, 1, 4))
    assert np.array_equal(derivo.triu_indices(3, 4, -1), np.triu_indices(3, -1, 4))
    assert derivo.tril_indices(2, 2, dtype=derivo.int32).dtype is derivo.int32


def test_fill_diagonal():
    for a, wrap in (
        (M.T, False),
        (np.zeros((9, 3)), True),
        (np.zeros((3, 3, 3)), False),
    ):
        want = a.copy()
        np.fill_diagonal(want, 5, wrap)
        x = derivo.tensor(a, requires_grad=True)
        assert np.array_equal(x.detach().clone().fill_diagonal_(5, wrap), want)
        assert gradcheck(lambda t, w=wrap: (t * 1).fill_diagonal_(5, w), (x,))


def test_vander():
    x = derivo.tensor(M[0], requires_grad=True)
    np.testing.assert_allclose(derivo.vander(x, 3).detach(), np.vander(M[0], 3))
    assert gradcheck(lambda t: derivo.vander(t, 4, True), (x,))


def test_cat_promotes_and_skips_legacy_empties():
    parts = [derivo.empty(0), derivo.ones(2, 2, dtype=derivo.int64)]
    made = derivo.cat([*parts, derivo.ones(1, 2, dtype=derivo.float64)])
    assert made.dtype is derivo.float64
    assert made.shape == (3, 2)
    out = derivo.empty(0)
    assert derivo.cat([derivo.ones(1)], out=out) is out


def test_interleaving_indices():
    counts = derivo.tensor([2, 0, 1])
    assert derivo.repeat_interleave(counts).tolist() == [0, 0, 2]


def test_meshgrid_warns_without_indexing():
    with pytest.warns(UserWarning, match="indexing argument"):
        derivo.meshgrid(derivo.arange(2), derivo.arange(2))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.flip(0, 0), RuntimeError, "appears multiple times"),
        (lambda x: x.flip(2), IndexError, "Dimension out of range"),
        (lambda x: x.roll((1, 2), 0), RuntimeError, "must align"),
        (lambda x: x.rot90(1, (0, 0)), RuntimeError, "to be different"),
        (lambda x: x.repeat(2), RuntimeError, "can not be smaller"),
        (lambda x: x.repeat(1, -1), RuntimeError, "negative dimension"),
        (lambda x: x.repeat_interleave(-1), RuntimeError, "non-negative"),
        (lambda x: x[0].tril(), RuntimeError, "at least 2 dimensions"),
        (lambda x: x[None].diag(), RuntimeError, "Supports 1D or 2D"),
        (lambda x: derivo.cat([x, x[:, :1]]), RuntimeError, "Sizes of tensors must"),
        (lambda x: derivo.stack([x, x[:1]]), RuntimeError, "to be equal size"),
        (lambda x: derivo.hstack([]), RuntimeError, "non-empty"),
        (lambda x: derivo.meshgrid(x, indexing="ij"), RuntimeError, "0D or 1D"),
        (lambda x: F.pad(x, (1,)), RuntimeError, "must be even"),
        (lambda x: F.pad(x, (-3, -2)), RuntimeError, "negative output size"),
        (lambda x: F.pad(x, (4, 0), "reflect"), RuntimeError, "should be less than"),
        (lambda x: F.pad(x, (5, 0), "circular"), RuntimeError, "more than once"),
        (lambda x: F.pad(x, (1, 1), "mirror"), NotImplementedError, "Unrecognised"),
        (lambda x: F.pixel_shuffle(x[None], 2), RuntimeError, "divisible"),
        (lambda x: derivo.block_diag(x[None]), RuntimeError, "2 or fewer"),
        (lambda x: derivo.combinations(x), RuntimeError, "Expect a 1D vector"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(derivo.tensor(M))
