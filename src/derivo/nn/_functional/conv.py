"""Convolutions: windows times a matrix."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional.windows import Grid, as_tuple, fold_windows, windows
from derivo.ops import _batching
from derivo.ops.products.basic import conjugates
from derivo.tensor import Tensor

Ints = tuple[int, ...]


def _columns(x: Tensor, grid: Grid, groups: int) -> Tensor:
    """Windows as matrices ``(groups, C / groups * kernel, N * out)``."""
    n, c = x.shape[:2]
    w = windows((x,), grid).movedim(0, 1 + len(grid.size))  # C, *kernel, N, *out
    return w.reshape(
        groups, c // groups * math.prod(grid.kernel), n * math.prod(grid.out)
    )


def _uncolumns(columns: Tensor, grid: Grid, n: int) -> Tensor:
    """Apply the transpose of `_columns`."""
    k = math.prod(grid.kernel)
    c = columns.shape[0] * columns.shape[1] // k
    w = columns.reshape(c, *grid.kernel, n, *grid.out)
    return fold_windows((w.movedim(1 + len(grid.size), 0),), grid)


def _rows(x: Tensor, groups: int) -> Tensor:
    """``(N, C, *S)`` as matrices ``(groups, C / groups, N * S)``."""
    n, c = x.shape[:2]
    return x.transpose(0, 1).reshape(groups, c // groups, n * math.prod(x.shape[2:]))


def _unrows(rows: Tensor, n: int, size: Ints) -> Tensor:
    """Apply the transpose of `_rows`."""
    c = rows.shape[0] * rows.shape[1]
    return rows.reshape(c, n, *size).transpose(0, 1)


def _matrices(weight: Tensor, groups: int) -> Tensor:
    """Return the weight as ``(groups, first / groups, rest)``."""
    first = weight.shape[0]
    return weight.reshape(groups, first // groups, math.prod(weight.shape[1:]))


def _product(a: Tensor, b: Tensor) -> Tensor:
    if a.shape[0] == 1:
        return derivo.mm(a[0], b[0]).unsqueeze(0)
    return derivo.bmm(a, b)


def _spread(bias: Tensor, n: int) -> Tensor:
    return bias.reshape(-1, *(1,) * n)


def _plus(out: Tensor, bias: Tensor) -> Tensor:
    return out.add_(bias) if bias._batch is None else out + bias


def _forward(
    x: Tensor, weight: Tensor, bias: Tensor | None, grid: Grid, groups: int
) -> Tensor:
    product = _product(_matrices(weight, groups), _columns(x, grid, groups))
    out = _unrows(product, x.shape[0], grid.out).contiguous()
    return out if bias is None else _plus(out, _spread(bias, len(grid.size)))


def _vjp(ctx: Any, g: Tensor, grid: Grid, groups: int) -> tuple[Tensor | None, ...]:
    x, weight = conjugates(ctx.saved)
    rows = _rows(g, groups)
    dx = dw = db = None
    if ctx.needs[0]:
        columns = _product(_matrices(weight, groups).transpose(1, 2), rows)
        dx = _uncolumns(columns, grid, g.shape[0])
    if ctx.needs[1]:
        columns = _columns(x, grid, groups)
        # The weight itself is not saved where x needs no gradient.
        shape = (g.shape[1], x.shape[1] // groups, *grid.kernel)
        dw = _product(rows, columns.transpose(1, 2)).reshape(shape)
    if ctx.needs[2]:
        db = g.sum((0, *range(2, g.dim())))
    return dx, dw, db


_convolution = Primitive(
    "convolution",
    node="ConvolutionBackward0",
    forward=_forward,
    vjp=_vjp,
    save=lambda needs, inputs, out, params: (
        (
            inputs[0] if needs[1] else None,
            inputs[1] if needs[0] else None,
        )
        if not (needs[0] and needs[1])
        else (inputs[0], inputs[1])
    ),
    batch=_batching.merged(),
)


def _forward_transposed(
    x: Tensor, weight: Tensor, bias: Tensor | None, grid: Grid, groups: int
) -> Tensor:
    columns = _product(_matrices(weight, groups).transpose(1, 2), _rows(x, groups))
    out = _uncolumns(columns, grid, x.shape[0])
    return out if bias is None else _plus(out, _spread(bias, len(grid.size)))


def _vjp_transposed(
    ctx: Any, g: Tensor, grid: Grid, groups: int
) -> tuple[Tensor | None, ...]:
    x, weight = conjugates(ctx.saved)
    columns = _columns(g, grid, groups)
    dx = dw = db = None
    if ctx.needs[0]:
        product = _product(_matrices(weight, groups), columns)
        dx = _unrows(product, g.shape[0], grid.out)
    if ctx.needs[1]:
        dw = _product(_rows(x, groups), columns.transpose(1, 2)).reshape(ctx.shapes[1])
    if ctx.needs[2]:
        db = g.sum((0, *range(2, g.dim())))
    return dx, dw, db


_transposed = Primitive(
    "conv_transpose",
    node="ConvolutionBackward0",
    forward=_forward_transposed,
    vjp=_vjp_transposed,
    save=(0, 1),
    batch=_batching.merged(),
)


def _check(
    op: str, input: Tensor, weight: Tensor, bias: Tensor | None, n: int, groups: int
) -> None:
    if weight.dim() != n + 2:
        raise RuntimeError(
            f"[{op}] expected a {n + 2}-dimensional weight, but got weight of size "
            f"{list(weight.shape)}"
        )
    if input.dim() not in (n + 1, n + 2):
        raise RuntimeError(
            f"[{op}] Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to "
            f"{op}, but got input of size: {list(input.shape)}"
        )
    if input.dtype != weight.dtype:
        raise RuntimeError(
            f"[{op}] Input type ({input.dtype}) and weight type ({weight.dtype}) "
            "should be the same"
        )
    if bias is not None and bias.dtype != input.dtype:
        raise RuntimeError(
            f"[{op}] Input type ({input.dtype}) and bias type ({bias.dtype}) should be "
            "the same"
        )
    if groups < 1:
        raise RuntimeError(f"[{op}] non-positive groups is not supported, got {groups}")


def _check_positive(op: str, stride: Ints, dilation: Ints, padding: Ints) -> None:
    if min(stride) < 1:
        raise RuntimeError(f"[{op}] non-positive stride is not supported: {stride}")
    if min(dilation) < 1:
        raise RuntimeError(
            f"[{op}] dilation should be greater than zero, but got {dilation}"
        )
    if min(padding) < 0:
        raise RuntimeError(f"[{op}] negative padding is not supported: {padding}")


def _conv(
    n: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Tensor:
    op = f"conv{n}d"
    _check(op, input, weight, bias, n, groups)
    stride = as_tuple(op, "stride", stride, n)
    dilation = as_tuple(op, "dilation", dilation, n)
    kernel = tuple(weight.shape[2:])
    if isinstance(padding, str):
        before, after = _named_padding(op, padding, kernel, stride, dilation)
    else:
        before = after = as_tuple(op, "padding", padding, n)
    _check_positive(op, stride, dilation, before)
    had_batch = input.dim() == n + 2
    x = input if had_batch else input.unsqueeze(0)
    channels = x.shape[1]
    if weight.shape[0] % groups or weight.shape[0] < groups:
        raise RuntimeError(
            f"[{op}] Given groups={groups}, expected weight to be at least {groups} at "
            f"dimension 0 and divisible by it, but got weight of size "
            f"{list(weight.shape)} instead"
        )
    if channels != weight.shape[1] * groups:
        raise RuntimeError(
            f"[{op}] Given groups={groups}, weight of size {list(weight.shape)}, "
            f"expected input{list(input.shape)} to have {weight.shape[1] * groups} "
            f"channels, but got {channels} channels instead"
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise RuntimeError(
            f"[{op}] Given weight of size {list(weight.shape)}, expected bias to be "
            f"1-dimensional with {weight.shape[0]} elements, but got bias of size "
            f"{list(bias.shape)} instead"
        )
    grid = Grid(tuple(x.shape[2:]), kernel, stride, dilation, before, after)
    if min(grid.out, default=1) < 1:
        padded = [s + b + a for s, b, a in zip(grid.size, before, after, strict=True)]
        raise RuntimeError(
            f"[{op}] Calculated padded input size per channel: {padded}. Kernel size: "
            f"{list(kernel)}. Kernel size can't be greater than actual input size"
        )
    given = None
    if padding == "valid":
        # As PyTorch shows it: one number for all dimensions.
        given = {"padding": (0,), "output_padding": (0,)}
    out = _convolution((x, weight, bias), grid, groups, given=given)
    return out if had_batch else out.squeeze(0)


def _named_padding(
    op: str, padding: str, kernel: Ints, stride: Ints, dilation: Ints
) -> tuple[Ints, Ints]:
    if padding == "valid":
        return (0,) * len(kernel), (0,) * len(kernel)
    if padding != "same":
        raise RuntimeError(
            f"[{op}] Invalid padding string: '{padding}'. Use 'valid' or 'same'."
        )
    if any(s != 1 for s in stride):
        raise RuntimeError(
            f"[{op}] padding='same' is not supported for strided convolutions"
        )
    total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)


_CONV = """{what} of {signal} with learned windows.

