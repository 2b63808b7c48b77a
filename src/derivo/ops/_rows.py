"""The rows of a tensor along some dimensions, and moving them by index.

Every indexing operation reads its tensor as ``[outer, count, inner]``: the dimensions
before the indexed ones, the indexed ones as one, and those after.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core import rows
from derivo._core.copies import _cast, _clone, _contiguous, _copy_into
from derivo._core.tensor import _wrap, dtypes
from derivo._info import contiguous_format
from derivo.ops.conversion import cast
from derivo.ops.creation import _filled
from derivo.ops.ranges import arange

if TYPE_CHECKING:
    from derivo import Tensor

INT64 = dtypes[5]


class Place(NamedTuple):
    """Where rows lie: positions `at` along dimensions ``[first, first + width)``."""

    at: Any  # int64 tensor of positions, in the shape that replaces the dimensions
    first: int
    width: int
    dim: int = -1  # that an index along one dimension was given for; -1 without one
    # Dtype and shape of each index that was given, None for a dimension taken whole.
    kinds: tuple[tuple[Any, tuple[int, ...]] | None, ...] = ()

    def split(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """(outer, count, inner) of a tensor of that shape."""
        first, last = self.first, self.first + self.width
        return (
            math.prod(shape[:first]),
            math.prod(shape[first:last]),
            math.prod(shape[last:]),
        )

    def result(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of the gathered rows."""
        return (
            *shape[: self.first],
            *self.at.shape,
            *shape[self.first + self.width :],
        )


def positions(indices: list[Any], sizes: Any, first: int = 0) -> Tensor:
    """Row-major positions from one index tensor per dimension.

    All have one shape; those that `vmap` follows make a result that it follows.
    """
    b = _innermost(indices)
    if b is None:
        made: Tensor = rows.positions(indices, sizes, first)
        return made
    physical = [_examples(t, b) for t in indices]
    return _follow(positions(physical, sizes, first), b)


def along(index: Tensor, shape: tuple[int, ...], dim: int, name: str) -> Tensor:
    """Row-major positions of the elements that gather takes."""
    b = index._batch
    if b is None:
        made: Tensor = rows.along(index, shape, dim, name)
        return made
    if not b.batched:
        return _follow(along(b.tensor, shape, dim, name), b)
    t = _contiguous_any(b.tensor)
    size = t.shape[0]
    at = along(t, (size, *shape), dim + 1, name)
    begin = arange(size) * math.prod(shape)
    return _follow(at - begin.reshape(size, *(1,) * (t.dim() - 1)), b)


def _innermost(tensors: list[Any]) -> Any:
    found = None
    for t in tensors:
        b = t._batch
        if b is not None and (found is None or b.level > found.level):
            found = b
    return found


def _examples(t: Any, b: Any) -> Any:
    """Physical tensor of an index at the level of `b`, the batch in front."""
    own = t._batch
    if own is not None and own.level == b.level:
        t = own.tensor
        if own.batched or not b.batched:
            return _contiguous_any(t)
    if not b.batched:
        return t
    return _contiguous_any(t.unsqueeze(0).expand(b.frame.size, *t.shape))


def _contiguous_any(t: Any) -> Any:
    return t if t.is_contiguous() else t.clone(memory_format=contiguous_format)


def _follow(t: Any, b: Any) -> Any:
    return _wrap(t, b.frame, b.level, b.batched)


def as_int64(index: Tensor) -> Tensor:
    """Index as contiguous int64."""
    if index._batch is not None:
        return _contiguous_any(cast(index, INT64))
    made: Tensor = _contiguous(
        index if index.dtype is INT64 else _cast(index.detach(), INT64)
    )
    return made


def take(t: Tensor, place: Place) -> Tensor:
    """Rows of a tensor (not recorded)."""
    shape = tuple(t.shape)
    made: Tensor = rows.gather(
        _contiguous(t), place.at, *place.split(shape), place.result(shape)
    )
    return made


def put(target: Tensor, place: Place, source: Tensor, how: str) -> Tensor:
    """Combine rows into a tensor, in place (not recorded).

    `source` has one element or the shape of the gathered rows.
    """
    half = target.dtype.name in ("float16", "bfloat16") and how != "set"
    work = _cast(target, dtypes[8]) if half else _contiguous(target)
    if source.dtype is not work.dtype:
        source = _cast(source, work.dtype)
    shape = tuple(work.shape)
    if how != "set" and source.is_complex() and source.numel() == 1:
        from derivo import broadcast_to

        source = broadcast_to(source.detach().reshape(()), place.result(shape))
    rows.scatter(work, place.at, _contiguous(source), *place.split(shape), how)
    if work is not target:
        _copy_into(target, work)
    return target


def spread(g: Tensor, shape: tuple[int, ...], place: Place) -> Tensor:
    """Zeros with rows added in: the transpose of `take`."""
    return put(_filled(shape, 0, g.dtype), place, g, "sum")


def fresh(t: Tensor) -> Tensor:
    """Contiguous copy."""
    made: Tensor = _contiguous(t)
    return _clone(made) if made is t else made
