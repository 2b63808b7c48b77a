"""Pooling: one number for each window."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional.windows import Grid, as_tuple, check_dims
from derivo.ops import _batching
from derivo.tensor import Tensor

Ints = tuple[int, ...]


def _pool_grid(
    op: str,
    size: Ints,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> Grid:
    n = len(size)
    kernel = as_tuple(op, "kernel_size", kernel, n)
    empty = stride is None or (not isinstance(stride, int) and len(stride) == 0)
    stride = kernel if empty else as_tuple(op, "stride", stride, n)
    padding = as_tuple(op, "padding", padding, n)
    dilation = as_tuple(op, "dilation", dilation, n)
    if min(kernel) < 1:
        raise RuntimeError(
            f"[{op}] kernel size should be greater than zero, but got {kernel}"
        )
    if min(stride) < 1:
        raise RuntimeError(f"[{op}] stride should not be zero, but got {stride}")
    if min(dilation) < 1:
        raise RuntimeError(
            f"[{op}] dilation should be greater than zero, but got {dilation}"
        )
    if min(padding) < 0:
        raise RuntimeError(f"[{op}] pad must be non-negative, but got pad: {padding}")
    reach = [((k - 1) * d + 1) // 2 for k, d in zip(kernel, dilation, strict=True)]
    if any(p > r for p, r in zip(padding, reach, strict=True)):
        raise RuntimeError(
            f"[{op}] pad should be at most half of effective kernel size, but got pad="
            f"{padding}, kernel_size={kernel} and dilation={dilation}"
        )
    after = []
    for i, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = i + 2 * p - d * (k - 1) - 1
        count = (-(-room // s) if ceil_mode else room // s) + 1
        # The last window must start inside the input or its left padding.
        if ceil_mode and (count - 1) * s >= i + p:
            count -= 1
        if count < 1:
            raise RuntimeError(
                f"[{op}] Given input size: {size}. Calculated output size is too small "
                f"for kernel_size={kernel}"
            )
        after.append((count - 1) * s + d * (k - 1) + 1 - i - p)
    return Grid(size, kernel, stride, dilation, padding, tuple(after))


def _as_given(n: int, ceil_mode: bool, **windows: Any) -> dict[str, Any]:
    """What nodes show: of images and volumes, the arguments as they were given."""
    shown: dict[str, Any] = {"ceil_mode": ceil_mode}
    if n > 1:
        for name, value in windows.items():
            ints = (value,) * n if isinstance(value, int) else tuple(value or ())
            shown[name] = ints
    return shown


def _check_not_empty(op: str, input: Tensor, n: int) -> None:
    if 0 in input.shape[-(n + 1) :]:
        raise RuntimeError(
            f"[{op}] Expected {n + 1}D or {n + 2}D (batch mode) tensor with optional 0 "
            "dim batch size for input: non-batch dimensions have positive length, but "
            f"got:{list(input.shape)}"
        )


# -- maximum -------------------------------------------------------------------


def _flat_positions(grid: Grid, element: Ints, outs: tuple[slice, ...]) -> Tensor:
    """Positions in the flattened input that a kernel element reads."""
    n = len(grid.size)
    total = None
    for d in range(n):
        reads = (
            derivo.arange(outs[d].start, outs[d].stop) * grid.stride[d]
            + element[d] * grid.dilation[d]
            - grid.before[d]
        ) * math.prod(grid.size[d + 1 :])
        reads = reads.reshape(-1, *(1,) * (n - 1 - d))
        total = reads if total is None else total + reads
    assert total is not None
    return total


def _max_forward(x: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
    shape = (*x.shape[: -len(grid.size)], *grid.out)
    low = -math.inf if x.is_floating_point() else derivo.iinfo(x.dtype).min
    best = derivo.full(shape, low, dtype=x.dtype)
    where = derivo.full(shape, -1, dtype=derivo.int64)
    for element, outs, ins in grid.pieces():
        here = (..., *outs)
        value, so_far, at = x[(..., *ins)], best[here], where[here]
        # The first of equals is kept, and a NaN stays.
        better = (value > so_far) | (at < 0)
        if x.is_floating_point():
            better |= derivo.isnan(value)
        best[here] = derivo.where(better, value, so_far)
        where[here] = derivo.where(better, _flat_positions(grid, element, outs), at)
    return best, where


def _max_vjp(ctx: Any, g: Any, grid: Grid) -> Tensor:
    (where,) = ctx.saved
    grad = g[0]
    return unpool(grad, where, grid.size)


def unpool(values: Tensor, where: Tensor, size: Ints) -> Tensor:
    """Add values up at flattened positions of a grid of zeros."""
    n = len(size)
    lead = values.shape[:-n]
    flat = derivo.zeros((*lead, math.prod(size)), dtype=values.dtype)
    return flat.scatter_add(-1, where.flatten(-n), values.flatten(-n)).reshape(
        *lead, *size
    )


def _max_primitive(n: int) -> Any:
    return Primitive(
        f"max_pool{n}d",
        node=f"MaxPool{n}DWithIndicesBackward0",
        forward=_max_forward,
        vjp=_max_vjp,
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_batching.leading,
    )


_MAX = {n: _max_primitive(n) for n in (2, 3)}


def _flat_grid(grid: Grid) -> Grid:
    ones, zeros = (1,), (0,)
    return Grid(
        ones + grid.size,
        ones + grid.kernel,
        ones + grid.stride,
        ones + grid.dilation,
        zeros + grid.before,
        zeros + grid.after,
    )


def _max_pool(
    n: int,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> tuple[Tensor, Tensor]:
    op = f"max_pool{n}d"
    if input.dtype == derivo.bool:
        raise RuntimeError(f"[{op}] not implemented for 'Bool'")
    check_dims(op, input, n)
    _check_not_empty(op, input, n)
    grid = _pool_grid(
        op, tuple(input.shape[-n:]), kernel_size, stride, padding, dilation, ceil_mode
    )
    given = _as_given(n, ceil_mode, stride=stride, padding=padding, dilation=dilation)
    if n == 1:
        # As PyTorch: images of height 1.
        out, where = _MAX[2]((input.unsqueeze(-2),), _flat_grid(grid), given=given)
        return out.squeeze(-2), where.squeeze(-2)
    return _MAX[n]((input,), grid, given=given)


def max_pool1d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    dilation: int | Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    out, where = _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode)
    return (out, where) if return_indices else out


def max_pool2d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    dilation: int | Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    out, where = _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode)
    return (out, where) if return_indices else out


def max_pool3d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    dilation: int | Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    out, where = _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode)
    return (out, where) if return_indices else out


_MAX_DOC = """The largest element of each window.

