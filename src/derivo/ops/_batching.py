"""Batching rules of structured operations, in the forms that most of them take.

A rule is ``rule(op, size, tensors, flags, params)``: `tensors` are those of the call,
with the batch dimension in front where the flag is set; the result (or each of the
results) has it in front. Tensors among the parameters that differ from example to
example are given as `Each`; only rules made with `hidden` get to see any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.history import _copy_in_place_of
from derivo._core.tensor import dtypes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor

__all__ = [
    "Each",
    "all_examples",
    "along",
    "elementwise",
    "borders",
    "everything",
    "fill_by_mask",
    "follow",
    "follows",
    "fresh_for",
    "hidden",
    "leading",
    "lifted",
    "merged",
    "padded",
    "rows",
]


class Each:
    """A tensor among parameters of which each example has its own, batch first."""

    __slots__ = ("t",)

    def __init__(self, t: Tensor) -> None:
        self.t = t


def hidden(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a rule that knows what to do with `Each` among the parameters."""
    rule.hidden = True  # type: ignore[attr-defined]
    return rule


def lift(t: Tensor, size: int) -> Tensor:
    """Give a tensor that all examples share the batch dimension."""
    return t.unsqueeze(0).expand(size, *t.shape)


def lifted(tensors: Sequence[Any], flags: Sequence[bool], size: int) -> list[Any]:
    """All tensors with the batch dimension in front."""
    return [
        t if flag or t is None else lift(t, size)
        for t, flag in zip(tensors, flags, strict=True)
    ]


def padded(t: Tensor, rank: int) -> Tensor:
    """Ones after the batch dimension, for `rank` dimensions of an example."""
    missing = rank + 1 - t.dim()
    if missing <= 0:
        return t
    return t.reshape(t.shape[0], *(1,) * missing, *t.shape[1:])


def _shift(value: Any, by: int) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_shift(d, by) for d in value)
    if value < 0:
        # The last dimension would become the batch dimension, silently.
        raise ValueError(
            f"[vmap] a rule along dimensions counts them from the front: got {value}. "
            "The public function has to normalise it."
        )
    return value + by


def along(
    *places: int, shapes: Sequence[int] = (), between: bool = False
) -> Callable[..., Any]:
    """Rule of operations along dimensions.

    Parameters
    ----------
    *places : int
        Which parameters are dimensions: an int, or a tuple of them, counted from the
        front of an example.
    shapes : sequence of int
        Which parameters are shapes of an example.
    between : bool, default False
        Whether the dimensions are new ones, of which a 0-d example has one, too.
    """

    def rule(
        op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
    ) -> Any:
        operands = lifted(tensors, flags, size)
        new = list(params)
        scalars = operands[0].dim() == 1 and not (shapes or between)
        if scalars:
            # A 0-d example has one dimension to work along after all.
            operands = [t if t is None else t.unsqueeze(1) for t in operands]
            for k in places:
                new[k] = (1,) if isinstance(params[k], (tuple, list)) else 1
        else:
            for k in places:
                d = params[k]
                new[k] = d + 1 if type(d) is int and d >= 0 else _shift(d, 1)
        for k in shapes:
            new[k] = (size, *params[k])
        made = op(tuple(operands), *new)
        if not scalars:
            return made
        if isinstance(made, tuple):
            return tuple(_flat(m) for m in made)
        return _flat(made)

    return rule


def _flat(t: Any) -> Any:
    return t.squeeze(1) if t is not None and t.dim() == 2 else t


