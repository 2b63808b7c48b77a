"""An interactive session in which the demo types, and the graph drawn as a tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from .screen import Piece, Screen

__all__ = ["Session", "graph_tree"]


class Session:
    """Runs Python as its interpreter would: prompts, code and results are shown.

    Nothing is written down in advance; what is shown is what came out.

    Parameters
    ----------
    screen : Screen
        Where to write.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.names: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.names[name]

    def run(self, source: str) -> None:
        """Show and run some statements, then leave a gap."""
        lines = source.strip().splitlines()
        for statement in ast.parse("\n".join(lines)).body:
            self.screen.code(
                "\n".join(lines[statement.lineno - 1 : statement.end_lineno])
            )
            if isinstance(statement, ast.Expr):
                code = compile(ast.Expression(statement.value), "<demo>", "eval")
                value = eval(code, self.names)
                if value is not None:
                    self.screen.result(repr(value))
            else:
                module = ast.Module([statement], type_ignores=[])
                exec(compile(module, "<demo>", "exec"), self.names)
        self.screen.gap()

    def graph(self, name: str) -> None:
        """Draw the graph behind a variable."""
        for pieces in graph_tree(self.names[name].grad_fn, self.names):
            self.screen.line(("   ", ""), *pieces)
        self.screen.gap()


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
    >>> from derivo.demo.session import graph_tree
    >>> w = derivo.ones(2, requires_grad=True)
    >>> for line in graph_tree((w * w).sum().grad_fn, {"w": w}):
    ...     print("".join(text for text, _ in line))
    SumBackward0
    └─ MulBackward0
       ├─ AccumulateGrad → w.grad
       └─ AccumulateGrad → w.grad
    """
    named = {id(value): name for name, value in (names or {}).items()}
    drawn: set[int] = set()
    lines: list[list[Piece]] = []
    # (node, what stands before it, what stands before its own inputs)
    todo: list[tuple[Any, str, str]] = [(root, "", "")]
    while todo:
        node, before, margin = todo.pop()
        pieces: list[Piece] = [(before, "rule"), (node.name().split("::")[-1], "node")]
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            target = named.get(id(leaf), f"a leaf of shape {tuple(leaf.shape)}")
            pieces.append((f" → {target}.grad", "leaf"))
        inputs = list(_inputs(node))
        if inputs and id(node) in drawn:
            pieces.append((" (see above)", "quiet"))
            inputs = []
        drawn.add(id(node))
        lines.append(pieces)
        for i in range(len(inputs) - 1, -1, -1):
            last = i == len(inputs) - 1
            branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
            todo.append((inputs[i], margin + branch, margin + below))
    return lines


def _inputs(node: Any) -> Iterator[Any]:
    for producer, _ in node.next_functions:
        if producer is not None:
            yield producer
