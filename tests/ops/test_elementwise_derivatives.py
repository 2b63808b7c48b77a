# Derivatives of every elementwise operation: against differences, at the points where
# they are a convention, of second order, and what is kept for them.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo.ops._accepted import ACCEPTS
from tests.ops.elementwise_samples import (
    CASES,
    RECORDED,
    RECORDS,
    case_id,
    close,
    draw,
    gradients,
    parameter_sets,
    recorded_grid,
)

DIFFERENTIABLE = [c for c in CASES if c[0].differentiable]
SMOOTH = [c for c in DIFFERENTIABLE if c[0].smooth]
differentiable = pytest.mark.parametrize("case", DIFFERENTIABLE, ids=case_id)
smooth = pytest.mark.parametrize("case", SMOOTH, ids=case_id)


def wanted(record):
    """Numbers of the operands that have a gradient."""
    refused = record.spec.no_derivative
    return [
        i
        for i, name in enumerate(record.operands)
        if i not in refused and name != "condition"
    ]


def leaves(record, operands):
    tensors = [derivo.from_numpy(x.copy()) for x in operands]
    for i in wanted(record):
        tensors[i].requires_grad_()
    return tensors


def difference(f, x, i, h):
    """Central difference of fourth order of `f` by operand `i`, times 12 * h."""

    def at(k):
        moved = list(x)
        moved[i] = x[i] + k * h
        return f(moved)

    return 8 * (at(1) - at(-1)) - (at(2) - at(-2))


def slopes(f, operands, i):
    h = 1e-3 * np.maximum(np.abs(operands[i]), 0.5) * 0.5
    return difference(f, operands, i, h) / (12 * h)


def away_from_kinks(record, operands, values):
    """Move operands off the points where a difference straddles a kink."""
    corners = {0.0, *(abs(v) for v in values if isinstance(v, float))}
    corners |= {abs(p) for point, _ in record.kinks for p in point if np.isfinite(p)}
    if len(operands) == 1:
        (x,) = operands
        for c in corners:
            near = np.abs(np.abs(x) - c) < 0.01
            x[near] += 0.02
        return [x]
    # Ties of two operands.
    x, y = operands[-2:]
    y[np.abs(np.abs(x) - np.abs(y)) < 0.02] += 0.05
    for c in corners - {0.0}:
        y[np.abs(np.abs(x - y) - c) < 0.01] += 0.025
    return operands


@smooth
def test_first_derivative_is_the_slope(case):
    record, values = case
    operands = away_from_kinks(record, draw(record, "float64", n=19), values)
    tensors = leaves(record, operands)
    out = record.core(*tensors, *values)
    grads = gradients(out, [tensors[i] for i in wanted(record)])

    def f(xs):
        return record.core(*[derivo.from_numpy(x) for x in xs], *values).numpy()

    for i, got in zip(wanted(record), grads, strict=True):
        want = slopes(f, operands, i)
        assert close(got.numpy(), want, rtol=1e-6, atol=1e-6).all(), record.operands[i]


@smooth
def test_second_derivative_is_the_slope_of_the_first(case):
    record, values = case
    operands = away_from_kinks(record, draw(record, "float64", n=11), values)
    which = wanted(record)
    weight = np.linspace(0.5, 1.5, 11)

    def first(xs, k):
        tensors = leaves(record, xs)
        out = record.core(*tensors, *values)
        g = derivo.autograd.grad(
            out, [tensors[i] for i in which], derivo.from_numpy(weight)
        )
        return g[k].detach().numpy()

    for k in range(len(which)):
        tensors = leaves(record, operands)
        seed = derivo.from_numpy(weight.copy()).requires_grad_()
        out = record.core(*tensors, *values)
        inputs = [tensors[i] for i in which]
        g = derivo.autograd.grad(out, inputs, seed, create_graph=True)[k]
        if not g.requires_grad:
            # A gradient that depends on nothing: zero.
            assert not g.numpy().any()
            continue
        second = gradients(g, [*inputs, seed], allow_unused=True)
        for i, got in zip(which, second[:-1], strict=True):
            want = slopes(lambda xs, k=k: first(xs, k), operands, i)
            answer = np.zeros(11) if got is None else got.numpy()
            assert close(answer, want, rtol=1e-5, atol=1e-5).all(), (k, i)
        # By the incoming gradient: the derivative itself.
        if second[-1] is not None:
            assert close(second[-1].numpy() * weight, g.detach().numpy()).all()


# Points where the derivative differs from PyTorch's, and why.
OWN_SLOPES = {
    # The slope at infinity, where PyTorch gives NaN.
    "softsign": np.isinf,
    "zeta": lambda x, y: ~(np.isfinite(x) & (x > 1)) | (y <= 0) | np.isinf(y),
    "log_ndtr": np.isneginf,
    "mish": np.isposinf,
    # Infinite at the poles, where PyTorch's pi * x is not quite a whole multiple.
    "digamma": lambda x: (x < 0) & (x == np.floor(x)),
    # NaN in, NaN out.
    "i1": np.isnan,
    "i1e": np.isnan,
    # PyTorch multiplies by 1/6 rounded to float32.
    "hardsigmoid": lambda x: np.abs(x) < 3,
}