def leading(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    """Rule of operations on the last dimensions, with any number before them."""
    return op(tuple(lifted(tensors, flags, size)), *params)


def elementwise(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    """Rule of operations that broadcast their operands."""
    rank = max(
        t.dim() - flag for t, flag in zip(tensors, flags, strict=True) if t is not None
    )
    operands = [
        padded(t, rank) if flag else t for t, flag in zip(tensors, flags, strict=True)
    ]
    return op(tuple(operands), *params)


@hidden
def follows(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    """Rule of operations whose forward is made of operations that have rules."""
    made = follow(op.forward, size, tensors, flags, params)
    return tensors[0] if op.inplace else made


def follow(
    function: Callable[..., Any], size: int, tensors: Any, flags: Any, params: Any
) -> Any:
    """Call ``function(*tensors, *params)``, written for an example, on all of them."""
    from derivo.func import vmap

    found: list[Tensor] = []

    def take_out(values: Any) -> Any:
        out = []
        for p in values:
            if isinstance(p, Each):
                found.append(p.t)
                p = len(found) - 1, Each
            elif isinstance(p, tuple):
                p = take_out(p)
            out.append(p)
        return type(values)(*out) if hasattr(values, "_fields") else tuple(out)

    def put_back(values: Any, made: Any) -> Any:
        out = []
        for p in values:
            if isinstance(p, tuple):
                p = made[p[0]] if p[-1:] == (Each,) else put_back(p, made)
            out.append(p)
        return type(values)(*out) if hasattr(values, "_fields") else tuple(out)

    without = take_out(params)

    def forward(operands: Any, hidden_ones: Any) -> Any:
        return function(*operands, *put_back(without, hidden_ones))

    dims = (tuple(0 if flag else None for flag in flags), 0)
    return vmap(forward, dims)(tuple(tensors), tuple(found))


def borders(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    """Rule of padding by ``(dim, before, after)``, the first parameter."""
    shifted = type(params[0])((d + 1, *sides) for d, *sides in params[0])
    return op(tuple(tensors), shifted, *params[1:])


def merged(*with_batch: int) -> Callable[..., Any]:
    """Rule of operations whose first dimension counts independent items already.

    The examples' items follow one another along it.

    Parameters
    ----------
    *with_batch : int
        Which tensors have that dimension (the first if none is given); the others
        must be the same for all examples, or the parts of the operation are followed.
    """
    chosen = with_batch or (0,)

    def rule(
        op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
    ) -> Any:
        for k, flag in enumerate(flags):
            if flag and k not in chosen:
                return follows(op, size, tensors, flags, params)
        operands = []
        for k, t in enumerate(tensors):
            if k in chosen and t is not None:
                t = t if flags[k] else lift(t, size)
                t = t.reshape(t.shape[0] * t.shape[1], *t.shape[2:])
            operands.append(t)
        made = op(tuple(operands), *params)
        if isinstance(made, tuple):
            return tuple(_split(m, size) for m in made)
        return _split(made, size)

    return rule


def _split(t: Any, size: int) -> Any:
    return None if t is None else t.reshape(size, t.shape[0] // size, *t.shape[1:])


# ------------------------------------------------------------------ rows by position


def rows(form: str, elements: bool = False) -> Callable[..., Any]:
    """Rule of everything that reads or writes rows at a `Place`.

    The parameters are those of the operation, with one `Place` among them; a tuple
    before it is the shape of an example, a tuple after it an order of dimensions.

    Parameters
    ----------
    form : {"take", "spread", "wipe", "put"}
        Rows of a tensor; zeros with rows added in; a copy with rows set to zero; rows
        combined into a tensor in place.
    elements : bool, default False
        Whether single elements of the whole tensor count as rows.
    """

    @hidden
    def rule(
        op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
    ) -> Any:
        from derivo.ops._rows import Place

        where = next(k for k, p in enumerate(params) if isinstance(p, Place))
        place = params[where]
        operands = lifted(tensors, flags, size)
        shape = params[0] if form == "spread" else tuple(operands[0].shape[1:])
        first, width = (0, len(shape)) if elements else (place.first, place.width)
        rest = params[where + 1 :]
        moved = None
        if rest and isinstance(rest[0], tuple):
            if rest[0] != tuple(range(len(rest[0]))):
                moved = (0, *(d + 1 for d in rest[0]))
            rest = rest[1:]
        each = isinstance(place.at, Each)
        positions = place.at.t if each else place.at
        return _rows(
            form, size, operands, shape, positions, each, first, width, moved, rest
        )

    return rule


def _rows(
    form: str,
    size: int,
    operands: list[Any],
    shape: tuple[int, ...],
    positions: Any,
    each: bool,
    first: int,
    width: int,
    moved: Any,
    rest: tuple[Any, ...],
) -> Any:
    """Bring the batch and what is indexed side by side, and move rows there."""
    from derivo import arange
    from derivo.ops import indexing
    from derivo.ops._rows import Place

    count = 1
    rank = len(shape)
    sizes = [shape[d - 1] for d in moved[1:]] if moved else list(shape)
    for n in sizes[first : first + width]:
        count *= n
    index_rank = positions.dim() - each
    # Of tensors laid out as the target: batch, indexed dimensions, the others.
    if each and first:
        ahead: tuple[int, ...] | None = (
            0,
            *range(1 + first, 1 + first + width),
            *range(1, 1 + first),
            *range(1 + first + width, 1 + rank),
        )
        # Of gathered rows: batch, those of the index, the others.
        rows_ahead: tuple[int, ...] | None = (
            0,
            *range(1 + first, 1 + first + index_rank),
            *range(1, 1 + first),
            *range(1 + first + index_rank, 1 + rank - width + index_rank),
        )
    else:
        ahead = rows_ahead = None
    if each:
        at = positions + (arange(size) * count).reshape(size, *(1,) * index_rank)
        spot = Place(at, 0, width + 1)
    else:
        spot = Place(positions, first + 1, width)

    def lay(t: Tensor) -> Tensor:
        if moved:
            t = t.permute(moved)
        return t.permute(ahead) if ahead else t

    def back(t: Tensor, perm: Any) -> Tensor:
        if not perm:
            return t
        inverse = [0] * len(perm)
        for i, d in enumerate(perm):
            inverse[d] = i
        return t.permute(inverse)

    if form == "take":
        return back(indexing._TAKE((lay(operands[0]),), spot), rows_ahead)
    if form == "spread":
        (g,) = operands
        if rows_ahead:
            g = g.permute(rows_ahead)
        full = (size, *shape)
        laid = tuple(full[d] for d in ahead) if ahead else full
        made = indexing._SPREAD((g,), laid, spot)
        return back(made, ahead)
    if form == "wipe":
        t = lay(operands[0])
        made = indexing._CLEAR((t,), spot, tuple(range(t.dim())))
        return back(back(made, ahead), moved)
    # "put": in place, through a view of the target.
    target, source = operands[0], operands[1]
    how, alpha = rest[0], rest[1] if len(rest) > 1 else 1
    view = lay(target)
    wanted = spot.result(tuple(view.shape))
    if source.dim() < len(wanted):
        # One element for all rows.
        source = padded(source, len(wanted) - 1)
    elif rows_ahead:
        source = source.permute(rows_ahead)
    if alpha != 1:
        source = source * alpha
    order = tuple(range(view.dim()))
    indexing._PUT((view, source.expand(wanted)), spot, order, how)
    return target


# ------------------------------------------------------------------ masks


@hidden
def fill_by_mask(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    """Rule of `masked_fill_`: the mask may differ from example to example."""
    t, value = tensors
    mask = params[0]
    rank = t.dim() - 1
    if isinstance(mask, Each):
        mask = padded(mask.t, rank)
    if not flags[1]:
        return op((t, value), mask)
    from derivo import where

    t.copy_(where(mask, padded(value, rank).to(t.dtype), t))
    return t


def fresh_for(t: Any, *others: Any) -> Any:
    """A copy of `t` that may take what the others have: one per example if need be."""
    missing = {}
    for other in others:
        b = getattr(other, "_batch", None)
        while b is not None:
            if b.batched:
                missing[b.level] = b.frame
            b = b.tensor._batch
    if missing:
        b = t._batch
        while b is not None:
            if b.batched:
                missing.pop(b.level, None)
            b = b.tensor._batch
    if not missing:
        return _copy_in_place_of(t)
    from derivo import ones, where
    from derivo.func._batch import wrap

    for level in sorted(missing):
        frame = missing[level]
        t = where(wrap(ones(frame.size, dtype=dtypes[0]), frame), t, t)
    return t


def all_examples(op: str, out: Any, p: Any) -> tuple[Any, Any]:
    """Physical tensors of samples and of what they are drawn with."""
    full = fresh_for(p, out)
    if everything(full).shape != everything(out).shape:
        raise RuntimeError(
            f"[{op}] Vmap does not currently support same randomness with a batched "
            "tensor input. Use randomness='different'."
        )
    return everything(out), everything(full)


def everything(t: Any) -> Any:
    """The values of all examples, for checks that hold for all or none."""
    while t._batch is not None:
        t = t._batch.tensor
    return t
