# Elementwise kernels against the interpreter: functions, dtypes, layouts, widths.
from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from derivo.codegen import interpreter
from derivo.codegen import target as targets
from derivo.ir import scalar as S
from derivo.ir.dtypes import FLOATS, INTEGERS, NAMES
from derivo.ir.expr import var, variables
from derivo.ir.special import PREFIX
from tests.codegen._launch import run_map, storage, ulps

x, y, z = variables("x y z")

# The widest vectors of this machine and narrow ones without masks, f16 or fma; with
# DERIVO_TEST_WIDTHS=all every width there is.
_host = targets.host_level()
LEVELS = [_host, "sse2" if _host in ("avx512", "avx2") else "scalar"]
if os.environ.get("DERIVO_TEST_WIDTHS") == "all" and _host.startswith("avx"):
    LEVELS = ["avx512", "avx2", "sse2", "scalar"][_host != "avx512" :]


@pytest.fixture(params=LEVELS)
def level(request, monkeypatch):
    monkeypatch.setenv("DERIVO_SIMD", request.param)
    return request.param


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, np.inf, -np.inf, np.nan, 2.0, -3.0, 1e-30]

# op: (low, high) of its random arguments
UNARY = {
    "neg": (-9, 9),
    "abs": (-9, 9),
    "sign": (-9, 9),
    "floor": (-9, 9),
    "ceil": (-9, 9),
    "trunc": (-9, 9),
    "round": (-9, 9),
    "exp": (-80, 80),
    "exp2": (-100, 100),
    "expm1": (-5, 5),
    "log": (1e-6, 1e6),
    "log2": (1e-6, 1e6),
    "log10": (1e-6, 1e6),
    "log1p": (-0.99, 1e3),
    "sqrt": (0, 1e6),
    "rsqrt": (1e-3, 1e6),
    "square": (-1e3, 1e3),
    "reciprocal": (-1e3, 1e3),
    "sin": (-100, 100),
    "cos": (-100, 100),
    "tan": (-1.5, 1.5),
    "asin": (-1, 1),
    "acos": (-1, 1),
    "atan": (-50, 50),
    "sinh": (-50, 50),
    "cosh": (-50, 50),
    "tanh": (-9, 9),
    "asinh": (-1e3, 1e3),
    "acosh": (1, 1e3),
    "atanh": (-0.999, 0.999),
    "erf": (-4, 4),
    "erfc": (-4, 8),
    "erfinv": (-0.999, 0.999),
    "lgamma": (2.5, 50),
    "digamma": (2, 50),
    "isnan": (-9, 9),
    "isinf": (-9, 9),
    "isfinite": (-9, 9),
    "signbit": (-9, 9),
}
EXACT = {"neg", "abs", "sign", "floor", "ceil", "trunc", "round", "sqrt", "square"}
EXACT |= {"isnan", "isinf", "isfinite", "signbit", "reciprocal"}
# SciPy and the C library differ by more than their own errors here.
LOOSE = {"lgamma": 8, "digamma": 8, "erfinv": 8, "zeta": 16}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(UNARY))
def test_unary(level, name, dtype):
    rng = np.random.default_rng(0)
    low, high = UNARY[name]
    data = rng.uniform(low, high, 200)
    data[:12] = SPECIAL
    a = data.astype(dtype)[None]
    e = S.make(name, x) if name in ("neg", "abs") else getattr(S, name)(x)
    truth = e.op in ("isnan", "isinf", "isfinite", "signbit")
    out = "bool" if truth else dtype
    (got,) = run_map([e], [a], [dtype], [out], dtype)
    # float32 is judged by the float64 value.
    (exact,) = interpreter.run_map([e], ["float64"], [out], "float64", [a.astype("f8")])
    if truth:
        np.testing.assert_array_equal(got, exact)
        return
    limit = LOOSE.get(name, 0.5 if name in EXACT else 4.0)
    if name in ("lgamma", "digamma", "erfinv"):
        # Infinite at poles, where libraries disagree about the sign.
        got[:, 4:12] = exact[:, 4:12] = 0
        got[:, 2:4] = exact[:, 2:4] = 0
    assert ulps(got, exact.astype(dtype)) <= limit


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name",
    [
        *("add", "sub", "mul", "div", "floor_divide", "remainder", "fmod", "pow"),
        *("minimum", "maximum", "fmin", "fmax", "copysign", "nextafter", "atan2"),
        *("hypot", "lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or"),
        *("logical_xor", "xlogy"),
    ],
)
def test_binary(level, name, dtype):
    rng = np.random.default_rng(1)
    a = rng.uniform(-9, 9, 400)
    b = rng.uniform(-9, 9, 400)
    special = np.array(SPECIAL)
    a[:144] = np.repeat(special, 12)
    b[:144] = np.tile(special, 12)
    b[150:160] = a[150:160]
    if name in ("floor_divide", "remainder", "fmod"):
        a[200:300] = rng.integers(-50, 50, 100) * 0.125
        b[200:300] = rng.integers(1, 9, 100) * 0.125
        a[300:320] *= 1e9
        b[330:340] *= 1e-9
    a, b = a.astype(dtype)[None], b.astype(dtype)[None]
    e = getattr(S, name)(x, y) if hasattr(S, name) else S.make(name, x, y)
    truth = (
        name[:2] in ("lt", "le", "gt", "ge", "eq", "ne", "lo") and name != "nextafter"
    )
    out = "bool" if truth else dtype
    ins = [dtype, dtype]
    (got,) = run_map([e], [a, b], ins, [out], dtype)
    (expected,) = interpreter.run_map([e], ins, [out], dtype, [a, b])
    if truth:
        np.testing.assert_array_equal(got, expected)
    elif name in ("pow", "atan2", "hypot", "xlogy"):
        wide = [a.astype("f8"), b.astype("f8")]
        (exact,) = interpreter.run_map(
            [e], ["float64"] * 2, ["float64"], "float64", wide
        )
        with np.errstate(over="ignore"):
            assert ulps(got, exact.astype(dtype)) <= 4.0
    else:
        np.testing.assert_array_equal(got, expected)
        if name in ("fmin", "fmax", "minimum", "maximum"):
            return  # which zero of two is left open
        np.testing.assert_array_equal(np.signbit(got), np.signbit(expected))


