"""Roots and solutions of linear systems (`custom_root`, ...) inside transforms.

What the functions close over is not among the arguments, so the innermost level is
found by calling them once. At a level of forward mode, the equation is solved looking
past that level, and its tangent is what the differentiated equation says: another
linear system. At a level of `vmap`, the physical tensors of all examples solve one
equation, which is solved, and differentiated, outside of the level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import forward
from derivo._core.batch import frame_of
from derivo._core.forward import attach, history, pause, unpause
from derivo._core.tensor import (
    _forward_enabled,
    _set_grad_enabled,
    is_grad_enabled,
)
from derivo.autograd._linear_solvers import Default
from derivo.autograd.grad_mode import no_grad
from derivo.func import _modes
from derivo.func._batch import _Outer, current, frames, lift, peel, wrap
from derivo.func._reverse import _start
from derivo.utils._pytree import tree_flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo.autograd.implicit import Map, Solve, _Equation, _System
    from derivo.func._batch import Frame
    from derivo.utils._pytree import TreeSpec

__all__ = ["linear", "root"]


def root(equation: _Equation, guess: list[Any]) -> list[Any] | None:
    """Solve at the innermost level that follows an equation; None if none does."""
    with no_grad():
        y = equation.residual([t.detach() for t in guess])
    level, kind = forward.innermost((y, guess))
    if not level:
        return None
    if kind == "tangent":
        return _root_with_tangent(equation, guess, level)
    level_of = _Level(frame_of((*y, *guess), level), equation.spec)
    whole = equation.batched(level_of.physical(equation.given), level_of.solver)
    with _Outer(level_of.frame.outer), _Inside(level_of.frame, False):
        x = whole.root(level_of.down(guess))
    return _own_graph(equation.recorded, level_of, x)


def linear(system: _System, b: list[Any]) -> list[Any] | None:
    """Solve at the innermost level that follows a system; None if none does."""
    with no_grad():
        y = tree_flatten(system.matvec(system.spec.unflatten(b)))[0]
    level, kind = forward.innermost((y, b))
    if not level:
        return None
    if kind == "tangent":
        return _solution_with_tangent(system, b, level)
    level_of = _Level(frame_of((*y, *b), level), system.spec)
    whole = type(system)(
        level_of.physical(system.matvec),
        None if system.transposed is None else level_of.physical(system.transposed),
        level_of.solver(system.solve),
        None
        if system.transpose_solve is None
        else level_of.solver(system.transpose_solve),
        system.symmetric,
        system.spec,
    )
    with _Outer(level_of.frame.outer), _Inside(level_of.frame, False):
        x = whole.solution(level_of.down(b))
    return _own_graph(lambda x: system.recorded(x, b), level_of, x)


class Recording:
    """Record, in the graph of each level of `vmap` that is open.

    A backward pass runs when the transform that recorded forward may have been left,
    and inside of other ones.
    """

    def __enter__(self) -> None:
        self.mode = _set_grad_enabled(True)
        self.opened = [frame for frame in frames() if frame.outer is None]
        for frame in self.opened:
            frame.outer = self.mode

    def __exit__(self, *_: object) -> None:
        for frame in self.opened:
            frame.outer = None
        _set_grad_enabled(self.mode)


def starts(tensors: Sequence[Any]) -> list[Any]:
    """Where a graph that is recorded at the innermost level begins."""
    return [_start(t, current()) for t in tensors]


# ------------------------------------------------------------------ forward mode


class _Past:
    """Look past a level of forward mode."""

    def __init__(self, level: int) -> None:
        self.level = level

    def __enter__(self) -> None:
        pause(self.level)

    def __exit__(self, *_: object) -> None:
        unpause(self.level)


def _bare(tensors: Sequence[Any], level: int) -> list[Any]:
    """The same tensors, with their history, without tangents of a level."""
    found = []
    for t in tensors:
        given = forward.tangents(t)
        if level in given:
            t = history(t)
            t._tangents = {k: v for k, v in given.items() if k != level}
        found.append(t)
    return found


def _tangents(tensors: Sequence[Any], level: int) -> list[Any]:
    return [forward.tangents(t).get(level) for t in tensors]


def _root_with_tangent(equation: _Equation, guess: list[Any], level: int) -> list[Any]:
    from derivo.autograd.implicit import _System
    from derivo.func import jvp

    spec = equation.spec
    with _Past(level):
        x = _bare(equation.root(_bare(guess, level)), level)
    given = _tangents(equation.residual(x), level)
    if not _forward_enabled() or all(t is None for t in given):
        return x

    def map(v: Any) -> Any:
        tangent = jvp(
            lambda *at: tuple(equation.residual(list(at))),
            tuple(x),
            tuple(tree_flatten(v)[0]),
        )[1]
        return spec.unflatten(list(tangent))

    with _Past(level):
        right = [_zeros(t) if g is None else -g for t, g in zip(x, given, strict=True)]
        system = _System(map, None, equation.tangent_solve, None, False, spec)
        return _attached(x, system.solution(right), level)


def _solution_with_tangent(system: _System, b: list[Any], level: int) -> list[Any]:
    with _Past(level):
        x = _bare(system.solution(_bare(b, level)), level)
    made = tree_flatten(system.matvec(system.spec.unflatten(x)))[0]
    pairs = [*zip(_tangents(b, level), _tangents(made, level), strict=True)]
    if not _forward_enabled() or all(s is None and t is None for s, t in pairs):
        return x
    with _Past(level):
        right = []
        for at, (s, t) in zip(x, pairs, strict=True):
            moved = _zeros(at) if s is None else s
            right.append(moved if t is None else moved - t)
        return _attached(x, system.solution(right), level)


def _zeros(t: Any) -> Any:
    from derivo.ops.creation import plain_like

    return plain_like(history(t), 0)


def _attached(x: list[Any], tangents: list[Any], level: int) -> list[Any]:
    for t, tangent in zip(x, tangents, strict=True):
        attach(t, level, tangent)
    return x


# ------------------------------------------------------------------ batches


class _Level:
    """Between the tensors of a level of `vmap` and the physical ones."""

    def __init__(self, frame: Frame, spec: TreeSpec) -> None:
        self.frame = frame
        self.spec = spec
        # Of functions of physical tensors, what they were made of.
        self._known: dict[int, tuple[Map, Map]] = {}
        # What `frame.outer` is for them while a solver runs.
        self._outer: bool | None = None

    def up(self, tensors: Sequence[Any]) -> list[Any]:
        return [wrap(t, self.frame) for t in tensors]

    def down(self, tensors: Sequence[Any]) -> list[Any]:
        pairs = [peel(t, self.frame.level) for t in tensors]
        return [lift(t, flag, self.frame.size) for t, flag in pairs]

    def physical(self, function: Map) -> Map:
        """A function of trees of the level, as one of physical tensors."""

        def whole(x: Any) -> Any:
            with _Inside(self.frame, True):
                made = function(self.spec.unflatten(self.up(tree_flatten(x)[0])))
                return self.spec.unflatten(self.down(tree_flatten(made)[0]))

        self._known[id(whole)] = whole, function
        return whole

    def inside(self, function: Map) -> Map:
        """The reverse."""
        known = self._known.get(id(function))
        if known is not None:
            return known[1]

        def one(x: Any) -> Any:
            now = self.frame.outer
            self.frame.outer = self._outer
            try:
                with _Inside(self.frame, False):
                    made = function(self.spec.unflatten(self.down(tree_flatten(x)[0])))
            finally:
                self.frame.outer = now
            return self.spec.unflatten(self.up(tree_flatten(made)[0]))

        return one

    def solver(self, solve: Solve) -> Solve:
        """A solver of one example's equation, as one of all."""
        if isinstance(solve, Default):
            return solve.batched()

        def one(function: Map, x: Any) -> Any:
            before = self._outer = self.frame.outer
            if before is None:
                # So that it may differentiate: in a graph of the level's own.
                self.frame.outer = False
            try:
                return solve(self.inside(function), x)
            finally:
                self.frame.outer = before

        return lambda function, start: self.physical(lambda x: one(function, x))(start)


class _Inside:
    """Be inside a level, which may have ended (gradients are asked for later); or out.

    Out of it, and of those inside of it, one works on physical tensors.
    """

    def __init__(self, frame: Frame, inside: bool) -> None:
        self.frame = frame
        self.inside = inside

    def __enter__(self) -> None:
        stack, level = frames(), self.frame.level
        self.before = list(stack)
        stack[:] = [frame for frame in stack if frame.level < level]
        self.resumed = self.inside and not _modes.is_active(level)
        if self.inside:
            stack.append(self.frame)
        if self.resumed:
            _modes.resume(level)

    def __exit__(self, *_: object) -> None:
        frames()[:] = self.before
        if self.resumed:
            _modes.end(self.frame.level)


def _own_graph(
    record: Callable[[list[Any]], list[Any]], level: _Level, x: list[Any]
) -> list[Any]:
    """Tensors of the level, with the node that the level's own graph gets."""
    made = level.up(x)
    if level.frame.outer is None or not is_grad_enabled():
        return made
    return record(made)
