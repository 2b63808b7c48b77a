"""Datasets: things with samples to fetch by index, or to iterate over."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import derivo

if TYPE_CHECKING:
    from derivo import Generator, Tensor

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "StackDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


# No class here has a default __len__: one that raised NotImplementedError would break
# list(dataset), which tries len() first and falls back only where it is missing.
class Dataset(Generic[T_co]):
    """Base of all datasets: subclasses define ``__getitem__``, usually ``__len__`` too.

    A subclass may also define ``__getitems__(indices)``, which returns the list of
    samples of a whole batch; `DataLoader` then calls it once for each batch.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.data import DataLoader, Dataset
    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 4
    ...     def __getitem__(self, index):
    ...         return index**2
    >>> [batch.tolist() for batch in DataLoader(Squares(), batch_size=2)]
    [[0, 1], [4, 9]]
    """

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError(
            f"[{type(self).__name__}] Subclasses of Dataset should implement "
            "__getitem__: it returns the sample of an index."
        )

    def __add__(self, other: Dataset[T_co]) -> ConcatDataset[T_co]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], Iterable[T_co]):
    """Base of datasets that come as a stream: subclasses define ``__iter__``.

    Examples
    --------
    >>> from derivo.utils.data import DataLoader, IterableDataset
    >>> class Countdown(IterableDataset):
    ...     def __iter__(self):
    ...         return iter([3, 2, 1])
    >>> [batch.tolist() for batch in DataLoader(Countdown(), batch_size=2)]
    [[3, 2], [1]]
    """

    def __add__(self, other: Dataset[T_co]) -> ChainDataset[T_co]:  # type: ignore[override]
        return ChainDataset([self, other])


class TensorDataset(Dataset["tuple[Tensor, ...]"]):
    """Tensors of equally many rows: sample ``i`` is the tuple of their rows ``i``.

    Parameters
    ----------
    *tensors : Tensor
        Shapes ``(N, ...)``, any dtypes.

    Raises
    ------
    AssertionError
        If the first sizes differ.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.data import TensorDataset
    >>> data = TensorDataset(derivo.tensor([[1.0], [2.0]]), derivo.tensor([0, 1]))
    >>> data[1]
    (tensor([2.]), tensor(1))
    """

    tensors: tuple[Tensor, ...]

    def __init__(self, *tensors: Tensor) -> None:
        if not tensors:
            raise IndexError(
                "[TensorDataset] no tensors: expected at least one. Pass them as "
                "TensorDataset(inputs, targets)."
            )
        sizes = [t.size(0) for t in tensors]
        if len(set(sizes)) > 1:
            raise AssertionError(
                "[TensorDataset] Size mismatch between tensors: expected equally many "
                f"rows, got {sizes=}. Cut or pad them to one length."
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return int(self.tensors[0].size(0))


class StackDataset(Dataset[Any]):
    """Several datasets of one length side by side.

    Parameters
    ----------
    *args : Dataset
        Samples become tuples, in this order.
    **kwargs : Dataset
        Samples become dicts with these keys. Give either `args` or `kwargs`.

    Raises
    ------
    ValueError
        If both or neither are given, or the lengths differ.

    Examples
    --------
    >>> from derivo.utils.data import StackDataset
    >>> StackDataset(number=[1, 2], name=["one", "two"])[1]
    {'number': 2, 'name': 'two'}
    """

    datasets: tuple[Any, ...] | dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError(
                "[StackDataset] both types are given: expected either positional "
                f"datasets (samples are tuples) or named ones (dicts), got {len(args)} "
                f"positional and {sorted(kwargs)}. Name all or none."
            )
        if not args and not kwargs:
            raise ValueError(
                "[StackDataset] At least one dataset should be passed: got none. "
                "Pass datasets of equal length."
            )
        self.datasets = args or kwargs
        lengths = [len(d) for d in self._parts()]
        if len(set(lengths)) > 1:
            raise ValueError(
                "[StackDataset] Size mismatch between datasets: expected equal "
                f"lengths, got {lengths=}. Take a Subset of the longer ones."
            )
        self._length = lengths[0]

    def _parts(self) -> list[Any]:
        if isinstance(self.datasets, dict):
            return list(self.datasets.values())
        return list(self.datasets)

    def _join(self, parts: Iterable[Any]) -> Any:
        if isinstance(self.datasets, dict):
            return dict(zip(self.datasets, parts, strict=True))
        return tuple(parts)

    def __getitem__(self, index: Any) -> Any:
        return self._join(part[index] for part in self._parts())

    def __getitems__(self, indices: list[Any]) -> list[Any]:
        columns = [_get_many(part, indices) for part in self._parts()]
        for column in columns:
            if len(column) != len(indices):
                raise ValueError(
                    "[StackDataset] Nested dataset's output size mismatch. Expected "
                    f"{len(indices)}, got {len(column)} samples from __getitems__, "
                    "which returns one sample for each index."
                )
        return [self._join(row) for row in zip(*columns, strict=True)]

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset[T_co]):
    """Several datasets one after another; ``a + b`` makes one, too.

    Parameters
    ----------
    datasets : iterable of Dataset
        At least one, each with a length.

    Raises
    ------
    AssertionError
        If `datasets` is empty or has an `IterableDataset`.

    Examples
    --------
    >>> from derivo.utils.data import ConcatDataset
    >>> both = ConcatDataset([range(3), range(10, 12)])
    >>> len(both), both[3], both[-1]
    (5, 10, 11)
    """

    datasets: list[Any]
    cumulative_sizes: list[int]

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError(
                "[ConcatDataset] datasets should not be an empty iterable: pass at "
                "least one dataset."
            )
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise AssertionError(
                "[ConcatDataset] ConcatDataset does not support IterableDataset: a "
                "stream has no index. Use ChainDataset for streams."
            )
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T_co:
        size = len(self)
        if index < -size:
            raise ValueError(
                "[ConcatDataset] absolute value of index should not exceed dataset "
                f"length: got {index=} for {size} samples."
            )
        if index >= size:
            raise IndexError(
                f"[ConcatDataset] index out of range: got {index=} for {size} samples."
            )
        index += size if index < 0 else 0
        which = bisect.bisect_right(self.cumulative_sizes, index)
        start = self.cumulative_sizes[which - 1] if which else 0
        sample: T_co = self.datasets[which][index - start]
        return sample


class ChainDataset(IterableDataset[T_co]):
    """Several streams one after another; ``a + b`` of streams makes one, too.

    Parameters
    ----------
    datasets : iterable of IterableDataset
        Read one after the other.

    Examples
    --------
    >>> from derivo.utils.data import ChainDataset, IterableDataset
    >>> class Letters(IterableDataset):
    ...     def __init__(self, text):
    ...         self.text = text
    ...     def __iter__(self):
    ...         return iter(self.text)
    >>> "".join(ChainDataset([Letters("ab"), Letters("c")]))
    'abc'
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def _streams(self) -> Iterator[Any]:
        for d in self.datasets:
            if not isinstance(d, IterableDataset):
                raise AssertionError(
                    "[ChainDataset] ChainDataset only supports IterableDataset: got "
                    f"{type(d).__name__}. Use ConcatDataset for indexed datasets."
                )
            yield d

    def __iter__(self) -> Iterator[T_co]:
        for stream in self._streams():
            yield from stream

    def __len__(self) -> int:
        return sum(len(stream) for stream in self._streams())