Parameters
----------
input : Tensor of shape (N, C, {dims}) or (C, {dims})
    Floating.
weight : Tensor of shape (out, C / groups, {kernel})
    The windows.
bias : Tensor of shape (out,), optional
    Added to every position.
stride, dilation : int or tuple of int, optional
    Distance of windows, and of the elements within one.
padding : int, tuple of int, "valid" or "same", optional
    Zeros on both sides.
groups : int, optional
    Number of blocks of channels that do not see one another.

Returns
-------
Tensor of shape (N, out, {outs})
    Or without N, as `input`.

Raises
------
RuntimeError
    If the shapes or dtypes do not fit together.

Examples
--------
>>> import derivo as torch
>>> x = torch.ones({example_x}, requires_grad=True)
>>> y = torch.nn.functional.{name}(x, torch.ones({example_w}))
>>> y.sum().backward()
>>> x.grad.flatten()[0]
tensor(1.)
"""


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: str | int | Ints = 0,
    dilation: int | Ints = 1,
    groups: int = 1,
) -> Tensor:
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: str | int | Ints = 0,
    dilation: int | Ints = 1,
    groups: int = 1,
) -> Tensor:
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: str | int | Ints = 0,
    dilation: int | Ints = 1,
    groups: int = 1,
) -> Tensor:
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(
    n: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Tensor:
    op = f"conv_transpose{n}d"
    _check(op, input, weight, bias, n, groups)
    stride = as_tuple(op, "stride", stride, n)
    dilation = as_tuple(op, "dilation", dilation, n)
    padding = as_tuple(op, "padding", padding, n)
    extra = as_tuple(op, "output_padding", output_padding, n)
    _check_positive(op, stride, dilation, padding)
    if min(extra) < 0:
        raise RuntimeError(f"[{op}] negative output_padding is not supported: {extra}")
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise RuntimeError(
            f"[{op}] output padding must be smaller than either stride or dilation, "
            f"but got output_padding={extra}, stride={stride}, dilation={dilation}"
        )
    had_batch = input.dim() == n + 2
    x = input if had_batch else input.unsqueeze(0)
    if x.shape[1] != weight.shape[0] or weight.shape[0] % groups:
        raise RuntimeError(
            f"[{op}] Given transposed=1, weight of size {list(weight.shape)}, expected "
            f"input{list(input.shape)} to have {weight.shape[0]} channels, but got "
            f"{x.shape[1]} channels instead"
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[1] * groups,):
        raise RuntimeError(
            f"[{op}] Given transposed=1, weight of size {list(weight.shape)}, expected "
            f"bias to be 1-dimensional with {weight.shape[1] * groups} elements, but "
            f"got bias of size {list(bias.shape)} instead"
        )
    kernel = tuple(weight.shape[2:])
    size = tuple(
        (i - 1) * s - 2 * p + d * (k - 1) + e + 1
        for i, s, p, d, k, e in zip(
            x.shape[2:], stride, padding, dilation, kernel, extra, strict=True
        )
    )
    if min(size) < 1:
        raise RuntimeError(
            f"[{op}] Given input size per channel: {list(x.shape[2:])}. Calculated "
            f"output size per channel: {list(size)}. Output size is too small"
        )
    # The grid is that of the convolution whose transpose this is. Output padding
    # makes positions that no window reaches: count them as negative padding there.
    after = tuple(p - e for p, e in zip(padding, extra, strict=True))
    grid = Grid(size, kernel, stride, dilation, padding, after)
    out = _transposed((x, weight, bias), grid, groups)
    return out if had_batch else out.squeeze(0)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: int | Ints = 0,
    output_padding: int | Ints = 0,
    groups: int = 1,
    dilation: int | Ints = 1,
) -> Tensor:
    return _conv_transpose(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: int | Ints = 0,
    output_padding: int | Ints = 0,
    groups: int = 1,
    dilation: int | Ints = 1,
) -> Tensor:
    return _conv_transpose(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: int | Ints = 0,
    output_padding: int | Ints = 0,
    groups: int = 1,
    dilation: int | Ints = 1,
) -> Tensor:
    return _conv_transpose(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


_TRANSPOSED = """The transpose of `{plain}`: spread each element over a window.

