# Steps of functions of neural networks: those that can be called, and attention's.

import math

import pytest

import derivo as torch
from derivo.autograd import gradcheck, gradgradcheck

F = torch.nn.functional
aten = torch.ops.aten


def random(*shape):
    made = torch.rand(*shape, dtype=torch.float64) - 0.5
    return made.requires_grad_()


def test_statistics_of_groups_have_derivatives():
    torch.manual_seed(0)
    x, weight, bias = random(2, 4, 3), random(4), random(4)

    def f(x, weight, bias):
        return aten.native_group_norm(x, weight, bias, 2, 4, 3, 2, 0.1)

    assert gradcheck(f, (x, weight, bias))
    assert gradgradcheck(f, (x, weight, bias))
    with pytest.raises(RuntimeError, match="expected sizes N, C and HxW"):
        aten.native_group_norm(x, None, None, 2, 4, 5, 2, 0.1)


def test_statistics_of_a_batch_are_those_of_the_batch_or_none():
    x = torch.arange(6.0).reshape(3, 2)
    stats = torch.zeros(2), torch.ones(2)
    out, mean, inv_std = aten.native_batch_norm(x, None, None, *stats, True, 0.1, 0.0)
    assert mean.tolist() == [2.0, 3.0]
    assert torch.allclose(inv_std, 1 / x.std(0, correction=0))
    assert torch.equal(out, F.batch_norm(x, None, None, training=True, eps=0.0))
    made = aten.native_batch_norm(x, None, None, *stats, False, 0.1, 0.0)
    assert [t.shape for t in made] == [(3, 2), (0,), (0,)]


def test_sampler_takes_words_as_numbers():
    x, grid = random(1, 1, 3, 3), random(1, 2, 2, 2)
    out = aten.grid_sampler_2d(x, grid, 1, 2, True)
    assert torch.equal(out, F.grid_sample(x, grid, "nearest", "reflection", True))


def test_safe_softmax_gives_zeros_for_nothing():
    x = torch.tensor([[-math.inf, -math.inf], [0.0, -math.inf], [math.nan, 0.0]])
    out = aten._safe_softmax(x.requires_grad_(), 1)
    assert out[:2].tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert out[2].isnan().all()
    out[:2].sum().backward()
    assert x.grad[:2].tolist() == [[0.0, 0.0], [0.0, 0.0]]


MASK = torch.tensor([[True, False, True], [False, False, False]])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"is_causal": True},
        {"scale": -0.7},
        {"attn_mask": MASK},
        {"attn_mask": torch.zeros(1, 2, 2, 3, dtype=torch.float64)},
    ],
)
def test_fused_attention_is_that_of_each_image(options):
    torch.manual_seed(0)
    q, k, v = random(1, 2, 2, 4), random(1, 2, 3, 4), random(1, 2, 3, 4)

    def fused(q, k, v):
        return F.scaled_dot_product_attention(q, k, v, **options)

    out = fused(q, k, v)
    assert out.grad_fn.name() == "ScaledDotProductFlashAttentionForCpuBackward0"
    # Of three dimensions it is made of others, which keep the weights.
    parts = dict(options)
    if "attn_mask" in parts:
        parts["attn_mask"] = parts["attn_mask"].reshape(-1, 2, 3)
    plain = F.scaled_dot_product_attention(q[0], k[0], v[0], **parts)
    assert torch.allclose(out[0], plain)
    assert gradcheck(fused, (q, k, v), check_forward_ad=True)
    assert gradgradcheck(fused, (q, k, v))
    each = torch.func.vmap(fused)(*(t.unsqueeze(0) for t in (q, k, v)))
    assert torch.allclose(each[0], out)
