"""Get the samples that a sampler asks for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import derivo

from . import collate as _collate

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["IterableFetcher", "MapFetcher"]


class IterableFetcher:
    """Takes as many samples from a stream as there are indices."""

    def __init__(
        self,
        dataset: Any,
        in_batches: bool,
        collate_fn: Callable[[Any], Any],
        drop_last: bool,
    ) -> None:
        self.stream = iter(dataset)
        self.in_batches = in_batches
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.ended = False

    def fetch(self, index: Any) -> Any:
        """Return the next batch; raise StopIteration at the stream's end."""
        if self.ended:
            raise StopIteration
        if not self.in_batches:
            return self.collate_fn(next(self.stream))
        samples = list(itertools.islice(self.stream, len(index)))
        self.ended = len(samples) < len(index)
        if not samples or (self.drop_last and self.ended):
            raise StopIteration
        return self.collate_fn(samples)


class MapFetcher:
    """Looks samples up by index."""

    def __init__(
        self,
        dataset: Any,
        in_batches: bool,
        collate_fn: Callable[[Any], Any],
        drop_last: bool,
    ) -> None:
        self.dataset = dataset
        self.in_batches = in_batches
        self.collate_fn = collate_fn
        self.tensors = _plain_tensors(dataset) if _is_default(collate_fn) else None

    def fetch(self, index: Any) -> Any:
        """Return the batch of these indices (without batches: of this one)."""
        if not self.in_batches:
            return self.collate_fn(self.dataset[index])
        if self.tensors is not None:
            rows = _rows(self.dataset, index)
            if rows is not None:
                at = derivo.tensor(rows)
                return [t.index_select(0, at) for t in self.tensors]
        get_many = getattr(self.dataset, "__getitems__", None)
        if get_many:
            samples = get_many(index)
        else:
            samples = [self.dataset[i] for i in index]
        return self.collate_fn(samples)


# A batch of a TensorDataset is one gather from each tensor. Row by row it would be an
# indexing operation for each sample and each tensor, and a stack: the values are the
# same, the time is not. The short way is taken only where nobody could see a
# difference: classes that are exactly ours, default joining, no gradients, int indices.


def _is_default(collate_fn: Callable[[Any], Any]) -> bool:
    if collate_fn is not _collate.default_collate:
        return False
    table = _collate.default_collate_fn_map
    return table.get(derivo.Tensor) is _collate.collate_tensor_fn and (
        _collate._function_for((), table) is None
    )


def _plain_tensors(dataset: Any) -> tuple[Tensor, ...] | None:
    from ..dataset import Subset, TensorDataset

    while type(dataset) is Subset:
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset:
        return None
    plain = all(
        type(t) is derivo.Tensor and not t.requires_grad for t in dataset.tensors
    )
    return dataset.tensors if plain else None


def _rows(dataset: Any, index: Any) -> Sequence[int] | None:
    """Translate indices through subsets to rows; None where that is not certain."""
    from ..dataset import Subset

    while type(dataset) is Subset:
        try:
            index = [dataset.indices[i] for i in index]
        except (TypeError, IndexError):
            return None
        dataset = dataset.dataset
    count = len(dataset)
    if not index or not all(type(i) is int and 0 <= i < count for i in index):
        return None
    rows: Sequence[int] = index
    return rows
