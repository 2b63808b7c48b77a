"""Which lines of the user's code an error about the graph is about."""

from __future__ import annotations

import linecache
from typing import Any

from derivo._core.tensor import _node_line, _writer_line

__all__ = ["line_of", "lines_of", "quote"]


def quote(what: str, place: tuple[str, int] | None) -> str:
    """Return a line of text with a line of the user's code, or nothing."""
    if place is None:
        return ""
    file, line = place
    source = linecache.getline(file, line).strip()
    return f"\n  {what} at {file}:{line}" + (f": {source}" if source else "")


def line_of(node: Any) -> str:
    """Return `` at file:line: source`` of the line that recorded `node`, if known."""
    return quote("", _node_line(node)).replace("\n  ", "", 1)


def lines_of(node: Any, tensor: Any) -> str:
    """Text that says where `node` was recorded and `tensor` changed, if known."""
    text = quote("saved", _node_line(node)) + quote("changed", _writer_line(tensor))
    return text + "\n" if text else ""