INTEGER_OPS = [
    *("add", "sub", "mul", "floor_divide", "remainder", "fmod", "minimum", "maximum"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "shift_left", "shift_right", "pow"),
    *("lt", "le", "gt", "ge", "eq", "ne", "gcd", "lcm", "logical_and"),
]


@pytest.mark.parametrize("dtype", sorted(INTEGERS))
@pytest.mark.parametrize("name", INTEGER_OPS)
def test_integers(level, name, dtype):
    rng = np.random.default_rng(2)
    info = np.iinfo(dtype)
    a = rng.integers(info.min, info.max, 300, dtype=dtype, endpoint=True)
    b = rng.integers(info.min, info.max, 300, dtype=dtype, endpoint=True)
    a[:150] = rng.integers(max(info.min, -9), 10, 150)
    b[50:250] = rng.integers(max(info.min, -9), 10, 200)
    edge = np.array([info.min, info.max, 0, 1, max(info.min, -1), 2], dtype=dtype)
    a[:36], b[:36] = np.repeat(edge, 6), np.tile(edge, 6)
    if name == "lcm":
        a, b = (rng.integers(0, 12, 300).astype(dtype) for _ in range(2))
    e = getattr(S, name)(x, y) if hasattr(S, name) else S.make(name, x, y)
    truth = name in ("lt", "le", "gt", "ge", "eq", "ne", "logical_and")
    out = "bool" if truth else dtype
    a, b = a[None], b[None]
    (got,) = run_map([e], [a, b], [dtype] * 2, [out], dtype)
    with np.errstate(all="ignore"):
        (expected,) = interpreter.run_map([e], [dtype] * 2, [out], dtype, [a, b])
    if name == "floor_divide" and dtype != "uint8":
        # NumPy's own overflow: the least number over -1 wraps here.
        skip = (a == info.min) & (b == -1)
        expected = np.where(skip, a, expected)
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    "name", ["neg", "abs", "sign", "bitwise_not", "square", "floor"]
)
@pytest.mark.parametrize("dtype", sorted(INTEGERS))
def test_unary_integers(level, name, dtype):
    info = np.iinfo(dtype)
    a = np.array([info.min, info.max, 0, 1, 2, 7, info.max - 1] * 5, dtype)[None]
    e = S.make(name, x)
    (got,) = run_map([e], [a], [dtype], [dtype], dtype)
    (expected,) = interpreter.run_map([e], [dtype], [dtype], dtype, [a])
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("dtype", NAMES)
def test_logical_not(level, dtype):
    a = sample(dtype, 60, np.random.default_rng(8))[None]
    a[:, 10:30] = 0
    (got,) = run_map([S.logical_not(x)], [a], [dtype], ["bool"], dtype)
    values = (a.astype(np.uint32) << 16).view("f4") if dtype == "bfloat16" else a
    np.testing.assert_array_equal(got, np.logical_not(values))


