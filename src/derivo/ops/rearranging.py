"""Moving elements about: turning, rolling, repeating, shuffling channels."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, _alias, _check_dim, _empty, dtypes
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.creation import _filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor

BOOL = dtypes[0]


def ints(name: str, given: tuple[Any, ...]) -> tuple[int, ...]:
    """Integers given one by one or as one sequence."""
    if len(given) == 1 and not isinstance(given[0], int):
        first = given[0]
        given = tuple(first) if hasattr(first, "__iter__") else (first,)
    try:
        return tuple(n.__index__() for n in given)
    except AttributeError:
        raise TypeError(
            f"[{name}] argument must be tuple of ints, got {given}."
        ) from None


def copied(x: Tensor, sizes: Any, steps: Any, offset: int = 0) -> Tensor:
    """Contiguous copy of what another geometry (strides may be negative) reads."""
    made: Tensor = _empty(sizes, x.dtype)
    if made.numel():
        _copy_into(made, _alias(x, sizes, steps, offset))
    return made


# ------------------------------------------------------------------ turning


def _flipped(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    steps, offset = list(x.stride()), 0
    for d in dims:
        offset += max(x.shape[d] - 1, 0) * steps[d]
        steps[d] = -steps[d]
    return copied(x, x.shape, steps, offset)


_FLIP = Primitive(
    "flip",
    linear=True,
    node="FlipBackward0",
    forward=_flipped,
    vjp=lambda ctx, g, dims: _FLIP((g,), dims),
    batch=_batching.along(0),
)


def _unique_dims(name: str, dims: Sequence[int], rank: int) -> tuple[int, ...]:
    checked = [_check_dim(d, rank) for d in dims]
    for d in checked:
        if checked.count(d) > 1:
            raise RuntimeError(
                f"[{name}] dim {d} appears multiple times in the list of dims: got "
                f"dims={tuple(dims)}."
            )
    return tuple(d for d in checked if d < rank)


@public("flip", "Tensor.flip")
def flip(input: Tensor, dims: Any, *more: int) -> Tensor:
    """Reverse the order of elements along dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dims, *more : int or sequence of int
        The dimensions, one by one or as a sequence.

    Returns
    -------
    Tensor
        A copy.

    Raises
    ------
    RuntimeError, IndexError
        If a dimension is repeated or out of range.

    Notes
    -----
    **Derivative** the gradient, flipped.

    Examples
    --------
    >>> import derivo
    >>> derivo.flip(derivo.arange(3), (0,))
    tensor([2, 1, 0])
    """
    along = _unique_dims("flip", ints("flip", (dims, *more)), input.dim())
    made: Tensor = _FLIP((input,), along)
    return made


@public("fliplr", "Tensor.fliplr")
def fliplr(input: Tensor) -> Tensor:
    """Reverse the second dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.fliplr(derivo.tensor([[1, 2]]))
    tensor([[2, 1]])
    """
    if input.dim() < 2:
        raise RuntimeError(
            f"[fliplr] Input must be >= 2-d, got shape {list(input.shape)}."
        )
    return flip(input, 1)


@public("flipud", "Tensor.flipud")
def flipud(input: Tensor) -> Tensor:
    """Reverse the first dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.flipud(derivo.tensor([1, 2]))
    tensor([2, 1])
    """
    if input.dim() < 1:
        raise RuntimeError("[flipud] Input must be >= 1-d, got a 0-d tensor.")
    return flip(input, 0)


def _rolled(x: Tensor, shifts: tuple[int, ...], dims: tuple[int, ...]) -> Tensor:
    made: Tensor = _empty(x.shape, x.dtype)
    if not made.numel():
        return made
    total = dict.fromkeys(dims, 0)
    for shift, d in zip(shifts, dims, strict=True):
        total[d] += shift
    # Each rolled dimension is two runs; blocks of runs are copied as they are.
    runs = []
    for d, shift in total.items():
        n = x.shape[d]
        k = shift % n
        parts = [(d, 0, k, n - k), (d, n - k, 0, k)]
        runs.append([part for part in parts if part[3]])
    for block in itertools.product(*runs):
        source, target = x, made
        for d, start, to, length in block:
            source = source.narrow(d, start, length)
            target = target.narrow(d, to, length)
        _copy_into(target, source)
    return made


_ROLL = Primitive(
    "roll",
    linear=True,
    node="RollBackward0",
    forward=_rolled,
    vjp=lambda ctx, g, shifts, dims: _ROLL((g,), tuple(-s for s in shifts), dims),
    batch=_batching.along(1),
)


@public("roll", "Tensor.roll")
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift elements along dimensions; what falls off re-enters at the other end.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    shifts : int or sequence of int
        By how much.
    dims : int or sequence of int, optional
        Along which dimensions; the flattened tensor if not given.

    Raises
    ------
    RuntimeError
        If there are not as many shifts as dimensions.

    Notes
    -----
    **Derivative** the gradient, rolled back.

    Examples
    --------
    >>> import derivo
    >>> derivo.roll(derivo.arange(4), 1)
    tensor([3, 0, 1, 2])
    """
    by = ints("roll", (shifts,))
    if not by:
        raise RuntimeError("[roll] `shifts` required: got an empty sequence.")
    along = () if dims is None else ints("roll", (dims,))
    made: Tensor
    if not along and len(by) == 1:
        made = _ROLL_FLAT((input,), by)
        return made
    if len(by) != len(along):
        raise RuntimeError(
            f"[roll] shifts and dimensions must align. shifts: {len(by)}, dims:"
            f"{len(along)}."
        )
    if not input.dim():
        raise IndexError(
            "[roll] Dimension specified as 0 but tensor has no dimensions."
        )
    made = _ROLL((input,), by, tuple(_check_dim(d, input.dim()) for d in along))
    return made


