# Reductions against NumPy: every dtype, shape, dimension and layout; their gradients
# against finite differences.
from __future__ import annotations

import math

import numpy as np
import pytest

import derivo as torch
from derivo.autograd import gradcheck, gradgradcheck

SHAPES = [(), (1,), (7,), (3, 5), (2, 3, 4), (33, 70), (2, 1, 3, 2)]
ORACLES = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "amax": np.max,
    "amin": np.min,
    "logsumexp": lambda a, axis: np.log(np.exp(a).sum(axis)),
    "var": lambda a, axis: np.var(a, axis, ddof=1),
    "std": lambda a, axis: np.std(a, axis, ddof=1),
    "nansum": np.nansum,
    "norm": lambda a, axis: np.sqrt((a**2).sum(axis)),
    "any": lambda a, axis: np.any(a != 0, axis),
    "all": lambda a, axis: np.all(a != 0, axis),
}


def double(*shape, grad=False):
    return torch.randn(shape, dtype=torch.float64, requires_grad=grad)


def apply(name, x, dim, keepdim=False):
    if name == "norm":
        return x.norm(2, dim, keepdim)
    return getattr(torch, name)(x, dim=dim, keepdim=keepdim)


def layouts(x):
    yield x
    if x.dim() > 1:
        yield x.transpose(0, -1).contiguous().transpose(0, -1)
    if x.dim():
        wide = torch.zeros(*x.shape[:-1], 2 * x.shape[-1], dtype=x.dtype)
        gaps = wide[..., ::2]
        gaps.copy_(x)
        yield gaps


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values(name, shape):
    x = double(*shape)
    for dim in range(-len(shape), len(shape)):
        if name in ("var", "std") and shape[dim] == 1:
            continue
        want = ORACLES[name](x.numpy(), axis=dim)
        for t in layouts(x):
            got = apply(name, t, dim)
            assert np.allclose(got.numpy(), want, rtol=1e-12)
            assert apply(name, t, dim, True).shape == np.expand_dims(want, dim).shape


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "logsumexp", "var", "nansum"])
def test_several_dimensions(name):
    x = double(3, 4, 2, 5)
    for dims in [(0, 1), (0, 2), (1, 3), (-1, 0, 2), (0, 1, 2, 3)]:
        want = ORACLES[name](x.numpy(), axis=dims)
        for t in layouts(x):
            assert np.allclose(apply(name, t, dims).numpy(), want)
    with pytest.raises(RuntimeError, match="appears multiple times"):
        apply(name, x, (0, 0))


def test_integers_and_halves():
    x = torch.tensor([100, 100, 100], dtype=torch.uint8)
    assert x.sum().dtype == torch.int64
    assert x.sum().item() == 300
    assert x.prod().item() == 10**6
    assert torch.ones(3, dtype=torch.bool).sum().item() == 3
    with pytest.raises(RuntimeError, match="could not infer output dtype"):
        x.mean()
    assert x.mean(dtype=torch.float32).item() == 100
    # accumulated in float32: 2049 is no float16, and 2048 + 1 would stay 2048
    assert torch.ones(4096, dtype=torch.float16).sum().item() == 4096
    assert torch.ones(4096, dtype=torch.bfloat16).sum().item() == 4096
    assert torch.ones(2, 3, dtype=torch.int32).sum_to_size(1, 3).dtype == torch.int64


def test_nothing_to_reduce():
    x = torch.zeros(0, 3)
    assert x.sum(0).tolist() == [0, 0, 0]
    assert x.prod(0).tolist() == [1, 1, 1]
    assert all(map(math.isnan, x.mean(0).tolist()))
    with pytest.warns(UserWarning, match="degrees of freedom"):
        assert math.isnan(torch.var_mean(torch.zeros(0), correction=0)[1])
    assert x.sum(1).shape == (0,)
    assert torch.logsumexp(x, 0).tolist() == [-math.inf] * 3
    for name in ("amax", "argmax", "median"):
        with pytest.raises(IndexError, match="non-zero size"):
            getattr(x, name)(0)
    with pytest.raises(RuntimeError, match="Expected reduction dim"):
        torch.zeros(0).max()


def test_nan():
    x = torch.tensor([1.0, math.nan, 3.0])
    for name in ("sum", "mean", "amax", "amin", "max", "min", "prod", "median", "norm"):
        assert math.isnan(getattr(x, name)()), name
    assert x.max(0).indices.item() == 1
    assert x.argmin().item() == 1
    assert x.nansum().item() == 4
    assert x.nanmean().item() == 2
    assert x.nanmedian().item() == 1


