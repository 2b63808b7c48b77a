"""What the functions of this package return: an answer to read, and its parts."""

from __future__ import annotations

from typing import Any

from derivo._core.tensor import _node_line
from derivo.autograd._lines import line_of
from derivo.autograd._lines import quote as _quote

__all__ = ["Report", "describe", "place_of", "quote"]


def place_of(node: Any) -> tuple[str, int] | None:
    """(file, line) of the user's code that recorded a node, if known."""
    return None if node is None else _node_line(node)


def quote(place: tuple[str, int] | None) -> str:
    """Place and source of a line, or nothing."""
    return _quote("", place).removeprefix("\n   at ")


def describe(node: Any) -> str:
    """Name of a node and the line that recorded it."""
    return f"{node.name().split('::')[-1]}{line_of(node)}"


class Report:
    """An answer: what was found, where, and what to do about it.

    Attributes
    ----------
    cause : str
        A word or two that programs can compare.
    text : str
        The answer as people read it; also ``str(report)``.
    node : Node or None
        The step of the graph that it is about.
    place : (str, int) or None
        File and line of the user's code that it is about.
    path : list of Node
        Steps from the loss to where it ends.
    """

    def __init__(
        self,
        cause: str,
        text: str,
        node: Any = None,
        place: tuple[str, int] | None = None,
        path: list[Any] | None = None,
    ) -> None:
        self.cause = cause
        self.text = text
        self.node = node
        self.place = place if place is not None else place_of(node)
        self.path = path or []

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.text)}</pre>"
