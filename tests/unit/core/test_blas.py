from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from derivo._core import blas, threads

U8, I8, I16, I32, I64, F16, BF16, F32, F64 = range(1, 10)
NUMPY = {
    U8: np.uint8,
    I8: np.int8,
    I16: np.int16,
    I32: np.int32,
    I64: np.int64,
    F16: np.float16,
    F32: np.float32,
    F64: np.float64,
}
EPSILON = {F16: 2.0**-11, F32: 2.0**-24, F64: 2.0**-53}
LAYOUTS = ("rows", "columns", "gaps", "both", "splat rows", "splat columns")
WIDTHS = [w for w in (16, 32, 64) if w <= blas.use_vectors()]


@pytest.fixture(autouse=True)
def _restore():
    before = threads.get_num_threads()
    yield
    threads.set_num_threads(before)
    blas.use_blas(False)
    blas.use_vectors()


def strides(x):
    return tuple(s // x.itemsize for s in x.strides)


def make(rng, rows, columns, dtype, layout):
    def values(*shape):
        if np.issubdtype(dtype, np.integer):
            low = 0 if dtype is np.uint8 else -100
            return rng.integers(low, 100, shape).astype(dtype)
        return rng.standard_normal(shape).astype(dtype)

    if layout == "rows":
        return values(rows, columns)
    if layout == "columns":
        return values(columns, rows).T
    if layout == "gaps":
        return values(rows, columns + 3)[:, 1 : columns + 1]
    if layout == "both":
        return values(columns + 2, 2 * rows)[1 : columns + 1, ::2].T
    if layout == "splat rows":
        return np.broadcast_to(values(1, columns), (rows, columns))
    return np.broadcast_to(values(rows, 1), (rows, columns))


def run(code, a, b, c, cin=None, alpha=1.0, beta=0.0):
    blas.product(
        code,
        (a.shape[0], b.shape[1], a.shape[1]),
        a.ctypes.data,
        strides(a),
        b.ctypes.data,
        strides(b),
        c.ctypes.data,
        strides(c),
        0 if cin is None else cin.ctypes.data,
        (0, 0) if cin is None else strides(cin),
        alpha,
        beta,
    )


def check_floats(code, a, b, c, added, alpha, beta):
    # the error of a sum of k products, whatever its order, in units of what is added
    wide = np.float64 if code != F64 else np.longdouble
    exact = alpha * (a.astype(wide) @ b.astype(wide)) + beta * added.astype(wide)
    scale = abs(alpha) * (np.abs(a.astype(wide)) @ np.abs(b.astype(wide)))
    scale += np.abs(beta * added.astype(wide))
    k = a.shape[1]
    if code == F16:  # summed in float32, rounded once
        bound = EPSILON[F16] * np.abs(exact) + (k + 4) * EPSILON[F32] * scale + 3e-8
    else:
        bound = (k + 4) * EPSILON[code] * scale
    assert (np.abs(c.astype(wide) - exact) <= bound).all()


SHAPES = [
    *((1, 1, 1), (1, 1, 5000), (1, 40, 33), (33, 1, 40), (2, 3, 2000), (4, 300, 70)),
    *((300, 4, 70), (3, 2, 1), (14, 32, 16), (15, 33, 17), (29, 31, 385), (6, 8, 0)),
    *((0, 4, 3), (4, 0, 3), (65, 10, 64), (200, 130, 50), (256, 96, 400)),
]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("code", [F32, F64, F16])
@pytest.mark.parametrize("shape", SHAPES)
def test_floats_in_every_layout(width, code, shape):
    blas.use_vectors(width)
    rng = np.random.default_rng(sum(shape) + code)
    m, n, k = shape
    dtype = NUMPY[code]
    large = m * n * k > 10**6
    for i, layout in enumerate(LAYOUTS):
        for j, other in enumerate(LAYOUTS):
            if large and (i + j) % 3:
                continue
            threads.set_num_threads(1 + (i + j) % 3)
            a = make(rng, m, k, dtype, layout)
            b = make(rng, k, n, dtype, other)
            c = make(rng, m, n, dtype, LAYOUTS[(i + 2 * j) % 4])
            cin = make(rng, m, n, dtype, LAYOUTS[(2 * i + j) % 6])
            alpha, beta = ((1.0, 0.0), (1.0, 1.0), (0.5, -2.0))[(i + j) % 3]
            run(code, a, b, c, cin, alpha, beta)
            check_floats(code, a, b, c, cin, alpha, beta)
            before = c.copy()
            run(code, a, b, c, None, alpha, beta)  # added to c itself
            check_floats(code, a, b, c, before, alpha, beta)


@pytest.mark.parametrize("code", [U8, I8, I16, I32, I64])
@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1, 9), (33, 20, 300), (4, 3, 0)])
def test_integers_are_exact_and_wrap(code, shape):
    rng = np.random.default_rng(code)
    m, n, k = shape
    dtype = NUMPY[code]
    for i, layout in enumerate(LAYOUTS):
        for other in LAYOUTS:
            a = make(rng, m, k, dtype, layout)
            b = make(rng, k, n, dtype, other)
            c = make(rng, m, n, dtype, LAYOUTS[i % 4])
            cin = make(rng, m, n, dtype, LAYOUTS[i])
            run(code, a, b, c, cin, 3.0, -2.0)
            wide = np.int64
            exact = 3 * (a.astype(wide) @ b.astype(wide)) - 2 * cin.astype(wide)
            assert np.array_equal(c, exact.astype(dtype))


