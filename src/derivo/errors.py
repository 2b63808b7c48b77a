"""Exceptions of derivo.

Each derives from `DerivoError` and from the builtin that PyTorch raises in the same
place, so that existing ``except`` clauses keep working.
"""

from __future__ import annotations

__all__ = [
    "BufferAccessError",
    "DerivoError",
    "GraphError",
    "InplaceError",
    "LinAlgError",
    "OutOfMemoryError",
    "TraceAttributeError",
    "TraceError",
]


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


class BufferAccessError(DerivoError, BufferError, RuntimeError):
    """A tensor's memory cannot be handed out as it was asked for."""


class GraphError(DerivoError, RuntimeError):
    """The autograd graph cannot do what was asked."""


class InplaceError(GraphError):
    """A tensor saved for the backward pass was changed afterwards."""


class LinAlgError(DerivoError, RuntimeError):
    """A matrix does not have what was asked of it: an inverse, a Cholesky factor."""


class TraceError(DerivoError, TypeError):
    """A definition of scalars does something that no expression can say.

    Attributes
    ----------
    filename, lineno : str and int, or None
        The line of the definition, once it is known.
    """

    filename: str | None = None
    lineno: int | None = None


class TraceAttributeError(TraceError, AttributeError):
    """A definition of scalars asks a scalar for what only tensors have."""
