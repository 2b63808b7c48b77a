# Kernels over complex operands: interleaved memory in every layout, at every level,
# with every length of tail; and the expressions of parts, without any kernel.
from __future__ import annotations

import numpy as np
import pytest

from derivo import codegen
from derivo.codegen import target as targets
from derivo.ir import complex as C
from derivo.ir import scalar as S
from derivo.ir.expr import var, variables
from derivo.ir.pairs import NOTHING, parts
from tests.codegen._launch import call

_host = targets.host_level()
LEVELS = [_host, "sse2" if _host in ("avx512", "avx2") else "scalar"]
z, w, r = variables("z w r")


@pytest.fixture(params=LEVELS)
def level(request, monkeypatch):
    monkeypatch.setenv("DERIVO_SIMD", request.param)
    return request.param


def pairs_of(*dtypes):
    """Parts of operands 0, 1, ... of these dtypes."""
    found = {}
    for i, dtype in enumerate(dtypes):
        im = var(2 * i + 1) if dtype.startswith("complex") else None
        found[(z, w, r)[i]] = (var(2 * i), im)
    return found


def run(exprs, arrays, outs, compute):
    dtypes = [str(a.dtype) for a in arrays]
    made = []
    for (re, im), out in zip(parts(exprs, pairs_of(*dtypes)), outs, strict=True):
        made.append(re)
        if out.dtype.kind == "c":
            made.append(NOTHING if im is None else im)
    operands = [*outs, *arrays]
    layout = "".join(
        "s" if a.strides[1] == 0 else "c" if a.strides[1] == a.itemsize else "x"
        for a in operands
    )
    address = codegen.build_map(
        "pairs", made, dtypes, [str(o.dtype) for o in outs], compute, layout, pairs=True
    )
    steps = [*(a.strides[1] for a in operands), *(a.strides[0] for a in operands)]
    call(address, [outs[0].shape[1], outs[0].shape[0]], operands, steps)
    return outs


def draw(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        x = x + 1j * rng.normal(size=shape)
    return x.astype(dtype)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 16, 31, 64, 130])
def test_sizes_and_tails(level, n, dtype):
    a, b = draw((2, n), dtype), draw((2, n), dtype, 1)
    # Room behind each row, which must stay as it is.
    room = np.full((2, n + 3), 7 + 7j, dtype)
    run(
        [z * w + 1],
        [a, b],
        [room[:, :n]],
        {"complex64": "float32"}.get(dtype, "float64"),
    )
    np.testing.assert_allclose(room[:, :n], a * b + 1, rtol=2e-6, atol=2e-6)
    assert (room[:, n:] == 7 + 7j).all()


@pytest.mark.parametrize("left", ["c", "x", "s"])
@pytest.mark.parametrize("right", ["c", "x", "s"])
@pytest.mark.parametrize("out", ["c", "x"])
def test_layouts(level, left, right, out):
    def operand(letter, seed):
        x = draw((3, 80), "complex64", seed)
        if letter == "c":
            return x[:, :37]
        return x[:, :74:2] if letter == "x" else np.broadcast_to(x[:, :1], (3, 37))

    a, b = operand(left, 0), operand(right, 1)
    made = np.zeros((3, 80), "complex64")
    target = made[:, :37] if out == "c" else made[:, :74:2]
    run([z - C.conj(w)], [a, b], [target], "float32")
    np.testing.assert_allclose(target, a - b.conj(), rtol=1e-6)
    assert np.count_nonzero(made) == target.size


def test_real_and_complex_operands_and_results(level):
    a, x = draw((2, 21), "complex128"), draw((2, 21), "float32")
    k = np.arange(42, dtype="int64").reshape(2, 21)
    size = np.zeros((2, 21), "float64")
    same = np.zeros((2, 21), "bool")
    wide = np.zeros((2, 21), "complex128")
    run([S.abs(z) * w, z == z, w + r], [a, x, k], [size, same, wide], "float64")
    np.testing.assert_allclose(size, np.abs(a) * x, rtol=1e-15)
    assert same.all()
    np.testing.assert_array_equal(wide, x + k.astype("complex128"))


def test_in_place(level):
    a = draw((1, 45), "complex64")
    want = a * a
    run([z * z], [a], [a], "float32")
    np.testing.assert_allclose(a, want, rtol=1e-6)


def test_parts_of_simple_expressions():
    x, y = variables("x y")
    pair = {z: (x, y), r: (w, None)}
    assert repr(parts([2 * z], pair)) == "((2 * x, 2 * y),)"
    assert repr(parts([r + z], pair)) == "((w + x, y),)"
    assert repr(parts([C.conj(z)], pair)) == "((x, -y),)"
    assert repr(parts([C.imag(r)], pair)) == "((0, None),)"
    # A function of real numbers stays one.
    assert repr(parts([S.erf(r)], pair)) == "((erf(w), None),)"


def test_functions_without_complex_meaning():
    with pytest.raises(TypeError, match="not defined for complex numbers"):
        parts([S.erf(z)], {z: variables("x y")})


def test_conjugates_cancel():
    assert C.conj(C.conj(z)) is z
    assert C.conj(S.abs(z)) is S.abs(z)
    assert C.real(C.real(z)) is C.real(z)
