"""Checkpoints that keep the results of some operations: selective checkpoints.

While the first context is entered, every operation is handed over (see
`derivo.func._modes`), carried out, and its result kept if the policy says so. In the
second, what was kept takes the place of computing: the operation's node is hung on it,
as `vmap` does, so that the graph of the second run is that of the first.
"""

from __future__ import annotations

import enum
import threading
from typing import TYPE_CHECKING, Any

from derivo._core import products, reduce
from derivo._core.copies import _copy_into
from derivo._core.saved import _set_flag
from derivo._core.tensor import (
    TensorBase,
    _count_modes,
    _detach,
    _needs_grad,
    is_grad_enabled,
)
from derivo.func import _modes
from derivo.ops._overloads import OpOverload, OpOverloadPacket, identify, packet

if TYPE_CHECKING:
    from collections.abc import Callable

    Policy = Callable[..., Any]

__all__ = [
    "SAC_IGNORED_OPS",
    "CheckpointPolicy",
    "SelectiveCheckpointContext",
    "create_selective_checkpoint_contexts",
]

# The bit of `ThreadFlag` in `_core/tensor.pxd`.
_WATCHES_OPS = 16

SAC_IGNORED_OPS = {packet("detach").default}
"""Operations that no policy is asked about."""


class CheckpointPolicy(enum.Enum):
    """What a policy wants done with the result of an operation.

    ``MUST_SAVE`` and ``PREFER_SAVE`` keep it; ``MUST_RECOMPUTE`` and
    ``PREFER_RECOMPUTE`` have it computed again. The offloads, to the memory that
    everything is in already, compute again as well, as they do in PyTorch outside of
    its compiler. Must and prefer differ for compilers only.
    """

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


_SAVES = (CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE)


class SelectiveCheckpointContext:
    """What a policy is told beside the operation and its arguments.

    Attributes
    ----------
    is_recompute : bool
        False: policies are asked in forward only.
    op_output : object
        What the operation returned.
    """

    def __init__(self, *, is_recompute: bool, op_output: Any = None) -> None:
        self.is_recompute = is_recompute
        self.op_output = op_output


# ------------------------------------------------------------------ watching


