"""Automatic differentiation of numbers, whole, in about a hundred lines.

``autograd_first.md`` builds it up step by step, and ``tests/property`` plays random
games in which derivo's own engine has to do what this one does.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from itertools import chain

recording = True


@contextmanager
def no_grad():
    global recording
    before, recording = recording, False
    try:
        yield
    finally:
        recording = before


class Node:
    """One recorded operation: for each operand its node, what is saved, and a rule."""

    def __init__(self, name, edges):
        self.name = name
        self.parents = [operand.node for operand, _, _ in edges]
        self.rules = [rule for _, _, rule in edges]
        self.saved = [[(n, n.version) for n in saved] for _, saved, _ in edges]

    def gradients(self, g, retain_graph):
        if self.saved is None:
            raise RuntimeError("Trying to backward through the graph a second time")
        for number, version in chain(*self.saved):
            if number.version != version:
                raise RuntimeError("a saved value was modified by an inplace operation")
        saved = [[number for number, _ in group] for group in self.saved]
        if not retain_graph and any(saved):
            self.saved = None
        return [rule(g, *group) for rule, group in zip(self.rules, saved, strict=True)]


class Leaf:
    """Where gradients end: the node of a number that was made with requires_grad."""

    name, parents = "AccumulateGrad", ()

    def __init__(self, number):
        self.number = number


class Number:
    def __init__(self, data, requires_grad=False, node=None):
        self.data, self.grad, self.version = float(data), None, 0
        self.node = Leaf(self) if requires_grad else node

    def __add__(self, other):
        other = lift(other)
        return record("Add", self.data + other.data,
                      (self, [], lambda g: g), (other, [], lambda g: g))  # fmt: skip

    def __mul__(self, other):
        if not isinstance(other, Number):  # a plain number counts as saved, too
            return record("Mul", self.data * other,
                          (self, [Number(other)], lambda g, k: g * k.data))  # fmt: skip
        return record("Mul", self.data * other.data,
                      (self, [other], lambda g, other: g * other),
                      (other, [self], lambda g, me: g * me))  # fmt: skip

    def sin(self):
        return record(
            "Sin", math.sin(self.data), (self, [self], lambda g, x: g * x.cos())
        )

    def cos(self):
        return record("Cos", math.cos(self.data),
                      (self, [self], lambda g, x: g * (x.sin() * -1.0)))  # fmt: skip

    def tanh(self):
        out = Number(math.tanh(self.data))
        edge = (self, [out], lambda g, out: g * (out * out * -1.0 + 1.0))
        if recording and self.node:  # the rule wants the result itself, node and all
            out.node = Node("Tanh", [edge])
        return out

    def add_(self, other):
        return self._become(self._as_it_was() + other)

    def mul_(self, other):
        return self._become(self._as_it_was() * other)

    def _as_it_was(self):
        if recording and isinstance(self.node, Leaf):
            raise RuntimeError(
                "a leaf that requires grad is used in an in-place operation"
            )
        return Number(self.data, node=self.node)

    def _become(self, result):
        self.data, self.node = result.data, result.node if recording else self.node
        self.version += 1
        return self

    def detach(self):
        return Number(self.data)

    def backward(self, retain_graph=False, create_graph=False):
        for leaf, g in walk(self, retain_graph or create_graph, create_graph):
            leaf.grad = g if leaf.grad is None else leaf.grad + g


def lift(value):
    return value if isinstance(value, Number) else Number(value)


def record(name, data, *edges):
    """A result that remembers how it was made, if an operand asks for gradients."""
    edges = [edge for edge in edges if edge[0].node] if recording else []
    return Number(data, node=Node(name, edges) if edges else None)


def walk(root, retain_graph, create_graph):
    """Carry gradients from the root back to the leaves; each node runs once."""
    global recording
    if root.node is None:
        raise RuntimeError("this number does not require grad")
    waiting, seen, stack = {}, {root.node}, [root.node]
    while stack:  # how many gradients each node has to wait for
        for parent in stack.pop().parents:
            waiting[parent] = waiting.get(parent, 0) + 1
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    before, recording = recording, create_graph
    try:
        ready, arrived, found = [(root.node, Number(1.0))], {}, []
        while ready:
            node, g = ready.pop()
            if isinstance(node, Leaf):
                found.append((node.number, g))
                continue
            gradients = node.gradients(g, retain_graph)
            for parent, g in zip(node.parents, gradients, strict=True):
                arrived[parent] = arrived[parent] + g if parent in arrived else g
                waiting[parent] -= 1
                if waiting[parent] == 0:
                    ready.append((parent, arrived.pop(parent)))
        return found
    finally:
        recording = before
