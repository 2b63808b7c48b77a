"""Trees of containers: `derivo.utils._pytree`."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest

from derivo.utils._pytree import (
    _broadcast_to_and_flatten,
    register_pytree_node,
    tree_all,
    tree_any,
    tree_flatten,
    tree_leaves,
    tree_map,
    tree_map_only,
    tree_structure,
    tree_unflatten,
)

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "tree",
    [
        1,
        None,
        (),
        [1, (2, [3])],
        {"b": 1, "a": {"c": 2}},
        OrderedDict(z=1, y=[2]),
        defaultdict(list, {"k": 1}),
        deque([1, 2], maxlen=3),
        Point(1, (2, None)),
    ],
)
def test_round_trip(tree):
    leaves, spec = tree_flatten(tree)
    again = tree_unflatten(leaves, spec)
    assert again == tree
    assert type(again) is type(tree)
    assert spec.num_leaves == len(leaves)


def test_none_is_a_leaf():
    assert tree_leaves((None, [None, 1])) == [None, None, 1]


def test_order_is_that_of_the_dict():
    assert tree_leaves({"b": 1, "a": 2}) == [1, 2]


def test_map_over_several():
    assert tree_map(lambda a, b: a + b, {"a": 1, "b": [2]}, {"b": [20], "a": 10}) == {
        "a": 11,
        "b": [22],
    }


def test_map_only():
    assert tree_map_only(int, lambda x: x + 1, [1, "a"]) == [2, "a"]


def test_all_any():
    assert tree_all(bool, [1, (2,)])
    assert not tree_any(bool, [0, {"a": 0}])


def test_spec_equality():
    assert tree_structure([1, (2,)]) == tree_structure([3, (4,)])
    assert tree_structure([1, (2,)]) != tree_structure([3, [4]])


def test_prefix():
    spec = tree_structure({"a": [1, 2], "b": (3, 4)})
    assert _broadcast_to_and_flatten(0, spec) == [0, 0, 0, 0]
    assert _broadcast_to_and_flatten({"a": 0, "b": (1, None)}, spec) == [0, 0, 1, None]
    assert _broadcast_to_and_flatten([0, 1], spec) is None
    assert _broadcast_to_and_flatten({"a": [0], "b": 1}, spec) is None


def test_own_class():
    class Pair:
        def __init__(self, a, b):
            self.a, self.b = a, b

    register_pytree_node(Pair, lambda p: ((p.a, p.b), None), lambda c, _: Pair(*c))
    out = tree_map(lambda x: 2 * x, Pair(1, [2]))
    assert (out.a, out.b) == (2, [4])
    with pytest.raises(ValueError, match="already registered"):
        register_pytree_node(Pair, lambda p: ((), None), lambda c, _: Pair(0, 0))


def test_wrong_number_of_leaves():
    with pytest.raises(ValueError, match="holds 2 items"):
        tree_unflatten([1], tree_structure([0, 0]))


def test_spec_is_required():
    with pytest.raises(TypeError, match="instance of TreeSpec"):
        tree_unflatten([1], [0])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"b": 1}, "keys mismatch"),
        ([1], "type mismatch"),
        ({"a": 1, "c": 2}, "extra key"),
    ],
)
def test_trees_that_differ(other, said):
    with pytest.raises(ValueError, match=said):
        tree_map(lambda a, b: a, {"a": 1}, other)


def test_lengths_that_differ():
    with pytest.raises(ValueError, match="arity mismatch"):
        tree_map(lambda a, b: a, [1, 2], [1])


def test_is_leaf():
    assert tree_leaves([(1, 2), 3], is_leaf=lambda t: isinstance(t, tuple)) == [
        (1, 2),
        3,
    ]
