"""Samplers: in which order, and in which batches, a dataset is read.

Each draws its random numbers in the order and from the generator that PyTorch does,
so that a seed gives the same order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import derivo

if TYPE_CHECKING:
    from derivo import Generator, Tensor

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]

T_co = TypeVar("T_co", covariant=True)

# With replacement, indices are drawn in blocks; the size is part of the sequence that
# a seed stands for.
_BLOCK = 32


class Sampler(Generic[T_co]):
    """Base of all samplers: ``__iter__`` yields indices (or lists of them).

    A ``__len__`` is needed only where the length of a `DataLoader` is asked for.

    Examples
    --------
    >>> from derivo.utils.data import DataLoader, Sampler
    >>> class Backwards(Sampler[int]):
    ...     def __init__(self, data):
    ...         self.data = data
    ...     def __iter__(self):
    ...         return iter(range(len(self.data) - 1, -1, -1))
    >>> [int(x) for x in DataLoader([10, 20, 30], sampler=Backwards([10, 20, 30]))]
    [30, 20, 10]
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(
            f"[{type(self).__name__}] a Sampler needs __iter__: an iterator over "
            "indices of the dataset."
        )


class SequentialSampler(Sampler[int]):
    """The indices 0, 1, 2, ... in this order.

    Parameters
    ----------
    data_source : Sized
        The dataset.

    Examples
    --------
    >>> from derivo.utils.data import SequentialSampler
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    data_source: Sized

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Indices in random order, or drawn with replacement.

    Parameters
    ----------
    data_source : Sized
        The dataset.
    replacement : bool, default False
        Draw each index independently of those before.
    num_samples : int, optional
        How many to draw; ``len(data_source)`` if not given. Without replacement, more
        than that begins a new permutation.
    generator : Generator, optional
        Source of randomness. If not given, each iteration makes a generator of its own
        and takes its seed from the default generator.

    Raises
    ------
    TypeError
        If `replacement` is not a bool.
    ValueError
        If `num_samples` is not a positive integer.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.data import RandomSampler
    >>> _ = derivo.manual_seed(0)
    >>> sorted(RandomSampler("abcd"))
    [0, 1, 2, 3]
    """

    data_source: Sized
    replacement: bool

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(
                "[RandomSampler] replacement should be a boolean value, but got "
                f"{replacement=}."
            )
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(
                "[RandomSampler] num_samples should be a positive integer value, but "
                f"got num_samples={self.num_samples}. An empty dataset cannot be "
                "shuffled."
            )

    @property
    def num_samples(self) -> int:
        """How many indices an iteration yields."""
        # Asked for each time: a dataset may grow.
        if self._num_samples is None:
            return len(self.data_source)
        return self._num_samples

    def __iter__(self) -> Iterator[int]:
        # Being a generator function, this draws the seed at the first index, after a
        # DataLoader has drawn its own.
        generator = self.generator
        if generator is None:
            seed = derivo.empty((), dtype=derivo.int64).random_().item()
            generator = derivo.Generator()
            generator.manual_seed(int(seed))
        draw = self._blocks if self.replacement else self._permutations
        yield from draw(len(self.data_source), self.num_samples, generator)

    @staticmethod
    def _blocks(n: int, count: int, generator: Generator) -> Iterator[int]:
        for start in range(0, count, _BLOCK):
            size = (min(_BLOCK, count - start),)
            draw = derivo.randint(
                high=n, size=size, dtype=derivo.int64, generator=generator
            )
            yield from draw.tolist()

    @staticmethod
    def _permutations(n: int, count: int, generator: Generator) -> Iterator[int]:
        # PyTorch draws one permutation after the last whole one even if none of it is
        # needed; with the caller's generator, later numbers depend on that.
        for _ in range(count // n):
            yield from derivo.randperm(n, generator=generator).tolist()
        yield from derivo.randperm(n, generator=generator).tolist()[: count % n]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order.

    Parameters
    ----------
    indices : sequence of int
        Which samples to read.
    generator : Generator, optional
        Source of randomness; the default generator if not given.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.data import SubsetRandomSampler
    >>> _ = derivo.manual_seed(0)
    >>> sorted(SubsetRandomSampler([7, 3, 5]))
    [3, 5, 7]
    """

    indices: Sequence[int]

    def __init__(
        self, indices: Sequence[int], generator: Generator | None = None
    ) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        order = derivo.randperm(len(self.indices), generator=self.generator)
        for i in order.tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Indices drawn with given probabilities.

    Parameters
    ----------
    weights : sequence of float
        One for each sample; they need not add up to 1.
    num_samples : int
        How many to draw.
    replacement : bool, default True
        Whether an index can be drawn again.
    generator : Generator, optional
        Source of randomness; the default generator if not given.

    Raises
    ------
    ValueError
        If `num_samples` is not a positive integer, `replacement` is not a bool, or
        `weights` is not one-dimensional.

    Examples
    --------
    >>> from derivo.utils.data import WeightedRandomSampler
    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], 4))
    [1, 1, 1, 1]
    """

    weights: Tensor
    num_samples: int
    replacement: bool

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _check_count("WeightedRandomSampler", "num_samples", num_samples)
        _check_flag("WeightedRandomSampler", "replacement", replacement)
        as_tensor = derivo.as_tensor(weights, dtype=derivo.float64)
        if as_tensor.dim() != 1:
            raise ValueError(
                "[WeightedRandomSampler] weights should be a 1d sequence but given "
                f"weights have shape {tuple(as_tensor.shape)}."
            )
        self.weights = as_tensor
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        drawn = derivo.multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.generator
        )
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler in lists of `batch_size`.

    Parameters
    ----------
    sampler : Sampler or iterable
        Yields indices.
    batch_size : int
        How many in a list.
    drop_last : bool
        Leave out a last list that is shorter.

    Raises
    ------
    ValueError
        If `batch_size` is not a positive integer or `drop_last` not a bool.

    Examples
    --------
    >>> from derivo.utils.data import BatchSampler
    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self, sampler: Sampler[int] | Iterable[int], batch_size: int, drop_last: bool
    ) -> None:
        _check_count("BatchSampler", "batch_size", batch_size)
        _check_flag("BatchSampler", "drop_last", drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        if self.drop_last:
            return count // self.batch_size
        return -(-count // self.batch_size)


def _check_count(op: str, name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(
            f"[{op}] {name} should be a positive integer value, but got {name}={value}."
        )


def _check_flag(op: str, name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError(
            f"[{op}] {name} should be a boolean value, but got {name}={value}."
        )
