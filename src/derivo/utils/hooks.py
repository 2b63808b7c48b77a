"""Handles that take a registered hook away again."""

from __future__ import annotations

from typing import Any

__all__ = ["RemovableHandle"]


class RemovableHandle:
    """What registering a hook returns; its ``remove()`` takes the hook away.

    Parameters
    ----------
    hooks : dict
        Where the hook is kept, by number.
    hook : callable
        The hook.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, requires_grad=True)
    >>> with x.register_hook(lambda g: 10 * g):
    ...     x.sum().backward()
    >>> x.grad
    tensor([10.])
    """

    next_id = 0

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        self._hooks = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; nothing happens if it is gone already."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