Parameters
----------
input : Tensor of shape (N, C, {dims}) or (C, {dims})
    Floating.
weight : Tensor of shape (C, out / groups, {kernel})
    The windows.
bias : Tensor of shape (out,), optional
    Added to every position.
stride, padding, dilation : int or tuple of int, optional
    Of the convolution that this transposes.
output_padding : int or tuple of int, optional
    Added to one side of the output.
groups : int, optional
    Number of blocks of channels that do not see one another.

Returns
-------
Tensor of shape (N, out, {outs})
    Or without N, as `input`.

Raises
------
RuntimeError
    If the shapes or dtypes do not fit together.

Examples
--------
>>> import derivo as torch
>>> x = torch.ones({example_x}, requires_grad=True)
>>> y = torch.nn.functional.{name}(x, torch.ones({example_w}))
>>> y.sum().backward()
>>> x.grad.flatten()[0] == torch.ones({example_w}).sum()
tensor(True)
"""

for _n, _plain, _tr in (
    (1, conv1d, conv_transpose1d),
    (2, conv2d, conv_transpose2d),
    (3, conv3d, conv_transpose3d),
):
    _words = {
        "what": "Convolution",
        "signal": ("sequences", "images", "volumes")[_n - 1],
        "dims": ("L", "H, W", "D, H, W")[_n - 1],
        "outs": ("oL", "oH, oW", "oD, oH, oW")[_n - 1],
        "kernel": ("kL", "kH, kW", "kD, kH, kW")[_n - 1],
        "example_x": "1, 1, " + ", ".join(["4"] * _n),
        "example_w": "1, 1, " + ", ".join(["3"] * _n),
        "plain": f"conv{_n}d",
    }
    _plain.__doc__ = _CONV.format(name=f"conv{_n}d", **_words)
    _tr.__doc__ = _TRANSPOSED.format(name=f"conv_transpose{_n}d", **_words)
