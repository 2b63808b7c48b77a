# Running sums, products and extremes, and stable orders, in the core.
from __future__ import annotations

import numpy as np
import pytest

import derivo

# Several columns at a time, more than a block of them, and enough for two threads.
SHAPES = [(5,), (3, 70, 5), (2, 3, 130), (40, 4000)]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]


def numbers(shape, dtype):
    return np.random.default_rng(1).integers(0, 4, shape).astype(dtype)


@pytest.mark.parametrize("dtype", [*INTEGERS, "float16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_totals(shape, dtype):
    a = numbers(shape, dtype)
    x = derivo.from_numpy(a)
    wide = "int64" if dtype in INTEGERS else "float64"
    for dim in range(a.ndim):
        for name, scan in (("cumsum", np.add), ("cumprod", np.multiply)):
            with np.errstate(over="ignore", invalid="ignore"):
                want = scan.accumulate(a, axis=dim, dtype=wide)
                same = want.astype(dtype)
            got = getattr(derivo, name)(x, dim)
            np.testing.assert_array_equal(
                got.numpy(), want if wide == "int64" else same
            )
            kept = getattr(x.transpose(0, -1), name)(
                a.ndim - 1 if dim == 0 else 0 if dim == a.ndim - 1 else dim,
                dtype=x.dtype,
            )
            np.testing.assert_array_equal(kept.transpose(0, -1).numpy(), same)


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, "float16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_extremes(shape, dtype):
    a = numbers(shape, dtype)
    x = derivo.from_numpy(a)
    for dim in range(a.ndim):
        for name, scan in (("cummax", np.maximum), ("cummin", np.minimum)):
            values, indices = getattr(derivo, name)(x, dim)
            want = scan.accumulate(a, axis=dim)
            np.testing.assert_array_equal(values.numpy(), want)
            places = np.arange(shape[dim]).reshape(
                [-1 if k == dim else 1 for k in range(a.ndim)]
            )
            last = np.maximum.accumulate(np.where(a == want, places, 0), axis=dim)
            np.testing.assert_array_equal(indices.numpy(), last)


@pytest.mark.parametrize("name", ["cummax", "cummin"])
def test_nan_stays(name):
    nan = float("nan")
    x = derivo.tensor([1.0, nan, 3.0, 2.0, nan, 5.0, -1.0])
    values, indices = getattr(derivo, name)(x, 0)
    assert values.isnan().tolist() == [False] + [True] * 6
    assert indices.tolist() == [0, 1, 1, 1, 4, 4, 4]


def test_sums_accumulate_in_double():
    x = derivo.full((1 << 20,), 0.1)
    exact = np.float64(np.float32(0.1)) * (1 << 20)
    assert abs(x.cumsum(0)[-1].item() - exact) <= 2.0**-24 * exact


def test_bool_is_refused():
    x = derivo.tensor([True, False])
    assert x.cumsum(0).tolist() == [1, 1]
    with pytest.raises(NotImplementedError, match="not implemented for 'Bool'"):
        x.cumsum(0, dtype=derivo.bool)
    with pytest.raises(TypeError, match="no scan over"):
        derivo._core.scans.totals(x.half(), 0, False)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 100, 1000, 4097])
def test_stable_order(n, descending):
    a = np.random.default_rng(n).integers(0, max(2, n // 8), (3, n)).astype("f4")
    a[:, n // 2] = np.nan
    x = derivo.from_numpy(a)
    values, indices = x.sort(dim=1, descending=descending, stable=True)
    key = np.where(np.isnan(a), np.inf, a)
    want = np.argsort(-key if descending else key, axis=1, kind="stable")
    np.testing.assert_array_equal(indices.numpy(), want)
    np.testing.assert_array_equal(values.numpy(), np.take_along_axis(a, want, 1))
    across = x.t().contiguous().sort(dim=0, descending=descending, stable=True)
    np.testing.assert_array_equal(across.indices.t().numpy(), want)


def test_spaced_values():
    assert derivo.arange(5, 0, -2).tolist() == [5, 3, 1]
    assert derivo.arange(0, 1, 0.25, dtype=derivo.float64).tolist() == [
        0,
        0.25,
        0.5,
        0.75,
    ]
    assert derivo.arange(3, dtype=derivo.float16).tolist() == [0, 1, 2]
    assert derivo.linspace(-1, 1, 5).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert derivo.linspace(3, 9, 1, dtype=derivo.float64).tolist() == [3]
    assert derivo.linspace(0, 1, 0).tolist() == []
    assert derivo.linspace(0, 0.3, 7)[-1].item() == derivo.tensor(0.3).item()


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_complex_totals(shape, dtype):
    rng = np.random.default_rng(2)
    a = np.exp(1j * rng.normal(size=shape)).astype(dtype)
    x = derivo.from_numpy(a)
    rtol = 1e-5 if dtype == "complex64" else 1e-12
    for dim in range(a.ndim):
        for name, scan in (("cumsum", np.add), ("cumprod", np.multiply)):
            want = scan.accumulate(a, axis=dim, dtype="complex128")
            got = getattr(derivo, name)(x, dim)
            np.testing.assert_allclose(got.numpy(), want, rtol=rtol, atol=rtol)
            turned = getattr(x.transpose(0, -1), name)(a.ndim - 1 - dim)
            if a.ndim < 3:
                same = turned.transpose(0, -1).numpy()
                np.testing.assert_array_equal(same, got.numpy())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_log_sums(shape, dtype):
    a = 30 * np.random.default_rng(3).normal(size=shape)
    x = derivo.from_numpy(a).to(getattr(derivo, dtype))
    exact = x.double().numpy()
    rtol = {"float16": 1e-3, "bfloat16": 1e-2, "float32": 1e-6, "float64": 1e-14}
    for dim in range(a.ndim):
        want = np.logaddexp.accumulate(exact, axis=dim)
        got = derivo.logcumsumexp(x, dim)
        np.testing.assert_allclose(
            got.double().numpy(), want, rtol=rtol[dtype], atol=rtol[dtype]
        )


def test_log_sums_of_infinities():
    inf, nan = float("inf"), float("nan")
    for values, want in (
        ([-inf, -inf, 0.0, -inf], [-inf, -inf, 0.0, 0.0]),
        ([-inf, inf, 1.0, inf, -inf], [-inf, inf, inf, inf, inf]),
        ([0.0, nan, 1.0, -inf, inf], [0.0, nan, nan, nan, nan]),
        ([nan], [nan]),
        ([1000.0, 1000.0], [1000.0, 1000.0 + np.log(2)]),
        ([-1000.0, 0.0], [-1000.0, 0.0]),
    ):
        got = derivo.logcumsumexp(derivo.tensor(values, dtype=derivo.float64), 0)
        np.testing.assert_allclose(got.numpy(), want)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp"])
def test_gradients_of_scans(name, dtype):
    rng = np.random.default_rng(4)
    a = rng.normal(size=(3, 4)) + (1j if dtype == "complex128" else 0) * 0.3
    x = derivo.from_numpy(a).requires_grad_()
    for dim in (0, 1):
        f = lambda v, dim=dim: getattr(derivo, name)(v, dim)  # noqa: E731
        assert derivo.autograd.gradcheck(f, (x,), check_forward_ad=True)
        assert derivo.autograd.gradgradcheck(f, (x,))
