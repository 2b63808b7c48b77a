# In-place views (squeeze_, transpose_, ...) inside of transforms changed the shape of
# what the innermost level saw, and left tangents and examples as they were.

import derivo as torch
from derivo.func import grad, jvp, vmap


def turned(x):
    return (x * 2).unsqueeze_(0).transpose_(0, -1).squeeze_(-1)


def test_tangents_follow():
    x = torch.arange(3.0)
    out, tangent = jvp(turned, (x,), (torch.ones(3),))
    assert out.shape == tangent.shape == (3,)
    assert tangent.tolist() == [2.0] * 3


def test_examples_follow():
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(vmap(turned)(x), 2 * x)
    assert torch.equal(vmap(lambda row: turned(row).mul_(3))(x), 6 * x)
    assert torch.equal(vmap(grad(lambda row: (turned(row) ** 2).sum()))(x), 8 * x)


def test_memory_stays_shared():
    def written(x):
        made = x * 2
        made[None].squeeze_(0).mul_(2)
        return made

    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(vmap(written)(x), 4 * x)
    _, tangent = jvp(written, (x,), (torch.ones(2, 3),))
    assert torch.equal(tangent, torch.full((2, 3), 4.0))


def test_quantiles_and_empty_vectors_under_vmap():
    x = torch.arange(6.0).reshape(2, 3)
    assert vmap(lambda row: row.quantile(0.5))(x).tolist() == [1.0, 4.0]
    empty = torch.zeros(0)
    joined = vmap(lambda m: torch.cat([empty, m, empty], 1))(x[:, None])
    assert torch.equal(joined, x[:, None])


def test_gradient_of_an_empty_vector_that_cat_leaves_out():
    empty, x = torch.zeros(0, requires_grad=True), torch.ones(2, 2, requires_grad=True)
    out = torch.cat([empty, x], 1)
    assert len(out.grad_fn.next_functions) == 2
    out.sum().backward()
    assert empty.grad.shape == (0,)
    assert torch.equal(x.grad, torch.ones(2, 2))
