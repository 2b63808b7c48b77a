"""Functions with stated derivatives (`custom_vjp`, `custom_jvp`) inside transforms.

Inside `vmap`, such a function is called on the physical tensors as another one of its
kind, whose function and rules are the given ones mapped over the examples: so what is
outside of the level sees the stated derivative, to any order. The level's own graph, if
there is one, gets the node of the function itself, on the tensors of the level.

In forward mode, a stated jvp is called; a stated vjp is transposed.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from derivo._core import forward
from derivo._core.batch import recorded
from derivo._core.forward import attach, history, hold, release
from derivo._core.tensor import _forward_enabled, is_grad_enabled
from derivo.autograd.custom import (
    _gradients,
    _is_float,
    _Jvp,
    _JvpCall,
    _Tree,
    _Vjp,
    _VjpCall,
    custom_jvp,
    custom_vjp,
)
from derivo.func._batch import Frame, _Outer, lift, peel, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Pairs = list[tuple[Any, bool]]

__all__ = ["batch", "tangent"]


def batch(cls: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    """Call a function of the user on tensors of a `vmap` level."""
    call, *tensors = args
    physical, flags = [], []
    for t in tensors:
        p, flag = peel(t, level)
        physical.append(p)
        flags.append(flag)
    # Saved tensors are asked for by the level's own graph, or from a level inside.
    inner = (is_grad_enabled() and recorded(tensors, level)) or call.always
    kind = _MappedVjp if isinstance(call, _VjpCall) else _MappedJvp
    mapped = kind(call, flags, frame)
    with _Outer(frame.outer):
        made = mapped.apply(physical, inner)
    return mapped.finish(cls, args, made, inner)


class _Mapped:
    """What a call on the examples' tensors is made of."""

    def __init__(self, call: Any, flags: Sequence[bool], frame: Frame) -> None:
        self.call = call
        self.custom = call.custom
        self.flags = list(flags)
        self.frame = frame

    def over(
        self,
        function: Callable[[list[Any]], Sequence[Any]],
        physical: Sequence[Any],
        flags: Sequence[bool],
    ) -> Pairs:
        """Results of a function of one example, and whether each differs by example."""
        with Frame(self.frame.size, self.frame.randomness) as level:
            inputs = [
                wrap(p, level) if flag else p
                for p, flag in zip(physical, flags, strict=True)
            ]
            return [peel(t, level.level) for t in function(inputs)]

    def lifted(self, pairs: Pairs) -> tuple[Any, ...]:
        return tuple(lift(t, flag, self.frame.size) for t, flag in pairs)

    def fun(self, *physical: Any) -> tuple[Any, ...]:
        call, custom = self.call, self.custom

        def one(tensors: list[Any]) -> list[Any]:
            rest = call.inputs.filled(tensors)
            call.outputs = _Tree(custom.fun(*custom._join(call.chosen, rest)))
            made = call.outputs.tensors
            call.outputs.empty()
            return made

        return self.lifted(self.over(one, physical, self.flags))


