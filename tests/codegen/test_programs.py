# Loop programs: LLVM against the interpreter at two widths, and against plain NumPy.
from __future__ import annotations

import os

import numpy as np
import pytest

from derivo import codegen
from derivo.codegen import interpreter
from derivo.codegen import target as targets
from derivo.ir import program as P
from derivo.ir import scalar as S
from derivo.ir.dtypes import FLOATS, INTEGERS, NAMES
from derivo.ir.expr import var
from tests.codegen._launch import call, storage
from tests.codegen.test_maps import LEVELS, sample


@pytest.fixture(params=LEVELS)
def level(request, monkeypatch):
    monkeypatch.setenv("DERIVO_SIMD", request.param)
    return request.param


def launch(program, arrays):
    """Run the kernel on arrays of shape (k1, k0, r1, r0), as the interpreter does."""
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    k1, k0, r1, r0 = shape
    spread = [np.broadcast_to(a, shape) for a in arrays]
    strides = [a.strides[axis] for axis in (3, 2, 1, 0) for a in spread]
    call(codegen.build(program), [r0, r1, k0, k1], arrays, strides)


def place(dtype, shape, letter, axis):
    """Return zeros of `shape` whose vectorised axis has the stride of `letter`."""
    k1, k0, r1, r0 = shape
    if letter == "c":
        if axis == "row":
            return np.zeros(shape, storage(dtype))
        return np.zeros((k1, r1, r0, k0), storage(dtype)).transpose(0, 3, 1, 2)
    if axis == "row":
        return np.zeros((k1, r1, r0, k0 * 3), storage(dtype))[..., ::3].transpose(
            0, 3, 1, 2
        )
    return np.zeros((k1, k0 * 2, r1, r0), storage(dtype))[:, ::2]


def filled(dtype, shape, letter, axis, rng, values=None):
    found = place(dtype, shape, letter, axis)
    if values is None:
        values = sample(dtype, int(np.prod(shape)), rng)
    found[...] = values.reshape(shape)
    return found


SHAPES = [
    (1, 1, 1, 1),
    (2, 3, 1, 7),
    (1, 5, 2, 40),
    (1, 37, 3, 5),
    (1, 2, 1, 133),
    (2, 150, 1, 3),
]


def compare(program, arrays, outs, exact, rtol=0.0, atol=0.0):
    expected = [o.copy() for o in outs]
    interpreter.run(program, [*expected, *arrays])
    launch(program, [*outs, *arrays])
    for got, want, m in zip(outs, expected, program.outputs, strict=True):
        if m.dtype == "bfloat16":
            got, want = ((v.astype(np.uint32) << 16).view("f4") for v in (got, want))
        if exact:
            np.testing.assert_array_equal(got, want)
        else:
            np.testing.assert_allclose(
                got.astype("f8"), want.astype("f8"), rtol=rtol, atol=atol
            )


def reduction(combine, axis, dtype, out, letter, **kw):
    p = P.Builder(combine, axis=axis, compute=dtype)
    first = p.output(out, "c", space="k")
    second = p.output("int64", "c", space="k") if combine.startswith("arg") else None
    found = p.reduce(combine, p.input(dtype, letter), **kw)
    if second is None:
        p.store(first, found)
    else:
        p.store(first, found[0])
        p.store(second, found[1])
    return p.build()


