# Values of every elementwise operation, from its record.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo.ops._accepted import ACCEPTS
from tests.ops.elementwise_samples import (
    CASES,
    FLOATS,
    RECORDED,
    RECORDS,
    case_id,
    close,
    draw,
    oracle,
    parameter_sets,
    precise,
    recorded_grid,
    run,
    same,
    ulps,
)

every_case = pytest.mark.parametrize("case", CASES, ids=case_id)
every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_case
def test_kernel_is_as_accurate_as_its_record_says(case, dtype):
    record, values = case
    if dtype not in ACCEPTS[record.accepts] and record.promote == "same":
        pytest.skip("not for floats")
    if dtype == "float32":
        values = tuple(float(np.float32(v)) for v in values)
    operands = draw(record, dtype)
    got = run(record, operands, values)
    want = precise(record, operands, values)
    if got.dtype == bool:
        assert (got == want.astype(bool)).all()
        return
    assert got.dtype == dtype
    # SciPy's own answers in float64 are good to a few units.
    allowed = record.ulp[0] if dtype == "float32" else record.ulp[1]
    if "sp." in record.oracle and dtype == "float64":
        allowed = max(allowed, 8)
    assert ulps(got, want, record.floor) <= allowed + 0.01


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64"])
@every_record
def test_integers(record, dtype):
    values = parameter_sets(record)[0]
    answer = RECORDED.get(record.name, {"dtypes": {}})["dtypes"].get(dtype)
    if answer is None or answer == "error":
        pytest.skip("not for these integers")
    if record.name in ("square", "cube", "pow_half", "pow_inverse", "isclose"):
        pytest.skip("the public function takes another way")
    operands = draw(record, dtype)
    if record.name in ("pow", "bitwise_left_shift", "bitwise_right_shift"):
        operands[1] = np.abs(operands[1])
    got = run(record, operands, values)
    if str(got.dtype) in FLOATS:
        want = precise(record, operands, values)
        allowed = max(record.ulp[0], 1)
        assert ulps(got, want, max(record.floor, 1)) <= allowed
        return
    if dtype == "bool" and record.name in ("sign", "sgn"):
        # NumPy has no sign of bool.
        operands = [x.astype("uint8") for x in operands]
    want = oracle(record, operands, values).astype(got.dtype)
    assert (got == want).all()


@every_record
def test_dtype_of_the_result(record):
    values = parameter_sets(record)[0]
    answers = RECORDED.get(record.name, {}).get("dtypes", {})
    different = {
        # Half types are computed in float32, where this is another number.
        "nextafter": {"float16": "error", "bfloat16": "error"},
        # These records are reached only for other dtypes, or alphas.
        "square": {"bool": "error"},
        "cube": {"bool": "error"},
        "pow_half": dict.fromkeys(ACCEPTS["bits"], "error"),
        "pow_inverse": dict.fromkeys(ACCEPTS["bits"], "error"),
        "add_scaled": {d: d for d in ACCEPTS["bits"]},
        "sub_scaled": {d: d for d in ACCEPTS["integers"]},
        "rsub_scaled": {d: d for d in ACCEPTS["integers"]},
        # The public function checks it.
        "hardtanh": {"uint8": "uint8"},
    }.get(record.name, {})
    for dtype, answer in (answers | different if answers else {}).items():
        ones = [derivo.ones(2, dtype=getattr(derivo, dtype)) for _ in record.operands]
        if answer == "error":
            with pytest.raises((RuntimeError, NotImplementedError), match=r"^\["):
                record.core(*ones, *values)
        else:
            got = record.core(*ones, *values).dtype.name
            assert (dtype, got) == (dtype, answer)


def any_nan(*xs):
    return np.any([np.isnan(x) for x in xs], axis=0)


# Points where the value differs from PyTorch's, and why.
OWN_VALUES = {
    # PyTorch's polynomials are good to 7 digits between 5 and 8.
    "bessel_j0": lambda x: x == 6,
    "bessel_j1": lambda x: x == 6,
    "bessel_y0": lambda x: x == 6,
    "bessel_y1": lambda x: x == 6,
    # NaN in, NaN out.
    "igamma": any_nan,
    "igammac": any_nan,
    # The sum of (k + inf)**-s is 0; of powers with exponent -inf, not followed up.
    "zeta": lambda x, y: np.isinf(x) | np.isinf(y),
}