Parameters
----------
input : Tensor of shape (N, C, {dims}) or (C, {dims})
    Not bool.
kernel_size : int or tuple of int
    Of the windows.
stride : int or tuple of int, optional
    Their distance. Default: `kernel_size`.
padding : int or tuple of int, optional
    Added on both sides, at most half the kernel; never the largest.
dilation : int or tuple of int, optional
    Distance of elements in a window.
ceil_mode : bool, optional
    Add windows that do not quite fit.
return_indices : bool, optional
    Return also where in the flattened input the maxima are.

Returns
-------
Tensor, or pair of Tensor
    The maxima, and their int64 positions. The gradient goes to the first of equal
    elements.

Raises
------
RuntimeError
    If the arguments do not fit the shape.

Examples
--------
>>> import derivo as torch
>>> x = torch.arange({count}.).reshape({shape})
>>> torch.nn.functional.{name}(x, 2).flatten()
tensor([{last}.])
"""
for _n, _f in ((1, max_pool1d), (2, max_pool2d), (3, max_pool3d)):
    _f.__doc__ = _MAX_DOC.format(
        name=f"max_pool{_n}d",
        dims=("L", "H, W", "D, H, W")[_n - 1],
        count=2**_n,
        last=2**_n - 1,
        shape="1, 1, " + ", ".join(["2"] * _n),
    )


def max_pool1d_with_indices(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """`max_pool1d` with ``return_indices=True``."""
    return max_pool1d(*args, **{**kwargs, "return_indices": True})


def max_pool2d_with_indices(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """`max_pool2d` with ``return_indices=True``."""
    return max_pool2d(*args, **{**kwargs, "return_indices": True})


def max_pool3d_with_indices(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """`max_pool3d` with ``return_indices=True``."""
    return max_pool3d(*args, **{**kwargs, "return_indices": True})


def _max_unpool(
    n: int,
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Tensor:
    op = f"max_unpool{n}d"
    kernel = as_tuple(op, "kernel_size", kernel_size, n)
    stride = kernel if stride is None else as_tuple(op, "stride", stride, n)
    padding = as_tuple(op, "padding", padding, n)
    check_dims(op, input, n)
    x, where = input, indices
    if where.dtype != derivo.int64:
        raise RuntimeError(
            f"[{op}] elements in indices should be type int64 but got: {where.dtype}"
        )
    if where.shape != x.shape:
        raise RuntimeError(
            f"[{op}] Expected shape of indices to be same as that of the input tensor "
            f"({list(x.shape)}), but got indices tensor with shape: {list(where.shape)}"
        )
    default = [
        (i - 1) * s + k - 2 * p
        for i, s, k, p in zip(x.shape[-n:], stride, kernel, padding, strict=True)
    ]
    if output_size is None:
        size = tuple(default)
    else:
        size = tuple(output_size)[-n:]
        for d, (got, expected) in enumerate(zip(size, default, strict=True)):
            if not expected - stride[d] < got < expected + stride[d]:
                raise ValueError(
                    f"[{op}] invalid output_size {list(size)} (dim {d} must be between "
                    f"{expected - stride[d]} and {expected + stride[d]})"
                )
    count = math.prod(size)
    if where.numel() and not (int(where.min()) >= 0 and int(where.max()) < count):
        raise RuntimeError(
            f"[{op}] Found an invalid max index: expected 0 <= index < {count} for "
            f"output_size={size}"
        )
    if n == 1:
        # As PyTorch: images of width 1.
        x, where = x.unsqueeze(-1), where.unsqueeze(-1)
        return _UNPOOL[2]((x,), where, (*size, 1)).squeeze(-1)
    return _UNPOOL[n]((x,), where, size)


def _unpool_forward(x: Tensor, where: Tensor, size: Ints) -> Tensor:
    # Of values for the same place, one stays; which, is not said.
    n = len(size)
    flat = derivo.zeros((*x.shape[:-n], math.prod(size)), dtype=x.dtype)
    flat = flat.scatter(-1, where.flatten(-n), x.flatten(-n))
    return flat.reshape(*x.shape[:-n], *size)


_UNPOOL = {
    n: Primitive(
        f"max_unpool{n}d",
        node=f"MaxUnpool{n}DBackward0",
        linear=True,
        forward=_unpool_forward,
        vjp=lambda ctx, g, where, size: (
            g.flatten(-len(size))
            .gather(-1, where.flatten(-len(size)))
            .reshape(where.shape)
        ),
        batch=_batching.follows,
    )
    for n in (2, 3)
}


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    output_size: Any = None,
) -> Tensor:
    """Put pooled elements back where `max_pool1d` found them; zeros elsewhere.

    Parameters
    ----------
    input, indices : Tensor of shape (N, C, L) or (C, L)
        As `max_pool1d` returned them.
    kernel_size, stride, padding : int
        Of the pooling.
    output_size : tuple of int, optional
        The length, where several would fit.
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    output_size: Any = None,
) -> Tensor:
    """Put pooled elements back where `max_pool2d` found them; see `max_unpool1d`."""
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    output_size: Any = None,
) -> Tensor:
    """Put pooled elements back where `max_pool3d` found them; see `max_unpool1d`."""
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


