"""An interactive session in which the demo types."""

from __future__ import annotations

import ast
from typing import Any

from derivo.explain._tree import graph_tree

from .screen import Screen

__all__ = ["Session"]


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
