"""Containers of tensors as trees: taken apart, put together, mapped.

A *tree* is any nesting of the containers below; everything else, None included, is a
leaf. A `TreeSpec` remembers the shape of a tree, so that its leaves can be worked on as
a flat list.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

__all__ = [
    "LeafSpec",
    "PyTree",
    "TreeSpec",
    "register_pytree_node",
    "tree_all",
    "tree_all_only",
    "tree_any",
    "tree_any_only",
    "tree_flatten",
    "tree_iter",
    "tree_leaves",
    "tree_map",
    "tree_map_",
    "tree_map_only",
    "tree_structure",
    "tree_unflatten",
]

PyTree = Any
Flatten = Callable[[Any], tuple[Iterable[Any], Any]]
Unflatten = Callable[[Iterable[Any], Any], Any]


class _Kind(NamedTuple):
    flatten: Flatten
    unflatten: Unflatten


def _flatten_default(d: Any) -> tuple[list[Any], Any]:
    return list(d.values()), (d.default_factory, list(d))


_KINDS: dict[type, _Kind] = {
    tuple: _Kind(lambda t: (t, None), lambda items, _: tuple(items)),
    list: _Kind(lambda t: (t, None), lambda items, _: list(items)),
    dict: _Kind(
        lambda d: (list(d.values()), list(d)),
        lambda items, keys: dict(zip(keys, items, strict=True)),
    ),
    OrderedDict: _Kind(
        lambda d: (list(d.values()), list(d)),
        lambda items, keys: OrderedDict(zip(keys, items, strict=True)),
    ),
    defaultdict: _Kind(
        _flatten_default,
        lambda items, c: defaultdict(c[0], zip(c[1], items, strict=True)),
    ),
    deque: _Kind(lambda d: (list(d), d.maxlen), lambda items, n: deque(items, n)),
}
_NAMED = _Kind(lambda t: (t, type(t)), lambda items, cls: cls(*items))
# Contexts of these list the keys; trees with the same keys in another order are alike.
_DICTS = (dict, OrderedDict, defaultdict)


def _kind_of(value: Any) -> tuple[type | None, _Kind | None]:
    """Node type of a container and how it is taken apart; None for leaves."""
    cls = type(value)
    kind = _KINDS.get(cls)
    if kind is not None:
        return cls, kind
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return NamedTuple, _NAMED
    return None, None


class TreeSpec:
    """Shape of a tree: the type of its root, what that needs, and its children.

    Attributes
    ----------
    type : type or None
        Type of the container; None for a leaf.
    context : object
        What its type needs to be put together again (the keys of a dict).
    children_specs : list of TreeSpec
    num_leaves : int
    """

    __slots__ = ("_flat", "children_specs", "context", "num_leaves", "type")

    def __init__(self, type: Any, context: Any, children_specs: list[TreeSpec]) -> None:
        self.type = type
        self.context = context
        self.children_specs = children_specs
        count = 1 if type is None else 0
        for child in children_specs:
            count += child.num_leaves
        self.num_leaves = count
        # A tuple of leaves, the most frequent tree.
        self._flat = type is tuple and all(c.type is None for c in children_specs)

    def is_leaf(self) -> bool:
        """Whether the tree is a single leaf."""
        return self.type is None

    @property
    def num_children(self) -> int:
        """Number of children of the root."""
        return len(self.children_specs)

    @property
    def num_nodes(self) -> int:
        """Number of nodes, leaves included."""
        return 1 + sum(c.num_nodes for c in self.children_specs)

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """Put a tree of this shape together."""
        if type(leaves) is not list:
            leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(
                f"[tree_unflatten] treespec.unflatten(leaves): `leaves` has length "
                f"{len(leaves)} but the spec refers to a pytree that holds "
                f"{self.num_leaves} items ({self})."
            )
        if self._flat:
            return tuple(leaves)
        return leaves[0] if self.type is None else self._build(iter(leaves))

    def _build(self, leaves: Any) -> Any:
        if self.type is None:
            return next(leaves)
        children = [
            next(leaves) if child.type is None else child._build(leaves)
            for child in self.children_specs
        ]
        if self.type is tuple:
            return tuple(children)
        kind = _NAMED if self.type is NamedTuple else _KINDS[self.type]
        return kind.unflatten(children, self.context)

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """Leaves of this shape in `tree`, which may go deeper."""
        out: list[Any] = []
        self._collect(tree, out)
        return out

    def _collect(self, tree: Any, out: list[Any]) -> None:
        if self.type is None:
            out.append(tree)
            return
        cls, kind = _kind_of(tree)
        if kind is None or (cls is not self.type and not self._both_dicts(cls)):
            raise ValueError(
                f"[tree_map] Node type mismatch; expected {self.type}, but got "
                f"{type(tree)}."
            )
        children, context = kind.flatten(tree)
        children = list(children)
        if cls in _DICTS:
            mine, theirs = self._keys(self.context), self._keys(context)
            if set(mine) != set(theirs):
                missing, extra = set(mine) - set(theirs), set(theirs) - set(mine)
                said = f"missing key(s): {missing}" if missing else ""
                if extra:
                    said += ("; " if said else "") + f"extra key(s): {extra}"
                raise ValueError(f"[tree_map] Node keys mismatch; {said}.")
            found = dict(zip(theirs, children, strict=True))
            children = [found[k] for k in mine]
        elif len(children) != len(self.children_specs):
            raise ValueError(
                f"[tree_map] Node arity mismatch; expected {len(self.children_specs)}, "
                f"but got {len(children)}."
            )
        elif context != self.context:
            raise ValueError(
                f"[tree_map] Node context mismatch for node type {self.type}: expected "
                f"{self.context}, but got {context}."
            )
        for child, value in zip(self.children_specs, children, strict=True):
            child._collect(value, out)

    def _both_dicts(self, cls: Any) -> bool:
        return cls in _DICTS and self.type in _DICTS

    @staticmethod
    def _keys(context: Any) -> list[Any]:
        return list(context[1] if isinstance(context, tuple) else context)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TreeSpec):
            return NotImplemented
        return (
            self.type is other.type
            and self.context == other.context
            and self.children_specs == other.children_specs
        )

    def __hash__(self) -> int:
        return hash((self.type, self.num_leaves, len(self.children_specs)))

    def __repr__(self, indent: int = 0) -> str:
        if self.type is None:
            return "*"
        name = "namedtuple" if self.type is NamedTuple else self.type.__name__
        inner = indent + 2
        children = [c.__repr__(inner) for c in self.children_specs]
        body = (",\n" + " " * inner).join(children)
        return f"TreeSpec({name}, {self.context}, [{body}])"


LEAF = TreeSpec(None, None, [])


class LeafSpec(TreeSpec):
    """Shape of a leaf."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None, None, [])


