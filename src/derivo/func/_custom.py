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
    from derivo._core.batch import recorded
    from derivo._core.tensor import is_grad_enabled
    from derivo.autograd import Function
    from derivo.func._batch import _Outer

    if hasattr(cls, "_stated"):
        from derivo.func import _stated

        return _stated.batch(cls, args, frame, level)
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
    generated = hasattr(cls, "_tangents")
    if cls.setup_context is Function.setup_context and not generated:
        _refuse(
            cls,
            "In order to use an autograd.Function with functorch transforms (vmap, "
            "grad, jvp, jacrev, ...), it must override the setup_context staticmethod.",
        )
    if generated and is_grad_enabled() and recorded(args, level):
        # Its context is of one call: the level's own graph gets the node of this one.
        return cls._run(args)[1]
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
    if not (is_grad_enabled() and recorded(args, level)):
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


def _is_start(t: Any) -> bool:
    return isinstance(t, TensorBase) and (t.is_floating_point() or t.is_complex())


def _generated(cls: Any, physical: list[Any], flags: list[bool], frame: Frame) -> Any:
    """A Function of the physical tensors whose steps are those of `cls`, batched."""
    from derivo._core.autograd import _edge, run_backward
    from derivo._core.forward import leaf
    from derivo._core.tensor import _needs_grad, _set_grad_enabled, is_grad_enabled
    from derivo.autograd import Function
    from derivo.func import _modes
    from derivo.func._batch import frames

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

    def begin(t: Any, level: Frame) -> Any:
        """What the level's own graph of the Function starts at."""
        if not isinstance(t, TensorBase):
            return t
        if t._batch is None or t._batch.level != level.level:
            t = wrap(t, level, False)
        return leaf(t, t.is_floating_point() or t.is_complex())

    def forward(ctx: Any, *values: Any) -> Any:
        with Frame(size, randomness) as level:
            level.outer = False
            inputs = [begin(t, level) for t in wrapped(values, flags, level)]
            before = _set_grad_enabled(True)
            try:
                outputs = cls._run(tuple(inputs))[1]
            finally:
                _set_grad_enabled(before)
            every = outputs if isinstance(outputs, tuple) else (outputs,)
            made = tuple(bare(t, level) for t in every)
        ctx.level, ctx.starts, ctx.every = level, inputs, every
        ctx.mark_non_differentiable(
            *(
                m
                for m, t in zip(made, every, strict=True)
                if isinstance(t, TensorBase) and not _needs_grad(t)
            )
        )
        ctx.set_materialize_grads(False)
        return made if isinstance(outputs, tuple) else made[0]

    def backward(ctx: Any, *grads: Any) -> Any:
        level = ctx.level
        level.outer = is_grad_enabled()
        _modes.resume(level.level)
        frames().append(level)
        try:
            pairs = [
                (t, wrap(g, level))
                for t, g in zip(ctx.every, grads, strict=True)
                if g is not None and _needs_grad(t)
            ]
            wanted = [t for t in ctx.starts if _is_start(t)]
            found = iter(
                run_backward(
                    [_edge(t) for t, _ in pairs],
                    [g for _, g in pairs],
                    True,
                    False,
                    [_edge(t) for t in wanted],
                    False,
                )
            )
            results = []
            for value, flag in zip(ctx.starts, flags, strict=True):
                g = next(found) if _is_start(value) else None
                if g is not None:
                    g, batched = peel(g, level.level)
                    if flag:
                        g = lift(g, batched, size)
                    else:
                        g = g.sum(0) if batched else g * size
                results.append(g)
            return tuple(results)
        finally:
            frames().pop()
            _modes.end(level.level)

    def tangents(values: tuple[Any, ...], given: list[Any]) -> tuple[Any, ...]:
        """Tangents of the outputs: forward mode of `cls`, over the examples."""
        from derivo.func import jvp

        moving = [k for k, t in enumerate(given) if t is not None]
        with Frame(size, randomness) as level:
            inputs = wrapped(values, flags, level)
            pushed = wrapped(given, flags, level)

            def of_some(*some: Any) -> Any:
                every = list(inputs)
                for k, t in zip(moving, some, strict=True):
                    every[k] = t
                return cls.apply(*every)

            found = jvp(
                of_some,
                tuple(inputs[k] for k in moving),
                tuple(pushed[k] for k in moving),
            )[1]
            several = found if isinstance(found, tuple) else (found,)
            return tuple(bare(t, level) for t in several)

    made = type(
        cls.__name__,
        (Function,),
        {
            "forward": staticmethod(forward),
            "backward": staticmethod(backward),
            "generate_vmap_rule": True,
            "_tangents": staticmethod(tangents),
        },
    )
    return _each(made.apply(*physical), lambda t: wrap(t, frame))  # type: ignore[attr-defined]
