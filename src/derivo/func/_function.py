"""Forward mode through a user's `autograd.Function`: its `jvp`.

With `setup_context`, each level calls the whole Function on what the level wraps, and
sets a context of its own up, so that levels nest. Without, the context is that of the
one call, and only `forward_ad`'s level can follow it.
"""

from __future__ import annotations

from typing import Any

from derivo._core import forward, tensor
from derivo._core.forward import attach, history, hold, release
from derivo._core.tensor import TensorBase
from derivo.autograd.function import Function, FunctionCtx
from derivo.func import _modes

__all__ = ["custom"]


class _Context(FunctionCtx):
    """What `setup_context` fills for one level."""

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.materialize_grads = True
        self.to_save: tuple[Any, ...] = ()
        self.saved_for_forward = None
        self.dirty_tensors: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.needs_input_grad = tuple(
            isinstance(a, TensorBase) and a.requires_grad for a in args
        )

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `jvp` reads: saved for forward or, if nothing was, for backward."""
        kept = self.saved_for_forward
        return tuple(self.to_save if kept is None else kept)


def custom(op: Any, args: tuple[Any, ...], level: int) -> Any:
    """Call a Function some of whose arguments have tangents of `level`."""
    if hasattr(op, "_stated"):
        from derivo.func import _stated

        return _stated.tangent(op, args, level)
    given = [_tangent(a, level) for a in args]
    if hasattr(op, "_tangents"):
        return _generated(op, args, given, level)
    separate = op.setup_context is not Function.setup_context
    held = hold(args, level)
    made: list[Any] = []
    try:
        if separate:
            out = op.apply(*args)
            ctx: Any = _Context(args)
            op.setup_context(ctx, args, out)
        else:
            _refuse_nesting(op, args, level)
            ctx, out = op._run(args)
        outs = out if isinstance(out, tuple) else (out,)
        if tensor._forward_enabled() and any(t is not None for t in given):
            made = _tangents(op, ctx, args, given, outs)
    finally:
        release(held, level)
    for o, t in zip(outs, made, strict=False):
        if t is not None:
            attach(o, level, t)
    return out


def _generated(op: Any, args: tuple[Any, ...], given: list[Any], level: int) -> Any:
    """Call what `vmap` has made of a Function, which knows how tangents go."""
    held = hold(args, level)
    try:
        out = op.apply(*args)
        made: tuple[Any, ...] = ()
        if tensor._forward_enabled() and any(t is not None for t in given):
            plain = (history(a) if isinstance(a, TensorBase) else a for a in args)
            made = op._tangents(tuple(plain), given)
    finally:
        release(held, level)
    outs = out if isinstance(out, tuple) else (out,)
    for o, t in zip(outs, made, strict=False):
        if isinstance(o, TensorBase) and (o.is_floating_point() or o.is_complex()):
            # A tangent is changed with its tensor: no two have the same one.
            attach(o, level, t.clone() if forward.shares_memory(t, given) else t)
    return out


def _tangent(a: Any, level: int) -> Any:
    return forward.tangents(a).get(level) if isinstance(a, TensorBase) else None


def _refuse_nesting(op: Any, args: tuple[Any, ...], level: int) -> None:
    from derivo.autograd import forward_ad

    if level != forward_ad._level or _modes.top_level(args)[0]:
        raise RuntimeError(
            f"[{op.__name__}] In order to use an autograd.Function with functorch "
            "transforms (vmap, grad, jvp, jacrev, ...), it must override the "
            "setup_context staticmethod: let forward take no ctx, and save there."
        )


def _tangents(
    op: Any,
    ctx: Any,
    args: tuple[Any, ...],
    given: list[Any],
    outs: tuple[Any, ...],
) -> list[Any]:
    name = op.__name__
    if op.jvp is Function.jvp:
        raise NotImplementedError(
            f"[{name}] You must implement the jvp function for custom "
            "autograd.Function to use it with forward mode AD."
        )
    incoming = list(given)
    if ctx.materialize_grads:
        from derivo.ops.creation import zeros_like

        incoming = [
            zeros_like(history(a)) if t is None and isinstance(a, TensorBase) else t
            for a, t in zip(args, given, strict=True)
        ]
    kept = ctx.saved_for_forward
    ctx.saved_for_forward = _aliases(ctx.to_save if kept is None else kept)
    ctx._in_jvp = True
    try:
        found = op.jvp(ctx, *incoming)
    finally:
        ctx._in_jvp = False
        ctx.saved_for_forward = kept
    several = found if isinstance(found, tuple) else (found,)
    if len(several) != len(outs):
        raise RuntimeError(
            f"[{name}] Function's jvp returned an invalid number of forward gradients "
            f"(expected {len(outs)} but got {len(several)}): one for each result of "
            "forward."
        )
    constant = {id(t) for t in ctx.non_differentiable}
    dirty = {id(t) for t in ctx.dirty_tensors}
    return [
        _checked(name, t, o, args, given, id(o) in dirty)
        if isinstance(o, TensorBase) and id(o) not in constant
        else None
        for o, t in zip(outs, several, strict=True)
    ]


def _aliases(tensors: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(history(t) if isinstance(t, TensorBase) else t for t in tensors)


def _checked(
    name: str,
    t: Any,
    out: Any,
    args: tuple[Any, ...],
    given: list[Any],
    changed: bool,
) -> Any:
    """Check the tangent of one result as PyTorch does."""
    if t is None or not (out.dtype.is_floating_point or out.dtype.is_complex):
        return None
    if not isinstance(t, TensorBase):
        raise RuntimeError(
            f"[{name}] expected Variable or None (got {type(t).__name__}) for grad "
            "output 0: jvp returns the tangents of forward's results."
        )
    if t.shape != out.shape:
        raise RuntimeError(
            f"[{name}] Trying to set a forward gradient that has a different size than "
            f"that of the original Tensor, this is not supported. Tensor is of size "
            f"{list(out.shape)} while the given forward gradient is of size "
            f"{list(t.shape)}."
        )
    tensors = [a if isinstance(a, TensorBase) else None for a in args]
    if changed:
        old = next((g for a, g in zip(args, given, strict=True) if a is out), None)
        if old is not None and t is not old:
            raise RuntimeError(
                f"[{name}] An inplace custom Function is not modifying the forward "
                "mode gradients inplace. If the forward is modifying an input inplace, "
                "then the jvp function must modify the corresponding gradient inplace."
            )
    elif forward.shares_memory(out, tensors) and not (
        t._is_view() and forward.shares_memory(t, given)
    ):
        raise RuntimeError(
            f"[{name}] A custom Function's forward is returning a view (or an input "
            "as-is) but the jvp is not returning a view. Return the same view of the "
            "tangent."
        )
    return t
