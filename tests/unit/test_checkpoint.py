# Checkpoints: the same gradients from less memory, and what is refused.
from __future__ import annotations

import contextlib
import math

import pytest

import derivo
from derivo.utils.checkpoint import (
    CheckpointError,
    GraphExecGroup,
    checkpoint,
    checkpoint_sequential,
    detach_variable,
    set_checkpoint_debug_enabled,
    set_checkpoint_early_stop,
)

KINDS = pytest.mark.parametrize("reentrant", [True, False])


def leaf(*values):
    return derivo.tensor(values or (0.5, 1.5), dtype=derivo.float64, requires_grad=True)


class Counted:
    def __init__(self):
        self.calls = 0

    def __call__(self, t):
        self.calls += 1
        return t.exp() * t.sin()

    @staticmethod
    def slope(v):
        return math.exp(v) * (math.sin(v) + math.cos(v))


@KINDS
def test_gradients_are_those_of_the_function(reentrant):
    x, f = leaf(), Counted()
    checkpoint(f, x, use_reentrant=reentrant).sum().backward()
    assert x.grad.tolist() == pytest.approx([f.slope(0.5), f.slope(1.5)], rel=1e-14)
    assert f.calls == 2


def test_the_graph_holds_less():
    # Twenty steps of a megabyte each; a checkpoint keeps one.
    def many(t):
        for _ in range(20):
            t = (t * 1.0001).sin()
        return t

    def held(run):
        x = derivo.ones(1 << 17, dtype=derivo.float64, requires_grad=True)
        before = derivo.memory_stats()["allocated_bytes"]
        y = run(x)
        used = derivo.memory_stats()["allocated_bytes"] - before
        y.sum().backward()
        return used, x.grad[0].item()

    plain, slope = held(many)
    less, same = held(lambda x: checkpoint(many, x, use_reentrant=False))
    assert slope == same
    assert less < plain / 8


def test_second_derivatives():
    x = leaf(0.7)
    y = checkpoint(Counted(), x, use_reentrant=False).sum()
    (g,) = derivo.autograd.grad(y, x, create_graph=True)
    (h,) = derivo.autograd.grad(g.sum(), x)
    assert h.item() == pytest.approx(2 * math.exp(0.7) * math.cos(0.7), rel=1e-13)


def test_each_pass_computes_again():
    x, f = leaf(), Counted()
    y = checkpoint(f, x, use_reentrant=False).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert f.calls == 3


@KINDS
@pytest.mark.parametrize("preserve", [True, False])
def test_random_numbers(reentrant, preserve):
    derivo.manual_seed(5)
    x = derivo.ones(64, dtype=derivo.float64, requires_grad=True)
    drop = derivo.nn.functional.dropout
    y = checkpoint(
        lambda t: drop(t * t, 0.5),
        x,
        use_reentrant=reentrant,
        preserve_rng_state=preserve,
    )
    y.sum().backward()
    # d/dx of x*x where it was kept is 2 * 2, at x = 1; the kept ones are 2.
    same = (x.grad == 2 * y.detach()).all().item()
    assert same == preserve


def test_the_generator_goes_on_as_if_nothing_was_computed_again():
    def draw(run):
        derivo.manual_seed(1)
        x = derivo.ones(4, requires_grad=True)
        run(x).sum().backward()
        return derivo.rand(2).tolist()

    def f(t):
        return derivo.nn.functional.dropout(t * t, 0.5)

    assert draw(f) == draw(lambda x: checkpoint(f, x, use_reentrant=False))


def test_parameters_that_are_no_arguments_get_gradients():
    w, x = leaf(), derivo.ones(2, dtype=derivo.float64)
    checkpoint(lambda t: t * w * w, x, use_reentrant=False).sum().backward()
    assert w.grad.tolist() == [1.0, 3.0]


def test_nothing_to_follow():
    x = derivo.ones(2)
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        checkpoint(Counted(), x, use_reentrant=True)
    with derivo.no_grad():
        y = checkpoint(Counted(), leaf(), use_reentrant=False)
    assert y.grad_fn is None


@pytest.mark.parametrize(
    "call",
    [
        lambda x: checkpoint(derivo.exp, x),
        lambda x: checkpoint_sequential([derivo.exp], 1, x),
    ],
)
def test_the_kind_should_be_said(call):
    with pytest.warns(UserWarning, match="use_reentrant parameter should be passed"):
        call(leaf())


def test_nested():
    x, f = leaf(0.3), Counted()

    def outer(t):
        return checkpoint(f, t, use_reentrant=False) * t

    checkpoint(outer, x, use_reentrant=False).sum().backward()
    expected = math.exp(0.3) * math.sin(0.3) + 0.3 * f.slope(0.3)
    assert x.grad.item() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("early", "log"), [(True, 1), (False, 2)])
def test_early_stop(early, log):
    ends = []

    def f(t):
        out = t.exp()
        ends.append(1)
        return out

    with set_checkpoint_early_stop(early):
        y = checkpoint(f, leaf(), use_reentrant=False)
    y.sum().backward()
    assert len(ends) == log