class _Watchers(threading.local):
    """Of one thread: who is handed operations, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[_Watcher] = []


_watchers = _Watchers()


def _handed_over(kind: str, op: Any, args: tuple[Any, ...]) -> Any:
    """Give an operation to the innermost watcher; what it does, to the next."""
    if op is products.matmul:
        from derivo.func._batch import matmul_by_parts

        return matmul_by_parts(*args)
    stack = _watchers.stack
    watcher = stack.pop()
    _set_flag(_WATCHES_OPS, bool(stack))
    try:
        return watcher.handle(kind, op, args)
    finally:
        stack.append(watcher)
        _set_flag(_WATCHES_OPS, True)


_modes.set_watch(_handed_over)


class _Watcher:
    """Context in which operations are handed over to `_meet`."""

    def __init__(self, storage: dict[OpOverload, dict[int, Any]]) -> None:
        self._storage = storage
        self._counts: dict[OpOverload, int] = {}
        # Entered again where the function itself runs a backward pass.
        self._outside: list[tuple[list[_Watcher], dict[OpOverload, int]]] = []

    def __enter__(self) -> _Watcher:
        stack = _watchers.stack
        self._outside.append((stack, self._counts))
        self._counts = {}
        # The checkpoint's own contexts are no business of each other.
        _watchers.stack = [w for w in stack if w._storage is not self._storage]
        _watchers.stack.append(self)
        _count_modes(1)
        _set_flag(_WATCHES_OPS, True)
        return self

    def __exit__(self, *_: object) -> None:
        _watchers.stack, self._counts = self._outside.pop()
        _count_modes(-1)
        _set_flag(_WATCHES_OPS, bool(_watchers.stack))

    def handle(self, kind: str, op: Any, args: tuple[Any, ...]) -> Any:
        """Carry out an operation, or what takes its place."""
        name, flat, kwargs = identify(kind, op, args)
        if name in SAC_IGNORED_OPS:
            return _modes.again(kind, op, args)
        place = self._counts.get(name, 0)
        self._counts[name] = place + 1
        return self._meet(_Call(kind, op, args), name, place, flat, kwargs)

    def _meet(
        self, call: _Call, name: OpOverload, place: int, flat: Any, kwargs: Any
    ) -> Any:
        raise NotImplementedError


class _Call:
    """An operation that was handed over."""

    __slots__ = ("args", "kind", "op")

    def __init__(self, kind: str, op: Any, args: tuple[Any, ...]) -> None:
        self.kind = kind
        self.op = op
        self.args = args

    def run(self) -> Any:
        return _modes.again(self.kind, self.op, self.args)

    @property
    def inplace(self) -> bool:
        return self.kind == "inplace" or (self.kind == "primitive" and self.op.inplace)

    @property
    def computes(self) -> bool:
        """Whether there is something to keep: views are taken again at no cost."""
        if self.kind == "function":
            return self.op in _COMPUTES
        return not (self.kind == "out" or (self.kind == "primitive" and self.op.view))

    def given(self, made: Any) -> Any:
        """What `run` would return, where its values are there already."""
        op, args = self.op, self.args
        if self.inplace:
            target = args[0][0] if self.kind == "primitive" else args[0]
            return op.hang_inplace(lambda: _copy_into(target, made), *args)
        if self.kind != "function":
            return op.hang(made, *args)
        if op is products.again:
            return products.hang(made, *args)
        if is_grad_enabled() and _needs_grad(args[0]):
            return reduce.hang_sum(made, op is reduce.mean, *args)
        return made


_COMPUTES = (products.again, reduce.sum, reduce.mean)


# ------------------------------------------------------------------ the two contexts


class _Kept:
    """A result that is kept, and the versions at which it was."""

    __slots__ = ("_tensors", "_type", "_versions")

    def __init__(self, made: Any, stale: bool) -> None:
        self._type = None if isinstance(made, TensorBase) else type(made)
        several = (made,) if self._type is None else made
        self._tensors = [None if t is None else _detach(t) for t in several]
        # A change in place counts after its result is there, as in PyTorch.
        self._versions = [
            -1 if t is None or stale else t._version for t in self._tensors
        ]

    def take(self, mutable: bool) -> Any:
        for tensor, version in zip(self._tensors, self._versions, strict=True):
            if tensor is not None and not mutable and tensor._version != version:
                raise RuntimeError(
                    "[checkpoint] Tensor cached during selective activation checkpoint "
                    "has been mutated: an operation in place wrote to it after it was "
                    "kept. Keep another operation's result, write out of place, or "
                    "pass allow_cache_entry_mutation=True if the change does no harm."
                )
        return self._tensors[0] if self._type is None else self._type(self._tensors)


_AGAIN = object()
_GONE = object()

_DIFFERS = (
    "The function must do the same each time: does it depend on something that has "
    "changed, such as a global or a training flag?"
)


class _Keeping(_Watcher):
    """Of forward: keep what the policy says."""

    def __init__(self, policy: Policy, storage: dict[OpOverload, Any]) -> None:
        super().__init__(storage)
        self._policy = policy

    def _meet(
        self, call: _Call, name: OpOverload, place: int, flat: Any, kwargs: Any
    ) -> Any:
        made = call.run()
        context = SelectiveCheckpointContext(is_recompute=False, op_output=made)
        wanted = self._policy(context, name, *flat, **kwargs)
        entry: Any = _AGAIN
        # What hands an operand on has computed nothing.
        computes = call.computes and (call.inplace or all(made is not a for a in flat))
        if computes and (wanted is True or wanted in _SAVES):
            entry = _Kept(made, call.inplace)
        self._storage.setdefault(name, {})[place] = entry
        return made


class _Giving(_Watcher):
    """Of recomputation: give what was kept, compute what was not."""

    def __init__(self, storage: dict[OpOverload, Any], mutable: bool) -> None:
        super().__init__(storage)
        self._mutable = mutable
        self._taken: list[tuple[OpOverload, int]] = []

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        # A backward pass that the function itself runs takes nothing away.
        if all(w._storage is not self._storage for w in _watchers.stack):
            for name, place in self._taken:
                self._storage[name][place] = _GONE
            self._taken.clear()

    def _meet(
        self, call: _Call, name: OpOverload, place: int, flat: Any, kwargs: Any
    ) -> Any:
        entries = self._storage.get(name)
        if entries is None:
            raise RuntimeError(
                f"[checkpoint] {name} encountered during backward but not found in "
                f"storage: the first run had none. {_DIFFERS}"
            )
        entry = entries.get(place)
        if entry is None:
            raise RuntimeError(
                f"[checkpoint] {name} invocation index {place} encountered during "
                f"backward but not found in storage: the first run had {len(entries)}. "
                f"{_DIFFERS}"
            )
        if entry is _GONE:
            raise RuntimeError(
                "[checkpoint] Trying to backward an extra time. What a selective "
                "checkpoint has kept is given away once: expected one backward pass, "
                "got another. Let the policy keep nothing, or use a GraphExecGroup."
            )
        if entry is _AGAIN:
            return call.run()
        made = call.given(entry.take(self._mutable))
        self._taken.append((name, place))
        return made


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Policy | list[OpOverload],
    allow_cache_entry_mutation: bool = False,
) -> tuple[_Watcher, _Watcher]:
    """Make the two contexts of a checkpoint that keeps some operations' results.

    Parameters
    ----------
    policy_fn_or_list : callable or list
        ``policy(ctx, op, *args, **kwargs)`` is asked for each operation of forward and
        returns a `CheckpointPolicy` (or a bool: keep it or not). A list keeps the
        results of the operations in it, such as ``derivo.ops.aten.mm.default``.
    allow_cache_entry_mutation : bool, default False
        Use what was kept even if it was changed in place since.

    Returns
    -------
    tuple
        Contexts of forward and of recomputation, for one checkpoint: see `context_fn`.

    Raises
    ------
    TypeError
        If the policy is neither a function nor a list.
    ValueError
        If something in the list is no operation.
    RuntimeError
        In backward: if a tensor that was kept was changed in place (a change in place
        is itself never kept), if the second run does other operations than the first,
        or for a second backward pass.

    Notes
    -----
    Random numbers are drawn again, from the same state; no policy is asked about them.
    Views are taken again, since that costs nothing.

    Examples
    --------
    >>> import functools
    >>> import derivo
    >>> from derivo.utils.checkpoint import (
    ...     checkpoint,
    ...     create_selective_checkpoint_contexts,
    ... )
    >>> x = derivo.ones(2, 2, requires_grad=True)
    >>> keep = [derivo.ops.aten.mm.default]
    >>> y = checkpoint(
    ...     lambda t: (t @ t).sin(),
    ...     x,
    ...     use_reentrant=False,
    ...     context_fn=functools.partial(create_selective_checkpoint_contexts, keep),
    ... )
    >>> y.sum().backward()  # sin is computed again, the product is not
    """
    if isinstance(policy_fn_or_list, list):
        for op in policy_fn_or_list:
            if isinstance(op, OpOverload):
                continue
            more = (
                f" Name one of its forms: {op}.{op.overloads()[0]}."
                if isinstance(op, OpOverloadPacket)
                else ""
            )
            raise ValueError(
                "[checkpoint] Expected op in `op_list` to be an OpOverload but got: "
                f"{op} of type {type(op)}.{more}"
            )
        chosen = frozenset(policy_fn_or_list)

        def policy(_ctx: Any, op: OpOverload, *_args: Any, **_kwargs: Any) -> bool:
            return op in chosen
    elif callable(policy_fn_or_list):
        policy = policy_fn_or_list
    else:
        raise TypeError(
            "[checkpoint] policy_fn_or_list must be either a function or a list of "
            f"ops, got {type(policy_fn_or_list).__name__}."
        )
    storage: dict[OpOverload, dict[int, Any]] = {}
    return _Keeping(policy, storage), _Giving(storage, allow_cache_entry_mutation)