def _rolled_flat(x: Tensor, by: tuple[int, ...]) -> Tensor:
    made: Tensor = _empty(x.shape, x.dtype)
    flat = _alias(made, (x.numel(),), (1,), 0)
    _copy_into(flat, _rolled(x.reshape(-1), by, (0,)))
    return made


def _roll_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    (t,) = tensors
    rows: Tensor = _ROLL((t.reshape(size, -1),), params[0], (1,))
    return rows.reshape(t.shape)


_ROLL_FLAT = Primitive(
    "roll",
    linear=True,
    node="RollBackward0",
    forward=_rolled_flat,
    vjp=lambda ctx, g, by: _ROLL_FLAT((g,), (-by[0],)),
    batch=_roll_batch,
)


def _turned(x: Tensor, k: int, a: int, b: int) -> Tensor:
    shape, steps, offset = list(x.shape), list(x.stride()), 0
    k %= 4
    for d in {1: (b,), 2: (a, b), 3: (a,)}.get(k, ()):
        offset += max(shape[d] - 1, 0) * steps[d]
        steps[d] = -steps[d]
    if k % 2:
        shape[a], shape[b] = shape[b], shape[a]
        steps[a], steps[b] = steps[b], steps[a]
    return copied(x, shape, steps, offset)


_ROT90 = Primitive(
    "rot90",
    linear=True,
    node="Rot90Backward0",
    forward=_turned,
    vjp=lambda ctx, g, k, a, b: _ROT90((g,), -k, a, b),
    batch=_batching.along(1, 2),
)