class Subset(Dataset[T_co]):
    """The samples of a dataset at some indices.

    Parameters
    ----------
    dataset : Dataset
        Where samples come from.
    indices : sequence of int
        Which of them belong, in this order; repeats are allowed.

    Raises
    ------
    NotImplementedError
        If a subclass defines ``__getitem__`` without ``__getitems__``, which a
        `DataLoader` calls instead.

    Examples
    --------
    >>> from derivo.utils.data import Subset
    >>> list(Subset("abcdef", [4, 0]))
    ['e', 'a']
    """

    dataset: Dataset[T_co]
    indices: Sequence[int]

    def __init__(self, dataset: Dataset[T_co], indices: Sequence[int]) -> None:
        cls = type(self)
        if (
            cls.__getitem__ is not Subset.__getitem__
            and cls.__getitems__ is Subset.__getitems__
        ):
            raise NotImplementedError(
                f"[Subset] {cls.__name__} overrides __getitem__ but not __getitems__, "
                "so a DataLoader would pass it by. Add a __getitems__(self, indices) "
                "that returns [self[i] for i in indices]."
            )
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> T_co:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[T_co]:
        return _get_many(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def _get_many(dataset: Any, indices: list[Any]) -> list[Any]:
    """Fetch the samples of `indices`, in one call where the dataset can."""
    get_many = getattr(dataset, "__getitems__", None)
    if callable(get_many):
        samples: list[Any] = get_many(indices)
        return samples
    return [dataset[i] for i in indices]


def random_split(
    dataset: Dataset[T],
    lengths: Sequence[float],
    generator: Generator | None = None,
) -> list[Subset[T]]:
    """Split a dataset at random into parts that share no sample.

    Parameters
    ----------
    dataset : Dataset
        With a length.
    lengths : sequence of int or float
        Lengths that add up to ``len(dataset)``, or fractions that add up to 1. What
        rounding down leaves over is handed out one by one from the first part on.
    generator : Generator, optional
        Source of randomness; the default generator if not given.

    Returns
    -------
    list of Subset
        One for each entry of `lengths`; equal to PyTorch's for the same seed.

    Raises
    ------
    ValueError
        If a fraction is not between 0 and 1, or the lengths do not add up.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.data import random_split
    >>> seed = derivo.Generator().manual_seed(42)
    >>> [len(part) for part in random_split(range(10), [0.65, 0.35], seed)]
    [7, 3]
    """
    size = len(dataset)  # type: ignore[arg-type]
    total = sum(lengths)
    if math.isclose(total, 1) and total <= 1:
        counts = _counts(size, lengths)
    else:
        if total != size:
            raise ValueError(
                "[random_split] Sum of input lengths does not equal the length of the "
                f"input dataset! Expected {size}, got {total} from "
                f"lengths={list(lengths)}. Use fractions that add up to 1."
            )
        counts = [int(n) for n in lengths]
    order: list[int] = derivo.randperm(size, generator=generator).tolist()
    ends = itertools.accumulate(counts)
    return [
        Subset(dataset, order[end - count : end])
        for end, count in zip(ends, counts, strict=True)
    ]


def _counts(size: int, fractions: Sequence[float]) -> list[int]:
    for i, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(
                f"[random_split] Fraction at index {i} is not between 0 and 1: got "
                f"{fraction}."
            )
    counts = [math.floor(size * fraction) for fraction in fractions]
    for i in range(size - sum(counts)):
        counts[i % len(counts)] += 1
    for i, count in enumerate(counts):
        if count == 0:
            warnings.warn(
                f"Length of split at index {i} is 0. "
                "This might result in an empty dataset.",
                stacklevel=3,
            )
    return counts
