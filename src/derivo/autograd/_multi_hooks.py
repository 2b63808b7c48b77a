"""One hook on several tensors."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from derivo._core.autograd import _current_task, _edge, _will_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor
    from derivo.utils.hooks import RemovableHandle

__all__ = ["register_multi_grad_hook"]


class _MultiHandle:
    """Takes all hooks of one registration away."""

    def __init__(self, handles: list[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Take the hook away from every tensor."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> _MultiHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor],
    fn: Callable[[Any], None],
    *,
    mode: str = "all",
) -> _MultiHandle:
    """Call one hook for the gradients of several tensors.

    Parameters
    ----------
    tensors : sequence of Tensor
        Each must require a gradient.
    fn : callable
        With mode ``"all"`` gets a list of the gradients, None for those that this
        backward pass does not compute, when the last of them is there. With mode
        ``"any"`` gets the first gradient that is computed. What it returns is ignored.
    mode : {"all", "any"}
        See `fn`.

    Returns
    -------
    handle
        Its ``remove()`` takes the hook away.

    Raises
    ------
    ValueError
        For another mode.
    RuntimeError
        In `grad` with respect to one of these tensors if it is a leaf: PyTorch does
        not support it.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.ones(1, requires_grad=True)
    >>> b = derivo.ones(1, requires_grad=True)
    >>> handle = derivo.autograd.graph.register_multi_grad_hook((a, b), print)
    >>> (a * 2 + b).sum().backward()
    [tensor([2.]), tensor([1.])]
    """
    if mode not in ("all", "any"):
        raise ValueError(
            "[register_multi_grad_hook] Expects mode to be one of ('all', 'any') but "
            f"got {mode}."
        )
    for t in tensors:
        if not t.requires_grad:
            raise AssertionError(
                "[register_multi_grad_hook] Expected gradient function to be set: "
                "every tensor must require a gradient."
            )
    lock = threading.Lock()
    if mode == "any":
        return _MultiHandle(_register_any(tensors, fn, lock))
    return _MultiHandle(_register_all(tensors, fn, lock))


def _register_any(
    tensors: Sequence[Tensor], fn: Callable[[Any], None], lock: threading.Lock
) -> list[Any]:
    last = [-1]

    def hook(gradient: Tensor) -> None:
        task = _current_task()
        with lock:
            if last[0] == task:
                return
            last[0] = task
        fn(gradient)

    return [t.register_hook(hook) for t in tensors]


def _register_all(
    tensors: Sequence[Tensor], fn: Callable[[Any], None], lock: threading.Lock
) -> list[Any]:
    nodes = [_edge(t)[0] for t in tensors]
    # For each backward pass under way: how many gradients are missing, and the rest.
    passes: dict[int, tuple[list[int], list[Any]]] = {}

    def hook_for(index: int) -> Callable[[Tensor], None]:
        def hook(gradient: Tensor) -> None:
            task = _current_task()
            with lock:
                if task not in passes:
                    expected = sum(map(_will_run, nodes))
                    passes[task] = ([expected], [None] * len(nodes))
                missing, gradients = passes[task]
                gradients[index] = gradient
                missing[0] -= 1
                complete = missing[0] == 0
                if complete:
                    del passes[task]
            if complete:
                fn(gradients)

        return hook

    return [t.register_hook(hook_for(i)) for i, t in enumerate(tensors)]
