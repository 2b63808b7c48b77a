# softmax, log_softmax and their relatives: one kernel each way.
from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special

import derivo as torch
from derivo.autograd import gradcheck, gradgradcheck
from derivo.nn import functional as F

SHAPES = [(1,), (5,), (3, 4), (2, 3, 4), (17, 130), (4, 0)]


def double(*shape, grad=False):
    return torch.randn(shape, dtype=torch.float64, requires_grad=grad)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_values(name, shape):
    x = double(*shape)
    oracle = getattr(scipy.special, name)
    for dim in range(len(shape)):
        turned = x.transpose(0, dim).contiguous().transpose(0, dim)
        for t in (x, turned):
            got = getattr(torch, name)(t, dim).numpy()
            want = oracle(x.numpy(), axis=dim) if x.numel() else x.numpy()
            assert got.shape == want.shape
            assert np.allclose(got, want, rtol=1e-13)


def test_large_numbers_and_minus_infinity():
    x = torch.tensor([1e4, 1e4 + math.log(3), -math.inf], dtype=torch.float64)
    assert np.allclose(torch.softmax(x, 0).numpy(), [0.25, 0.75, 0])
    logs = torch.log_softmax(x, 0)
    assert np.allclose(logs.numpy()[:2], np.log([0.25, 0.75]))
    assert logs[2].item() == -math.inf
    gone = torch.full((3,), -math.inf)
    assert all(map(math.isnan, torch.softmax(gone, 0).tolist()))


def test_dtypes():
    x = torch.tensor([1, 2, 3])
    assert torch.softmax(x, 0, dtype=torch.float32).dtype == torch.float32
    half = torch.randn(8).half()
    wide = torch.softmax(half, 0, dtype=torch.float32)
    assert wide.dtype == torch.float32
    assert torch.allclose(torch.softmax(half, 0).float(), wide, atol=1e-3)
    assert torch.softmax(torch.tensor(3.0), 0).item() == 1


@pytest.mark.parametrize("dim", [0, 1, 2])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_gradients(name, dim):
    function = getattr(F, name)
    x = double(2, 3, 4, grad=True)
    assert gradcheck(lambda t: function(t, dim=dim), (x,))
    assert gradgradcheck(lambda t: function(t, dim=dim), (x,))


def test_gradient_keeps_the_input_dtype():
    x = torch.randn(4).half().requires_grad_()
    torch.softmax(x, 0, dtype=torch.float32)[0].backward()
    assert x.grad.dtype == torch.float16


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_nodes(name):
    x = torch.ones(2, 3, requires_grad=True)
    node = {"softmax": "SoftmaxBackward0", "log_softmax": "LogSoftmaxBackward0"}
    made = getattr(torch, name)(x, 1)
    assert made.grad_fn.name() == node[name]
    # nothing lies between it and the leaf: one node, one kernel
    assert made.grad_fn.next_functions[0][0].variable is x


@pytest.mark.parametrize("shape", [(4, 6), (2, 3, 5)], ids=str)
def test_layer_norm(shape):
    x, w, b = double(*shape, grad=True), double(shape[-1]), double(shape[-1])
    a = x.detach().numpy()
    mean, var = a.mean(-1, keepdims=True), a.var(-1, keepdims=True)
    want = (a - mean) / np.sqrt(var + 1e-5) * w.numpy() + b.numpy()
    got = F.layer_norm(x, shape[-1:], w, b)
    assert np.allclose(got.detach().numpy(), want)
    assert got.grad_fn.name() == "NativeLayerNormBackward0"
    w.requires_grad_()
    b.requires_grad_()
    assert gradcheck(lambda *t: F.layer_norm(t[0], shape[-1:], *t[1:]), (x, w, b))
    assert gradgradcheck(lambda *t: F.layer_norm(t[0], shape[-1:], *t[1:]), (x, w, b))
    with pytest.raises(RuntimeError, match="normalized_shape"):
        F.layer_norm(x, (shape[-1] + 1,))


def test_layer_norm_far_from_zero():
    # What float32 can tell of numbers around 10,000 is not lost on the way.
    rng = np.random.default_rng(0)
    x = (1e4 + rng.normal(size=(3, 3000))).astype("f4")
    made, mean, rstd = torch.native_layer_norm(
        torch.from_numpy(x), (3000,), None, None, 0.0
    )
    wide = x.astype("f8")
    exact = (wide - wide.mean(1, keepdims=True)) / wide.std(1, keepdims=True)
    np.testing.assert_allclose(mean.numpy()[:, 0], wide.mean(1), rtol=1e-7)
    np.testing.assert_allclose(rstd.numpy()[:, 0], 1 / wide.std(1), rtol=1e-6)
    np.testing.assert_allclose(made.numpy(), exact, atol=1e-3)


def test_errors():
    x = torch.ones(2, 3)
    with pytest.raises(IndexError, match="Dimension out of range"):
        torch.softmax(x, 2)
    with pytest.raises(NotImplementedError, match="not implemented for"):
        torch.softmax(torch.tensor([1, 2]), 0)