@pytest.mark.parametrize("name", ["add", "mul", "maximum", "bitwise_xor", "eq", "lt"])
def test_bool(level, name):
    a = np.array([[True, False, True, False] * 9])
    b = np.array([[True, True, False, False] * 9])
    e = S.make(name, x, y)
    (got,) = run_map([e], [a, b], ["bool"] * 2, ["bool"], "bool")
    (expected,) = interpreter.run_map([e], ["bool"] * 2, ["bool"], "bool", [a, b])
    np.testing.assert_array_equal(got, expected)


def test_every_function_is_tested():
    # In this file, by name: a new function fails here until it is.
    text = Path(__file__).read_text(encoding="utf-8")
    names = {n for n in S.FUNCTIONS if not n.startswith(PREFIX)} - {"cast", "rounded"}
    # Parts of complex numbers are taken apart before a kernel is made (test_pairs.py).
    names -= {"complex", "conj", "imag", "real"}
    assert not {n for n in names if f'"{n}"' not in text and f"S.{n}(" not in text}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounded_products(level, dtype):
    # Without the word, a product and a sum may round once.
    rng = np.random.default_rng(7)
    a, b, c = (rng.normal(size=(1, 333)).astype(dtype) for _ in range(3))
    e = S.rounded(x * y) + z
    (got,) = run_map([e], [a, b, c], [dtype] * 3, [dtype], dtype)
    np.testing.assert_array_equal(got, a * b + c)


