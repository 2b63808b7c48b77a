# Random games, played with derivo's engine and with the toy engine of the docs: values,
# gradients, who is a leaf, versions and refusals have to agree at every step.
from __future__ import annotations

import contextlib
import math
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import derivo

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import toy

WHICH = st.integers(0, 10**6)
VALUES = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
PHRASES = (
    "second time",
    "modified by an inplace operation",
    "in-place operation",
    "does not require grad",
)


class Game(RuleBasedStateMachine):
    shape: tuple[int, ...] = ()

    def __init__(self):
        super().__init__()
        self.pairs = []
        self.moves = 0
        # Once gradients of gradients are about, what is saved differs (a fused
        # derivative saves less than the toy's), so freeing and in-place changes
        # belong to the other half of the games.
        self.second_order = False
        self.start(0.5, True)
        self.start(-1.25, True)
        self.start(1.5, False)

    def start(self, value, requires_grad):
        t = derivo.full(self.shape, value, dtype=derivo.float64)
        t.requires_grad_(requires_grad)
        self.pairs.append((toy.Number(value, requires_grad), t))

    def pick(self, which):
        return self.pairs[which % len(self.pairs)]

    def play(self, on_toy, on_derivo):
        # One move on both sides: either both refuse it, or neither does.
        ours, refused = attempt(on_toy)
        theirs, refused_too = attempt(on_derivo)
        if refused is None and refused_too is None:
            return ours, theirs
        assert refused is not None, f"derivo alone refuses: {refused_too}"
        assert refused_too is not None, f"derivo does not refuse: {refused}"
        assert any(phrase in str(refused_too) for phrase in PHRASES), refused_too
        return None

    def keep(self, pair):
        self.moves += 1
        if pair is None or not abs(pair[0].data) < 1e3:
            return
        if len(self.pairs) < 14:
            self.pairs.append(pair)
        else:  # a dropped result takes its part of the graph with it
            self.pairs[3 + self.moves % 11] = pair

    @rule(value=VALUES, requires_grad=st.booleans())
    def make(self, value, requires_grad):
        if len(self.pairs) < 14:
            self.start(value, requires_grad)

    @rule(
        a=WHICH,
        b=WHICH,
        name=st.sampled_from(["__add__", "__mul__"]),
        grad=st.booleans(),
    )
    def combine(self, a, b, name, grad):
        (n, t), (m, u) = self.pick(a), self.pick(b)
        with modes(grad):
            self.keep((getattr(n, name)(m), getattr(t, name)(u)))

    @rule(a=WHICH, number=VALUES, name=st.sampled_from(["__add__", "__mul__"]))
    def combine_with_a_number(self, a, number, name):
        n, t = self.pick(a)
        self.keep((getattr(n, name)(number), getattr(t, name)(number)))

    @rule(a=WHICH, name=st.sampled_from(["sin", "cos", "tanh"]))
    def apply(self, a, name):
        n, t = self.pick(a)
        self.keep((getattr(n, name)(), getattr(t, name)()))

    @precondition(lambda self: not self.second_order)
    @rule(a=WHICH, b=WHICH, name=st.sampled_from(["add_", "mul_"]), grad=st.booleans())
    def change_in_place(self, a, b, name, grad):
        (n, t), (m, u) = self.pick(a), self.pick(b)
        if abs(n.data * m.data) > 1e3:
            return
        with modes(grad):
            self.play(lambda: getattr(n, name)(m), lambda: getattr(t, name)(u))

    @rule(a=WHICH)
    def detach(self, a):
        n, t = self.pick(a)
        self.keep((n.detach(), t.detach().clone()))

    @rule(a=WHICH, retain=st.booleans())
    def backward(self, a, retain):
        n, t = self.pick(a)
        retain = retain or self.second_order
        done = self.play(
            lambda: (n.backward(retain_graph=retain), 1),
            lambda: t.backward(derivo.ones_like(t), retain_graph=retain),
        )
        if done is None:
            # How far each had come is nobody's promise: start over from the values.
            old, self.pairs = self.pairs, []
            for number, _ in old:
                self.start(number.data, isinstance(number.node, toy.Leaf))

    @precondition(lambda self: not spoilt(self))
    @rule(a=WHICH)
    def backward_that_is_recorded(self, a):
        n, t = self.pick(a)
        if n.node is None:
            return
        self.second_order = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the cycle is wanted
            if (
                self.play(
                    lambda: (n.backward(create_graph=True), 1),
                    lambda: t.backward(derivo.ones_like(t), create_graph=True),
                )
                is None
            ):
                return
        for number, tensor in list(self.pairs):
            if number.grad is not None:
                g, number.grad = number.grad, None
                h, tensor.grad = tensor.grad, None
                taken = toy.Number(g.data, node=g.node)
                taken.version = h._version  # it was added up in place, or not
                self.keep((taken, h))

    @rule(a=WHICH)
    def forget_gradient(self, a):
        n, t = self.pick(a)
        n.grad = t.grad = None

    @precondition(lambda self: not self.second_order)
    @rule(a=WHICH)
    def zero_gradient_in_place(self, a):
        n, t = self.pick(a)
        if n.grad is not None:
            n.grad = toy.Number(0.0)
            t.grad.zero_()

    @invariant()
    def same_everywhere(self):
        for number, tensor in self.pairs:
            assert same(number.data, tensor)
            assert tensor._version == number.version
            assert tensor.requires_grad == (number.node is not None)
            leaf = number.node is None or isinstance(number.node, toy.Leaf)
            assert tensor.is_leaf == leaf
            if leaf:
                assert (tensor.grad is None) == (number.grad is None)
                assert number.grad is None or same(number.grad.data, tensor.grad)


def attempt(move):
    try:
        return move(), None
    except RuntimeError as error:
        return None, error


def spoilt(game):
    return any(
        getattr(node, "saved", ()) is None
        for number, _ in game.pairs
        for node in reachable(number.node)
    ) or any(
        operand.version != version
        for number, _ in game.pairs
        for node in reachable(number.node)
        for group in getattr(node, "saved", ())
        for operand, version in group
    )


def reachable(node):
    seen, stack = set(), [node]
    while stack:
        node = stack.pop()
        if node is not None and node not in seen:
            seen.add(node)
            stack.extend(node.parents)
    return seen


@contextlib.contextmanager
def modes(grad):
    if grad:
        yield
        return
    with toy.no_grad(), derivo.no_grad():
        yield


def same(value, tensor):
    return all(
        math.isclose(value, element, rel_tol=1e-11, abs_tol=1e-11)
        for element in tensor.detach().flatten().tolist()
    )


class GameOfRows(Game):
    # The same game with three equal elements, each of which must do the same.
    shape = (3,)


SETTINGS = settings(
    max_examples=80, stateful_step_count=30, deadline=None, derandomize=True
)
TestGame = Game.TestCase
TestGame.settings = SETTINGS
TestGameOfRows = GameOfRows.TestCase
TestGameOfRows.settings = SETTINGS


def test_a_wrong_engine_loses_the_game(monkeypatch):
    # A test of the test: an engine whose product rule is off by a sign is found out.
    right = toy.Number.__mul__

    def wrong(self, other):
        out = right(self, other)
        if out.node is not None and isinstance(other, toy.Number):
            rules = out.node.rules
            out.node.rules = [lambda g, *s, rule=r: rule(g, *s) * -1.0 for r in rules]
        return out

    monkeypatch.setattr(toy.Number, "__mul__", wrong)
    found_out = settings(
        SETTINGS, phases=[Phase.generate], report_multiple_bugs=False, print_blob=False
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Game, settings=found_out)