@pytest.mark.parametrize(
    "record", [r for r in RECORDS if r.differentiable], ids=lambda r: r.name
)
def test_derivatives_at_special_points(record):
    answer = RECORDED.get(record.name)
    if answer is None or "grads" not in answer:
        pytest.skip("nothing recorded")
    columns = recorded_grid(len(record.operands))
    tensors = leaves(record, columns)
    out = record.core(*tensors, *answer["params"])
    which = wanted(record)
    grads = gradients(out, [tensors[i] for i in which])
    own = OWN_SLOPES.get(record.name, lambda x, *_: np.zeros(x.shape, bool))
    for i, g in zip(which, grads, strict=True):
        got, want = g.numpy(), np.array(answer["grads"][i], float)
        wrong = ~close(got, want) & ~own(*columns)
        points = np.stack(columns, 1)[wrong].tolist()
        found = list(zip(points, got[wrong], want[wrong], strict=True))
        assert not wrong.any(), (record.operands[i], found[:9])


@differentiable
def test_kinks(case):
    record, values = case
    if values != parameter_sets(record)[0] and record.name != "hardtanh":
        pytest.skip("stated for the first parameters")
    if record.name == "hardtanh":
        values = (-0.5, 2.0)
    for point, partials in record.kinks:
        operands = [np.array([x]) for x in point]
        tensors = leaves(record, operands)
        out = record.core(*tensors, *values)
        which = wanted(record)
        grads = gradients(out, [tensors[i] for i in which])
        got = [g.item() for g in grads]
        assert close(np.array(got), np.array([partials[i] for i in which])).all(), (
            point,
            got,
        )


@differentiable
def test_float32_derivative_is_the_float64_one(case):
    record, values = case
    values = tuple(float(np.float32(v)) for v in values)
    operands = away_from_kinks(record, draw(record, "float32", n=37), values)
    answers = []
    for dtype in ("float32", "float64"):
        tensors = leaves(record, [x.astype(dtype) for x in operands])
        out = record.core(*tensors, *values)
        inputs = [tensors[i] for i in wanted(record)]
        answers.append(gradients(out, inputs))
    for single, double in zip(*answers, strict=True):
        assert single.dtype == derivo.float32
        assert close(single.numpy(), double.numpy(), rtol=2e-5, atol=2e-6).all()


@pytest.mark.parametrize(
    "record", [r for r in RECORDS if r.differentiable], ids=lambda r: r.name
)
def test_nodes_have_pytorchs_names(record):
    values = parameter_sets(record)[0]
    operands = draw(record, "float64", n=3)
    out = record.core(*leaves(record, operands), *values)
    assert out.grad_fn.name() == record.node
    answer = RECORDED.get(record.name, {})
    if "node" in answer:
        assert record.node == answer["node"]
        # Which tensor is kept decides which in-place change is refused later.
        mask = tuple(i in wanted(record) for i in range(len(record.operands)))
        saves = any(kind == "out" for kind, _ in record.spec.plan(mask).sources)
        composite = record.node in ("DivBackward0", "SubBackward0", "MulBackward1")
        if saves and not composite:
            assert answer["saves_result"]
        if answer["saves_result"] and all(g is not None for g in answer["grads"]):
            assert saves or record.name in KEEPS_OPERANDS


# PyTorch keeps both here; the operands alone are enough.
KEEPS_OPERANDS = {"ldexp", "sgn", "log_ndtr"}


def test_third_derivatives_of_products_and_powers():
    # With every gradient tracked, the operands no longer fit into one kernel.
    def seed(t):
        return derivo.from_numpy(np.ones(tuple(t.shape))).requires_grad_()

    x = derivo.from_numpy(np.array([1.5, 2.0])).requires_grad_()
    y = derivo.from_numpy(np.array([3.0, 2.5])).requires_grad_()
    a, b = x.detach().numpy(), y.detach().numpy()
    log = np.log(a)
    p = derivo.pow(x, y)
    p1 = derivo.autograd.grad(p, [x, y], seed(p), create_graph=True)
    p2 = derivo.autograd.grad(p1, [x, y], [seed(p), seed(p)], create_graph=True)
    p3 = derivo.autograd.grad(p2, [x, y], [seed(p), seed(p)])
    # f + its derivatives along (1, 1): (d/dx + d/dy)^n of exp(y log x).
    h = 1e-3
    steps = np.arange(-3, 4) * h
    values = [(a + s) ** (b + s) for s in steps]
    third = (values[6] - 8 * values[5] + 13 * values[4]) - (
        values[0] - 8 * values[1] + 13 * values[2]
    )
    want = -third / (8 * h**3)
    got = (p3[0] + p3[1]).numpy()
    assert close(got, want, rtol=1e-5).all()
    assert close((p1[0] + p1[1]).detach().numpy(), a**b * (b / a + log)).all()
    m = derivo.mul(x, y)
    m1 = derivo.autograd.grad(m, [x, y], seed(m), create_graph=True)
    s2 = [seed(m), seed(m)]
    m2 = derivo.autograd.grad(m1, [x, y], s2, create_graph=True)
    s3 = [seed(m), seed(m)]
    m3 = derivo.autograd.grad(m2, [x, y, *s2], s3, allow_unused=True)
    assert close((m2[0] + m2[1]).detach().numpy(), [2.0, 2.0]).all()
    assert all(g is None or not g.numpy().any() for g in m3[:2])
    assert close(m3[2].numpy(), [1.0, 1.0]).all()