@every_record
def test_values_at_special_points(record):
    answer = RECORDED.get(record.name)
    if answer is None or "values" not in answer:
        pytest.skip("nothing recorded")
    columns = recorded_grid(len(record.operands))
    got = run(record, columns, answer["params"])
    want = np.array(answer["values"])
    own = OWN_VALUES.get(record.name, lambda x, *_: np.zeros(x.shape, bool))
    wrong = ~close(got, want) & ~own(*columns)
    points = np.stack(columns, 1)[wrong].tolist()
    assert not wrong.any(), list(zip(points, got[wrong], want[wrong], strict=True))[:9]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@every_record
def test_half_types_round_the_float32_result(record, dtype):
    if not set(ACCEPTS[record.accepts]) >= set(FLOATS):
        pytest.skip("not for half types")
    values = parameter_sets(record)[0]
    operands = [derivo.from_numpy(x) for x in draw(record, "float32")]
    halves = [x.to(getattr(derivo, dtype)) for x in operands]
    got = record.core(*halves, *values)
    want = record.core(*[x.float() for x in halves], *values)
    assert got.dtype.name in (dtype, "bool")
    assert same(got, want.to(got.dtype))


@every_record
def test_interpreter_agrees_with_machine_code(record):
    from derivo.codegen.interpreter import run_map

    values = parameter_sets(record)[0]
    for dtype in ("float32", "float64"):
        if dtype not in ACCEPTS[record.accepts]:
            continue
        operands = draw(record, dtype, seed=1)
        got = run(record, operands, values)
        arrays = [*operands, *(np.array(v, dtype) for v in values)]
        ins = [dtype] * len(arrays)
        compute = "bool" if record.promote == "logical" else dtype
        (want,) = run_map(record.spec.exprs, ins, [got.dtype.name], compute, arrays)
        if got.dtype == bool:
            assert (got == want).all()
        else:
            # The interpreter's float32 functions are NumPy's, a few units off too.
            assert ulps(got, want, max(record.floor, 1e-3)) <= 2 * max(record.ulp)


LAYOUTS = {
    "transposed": lambda t: t.t(),
    "sliced": lambda t: t[::2, 1:],
    "offset": lambda t: t[3:],
    "expanded": lambda t: t[:1].expand(6, 8),
    "scalar": lambda t: t[2, 3],
    "empty": lambda t: t[:0],
    "column": lambda t: t[:, :1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["exp", "add", "where", "addcmul", "softplus", "lt"])
def test_layouts(name, layout):
    # The loop is one for all operations; each number of operands is tried once.
    record = next(r for r in RECORDS if r.name == name)
    values = parameter_sets(record)[0]
    operands = [x.reshape(6, 8) for x in draw(record, "float32", n=48)]
    tensors = [LAYOUTS[layout](derivo.from_numpy(x)) for x in operands]
    got = record.core(*tensors, *values)
    plain = [t.contiguous() for t in tensors]
    want = record.core(*plain, *values)
    assert got.shape == want.shape
    assert same(got, want)
    # One operand laid out, the others broadcast against it.
    if len(tensors) > 1 and layout not in ("empty", "scalar"):
        mixed = [tensors[0], *(t.reshape(-1)[:1] for t in tensors[1:])]
        whole = [t.expand(tensors[0].shape).contiguous() for t in mixed]
        got, want = record.core(*mixed, *values), record.core(*whole, *values)
        # What is the same for all elements may be computed once, rounded otherwise.
        assert close(got.numpy(), want.numpy(), rtol=3e-7, atol=1e-6).all()


@every_record
def test_large_operands_use_the_same_kernel_on_all_threads(record):
    if len(record.operands) != 1 or record.promote != "float":
        pytest.skip("the loop is shared; unary functions are enough")
    values = parameter_sets(record)[0]
    (x,) = draw(record, "float32", n=1 << 16)
    whole = run(record, [x], values)
    parts = [run(record, [p.copy()], values) for p in np.array_split(x, 7)]
    assert np.array_equal(whole, np.concatenate(parts), equal_nan=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_frexp_is_exact_for_all_exponents(dtype):
    lowest = -149 if dtype == "float32" else -1074
    exponents = np.arange(lowest, np.finfo(dtype).maxexp)
    powers = np.ldexp(np.ones((), dtype), exponents).astype(dtype)
    below = np.nextafter(powers, powers * 0)
    x = np.concatenate([powers, below, powers * np.array(-1.5, dtype)])
    mantissa, exponent = derivo.frexp(derivo.from_numpy(x))
    want, wanted = np.frexp(x)
    finite = np.isfinite(x)
    assert np.array_equal(mantissa.numpy(), want)
    assert np.array_equal(exponent.numpy()[finite], wanted[finite])
