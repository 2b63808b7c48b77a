# Distances between points: derivatives, and what their nodes show.
from __future__ import annotations

import math

import pytest

import derivo
from derivo.autograd import gradcheck, gradgradcheck
from derivo.func import vmap
from derivo.nn import functional as F

ORDERS = [1.0, 1.5, 2.0, 3.0, math.inf]


def points(*shape, seed=0):
    derivo.manual_seed(seed)
    return derivo.randn(*shape, dtype=derivo.float64, requires_grad=True)


@pytest.mark.parametrize("p", ORDERS)
def test_pairs(p):
    x = points(4, 3)
    made = F.pdist(x, p)
    rows, columns = derivo.triu_indices(4, 4, 1)
    derivo.testing.assert_close(made, derivo.cdist(x, x, p)[rows, columns])
    assert gradcheck(lambda x: F.pdist(x, p), (x,))
    assert gradgradcheck(lambda x: F.pdist(x, p), (x,))
    node = made.grad_fn
    assert node.name() == "PdistBackward0"
    assert node._saved_p == p
    assert node._saved_result.equal(made)


def test_pairs_under_vmap():
    x = points(5, 4, 3).detach()
    loop = derivo.stack([F.pdist(t) for t in x])
    derivo.testing.assert_close(vmap(F.pdist)(x), loop)


@pytest.mark.parametrize("p", ORDERS)
def test_batches_of_points_broadcast(p):
    x, y = points(2, 1, 4, 3), points(5, 3, seed=1)
    made = derivo.cdist(x, y, p)
    assert made.shape == (2, 1, 4, 5)
    assert gradcheck(lambda x, y: derivo.cdist(x, y, p), (x, y))
    # As they were given, not expanded.
    assert made.grad_fn._saved_x1 is x
    assert made.grad_fn._saved_x2 is y


def test_no_points():
    x, y = points(0, 3), points(2, 4, 3)
    made = derivo.cdist(x, y)
    assert made.shape == (2, 0, 4)
    made.sum().backward()
    assert x.grad.shape == (0, 3)
    assert y.grad.equal(derivo.zeros_like(y))


@pytest.mark.parametrize("p", ORDERS)
def test_rows_in_pairs(p):
    x, y = points(4, 3), points(4, 3, seed=1)

    def f(x, y):
        return F.pairwise_distance(x, y, p, keepdim=True)

    made = f(x, y)
    expected = derivo.linalg.vector_norm(x - y + 1e-6, p, -1, True)
    derivo.testing.assert_close(made, expected)
    assert gradcheck(f, (x, y))
    node = made.grad_fn
    assert node.name() == "NormBackward1"
    assert (node._saved_p, node._saved_dim, node._saved_keepdim) == (p, (1,), True)
