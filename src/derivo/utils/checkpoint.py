"""Trading time for memory: what the graph would save is computed again instead."""

from __future__ import annotations

import contextlib
import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Any

from derivo._core.autograd import _current_task
from derivo._core.tensor import TensorBase, is_grad_enabled
from derivo.autograd._saved_hooks import saved_tensors_hooks
from derivo.autograd.function import Function
from derivo.autograd.grad_mode import enable_grad, no_grad
from derivo.utils._devices import (
    DefaultDeviceType,
    get_device_states,
    set_device_states,
)
from derivo.utils._selective import (
    SAC_IGNORED_OPS,
    CheckpointPolicy,
    SelectiveCheckpointContext,
    create_selective_checkpoint_contexts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from derivo import Tensor

__all__ = [
    "SAC_IGNORED_OPS",
    "CheckpointError",
    "CheckpointFunction",
    "CheckpointPolicy",
    "DefaultDeviceType",
    "GraphExecGroup",
    "SelectiveCheckpointContext",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "create_selective_checkpoint_contexts",
    "detach_variable",
    "get_device_states",
    "noop_context_fn",
    "set_device_states",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
]


class CheckpointError(RuntimeError):
    """What was computed again is not what was computed first."""


class _Settings(threading.local):
    """Of one thread: what the `set_checkpoint_...` contexts have set."""

    early_stop = True
    debug: bool | None = None
    group: GraphExecGroup | None = None


_settings = _Settings()


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Generator[None, None, None]:
    """Set whether recomputation ends with the last tensor that is needed.

    For checkpoints whose forward runs inside ``with``; theirs is the decision, also
    when backward runs outside.

    Parameters
    ----------
    enable : bool
        True by default.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.checkpoint import checkpoint, set_checkpoint_early_stop
    >>> x = derivo.ones(2, requires_grad=True)
    >>> with set_checkpoint_early_stop(False):
    ...     y = checkpoint(derivo.exp, x, use_reentrant=False)
    >>> y.sum().backward()
    """
    before = _settings.early_stop
    _settings.early_stop = enable
    try:
        yield
    finally:
        _settings.early_stop = before


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Generator[None, None, None]:
    """Override the argument `debug` of checkpoints inside ``with``.

    Parameters
    ----------
    enabled : bool or None
        None: let the argument decide.
    """
    before = _settings.debug
    _settings.debug = enabled
    try:
        yield
    finally:
        _settings.debug = before


class GraphExecGroup:
    """Backward passes that share what checkpoints have computed again.

    Without it every backward pass recomputes for itself. Inside ``with``, a pass finds
    what an earlier one of the group has recomputed; each saved tensor can be used by
    one of them only.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.checkpoint import GraphExecGroup, checkpoint
    >>> x = derivo.ones(2, requires_grad=True)
    >>> a, b = checkpoint(lambda t: (t.exp(), t.sin()), x, use_reentrant=False)
    >>> with GraphExecGroup():
    ...     a.sum().backward()
    ...     b.sum().backward()  # nothing is computed again
    """

    def __enter__(self) -> GraphExecGroup:
        if _settings.group is not None:
            raise RuntimeError(
                "[GraphExecGroup] GraphExecGroup contexts cannot be nested: leave the "
                "one that is open first."
            )
        _settings.group = self
        return self

    def __exit__(self, *_: object) -> None:
        _settings.group = None


def noop_context_fn() -> tuple[
    AbstractContextManager[Any], AbstractContextManager[Any]
]:
    """Give two contexts that do nothing, for forward and for recomputation."""
    return contextlib.nullcontext(), contextlib.nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[
        [], tuple[AbstractContextManager[Any], AbstractContextManager[Any]]
    ] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """Call `function` without keeping what its derivative needs; compute that again.

    Parameters
    ----------
    function : callable
        Must do the same when it is called again; random numbers are the same.
    *args, **kwargs
        Its arguments (and `preserve_rng_state`, True by default: whether the second
        run sees the random numbers of the first).
    use_reentrant : bool
        False: hooks on the saved tensors, which allow whatever autograd does. True:
        an `autograd.Function` that runs forward without a graph and backward inside
        backward; gradients flow to arguments only, and `autograd.grad` and ``inputs=``
        are refused. To be given: without it, True is taken with a warning.
    context_fn : callable, optional
        Gives two contexts, one for forward and one for recomputation. Not with
        ``use_reentrant=True``.
    determinism_check : {"default", "none"}
        Whether shapes, dtypes and devices of what is computed again are compared.
    debug : bool, default False
        Let the error for such a difference say what made the tensors in both runs.
    early_stop : bool, default True
        End recomputation with the last tensor that is needed.

    Returns
    -------
    object
        What `function` returned.

    Raises
    ------
    CheckpointError
        In backward, if the second run saves another number of tensors, or other ones.
    ValueError
        For arguments that do not go together.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.checkpoint import checkpoint
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = checkpoint(lambda t: (t.exp() * t).sum(), x, use_reentrant=False)
    >>> y.backward()
    >>> x.grad
    tensor([ 5.4366, 22.1672])
    """
    if use_reentrant is None:
        warnings.warn(
            "[checkpoint] the use_reentrant parameter should be passed explicitly. "
            "use_reentrant=False is recommended; True is taken while it is not given.",
            UserWarning,
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError(
                "[checkpoint] Unexpected keyword arguments: " + ", ".join(kwargs)
            )
        if context_fn is not noop_context_fn or debug:
            raise ValueError(
                "[checkpoint] Passing `context_fn` or `debug` is only supported when "
                "use_reentrant=False."
            )
        return CheckpointFunction.apply(function, preserve, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(
            "[checkpoint] determinism_check should be one of 'default', 'none', got "
            f"{determinism_check=}."
        )
    if _settings.debug is not None:
        debug = _settings.debug
    if debug and context_fn is not noop_context_fn:
        raise ValueError(
            "[checkpoint] debug=True is incompatible with non-default context_fn."
        )
    forward_context, again_context = context_fn()
    if not is_grad_enabled():
        with forward_context:
            return function(*args, **kwargs)
    frame = _Frame(
        lambda: function(*args, **kwargs),
        again_context,
        preserve,
        early_stop and _settings.early_stop,
        determinism_check == "default",
    )
    frame.debug = debug
    with saved_tensors_hooks(frame.pack, frame.unpack), forward_context:
        return function(*args, **kwargs)


class _Stop(Exception):
    """All that is needed has been computed again."""


class _Holder:
    """Stands for one saved tensor; what was computed again is found by it."""

    __slots__ = ("__weakref__", "found")

    def __init__(self) -> None:
        self.found: dict[Any, Any] = {}  # backward pass -> tensor


class _Frame:
    """One checkpointed call."""

    def __init__(
        self,
        call: Callable[[], Any],
        context: AbstractContextManager[Any],
        preserve: bool,
        early_stop: bool,
        compare: bool,
    ) -> None:
        self._call = call
        self._context = context
        self._early_stop = early_stop
        self._compare = compare
        self._holders: list[weakref.ref[_Holder]] = []
        self._looks: list[tuple[Any, ...]] = []
        self._producers: list[str] = []
        self._done: set[Any] = set()
        self._random: Any = None
        self.debug = False
        if preserve:
            from derivo.random import get_rng_state

            self._random = get_rng_state()

    # --- hooks of the first run

    def pack(self, tensor: Tensor) -> _Holder:
        holder = _Holder()
        self._holders.append(weakref.ref(holder))
        self._looks.append(_look(tensor))
        if self.debug:
            self._producers.append(_producer(tensor))
        return holder

    def unpack(self, holder: _Holder) -> Tensor:
        key = self._pass()
        if key not in holder.found:
            if key in self._done:
                raise CheckpointError(
                    "[checkpoint] Unpack is being triggered for a tensor that was "
                    "already unpacked once: what is computed again is given away once "
                    "in a backward pass (or GraphExecGroup). Keep ctx.saved_tensors in "
                    "a variable if a backward of your own uses it twice."
                )
            self._recompute(key)
            if not isinstance(key, _Alone):
                self._done.add(key)
        found: Tensor = holder.found.pop(key)
        return found

    def _pass(self) -> Any:
        """What the recomputed belongs to: this backward pass, or its group."""
        if _settings.group is not None:
            return _settings.group
        task = _current_task()
        return task if task >= 0 else _Alone()

    # --- the second run

    def _recompute(self, key: Any) -> None:
        looks: list[tuple[Any, ...]] = []
        producers: list[str] = []
        needed = len(self._holders)

        def pack(tensor: Tensor) -> Any:
            k = len(looks)
            looks.append(_look(tensor))
            if self.debug:
                producers.append(_producer(tensor))
            # Without its history: the node that asks restores that.
            kept = tensor.detach()
            holder = self._holders[k]() if k < needed else None
            if holder is not None:
                holder.found[key] = kept
            if self._early_stop and k + 1 == needed:
                raise _Stop
            return kept

        with contextlib.ExitStack() as stack:
            if self._random is not None:
                stack.enter_context(_random_state(self._random))
            stack.enter_context(enable_grad())
            stack.enter_context(saved_tensors_hooks(pack, lambda t: t))
            stack.enter_context(self._context)
            with contextlib.suppress(_Stop):
                self._call()
        if len(looks) != needed:
            raise self._count_error(len(looks))
        if self._compare:
            self._check(looks, producers)

    def _count_error(self, count: int) -> CheckpointError:
        return CheckpointError(
            "[checkpoint] A different number of tensors was saved during the original "
            f"forward and recomputation: {len(self._holders)} first, {count} when "
            "computed again. The function must do the same each time: does it depend "
            "on something that has changed, such as a global or a training flag?"
        )

    def _check(self, looks: list[tuple[Any, ...]], producers: list[str]) -> None:
        different = [
            f"tensor at position {k}: saved metadata {_text(a)}, recomputed metadata "
            f"{_text(b)}"
            for k, (a, b) in enumerate(zip(self._looks, looks, strict=True))
            if a != b
        ]
        if not different:
            return
        more = ""
        if self.debug:
            more = (
                f"\nWhat made them, in forward: {', '.join(self._producers)}\n"
                f"and when computed again: {', '.join(producers)}"
            )
        raise CheckpointError(
            "[checkpoint] Recomputed values for the following tensors have different "
            "metadata than during the forward pass.\n" + "\n".join(different) + more
        )


def _look(tensor: Any) -> tuple[Any, ...]:
    return tuple(tensor.shape), tensor.dtype, tensor.device


def _text(look: tuple[Any, ...]) -> str:
    shape, dtype, device = look
    return f"{{'shape': {list(shape)}, 'dtype': {dtype}, 'device': {device}}}"


@contextlib.contextmanager
def _random_state(state: Any) -> Iterator[None]:
    from derivo.random import get_rng_state, set_rng_state

    before = get_rng_state()
    set_rng_state(state)
    try:
        yield
    finally:
        set_rng_state(before)


def _producer(tensor: Tensor) -> str:
    return "an input" if tensor.grad_fn is None else tensor.grad_fn.name()


class _Alone:
    """Of a saved tensor that is looked at outside of any backward pass."""


# ------------------------------------------------------------------ the older kind


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Detach the tensors of a tuple, each with its `requires_grad`."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            "[detach_variable] Only tuple of tensors is supported. Got Unsupported "
            f"input type: {type(inputs).__name__}."
        )
    out = []
    for item in inputs:
        if isinstance(item, TensorBase):
            made = item.detach()
            made.requires_grad = item.requires_grad
            out.append(made)
        else:
            out.append(item)
    return tuple(out)


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn if none of the tensors of `inputs` requires a gradient.

    Parameters
    ----------
    inputs : iterable
        Arguments of a function that is to be checkpointed with ``use_reentrant=True``.
    """
    if not any(isinstance(a, TensorBase) and a.requires_grad for a in inputs):
        warnings.warn(
            "[checkpoint] None of the inputs have requires_grad=True. Gradients "
            "will be None: pass use_reentrant=False if parameters of the function "
            "should get theirs.",
            UserWarning,
            stacklevel=2,
        )


class CheckpointFunction(Function):
    """The call of ``checkpoint(..., use_reentrant=True)``."""

    @staticmethod
    def forward(
        ctx: Any, function: Callable[..., Any], preserve: bool, *args: Any
    ) -> Any:
        """Run `function` without a graph."""
        check_backward_validity(args)
        ctx.function = function
        ctx.random = None
        if preserve:
            from derivo.random import get_rng_state

            ctx.random = get_rng_state()
        ctx.places = [k for k, a in enumerate(args) if isinstance(a, TensorBase)]
        ctx.others = [None if isinstance(a, TensorBase) else a for a in args]
        ctx.save_for_backward(*(args[k] for k in ctx.places))
        with no_grad():
            return function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Run `function` again with a graph, and that graph backward."""
        from derivo._core.autograd import _accumulates

        if not _accumulates():
            raise RuntimeError(
                "[checkpoint] use_reentrant=True is incompatible with .grad() or "
                "passing an `inputs` parameter to .backward(): its backward "
                "accumulates in all leaves. Pass use_reentrant=False."
            )
        args = list(ctx.others)
        for k, tensor in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[k] = tensor
        detached = detach_variable(tuple(args))
        with contextlib.ExitStack() as stack:
            if ctx.random is not None:
                stack.enter_context(_random_state(ctx.random))
            stack.enter_context(enable_grad())
            out = ctx.function(*detached)
        outs = (out,) if isinstance(out, TensorBase) else tuple(out)
        pairs = [
            (o, g)
            for o, g in zip(outs, grads, strict=True)
            if isinstance(o, TensorBase) and o.requires_grad
        ]
        if not pairs:
            raise RuntimeError(
                "[checkpoint] none of output has requires_grad=True, this checkpoint() "
                "is not necessary."
            )
        from derivo.autograd._engine import backward

        backward([o for o, _ in pairs], [g for _, g in pairs])
        return (
            None,
            None,
            *(a.grad if isinstance(a, TensorBase) else None for a in detached),
        )


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Run functions one after another, all but the last segment checkpointed.

    Parameters
    ----------
    functions : Sequential or sequence of callable
        Each takes what the one before it returned.
    segments : int
        How many parts to make of them.
    input : object
        Of the first.
    use_reentrant : bool
        See `checkpoint`.
    **kwargs
        `preserve_rng_state`.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.checkpoint import checkpoint_sequential
    >>> x = derivo.ones(2, requires_grad=True)
    >>> steps = [derivo.exp, derivo.sin, derivo.tanh]
    >>> y = checkpoint_sequential(steps, 2, x, use_reentrant=False)
    >>> y.sum().backward()
    """
    if use_reentrant is None:
        warnings.warn(
            "[checkpoint_sequential] the use_reentrant parameter should be passed "
            "explicitly. use_reentrant=False is recommended; True is taken while it is "
            "not given.",
            UserWarning,
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError(
            "[checkpoint_sequential] Unexpected keyword arguments: " + ", ".join(kwargs)
        )
    steps = list(functions.children()) if hasattr(functions, "children") else functions
    size = len(steps) // segments

    def part(of: Sequence[Any]) -> Callable[[Any], Any]:
        def run(value: Any) -> Any:
            for step in of:
                value = step(value)
            return value

        return run

    start = 0
    for _ in range(segments - 1):
        input = checkpoint(
            part(steps[start : start + size]),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve,
        )
        start += size
    return part(steps[start:])(input)
