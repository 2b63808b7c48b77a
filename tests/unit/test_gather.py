# Gathering, scattering, reducing into places, masks.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo.autograd import gradcheck, gradgradcheck

INDEX = np.array([[0, 2, 2], [1, 0, 2]])


def made(*shape):
    generator = np.random.default_rng(0)
    return derivo.tensor(generator.normal(size=shape), requires_grad=True)


def scattered(a, index, dim, src, how):
    out = a.copy()
    for place in np.ndindex(index.shape):
        to = list(place)
        to[dim] = index[place]
        out[tuple(to)] = how(out[tuple(to)], src[place])
    return out


def index(a=INDEX):
    return derivo.tensor(a)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "uint8", "bool"])
def test_gather_and_scatter_values(dtype):
    a = (np.arange(12).reshape(3, 4) % 5).astype(dtype)
    x = derivo.tensor(a)
    i = derivo.tensor(INDEX)
    assert np.array_equal(
        x.gather(0, i).numpy(), np.take_along_axis(a[:, :3], INDEX, 0)
    )
    got = x.scatter(0, i, x[:2, :3]).numpy()
    assert np.array_equal(got, scattered(a, INDEX, 0, a[:2, :3], lambda o, s: s))
    if dtype != "bool":
        got = x.scatter_add(0, i, x[:2, :3]).numpy()
        want = scattered(a, INDEX, 0, a[:2, :3], lambda o, s: o + s)
        assert np.array_equal(got, want)


def test_half_sums_accumulate_in_float32():
    i = derivo.zeros(3000, dtype=derivo.int64)
    ones = derivo.ones(3000, dtype=derivo.float16)
    assert derivo.zeros(1, dtype=derivo.float16).index_add(0, i, ones).item() == 3000


FUNCTIONS = {
    "gather": lambda x, s: x.gather(0, index()),
    "scatter": lambda x, s: x.scatter(1, index([[0, 2, 3], [1, 0, 2]]), s),
    "scatter value": lambda x, s: x.scatter(0, index(), 2.5),
    "scatter_add": lambda x, s: x.scatter_add(0, index(), s),
    "index_select": lambda x, s: x.index_select(1, index([0, 0, 3])),
    "index_add": lambda x, s: x.index_add(0, index([2, 2]), x[:2], alpha=3),
    "index_copy": lambda x, s: x.index_copy(0, index([2, 0]), x[:2] * 2),
    "index_fill": lambda x, s: x.index_fill(0, index([1, 1]), s.sum()),
    "take": lambda x, s: x.take(index([[0, 11], [5, 0]])),
    "put": lambda x, s: x.put(index([3, 3]), s[0, :2], accumulate=True),
    "take_along_dim": lambda x, s: derivo.take_along_dim(x, index([[0], [-1], [1]]), 1),
    "masked_fill": lambda x, s: x.masked_fill(x.detach() > 0, s.sum()),
    "masked_select": lambda x, s: x.masked_select(x.detach() > 0),
    "masked_scatter": lambda x, s: s.masked_scatter(s.detach() > 0, x * 2),
    "embedding": lambda x, s: derivo.embedding(x, index([[0, 2], [2, 2]])),
    **{
        f"scatter_reduce {how} {own}": (
            lambda x, s, how=how, own=own: x.scatter_reduce(
                0, index(), s, how, include_self=own
            )
        )
        for how in ("sum", "prod", "mean", "amax", "amin")
        for own in (True, False)
    },
    **{
        f"index_reduce {how}": (
            lambda x, s, how=how: x.index_reduce(0, index([2, 2]), x[:2] * 2, how)
        )
        for how in ("prod", "mean", "amax", "amin")
    },
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name):
    f = FUNCTIONS[name]
    inputs = made(3, 4), (made(2, 3) * 0.7).detach().requires_grad_()
    assert gradcheck(f, inputs)
    assert gradgradcheck(f, inputs)