def sources(record, *mask):
    return record.spec.plan(mask).sources


def test_only_what_the_derivative_uses_is_kept():
    named = {r.name: r for r in RECORDS}
    assert sources(named["add"], True, True) == ()
    assert named["add"].spec.plan((True, True)).results == (-2, -2)
    assert sources(named["mul"], True, False) == (("g", 0), ("in", 1))
    assert sources(named["exp"], True) == (("g", 0), ("out", 0))
    assert sources(named["log"], True) == (("g", 0), ("in", 0))
    assert sources(named["neg"], True) == (("g", 0),)
    assert named["floor"].spec.plan((True,)).results == (-1,)
    kept = sources(named["softplus"], True)
    assert kept == (("g", 0), ("in", 0), ("param", 0), ("param", 1))
    assert ("param", 1) not in sources(named["add_scaled"], True, True)


def test_where_keeps_a_nan_on_the_side_not_taken_out_of_the_gradient():
    x = derivo.tensor([0.0, 4.0], requires_grad=True)
    y = derivo.where(x > 0, derivo.sqrt(x), x)
    y.sum().backward()
    # PyTorch gives NaN here: sqrt's own gradient is 0 * inf. The choice is per
    # operation; fused, as one definition, nothing leaks (next test).
    assert np.isnan(x.grad[0].item())


def test_where_inside_a_definition_does_not_leak():
    from derivo.ops._elementwise import elementwise

    @elementwise(
        promote="same",
        node="SafeRootBackward0",
        oracle="np.sqrt(np.maximum(x, 0))",
        register=False,
    )
    def safe_root(x):
        """Root of what is positive."""
        return s.where(x > 0, s.sqrt(x), 0 * x)

    from derivo.ir import scalar as s

    x = derivo.tensor([0.0, 4.0, -1.0], requires_grad=True)
    safe_root.core(x).sum().backward()
    assert x.grad.tolist() == [0.0, 0.25, 0.0]


def test_operations_without_a_derivative_say_so():
    x = derivo.tensor([5.0], requires_grad=True)
    out = derivo.floor_divide(x, 2)
    with pytest.raises(RuntimeError, match="derivative for aten::floor_divide is not"):
        out.backward()
    a = derivo.tensor([2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="igamma: input' is not implemented"):
        derivo.igamma(a, x).backward()
    # The other operand has one.
    derivo.igamma(a.detach(), x).backward()
    assert x.grad.item() == pytest.approx(5 * np.exp(-5))


def test_operands_and_gradients_are_left_alone():
    x = derivo.tensor([1.0, 2.0], requires_grad=True)
    g = derivo.tensor([1.0, 3.0])
    y = derivo.exp(x)
    (got,) = derivo.autograd.grad(y, x, g)
    assert x.tolist() == [1.0, 2.0]
    assert g.tolist() == [1.0, 3.0]
    assert y.data_ptr() != got.data_ptr()


def test_a_wrong_derivative_is_noticed():
    # A test of the tests: the same check refuses a rule with a wrong factor.
    from derivo.ir import scalar as s
    from derivo.ops._elementwise import elementwise

    @elementwise(
        promote="same", node="WrongBackward0", oracle="np.sin(x)", register=False
    )
    def wrong(x):
        """Sine with a derivative that is off by 1 percent."""
        return s.sin(x)

    wrong.derivative(lambda g, x, out: (g * (1.01 * s.cos(x)),))
    with pytest.raises(AssertionError):
        test_first_derivative_is_the_slope.__wrapped__((wrong, ())) if hasattr(
            test_first_derivative_is_the_slope, "__wrapped__"
        ) else test_first_derivative_is_the_slope((wrong, ()))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_gradients_have_the_operands_dtype(dtype):
    x = derivo.tensor([1.0, 2.0], dtype=getattr(derivo, dtype), requires_grad=True)
    w = derivo.tensor([3.0, 4.0], requires_grad=True)
    (x * w).sum().backward()
    assert x.grad.dtype == x.dtype
    assert w.grad.dtype == derivo.float32
    assert ACCEPTS["floats"]
