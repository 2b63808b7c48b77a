"""The loader: iterate over a dataset in batches."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import derivo

from ._utils.collate import default_collate, default_convert
from ._utils.fetch import IterableFetcher, MapFetcher
from .dataset import Dataset, IterableDataset
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

if TYPE_CHECKING:
    from derivo import Generator

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

T_co = TypeVar("T_co", covariant=True)

# Samplers are made from these, or stand beside them.
_FIXED = {"dataset", "batch_size", "batch_sampler", "sampler", "drop_last"}
_FIXED |= {"persistent_workers"}


def get_worker_info() -> None:
    """Return None: samples are fetched in the main process.

    Examples
    --------
    >>> from derivo.utils.data import get_worker_info
    >>> get_worker_info() is None
    True
    """


class _Forever(Sampler[Any]):
    """What a stream is sampled by: it has no indices, and its end is its own."""

    def __iter__(self) -> Iterator[Any]:
        return itertools.repeat(None)


class DataLoader(Generic[T_co]):
    """Iterate over a dataset in batches, in order or shuffled.

    Each ``for`` loop over a loader is one pass. The order for a seed is PyTorch's.

    Parameters
    ----------
    dataset : Dataset
        Anything with ``__getitem__`` and ``__len__``, or an `IterableDataset`.
    batch_size : int or None, default 1
        Samples in a batch; None yields single samples, not joined.
    shuffle : bool, default False
        New random order in each pass.
    sampler : Sampler or iterable, optional
        The indices to read, instead of `shuffle`.
    batch_sampler : Sampler or iterable, optional
        Lists of indices, instead of `batch_size`, `shuffle`, `sampler`, `drop_last`.
    num_workers : int, default 0
        Only 0 so far: samples are fetched in the main process.
    collate_fn : callable, optional
        Joins a list of samples; `default_collate` if not given (`default_convert`
        without batches).
    pin_memory : bool, default False
        Accepted; there is no device to pin memory for.
    drop_last : bool, default False
        Leave out a last batch that is shorter.
    timeout : float, default 0
        For workers; 0 without any.
    worker_init_fn : callable, optional
        For workers; not called without any.
    multiprocessing_context : optional
        For workers; None without any.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    prefetch_factor : int, optional
        For workers; None without any.
    persistent_workers : bool, default False
        For workers; False without any.
    pin_memory_device : str, default ''
        Accepted.
    in_order : bool, default True
        Accepted; without workers batches are always in order.

    Raises
    ------
    ValueError
        If options exclude each other.
    NotImplementedError
        If `num_workers` is not 0.

    Examples
    --------
    >>> import derivo
    >>> from derivo.utils.data import DataLoader, TensorDataset
    >>> x = derivo.arange(5.0)
    >>> for inputs, targets in DataLoader(TensorDataset(x, 2 * x), batch_size=2):
    ...     print(inputs.tolist(), targets.tolist())
    [0.0, 1.0] [0.0, 2.0]
    [2.0, 3.0] [4.0, 6.0]
    [4.0] [8.0]
    """

    dataset: Dataset[T_co]
    batch_size: int | None
    drop_last: bool
    sampler: Any
    batch_sampler: Any
    _ready = False

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(
            num_workers,
            timeout,
            prefetch_factor,
            persistent_workers,
            multiprocessing_context,
        )
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self.generator = generator
        self.persistent_workers = persistent_workers

        self._is_stream = isinstance(dataset, IterableDataset)
        if self._is_stream:
            _check_stream(shuffle, sampler, batch_sampler)
        _check_order(batch_size, shuffle, sampler, batch_sampler, drop_last)
        if sampler is None:
            if self._is_stream:
                sampler = _Forever()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
            else:
                sampler = SequentialSampler(dataset)  # type: ignore[arg-type]
        if batch_sampler is not None:
            batch_size, drop_last = None, False
        elif batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate
        self.collate_fn = collate_fn
        self._told_length: int | None = None
        self._ready = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._ready and name in _FIXED:
            raise ValueError(
                f"[{type(self).__name__}] {name} attribute should not be set after "
                f"{type(self).__name__} is initialized: samplers were made from it. "
                "Make a new loader."
            )
        super().__setattr__(name, value)

    @property
    def _index_sampler(self) -> Any:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __iter__(self) -> _Pass:
        return _Pass(self)

    def __len__(self) -> int:
        if not self._is_stream:
            return len(self._index_sampler)
        # Remembered, so that a pass that yields more can say so.
        length = self._told_length = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return length
        if self.drop_last:
            return length // self.batch_size
        return math.ceil(length / self.batch_size)


class _Pass(Iterator[Any]):
    """One iteration over a loader."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        if loader.timeout != 0:
            # PyTorch, too, refuses here and not when the loader is made.
            raise AssertionError(
                "[DataLoader] a loader without worker processes requires timeout == 0, "
                f"got timeout={loader.timeout}. Leave it out."
            )
        if loader.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, "
                "then device pinned memory won't be used.",
                stacklevel=3,
            )
        self._dataset = loader.dataset
        self._sampler = loader._index_sampler
        self._told_length = loader._told_length
        self._count = 0
        # First the sampler's iterator, then the seed that PyTorch's workers would be
        # given: it is drawn even without workers, and what a RandomSampler draws
        # afterwards depends on it.
        self._indices = iter(self._sampler)
        self._base_seed = (
            derivo.empty((), dtype=derivo.int64)
            .random_(generator=loader.generator)
            .item()
        )
        fetcher = IterableFetcher if loader._is_stream else MapFetcher
        self._fetcher = fetcher(
            loader.dataset,
            loader.batch_sampler is not None,
            loader.collate_fn,
            loader.drop_last,
        )

    def __next__(self) -> Any:
        batch = self._fetcher.fetch(next(self._indices))
        self._count += 1
        if self._told_length is not None and self._count > self._told_length:
            warnings.warn(
                f"Length of IterableDataset {self._dataset} was reported to be "
                f"{self._told_length} (when accessing len(dataloader)), but "
                f"{self._count} samples have been fetched.",
                stacklevel=2,
            )
        return batch

    def __len__(self) -> int:
        return len(self._sampler)


