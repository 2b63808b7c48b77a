"""Padding: borders of a constant, or of the tensor's own elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.tensor import _alias, _empty
from derivo.ops import _batching
from derivo.ops._rows import fresh
from derivo.ops._surface import public
from derivo.ops.creation import _filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor

    Number = bool | int | float | complex

Borders = tuple[tuple[int, int, int], ...]  # (dimension, before, after)

# ------------------------------------------------------------------ constant


def _cut(x: Tensor, borders: Borders) -> Tensor:
    """Take off what negative borders say."""
    for d, before, after in borders:
        length = x.shape[d]
        start = max(-before, 0)
        stop = length - max(-after, 0)
        x = x.narrow(d, start, stop - start)
    return x


def _uncut(x: Tensor, borders: Borders) -> Tensor:
    """Transpose of `_cut`: zeros for what was taken off."""
    pad = [0] * (2 * x.dim())
    for d, before, after in borders:
        at = 2 * (x.dim() - 1 - d)
        pad[at : at + 2] = max(-before, 0), max(-after, 0)
    return _surrounded(x, tuple(pad), 0) if any(pad) else x


def _surrounded(x: Tensor, pad: tuple[int, ...], value: Number) -> Tensor:
    borders = _borders(x.dim(), pad)
    shape = list(x.shape)
    for d, before, after in borders:
        shape[d] += before + after
    made = _filled(shape, value, x.dtype)
    inner = _cut(x, borders)
    target = _cut(made, tuple((d, -before, -after) for d, before, after in borders))
    if inner.numel():
        _copy_into(target, inner)
    return made


_CONSTANT = Primitive(
    "constant_pad_nd",
    node="ConstantPadNdBackward0",
    forward=_surrounded,
    vjp=lambda ctx, g, pad, value: _CONSTANT((g,), tuple(-n for n in pad), 0),
    batch=_batching.leading,
)


def _borders(rank: int, pad: Sequence[int]) -> Borders:
    """Read the pairs of `pad`, which begin with the last dimension."""
    return tuple(
        (rank - 1 - i, pad[2 * i], pad[2 * i + 1]) for i in range(len(pad) // 2)
    )


@public("constant_pad_nd")
def constant_pad_nd(input: Tensor, pad: Sequence[int], value: Number = 0) -> Tensor:
    """Surround a tensor with a constant.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    pad : sequence of int
        Pairs (before, after), last dimension first; negative ones cut off.
    value : number, default 0
        The constant.

    Raises
    ------
    RuntimeError
        If there are more pairs than dimensions, an odd number of entries, or a size
        would become negative.

    Notes
    -----
    **Derivative** the gradient without its borders.

    Examples
    --------
    >>> import derivo
    >>> derivo.constant_pad_nd(derivo.tensor([1, 2]), (1, 0))
    tensor([0, 1, 2])
    """
    sides = tuple(n.__index__() for n in pad)
    if len(sides) % 2:
        raise RuntimeError(
            f"[pad] Length of pad must be even but instead it equals {len(sides)}."
        )
    if len(sides) // 2 > input.dim():
        raise RuntimeError(
            "[pad] Length of pad should be no more than twice the number of "
            f"dimensions of the input. Pad length is {len(sides)} while the input has "
            f"{input.dim()} dimensions."
        )
    for d, before, after in _borders(input.dim(), sides):
        n = input.shape[d]
        if n + before + after < 0 or n + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError(
                f"[pad] The input size {n}, plus negative padding {before} and "
                f"{after} resulted in a negative output size, which is invalid. Check "
                f"dimension {d} of your input."
            )
    made: Tensor = _CONSTANT((input,), sides, value)
    return made


# ------------------------------------------------------------------ own elements


def _mirrored(x: Tensor, d: int) -> Tensor:
    steps = list(x.stride())
    offset = max(x.shape[d] - 1, 0) * steps[d]
    steps[d] = -steps[d]
    made: Tensor = _alias(x, x.shape, steps, offset)
    return made


def _edges(t: Tensor, d: int, before: int, after: int, mode: str) -> Any:
    """Pairs (border, what it repeats) of a padded tensor along a dimension."""
    length = t.shape[d] - before - after
    last = before + length  # where the border after begins
    if mode == "replicate":
        for start, n, at in ((0, before, before), (last, after, last - 1)):
            if n:
                border = t.narrow(d, start, n)
                for i in range(n):
                    yield border.narrow(d, i, 1), t.narrow(d, at, 1)
    elif mode == "reflect":
        if before:
            yield t.narrow(d, 0, before), _mirrored(t.narrow(d, before + 1, before), d)
        if after:
            inner = t.narrow(d, last - 1 - after, after)
            yield t.narrow(d, last, after), _mirrored(inner, d)
    else:
        if before:
            yield t.narrow(d, 0, before), t.narrow(d, last - before, before)
        if after:
            yield t.narrow(d, last, after), t.narrow(d, before, after)


def _added(borders: Borders) -> Borders:
    """Borders without what negative ones take off."""
    return tuple((d, max(before, 0), max(after, 0)) for d, before, after in borders)


def _bordered(x: Tensor, borders: Borders, mode: str) -> Tensor:
    # Borders repeat what was there before anything is cut off.
    added = _added(borders)
    shape = list(x.shape)
    for d, before, after in added:
        shape[d] += before + after
    made: Tensor = _empty(shape, x.dtype)
    inner = made
    for d, before, _ in added:
        inner = inner.narrow(d, before, x.shape[d])
    _copy_into(inner, x)
    # One dimension after the other, over the whole of the others: the corners are
    # right when the last is done.
    for d, before, after in added:
        for border, source in _edges(made, d, before, after, mode):
            _copy_into(border, source)
    return _cut(made, borders).contiguous()


def _folded(g: Tensor, borders: Borders, mode: str) -> Tensor:
    """Transpose of `_bordered`: borders are added to what they repeat."""
    work = fresh(_uncut(g, borders))
    borders = _added(borders)
    for d, before, after in reversed(borders):
        for border, source in _edges(work, d, before, after, mode):
            source += border
    for d, before, after in borders:
        work = work.narrow(d, before, work.shape[d] - before - after)
    return fresh(work) if work.is_contiguous() else work.contiguous()


def _pair(mode: str, name: str, node: str) -> Any:
    def unpad_vjp(ctx: Any, g: Tensor, borders: Borders, mode: str) -> Tensor:
        made: Tensor = pad((g,), borders, mode)
        return made

    def pad_vjp(ctx: Any, g: Tensor, borders: Borders, mode: str) -> Tensor:
        made: Tensor = unpad((g,), borders, mode)
        return made

    unpad = Primitive(
        f"{name}_backward",
        node=node.replace("Backward0", "BackwardBackward0"),
        forward=_folded,
        vjp=unpad_vjp,
        batch=_batching.borders,
    )
    pad = Primitive(
        name,
        node=node,
        forward=_bordered,
        vjp=pad_vjp,
        batch=_batching.borders,
    )
    return pad


_PADS = {
    **{
        (mode, n): _pair(mode, f"{name}_pad{n}d", f"{node}Pad{n}DBackward0")
        for mode, name, node in (
            ("reflect", "reflection", "Reflection"),
            ("replicate", "replication", "Replication"),
        )
        for n in (1, 2, 3)
    },
    **{
        ("circular", n): _pair("circular", "pad_circular", "PadCircularBackward0")
        for n in (1, 2, 3)
    },
}


@public("nn.functional.pad")
def pad(
    input: Tensor,
    pad: Sequence[int],
    mode: str = "constant",
    value: Number | None = None,
) -> Tensor:
    """Surround a tensor with a constant or with its own elements.

    Parameters
    ----------
    input : Tensor
        Any shape for "constant"; for the other modes the padded dimensions (1 to 3)
        and one or two in front of them.
    pad : sequence of int
        Pairs (before, after), last dimension first.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the borders hold: `value`; the elements mirrored, the outermost not
        repeated; the outermost element; those of the other end.
    value : number, optional
        For "constant"; zero if not given.

    Returns
    -------
    Tensor
        A copy.

    Raises
    ------
    RuntimeError, NotImplementedError
        If the number of dimensions or a border's size does not fit the mode.

    Notes
    -----
    **Derivative** each element gets the gradients of all its copies, summed.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([[1.0, 2.0, 3.0]])
    >>> derivo.nn.functional.pad(x, (2, 1), mode="reflect")
    tensor([[3., 2., 1., 2., 3., 2.]])
    """
    if mode == "constant":
        return constant_pad_nd(input, pad, 0 if value is None else value)
    sides = tuple(n.__index__() for n in pad)
    if len(sides) % 2:
        raise RuntimeError(f"[pad] Padding length must be divisible by 2, got {pad}.")
    if len(sides) // 2 > input.dim():
        raise RuntimeError(
            "[pad] Padding length should be less than or equal to two times the input "
            f"dimension but got padding length {len(sides)} and input of dimension "
            f"{input.dim()}."
        )
    if value not in (None, 0):
        raise ValueError(
            f"[pad] Padding mode {mode!r} doesn't take in value argument: got "
            f"value={value}."
        )
    n = len(sides) // 2
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(
            f"[pad] Unrecognised padding mode {mode}: expected constant, reflect, "
            "replicate or circular."
        )
    if n not in (1, 2, 3) or input.dim() not in (n + 1, n + 2):
        raise NotImplementedError(
            "[pad] Only 2D, 3D, 4D, 5D padding with non-constant padding are supported "
            f"for now: expected {n} padded dimensions and one or two more, got shape "
            f"{list(input.shape)}."
        )
    return _pad_with_own(input, sides, mode)


def _pad_with_own(input: Tensor, sides: tuple[int, ...], mode: str) -> Tensor:
    rank, n = input.dim(), len(sides) // 2
    borders = _borders(rank, sides)
    optional = rank == n + 2  # a batch may be empty
    if any(size == 0 for size in input.shape[1 if optional else 0 :]):
        raise RuntimeError(
            f"[pad] Expected {n + 1}D or {n + 2}D (batch mode) tensor with possibly 0 "
            "batch size and other non-zero dimensions for input, but got: "
            f"{list(input.shape)}."
        )
    for d, before, after in borders:
        size = input.shape[d]
        widest = max(before, after)
        if mode == "reflect" and widest >= size:
            raise RuntimeError(
                "[pad] Argument #4: Padding size should be less than the corresponding "
                f"input dimension, but got: padding ({before}, {after}) at dimension "
                f"{d} of input {list(input.shape)}."
            )
        if mode == "circular" and widest > size:
            raise RuntimeError(
                "[pad] Padding value causes wrapping around more than once: got "
                f"padding ({before}, {after}) at dimension {d} of size {size}."
            )
        if size + before + after < 1:
            raise RuntimeError(
                f"[pad] input (size {size}) is too small: padding ({before}, {after}) "
                f"at dimension {d} leaves nothing."
            )
    if mode == "circular":
        # These repeat what is left after something was cut off.
        input, borders = _cut(input, borders), _added(borders)
    padded: Tensor = _PADS[mode, n]((input,), borders, mode)
    return padded
