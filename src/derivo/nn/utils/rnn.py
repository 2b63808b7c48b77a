"""Sequences of several lengths in one tensor: padded, or packed without the padding.

A packed sequence holds the first elements of all sequences, then the second ones of
those that have any, and so on; ``batch_sizes`` says how many there are of each. A
recurrent layer reads it without work on padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import derivo
from derivo.tensor import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """Sequences without their padding, as `pack_padded_sequence` makes them.

    Parameters
    ----------
    data : Tensor of shape (sum of lengths, ...)
        The elements, those of one time after those of the time before.
    batch_sizes : Tensor
        int64: how many sequences have an element at each time.
    sorted_indices, unsorted_indices : Tensor, optional
        How the sequences were sorted by length, and the way back.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.utils.rnn import pack_sequence
    >>> packed = pack_sequence([torch.ones(2), torch.zeros(1)])
    >>> packed.data, packed.batch_sizes
    (tensor([1., 0., 1.]), tensor([2, 1]))
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        """Keep both permutations where one is given."""
        if batch_sizes is None:
            raise TypeError(
                "[PackedSequence] expected batch_sizes beside data. Use "
                "pack_padded_sequence or pack_sequence to make one."
            )
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Convert the data, as ``Tensor.to`` does; itself if nothing changes."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._with(data)

    def _with(self, data: Tensor) -> PackedSequence:
        return type(self)(data, *self[1:])

    def pin_memory(self) -> PackedSequence:
        """Return itself: there is no accelerator to pin memory for."""
        return self

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return itself: it is on the CPU."""
        return self

    def double(self) -> PackedSequence:
        """Convert the data to float64."""
        return self.to(derivo.float64)

    def float(self) -> PackedSequence:
        """Convert the data to float32."""
        return self.to(derivo.float32)

    def half(self) -> PackedSequence:
        """Convert the data to float16."""
        return self.to(derivo.float16)

    def long(self) -> PackedSequence:
        """Convert the data to int64."""
        return self.to(derivo.int64)

    def int(self) -> PackedSequence:
        """Convert the data to int32."""
        return self.to(derivo.int32)

    @property
    def is_cuda(self) -> bool:
        """Whether the data is on a GPU: never."""
        return False

    def is_pinned(self) -> bool:
        """Whether the data is in pinned memory: never."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Return the permutation that undoes another (None for None).

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.utils.rnn.invert_permutation(torch.tensor([2, 0, 1]))
    tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    places = derivo.arange(permutation.numel())
    return derivo.empty_like(permutation).scatter_(0, permutation, places)


