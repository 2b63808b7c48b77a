"""Functions defined by users (`autograd.Function`) inside `vmap`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core.tensor import TensorBase
from derivo.func._batch import Frame, lift, peel, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["custom"]


class VmapInfo(NamedTuple):
    """What the ``vmap`` staticmethod of a Function is told."""

    batch_size: int
    randomness: str


def _refuse(cls: Any, why: str) -> None:
    raise RuntimeError(f"[{cls.__name__}] {why}")


def custom(cls: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    """Call a Function on tensors of a level: by its own rule, or a generated one."""
    from derivo._core.tensor import is_grad_enabled
    from derivo.autograd import Function
    from derivo.func._batch import _Outer, _recorded

    name = cls.__name__
    own = getattr(cls, "vmap", None) is not getattr(Function, "vmap", None)
    if own and cls.generate_vmap_rule:
        _refuse(
            cls,
            f"You tried to vmap over {name}, but it has both generate_vmap_rule=True "
            "and an overriden vmap staticmethod. Please set generate_vmap_rule=False "
            "or delete the overriden vmap staticmethod to avoid ambiguity.",
        )
    if not own and not cls.generate_vmap_rule:
        _refuse(
            cls,
            f"You tried to vmap over {name}, but it does not have vmap support. Please "
            "override and implement the vmap staticmethod or set "
            "generate_vmap_rule=True.",
        )
    if cls.setup_context is Function.setup_context:
        _refuse(
            cls,
            "In order to use an autograd.Function with functorch transforms (vmap, "
            "grad, jvp, jacrev, ...), it must override the setup_context staticmethod.",
        )
    pairs = [peel(a, level) if isinstance(a, TensorBase) else (a, False) for a in args]
    physical = [t for t, _ in pairs]
    flags = [flag for _, flag in pairs]
    with _Outer(frame.outer):
        if not any(flags):
            made = cls.apply(*physical)
            outputs = _each(made, lambda t: wrap(t, frame, False))
        elif own:
            outputs = _by_rule(cls, physical, flags, frame)
        else:
            outputs = _generated(cls, physical, flags, frame)
    if not (is_grad_enabled() and _recorded(args, level)):
        return outputs
    # The node that the level's own graph gets: of this Function, on its wrappers.
    known = type(name, (cls,), {"forward": staticmethod(lambda *a: outputs)})
    return known._run(args)[1]  # type: ignore[attr-defined]


def _each(made: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(made, tuple):
        return tuple(function(t) if isinstance(t, TensorBase) else t for t in made)
    return function(made)


def _by_rule(cls: Any, physical: list[Any], flags: list[bool], frame: Frame) -> Any:
    info = VmapInfo(frame.size, frame.randomness)
    dims = tuple(0 if flag else None for flag in flags)
    found = cls.vmap(info, dims, *physical)
    if not isinstance(found, tuple) or len(found) != 2:
        _refuse(
            cls,
            "Expected the vmap staticmethod to have two returns, an output and "
            "out_dims with pytree structure compatible with the output. Got "
            f"{found!r}.",
        )
    out, out_dims = found

    def one(t: Any, d: Any) -> Any:
        if not isinstance(t, TensorBase):
            return t
        if d is None:
            return wrap(t, frame, False)
        return wrap(t if d == 0 else t.movedim(d, 0), frame)

    if not isinstance(out, tuple):
        return one(out, out_dims)
    if not isinstance(out_dims, tuple):
        out_dims = (out_dims,) * len(out)
    return tuple(one(t, d) for t, d in zip(out, out_dims, strict=True))


def _generated(cls: Any, physical: list[Any], flags: list[bool], frame: Frame) -> Any:
    """A Function of the physical tensors whose steps are those of `cls`, batched."""
    from derivo.autograd import Function

    size, randomness = frame.size, frame.randomness

    def wrapped(values: Any, chosen: Any, level: Frame) -> list[Any]:
        return [
            wrap(v, level) if flag and isinstance(v, TensorBase) else v
            for v, flag in zip(values, chosen, strict=True)
        ]

    def bare(t: Any, level: Frame) -> Any:
        if not isinstance(t, TensorBase):
            return t
        t, flag = peel(t, level.level)
        return lift(t, flag, size)

    def forward(ctx: Any, *values: Any) -> Any:
        # The level stays the one of what the inner ctx saves.
        with Frame(size, randomness) as level:
            inputs = wrapped(values, flags, level)
            inner = cls._backward_cls()
            inner._prepare(cls, tuple(inputs))
            inner.needs_input_grad = ctx.needs_input_grad
            outputs = cls.forward(*inputs)
            cls.setup_context(inner, tuple(inputs), outputs)
            inner._keep(outputs if isinstance(outputs, tuple) else (outputs,))
            ctx.inner, ctx.level = inner, level
            ctx.single = not isinstance(outputs, tuple)
            every = (outputs,) if ctx.single else outputs
            inner._output_meta = [
                (tuple(t.shape), t.dtype) if isinstance(t, TensorBase) else None
                for t in every
            ]
            made = tuple(bare(t, level) for t in every)
        constant = {id(t) for t in inner.non_differentiable}
        ctx.mark_non_differentiable(
            *(m for m, t in zip(made, every, strict=True) if id(t) in constant)
        )
        ctx.set_materialize_grads(False)
        return made[0] if ctx.single else made

    def backward(ctx: Any, *grads: Any) -> Any:
        from derivo.func import _modes
        from derivo.func._batch import frames

        level = ctx.level
        _modes.resume(level.level)
        frames().append(level)
        try:
            given = wrapped(grads, [g is not None for g in grads], level)
            found = ctx.inner._backward(tuple(given))
            out = iter(found)
            results = []
            for value, flag in zip(physical, flags, strict=True):
                if not isinstance(value, TensorBase):
                    results.append(None)
                    continue
                g = next(out)
                if g is not None:
                    g, batched = peel(g, level.level)
                    if flag:
                        g = lift(g, batched, size)
                    elif batched:
                        g = g.sum(0)
                    else:
                        g = g * size
                results.append(g)
            return tuple(results)
        finally:
            frames().pop()
            _modes.end(level.level)

    made = type(
        cls.__name__,
        (Function,),
        {"forward": staticmethod(forward), "backward": staticmethod(backward)},
    )
    return _each(made.apply(*physical), lambda t: wrap(t, frame))  # type: ignore[attr-defined]
