# The inner loops of matrix products, one by one, at every width that this machine has.
from __future__ import annotations

import ctypes

import numpy as np
import pytest

from derivo.codegen import binding, build_tiles, target, tiles

LEVELS = [
    level
    for level in ("sse2", "avx2", "avx512", "neon")
    if target._LEVELS[level][0] <= target.at_level(target.host_level()).vector_bytes
    and (level == "neon") == (target.host_level() == "neon")
]
DTYPES = ("float32", "float64")
I64, PTR, F64 = ctypes.c_int64, ctypes.c_void_p, ctypes.c_double


def functions(dtype, level):
    address, rows, lanes = build_tiles(dtype, level)
    order = tiles.names(target.at_level(level))
    table = (PTR * len(order))()
    ctypes.CFUNCTYPE(None, PTR, PTR, PTR)(address)(None, ctypes.addressof(table), None)
    assert len(set(table)) == len(order)
    return dict(zip(order, table, strict=True)), rows, lanes


def call(address, kinds, *args):
    ctypes.CFUNCTYPE(None, *kinds)(address)(*args)


def at(x):
    return x.ctypes.data


@pytest.fixture(params=[(d, v) for d in DTYPES for v in LEVELS], ids="-".join)
def made(request):
    dtype, level = request.param
    return (np.dtype(dtype), *functions(dtype, level))


def close(got, exact, k):
    eps = np.finfo(got.dtype).eps
    assert np.abs(got - exact).max() <= (k + 4) * eps * max(1.0, np.abs(exact).max())


@pytest.mark.parametrize("k", [0, 1, 5, 14, 15, 40])
@pytest.mark.parametrize("beta", [0.0, -2.0])
def test_tiles_of_every_size(made, k, beta):
    dtype, table, most, lanes = made
    rng = np.random.default_rng(k)
    size = dtype.itemsize
    for rows in range(1, most + 1):
        for vectors in (1, 2):
            n = vectors * lanes
            a = rng.standard_normal((rows, 2 * k + 1)).astype(dtype)
            b = rng.standard_normal((k + 8, n + 3)).astype(dtype)
            c = np.full((rows, n + 1), np.nan, dtype)
            cin = rng.standard_normal((rows, n + 2)).astype(dtype)
            kinds = [I64, PTR, I64, I64, PTR, I64, PTR, I64, PTR, I64, F64, F64]
            call(
                table[f"tile{rows}x{vectors}"],
                kinds,
                *(k, at(a), a.strides[0], 2 * size, at(b), b.strides[0]),
                *(at(c), c.strides[0], at(cin), cin.strides[0], 0.5, beta),
            )
            exact = 0.5 * (a[:, : 2 * k : 2].astype(float) @ b[:k, :n].astype(float))
            close(c[:, :n], exact + beta * cin[:, :n], k)
            assert np.isnan(c[:, n:]).all()


@pytest.mark.parametrize("k", [0, 1, 7, 64, 130, 555])
def test_dots(made, k):
    dtype, table, _, _ = made
    rng = np.random.default_rng(k)
    kinds = [I64, PTR, I64, PTR, I64, PTR]
    x = rng.standard_normal((4, k + 3)).astype(dtype)
    y = rng.standard_normal((4, k + 5)).astype(dtype)
    exact = x[:, :k].astype(float) @ y[:, :k].T.astype(float)
    for n in range(1, 5):
        out = np.full(16, np.nan, dtype)
        call(
            table[f"dots{n}"],
            kinds,
            *(k, at(x), x.strides[0], at(y), y.strides[0], at(out)),
        )
        close(out[: 4 * n].reshape(4, n), exact[:, :n], k)
        assert np.isnan(out[4 * n :]).all()
    out = np.full(2, np.nan, dtype)
    call(table["long_dot"], kinds, k, at(x), 0, at(y), 0, at(out))
    close(out[:1], exact[0, :1], k)
    assert np.isnan(out[1])


def test_turn_exchanges_rows_and_columns(made):
    dtype, table, _, lanes = made
    src = np.arange(lanes * (lanes + 1), dtype=dtype).reshape(lanes, lanes + 1)
    for count in (1, lanes - 1, lanes):
        dst = np.full((lanes, lanes + 2), -1, dtype)
        call(
            table["turn"],
            [PTR, I64, I64, PTR, I64],
            *(at(src), src.strides[0], count, at(dst), dst.strides[0]),
        )
        assert np.array_equal(dst[:, :count], src[:count, :lanes].T)
        assert (dst[:, lanes:] == -1).all()


@pytest.mark.parametrize(("depth", "panels"), [(0, 2), (3, 0), (1, 1), (5, 3)])
def test_panels_lie_one_after_another(made, depth, panels):
    dtype, table, _, lanes = made
    wide = 2 * lanes
    src = np.arange((depth + 4) * (panels * wide + 1), dtype=dtype)
    src = src.reshape(depth + 4, -1)
    dst = np.full(depth * panels * wide + 1, -1, dtype)
    call(
        table["copy_panels"],
        [I64, I64, PTR, I64, PTR],
        *(depth, panels, at(src), src.strides[0], at(dst)),
    )
    expected = src[:depth, : panels * wide].reshape(depth, panels, wide)
    assert np.array_equal(dst[:-1], expected.transpose(1, 0, 2).ravel())
    assert dst[-1] == -1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", LEVELS)
def test_text(dtype, level):
    text, symbols = tiles.tiles_text("tiles", target.at_level(level), dtype)
    assert symbols == ()
    for word in ("inttoptr", "ptrtoint", "fast", "nnan", "ninf", "reassoc", "alloca"):
        assert word not in text


def test_a_tile_stays_in_registers():
    # Each step of the largest tile reads its operands and nothing else: accumulators
    # that went to the stack and back would show as vector moves to it.
    if "avx512" not in LEVELS:
        pytest.skip("needs AVX-512")
    host = target.at_level("avx512")
    text, _ = tiles.tiles_text("tiles", host, "float32")
    body = binding.assembly(text, host).split("tile14x2:")[1].split("\n\ttile")[0]
    body = body.split(".Lfunc_end")[0]
    spilt = [line for line in body.splitlines() if "zmm" in line and "(%rsp)" in line]
    assert all("vbroadcast" in line for line in spilt)