def test_integers_wrap_as_two_complement():
    a = np.array([[2**62, 2**62]], np.int64)
    c = np.zeros((1, 1), np.int64)
    run(I64, a, np.ones((2, 1), np.int64), c)
    assert c[0, 0] == -(2**63)


def bf16(x):
    # to nearest, ties to even
    u = x.astype(np.float32).view(np.uint32).astype(np.uint64)
    return ((u + 0x7FFF + ((u >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(x):
    return (x.astype(np.uint32) << 16).view(np.float32)


def test_bfloat16_is_summed_in_float32_and_rounded_once():
    rng = np.random.default_rng(0)
    a, b = bf16(rng.standard_normal((20, 300))), bf16(rng.standard_normal((300, 9)))
    c = np.zeros((20, 9), np.uint16)
    run(BF16, a, b, c)
    wide = np.zeros((20, 9), np.float32)
    run(F32, from_bf16(a), from_bf16(b), wide)
    assert np.array_equal(c, bf16(wide))


@pytest.mark.parametrize("code", [F16, BF16])
def test_every_16_bit_float_survives_a_product_with_one(code):
    every = np.arange(2**16, dtype=np.uint16).reshape(-1, 1)
    one = np.array([[0x3C00 if code == F16 else 0x3F80]], np.uint16)
    c = np.zeros_like(every)
    run(code, every, one, c)
    if code == F16:
        nan = np.isnan(every.view(np.float16))
        assert np.isnan(c.view(np.float16)[nan]).all()
    else:
        nan = np.isnan(from_bf16(every))
        assert np.isnan(from_bf16(c)[nan]).all()
    # a product starts from +0, so -0 does not survive
    kept = ~nan & (every != 0x8000)
    assert np.array_equal(c[kept], every[kept])


def test_float16_rounds_to_nearest_even():
    rng = np.random.default_rng(1)
    a = rng.standard_normal((500, 1)).astype(np.float16)
    b = (rng.standard_normal((1, 400)) * 10.0 ** rng.integers(-7, 5, (1, 400))).astype(
        np.float16
    )
    c = np.zeros((500, 400), np.float16)
    run(F16, a, b, c)
    with np.errstate(over="ignore"):
        exact = (a.astype(np.float32) * b.astype(np.float32)).astype(np.float16)
    assert np.array_equal(c, exact)


@pytest.mark.parametrize("code", [F32, F64, F16])
@pytest.mark.parametrize("shape", [(3, 2, 4), (40, 40, 40), (1, 9, 5), (9, 1, 5)])
def test_beta_zero_hides_nan_and_nan_in_operands_shows(code, shape):
    m, n, k = shape
    dtype = NUMPY[code]
    a, b = np.ones((m, k), dtype), np.ones((k, n), dtype)
    c = np.full((m, n), np.nan, dtype)
    run(code, a, b, c, np.full((m, n), np.nan, dtype))
    assert (c == k).all()
    a[0, -1] = np.nan
    run(code, a, b, c)
    assert np.isnan(c[0]).all()
    assert (c[1:] == k).all()
    # zero times infinity is nan, in every lane
    a[0, -1] = 0
    b[-1, -1] = np.inf
    run(code, a, b, c)
    assert np.isnan(c[0, -1])
    assert (c[1:, -1] == np.inf).all()
    assert np.isfinite(c[:, :-1]).all()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("shape", [(300, 257, 700), (1000, 3, 800), (64, 500, 784)])
def test_bits_do_not_depend_on_the_number_of_threads(width, shape):
    blas.use_vectors(width)
    rng = np.random.default_rng(2)
    m, n, k = shape
    a = rng.standard_normal((m, k)).astype(np.float32)
    b = rng.standard_normal((k, n)).astype(np.float32)
    results = []
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        c = np.zeros((m, n), np.float32)
        run(F32, a, b, c)
        results.append(c.tobytes())
    assert len(set(results)) == 1


@pytest.mark.parametrize("code", [F32, F64, F16, I32])
@pytest.mark.parametrize("count", [0, 1, 3, 40])
@pytest.mark.parametrize("workers", [1, 3])
def test_batches(code, count, workers):
    threads.set_num_threads(workers)
    rng = np.random.default_rng(count)
    dtype = NUMPY[code]
    a = make(rng, max(count, 1) * 6, 50, dtype, "rows").reshape(-1, 6, 50)[:count]
    b = make(rng, 50, 7, dtype, "columns")  # the same for all
    c = np.zeros((count, 6, 7), dtype)
    blas.product(
        code,
        (6, 7, 50),
        a.ctypes.data,
        (50, 1),
        b.ctypes.data,
        strides(b),
        c.ctypes.data,
        (7, 1),
        count=count,
        steps=(300, 0, 42, 0),
    )
    for i in range(count):
        one = np.zeros((6, 7), dtype)
        run(code, a[i], b, one)
        assert np.array_equal(c[i], one)


def test_a_large_batch_is_shared_among_threads():
    threads.set_num_threads(2)
    rng = np.random.default_rng(3)
    a = rng.standard_normal((16, 128, 128)).astype(np.float32)
    b = rng.standard_normal((16, 128, 128)).astype(np.float32)
    c = np.zeros_like(a)
    blas.product(
        F32,
        (128, 128, 128),
        a.ctypes.data,
        (128, 1),
        b.ctypes.data,
        (128, 1),
        c.ctypes.data,
        (128, 1),
        count=16,
        steps=(128 * 128,) * 3 + (0,),
    )
    for i in range(16):
        check_floats(F32, a[i], b[i], c[i], np.zeros((128, 128)), 1.0, 0.0)


@pytest.mark.parametrize("code", [F32, F64])
@pytest.mark.parametrize("layouts", [("rows", "rows"), ("columns", "gaps")])
def test_scipy_blas_by_pointer(code, layouts):
    blas.use_vectors(16)
    assert blas.use_blas()
    rng = np.random.default_rng(4)
    a = make(rng, 130, 90, NUMPY[code], layouts[0])
    b = make(rng, 90, 110, NUMPY[code], layouts[1])
    for count in (1, 3):
        threads.set_num_threads(count)
        for alpha, beta in ((1.0, 0.0), (2.0, 0.5)):
            c = make(rng, 130, 110, NUMPY[code], "rows")
            cin = make(rng, 130, 110, NUMPY[code], "columns")
            run(code, a, b, c, cin, alpha, beta)
            check_floats(code, a, b, c, cin, alpha, beta)


def test_blas_address():
    assert blas.blas_address("sgemm") != blas.blas_address("dgemm") != 0
    with pytest.raises(KeyError, match="no_such_routine"):
        blas.blas_address("no_such_routine")


def test_a_product_loads_neither_numpy_nor_scipy():
    code = (
        "import sys, ctypes\n"
        "from derivo._core import blas\n"
        "n = 200\n"
        "room = (ctypes.c_float * (3 * n * n))()\n"
        "at = ctypes.addressof(room)\n"
        "blas.product(8, (n, n, n), at, (n, 1), at + 4 * n * n, (n, 1),\n"
        "             at + 8 * n * n, (n, 1))\n"
        "loaded = [m for m in ('numpy', 'scipy') if m in sys.modules]\n"
        "assert loaded == (['numpy', 'scipy'] if blas.use_vectors() == 16 else [])\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("name", ["sse2", "scalar"])
def test_narrow_machines_find_blas_at_the_first_large_product(name):
    code = (
        "import sys\n"
        "from derivo._core import blas\n"
        "import ctypes\n"
        "room = (ctypes.c_float * 30000)(*[1.0] * 30000)\n"
        "at = ctypes.addressof(room)\n"
        "def product(n):\n"
        "    blas.product(8, (n, n, n), at, (n, 1), at + 4 * n * n, (n, 1),\n"
        "                 at + 8 * n * n, (n, 1))\n"
        "product(10)\n"
        "assert 'scipy' not in sys.modules\n"
        "product(100)\n"
        "assert 'scipy' in sys.modules\n"
        "assert 'scipy.linalg' not in sys.modules\n"
        "assert room[20000] == room[29999] == 100.0\n"
        "import scipy.linalg\n"
        "import scipy.linalg.cython_blas as usual\n"
        "assert scipy.linalg.cython_blas is usual\n"
        "assert 'sgemm' in usual.__pyx_capi__\n"
        "assert scipy.linalg.blas.sgemm(1.0, [[2.0]], [[3.0]])[0, 0] == 6.0\n"
        "product(100)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DERIVO_SIMD": name},
        check=True,
        timeout=60,
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("with_blas", [False, True])
def test_products_after_fork(with_blas):
    threads.set_num_threads(2)
    if with_blas:
        blas.use_vectors(16)
        blas.use_blas()
    a = np.ones((300, 300), np.float32)
    c = np.zeros_like(a)
    run(F32, a, a, c)
    pid = os.fork()
    if pid == 0:
        c[:] = 0
        run(F32, a, a, c)
        os._exit(0 if (c == 300).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_products_from_several_threads_at_once():
    threads.set_num_threads(2)
    rng = np.random.default_rng(5)
    a = rng.standard_normal((300, 400)).astype(np.float32)
    b = rng.standard_normal((400, 500)).astype(np.float32)
    expected = np.zeros((300, 500), np.float32)
    run(F32, a, b, expected)
    wrong = []

    def call():
        for _ in range(20):
            c = np.zeros((300, 500), np.float32)
            run(F32, a, b, c)
            if not np.array_equal(c, expected):
                wrong.append(c)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


def test_refused_widths():
    with pytest.raises(ValueError, match="no kernels of that width"):
        blas.use_vectors(48)
    with pytest.raises(ValueError, match="no kernels of that width"):
        blas.use_vectors(128)
