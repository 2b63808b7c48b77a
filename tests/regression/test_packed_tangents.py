# Forward mode over reverse mode wrote tangents into what a pack hook had returned as if
# it were a tensor: a crash, or second derivatives of zero. Derivatives that asked for
# what they had saved twice failed under a checkpoint, which gives it once.
from __future__ import annotations

import pytest

import derivo
from derivo.autograd.graph import saved_tensors_hooks
from derivo.func import grad, jacfwd, jacrev
from derivo.utils.checkpoint import checkpoint


class Exp(derivo.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.exp()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]

    @staticmethod
    def jvp(ctx, t):
        return t * ctx.saved_tensors[0]


FUNCTIONS = {
    "exp": lambda t: t.exp(),
    "mul": lambda t: t * t.sin(),
    "softmax": lambda t: t.softmax(0),
    "logsumexp": lambda t: t.logsumexp(0),
    "in place": lambda t: (t * 1).mul_(t.sin()).exp_(),
    "product": lambda t: t.outer(t.exp()),
    "cumprod": lambda t: t.cumprod(0),
    "layer_norm": lambda t: derivo.nn.functional.layer_norm(t, (2,)),
    "inverse": lambda t: derivo.linalg.inv(t.outer(t) + derivo.eye(2).to(t)),
    "svdvals": lambda t: derivo.linalg.svdvals(t.outer(t) + derivo.eye(2).to(t)),
    "solve": lambda t: derivo.linalg.solve(t.outer(t) + derivo.eye(2).to(t), t),
    "amax": lambda t: t * t.amax(),
    "Function": Exp.apply,
}


def detached(call, t):
    with saved_tensors_hooks(lambda a: a.detach(), lambda a: a):
        return call(t)


def checkpointed(call, t):
    return checkpoint(call, t, use_reentrant=False)


@pytest.mark.parametrize("transform", [jacfwd, jacrev])
@pytest.mark.parametrize("how", [detached, checkpointed])
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_second_derivatives_of_what_hooks_have_packed(name, how, transform):
    def loss(t):
        return FUNCTIONS[name](t.sin()).cos().sum()

    x = derivo.tensor([0.3, 0.5], dtype=derivo.float64)
    expected = jacrev(grad(loss))(x)
    made = transform(grad(lambda t: how(loss, t)))(x)
    assert expected.abs().max() > 0.01
    derivo.testing.assert_close(made, expected)


def test_hooks_may_change_tensors_with_their_tangents():
    def cubed(t):
        with saved_tensors_hooks(lambda a: 2 * a, lambda a: a / 2):
            return (t * t * t).sum()

    x = derivo.tensor([0.3, 0.5], dtype=derivo.float64)
    made = jacfwd(grad(cubed))(x)
    derivo.testing.assert_close(made, derivo.diag(6 * x))


def test_vdot_under_a_checkpoint():
    x, y = (
        derivo.randn(3, dtype=derivo.complex128, requires_grad=True) for _ in range(2)
    )
    expected = derivo.autograd.grad(derivo.vdot(x, y).real, (x, y))
    made = derivo.autograd.grad(
        checkpointed(lambda a: derivo.vdot(a, y), x).real, (x, y)
    )
    for a, b in zip(made, expected, strict=True):
        derivo.testing.assert_close(a, b)