@public("rot90", "Tensor.rot90")
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turn by quarter turns in the plane of two dimensions.

    Parameters
    ----------
    input : Tensor
        At least 2-D.
    k : int, default 1
        How many quarter turns, from the first towards the second dimension.
    dims : pair of int, default (0, 1)
        The plane.

    Raises
    ------
    RuntimeError, IndexError
        If `dims` are not two different dimensions of the tensor.

    Examples
    --------
    >>> import derivo
    >>> derivo.rot90(derivo.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    rank = input.dim()
    if len(dims) != 2:
        raise RuntimeError(
            f"[rot90] expected total rotation dims == 2, but got dims = {len(dims)}."
        )
    if rank < 2:
        raise RuntimeError(
            f"[rot90] expected total dims >= 2, but got total dims = {rank}."
        )
    first, second = dims
    if first == second or abs(first - second) == rank:
        raise RuntimeError(
            f"[rot90] expected rotation dims to be different, but got dim0 = {first} "
            f"and dim1 = {second}."
        )
    for d in dims:
        if not -rank <= d < rank:
            raise RuntimeError(f"[rot90] Rotation dim out of range, dim = {d}.")
    made: Tensor = _ROT90((input,), k, first % rank, second % rank)
    return made


# ------------------------------------------------------------------ repeating


def _repeated(x: Tensor, times: tuple[int, ...]) -> Tensor:
    lead = len(times) - x.dim()
    shape = (1,) * lead + tuple(x.shape)
    steps = (0,) * lead + tuple(x.stride())
    made: Tensor = _empty([r * n for r, n in zip(times, shape, strict=True)], x.dtype)
    if made.numel():
        paired = [size for pair in zip(times, shape, strict=True) for size in pair]
        reads = [step for s in steps for step in (0, s)]
        writes, step = [], 1
        for size in reversed(paired):
            writes.append(step)
            step *= size
        _copy_into(_alias(made, paired, writes[::-1], 0), _alias(x, paired, reads, 0))
    return made


def _repeat_vjp(ctx: Any, g: Tensor, times: tuple[int, ...]) -> Tensor:
    shape = ctx.shapes[0]
    if 0 in times:
        return _filled(shape, 0, g.dtype)
    full = (1,) * (len(times) - len(shape)) + shape
    paired = [size for pair in zip(times, full, strict=True) for size in pair]
    if not paired:
        return g
    summed: Tensor = g.reshape(paired).sum(tuple(range(0, len(paired), 2)))
    return summed.reshape(shape)


def _repeat_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    (times,) = params
    made: Tensor = op((_batching.padded(tensors[0], len(times)),), (1, *times))
    return made


_REPEAT = Primitive(
    "repeat",
    linear=True,
    node="RepeatBackward0",
    forward=_repeated,
    vjp=_repeat_vjp,
    batch=_repeat_batch,
)


@public("Tensor.repeat")
def repeat(self: Tensor, repeats: Any, *more: int) -> Tensor:
    """Copy the tensor side by side along each dimension.

    Parameters
    ----------
    repeats, *more : int or sequence of int
        How often along each dimension, one by one or as a sequence; further ones in
        front make new dimensions.

    Raises
    ------
    RuntimeError
        If there are fewer numbers than dimensions, or a negative one.

    Notes
    -----
    **Derivative** the gradients of all copies, summed.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    times = ints("repeat", (repeats, *more))
    if len(times) < self.dim():
        raise RuntimeError(
            "[repeat] Number of dimensions of repeat dims can not be smaller than "
            f"number of dimensions of tensor: got {len(times)} and {self.dim()}."
        )
    for n in times:
        if n < 0:
            raise RuntimeError(
                "[repeat] Trying to create tensor with negative dimension: expected "
                f"non-negative repeats, got {times}."
            )
    made: Tensor = _REPEAT((self,), times)
    return made


@public("tile", "Tensor.tile")
def tile(input: Tensor, dims: Any, *more: int) -> Tensor:
    """Copy a tensor side by side; dimensions not mentioned in front are kept.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dims, *more : int or sequence of int
        How often along each of the last dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.tile(derivo.tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    times = ints("tile", (dims, *more))
    return repeat(input, (1,) * (input.dim() - len(times)) + times)


def _repeat_indices(repeats: Tensor, output_size: int | None) -> Tensor:
    if repeats.dim() != 1:
        raise RuntimeError(
            "[repeat_interleave] repeat_interleave only accept 1D vector as repeat, "
            f"got shape {list(repeats.shape)}."
        )
    if repeats.dtype.name not in ("int32", "int64"):
        raise RuntimeError(
            "[repeat_interleave] repeats has to be Long or Int tensor, got "
            f"{repeats.dtype}."
        )
    counts = repeats.tolist()
    if any(n < 0 for n in counts):
        raise RuntimeError("[repeat_interleave] repeats can not be negative.")
    total = sum(counts)
    if output_size is not None and output_size != total:
        raise RuntimeError(
            "[repeat_interleave] allocated size does not match required size: got "
            f"output_size={output_size}, expected {total}."
        )
    made = _filled((total,), 0, repeats.dtype)
    at = 0
    for i, n in enumerate(counts):
        if n:
            made.narrow(0, at, n).fill_(i)
            at += n
    return made


@public("repeat_interleave", "Tensor.repeat_interleave")
def repeat_interleave(
    input: Tensor,
    repeats: Any = None,
    dim: int | None = None,
    *,
    output_size: int | None = None,
) -> Tensor:
    """Repeat each element (or row) in place of itself.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype. Alone, it is taken for `repeats`, and the indices
        that it repeats are returned.
    repeats : int or Tensor
        How often; one number, or one for each entry of the dimension.
    dim : int, optional
        The dimension; the flattened tensor if not given.
    output_size : int, optional
        Size of the result along the dimension, where known.

    Raises
    ------
    RuntimeError
        If counts are negative or not as many as entries.

    Examples
    --------
    >>> import derivo
    >>> derivo.repeat_interleave(derivo.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    from derivo import contiguous_format

    if repeats is None:
        return _repeat_indices(input, output_size)
    x = input
    if dim is None:
        x, dim = input.flatten(), 0
    if x.dim() == 0:
        x = x.reshape(1)
    d = _check_dim(dim, x.dim())
    if isinstance(repeats, (list, tuple)):
        from derivo.ops.creation import tensor

        repeats = tensor(list(repeats))
    if not isinstance(repeats, TensorBase):
        if repeats < 0:
            raise RuntimeError(
                f"[repeat_interleave] Repeats must be non-negative, got {repeats}."
            )
        total = repeats * x.shape[d]
        if output_size is not None and output_size != total:
            raise RuntimeError(
                "[repeat_interleave] Invalid output_size: allocated size does not "
                f"match required size, got {output_size}, expected {total}."
            )
        wide = x.unsqueeze(d + 1)
        shape = list(wide.shape)
        shape[d + 1] = repeats
        full = wide.expand(shape).clone(memory_format=contiguous_format)
        merged: Tensor = full.flatten(d, d + 1)
        return merged
    if repeats.dim() == 0 or repeats.numel() == 1:
        repeats = repeats.reshape(1).expand(x.shape[d])
    elif repeats.dim() == 1 and repeats.shape[0] != x.shape[d]:
        raise RuntimeError(
            "[repeat_interleave] repeats must have the same size as input along dim, "
            f"but got repeats.size(0) = {repeats.shape[0]} and input.size({d}) = "
            f"{x.shape[d]}."
        )
    picked: Tensor = x.index_select(d, _repeat_indices(repeats, output_size))
    return picked


# ------------------------------------------------------------------ channels and pixels


def _interleaved(x: Tensor, c: int, r: int) -> Tensor:
    *lead, _, h, w = x.shape
    grid = x.reshape(*lead, c, r, r, h, w)
    n = len(lead)
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    made: Tensor = _empty((*lead, c, h * r, w * r), x.dtype)
    _copy_into(made.view(*lead, c, h, r, w, r), grid.permute(order))
    return made


def _separated(x: Tensor, c: int, r: int) -> Tensor:
    *lead, _, h, w = x.shape
    n = len(lead)
    grid = x.reshape(*lead, c, h // r, r, w // r, r)
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    made: Tensor = _empty((*lead, c * r * r, h // r, w // r), x.dtype)
    _copy_into(made.view(*lead, c, r, r, h // r, w // r), grid.permute(order))
    return made


_SHUFFLE = Primitive(
    "pixel_shuffle",
    linear=True,
    node="PixelShuffleBackward0",
    forward=_interleaved,
    vjp=lambda ctx, g, c, r: _UNSHUFFLE((g,), c, r),
    batch=_batching.leading,
)
_UNSHUFFLE = Primitive(
    "pixel_unshuffle",
    linear=True,
    node="PixelUnshuffleBackward0",
    forward=_separated,
    vjp=lambda ctx, g, c, r: _SHUFFLE((g,), c, r),
    batch=_batching.leading,
)


def _check_image(name: str, input: Tensor, factor: int, what: str) -> None:
    if input.dim() < 3:
        raise RuntimeError(
            f"[{name}] {name} expects input to have at least 3 dimensions, but got "
            f"input with {input.dim()} dimension(s)."
        )
    if factor <= 0:
        raise RuntimeError(
            f"[{name}] {name} expects a positive {what}, but got {factor}."
        )


@public("pixel_shuffle", "nn.functional.pixel_shuffle")
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Make larger images of many channels: (C r², H, W) becomes (C, H r, W r).

    Parameters
    ----------
    input : Tensor
        At least 3-D; the third dimension from the end divisible by the square of
        the factor.
    upscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.pixel_shuffle(derivo.arange(4).view(4, 1, 1), 2)
    tensor([[[0, 1],
             [2, 3]]])
    """
    _check_image("pixel_shuffle", input, upscale_factor, "upscale_factor")
    channels, square = input.shape[-3], upscale_factor**2
    if channels % square:
        raise RuntimeError(
            "[pixel_shuffle] pixel_shuffle expects its input's 'channel' dimension to "
            "be divisible by the square of upscale_factor, but input.size(-3)="
            f"{channels} is not divisible by {square}."
        )
    made: Tensor = _SHUFFLE((input,), channels // square, upscale_factor)
    return made


@public("pixel_unshuffle", "nn.functional.pixel_unshuffle")
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Undo `pixel_shuffle`: (C, H r, W r) becomes (C r², H, W).

    Parameters
    ----------
    input : Tensor
        At least 3-D; height and width divisible by the factor.
    downscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.pixel_unshuffle(derivo.arange(4).view(1, 2, 2), 2).flatten()
    tensor([0, 1, 2, 3])
    """
    _check_image("pixel_unshuffle", input, downscale_factor, "downscale_factor")
    for what, size in (("height", input.shape[-2]), ("width", input.shape[-1])):
        if size % downscale_factor:
            raise RuntimeError(
                f"[pixel_unshuffle] pixel_unshuffle expects {what} to be divisible by "
                f"downscale_factor, but got {size} and {downscale_factor}."
            )
    made: Tensor = _UNSHUFFLE((input,), input.shape[-3], downscale_factor)
    return made


def _channels_shuffled(x: Tensor, groups: int) -> Tensor:
    n, c, *rest = x.shape
    size = math.prod(rest)
    made: Tensor = _empty(x.shape, x.dtype)
    source = x.reshape(n, groups, c // groups, size).transpose(1, 2)
    _copy_into(made.view(n, c // groups, groups, size), source)
    return made


_CHANNELS = Primitive(
    "channel_shuffle",
    linear=True,
    node="ChannelShuffleBackward0",
    forward=_channels_shuffled,
    vjp=lambda ctx, g, groups: _CHANNELS((g,), ctx.shapes[0][1] // groups),
    batch=_batching.merged(),
)


@public("channel_shuffle", "nn.functional.channel_shuffle")
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Interleave the channels of groups.

    Parameters
    ----------
    input : Tensor
        At least 3-D, channels in the second dimension, divisible by `groups`.
    groups : int
        Number of groups.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.channel_shuffle(derivo.arange(4).view(1, 4, 1), 2).flatten()
    tensor([0, 2, 1, 3])
    """
    if input.dim() < 3:
        raise RuntimeError(
            "[channel_shuffle] channel_shuffle expects input with > 2 dims, but got "
            f"input with sizes {list(input.shape)}."
        )
    if groups <= 0:
        raise RuntimeError(
            "[channel_shuffle] Number of groups to divide channels in must be "
            f"positive. Value of groups:{groups}."
        )
    if input.shape[1] % groups:
        raise RuntimeError(
            "[channel_shuffle] Number of channels must be divisible by groups. Got "
            f"{input.shape[1]} channels and {groups} groups."
        )
    made: Tensor = _CHANNELS((input,), groups)
    return made
