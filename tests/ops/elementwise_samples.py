# What the tests of the elementwise operations share: records, samples, answers.
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import scipy.special

import derivo
from derivo.ops._elementwise import REGISTRY, REQUIRED
from derivo.ops.elementwise.gamma import mvlgamma_record, polygamma_record

RECORDS = [
    *REGISTRY.values(),
    polygamma_record(0),
    polygamma_record(2),
    mvlgamma_record(3),
]
RECORDED = json.loads((Path(__file__).parents[1] / "data/elementwise.json").read_text())
FLOATS = ("float16", "bfloat16", "float32", "float64")


def parameter_sets(record):
    if record.samples:
        return [tuple(s[p] for p in record.params) for s in record.samples]
    assert REQUIRED not in record.defaults, f"{record.name} needs samples to test with"
    return [record.defaults]


CASES = [(r, values) for r in RECORDS for values in parameter_sets(r)]


def case_id(case):
    record, values = case
    return "-".join([record.name, *map(str, values)])


def draw(record, dtype, n=67, seed=0):
    """NumPy operands from the record's domain."""
    rng = np.random.default_rng(seed)
    operands = []
    for low, high in record.domain:
        values = rng.uniform(low, high, n)
        if dtype == "bool":
            values = rng.integers(0, 2, n)
        elif dtype not in FLOATS:
            whole = np.round(values)
            if low > 0:
                whole = np.maximum(whole, 1)
            if dtype == "uint8":
                whole = np.abs(whole)
            values = whole
        operands.append(values.astype(dtype))
    return operands


def oracle(record, operands, values):
    """The record's independent answer for NumPy operands."""
    arguments = (*record.operands, *record.params)
    names = dict(zip(arguments, (*operands, *values), strict=True))
    with np.errstate(all="ignore"):
        answer = eval(record.oracle, {"np": np, "sp": scipy.special}, names)
    return np.broadcast_to(answer, operands[0].shape)


def precise(record, operands, values):
    """The same in higher precision where NumPy has it (SciPy stops at float64)."""
    if record.ulp == (0, 0):
        # No rounding, or (nextafter) the dtype's own.
        return oracle(record, operands, values)
    high = np.float64 if "sp." in record.oracle else np.longdouble
    return oracle(record, [x.astype(high) for x in operands], values)


def run(record, operands, values, **options):
    """What derivo computes, as a NumPy array."""
    tensors = [derivo.from_numpy(np.array(x)) for x in operands]
    return record.core(*tensors, *values, **options).numpy()


def ulps(got, want, floor):
    """Largest error of `got` in units of its last place, at least that of `floor`."""
    tiny = np.finfo(got.dtype).tiny
    with np.errstate(all="ignore"):
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        scale = np.maximum(np.maximum(np.abs(want), floor), tiny).astype(got.dtype)
        error = np.abs(got - want) / np.spacing(scale)
    # A NaN or infinity on one side only is as wrong as can be.
    return float(np.max(np.where(same, 0, np.nan_to_num(error, nan=np.inf))))


def close(got, want, rtol=1e-9, atol=1e-12):
    """Equal up to rounding, NaN and infinities included."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    with np.errstate(all="ignore"):
        return (
            (got == want)
            | (np.isnan(got) & np.isnan(want))
            | (np.abs(got - want) <= atol + rtol * np.abs(want))
        )


def recorded_grid(n):
    """Columns of the special points that PyTorch's answers were recorded at."""
    points = RECORDED["grids"][n - 1]
    return [c.ravel() for c in np.meshgrid(*[np.array(points)] * n, indexing="ij")]


def gradients(out, inputs, **options):
    """Gradients of the sum of `out`."""
    ones = derivo.from_numpy(np.ones(tuple(out.shape), out.dtype.name))
    return derivo.autograd.grad(out, inputs, ones, **options)


def same(a, b):
    """Whether two tensors have one dtype, one shape and the same values, NaN too."""
    if a.dtype is not b.dtype or a.shape != b.shape:
        return False
    a, b = a.detach(), b.detach()
    if a.dtype.name == "bfloat16":
        a, b = a.float(), b.float()
    numbers = a.dtype.is_floating_point
    return np.array_equal(a.numpy(), b.numpy(), equal_nan=numbers)
