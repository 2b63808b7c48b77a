"""Exceptions of derivo.

Each derives from `DerivoError` and from the builtin that PyTorch raises in the same
place, so that existing ``except`` clauses keep working.
"""

from __future__ import annotations

__all__ = ["DerivoError", "GraphError", "InplaceError", "OutOfMemoryError"]


class DerivoError(Exception):
    """Base of all errors that only derivo raises."""


class OutOfMemoryError(DerivoError, RuntimeError, MemoryError):
    """The operating system refused memory for a tensor; nothing was changed."""

    def __init__(self, requested: int, allocated: int, cached: int) -> None:
        super().__init__(
            f"[allocate] can't allocate memory: you tried to allocate {requested} "
            f"bytes while tensors hold {allocated} bytes and the cache {cached} "
            "bytes. Use smaller shapes, or delete tensors that are no longer needed."
        )
        self.requested = requested


class GraphError(DerivoError, RuntimeError):
    """The autograd graph cannot do what was asked."""


class InplaceError(GraphError):
    """A tensor saved for the backward pass was changed afterwards."""
