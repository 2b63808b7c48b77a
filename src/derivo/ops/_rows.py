"""The rows of a tensor along some dimensions, and moving them by index.

Every indexing operation reads its tensor as ``[outer, count, inner]``: the dimensions
before the indexed ones, the indexed ones as one, and those after.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core import rows
from derivo._core.dispatch import _cast, _clone, _contiguous, _copy_into
from derivo._core.tensor import dtypes
from derivo.ops.creation import _filled

if TYPE_CHECKING:
    from derivo import Tensor

INT64 = dtypes[5]


class Place(NamedTuple):
    """Where rows lie: positions `at` along dimensions ``[first, first + width)``."""

    at: Any  # int64 tensor of positions, in the shape that replaces the dimensions
    first: int
    width: int

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


def as_int64(index: Tensor) -> Tensor:
    """Index as contiguous int64."""
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