def unlike(other, **kwargs):
    first = [True]

    def f(t):
        return t.exp() * t if first[0] else other(t)

    y = checkpoint(f, leaf(), use_reentrant=False, **kwargs).sum()
    first[0] = False
    return y


def twice(t):
    return derivo.cat([t, t]).exp() * derivo.cat([t, t])


def test_another_number_of_tensors():
    with pytest.raises(CheckpointError, match="different number of tensors was saved"):
        unlike(lambda t: t * 2).backward()


def test_more_tensors_where_all_are_computed():
    def more(t):
        return (t.exp() * t).exp()

    unlike(more).backward()  # the extra ones come after the last that is needed
    with pytest.raises(CheckpointError, match="different number of tensors was saved"):
        unlike(more, early_stop=False).backward()


def test_other_shapes():
    with pytest.raises(CheckpointError, match=r"different metadata.*\n.*position 0"):
        unlike(twice).backward()
    with pytest.raises(CheckpointError, match=r"What made them.*ExpBackward0"):
        unlike(twice, debug=True).backward()
    with (
        set_checkpoint_debug_enabled(True),
        pytest.raises(CheckpointError, match="What made them"),
    ):
        unlike(twice).backward()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"use_reentrant": False, "determinism_check": "x"}, "should be one of"),
        ({"use_reentrant": True, "debug": True}, "only supported when"),
        ({"use_reentrant": True, "other": 1}, "Unexpected keyword arguments: other"),
        (
            {"use_reentrant": False, "debug": True, "context_fn": lambda: None},
            "incompatible with non-default context_fn",
        ),
    ],
)
def test_refused_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        checkpoint(Counted(), leaf(), **kwargs)
    with pytest.raises(ValueError, match="Unexpected keyword arguments: other"):
        checkpoint_sequential([derivo.exp], 1, leaf(), use_reentrant=False, other=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda y, x: derivo.autograd.grad(y, x),
        lambda y, x: y.backward(inputs=[x]),
    ],
)
def test_the_older_kind_accumulates_only(call):
    x = leaf()
    y = checkpoint(Counted(), x, use_reentrant=True).sum()
    with pytest.raises(
        RuntimeError, match=r"is incompatible with .grad\(\) or passing"
    ):
        call(y, x)


def test_the_older_kind_needs_an_output_with_a_gradient():
    y = checkpoint(lambda t: t.detach(), leaf(), use_reentrant=True)
    with pytest.raises(RuntimeError, match="none of output has requires_grad=True"):
        y.sum().backward()


def test_contexts_of_both_runs():
    log = []

    @contextlib.contextmanager
    def named(name):
        log.append(name)
        yield

    y = checkpoint(
        Counted(),
        leaf(),
        use_reentrant=False,
        context_fn=lambda: (named("forward"), named("again")),
    )
    y.sum().backward()
    assert log == ["forward", "again"]


@KINDS
@pytest.mark.parametrize("segments", [1, 2, 3, 5])
def test_sequences(reentrant, segments):
    steps = [derivo.exp, derivo.sin, derivo.tanh, derivo.cos, derivo.exp]
    x, plain = leaf(), leaf()
    checkpoint_sequential(
        steps, segments, x * 1, use_reentrant=reentrant
    ).sum().backward()
    out = plain
    for step in steps:
        out = step(out)
    out.sum().backward()
    assert x.grad.tolist() == plain.grad.tolist()


def test_groups_share_and_give_away_once():
    x, f = leaf(), Counted()
    a, b = checkpoint(lambda t: (f(t), t.cos()), x, use_reentrant=False)
    with GraphExecGroup():
        a.sum().backward()
        b.sum().backward()
    assert f.calls == 2
    y = checkpoint(f, x, use_reentrant=False).sum()
    with GraphExecGroup():
        y.backward(retain_graph=True)
        with pytest.raises(CheckpointError, match="already unpacked once"):
            y.backward()
    with (
        GraphExecGroup(),
        pytest.raises(RuntimeError, match="contexts cannot be nested"),
        GraphExecGroup(),
    ):
        pass


def test_functions_of_the_user_are_packed_too():
    class Exp(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, t):
            out = t.exp()
            ctx.save_for_backward(t, out)
            return out

        @staticmethod
        def backward(ctx, g):
            _, out = ctx.saved_tensors
            return g * out

    x, packed = leaf(0.2), []
    y = checkpoint(lambda t: Exp.apply(t) * t, x, use_reentrant=False)
    y.sum().backward()
    assert x.grad.item() == pytest.approx(1.2 * math.exp(0.2), rel=1e-14)
    hooks = derivo.autograd.graph.saved_tensors_hooks
    with hooks(lambda t: packed.append(t) or t, lambda t: t):
        z = Exp.apply(x)
    (g,) = derivo.autograd.grad(z, x, create_graph=True)
    assert len(packed) == 2
    assert derivo.autograd.grad(g, x)[0].item() == pytest.approx(math.exp(0.2))


def test_detach_variable():
    x = leaf()
    a, b, c = detach_variable((x, x.detach(), 3))
    assert a is not x
    assert (a.requires_grad, a.is_leaf, b.requires_grad, c) == (True, True, False, 3)
    with pytest.raises(RuntimeError, match="Only tuple of tensors is supported"):
        detach_variable([x])
