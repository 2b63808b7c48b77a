"""Hooks on everything that the graph saves for its way back."""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Any

from derivo._core.saved import _set_flag, set_default_hooks
from derivo.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from derivo import Tensor

__all__ = [
    "allow_mutation_on_saved_tensors",
    "before_write",
    "disable_saved_tensors_hooks",
    "save_on_cpu",
    "saved_tensors_hooks",
]

_HOOKS = 1
_WATCHED = 2


class _State(threading.local):
    """Of one thread: the pairs of hooks, why there may be none, who watches writes."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Any, Any]] = []
        self.disabled: str | None = None
        self.keeper: _Keeper | None = None

    def tell(self) -> None:
        """Let the core know whether there is anything to ask for."""
        _set_flag(_HOOKS, bool(self.pairs))
        _set_flag(_WATCHED, self.keeper is not None)


_state = _State()
set_default_hooks(lambda: _state.pairs[-1])


class saved_tensors_hooks:
    """Pack what is saved for backward, and unpack it when it is needed.

    Works in this thread, inside ``with``; of nested pairs the innermost applies.

    Parameters
    ----------
    pack_hook : callable
        Gets each tensor that an operation saves; returns anything. It must not change
        the tensor in place.
    unpack_hook : callable
        Gets what `pack_hook` returned, whenever the node needs it; returns a tensor of
        the same values.

    Raises
    ------
    RuntimeError
        Where `disable_saved_tensors_hooks` forbids it; if the pack hook changes its
        input.
    TypeError
        If the unpack hook does not return a tensor.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> half = lambda t: t.to(derivo.float16)
    >>> with derivo.autograd.graph.saved_tensors_hooks(half, lambda t: t.float()):
    ...     y = x.exp()
    >>> y.sum().backward()
    """

    def __init__(
        self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]
    ) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if _state.disabled is not None:
            raise GraphError(_state.disabled)
        for hook in (self.pack_hook, self.unpack_hook):
            if not callable(hook):
                raise TypeError(
                    "[saved_tensors_hooks] incompatible function arguments: expected "
                    f"two callables, got {type(hook).__name__}."
                )
        _state.pairs.append((self.pack_hook, self.unpack_hook))
        _state.tell()

    def __exit__(self, *_: object) -> None:
        _state.pairs.pop()
        _state.tell()


class save_on_cpu(saved_tensors_hooks):
    """Keep what is saved for backward in the host's memory.

    Tensors are there already, so this keeps them as they are; with `pin_memory` it
    keeps copies, as a copy to another memory would.

    Parameters
    ----------
    pin_memory : bool, default False
        Keep copies.
    device_type : str, default "cuda"
        Of the device whose memory is spared; taken for PyTorch's sake.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> with derivo.autograd.graph.save_on_cpu():
    ...     y = (x * x).sum()
    >>> y.backward()
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Tensor) -> Tensor:
            return tensor.detach().clone() if pin_memory else tensor

        super().__init__(pack, lambda tensor: tensor)


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Generator[None, None, None]:
    """Forbid `saved_tensors_hooks` inside ``with``.

    Parameters
    ----------
    error_message : str
        Of the RuntimeError that using them raises.

    Examples
    --------
    >>> import derivo
    >>> with derivo.autograd.graph.disable_saved_tensors_hooks("not here"):
    ...     pass
    """
    if _state.pairs:
        raise GraphError(error_message)
    before = _state.disabled
    _state.disabled = error_message
    try:
        yield
    finally:
        _state.disabled = before


# ------------------------------------------------------ changes of what was saved


class _Handle:
    """One saved tensor: itself, until it is about to be changed; then a copy."""

    __slots__ = ("__weakref__", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor: Any = tensor


class _Keeper:
    """The context of `allow_mutation_on_saved_tensors`."""

    def __init__(self) -> None:
        self._by_memory: dict[int, weakref.WeakSet[_Handle]] = {}
        self._all: weakref.WeakSet[_Handle] = weakref.WeakSet()

    def pack(self, tensor: Tensor) -> _Handle:
        handle = _Handle(tensor)
        place = tensor.untyped_storage().data_ptr()
        self._by_memory.setdefault(place, weakref.WeakSet()).add(handle)
        self._all.add(handle)
        return handle

    def unpack(self, handle: _Handle) -> Tensor:
        if handle not in self._all:
            raise AssertionError(
                "[allow_mutation_on_saved_tensors] Trying to backward outside of the "
                "'allow_mutation_on_saved_tensors' context in which the graph was "
                "originally recorded."
            )
        tensor: Tensor = handle.tensor
        return tensor

    def keep(self, tensor: Tensor) -> None:
        """Copy what is saved of the memory of `tensor`, before it is changed."""
        handles = self._by_memory.pop(tensor.untyped_storage().data_ptr(), None)
        for handle in handles or ():
            handle.tensor = handle.tensor.detach().clone()

    def clear(self) -> None:
        """Forget all; graphs recorded so far can no longer run."""
        self._by_memory.clear()
        self._all.clear()


def before_write(tensor: Tensor) -> None:
    """What the core calls before a write, while writes are watched."""
    if _state.keeper is not None:
        _state.keeper.keep(tensor)


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Generator[_Keeper, None, None]:
    """Let tensors that are saved for backward be changed in place.

    A copy is made just before the change, and backward uses the copy. Forward and
    backward must both happen inside ``with``; it cannot be nested.

    Raises
    ------
    RuntimeError
        If it is nested.
    AssertionError
        If backward runs after the context was left.

    Examples
    --------
    >>> import derivo
    >>> with derivo.autograd.graph.allow_mutation_on_saved_tensors():
    ...     a = derivo.ones(2, requires_grad=True)
    ...     b = a.clone()
    ...     c = (b**2).sum()
    ...     _ = b.mul_(3)
    ...     c.backward()
    >>> a.grad
    tensor([2., 2.])
    """
    if _state.keeper is not None:
        raise GraphError(
            "[allow_mutation_on_saved_tensors] allow_mutation_on_saved_tensors "
            "contexts cannot be nested."
        )
    keeper = _Keeper()
    with saved_tensors_hooks(keeper.pack, keeper.unpack):
        _state.keeper = keeper
        _state.tell()
        try:
            yield keeper
        finally:
            keeper.clear()
            _state.keeper = None
            _state.tell()