def register_pytree_node(
    cls: type, flatten_fn: Flatten, unflatten_fn: Unflatten, **unused: Any
) -> None:
    """Let instances of a class be containers.

    Parameters
    ----------
    cls : type
    flatten_fn : callable
        ``flatten_fn(value)`` gives the children and a context.
    unflatten_fn : callable
        ``unflatten_fn(children, context)`` makes a value of them.
    **unused
        Serialisation options of PyTorch's function, accepted and ignored.

    Raises
    ------
    ValueError
        If the class is registered already.
    """
    if cls in _KINDS:
        raise ValueError(
            f"[register_pytree_node] {cls} is already registered as pytree node."
        )
    _KINDS[cls] = _Kind(flatten_fn, unflatten_fn)


def _flatten(tree: Any, leaves: list[Any], is_leaf: Any) -> TreeSpec:
    cls, kind = _kind_of(tree)
    if kind is None or (is_leaf is not None and is_leaf(tree)):
        leaves.append(tree)
        return LEAF
    children, context = kind.flatten(tree)
    specs = []
    for child in children:
        # Most are leaves, which this tells without a call.
        cls_of_child = type(child)
        if cls_of_child not in _KINDS and not issubclass(cls_of_child, tuple):
            leaves.append(child)
            specs.append(LEAF)
        else:
            specs.append(_flatten(child, leaves, is_leaf))
    return TreeSpec(cls, context, specs)


