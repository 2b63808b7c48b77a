# Places in sorted sequences, membership and histograms: no NumPy, and under vmap.
from __future__ import annotations

import numpy as np
import pytest

import derivo

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_places(dtype, right):
    rng = np.random.default_rng(0)
    s = np.sort(rng.integers(0, 50, (3, 40)).astype(dtype))
    v = rng.integers(0, 52, (3, 1000)).astype(dtype)
    side = "right" if right else "left"
    x, y = derivo.from_numpy(s), derivo.from_numpy(v)
    one = derivo.searchsorted(x[1], y, right=right)
    np.testing.assert_array_equal(one.numpy(), np.searchsorted(s[1], v, side=side))
    want = np.stack([np.searchsorted(a, b, side=side) for a, b in zip(s, v)])  # noqa: B905
    made = derivo.searchsorted(x, y, side=side, out_int32=True)
    assert made.dtype == derivo.int32
    np.testing.assert_array_equal(made.numpy(), want)
    turned = derivo.searchsorted(x, y.t().contiguous().t(), right=right)
    np.testing.assert_array_equal(turned.numpy(), want)


def test_a_nan_is_behind_all():
    nan, inf = float("nan"), float("inf")
    s = derivo.tensor([1.0, inf, nan])
    v = derivo.tensor([nan, inf, 0.0])
    assert derivo.searchsorted(s, v).tolist() == [3, 1, 0]
    assert derivo.searchsorted(s[:0], v).tolist() == [0, 0, 0]
    assert derivo.bucketize(2.5, derivo.tensor([1, 2, 3])).item() == 2
    assert derivo.isin(s, s).tolist() == [True, True, False]


def test_kinds_that_do_not_fit_are_refused():
    with pytest.raises(TypeError, match="no search for"):
        derivo._core.search.places(derivo.ones(2), derivo.ones(2).double(), False)


@pytest.mark.parametrize("dims", [(0, None), (None, 0), (0, 0)])
def test_batched_places(dims):
    s = derivo.rand(3, 7).sort(-1).values
    v = derivo.rand(3, 2, 4)
    operands = [t if d == 0 else t[0] for t, d in zip((s, v), dims, strict=True)]
    made = derivo.vmap(derivo.searchsorted, in_dims=dims)(*operands)
    for k in range(3):
        each = [t[k] if d == 0 else t for t, d in zip(operands, dims, strict=True)]
        assert made[k].tolist() == derivo.searchsorted(*each).tolist()
        assert made[k].tolist() == derivo.bucketize(each[1], each[0]).tolist()
    many = derivo.vmap(derivo.searchsorted, in_dims=(None, 0))
    rows, values = s[:2], derivo.rand(5, 2, 3)
    for k in range(5):
        want = derivo.searchsorted(rows, values[k])
        assert many(rows, values)[k].tolist() == want.tolist()


def test_batched_membership_and_histograms():
    x, y = derivo.arange(12).reshape(3, 4) % 5, derivo.arange(6).reshape(3, 2)
    made = derivo.vmap(derivo.isin)(x, y)
    other = derivo.vmap(lambda v: derivo.isin(v, y[0], invert=True))(x)
    z = derivo.rand(3, 20)
    counts = derivo.vmap(lambda v: derivo.histc(v, 4))(z)
    for k in range(3):
        assert made[k].tolist() == derivo.isin(x[k], y[k]).tolist()
        assert other[k].tolist() == derivo.isin(x[k], y[0], invert=True).tolist()
        assert counts[k].tolist() == derivo.histc(z[k], 4).tolist()
    with pytest.raises(RuntimeError, match=r"range of .* is not finite"):
        derivo.vmap(lambda v: derivo.histc(v, 4))(z / 0)


def test_histograms():
    x = derivo.tensor([0.0, 1.0, 1.5, 4.0, float("nan"), float("inf")])
    assert derivo.histc(x, 4, 0, 4).tolist() == [1.0, 2.0, 0.0, 1.0]
    assert derivo.histc(x[:0], 3).tolist() == [0.0, 0.0, 0.0]
    assert derivo.histc(derivo.full((3,), 2.0), 4).tolist() == [0.0, 0.0, 3.0, 0.0]
    assert derivo.histc(x[:4].half(), 2).dtype == derivo.float16
