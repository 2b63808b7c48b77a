# Memory after ten thousand steps is what it was before them: bytes of tensors, blocks
# of Python's own allocator (nodes, hooks, contexts), requests to the operating system.
from __future__ import annotations

import gc
import sys
import weakref

import pytest

import derivo

WARM = (
    2_000  # the collector finds its pace, and the allocator the peak between two runs
)
FEW = 2_000
MANY = 10_000


def parameters():
    derivo.manual_seed(0)
    return [
        derivo.randn(4, 3, requires_grad=True),
        derivo.randn(3, 2, requires_grad=True),
        derivo.zeros(2, requires_grad=True),
    ]


X = derivo.ones(5, 4)
W, V, B = parameters()


def forward():
    return (derivo.tanh(X @ W) @ V + B).square().mean()


def training_step():
    forward().backward()
    with derivo.no_grad():
        for p in (W, V, B):
            p -= 0.01 * p.grad
            p.grad = None


def accumulation():
    forward().backward()
    forward().backward()
    for p in (W, V, B):
        p.grad.zero_()


def graph_that_is_forgotten():
    forward()


def graph_that_is_kept_and_walked_twice():
    y = forward()
    y.backward(retain_graph=True)
    y.backward()


def second_order():
    grads = derivo.autograd.grad(forward(), (W, V), create_graph=True)
    sum(g.square().sum() for g in grads).backward()
    W.grad = V.grad = B.grad = None


def hooks():
    h = derivo.tanh(X @ W)
    h.retain_grad()
    first = h.register_hook(lambda g: g * 2)
    second = h.grad_fn.register_hook(lambda gi, go: None)
    third = W.register_post_accumulate_grad_hook(lambda p: None)
    h.sum().backward()
    for handle in (first, second, third):
        handle.remove()


def hook_that_holds_its_own_tensor():
    h = derivo.tanh(X @ W)
    h.register_hook(lambda g: g + h)  # a cycle: tensor, node, hook, tensor
    h.sum().backward()


class Cube(derivo.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.note = [x.shape]
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x**2


def custom_function():
    Cube.apply(W).sum().backward()


class KeepsItself(derivo.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.out = x * 2  # what the documentation warns of: out holds ctx, ctx holds out
        return ctx.out

    @staticmethod
    def backward(ctx, g):
        return g * 2


def custom_function_with_a_cycle():
    KeepsItself.apply(W)


def in_place_and_views():
    h = X @ W
    h[1:].mul_(2.0)
    h[0, :2] = V[0, 0]
    h.t().add_(1.0)
    h.sum().backward()


def views_and_indexing():
    h = W.reshape(2, 6).t()[1:3].unsqueeze(0).expand(3, -1, -1)
    h[h > 0].sum().backward()
    W[derivo.tensor([0, 0, 1])].sum().backward()


def refusals():
    y = W.exp()
    y.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    z = forward()
    z.backward()
    with pytest.raises(RuntimeError, match="second time"):
        z.backward()
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        X @ X


def exception_in_a_hook():
    h = derivo.tanh(X @ W)

    def fail(g):
        raise KeyError("from the hook")

    h.register_hook(fail)
    with pytest.raises(KeyError, match="from the hook"):
        h.sum().backward()


def exchange():
    a = X.numpy()
    derivo.from_numpy(a).sum().item()
    derivo.from_dlpack(X).tolist()
    str(forward())


def random_numbers():
    derivo.rand(3, 3)
    derivo.randperm(10)
    derivo.nn.functional.dropout(W, 0.5).sum().backward()


ROUTINES = [
    accumulation,
    graph_that_is_forgotten,
    graph_that_is_kept_and_walked_twice,
    second_order,
    hooks,
    hook_that_holds_its_own_tensor,
    custom_function,
    custom_function_with_a_cycle,
    in_place_and_views,
    views_and_indexing,
    refusals,
    exception_in_a_hook,
    exchange,
    random_numbers,
]


def measure(routine, times):
    for _ in range(times):
        routine()
    gc.collect()
    stats = derivo.memory_stats()
    return {
        "bytes of tensors": stats["allocated_bytes"],
        "Python blocks": sys.getallocatedblocks(),
        "objects": len(gc.get_objects()),
        "system allocations": stats["system_allocations"],
    }


def grown(routine, times):
    # What grows by less than a third of the number of steps does not grow with them:
    # the interpreter's own caches, a free list that found its size.
    gc.collect()
    before = measure(routine, WARM)
    after = measure(routine, times)
    allowed = {"bytes of tensors": 0, "system allocations": times // 100}
    return {
        what: after[what] - before[what]
        for what in before
        if after[what] - before[what] > allowed.get(what, times // 3)
    }


def test_ten_thousand_training_steps_leave_nothing():
    assert grown(training_step, MANY) == {}


@pytest.mark.parametrize("routine", ROUTINES, ids=lambda f: f.__name__)
def test_nothing_is_left(routine):
    try:
        assert grown(routine, FEW) == {}
    finally:
        for p in (W, V, B):
            p.grad = None


def test_a_leak_is_noticed():
    # A test of the test.
    kept = []
    assert "bytes of tensors" in grown(lambda: kept.append(X + 1), 100)
    kept.clear()
    nodes = []
    assert "objects" in grown(lambda: nodes.append([forward().grad_fn]), 100)


def test_a_graph_goes_with_its_last_tensor_without_the_collector():
    # Reference counting alone frees a graph: the peak does not wait for a collection.
    gc.collect()
    gc.disable()
    try:
        y = forward()
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
        before = derivo.memory_stats()["allocated_bytes"]
        for _ in range(10):
            training_step()
        assert derivo.memory_stats()["allocated_bytes"] == before
    finally:
        gc.enable()


def test_saved_tensors_are_given_back_by_backward():
    big = derivo.ones(256, 256, requires_grad=True)
    y = (big * 2).exp().sum()
    held = derivo.memory_stats()["allocated_bytes"]
    y.backward()
    big.grad = None
    # y and its graph live on; the exponential that it saved does not.
    assert derivo.memory_stats()["allocated_bytes"] <= held - big.numel() * 4
    assert y.grad_fn is not None