@pytest.mark.parametrize("axis", ["row", "col"])
@pytest.mark.parametrize(
    ("dtype", "letter"),
    [*((d, "c") for d in NAMES), ("float32", "x"), ("int8", "x"), ("bfloat16", "x")],
)
@pytest.mark.parametrize(
    "combine", ["add", "min", "max", "any", "all", "argmax", "argmin"]
)
def test_reductions(level, combine, dtype, letter, axis):
    rng = np.random.default_rng(0)
    out = {"any": "bool", "all": "bool"}.get(combine, dtype)
    if combine == "add" and dtype not in FLOATS:
        out = "int64"
    program = reduction(combine, axis, dtype, out, letter)
    for shape in SHAPES:
        n = int(np.prod(shape))
        values = sample(dtype, n, rng)
        if dtype in FLOATS and combine == "add":
            values = interpreter.store(rng.normal(size=n), dtype)
        if combine.startswith("arg"):
            # Ties on purpose.
            values[n // 2 :] = values[: n - n // 2]
        x = filled(dtype, shape, letter, axis, rng, values)
        kept = (*shape[:2], 1, 1)
        outs = [place(m.dtype, kept, "c", axis) for m in program.outputs]
        compare(
            program,
            [x],
            outs,
            exact=not (combine == "add" and dtype in FLOATS),
            rtol=2e-2 if dtype == "bfloat16" else 1e-3 if dtype == "float16" else 3e-7,
            atol=1e-2 if dtype in ("float16", "bfloat16") else 1e-6,
        )


@pytest.mark.parametrize("axis", ["row", "col"])
@pytest.mark.parametrize("dtype", sorted(INTEGERS | {"float32", "float64"}))
def test_product(level, dtype, axis):
    rng = np.random.default_rng(1)
    out = dtype if dtype in FLOATS else "int64"
    program = reduction("mul", axis, dtype, out, "c")
    for shape in SHAPES:
        n = int(np.prod(shape))
        values = (
            rng.uniform(0.8, 1.25, n) if dtype in FLOATS else rng.integers(1, 3, n)
        ).astype(dtype)
        x = filled(dtype, shape, "c", axis, rng, values)
        outs = [place(out, (*shape[:2], 1, 1), "c", axis)]
        compare(program, [x], outs, dtype not in FLOATS, rtol=1e-6)


@pytest.mark.parametrize("axis", ["row", "col"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_welford(level, dtype, axis):
    rng = np.random.default_rng(2)
    p = P.Builder("var", axis=axis, compute=dtype)
    mean, var_ = p.output(dtype, space="k"), p.output(dtype, space="k")
    m, m2 = p.reduce("welford", p.input(dtype))
    p.store(mean, m)
    p.store(var_, m2 / p.count)
    program = p.build()
    for shape in SHAPES:
        x = place(dtype, shape, "c", axis)
        x[...] = 1e4 + rng.normal(size=shape)
        outs = [place(dtype, (*shape[:2], 1, 1), "c", axis) for _ in range(2)]
        launch(program, [*outs, x])
        wide = x.astype(np.longdouble)
        np.testing.assert_allclose(outs[0][..., 0, 0], wide.mean((2, 3)), rtol=2e-7)
        np.testing.assert_allclose(
            outs[1][..., 0, 0], wide.var((2, 3)), rtol=1e-6, atol=1e-9
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", ["row", "col"])
def test_sums_are_accurate(level, dtype, axis):
    # At least as accurate as pairwise: a few units in the last place of the sum of
    # magnitudes at any length, where a plain loop would lose n of them.
    program = reduction("add", axis, dtype, dtype, "c")
    n = 100_003
    rng = np.random.default_rng(3)
    values = rng.uniform(0, 1, n).astype(dtype)
    shape = (1, 1, 1, n)
    x, out = values.reshape(shape), np.zeros((1, 1, 1, 1), dtype)
    launch(program, [out, x])
    exact = values.astype(np.longdouble).sum()
    eps = np.finfo(dtype).eps
    assert abs(out[0, 0, 0, 0] - exact) <= eps * exact
    # Cancellation: what remains is far smaller than the terms.
    values[1::2] = -values[:-1:2]
    values[-1] = 1e-3
    launch(program, [out, values.reshape(shape)])
    assert abs(out[0, 0, 0, 0] - np.float64(values[-1])) <= 1e-9


@pytest.mark.parametrize("axis", ["row", "col"])
def test_sums_in_blocks(level, axis):
    # As accurate as pairwise summation, whose error grows with log2(n) / 2 units.
    rng = np.random.default_rng(3)
    p = P.Builder("sum", axis=axis, compute="float32")
    out, count = (p.output("float32", space="k") for _ in range(2))
    x = p.input("float32")
    p.store(out, p.reduce("add", x, dtype="float32"))
    p.store(count, p.reduce("add", S.where(x > -1, 1.0, 0.0), dtype="float32"))
    program = p.build()
    for shape in [*SHAPES, (1, 2, 1, 40000), (1, 70, 3, 333)]:
        x = filled("float32", shape, "c", axis, rng, rng.uniform(size=shape))
        outs = [place("float32", (*shape[:2], 1, 1), "c", axis) for _ in range(2)]
        launch(program, [*outs, x])
        exact = x.astype(np.longdouble).sum((2, 3))
        n = shape[2] * shape[3]
        error = np.abs(outs[0][..., 0, 0] - exact)
        assert np.all(error <= exact * 2.0**-24 * (1 + np.log2(n + 1) / 2))
        assert np.all(outs[1] == n)


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_of_special_values(level, dtype, special):
    program = reduction("add", "row", dtype, dtype, "c")
    x = np.ones((1, 1, 1, 77), dtype)
    x[..., 50] = special
    out = np.zeros((1, 1, 1, 1), dtype)
    launch(program, [out, x])
    np.testing.assert_array_equal(out[0, 0, 0], [special])
    x[..., 51] = -special
    launch(program, [out, x])
    assert np.isnan(out).all()


def softmax(axis, dtype, log=False):
    p = P.Builder("softmax", axis=axis, compute=dtype)
    out, x = p.output(dtype), p.input(dtype)
    m = p.reduce("max", x)
    s = p.reduce("add", S.exp(x - m))
    p.store(out, x - m - S.log(s) if log else S.exp(x - m) / s)
    return p.build()


def softmax_in_place(axis, dtype):
    # The exponentials are kept in the output and scaled there.
    p = P.Builder("softmax", axis=axis, compute=dtype)
    out = p.output(dtype)
    x, again = p.input(dtype), p.input(dtype, alias=out)
    m = p.reduce("max", x)
    e = S.exp(x - m)
    p.store(out, e)
    s = p.reduce("add", e)
    p.store(out, again * (1 / s))
    return p.build()


def layer_norm(axis, dtype):
    p = P.Builder("layer_norm", axis=axis, compute=dtype)
    out, mean, rstd = p.output(dtype), *(p.output(dtype, space="k") for _ in range(2))
    letter = "c" if axis == "row" else "s"
    x, w, b = p.input(dtype), p.input(dtype, letter), p.input(dtype, letter)
    eps = p.input("float64", "s", space="k")
    m = p.reduce("add", x) / p.count
    v = p.reduce("add", S.square(x - m)) / p.count
    r = S.rsqrt(v + eps)
    p.store(out, (x - m) * r * w + b)
    p.store(mean, m)
    p.store(rstd, r)
    return p.build()


@pytest.mark.parametrize("axis", ["row", "col"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("make", [softmax, softmax_in_place])
def test_softmax(level, make, dtype, axis):
    rng = np.random.default_rng(4)
    program = make(axis, dtype)
    for shape in SHAPES:
        x = filled(dtype, shape, "c", axis, rng, rng.normal(size=shape) * 50)
        out = place(dtype, shape, "c", axis)
        launch(program, [out, x])
        e = np.exp(x.astype(np.longdouble) - x.max((2, 3), keepdims=True))
        np.testing.assert_allclose(
            out, e / e.sum((2, 3), keepdims=True), rtol=4e-6, atol=1e-30
        )
        check = out * 0
        interpreter.run(program, [check, x])
        np.testing.assert_allclose(out, check, rtol=4e-6, atol=1e-30)


@pytest.mark.parametrize("axis", ["row", "col"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_layer_norm(level, dtype, axis):
    rng = np.random.default_rng(5)
    program = layer_norm(axis, dtype)
    for shape in SHAPES:
        across = (1, 1, *shape[2:])
        n = int(np.prod(shape))
        x = filled(
            dtype, shape, "c", axis, rng, interpreter.store(rng.normal(size=n), dtype)
        )
        w, b = (interpreter.store(rng.normal(size=across), dtype) for _ in range(2))
        eps = np.full((1, 1, 1, 1), 1e-5)
        outs = [place(dtype, shape, "c", axis)]
        outs += [place(dtype, (*shape[:2], 1, 1), "c", axis) for _ in range(2)]
        half = dtype == "bfloat16"
        compare(
            program,
            [x, w, b, eps],
            outs,
            False,
            2e-2 if half else 2e-5,
            2e-2 if half else 2e-5,
        )


def totals(dtype, memory, letter):
    # A store of what a walk finds, and two totals, in one walk.
    p = P.Builder("totals", axis="row", compute=dtype)
    out = p.output(memory, letter)
    one, other = p.output(dtype, space="t"), p.output(dtype, letter, space="t")
    x, g = p.input(memory, letter), p.input(memory)
    mean = p.reduce("add", x) / p.count
    p.store(out, g - mean)
    p.store(one, g * (x - mean))
    p.store(other, g)
    return p.build()


@pytest.mark.parametrize("letter", ["c", "x"])
@pytest.mark.parametrize(
    ("dtype", "memory"),
    [("float32", "float32"), ("float64", "float64"), ("float32", "bfloat16")],
)
def test_totals_over_the_kept_points(level, dtype, memory, letter):
    rng = np.random.default_rng(9)
    program = totals(dtype, memory, letter)
    assert [len(group) for group in P.passes(program)] == [1, 3]
    for shape in SHAPES:
        across = (1, 1, *shape[2:])
        n = int(np.prod(shape))
        x, g = (
            filled(m, shape, how, "row", rng, interpreter.store(rng.normal(size=n), m))
            for m, how in ((memory, letter), (memory, "c"))
        )
        outs = [place(memory, shape, letter, "row")]
        outs += [place(dtype, across, how, "row") for how in ("c", letter)]
        # What is there is added to.
        outs[2][...] = rng.normal(size=across)
        tolerance = 1e-2 if memory == "bfloat16" else 1e-4 if dtype[5:] == "32" else 0
        compare(program, [x, g], outs, False, tolerance, tolerance or 1e-12)


@pytest.mark.parametrize("axis", ["row", "col"])
def test_index_as_a_value(level, axis):
    # Cross entropy picks one element of each row by its position.
    p = P.Builder("pick", axis=axis, compute="float32")
    out = p.output("float32", space="k")
    x = p.input("float32")
    t = p.input("int64", "c" if axis == "col" else "s", space="k")
    p.store(out, p.reduce("add", S.where(p.index == t, x, 0)))
    program = p.build()
    rng = np.random.default_rng(6)
    for shape in SHAPES:
        x = filled("float32", shape, "c", axis, rng, rng.normal(size=shape))
        t = rng.integers(0, shape[2] * shape[3], (*shape[:2], 1, 1))
        t = filled("int64", t.shape, "c", axis, rng, t)
        outs = [place("float32", (*shape[:2], 1, 1), "c", axis)]
        compare(program, [x, t], outs, True)


@pytest.mark.parametrize("axis", ["row", "col"])
def test_nothing_to_reduce(level, axis):
    program = reduction("add", axis, "float32", "float32", "c")
    out = np.full((1, 5, 1, 1), 7, "f4")
    x = np.zeros((1, 5, 1, 0), "f4")
    strides = [0, 4, 0, 0, 4, 4, 0, 0]
    call(codegen.build(program), [0, 1, 5, 1], [out, x], strides)
    np.testing.assert_array_equal(out, 0)


def test_one_walk_where_possible():
    p = P.Builder("t", axis="row", compute="float32")
    out = p.output("float32", space="k")
    x = p.input("float32")
    a, b = p.reduce("min", x), p.reduce("max", x)
    c = p.reduce("add", x - a)
    p.store(out, a + b + c)
    assert P.passes(p.build()) == [[0, 1], [2], [3]]


def test_reading_what_was_stored_starts_a_walk():
    assert P.passes(softmax_in_place("row", "float32")) == [[0], [1, 2], [3]]


def test_text():
    assert softmax("row", "float32").text() == (
        "program softmax (axis row, compute float32)\n"
        "  out0: float32 c [r]\n"
        "  in0: float32 c [r]\n"
        "  max = max(in0)\n"
        "  sum = add(exp(in0 - max))\n"
        "  out0 <- exp(in0 - max) / sum"
    )


def test_equal_programs_are_one():
    one, other = (softmax("row", "float32") for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != softmax("col", "float32")
    assert codegen.build(one) == codegen.build(other)


def broken(**changes):
    fields = {
        "name": "t",
        "outputs": (P.Memory("float32", "c", "k"),),
        "inputs": (P.Memory("float32", "c"),),
        "compute": "float32",
        "axis": "row",
        "stages": (P.Reduce("s", "add", var(0)), P.Store(0, P.result(0))),
    }
    return P.Program(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axis": "diagonal"}, "axis must be 'row' or 'col'"),
        ({"stages": ()}, "a program has stages"),
        ({"inputs": (P.Memory("complex64", "c"),)}, "unknown dtype='complex64'"),
        ({"inputs": (P.Memory("float32", "z"),)}, "unknown access: got letter='z'"),
        ({"inputs": (P.Memory("float32", "c", "q"),)}, "unknown space='q'"),
        (
            {"outputs": (P.Memory("float32", "s", "r"),)},
            "output 0 has stride 0 along the vectorised axis",
        ),
        (
            {"stages": (P.Reduce("s", "add", var(0)), P.Store(1, P.result(0)))},
            "stores to an unknown output: got 1",
        ),
        ({"stages": (P.Reduce("s", "add", var(0)),)}, "nothing is stored to outputs"),
        (
            {"stages": (P.Reduce("s", "mode", var(0)), P.Store(0, P.result(0)))},
            "unknown reduction: got combine='mode'",
        ),
        (
            {"stages": (P.Store(0, P.result(1)), P.Reduce("s", "add", var(0)))},
            "not a result of an earlier stage",
        ),
        (
            {"stages": (P.Reduce("s", "add", var(3)), P.Store(0, P.result(0)))},
            "uses operand 3: there are 1 inputs",
        ),
        ({"stages": (P.Store(0, var(0)),)}, "varies over the reduced space"),
        ({"stages": (P.Store(0, P.INDEX),)}, "where there is no index"),
        (
            {"inputs": (P.Memory("float32", "c", "r", 4),)},
            "alias of an unknown output: got 4",
        ),
        (
            {"inputs": (P.Memory("float64", "c", "k", 0),)},
            "differ in dtype or space",
        ),
        (
            {"axis": "col", "outputs": (P.Memory("float32", "c", "t"),)},
            "output 0 is a total: only a 'row' program",
        ),
        ({"outputs": (P.Memory("float64", "c", "t"),)}, "a total in float64"),
        (
            {
                "outputs": (P.Memory("int64", "c", "t"),),
                "inputs": (P.Memory("int64", "c"),),
                "compute": "int64",
            },
            "a total in int64: expected the floats",
        ),
        ({"inputs": (P.Memory("float32", "c", "t"),)}, "input 0 is a total"),
        (
            {
                "stages": (
                    P.Reduce("s", "welford", var(0) > 1),
                    P.Store(0, P.result(0)),
                )
            },
            "welford needs floating-point values",
        ),
    ],
)
def test_spec(changes, message):
    with pytest.raises(P.ProgramError, match=message):
        codegen.build(broken(**changes))


def test_unknown_combine():
    p = P.Builder("t", axis="row", compute="float32")
    with pytest.raises(P.ProgramError, match="unknown reduction"):
        p.reduce("mode", p.input("float32"))


def test_widths_exist():
    assert len(set(LEVELS)) >= 2 or targets.host_level() == "scalar"
    assert os.environ.get("DERIVO_SIMD") is None