class _MappedVjp(_Mapped):
    residuals: _Tree
    residual_flags: list[bool]
    like: list[Any]

    def apply(self, physical: list[Any], inner: bool) -> tuple[Any, ...]:
        outside = custom_vjp(self.fun)
        outside._name = self.custom._name
        outside.defvjp(self.fwd, self.bwd)
        self.outside = _VjpCall(outside, [], _Tree(physical))
        self.outside.always = inner
        made: tuple[Any, ...] = outside._function(_Vjp).apply(self.outside, *physical)
        return made

    def finish(
        self, cls: Any, args: tuple[Any, ...], made: tuple[Any, ...], inner: bool
    ) -> Any:
        call = self.call
        count = len(call.outputs.places)
        if not inner:
            return tuple(wrap(t, self.frame) for t in made[:count])
        wrapped: dict[int, Any] = {i: wrap(made[i], self.frame) for i in range(count)}
        residuals = []
        for (kind, i), flag in zip(
            self.outside.mapping, self.residual_flags, strict=True
        ):
            if kind == "in":
                residuals.append(args[1 + i])
                continue
            if i not in wrapped:
                wrapped[i] = wrap(made[i], self.frame, flag)
            residuals.append(wrapped[i])
        call.provided = (
            _Tree(call.outputs.filled([wrapped[i] for i in range(count)])),
            _Tree(self.residuals.filled(residuals)),
        )
        return cls._run(args)[1]

    def fwd(self, *physical: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        call = self.call

        def one(tensors: list[Any]) -> list[Any]:
            self.like = [SimpleNamespace(shape=t.shape) for t in tensors]
            call.outputs, self.residuals = call.run_fwd(tensors)
            made = [*call.outputs.tensors, *self.residuals.tensors]
            call.outputs.empty()
            self.residuals.empty()
            return made

        pairs = self.over(one, physical, self.flags)
        count = len(call.outputs.places)
        kept = pairs[count:]
        self.residual_flags = [flag for _, flag in kept]
        return self.lifted(pairs[:count]), tuple(t for t, _ in kept)

    def bwd(self, residuals: tuple[Any, ...], grads: tuple[Any, ...]) -> list[Any]:
        call, custom, count = self.call, self.custom, len(residuals)
        given: list[bool] = []

        def one(tensors: list[Any]) -> list[Any]:
            made = custom.bwd(
                *call.chosen,
                self.residuals.filled(tensors[:count]),
                call.outputs.filled(tensors[count:]),
            )
            total = _gradients(custom, call.inputs, made, self.like)
            given.extend(g is not None for g in total)
            return [g for g in total if g is not None]

        flags = [*self.residual_flags, *[True] * len(grads)]
        pairs = iter(self.over(one, [*residuals, *grads], flags))
        found: list[Any] = []
        for flag, there in zip(self.flags, given, strict=True):
            if not there:
                found.append(None)
                continue
            g, batched = next(pairs)
            if flag:
                found.append(lift(g, batched, self.frame.size))
            else:
                found.append(g.sum(0) if batched else g * self.frame.size)
        return found


class _MappedJvp(_Mapped):
    def apply(self, physical: list[Any], inner: bool) -> tuple[Any, ...]:
        outside = custom_jvp(self.fun)
        outside._name = self.custom._name
        outside.defjvp(self.rule)
        outer = _JvpCall(outside, [], _Tree(physical))
        made: tuple[Any, ...] = outside._function(_Jvp).apply(outer, *physical)
        return made

    def finish(
        self, cls: Any, args: tuple[Any, ...], made: tuple[Any, ...], inner: bool
    ) -> Any:
        wrapped = tuple(wrap(t, self.frame) for t in made)
        if not inner:
            return wrapped
        self.call.provided = wrapped
        return cls._run(args)[1]

    def rule(
        self, primals: tuple[Any, ...], tangents: tuple[Any, ...]
    ) -> tuple[None, tuple[Any, ...]]:
        count = len(primals)

        def one(tensors: list[Any]) -> list[Any]:
            found: list[Any] = self.call.tangent(tensors[:count], tensors[count:])
            return found

        both = [*primals, *tangents]
        return None, self.lifted(self.over(one, both, [*self.flags, *self.flags]))


# ------------------------------------------------------------------ forward mode


def tangent(cls: Any, args: tuple[Any, ...], level: int) -> Any:
    """Call a function of the user some of whose arguments have tangents of `level`."""
    call, *tensors = args
    given = [forward.tangents(t).get(level) for t in tensors]
    held = hold(tensors, level)
    made: list[Any] = []
    try:
        outs = cls.apply(*args)
        if _forward_enabled() and any(t is not None for t in given):
            rule = _by_vjp if isinstance(call, _VjpCall) else _by_jvp
            made = rule(call, tensors, given)
    finally:
        release(held, level)
    for o, t in zip(outs, made, strict=False):
        if t is not None and _is_float(o):
            # A tangent is changed with its tensor: no two have the same one.
            attach(o, level, t.clone() if forward.shares_memory(t, given) else t)
    return outs


def _by_jvp(call: _JvpCall, tensors: Sequence[Any], given: Sequence[Any]) -> list[Any]:
    from derivo.ops.creation import zeros_like

    primals = [history(t) for t in tensors]
    tangents = [
        zeros_like(p) if t is None else t for p, t in zip(primals, given, strict=True)
    ]
    return call.tangent(primals, tangents)


def _by_vjp(call: _VjpCall, tensors: Sequence[Any], given: Sequence[Any]) -> list[Any]:
    from derivo.func._forward import _recorded, _transpose
    from derivo.func._reverse import _start, _Transposing

    custom = call.custom
    recorded = _recorded(tensors, given)
    again = _VjpCall(custom, call.chosen, call.inputs)
    with _Transposing([*tensors, *given]) as state:
        sources = [
            None if t is None else _start(x, state.frame)
            for x, t in zip(tensors, given, strict=True)
        ]
        operands = [
            history(x) if s is None else s
            for x, s in zip(tensors, sources, strict=True)
        ]
        outs = custom._function(_Vjp).apply(again, *operands)
        return _transpose(outs, sources, given, recorded, state.frame)


def transposed(
    call: _JvpCall, primals: Sequence[Any], asked: Sequence[int], grads: Sequence[Any]
) -> Sequence[Any]:
    """Gradients of some arguments: the transpose of a stated jvp, inside transforms."""
    from derivo._core.autograd import _reaches_others
    from derivo.func._reverse import _end, _pull, _Recording, _release, _start
    from derivo.ops.creation import zeros_like

    seeds = [g for g in grads if g is not None]
    if not seeds or not asked:
        return [None] * len(asked)
    with _Recording([*primals, *grads]) as state:
        tangents = [zeros_like(history(t)) for t in primals]
        starts = []
        for i in asked:
            tangents[i] = _start(forward.leaf(tangents[i], False), state.frame)
            starts.append(tangents[i])
        made = call.tangent(primals, tangents)
        chosen = [t for t, g in zip(made, grads, strict=True) if g is not None]
        mode = state.mode or state.frame is not None
        create = mode and _reaches_others([*chosen, *seeds], starts)
        found = _pull(chosen, starts, seeds, create, create)
        found = [_release(g, starts, create) for g in found]
        _end(starts)
    return found
