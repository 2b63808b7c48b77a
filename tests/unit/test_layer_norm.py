# layer_norm's gradients: of the input, the weight and the bias in one walk.
from __future__ import annotations

import numpy as np
import pytest

import derivo as torch
from derivo.autograd import gradcheck, gradgradcheck
from derivo.nn import functional as F

# Rows: one, one block, several blocks with a part of one; and long rows, several axes.
SHAPES = [
    ((1, 5), 1),
    ((16, 9), 1),
    ((17, 33), 1),
    ((130, 100), 1),
    ((2100, 48), 1),
    ((8, 20000), 1),
    ((3, 21, 40), 1),
    ((40, 6, 7), 2),
    ((300, 1), 1),
    ((5,), 1),
    ((2, 3, 4), 3),
]
TOLERANCES = {"float32": 3e-6, "float64": 1e-14, "float16": 1e-3, "bfloat16": 8e-3}


def exact(x, g, weight, n):
    """Gradients in the widest floats, and for each the sum of its terms' sizes."""
    x, g, weight = (a.astype(np.longdouble) for a in (x, g, weight))
    tail = tuple(range(x.ndim - n, x.ndim))
    lead = tuple(range(x.ndim - n))
    d = x - x.mean(tail, keepdims=True)
    rstd = 1 / np.sqrt((d * d).mean(tail, keepdims=True) + 1e-5)
    unit = d * rstd
    s = g * weight
    along = (s * unit).mean(tail, keepdims=True)
    gx = (s - s.mean(tail, keepdims=True) - unit * along) * rstd
    # What x - mean loses counts as well.
    reach = (abs(x) + abs(x).mean(tail, keepdims=True)) * rstd
    size = abs(s) + abs(s).mean(tail, keepdims=True)
    size = (size + reach * (abs(s) * reach).mean(tail, keepdims=True)) * rstd
    gw, gb = (g * unit).sum(lead), g.sum(lead)
    return (gx, gw, gb), (size, abs(g * reach).sum(lead), abs(g).sum(lead))


def layouts(shape, rng):
    plain = rng.normal(size=shape)
    yield "plain", plain
    yield "transposed", rng.normal(size=shape[::-1]).T
    yield "sliced", rng.normal(size=(*shape[:-1], 2 * shape[-1]))[..., ::2]
    yield "expanded", np.broadcast_to(rng.normal(size=shape[-1:]), shape)
    yield "one number", np.broadcast_to(rng.normal(size=()), shape)


def tensor(a, dtype):
    # Its strides, not only its values.
    base = torch.empty(0, dtype=dtype).new_empty(a.shape)
    order = sorted(range(a.ndim), key=lambda d: -a.strides[d])
    packed = torch.tensor(np.ascontiguousarray(a.transpose(order)), dtype=dtype)
    if 0 in a.strides and a.size > 1:
        one = a[tuple(slice(0, 1) if s == 0 else slice(None) for s in a.strides)]
        return torch.tensor(np.ascontiguousarray(one), dtype=dtype).expand(base.shape)
    return packed.permute([order.index(d) for d in range(a.ndim)])


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize(("shape", "n"), SHAPES, ids=str)
def test_gradients(shape, n, dtype):
    rng = np.random.default_rng(1)
    kind = getattr(torch, dtype)
    weight = torch.tensor(rng.normal(size=shape[-n:]), dtype=kind, requires_grad=True)
    bias = torch.zeros(shape[-n:], dtype=kind, requires_grad=True)
    xs = {name: a for name, a in layouts(shape, rng) if name != "one number"}
    pairs = [(x, xs["plain"]) for x in xs.values()]
    pairs += [(xs["plain"], g) for _, g in layouts(shape, rng)]
    for a, b in pairs:
        x, g = tensor(a, kind).detach().requires_grad_(), tensor(b, kind)
        made = F.layer_norm(x, shape[-n:], weight, bias)
        got = torch.autograd.grad(made, (x, weight, bias), g)
        wide = [t.detach().double().numpy() for t in (x, g, weight)]
        for have, want, size in zip(got, *exact(*wide, n), strict=True):
            assert have.dtype == kind
            assert have.is_contiguous()
            off = abs(have.double().numpy() - want)
            assert (off <= TOLERANCES[dtype] * size).all()