def pack_padded_sequence(
    input: Tensor,
    lengths: Tensor | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Pack sequences that were padded to one length.

    Parameters
    ----------
    input : Tensor of shape (L, N, ...), or (N, L, ...) with `batch_first`
        The padded sequences.
    lengths : Tensor or sequence of int
        How long each of them is, at least 1.
    batch_first : bool, default False
        Whether the sequences come before the times.
    enforce_sorted : bool, default True
        Expect lengths that do not grow; otherwise the sequences are sorted.

    Returns
    -------
    PackedSequence

    Raises
    ------
    RuntimeError
        If lengths are not sorted, not positive, or not one for each sequence.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.utils.rnn import pack_padded_sequence
    >>> x = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    >>> pack_padded_sequence(x, [2, 1], batch_first=True).data
    tensor([1., 3., 2.])
    """
    op = "pack_padded_sequence"
    sizes = [int(n) for n in lengths]
    if batch_first:
        input = input.transpose(0, 1)
    if input.numel() == 0:
        raise RuntimeError(f"[{op}] Cannot pack empty tensors: got {input.shape}.")
    count = input.shape[1]
    if len(sizes) != count:
        raise RuntimeError(
            f"[{op}] Expected `len(lengths)` to be equal to batch_size, but got "
            f"{len(sizes)} (batch_size={count})."
        )
    if min(sizes) <= 0 or max(sizes) > input.shape[0]:
        raise RuntimeError(
            f"[{op}] Length of all samples has to be greater than 0, but found an "
            f"element in 'lengths' that is <= 0, or more than the {input.shape[0]} "
            f"times of the input: got {sizes}."
        )
    order = None
    if not enforce_sorted:
        found = sorted(range(count), key=lambda k: -sizes[k])
        order = derivo.tensor(found)
        sizes = [sizes[k] for k in found]
        input = input.index_select(1, order)
    elif sizes != sorted(sizes, reverse=True):
        raise RuntimeError(
            f"[{op}] `lengths` array must be sorted in decreasing order when "
            f"`enforce_sorted` is True: got {sizes}. Pass `enforce_sorted=False`."
        )
    widths = _widths(sizes)
    rows = [t * count + k for t, width in enumerate(widths) for k in range(width)]
    data = input.reshape(-1, *input.shape[2:]).index_select(0, derivo.tensor(rows))
    return PackedSequence(data, derivo.tensor(widths), order)


def _widths(sizes: list[int]) -> list[int]:
    """How many sequences reach each time."""
    return [sum(n > t for n in sizes) for t in range(max(sizes))]


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Pad packed sequences to one length.

    Parameters
    ----------
    sequence : PackedSequence
        What `pack_padded_sequence` or a recurrent layer gave.
    batch_first : bool, default False
        Whether the sequences come before the times in the result.
    padding_value : float, default 0.0
        What stands where a sequence has ended.
    total_length : int, optional
        The length to pad to; that of the longest sequence by default.

    Returns
    -------
    padded, lengths : Tensor
        ``(L, N, ...)`` or ``(N, L, ...)``, and the lengths as int64.

    Raises
    ------
    ValueError
        If `total_length` is too short.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> packed = pack_sequence([torch.ones(2), torch.ones(1)])
    >>> pad_packed_sequence(packed, batch_first=True)
    (tensor([[1., 1.],
            [1., 0.]]), tensor([2, 1]))
    """
    data, unsorted = sequence.data, sequence.unsorted_indices
    widths: list[int] = sequence.batch_sizes.tolist()
    length = len(widths) if total_length is None else total_length
    if length < len(widths):
        raise ValueError(
            "[pad_packed_sequence] Expected total_length to be at least the length of "
            f"the longest sequence in input, but got total_length={length} and max "
            f"sequence length being {len(widths)}."
        )
    count, total = widths[0], data.shape[0]
    # Behind all elements comes the one that stands for padding.
    padding = data.new_full((1, *data.shape[1:]), padding_value)
    rows, start = [], 0
    for width in widths:
        rows += [*range(start, start + width), *[total] * (count - width)]
        start += width
    rows += [total] * (count * (length - len(widths)))
    padded = derivo.cat([data, padding]).index_select(0, derivo.tensor(rows))
    padded = padded.reshape(length, count, *data.shape[1:])
    lengths = derivo.tensor([sum(w > k for w in widths) for k in range(count)])
    if unsorted is not None:
        padded, lengths = padded.index_select(1, unsorted), lengths[unsorted]
    return (padded.transpose(0, 1) if batch_first else padded), lengths


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Pad sequences to the longest and stack them.

    Parameters
    ----------
    sequences : iterable of Tensor
        Of shapes ``(L, ...)`` that differ in L only.
    batch_first : bool, default False
        Whether the sequences come before the times in the result.
    padding_value : float, default 0.0
        What is added.
    padding_side : {"right", "left"}
        Where.

    Returns
    -------
    Tensor
        ``(L, N, ...)``, or ``(N, L, ...)`` with `batch_first`.

    Raises
    ------
    RuntimeError
        If there is no sequence, or the side is another word.

    Examples
    --------
    >>> import derivo as torch
    >>> x = [torch.ones(2), torch.ones(1)]
    >>> torch.nn.utils.rnn.pad_sequence(x, batch_first=True, padding_value=-1)
    tensor([[ 1.,  1.],
            [ 1., -1.]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            "[pad_sequence] pad_sequence: Expected iterable for input sequences, but "
            f"got arg of type: {type(sequences)}."
        )
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            "[pad_sequence] Expected padding_side to be one of left or right, but got "
            f"{padding_side}."
        )
    parts = list(sequences)
    if not parts:
        raise RuntimeError("[pad_sequence] received an empty list of sequences.")
    longest = max(part.shape[0] for part in parts)
    padded = []
    for part in parts:
        if part.shape[0] < longest:
            shape = (longest - part.shape[0], *part.shape[1:])
            both = [part, part.new_full(shape, padding_value)]
            part = derivo.cat(both if padding_side == "right" else both[::-1])
        padded.append(part)
    return derivo.stack(padded, 0 if batch_first else 1)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False
) -> list[Tensor]:
    """Cut padded sequences to their lengths.

    Parameters
    ----------
    padded_sequences : Tensor of shape (L, N, ...), or (N, L, ...)
        What `pad_sequence` gave.
    lengths : Tensor
        How long each sequence is.
    batch_first : bool, default False
        Whether the sequences come before the times.

    Returns
    -------
    list of Tensor

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(3, 2)
    >>> torch.nn.utils.rnn.unpad_sequence(x, torch.tensor([3, 1]))
    [tensor([1., 1., 1.]), tensor([1.])]
    """
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [
        part[: int(n)]
        for part, n in zip(padded_sequences.unbind(0), lengths, strict=True)
    ]


def pack_sequence(
    sequences: Sequence[Tensor], enforce_sorted: bool = True
) -> PackedSequence:
    """Pack sequences of several lengths.

    Parameters
    ----------
    sequences : sequence of Tensor
        Of shapes ``(L, ...)`` that differ in L only.
    enforce_sorted : bool, default True
        Expect lengths that do not grow; otherwise the sequences are sorted.

    Returns
    -------
    PackedSequence

    Raises
    ------
    RuntimeError
        As `pack_padded_sequence`.

    Examples
    --------
    >>> import derivo as torch
    >>> x = [torch.tensor([1.0]), torch.tensor([2.0, 3.0])]
    >>> torch.nn.utils.rnn.pack_sequence(x, enforce_sorted=False).data
    tensor([2., 1., 3.])
    """
    lengths = [part.shape[0] for part in sequences]
    return pack_padded_sequence(
        pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted
    )


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return the sequences that were packed, in their first order.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.utils.rnn import pack_sequence, unpack_sequence
    >>> unpack_sequence(pack_sequence([torch.ones(2), torch.zeros(1)]))
    [tensor([1., 1.]), tensor([0.])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
