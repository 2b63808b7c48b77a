# Sorting, order statistics, scans, distinct elements, searches.
from __future__ import annotations

import math

import numpy as np
import pytest

import derivo as torch
from derivo.autograd import gradcheck, gradgradcheck

REAL = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
REAL += [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def double(*shape, grad=False):
    return torch.randn(shape, dtype=torch.float64, requires_grad=grad)


# --------------------------------------------------------------------- order


@pytest.mark.parametrize("dtype", REAL, ids=str)
@pytest.mark.parametrize("descending", [False, True])
def test_sort(dtype, descending):
    x = torch.randint(0, 9, (4, 40)).to(dtype)
    a = x.double().numpy()
    for dim in (0, 1):
        order = np.argsort(-a if descending else a, axis=dim, kind="stable")
        values, indices = torch.sort(x, dim, descending, stable=True)
        assert values.dtype == dtype
        assert indices.tolist() == order.tolist()
        assert values.double().tolist() == np.take_along_axis(a, order, dim).tolist()
        # without stable= the order of equal elements is another, the values are not
        loose = x.sort(dim, descending)
        assert loose.values.tolist() == values.tolist()
        assert x.gather(dim, loose.indices).tolist() == values.tolist()


def test_order_of_equal_elements_is_pytorchs():
    # recorded: torch.sort((torch.arange(20) * 7 % 3) > 0).indices
    x = torch.arange(20) * 7 % 3 > 0
    expected = RECORDED
    assert x.sort().indices.tolist() == expected
    assert x.float().sort().indices.tolist() == expected


RECORDED = [18, 3, 6, 15, 9, 0, 12, 10, 19, 17, 16, 14, 13, 11, 8, 7, 5, 4, 2, 1]


def test_nan_is_largest():
    x = torch.tensor([2.0, math.nan, -math.inf, 1.0])
    assert x.argsort().tolist() == [2, 3, 0, 1]
    assert x.argsort(descending=True).tolist() == [1, 0, 3, 2]
    assert x.topk(2).indices.tolist() == [1, 0]
    assert x.kthvalue(3).values.item() == 2


def test_order_statistics_against_numpy():
    x = double(5, 12)
    a = x.numpy()
    for k in (1, 5, 12):
        assert x.kthvalue(k, 1).values.tolist() == np.sort(a, 1)[:, k - 1].tolist()
        assert np.array_equal(
            x.topk(k, 1).values.numpy(), np.sort(a, 1)[:, ::-1][:, :k]
        )
    assert x.median(1).values.tolist() == np.sort(a, 1)[:, 5].tolist()
    q = torch.tensor([0, 0.3, 0.5, 1], dtype=torch.float64)
    for how in ("linear", "lower", "higher", "midpoint", "nearest"):
        got = x.quantile(q, 1, interpolation=how).numpy()
        assert np.allclose(got, np.quantile(a, q.numpy(), 1, method=how))
    assert x.quantile(0.5, keepdim=True).shape == (1, 1)
    holed = x.clone()
    holed[:, ::3] = math.nan
    want = np.nanquantile(holed.numpy(), q.numpy(), 1)
    assert np.allclose(holed.nanquantile(q, 1).numpy(), want)
    assert all(map(math.isnan, holed.quantile(0.5, 1).tolist()))


def test_mode():
    x = torch.tensor([[3, 1, 3, 1], [2, 2, 0, 5]])
    values, indices = x.mode(1)
    assert values.tolist() == [1, 2]
    assert x.gather(1, indices.unsqueeze(1)).flatten().tolist() == [1, 2]


DERIVED = {
    "sort": lambda x: x.sort(0).values,
    "topk": lambda x: x.topk(2, 1).values,
    "kthvalue": lambda x: x.kthvalue(2, 0).values,
    "mode": lambda x: x.mode(1).values,
    "median": lambda x: x.median(),
    "quantile": lambda x: x.quantile(0.3, 1),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(0),
    "cummax": lambda x: x.cummax(1).values,
    "logcumsumexp": lambda x: x.logcumsumexp(1),
    "diff": lambda x: x.diff(2),
    "trapezoid": torch.trapezoid,
    "cov": torch.cov,
    "corrcoef": lambda x: x.corrcoef(),
    "cdist": lambda x: torch.cdist(x, x + 1, 3),
    "dist": lambda x: torch.dist(x, x.flip(0) * 2),
    "renorm": lambda x: x.renorm(2, 0, 0.7),
    "gradient": lambda x: torch.gradient(x, spacing=0.5)[1],
}


@pytest.mark.parametrize("name", DERIVED)
def test_gradients(name):
    x = double(3, 4, grad=True)
    assert gradcheck(DERIVED[name], (x,))
    if name != "cdist":
        assert gradgradcheck(DERIVED[name], (x,))


# --------------------------------------------------------------------- scans


@pytest.mark.parametrize("shape", [(0,), (1,), (9,), (3, 4), (2, 0, 3), (2, 3, 4)])
def test_scans_against_numpy(shape):
    x = double(*shape)
    for dim in range(len(shape)):
        a = x.numpy()
        assert np.allclose(x.cumsum(dim).numpy(), a.cumsum(dim))
        assert np.allclose(x.cumprod(dim).numpy(), a.cumprod(dim))
        want = np.logaddexp.accumulate(a, dim)
        assert np.allclose(x.logcumsumexp(dim).numpy(), want)
        values, indices = x.cummax(dim)
        assert np.array_equal(values.numpy(), np.maximum.accumulate(a, dim))
        assert np.array_equal(x.gather(dim, indices).numpy(), values.numpy())
        assert np.array_equal(x.diff(dim=dim).numpy(), np.diff(a, axis=dim))


def test_scans_of_integers_and_zeros():
    assert torch.ones(3, dtype=torch.bool).cumsum(0).tolist() == [1, 2, 3]
    assert torch.full((3,), 100, dtype=torch.int8).cumsum(0).tolist() == [100, 200, 300]
    x = torch.tensor([2.0, 0.0, 3.0, 0.0], dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda t: t.cumprod(0), (x,))
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.cumsum(1)


# --------------------------------------------------------- sets and searches


def test_unique():
    x = torch.tensor([[3, 1, 1], [3, 1, 1], [0, 1, 2]])
    values, inverse, counts = x.unique(return_inverse=True, return_counts=True)
    assert values.tolist() == [0, 1, 2, 3]
    assert counts.tolist() == [1, 5, 1, 2]
    assert values[inverse].tolist() == x.tolist()
    assert x.unique(dim=0).tolist() == [[0, 1, 2], [3, 1, 1]]
    runs, lengths = x.unique_consecutive(return_counts=True, dim=0)
    assert runs.tolist() == [[3, 1, 1], [0, 1, 2]]
    assert lengths.tolist() == [2, 1]
    assert x.flatten().unique_consecutive().tolist() == [3, 1, 3, 1, 0, 1, 2]
    assert torch.tensor([math.nan, math.nan]).unique().numel() == 2


def test_searches():
    edges = torch.tensor([[1, 3, 5, 5], [2, 4, 6, 8]])
    found = torch.searchsorted(edges, torch.tensor([[5, 0], [5, 9]]))
    assert found.tolist() == [[2, 0], [2, 4]]
    right = torch.searchsorted(edges[0], 5, side="right", out_int32=True)
    assert right.item() == 4
    assert right.dtype == torch.int32
    order = torch.tensor([2, 0, 1])
    shuffled = torch.tensor([3.0, 5.0, 1.0])
    assert torch.searchsorted(shuffled, 4.0, sorter=order).item() == 2
    assert torch.bucketize(torch.tensor([1, 2]), edges[0], right=True).tolist() == [
        1,
        1,
    ]
    with pytest.raises(RuntimeError, match="should have same dtype"):
        torch.searchsorted(edges, edges.float())
    with pytest.raises(RuntimeError, match="opposites"):
        torch.searchsorted(edges[0], 1, side="left", right=True)
    assert torch.isin(edges, torch.tensor([1, 8])).sum().item() == 2


def test_histc():
    x = torch.tensor([0.0, 1.0, 1.5, 4.0, math.inf, -1.0])
    assert torch.histc(x, 4, 0, 4).tolist() == [1, 2, 0, 1]
    with pytest.raises(RuntimeError, match="is not finite"):
        torch.histc(x, 4)


def test_distances():
    x, y = double(2, 5, 3), double(4, 3)
    for p in (0, 0.5, 1, 2, 3.5, math.inf):
        want = (
            np.linalg.norm(x.numpy()[:, :, None] - y.numpy(), p, axis=-1)
            if (p >= 1 or p == 0)
            else (np.abs(x.numpy()[:, :, None] - y.numpy()) ** p).sum(-1) ** (1 / p)
        )
        assert np.allclose(torch.cdist(x, y, p).numpy(), want)
    same = double(3, 2, grad=True)
    torch.cdist(same, same.detach()).diagonal().sum().backward()
    assert same.grad.tolist() == [[0, 0]] * 3
    assert np.allclose(torch.cov(y).numpy(), np.cov(y.numpy()))
    assert np.allclose(torch.corrcoef(y).numpy(), np.corrcoef(y.numpy()))
    with pytest.raises(RuntimeError, match="same number of columns"):
        torch.cdist(x, y[:, :2])


def test_errors():
    x = torch.ones(2, 3)
    with pytest.raises(RuntimeError, match="selected index k out of range"):
        x.topk(4)
    with pytest.raises(RuntimeError, match="selected number k out of range"):
        x.kthvalue(0)
    with pytest.raises(RuntimeError, match="must be in the range"):
        x.quantile(1.5)
    with pytest.raises(RuntimeError, match="either float or double"):
        torch.arange(3).quantile(0.5)
    with pytest.raises(NotImplementedError, match="not implemented for 'Bool'"):
        (x > 0).median()
    with pytest.raises(RuntimeError, match="at least one-dimensional"):
        torch.tensor(1.0).diff()
    out = (torch.empty(0), torch.empty(0, dtype=torch.int64))
    assert torch.median(x, 1, out=out).values is out[0]