@pytest.mark.parametrize("needs", range(1, 8))
def test_only_what_is_asked_for(needs):
    rng = np.random.default_rng(2)
    arrays = [rng.normal(size=s) for s in ((40, 9), (9,), (9,))]
    g = rng.normal(size=(40, 9))
    tensors = [
        torch.tensor(a).requires_grad_(bool(needs >> k & 1))
        for k, a in enumerate(arrays)
    ]
    F.layer_norm(tensors[0], (9,), *tensors[1:]).backward(torch.tensor(g))
    wanted, _ = exact(arrays[0], g, arrays[1], 1)
    for k, (t, want) in enumerate(zip(tensors, wanted, strict=True)):
        assert (t.grad is not None) == bool(needs >> k & 1)
        if t.grad is not None:
            np.testing.assert_allclose(t.grad.numpy(), want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("which", ["none", "weight", "bias"])
def test_without_weight_or_bias(which):
    x = torch.randn(35, 6, dtype=torch.float64, requires_grad=True)
    p = torch.randn(6, dtype=torch.float64, requires_grad=True)

    def normalised(x, p):
        weight, bias = (p if which == name else None for name in ("weight", "bias"))
        return F.layer_norm(x, (6,), weight, bias)

    inputs = (x, p) if which != "none" else (x,)
    function = normalised if which != "none" else lambda x: normalised(x, None)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, (x[:4].detach().requires_grad_(), *inputs[1:]))


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_nothing(shape, dtype):
    x = torch.ones(shape, dtype=dtype, requires_grad=True)
    weight, bias = (
        torch.ones(shape[1:], dtype=dtype, requires_grad=True) for _ in range(2)
    )
    F.layer_norm(x, shape[1:], weight, bias).sum().backward()
    assert x.grad.shape == shape
    for t in (weight, bias):
        assert t.grad.dtype == dtype
        assert t.grad.tolist() == [0.0] * shape[1]


@pytest.mark.parametrize("shape", [(1000, 130), (9, 30000)], ids=str)
def test_the_same_bits_on_any_number_of_threads(shape):
    x, g = (torch.randn(shape) for _ in range(2))
    x.requires_grad_()
    weight, bias = (torch.randn(shape[1:], requires_grad=True) for _ in range(2))
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 3, 2):
            torch.set_num_threads(threads)
            made = F.layer_norm(x, shape[1:], weight, bias)
            found.append(torch.autograd.grad(made, (x, weight, bias), g))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert torch.equal(a, b)


def test_a_weight_with_strides_of_its_own():
    # Three reduced dimensions that do not lie in one order in all operands.
    rng = np.random.default_rng(3)
    shape = (20, 2, 3, 5)
    a, g, w = rng.normal(size=shape), rng.normal(size=shape), rng.normal(size=(5, 3, 2))
    x = torch.tensor(a, requires_grad=True)
    weight = torch.tensor(w).permute(2, 1, 0).requires_grad_()
    bias = torch.zeros(shape[1:], dtype=torch.float64, requires_grad=True)
    F.layer_norm(x, shape[1:], weight, bias).backward(torch.tensor(g))
    wanted, _ = exact(a, g, w.T, 3)
    for t, want in zip((x, weight, bias), wanted, strict=True):
        np.testing.assert_allclose(t.grad.numpy(), want, rtol=1e-12, atol=1e-13)


def test_not_a_number_stays_in_its_row_and_in_the_sums():
    x = torch.randn(40, 5, requires_grad=True)
    weight, bias = (torch.ones(5, requires_grad=True) for _ in range(2))
    g = torch.ones(40, 5)
    g[17, 2] = float("nan")
    F.layer_norm(x, (5,), weight, bias).backward(g)
    assert x.grad.isnan().any(1).nonzero().tolist() == [[17]]
    assert weight.grad.isnan().tolist() == [False, False, True, False, False]
    assert bias.grad.isnan().tolist() == [False, False, True, False, False]