@pytest.mark.parametrize(
    ("how", "combine"),
    [
        ("sum", np.add),
        ("prod", np.multiply),
        ("amax", np.maximum),
        ("amin", np.minimum),
    ],
)
def test_scatter_reduce_values(how, combine):
    x, s = made(3, 4).detach(), made(2, 3).detach()
    got = x.scatter_reduce(0, index(), s, how).numpy()
    want = scattered(x.numpy(), INDEX, 0, s.numpy(), combine)
    np.testing.assert_allclose(got, want, rtol=1e-14)
    alone = x.scatter_reduce(0, index([[0], [0]]), s, how, include_self=False)
    assert alone[0, 0] == combine(*s[:, 0].numpy())
    assert derivo.equal(alone[1:], x[1:])
    y = x.clone()
    assert y.scatter_reduce_(0, index(), s, how) is y
    assert np.array_equal(y.numpy(), got)


def test_scatter_reduce_product_with_zeros():
    i = derivo.tensor([0, 0])
    x = derivo.ones(1, dtype=derivo.float64)
    s = derivo.tensor([0.0, 3.0], dtype=derivo.float64, requires_grad=True)
    x.scatter_reduce(0, i, s, "prod").sum().backward()
    assert s.grad.tolist() == [3, 0]


def test_ties_share_the_gradient():
    s = derivo.ones(2, requires_grad=True)
    derivo.zeros(1).scatter_reduce(0, derivo.tensor([0, 0]), s, "amax").backward()
    assert s.grad.tolist() == [0.5, 0.5]


def test_embedding_padding_and_frequency():
    w = made(3, 2)
    i = derivo.tensor([0, 2, 2])
    derivo.embedding(w, i, 0, True).sum().backward()
    assert w.grad.tolist() == [[0, 0], [0, 0], [1, 1]]


def test_where_things_are():
    a = np.array([[0, 3, 0], [1, 0, 2]])
    x = derivo.tensor(a)
    assert x.nonzero().tolist() == np.argwhere(a).tolist()
    assert [p.tolist() for p in derivo.where(x)] == [p.tolist() for p in a.nonzero()]
    assert derivo.nonzero_static(x, size=4).tolist() == [
        *np.argwhere(a).tolist(),
        [-1, -1],
    ]
    assert derivo.count_nonzero(x, dim=0).tolist() == [1, 1, 1]
    assert derivo.bincount(x.flatten()).tolist() == [3, 1, 1, 1]
    flat = derivo.tensor([0, 4, 5])
    got = derivo.unravel_index(flat, (2, 3))
    want = np.unravel_index(flat.numpy(), (2, 3))
    assert [g.tolist() for g in got] == [w.tolist() for w in want]


def test_scalars_and_empty_indices():
    x = derivo.tensor(3.0)
    assert x.gather(0, derivo.tensor([0, 0])).tolist() == [3, 3]
    assert derivo.arange(5).gather(0, derivo.tensor(3)) == 3
    none = derivo.empty(0, dtype=derivo.int64)
    assert derivo.ones(2, 2).gather(0, none).shape == (0,)
    assert derivo.ones(2).scatter(0, none, 5.0).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.gather(0, index([[3]])), RuntimeError, "out of bounds"),
        (lambda x: x.gather(0, index([[-1]])), RuntimeError, "out of bounds"),
        (lambda x: x.gather(0, index([0])), RuntimeError, "same number of dimensions"),
        (lambda x: x.gather(0, x), RuntimeError, "Expected dtype int"),
        (lambda x: x.index_select(0, index([3])), IndexError, "out of (range|bounds)"),
        (lambda x: x.take(index([12])), IndexError, "out of (range|bounds)"),
        (
            lambda x: x.index_add(0, index([0]), x),
            RuntimeError,
            "Number of indices",
        ),
        (lambda x: x.masked_fill(x, 0.0), RuntimeError, "boolean mask"),
        (
            lambda x: x.scatter_reduce(0, index(), x, "max"),
            RuntimeError,
            "reduce argument must be either",
        ),
        (
            lambda x: x.scatter(0, index(), x.float()),
            RuntimeError,
            "self.dtype to be equal to src.dtype",
        ),
        (
            lambda x: derivo.gather(
                x.detach(), 0, index(), out=derivo.empty(2, 3, dtype=derivo.int64)
            ),
            RuntimeError,
            "to have dtype",
        ),
        (lambda x: derivo.embedding(x, index([3])), IndexError, "out of range in self"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(made(3, 4))


def test_out_that_overlaps_an_input_is_refused():
    x = derivo.ones(6)
    with pytest.raises(RuntimeError, match="refer to a single memory location"):
        derivo.take(x, derivo.tensor([1, 2]), out=x[:2])
