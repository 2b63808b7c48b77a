"""Handles that take a hook out again."""

from __future__ import annotations

import weakref
from collections.abc import MutableMapping
from typing import Any

from derivo.utils import hooks as _hooks

__all__ = ["RemovableHandle"]


class RemovableHandle(_hooks.RemovableHandle):
    """Remove one hook from the dictionaries that hold it.

    Parameters
    ----------
    hooks : mapping
        The dictionary that holds the hook, under `handle.id`.
    extra : tuple of mappings, optional
        Dictionaries with notes on the hook under the same key.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.Identity()
    >>> handle = layer.register_forward_hook(lambda m, x, y: y + 1)
    >>> layer(torch.zeros(1))
    tensor([1.])
    >>> handle.remove()
    >>> layer(torch.zeros(1))
    tensor([0.])
    """

    def __init__(
        self,
        hooks: MutableMapping[int, Any],
        *,
        extra: tuple[MutableMapping[int, Any], ...] = (),
    ) -> None:
        base = _hooks.RemovableHandle
        self.id = base.next_id
        base.next_id += 1
        # Weak, so that a handle kept by the user does not keep the module's
        # hooks (and whatever they close over) alive.
        self._tables = [_reference(table) for table in (hooks, *extra)]

    def remove(self) -> None:
        """Take the hook out; doing it twice is harmless."""
        for reference in self._tables:
            table = reference()
            if table is not None:
                table.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()

    def __getstate__(self) -> tuple[int, list[Any]]:
        return self.id, [reference() for reference in self._tables]

    def __setstate__(self, state: tuple[int, list[Any]]) -> None:
        self.id, tables = state
        self._tables = [_reference(t if t is not None else _Gone()) for t in tables]
        base = _hooks.RemovableHandle
        base.next_id = max(base.next_id, self.id + 1)


class _Gone(dict[int, Any]):
    """A table that died; its reference dies with it."""


def _reference(table: Any) -> Any:
    try:
        return weakref.ref(table)
    except TypeError:  # a plain dict cannot be referred to weakly
        return lambda: table