# -- mean ----------------------------------------------------------------------


def _divisors(grid: Grid, include: bool, override: int | None, dtype: Any) -> Any:
    """Return what sums are divided by: a number, or one for each window."""
    if override is not None:
        return override
    if not any(grid.before) and not any(a > 0 for a in grid.after):
        return math.prod(grid.kernel)
    counts = None
    n = len(grid.size)
    for d, (size, k, s, p, o) in enumerate(
        zip(grid.size, grid.kernel, grid.stride, grid.before, grid.out, strict=True)
    ):
        starts = [i * s - p for i in range(o)]
        ends = [min(start + k, size + p) for start in starts]
        if not include:
            starts = [max(start, 0) for start in starts]
            ends = [min(end, size) for end in ends]
        here = derivo.tensor(
            [e - b for b, e in zip(starts, ends, strict=True)], dtype=dtype
        ).reshape(-1, *(1,) * (n - 1 - d))
        counts = here if counts is None else counts * here
    return counts


def _mean_forward(x: Tensor, grid: Grid, include: bool, override: Any) -> Tensor:
    lead = x.shape[: -len(grid.size)]
    total = derivo.zeros((*lead, *grid.out), dtype=x.dtype)
    for _element, outs, ins in grid.pieces():
        total[(..., *outs)].add_(x[(..., *ins)])
    divisors = _divisors(grid, include, override, x.dtype)
    if not x.is_floating_point():
        return derivo.div(total, divisors, rounding_mode="trunc")
    return total.div_(divisors)


