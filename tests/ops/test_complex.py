# Elementwise operations on complex numbers, from the registry: values beside NumPy's in
# double precision, gradients beside differences, layouts, the second order.

import numpy as np
import pytest

import derivo
from derivo.ops._elementwise import REGISTRY
from derivo.ops._surface import FUNCTIONS  # noqa: F401 - fills the registry

RECORDS = {n: r for n, r in REGISTRY.items() if r.on_complex}
SMOOTH = [n for n, r in RECORDS.items() if r.differentiable]

# Where NumPy has no complex form of the oracle.
ORACLES = {
    "exp2": "np.exp(x * np.log(2))",
    "expm1": "np.exp(x) - 1",
    "log1p": "np.log(1 + x)",
    "sgn": "x / np.abs(x)",
    "angle": "np.angle(x)",
    "sinc": "np.sin(np.pi * x) / (np.pi * x)",
    "rsqrt": "1 / np.sqrt(x)",
    "ldexp": "x * 2**y",
    "logaddexp": "np.log(np.exp(x) + np.exp(y))",
    "logical_and": "(x != 0) & (y != 0)",
    "logical_or": "(x != 0) | (y != 0)",
    "logical_xor": "(x != 0) ^ (y != 0)",
    "logical_not": "x == 0",
    "where": "np.where(condition.real > 0, x, y)",
    "silu": "x / (1 + np.exp(-x))",
}


def draw(record, seed=0, n=23, dtype="complex128"):
    """Operands away from zeros and branch cuts, as NumPy arrays."""
    rng = np.random.default_rng(seed)
    found = []
    for i, _ in enumerate(record.operands):
        if i < record.spec.first_promoted:
            found.append(rng.random(n) > 0.5)
            continue
        size, angle = rng.uniform(0.3, 1.6, n), rng.uniform(-3, 3, n)
        found.append((size * np.exp(1j * angle)).astype(dtype))
    return found


def parameters(record):
    sample = record.samples[0] if record.samples else {}
    values = dict(zip(record.params, record.defaults, strict=True)) | sample
    return [values[p] for p in record.params]


def expected(name, operands, params):
    record = RECORDS[name]
    names = dict(zip(record.operands, operands, strict=True))
    names |= dict(zip(record.params, params, strict=True))
    with np.errstate(all="ignore"):
        return eval(ORACLES.get(name, record.oracle), {"np": np}, names)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("name", RECORDS)
def test_values(name, dtype):
    record = RECORDS[name]
    operands, params = draw(record, dtype=dtype), parameters(record)
    got = record.core(*map(derivo.from_numpy, operands), *params)
    wide = [x.astype("complex128") if x.dtype.kind == "c" else x for x in operands]
    want = expected(name, wide, params)
    kind = "real" if record.on_complex == "real" else "complex"
    if record.promote in ("compare", "logical"):
        kind = "bool"
    parts = {"complex64": "float32", "complex128": "float64"}
    dtypes = {"real": parts[dtype], "complex": dtype, "bool": "bool"}
    assert got.dtype.name == dtypes[kind]
    eps = np.finfo(dtype).eps
    error = np.abs(got.numpy() - want) if kind != "bool" else got.numpy() != want
    # Relative to the number, not to its smaller part; to 1 where digits cancel.
    assert np.max(error / np.maximum(np.abs(want), 1.0)) <= 24 * eps


@pytest.mark.parametrize("name", RECORDS)
def test_layouts_agree(name):
    record = RECORDS[name]
    operands, params = draw(record, n=77), parameters(record)
    flat = [derivo.from_numpy(x) for x in operands]
    want = record.core(*flat, *params).numpy()
    turned = [derivo.from_numpy(x).reshape(11, 7).t() for x in operands]
    spread = [derivo.stack([x, x], dim=-1)[..., 1] for x in flat]
    assert np.array_equal(
        record.core(*turned, *params).t().reshape(-1).numpy(), want, equal_nan=True
    )
    assert np.array_equal(record.core(*spread, *params).numpy(), want, equal_nan=True)
    one = [derivo.from_numpy(x[:1]).reshape(()) for x in operands]
    assert np.array_equal(record.core(*one, *params).numpy(), want[0], equal_nan=True)
    none = [derivo.from_numpy(x[:0]) for x in operands]
    assert record.core(*none, *params).shape == (0,)


