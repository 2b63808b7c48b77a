"""Which lines of the user's code an error about the graph is about."""

from __future__ import annotations

from typing import Any

__all__ = ["lines_of"]


def lines_of(node: Any, tensor: Any) -> str:
    """Sentence that names where `node` was recorded and `tensor` changed, if known."""
    return ""