def test_long_ones_split():
    # as many partial results as there are blocks, whatever the number of threads
    x = torch.rand(1 << 20, dtype=torch.float64)
    whole = x.sum()
    assert math.isclose(whole.item(), math.fsum(x.tolist()), rel_tol=1e-14)
    before = torch.get_num_threads()
    try:
        for n in (1, 2, 3):
            torch.set_num_threads(n)
            assert x.sum().item() == whole.item()
    finally:
        torch.set_num_threads(before)
    assert x.amax().item() == max(x.tolist())


# ------------------------------------------------------------------- gradients

DERIVED = {
    "sum": lambda x: x.sum(1),
    "mean": lambda x: x.mean((0, 1), keepdim=True),
    "prod": lambda x: x.prod(1),
    "prod of all": lambda x: x.prod(),
    "amax": lambda x: x.amax(1),
    "max": lambda x: x.max(0).values,
    "var": lambda x: x.var(1),
    "std": lambda x: x.std(0, correction=0),
    "var_mean": lambda x: torch.var_mean(x, 1),
    "logsumexp": lambda x: x.logsumexp(1),
    "norm 1": lambda x: x.norm(1, 1),
    "norm 2": lambda x: x.norm(),
    "norm 3": lambda x: x.norm(3, 0),
    "norm inf": lambda x: torch.linalg.vector_norm(x, math.inf, 1),
    "nansum": lambda x: x.nansum(0),
    "median": lambda x: x.median(1).values,
}


@pytest.mark.parametrize("name", DERIVED)
def test_gradients(name):
    x = double(3, 4, grad=True)
    assert gradcheck(DERIVED[name], (x,))
    assert gradgradcheck(DERIVED[name], (x,))


def test_product_with_zeros():
    for values in ([2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 2.0, 5.0]):
        x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        x.prod().backward()
        want = [math.prod(values[:i] + values[i + 1 :]) for i in range(3)]
        assert x.grad.tolist() == want
        assert gradgradcheck(torch.prod, (x,))


def test_conventions_at_ties():
    x = torch.tensor([2.0, 5.0, 5.0], requires_grad=True)
    for reduce, want in [
        (torch.max, [0, 0.5, 0.5]),
        (torch.amax, [0, 0.5, 0.5]),
        (torch.median, [0, 0.5, 0.5]),
        (lambda t: t.max(0).values, [0, 1, 0]),
        (lambda t: t.median(0).values, [0, 1, 0]),
    ]:
        (g,) = torch.autograd.grad(reduce(x), x)
        assert g.tolist() == want
    zero = torch.zeros(3, requires_grad=True)
    for p in (1, 2, 3, math.inf):
        (g,) = torch.autograd.grad(zero.norm(p), zero)
        assert g.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("reduce", "node"),
    [
        (lambda x: x.sum(), "SumBackward0"),
        (lambda x: x.sum(0), "SumBackward1"),
        (lambda x: x.mean(), "MeanBackward0"),
        (lambda x: x.mean(0), "MeanBackward1"),
        (lambda x: x.prod(), "ProdBackward0"),
        (lambda x: x.prod(0), "ProdBackward1"),
        (lambda x: x.max(), "MaxBackward1"),
        (lambda x: x.max(0).values, "MaxBackward0"),
        (lambda x: x.amin(0), "AminBackward0"),
        (lambda x: x.var(), "VarBackward0"),
        (lambda x: x.std(0), "StdBackward0"),
        (lambda x: x.norm(), "LinalgVectorNormBackward0"),
        (lambda x: x.logsumexp(0), "LogsumexpBackward0"),
        (lambda x: x.nansum(), "NansumBackward0"),
        (lambda x: x.median(), "MedianBackward0"),
        (lambda x: x.median(0).values, "MedianBackward1"),
    ],
)
def test_nodes(reduce, node):
    assert reduce(torch.ones(2, 3, requires_grad=True)).grad_fn.name() == node


def test_out_and_errors():
    x = torch.ones(2, 3)
    out = torch.empty(0)
    assert torch.sum(x, 1, out=out) is out
    assert out.tolist() == [3, 3]
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.sum(2)
    with pytest.raises(RuntimeError, match="don't support automatic"):
        torch.mean(x.requires_grad_(), 1, out=out)
    with pytest.warns(UserWarning, match="degrees of freedom"):
        assert math.isnan(torch.ones(1).var())