def loss(name, operands, params, weights):
    record = RECORDS[name]
    made = record.core(*operands, *params)
    return (
        (weights * derivo.view_as_real(made)).sum()
        if made.is_complex()
        else (weights[..., 0] * made).sum()
    )


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients(name):
    # L is real: its gradient is dL/dx + i dL/dy, by differences along each axis.
    record = RECORDS[name]
    arrays, params = draw(record), parameters(record)
    weights = derivo.from_numpy(np.random.default_rng(5).normal(size=(23, 2)))
    tensors = [
        derivo.from_numpy(a.copy()).requires_grad_(a.dtype.kind == "c") for a in arrays
    ]
    wanted = [t for t in tensors if t.requires_grad]
    grads = derivo.autograd.grad(loss(name, tensors, params, weights), wanted)
    step = 1e-6
    for k, (leaf, grad) in enumerate(zip(wanted, grads, strict=True)):
        place = next(i for i, t in enumerate(tensors) if t is leaf)
        for turn in (1.0, 1j):
            sides = []
            for sign in (1, -1):
                moved = [derivo.from_numpy(a) for a in arrays]
                moved[place] = derivo.from_numpy(arrays[place] + sign * step * turn)
                made = record.core(*moved, *params)
                if made.is_complex():
                    rows = (weights * derivo.view_as_real(made)).sum(1)
                else:
                    rows = weights[..., 0] * made
                sides.append(rows.numpy())
            want = (sides[0] - sides[1]) / (2 * step)
            got = grad.numpy().real if turn == 1.0 else grad.numpy().imag
            np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-6, err_msg=f"{k}")


@pytest.mark.parametrize("name", SMOOTH)
def test_second_order(name):
    # A directional derivative of the first gradient, forward through differences.
    record = RECORDS[name]
    arrays, params = draw(record, n=5), parameters(record)
    weights = derivo.from_numpy(np.random.default_rng(5).normal(size=(5, 2)))
    place = record.spec.first_promoted

    def gradient(moved, record_it=False):
        tensors = [derivo.from_numpy(a) for a in arrays]
        tensors[place] = moved
        total = loss(name, tensors, params, weights)
        return derivo.autograd.grad(total, moved, create_graph=record_it)[0]

    z = derivo.from_numpy(arrays[place].copy()).requires_grad_(True)
    first = gradient(z, True)
    direction = np.random.default_rng(6).normal(size=(2, 5))
    c = derivo.from_numpy(direction[0] + 1j * direction[1])
    if not first.requires_grad:
        return
    total = (derivo.view_as_real(first) * derivo.view_as_real(c)).sum()
    (second,) = derivo.autograd.grad(total, z, allow_unused=True)
    got = np.zeros(5, complex) if second is None else second.numpy()
    step = 1e-6
    for turn in (1.0, 1j):
        sides = []
        for sign in (1, -1):
            moved = derivo.from_numpy(arrays[place] + sign * step * turn)
            g = gradient(moved.requires_grad_(True)).numpy()
            sides.append((g.conj() * c.numpy()).real)
        want = (sides[0] - sides[1]) / (2 * step)
        part = got.real if turn == 1.0 else got.imag
        np.testing.assert_allclose(part, want, rtol=1e-5, atol=2e-5)


REFUSED = ["lt", "le", "gt", "ge", "floor", "ceil", "maximum", "minimum", "erf"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_complex_meaning_says_so(name):
    record = REGISTRY[name]
    z = derivo.ones(2, dtype=derivo.complex64)
    with pytest.raises(NotImplementedError, match="not implemented for 'ComplexFloat'"):
        record.core(*[z] * len(record.operands))
