"""The graph as a picture: a tree in text, or DOT for graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from derivo.autograd._lines import line_of

from ._report import Report

__all__ = ["Piece", "dot", "graph_tree", "root_of", "tree"]

# A text, and the style in which the demo shows it.
Piece = tuple[str, str]


def graph_tree(root: Any, names: Mapping[str, Any] | None = None) -> list[list[Piece]]:
    """Draw a graph as a tree of node names, one list of pieces for each line.

    Parameters
    ----------
    root : Node
        The ``grad_fn`` of a tensor.
    names : mapping, optional
        Variables, to call leaves by their name.

    Returns
    -------
    list of list of (str, str)
        Lines in pieces of text and style. A node met again is not drawn twice.

    Examples
    --------
    >>> import derivo
    >>> from derivo.explain._tree import graph_tree
    >>> w = derivo.ones(2, requires_grad=True)
    >>> for line in graph_tree((w * w).sum().grad_fn, {"w": w}):
    ...     print("".join(text for text, _ in line))
    SumBackward0
    └─ MulBackward0
       ├─ AccumulateGrad → w.grad
       └─ AccumulateGrad → w.grad
    """
    return [pieces for _, pieces in _drawn(root, names)]


def _drawn(
    root: Any, names: Mapping[str, Any] | None
) -> Iterator[tuple[Any, list[Piece]]]:
    named = {id(value): name for name, value in (names or {}).items()}
    drawn: set[int] = set()
    # (node, what stands before it, what stands before its own inputs)
    todo: list[tuple[Any, str, str]] = [(root, "", "")]
    while todo:
        node, before, margin = todo.pop()
        pieces: list[Piece] = [(before, "rule"), (node.name().split("::")[-1], "node")]
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            pieces.append((f" → {_leaf_name(leaf, named)}.grad", "leaf"))
        inputs = list(_inputs(node))
        if inputs and id(node) in drawn:
            pieces.append((" (see above)", "quiet"))
            inputs = []
        drawn.add(id(node))
        yield node, pieces
        for i in range(len(inputs) - 1, -1, -1):
            last = i == len(inputs) - 1
            branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
            todo.append((inputs[i], margin + branch, margin + below))


def _leaf_name(leaf: Any, named: Mapping[int, str]) -> str:
    return named.get(id(leaf), f"a leaf of shape {tuple(leaf.shape)}")


def _inputs(node: Any) -> Iterator[Any]:
    for producer, _ in node.next_functions:
        if producer is not None:
            yield producer


def root_of(tensor: Any, what: str) -> Any:
    """Node that a tensor or node stands for, or an error that says what is missing."""
    node = getattr(tensor, "grad_fn", tensor)
    if node is None and tensor.requires_grad:
        from derivo._core.history import _grad_accumulator

        return _grad_accumulator(tensor)
    if node is None or not hasattr(node, "next_functions"):
        raise ValueError(
            f"[{what}] there is no graph: expected a tensor with a grad_fn, or a node, "
            f"got {type(tensor).__name__} without one. explain.why_no_grad(loss, x) "
            "says why nothing was recorded."
        )
    return node


def tree(
    tensor: Any, names: Mapping[str, Any] | None = None, lines: bool = False
) -> Report:
    """Draw the graph behind a tensor as a tree.

    Parameters
    ----------
    tensor : Tensor or Node
        Where to start.
    names : mapping, optional
        Variables, to call leaves by their name: ``globals()``, or
        ``dict(model.named_parameters())``.
    lines : bool, default False
        Whether to add the line of your code that recorded each step.

    Returns
    -------
    Report
        Shows itself as the tree; ``.text`` is the text.

    Raises
    ------
    ValueError
        If nothing was recorded.

    Examples
    --------
    >>> import derivo
    >>> w = derivo.ones(2, requires_grad=True)
    >>> derivo.explain.tree((w * w).sum(), {"w": w})
    SumBackward0
    └─ MulBackward0
       ├─ AccumulateGrad → w.grad
       └─ AccumulateGrad → w.grad
    """
    root = root_of(tensor, "tree")
    text = "\n".join(
        "".join(piece for piece, _ in pieces)
        + (line_of(node).replace(" at ", "   ", 1) if lines else "")
        for node, pieces in _drawn(root, names)
    )
    return Report("tree", text, root)


def dot(tensor: Any, names: Mapping[str, Any] | None = None) -> str:
    """Draw the graph behind a tensor in DOT, the language of graphviz.

    Parameters
    ----------
    tensor : Tensor or Node
        Where to start.
    names : mapping, optional
        Variables, to call leaves by their name.

    Returns
    -------
    str
        Arrows lead from the leaves to the result, as the values went.

    Raises
    ------
    ValueError
        If nothing was recorded.

    Examples
    --------
    >>> import derivo
    >>> w = derivo.ones(2, requires_grad=True)
    >>> print(derivo.explain.dot(w.exp(), {"w": w}))
    digraph {
      n0 [label="ExpBackward0"];
      n1 [label="w (2,)", shape=box];
      n1 -> n0;
    }
    """
    named = {id(value): name for name, value in (names or {}).items()}
    numbers: dict[Any, int] = {}
    nodes: list[str] = []
    arrows: list[str] = []
    todo = [root_of(tensor, "dot")]
    numbers[todo[0]] = 0
    while todo:
        node = todo.pop()
        leaf = getattr(node, "variable", None)
        if leaf is None:
            label, shape = node.name(), ""
        else:
            name = named.get(id(leaf), "leaf")
            label, shape = f"{name} {tuple(leaf.shape)}", ", shape=box"
        label = label.replace("\\", r"\\").replace('"', r"\"")
        nodes.append(f'  n{numbers[node]} [label="{label}"{shape}];')
        for producer in _inputs(node):
            if producer not in numbers:
                numbers[producer] = len(numbers)
                todo.append(producer)
            arrows.append(f"  n{numbers[producer]} -> n{numbers[node]};")
    return "\n".join(["digraph {", *nodes, *arrows, "}"])