def _mean_vjp(ctx: Any, g: Tensor, grid: Grid, include: bool, override: Any) -> Tensor:
    from derivo.nn._functional.windows import fold_windows

    each = g / _divisors(grid, include, override, g.dtype)
    n = len(grid.size)
    lead = g.shape[:-n]
    spread = each.reshape(*lead, *(1,) * n, *grid.out)
    return fold_windows((spread.expand(*lead, *grid.kernel, *grid.out),), grid)


_MEAN = {
    n: Primitive(
        f"avg_pool{n}d",
        node=f"AvgPool{n}DBackward0",
        forward=_mean_forward,
        vjp=_mean_vjp,
        batch=_batching.leading,
    )
    for n in (2, 3)
}


def _avg_pool(
    n: int,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    op = f"avg_pool{n}d"
    if divisor_override == 0:
        raise RuntimeError(f"[{op}] divisor must be not zero")
    if not input.is_floating_point() and input.dtype != derivo.int64:
        raise RuntimeError(f"[{op}] not implemented for '{input.dtype}'")
    check_dims(op, input, n)
    size = tuple(input.shape[-n:])
    grid = _pool_grid(op, size, kernel_size, stride, padding, 1, ceil_mode)
    given = _as_given(n, ceil_mode, stride=stride, padding=padding)
    if n == 1:
        x, flat = input.unsqueeze(-2), _flat_grid(grid)
        return _MEAN[2]((x,), flat, count_include_pad, None, given=given).squeeze(-2)
    return _MEAN[n]((input,), grid, count_include_pad, divisor_override, given=given)


def avg_pool1d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    return _avg_pool(
        1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None
    )


def avg_pool2d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    return _avg_pool(
        2,
        input,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )


def avg_pool3d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    return _avg_pool(
        3,
        input,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )


_MEAN_DOC = """The mean of each window.

Parameters
----------
input : Tensor of shape (N, C, {dims}) or (C, {dims})
    Floating.
kernel_size : int or tuple of int
    Of the windows.
stride : int or tuple of int, optional
    Their distance. Default: `kernel_size`.
padding : int or tuple of int, optional
    Zeros on both sides, at most half the kernel.
ceil_mode : bool, optional
    Add windows that do not quite fit.
count_include_pad : bool, optional
    Count the padding in the mean.
{override}
Returns
-------
Tensor of shape (N, C, {outs})
    Or without N, as `input`.

Raises
------
RuntimeError
    If the arguments do not fit the shape.

Examples
--------
>>> import derivo as torch
>>> x = torch.ones({shape})
>>> torch.nn.functional.{name}(x, 2).flatten()
tensor([1.])
"""
_mean: Any
for _n, _mean in ((1, avg_pool1d), (2, avg_pool2d), (3, avg_pool3d)):
    _mean.__doc__ = _MEAN_DOC.format(
        name=f"avg_pool{_n}d",
        dims=("L", "H, W", "D, H, W")[_n - 1],
        outs=("oL", "oH, oW", "oD, oH, oW")[_n - 1],
        override=""
        if _n == 1
        else "divisor_override : int, optional\n    Divide by it instead.\n",
        shape="1, 1, " + ", ".join(["2"] * _n),
    )


def _lp_pool(
    n: int,
    input: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any,
    ceil_mode: bool,
) -> Tensor:
    kernel = as_tuple(f"lp_pool{n}d", "kernel_size", kernel_size, n)
    mean = _avg_pool(n, input.pow(norm_type), kernel, stride, 0, ceil_mode, True, None)
    total = mean.abs().relu() * mean.sign() * math.prod(kernel)
    return total.pow(1.0 / norm_type)


def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Take the p-norm of each window; `norm_type` is p.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    norm_type : float
        The exponent.
    kernel_size, stride : int
        Of the windows.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.lp_pool1d(torch.tensor([[3.0, 4.0]]), 2, 2)
    tensor([[5.]])
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Take the p-norm of each window of images; see `lp_pool1d`."""
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Take the p-norm of each window of volumes; see `lp_pool1d`."""
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)
