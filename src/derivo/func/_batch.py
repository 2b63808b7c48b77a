"""The level of `vmap`: operations on tensors with a hidden batch dimension.

A tensor of a level (`_batch` is set) looks like one example: its sizes, strides and
memory are those of the first one. Behind it is a *physical* tensor with the batch
dimension in front. An operation is carried out on the physical tensors, where it meets
the doors of outer levels, and its result is wrapped again.

Reverse mode inside the level (`grad` in `vmap`) has a graph of its own, between tensors
of the level: once the physical result is there, the node that a plain tensor would have
got is hung on the wrapper. The graph between physical tensors belongs to what is
outside, and is recorded in the mode that was on there (`Frame.outer`).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from derivo._core import batch as core
from derivo._core import products, views
from derivo._core.batch import Frame as _Frame
from derivo._core.batch import peel, recorded
from derivo._core.forward import history
from derivo._core.tensor import (
    TensorBase,
    _attach,
    _data,
    _detach,
    _needs_grad,
    _set_grad_enabled,
    _wrap,
    dtypes,
    is_grad_enabled,
)
from derivo.func import _modes
from derivo.ops._batching import Each

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo import Tensor

__all__ = ["Frame", "current", "frames", "lift", "peel", "wrap"]

BOOL = dtypes[0]


class Frame(_Frame):
    """One running `vmap`.

    Attributes
    ----------
    level : int
    size : int
        Number of examples.
    randomness : {"error", "different", "same"}
    outer : bool or None
        Whether operations were recorded outside the outermost reverse-mode transform
        that runs inside this level; None if there is none.
    """

    def __init__(self, size: int, randomness: str) -> None:
        self.size = size
        self.randomness = randomness

    def __enter__(self) -> Frame:
        self.level = _modes.begin()
        frames().append(self)
        return self

    def __exit__(self, *exc: object) -> None:
        frames().pop()
        _modes.end(self.level)


_thread = threading.local()


def frames() -> list[Frame]:
    """The running `vmap` levels of this thread, innermost last."""
    try:
        return _thread.frames
    except AttributeError:
        _thread.frames = []
        return _thread.frames


def current() -> Frame | None:
    """Innermost running `vmap` of this thread."""
    found = frames()
    return found[-1] if found else None


def wrap(t: Tensor, frame: Frame, batched: bool = True) -> Tensor:
    """Tensor of a level over `t`, whose first dimension it hides."""
    made: Tensor = _wrap(t, frame, frame.level, batched)
    return made


def lift(t: Tensor, batched: bool, size: int) -> Tensor:
    """Give a physical tensor the batch dimension if it lacks it (by expansion)."""
    return t if batched else t.unsqueeze(0).expand(size, *t.shape)


def rows(t: Tensor, rank: int) -> Tensor:
    """Physical tensor with ones after the batch dimension, for `rank` logical ones."""
    missing = rank + 1 - t.dim()
    if missing == 0:
        return t
    shape = t.shape
    return t.reshape(shape[0], *(1,) * missing, *shape[1:])


class _Outer:
    """Run physical operations in the grad mode that holds outside the level."""

    __slots__ = ("before", "mode")

    def __init__(self, mode: bool | None) -> None:
        self.mode = mode

    def __enter__(self) -> None:
        if self.mode is not None:
            self.before = _set_grad_enabled(self.mode)

    def __exit__(self, *exc: object) -> None:
        if self.mode is not None:
            _set_grad_enabled(self.before)


# ------------------------------------------------------------------ the rule


_REFUSED = (
    "[{name}] vmap: inplace arithmetic(self, *extra_args) is not possible because "
    "there exists a Tensor `other` in extra_args that has more elements than `self`: "
    "`self` is the same for all examples of this vmap, the other is not. Use the "
    "out-of-place form, or make `self` with zeros_like of a tensor that vmap follows."
)


def refuse_inplace(name: str) -> None:
    """Refuse to change a tensor that all examples share by one that they do not."""
    raise RuntimeError(_REFUSED.format(name=name))


def _adopt(target: Any, others: Any, frame: Frame, level: int) -> None:
    """Let a tensor that is about to be changed in place by one of the level join it.

    It has been made inside the level, of nothing that belongs to it (zeros, say); the
    level's own graph goes through it from now on. It is the same for all examples.
    """
    if frame.outer is None or not is_grad_enabled() or not recorded(others, level):
        return
    for t in (target._base, target):
        if t is not None and not _needs_grad(t) and peel(t, level)[0] is t:
            _attach(t, history(t), frame, level, False)


def _inplace(op: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    target = args[0]
    _adopt(target, args[1:], frame, level)
    physical, own = peel(target, level)
    rank = target.dim()
    operands: list[Any] = [physical]
    with _Outer(frame.outer):
        for a in args[1:]:
            if isinstance(a, TensorBase):
                b = a._batch
                if b is not None and b.level == level:
                    a = b.tensor
                    if b.batched:
                        if not own:
                            refuse_inplace(op.name + "_")
                        a = rows(a, rank)
            operands.append(a)

    def compute() -> None:
        with _Outer(frame.outer):
            op.inplace(*operands)

    if target._batch is None or target._batch.level != level or frame.outer is None:
        compute()
        return target
    return op.hang_inplace(compute, *args)


def _out(op: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    made = op(*args[1:])
    if args[0].shape != made.shape:
        raise RuntimeError(
            f"[{op.name}] vmap: the result does not have the shape of out=: expected "
            f"{list(args[0].shape)}, got {list(made.shape)}. Use the result instead."
        )
    return args[0].copy_(made)


# ------------------------------------------------------------------ structured ones


def _reduction(op: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    inputs, dims, out_dtypes, compute, keepdim = args
    rank = inputs[0].dim()
    physical = []
    batched = False
    for t in inputs:
        if isinstance(t, TensorBase):
            t, flag = peel(t, level)
            batched = batched or flag
        physical.append((t, isinstance(t, TensorBase) and flag))
    if not batched:
        plain = [t for t, _ in physical]
        made = op(plain, dims, out_dtypes, compute, keepdim)
    else:
        operands: list[Any] = []
        for i, (t, flag) in enumerate(physical):
            if flag:
                t = rows(t, rank) if rank else t.unsqueeze(1)
            elif i == 0:
                t = lift(t, False, frame.size)
                t = t if rank else t.unsqueeze(1)
            operands.append(t)
        shifted = [d + 1 for d in dims] if rank else (1,)
        made = op(operands, shifted, out_dtypes, compute, keepdim)
        if not rank and keepdim:
            made = (
                tuple(m.squeeze(1) for m in made)
                if isinstance(made, tuple)
                else made.squeeze(1)
            )
    if isinstance(made, tuple):
        return tuple(wrap(m, frame, batched) for m in made)
    return wrap(made, frame, batched)


# ------------------------------------------------------------------ core functions


MM, ADDMM, BMM, BADDBMM, MV, ADDMV, DOT, VDOT = range(8)
_PLAIN = {ADDMM: MM, BADDBMM: BMM, ADDMV: MV}


def _multiply_add(
    form: int,
    c: Tensor,
    fc: bool,
    rank: int,
    a: Tensor,
    fa: bool,
    b: Tensor,
    fb: bool,
    beta: Any,
    alpha: Any,
    size: int,
) -> Tensor:
    """``beta * c + alpha * a b``; `rank`: that of `c` as an example has it."""
    plain = _PLAIN[form]
    if (
        form == ADDMM
        and fa
        and fb
        and fc == (c.dim() == rank + 1)
        and a.dtype.is_floating_point
    ):
        added = rows(c, 2) if fc else c
        result: Tensor = products.again(BADDBMM, added, a, b, beta, alpha)
        return result
    made: Tensor = (
        _multiply(plain, a, fa, b, fb)
        if fa or fb
        else products.again(plain, None, a, b, 0, 1)
    )
    if alpha != 1:
        made = made * alpha
    if beta != 0:
        if fc:
            c = rows(c, 3 if form == BADDBMM else 2 if form == ADDMM else 1)
        return made + (c if beta == 1 else c * beta)
    return made if fa or fb else lift(made, False, size)


def _multiply(form: int, a: Tensor, fa: bool, b: Tensor, fb: bool) -> Tensor:
    """A product of which one factor or both have the batch dimension in front."""
    both = fa and fb
    if form == MM:
        if both:
            return a.bmm(b)
        if fa:
            return a.matmul(b)
        n, k = a.shape
        size, _, m = b.shape
        if m == 1:
            # Columns are examples: one product instead of many.
            return products.mm(b.squeeze(2), views.t(a)).unsqueeze(2)
        return a.unsqueeze(0).expand(size, n, k).bmm(b)
    if form == BMM:
        if not fa:
            a = a.unsqueeze(0).expand(b.shape[0], *a.shape)
        if not fb:
            b = b.unsqueeze(0).expand(a.shape[0], *b.shape)
        return a.matmul(b)
    if form == MV:
        if both:
            return a.bmm(b.unsqueeze(2)).squeeze(2)
        return a.matmul(b) if fa else products.mm(b, views.t(a))
    if form == VDOT and a.is_complex():
        a = a.conj()
    if both:
        return a.unsqueeze(1).bmm(b.unsqueeze(2)).reshape(a.shape[0])
    return a.mv(b) if fa else b.mv(a)


def _matmul_rule(op: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    return matmul_by_parts(*args)


def matmul_by_parts(a: Tensor, b: Tensor) -> Any:
    """Product of tensors that are followed, by the operations that it consists of."""
    ra, rb = a.dim(), b.dim()
    if ra == 2 and rb == 2:
        return products.mm(a, b)
    if ra == 2 and rb == 1:
        return products.mv(a, b)
    if ra == 1 and rb == 1:
        return products.dot(a, b)
    if ra == 1 and rb == 2:
        # Two steps instead of three, and nothing that needs a shape.
        return products.mv(views.t(b), a)
    from derivo.ops.products.matmul import _matmul

    return _matmul(a, b)


# ------------------------------------------------------------------ views


_FUNCTIONS: dict[Any, Any] = {
    products.matmul: _matmul_rule,
    _detach: lambda op, args, frame, level: _alike(args[0], op),
    _data: lambda op, args, frame, level: _alike(args[0], op),
}


def _alike(t: Tensor, op: Any) -> Tensor:
    b = t._batch
    return wrap(op(b.tensor), b.frame, b.batched)


def _squeeze(t: Tensor, source: Tensor, dim: Any) -> Tensor:
    if dim is None:
        dims = [d for d in range(source.dim()) if source.shape[d] == 1]
    elif isinstance(dim, (tuple, list)):
        n = source.dim()
        dims = [d % n for d in dim] if n else []
    else:
        dims = [dim] if source.dim() else []
    return t.squeeze(tuple(d + 1 for d in dims))


def _expand(t: Tensor, source: Tensor, sizes: tuple[int, ...]) -> Tensor:
    return rows(t, len(sizes)).expand(t.shape[0], *sizes)


def _transpose(t: Tensor, source: Tensor, a: int, b: int) -> Tensor:
    return t.transpose(a + 1, b + 1) if source.dim() else views.alias_of(t)


def _strided(t: Tensor, source: Tensor, size: Any, stride: Any, offset: Any) -> Tensor:
    # The same geometry in each example, from where each one begins.
    own = t.stride()[0]
    begin = t.storage_offset()
    first = begin if offset is None else offset
    return t.as_strided((t.shape[0], *size), (own, *stride), first)


# How each view is taken of a physical tensor `t`; `s` is the tensor of the level.
_VIEWS: dict[Any, Callable[..., Any]] = {
    views.view: lambda t, s, sizes: t.view(t.shape[0], *sizes),
    views.reshape: lambda t, s, sizes: t.reshape(t.shape[0], *sizes),
    views.permute: lambda t, s, order: t.permute(0, *(d + 1 for d in order)),
    views.transpose: _transpose,
    views.t: lambda t, s: t.transpose(1, 2) if s.dim() == 2 else views.alias_of(t),
    views.expand: _expand,
    views.unsqueeze: lambda t, s, dim: t.unsqueeze(dim + 1),
    views.squeeze: _squeeze,
    views.select: lambda t, s, dim, at: t.select(dim + 1, at),
    views._slice: lambda t, s, d, *at: views._slice(t, d + 1, *at),
    views.diagonal: lambda t, s, k, a, b: t.diagonal(k, a + 1, b + 1),
    views.unfold: lambda t, s, d, n, by: (
        t.unfold(d + 1, n, by) if s.dim() else t.unsqueeze(1).unfold(1, n, by)
    ).reshape(t.shape[0], *_unfolded(s, d, n, by)),
    views.alias_of: lambda t, s: views.alias_of(t),
    views.as_strided: _strided,
}


def _unfolded(s: Tensor, d: int, n: int, by: int) -> tuple[int, ...]:
    if not s.dim():
        return (n,)
    shape = list(s.shape)
    shape[d] = (shape[d] - n) // by + 1
    return (*shape, n)


def _custom(op: Any, args: tuple[Any, ...], frame: Frame, level: int) -> Any:
    from derivo.func._custom import custom

    return custom(op, args, frame, level)


def _looped(*args: Any) -> Any:
    from derivo.func._fallback import looped

    return looped(*args)


core.set_rules(
    {"custom": _custom, "inplace": _inplace, "out": _out, "reduce": _reduction},
    _FUNCTIONS,
    _VIEWS,
    multiply=_multiply,
    multiply_add=_multiply_add,
    refuse_inplace=refuse_inplace,
    looped=_looped,
    each=Each,
    adopt=_adopt,
)