def tree_flatten(
    tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> tuple[list[Any], TreeSpec]:
    """Take a tree apart.

    Parameters
    ----------
    tree : object
    is_leaf : callable, optional
        Containers for which it is true are leaves.

    Returns
    -------
    leaves : list
    spec : TreeSpec

    Examples
    --------
    >>> from derivo.utils._pytree import tree_flatten
    >>> tree_flatten({"a": 1, "b": (2, 3)})[0]
    [1, 2, 3]
    """
    cls = type(tree)
    if is_leaf is None:
        if cls not in _KINDS and not issubclass(cls, tuple):
            return [tree], LEAF
        if cls is tuple:
            for child in tree:
                kind = type(child)
                if kind in _KINDS or issubclass(kind, tuple):
                    break
            else:
                return list(tree), _tuple_of(len(tree))
    leaves: list[Any] = []
    spec = _flatten(tree, leaves, is_leaf)
    return leaves, spec


@cache
def _tuple_of(n: int) -> TreeSpec:
    """Spec of a tuple of leaves."""
    return TreeSpec(tuple, None, [LEAF] * n)


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """Put a tree together from its leaves and its shape.

    Raises
    ------
    TypeError
        If `treespec` is not a `TreeSpec`.
    ValueError
        If there are too many or too few leaves.
    """
    if not isinstance(treespec, TreeSpec):
        raise TypeError(
            "[tree_unflatten] tree_unflatten(leaves, treespec): Expected `treespec` to "
            f"be instance of TreeSpec but got item of type {type(treespec)}."
        )
    return treespec.unflatten(leaves)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """Return the leaves of a tree."""
    return tree_flatten(tree, is_leaf)[0]


tree_iter = tree_leaves


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> TreeSpec:
    """Return the shape of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(
    func: Callable[..., Any],
    tree: Any,
    *rests: Any,
    is_leaf: Callable[[Any], bool] | None = None,
) -> Any:
    """Apply a function to each leaf (of several trees alike: to corresponding ones).

    Examples
    --------
    >>> from derivo.utils._pytree import tree_map
    >>> tree_map(lambda a, b: a + b, {"a": 1}, {"a": 10})
    {'a': 11}
    """
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [spec.flatten_up_to(r) for r in rests]
    return spec.unflatten([func(*each) for each in zip(leaves, *others, strict=True)])


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any) -> Any:
    """Call a function on each leaf for its effect; return the tree."""
    tree_map(func, tree, *rests)
    return tree


def tree_map_only(types: Any, func: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to the leaves of some types, and leave the others."""
    return tree_map(lambda x: func(x) if isinstance(x, types) else x, tree)


def tree_all(pred: Callable[[Any], bool], tree: Any) -> bool:
    """Whether `pred` holds for all leaves."""
    return all(map(pred, tree_leaves(tree)))


def tree_any(pred: Callable[[Any], bool], tree: Any) -> bool:
    """Whether `pred` holds for some leaf."""
    return any(map(pred, tree_leaves(tree)))


def tree_all_only(types: Any, pred: Callable[[Any], bool], tree: Any) -> bool:
    """Whether `pred` holds for all leaves of some types."""
    return all(pred(x) for x in tree_leaves(tree) if isinstance(x, types))


def tree_any_only(types: Any, pred: Callable[[Any], bool], tree: Any) -> bool:
    """Whether `pred` holds for some leaf of some types."""
    return any(pred(x) for x in tree_leaves(tree) if isinstance(x, types))


def _broadcast_to_and_flatten(tree: Any, treespec: TreeSpec) -> list[Any] | None:
    """Leaves for each leaf of `treespec`, where `tree` is a prefix of that shape.

    A leaf of `tree` stands for all leaves below it; None if `tree` is no prefix.
    """
    cls, kind = _kind_of(tree)
    if kind is None:
        return [tree] * treespec.num_leaves
    if treespec.type is not cls:
        return None
    children, context = kind.flatten(tree)
    children = list(children)
    if len(children) != treespec.num_children or context != treespec.context:
        return None
    out: list[Any] = []
    for child, spec in zip(children, treespec.children_specs, strict=True):
        part = _broadcast_to_and_flatten(child, spec)
        if part is None:
            return None
        out.extend(part)
    return out
