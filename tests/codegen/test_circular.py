# Sine and cosine of float32: accuracy everywhere, and the call that is rarely made.
from __future__ import annotations

import numpy as np
import pytest

from derivo.codegen import target as targets
from derivo.codegen.circular import _LARGEST
from derivo.codegen.maps import map_text
from derivo.ir import program as P
from derivo.ir import scalar as S
from derivo.ir.expr import variables
from tests.codegen._launch import call, run_map, ulps

x, y, z = variables("x y z")
_host = targets.host_level()
LEVELS = ["avx512", "avx2"][_host != "avx512" :] if _host.startswith("avx") else [_host]
FUNCTIONS = {"sin": S.sin, "cos": S.cos}


@pytest.fixture(params=LEVELS)
def level(request, monkeypatch):
    monkeypatch.setenv("DERIVO_SIMD", request.param)
    return request.param


def samples(rng):
    turns = np.arange(-65000, 65000) * (np.pi / 4)
    near = turns.astype("f4")
    yield rng.uniform(-_LARGEST, _LARGEST, 50_000)
    yield rng.uniform(-10, 10, 50_000)
    # Where either is zero or they are equal, and the next numbers on both sides.
    yield near
    yield np.nextafter(near, np.float32(np.inf))
    yield np.nextafter(near, np.float32(-np.inf))
    # All sizes: also those that C takes care of.
    yield np.exp2(rng.uniform(-149, 127.9, 50_000)) * rng.choice([-1, 1], 50_000)
    yield np.nextafter(np.float32(_LARGEST), np.float32([0, np.inf, _LARGEST]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_accuracy(level, name):
    # In units of the last place of the exact value, which has more digits.
    for values in samples(np.random.default_rng(0)):
        a = values.astype("f4")[None]
        (got,) = run_map([FUNCTIONS[name](x)], [a], ["float32"], ["float32"], "float32")
        exact = getattr(np, name)(a.astype(np.longdouble))
        unit = np.spacing(np.abs(exact.astype("f4")))
        within = np.abs(a) <= _LARGEST
        off = np.abs(got - exact) / unit
        assert off[within].max(initial=0) <= 2.5
        assert off.max() <= 4


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values(level, name):
    a = np.array([[0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45]], "f4")
    (got,) = run_map([FUNCTIONS[name](x)], [a], ["float32"], ["float32"], "float32")
    with np.errstate(invalid="ignore"):
        want = getattr(np, name)(a)
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(np.signbit(got[:, :2]), np.signbit(want[:, :2]))


def test_neighbours_do_not_matter(level):
    # A large number in a vector changes nothing in its other lanes.
    rng = np.random.default_rng(1)
    a = rng.uniform(-9, 9, (1, 203)).astype("f4")
    b = a.copy()
    b[:, ::7] = 1e9
    both = [S.sin(x), S.cos(x)]
    kinds = ["float32"]
    one, other = (run_map(both, [v], kinds, kinds * 2, "float32") for v in (a, b))
    rest = np.arange(203) % 7 != 0
    for p, q, function in zip(one, other, (np.sin, np.cos), strict=True):
        np.testing.assert_array_equal(p[:, rest], q[:, rest])
        assert ulps(q[:, ::7], function(b[:, ::7].astype("f8")).astype("f4")) <= 4


@pytest.mark.parametrize("size", [1, 7, 16, 33, 200])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("layout", ["plain", "strided", "one number", "half"])
def test_inside_larger_expressions(level, size, large, layout):
    rng = np.random.default_rng(2)
    a, b = (rng.uniform(-3, 3, (2, size)).astype("f4") for _ in range(2))
    if large:
        a[0, -1] = 3e8
    if layout == "strided":
        a = np.repeat(a, 2, axis=1)[:, ::2]
    if layout == "one number":
        # sin(x) is computed once for each row, before the loop.
        a = np.broadcast_to(a[:, -1:], a.shape)
    kinds = ["float32", "float32"]
    e = [S.sin(x) * S.exp(y) + S.cos(x), S.sin(S.cos(x) + y)]
    if layout == "half":
        kinds[1] = "bfloat16"
        b = (b.view("u4") >> 16).astype("u2")
    got = run_map(e, [a, b], kinds, ["float32"] * 2, "float32")
    if layout == "half":
        b = (b.astype("u4") << 16).view("f4")
    a, b = a.astype("f8"), b.astype("f8")
    want = np.sin(a) * np.exp(b) + np.cos(a), np.sin(np.cos(a) + b)
    for p, q in zip(got, want, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("axis", ["row", "col"])
def test_in_a_loop_program(level, axis):
    from derivo import codegen

    p = P.Builder("waves", axis=axis, compute="float32")
    out = p.output("float32")
    a, b = p.input("float32"), p.input("float32", "s", space="k")
    p.store(out, S.sin(b) * p.reduce("add", S.cos(a)) + S.sin(a))
    rng = np.random.default_rng(3)
    a = rng.uniform(-9, 9, (1, 3, 1, 37)).astype("f4")
    a[0, 1, 0, 5] = -2e7
    b = np.full((1, 1, 1, 1), 4e6, "f4")
    if axis == "col":
        a = np.ascontiguousarray(a.transpose(0, 3, 2, 1)).transpose(0, 3, 2, 1)
    got = np.zeros_like(a)
    spread = [np.broadcast_to(v, a.shape) for v in (got, a, b)]
    strides = [v.strides[k] for k in (3, 2, 1, 0) for v in spread]
    call(codegen.build(p.build()), [37, 1, 3, 1], [got, a, b], strides)
    wide = a.astype("f8")
    total = np.cos(wide).sum((2, 3), keepdims=True)
    np.testing.assert_allclose(got, np.sin(4e6) * total + np.sin(wide), atol=2e-5)


def test_a_function_and_its_derivative_share_their_work():
    target = targets.at_level("avx512")

    def words(*exprs):
        kinds = ["float32"] * len(exprs)
        layout = "c" * (len(exprs) + 1)
        text, calls = map_text(
            "k", target, exprs, ["float32"], kinds, "float32", layout
        )
        return text.count("llvm.fma.v16f32("), calls

    one, calls = words(S.sin(x))
    both, _ = words(S.sin(x), S.cos(x))
    assert both == one
    assert calls in ((), ("_ZGVeN16v_sinf",), ("sinf",))