def sample(dtype: str, n: int, rng) -> np.ndarray:
    if dtype == "bool":
        return rng.integers(0, 2, n).astype(bool)
    if dtype in FLOATS:
        v = rng.uniform(-300, 300, n)
        v[: min(n, 10)] = [np.nan, np.inf, -np.inf, 1e30, -1e30, 7e4, 1e-6, 0, -0.0, 3][
            :n
        ]
        return interpreter.store(v.astype("f4" if dtype != "float64" else "f8"), dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("to", NAMES)
def test_conversions(level, source, to):
    # PyTorch converts half types by way of float32.
    rng = np.random.default_rng(3)
    a = sample(source, 100, rng)[None]
    compute = source
    (got,) = run_map([x], [a], [source], [to], compute)
    (expected,) = interpreter.run_map([x], [source], [to], compute, [a])
    if to in ("float16", "float32", "float64"):
        np.testing.assert_array_equal(got, expected)
    elif to == "bfloat16":
        both = [(v.astype(np.uint32) << 16).view(np.float32) for v in (got, expected)]
        np.testing.assert_array_equal(*both)
    else:
        np.testing.assert_array_equal(got, expected)


def test_half_exhaustively(level):
    # Every float16 and bfloat16 there is survives a round trip.
    bits = np.arange(1 << 16, dtype=np.uint16)
    half = bits.view(np.float16)
    keep = ~np.isnan(half)
    (got,) = run_map([x], [half[None]], ["float16"], ["float16"], "float16")
    np.testing.assert_array_equal(got[0].view(np.uint16)[keep], bits[keep])
    (wide,) = run_map([x], [half[None]], ["float16"], ["float32"], "float16")
    np.testing.assert_array_equal(wide[0], half.astype(np.float32))
    nan = np.isnan((bits.astype(np.uint32) << 16).view(np.float32))
    (got,) = run_map([x], [bits[None]], ["bfloat16"], ["bfloat16"], "bfloat16")
    np.testing.assert_array_equal(got[0][~nan], bits[~nan])


def test_half_rounding(level):
    # Halfway cases go to even; values beyond the range to infinity.
    v = np.array(
        [2049.0, 2051.0, 65519.9, 65520.0, 1e-8, 3e-8, 2.0**-25, 1.5 * 2.0**-24]
    )
    v = np.concatenate([v, -v]).astype("f4")[None]
    (got,) = run_map([x], [v], ["float32"], ["float16"], "float32")
    np.testing.assert_array_equal(got, interpreter.store(v, "float16"))


@pytest.mark.parametrize("dtype", NAMES)
def test_layouts(level, dtype):
    rng = np.random.default_rng(4)
    compute = dtype
    e = x + y if dtype not in FLOATS else x * y + x
    base = sample(dtype, 50 * 120, rng).reshape(50, 120)
    for shape in [(1, 1), (3, 7), (2, 33), (5, 40), (0, 4), (4, 0)]:
        n1, n0 = shape
        views = {
            "c": base[:n1, :n0],
            "x": base[:n1, : 3 * n0 : 3],
            "t": base[:n0, :n1].T,
            "n": base[:n1, :n0][:, ::-1],
            "s": np.broadcast_to(base[:n1, :1], shape),
            "r": np.broadcast_to(base[0, :n0], shape),
        }
        letters = {"c": "c", "x": "x", "t": "x", "n": "x", "s": "s", "r": "c"}
        for first, second, third in ["ccc", "cxs", "xct", "tcr", "ncn", "csr", "xss"]:
            a, b = views[second], views[third]
            buffer = np.zeros((60, 150), storage(dtype))
            out = {
                "c": buffer[:n1, :n0],
                "x": buffer[:n1, : 3 * n0 : 3],
                "t": buffer[:n0, :n1].T,
                "n": buffer[:n1, :n0][:, ::-1],
            }[first]
            layout = letters[first] + letters[second] + letters[third]
            ins = [dtype, dtype]
            run_map([e], [a, b], ins, [dtype], compute, [out], layout)
            (expected,) = interpreter.run_map([e], ins, [dtype], compute, [a, b])
            if dtype == "bfloat16":
                nan = np.isnan((expected.astype(np.uint32) << 16).view(np.float32))
                # A contracted product may round the other way once.
                assert np.all((np.abs(out.astype(int) - expected) <= 1) | nan)
            elif dtype in FLOATS:
                assert ulps(out, expected) <= 4000
            else:
                np.testing.assert_array_equal(out, expected)
            # Nothing beside the output is written.
            out[...] = 0
            assert not buffer.any()


@pytest.mark.parametrize("n", range(41))
def test_sizes(level, n):
    rng = np.random.default_rng(n)
    a = rng.normal(size=(1, n)).astype("f4")
    b = rng.normal(size=(1, n)).astype("f4")
    guard = np.full((1, n + 80), 7, "f4")
    ins, out = ["float32"] * 2, guard[:, :n]
    run_map([x - y], [a, b], ins, ["float32"], "float32", [out], "ccc")
    np.testing.assert_array_equal(guard[:, :n], a - b)
    assert (guard[:, n:] == 7).all()
    (got,) = run_map(
        [S.exp(x) > y], [a, b], ["float32"] * 2, ["bool"], "float32", layout="ccc"
    )
    np.testing.assert_array_equal(got, np.exp(a) > b)


def test_exp_over_its_range(level):
    # Subnormal results and both ends included.
    a = np.concatenate(
        [np.linspace(-106, 90, 200_000), [-103.97, -103.98, 88.72283, 88.72284, 1e30]]
    )
    a = np.concatenate([a, -a[-1:], [np.nan, np.inf, -np.inf]]).astype("f4")[None]
    (got,) = run_map([S.exp(x)], [a], ["float32"], ["float32"], "float32")
    with np.errstate(over="ignore", under="ignore"):
        exact = np.exp(a.astype("f8")).astype("f4")
    assert ulps(got, exact) <= (1 if targets.current().fma else 4)


def test_large_unrolled(level):
    a = np.arange(3 * 4099, dtype="f4").reshape(3, 4099)
    (got,) = run_map([x + 1], [a], ["float32"], ["float32"], "float32")
    np.testing.assert_array_equal(got, a + 1)


def test_several_outputs_in_place(level):
    # An optimizer's step: outputs lie where inputs do.
    p, g, m, lr = variables("p g m lr")
    new_m = 0.9 * m + g
    exprs = [p - lr * new_m, new_m]
    rng = np.random.default_rng(5)
    arrays = [rng.normal(size=(2, 77)).astype("f4") for _ in range(3)]
    rate = np.broadcast_to(np.array(0.1), (2, 77))
    ins = ["float32", "float32", "float32", "float64"]
    expected = interpreter.run_map(
        exprs, ins, ["float32"] * 2, "float32", [*arrays, rate]
    )
    param, grad, mean = arrays
    outs = [param, mean]
    run_map(exprs, [param, grad, mean, rate], ins, ["float32"] * 2, "float32", outs)
    np.testing.assert_allclose(param, expected[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(mean, expected[1], rtol=1e-6, atol=1e-6)


def test_bool_condition_in_float_kernel(level):
    rng = np.random.default_rng(6)
    c = rng.integers(0, 2, (1, 50)).astype(bool)
    a, b = (rng.normal(size=(1, 50)).astype("f4") for _ in range(2))
    ins = ["bool", "float32", "float32"]
    e = S.where(x, y, z) + x + x
    (got,) = run_map([e], [c, a, b], ins, ["float32"], "float32")
    np.testing.assert_array_equal(got, np.where(c, a + 1 + 1, b))


@pytest.mark.parametrize("name", ["i0", "i0e", "i1", "i1e", "j0", "j1", "y0", "ndtri"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scipy_functions(level, name, dtype):
    a = np.linspace(0.1, 0.9, 37).astype(dtype)[None]
    e = S.special(name, x)
    (got,) = run_map([e], [a], [dtype], [dtype], dtype)
    (expected,) = interpreter.run_map([e], [dtype], [dtype], dtype, [a])
    np.testing.assert_array_equal(got, expected)


def test_zeta(level):
    s = np.array([[1.0, 2.0, 3.5, 2.0, 3.0, 20.0, 2.0, 0.5, 2.5, 2.0, np.nan]])
    q = np.array([[2.0, 1.0, 0.3, 1e6, -2.5, 7.0, -3.0, 1.0, -1.5, np.inf, 1.0]])
    e = S.zeta(x, y)
    (got,) = run_map([e], [s, q], ["float64"] * 2, ["float64"], "float64")
    (expected,) = interpreter.run_map(
        [e], ["float64"] * 2, ["float64"], "float64", [s, q]
    )
    np.testing.assert_allclose(got, expected, rtol=4e-15, atol=1e-14)


def test_operand_not_used(level):
    a = np.arange(5.0)[None]
    b = np.arange(5.0)[None]
    (got,) = run_map([var(1, "y") * 2], [a, b], ["float64"] * 2, ["float64"], "float64")
    np.testing.assert_array_equal(got, b * 2)


def test_constant_result(level):
    a = np.arange(5.0)[None]
    (got,) = run_map([S.const(3)], [a], ["float64"], ["float64"], "float64")
    np.testing.assert_array_equal(got, np.full((1, 5), 3.0))


def test_refusals():
    from derivo import codegen

    with pytest.raises(ValueError, match="one output dtype per expression"):
        codegen.build_map("f", [x], ["float32"], [], "float32", "c")
    with pytest.raises(ValueError, match="a letter of 'csx' per operand"):
        codegen.build_map("f", [x], ["float32"], ["float32"], "float32", "c")
    with pytest.raises(ValueError, match="an output cannot have stride 0"):
        codegen.build_map("f", [x], ["float32"], ["float32"], "float32", "sc")
    with pytest.raises(TypeError, match="kernels are generated for"):
        codegen.build_map("f", [x], ["complex64"], ["float32"], "float32", "cc")
    with pytest.raises(TypeError, match="not defined for floating-point operands"):
        codegen.build_map("f", [x & y], ["float32"] * 2, ["float32"], "float32", "ccc")


def test_unknown_width(monkeypatch):
    monkeypatch.setenv("DERIVO_SIMD", "mmx")
    with pytest.raises(ValueError, match="unknown DERIVO_SIMD='mmx'"):
        targets.current()
