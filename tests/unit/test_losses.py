# Losses that are fused kernels: likelihood, cross entropy, squared error.
from __future__ import annotations

import numpy as np
import pytest
import scipy.special

import derivo as torch
from derivo.autograd import gradcheck, gradgradcheck
from derivo.nn import functional as F

REDUCTIONS = ["none", "mean", "sum"]


def double(*shape, grad=False):
    return torch.randn(shape, dtype=torch.float64, requires_grad=grad)


def reduced(each, weight, reduction):
    if reduction == "none":
        return each
    # nothing but ignored targets: 0 / 0
    with np.errstate(invalid="ignore"):
        return each.sum() / (weight.sum() if reduction == "mean" else 1)


def likelihood(logs, target, weight, ignore, reduction):
    # straight from the definition, channels first moved last
    logs = np.moveaxis(logs, 1, -1)
    kept = target != ignore
    safe = np.where(kept, target, 0)
    w = np.where(kept, 1.0 if weight is None else weight[safe], 0.0)
    each = -w * np.take_along_axis(logs, safe[..., None], -1)[..., 0]
    return reduced(each, w, reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(6, 5), (1, 3), (2, 4, 3), (2, 3, 4, 5)], ids=str)
def test_classes(shape, weighted, reduction):
    x = double(*shape)
    target = torch.randint(0, shape[1], (shape[0], *shape[2:]))
    weight = torch.rand(shape[1], dtype=torch.float64) + 0.5 if weighted else None
    w = weight.numpy() if weighted else None
    for ignore in (-100, 1):
        want = likelihood(x.numpy(), target.numpy(), w, ignore, reduction)
        got = F.nll_loss(x, target, weight, ignore_index=ignore, reduction=reduction)
        assert np.allclose(got.numpy(), want, equal_nan=True)
        logs = scipy.special.log_softmax(x.numpy(), axis=1)
        want = likelihood(logs, target.numpy(), w, ignore, reduction)
        got = F.cross_entropy(x, target, weight, None, ignore, reduction=reduction)
        assert np.allclose(got.numpy(), want, equal_nan=True)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("kind", ["classes", "probabilities"])
def test_cross_entropy_gradients(kind, smoothing, reduction):
    x = double(4, 5, grad=True)
    weight = torch.rand(5, dtype=torch.float64)
    if kind == "classes":
        target = torch.tensor([1, 0, 4, 2])
    else:
        target = torch.softmax(double(4, 5), 1)

    def loss(t):
        return F.cross_entropy(
            t, target, weight, reduction=reduction, label_smoothing=smoothing
        )

    assert gradcheck(loss, (x,))
    assert gradgradcheck(loss, (x,))


def test_smoothed_and_probable_targets_agree():
    x, target = double(4, 5), torch.tensor([1, 0, 4, 2])
    spread = F.one_hot(target, 5).double() * 0.8 + 0.2 / 5
    smooth = F.cross_entropy(x, target, label_smoothing=0.2)
    assert torch.allclose(smooth, F.cross_entropy(x, spread))


def test_one_sample_and_large_logits():
    x = torch.tensor([1e4, 0.0, -1e4], requires_grad=True)
    loss = F.cross_entropy(x, torch.tensor(2))
    assert loss.item() == 2e4
    loss.backward()
    assert x.grad.tolist() == [1, 0, -1]


def test_all_ignored():
    x = double(2, 3, grad=True)
    target = torch.tensor([-100, -100])
    loss = F.cross_entropy(x, target)
    assert loss.isnan()
    (g,) = torch.autograd.grad(F.cross_entropy(x, target, reduction="sum"), x)
    assert g.tolist() == [[0, 0, 0]] * 2


def test_nodes():
    x = torch.randn(3, 4, requires_grad=True)
    node = F.cross_entropy(x, torch.tensor([0, 1, 2])).grad_fn
    assert node.name() == "NllLossBackward0"
    inner = node.next_functions[0][0]
    assert inner.name() == "LogSoftmaxBackward0"
    assert inner.next_functions[0][0].variable is x
    assert F.mse_loss(x, x.detach()).grad_fn.name() == "MseLossBackward0"


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_mse(reduction):
    x, y = double(3, 4, grad=True), double(3, 4, grad=True)
    want = (x.detach().numpy() - y.detach().numpy()) ** 2
    got = F.mse_loss(x, y, reduction=reduction)
    assert np.allclose(
        got.detach().numpy(), reduced(want, np.ones(want.shape), reduction)
    )
    assert gradcheck(lambda a, b: F.mse_loss(a, b, reduction=reduction), (x, y))
    assert gradgradcheck(lambda a, b: F.mse_loss(a, b, reduction=reduction), (x, y))


POINTWISE = {
    "l1_loss": lambda x, y: abs(x - y),
    "smooth_l1_loss": lambda x, y: np.where(
        abs(x - y) < 1, (x - y) ** 2 / 2, abs(x - y) - 0.5
    ),
    "huber_loss": lambda x, y: np.where(
        abs(x - y) < 1, (x - y) ** 2 / 2, abs(x - y) - 0.5
    ),
    "binary_cross_entropy": lambda x, y: -(y * np.log(x) + (1 - y) * np.log(1 - x)),
    "binary_cross_entropy_with_logits": lambda x, y: np.log1p(np.exp(x)) - x * y,
    "kl_div": lambda x, y: scipy.special.xlogy(y, y) - y * x,
    "soft_margin_loss": lambda x, y: np.log1p(np.exp(-y * x)),
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", POINTWISE)
def test_pointwise(name, reduction):
    x = torch.rand(3, 4, dtype=torch.float64, requires_grad=True)
    y = torch.rand(3, 4, dtype=torch.float64)
    function = getattr(F, name)
    want = POINTWISE[name](x.detach().numpy(), y.numpy())
    if name == "kl_div" and reduction == "mean":
        reduction = "batchmean"
        want = want.sum() / 3
    else:
        want = reduced(want, np.ones(want.shape), reduction)
    got = function(x, y, reduction=reduction)
    assert np.allclose(got.detach().numpy(), want)
    assert gradcheck(lambda t: function(t, y, reduction=reduction), (x,))


def test_errors():
    x = torch.zeros(2, 3)
    with pytest.raises(IndexError, match="out of bounds"):
        F.nll_loss(x, torch.tensor([0, 3]))
    with pytest.raises(ValueError, match="batch_size"):
        F.cross_entropy(x, torch.tensor([0, 1, 2]))
    with pytest.raises(ValueError, match="not a valid value for reduction"):
        F.mse_loss(x, x, reduction="average")
    with pytest.warns(UserWarning, match="target size"):
        F.mse_loss(x, torch.zeros(2, 1))