def _check_workers(
    num_workers: int,
    timeout: float,
    prefetch_factor: int | None,
    persistent_workers: bool,
    multiprocessing_context: Any,
) -> None:
    if num_workers < 0:
        raise ValueError(
            "[DataLoader] num_workers option should be non-negative: got "
            f"{num_workers=}. Use num_workers=0 to disable multiprocessing."
        )
    if num_workers > 0:
        raise NotImplementedError(
            "[DataLoader] worker processes are not supported yet: expected "
            f"num_workers=0, got {num_workers=}. Leave it out; batches come in the "
            "same order."
        )
    if timeout < 0:
        raise ValueError(
            f"[DataLoader] timeout option should be non-negative: got {timeout=}."
        )
    if prefetch_factor is not None:
        raise ValueError(
            "[DataLoader] prefetch_factor option could only be specified in "
            "multiprocessing: expected None with num_workers=0, got "
            f"{prefetch_factor=}."
        )
    if persistent_workers:
        raise ValueError(
            "[DataLoader] persistent_workers option needs num_workers > 0: got "
            f"{persistent_workers=}. Leave it out."
        )
    if multiprocessing_context is not None:
        raise ValueError(
            "[DataLoader] multiprocessing_context can only be used with multi-process "
            "loading (num_workers > 0), but got num_workers=0. Leave it out."
        )


def _check_stream(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    given = {"sampler": sampler, "batch_sampler": batch_sampler}
    if shuffle:
        raise ValueError(
            "[DataLoader] DataLoader with IterableDataset: expected unspecified "
            f"shuffle option, but got {shuffle=}. Shuffle inside the dataset."
        )
    for name, value in given.items():
        if value is not None:
            raise ValueError(
                "[DataLoader] DataLoader with IterableDataset: expected unspecified "
                f"{name} option, but got {name}={value}. A stream has no indices."
            )


def _check_order(
    batch_size: int | None,
    shuffle: Any,
    sampler: Any,
    batch_sampler: Any,
    drop_last: bool,
) -> None:
    if sampler is not None and shuffle:
        raise ValueError(
            "[DataLoader] sampler option is mutually exclusive with shuffle: a sampler "
            "decides the order itself. Give one of them."
        )
    if batch_sampler is not None:
        if batch_size != 1 or shuffle or sampler is not None or drop_last:
            raise ValueError(
                "[DataLoader] batch_sampler option is mutually exclusive with "
                "batch_size, shuffle, sampler, and drop_last: it decides all of them. "
                "Leave those out."
            )
    elif batch_size is None and drop_last:
        raise ValueError(
            "[DataLoader] batch_size=None option disables auto-batching and is "
            "mutually exclusive with drop_last. Leave drop_last out."
        )
