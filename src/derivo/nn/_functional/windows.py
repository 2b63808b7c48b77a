"""Sliding windows of N-dimensional grids: `unfold`, `fold`, and what they stand for.

`windows` copies every window of a grid out; `fold_windows` adds windows back into a
grid. Each is the derivative of the other, so whatever is built from the two can be
differentiated any number of times. Convolutions and pooling stand on them.

A window array has the shape ``(N, C, *kernel, *out)``: it is filled by as many strided
copies as the kernel has elements, each of them long.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import derivo
from derivo._core.primitive import Primitive
from derivo.ops import _batching
from derivo.tensor import Tensor

Ints = tuple[int, ...]


class Grid(NamedTuple):
    """Where the windows lie: one entry per spatial dimension.

    `after` is the padding at the end; it may differ from `before` so that the last
    window of a ceiling division fits.
    """

    size: Ints
    kernel: Ints
    stride: Ints
    dilation: Ints
    before: Ints
    after: Ints

    @property
    def out(self) -> Ints:
        """Number of windows along each dimension."""
        return tuple(
            (n + b + a - d * (k - 1) - 1) // s + 1
            for n, k, s, d, b, a in zip(*self, strict=True)
        )

    def pieces(self) -> Iterator[tuple[Ints, tuple[slice, ...], tuple[slice, ...]]]:
        """For each kernel element, the outputs it reaches and the inputs they read.

        Elements that fall into the padding everywhere are left out.
        """
        ranges = []
        for n, k, s, d, b, o in zip(
            self.size,
            self.kernel,
            self.stride,
            self.dilation,
            self.before,
            self.out,
            strict=True,
        ):
            per_dim = []
            for j in range(k):
                # Output i reads input i * s + j * d - b.
                shift = j * d - b
                first = max(0, -(shift // s) if shift < 0 else 0)
                last = min(o - 1, (n - 1 - shift) // s)
                if first > last:
                    continue
                start = first * s + shift
                per_dim.append(
                    (
                        j,
                        slice(first, last + 1),
                        slice(start, start + (last - first) * s + 1, s),
                    )
                )
            ranges.append(per_dim)
        for combination in itertools.product(*ranges):
            element, outs, ins = zip(*combination, strict=True)
            yield element, outs, ins


def _windows(x: Tensor, grid: Grid) -> Tensor:
    shape = (*x.shape[: -len(grid.size)], *grid.kernel, *grid.out)
    padded = any(grid.before) or any(grid.after)
    made = (derivo.zeros if padded else derivo.empty)(shape, dtype=x.dtype)
    for element, outs, ins in grid.pieces():
        made[(..., *element, *outs)] = x[(..., *ins)]
    return made


def _fold_windows(w: Tensor, grid: Grid) -> Tensor:
    lead = w.shape[: -2 * len(grid.size)]
    made = derivo.zeros((*lead, *grid.size), dtype=w.dtype)
    for element, outs, ins in grid.pieces():
        made[(..., *ins)].add_(w[(..., *element, *outs)])
    return made


windows = Primitive(
    "windows",
    linear=True,
    node="WindowsBackward0",
    forward=_windows,
    vjp=lambda ctx, g, grid: fold_windows((g,), grid),
    batch=_batching.leading,
)

fold_windows = Primitive(
    "fold_windows",
    linear=True,
    node="FoldWindowsBackward0",
    forward=_fold_windows,
    vjp=lambda ctx, g, grid: windows((g,), grid),
    batch=_batching.leading,
)


def _columns(x: Tensor, grid: Grid) -> Tensor:
    n, c = x.shape[:2]
    return _windows(x, grid).reshape(n, c * math.prod(grid.kernel), math.prod(grid.out))


def _fold_columns(x: Tensor, grid: Grid) -> Tensor:
    n, rows = x.shape[:2]
    c = rows // math.prod(grid.kernel)
    return _fold_windows(x.reshape(n, c, *grid.kernel, *grid.out), grid)


# The same with PyTorch's shapes.
_im2col = Primitive(
    "unfold",
    linear=True,
    node="Im2ColBackward0",
    forward=_columns,
    vjp=lambda ctx, g, grid: _col2im((g,), grid),
    batch=_batching.merged(),
)

_col2im = Primitive(
    "fold",
    linear=True,
    node="Col2ImBackward0",
    forward=_fold_columns,
    vjp=lambda ctx, g, grid: _im2col((g,), grid),
    batch=_batching.merged(),
)


def as_tuple(op: str, name: str, value: Any, n: int) -> Ints:
    """Return `value` as n integers: one for all, or one for each dimension."""
    if isinstance(value, int):
        return (value,) * n
    values = tuple(int(v) for v in value)
    if len(values) == 1:
        return values * n
    if len(values) != n:
        raise RuntimeError(
            f"[{op}] expected {name} to be a single integer value or a list of {n} "
            f"values to match the dimensions, but got {name}={list(values)}"
        )
    return values


def check_dims(op: str, input: Tensor, n: int) -> bool:
    """Refuse inputs other than (N, C, *grid) and (C, *grid); tell if N is there."""
    if input.dim() not in (n + 1, n + 2):
        raise RuntimeError(
            f"[{op}] Expected {n + 1}D (unbatched) or {n + 2}D (batched) input, but "
            f"got input of size: {list(input.shape)}"
        )
    return input.dim() == n + 2


def unfold(
    input: Tensor,
    kernel_size: int | Ints,
    dilation: int | Ints = 1,
    padding: int | Ints = 0,
    stride: int | Ints = 1,
) -> Tensor:
    """Copy the sliding windows of images into columns.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        The images.
    kernel_size, dilation, padding, stride : int or pair of int
        Of the windows; `padding` is with zeros on both sides.

    Returns
    -------
    Tensor of shape (N, C * kH * kW, L) or (C * kH * kW, L)
        One column for each of the L windows.

    Raises
    ------
    RuntimeError
        If the shape does not fit, or a window is larger than the padded image.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.unfold(torch.ones(1, 2, 4, 5), (2, 3)).shape
    torch.Size([1, 12, 9])
    """
    had_batch = check_dims("unfold", input, 2)
    x = input if had_batch else input.unsqueeze(0)
    grid = _grid("unfold", tuple(x.shape[2:]), kernel_size, dilation, padding, stride)
    if min(grid.out) < 1:
        raise RuntimeError(
            "[unfold] Given input with spatial size "
            f"{tuple(x.shape[2:])}, kernel_size={grid.kernel}, dilation="
            f"{grid.dilation}, padding={grid.before}, calculated shape of the array of "
            f"sliding blocks as {grid.out}, which is too small (non-positive)"
        )
    columns = _im2col((x,), grid)
    return columns if had_batch else columns.squeeze(0)


def fold(
    input: Tensor,
    output_size: int | Ints,
    kernel_size: int | Ints,
    dilation: int | Ints = 1,
    padding: int | Ints = 0,
    stride: int | Ints = 1,
) -> Tensor:
    """Add columns, as `unfold` makes them, back into images.

    Parameters
    ----------
    input : Tensor of shape (N, C * kH * kW, L) or (C * kH * kW, L)
        The columns.
    output_size : int or pair of int
        Height and width of the images.
    kernel_size, dilation, padding, stride : int or pair of int
        As for `unfold`.

    Returns
    -------
    Tensor of shape (N, C, H, W) or (C, H, W)
        Where windows overlap, the sum.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.fold(torch.ones(1, 12, 9), (4, 5), (2, 3)).shape
    torch.Size([1, 2, 4, 5])
    """
    if input.dim() not in (2, 3):
        raise RuntimeError(
            "[fold] Expected 2D or 3D (batch mode) tensor for input with possibly 0 "
            f"batch size and non-zero dimensions for input, but got: {input.shape}"
        )
    had_batch = input.dim() == 3
    x = input if had_batch else input.unsqueeze(0)
    size = as_tuple("fold", "output_size", output_size, 2)
    grid = _grid("fold", size, kernel_size, dilation, padding, stride)
    rows, columns = x.shape[1:]
    per_window = math.prod(grid.kernel)
    if rows % per_window:
        raise RuntimeError(
            "[fold] Expected size of input's dimension 1 to be divisible by the "
            f"product of kernel_size, but got input.size(1)={rows} and kernel_size="
            f"{grid.kernel}."
        )
    if math.prod(grid.out) != columns or min(grid.out) < 1:
        raise RuntimeError(
            f"[fold] Given output_size={size}, kernel_size={grid.kernel}, dilation="
            f"{grid.dilation}, padding={grid.before}, stride={grid.stride}, expected "
            "size of input's dimension 2 to match the calculated number of sliding "
            f"blocks {grid.out[0]} * {grid.out[1]} = {math.prod(grid.out)}, but got "
            f"input.size(2)={columns}."
        )
    folded = _col2im((x,), grid)
    return folded if had_batch else folded.squeeze(0)


def _grid(
    op: str, size: Ints, kernel: Any, dilation: Any, padding: Any, stride: Any
) -> Grid:
    n = len(size)
    kernel = as_tuple(op, "kernel_size", kernel, n)
    dilation = as_tuple(op, "dilation", dilation, n)
    padding = as_tuple(op, "padding", padding, n)
    stride = as_tuple(op, "stride", stride, n)
    for name, values, low in (
        ("kernel_size", kernel, 1),
        ("dilation", dilation, 1),
        ("padding", padding, 0),
        ("stride", stride, 1),
    ):
        if min(values) < low:
            sign = "greater than zero" if low else "non-negative"
            raise RuntimeError(f"[{op}] {name} should be {sign}, but got {values}")
    return Grid(size, kernel, stride, dilation, padding, padding)
