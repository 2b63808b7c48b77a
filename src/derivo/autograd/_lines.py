"""Which lines of the user's code an error about the graph is about."""

from __future__ import annotations

import linecache
from typing import Any

from derivo._core.tensor import _node_line, _writer_line

__all__ = ["lines_of"]


def _quote(what: str, place: tuple[str, int] | None) -> str:
    if place is None:
        return ""
    file, line = place
    source = linecache.getline(file, line).strip()
    return f"\n  {what} at {file}:{line}" + (f": {source}" if source else "")


def lines_of(node: Any, tensor: Any) -> str:
    """Text that says where `node` was recorded and `tensor` changed, if known."""
    text = _quote("saved", _node_line(node)) + _quote("changed", _writer_line(tensor))
    return text + "\n" if text else ""
