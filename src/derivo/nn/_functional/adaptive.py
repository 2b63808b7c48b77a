"""Adaptive pooling: the output's size is given, the windows follow."""

from __future__ import annotations

from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional.pooling import unpool
from derivo.nn._functional.windows import check_dims
from derivo.ops import _batching
from derivo.tensor import Tensor

Ints = tuple[int, ...]


def _bounds(size: int, out: int) -> list[tuple[int, int]]:
    """First and one past the last input of each window."""
    return [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]


def _sizes(op: str, output_size: Any, x: Tensor, n: int) -> Ints:
    if x.dim() < n + 1 and n > 1:
        raise ValueError(
            f"[{op}] Input dimension should be at least {n + 1}, got {x.dim()}"
        )
    check_dims(op, x, n)
    size = tuple(x.shape[-n:])
    wanted = (
        (output_size,) * n
        if output_size is None or isinstance(output_size, int)
        else tuple(output_size)
    )
    if len(wanted) == 1:
        wanted *= n
    if len(wanted) != n:
        raise RuntimeError(
            f"[{op}] output_size must be {n} integers, got {tuple(wanted)}"
        )
    sizes = tuple(s if w is None else int(w) for w, s in zip(wanted, size, strict=True))
    if min(sizes) < 0:
        raise RuntimeError(
            f"[{op}] elements of output_size must be greater than or equal to 0 but "
            f"received {sizes}"
        )
    return sizes


def _averages(size: int, out: int, dtype: Any) -> Tensor:
    """Return the matrix ``(out, size)`` that takes the means."""
    rows = []
    for first, last in _bounds(size, out):
        width = last - first
        rows.append([0.0] * first + [1.0 / width] * width + [0.0] * (size - last))
    return derivo.tensor(rows, dtype=dtype).reshape(out, size)


def apply_matrices(x: Tensor, matrices: list[Tensor]) -> Tensor:
    """Multiply each of the last dimensions by its matrix ``(new, old)``."""
    # One dimension after another; the last is multiplied and becomes the first
    # spatial one, so after n steps the order is the old one.
    n = len(matrices)
    for matrix in reversed(matrices):
        x = (x @ matrix.t()).movedim(-1, -n)
    return x


def _forward(x: Tensor, sizes: Ints) -> Tensor:
    matrices = [
        _averages(s, o, x.dtype)
        for s, o in zip(x.shape[-len(sizes) :], sizes, strict=True)
    ]
    return apply_matrices(x, matrices).contiguous()


def _vjp(ctx: Any, g: Tensor, sizes: Ints) -> Tensor:
    matrices = [
        _averages(s, o, g.dtype).t()
        for s, o in zip(ctx.shapes[0][-len(sizes) :], sizes, strict=True)
    ]
    return apply_matrices(g, matrices)


_MEAN = {
    n: Primitive(
        f"adaptive_avg_pool{n}d",
        node=f"AdaptiveAvgPool{n}DBackward0",
        forward=_forward,
        vjp=_vjp,
        batch=_batching.leading,
    )
    for n in (2, 3)
}


def _adaptive_avg(n: int, input: Tensor, output_size: Any) -> Tensor:
    op = f"adaptive_avg_pool{n}d"
    x = input
    if not input.is_floating_point():
        raise RuntimeError(f"[{op}] not implemented for '{input.dtype}'")
    sizes = _sizes(op, output_size, x, n)
    size = tuple(x.shape[-n:])
    if min(size) == 0:
        raise RuntimeError(
            f"[{op}] Expected input to have non-zero size for non-batch dimensions, "
            f"but input has sizes {list(input.shape)}"
        )
    if n == 1:
        # As PyTorch: images of height 1.
        return _adaptive_avg(2, x.unsqueeze(-2), (1, *sizes)).squeeze(-2)
    if all(o == 1 for o in sizes):
        return x.mean(tuple(range(-n, 0)), keepdim=True)
    return _MEAN[n]((x,), sizes)


def adaptive_avg_pool1d(input: Tensor, output_size: int | Ints) -> Tensor:
    """Means of windows chosen such that `output_size` of them cover the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    output_size : int
        The length of the result.

    Returns
    -------
    Tensor of shape (N, C, output_size)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.adaptive_avg_pool1d(torch.tensor([[1.0, 2.0, 3.0]]), 2)
    tensor([[1.5000, 2.5000]])
    """
    return _adaptive_avg(1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means over images; `output_size` is an int or a pair, None keeps a size.

    See `adaptive_avg_pool1d`.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.adaptive_avg_pool2d(torch.ones(1, 2, 5, 7), (3, None)).shape
    torch.Size([1, 2, 3, 7])
    """
    return _adaptive_avg(2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means over volumes; see `adaptive_avg_pool2d`."""
    return _adaptive_avg(3, input, output_size)


def _gather_windows(size: int, out: int) -> tuple[Tensor, int]:
    """Input positions of each window, the last repeated to equal lengths."""
    bounds = _bounds(size, out)
    width = max((last - first for first, last in bounds), default=1)
    return (
        derivo.tensor(
            [
                [min(first + j, last - 1) for j in range(width)]
                for first, last in bounds
            ],
            dtype=derivo.int64,
        ).reshape(-1),
        width,
    )


def _max_forward(x: Tensor, sizes: Ints) -> tuple[Tensor, Tensor]:
    n = len(sizes)
    size = tuple(x.shape[-len(sizes) :])
    windows = x
    flat = derivo.zeros((), dtype=derivo.int64)
    lead = len(x.shape) - n
    shape: list[int] = list(x.shape[:lead])
    for d in range(n):
        where, width = _gather_windows(size[d], sizes[d])
        windows = windows.index_select(lead + d, where)
        shape += [sizes[d], width]
        flat = flat.unsqueeze(-1) * size[d] + where
    # (N, C, o1, k1, o2, k2, ...) → (N, C, o1, o2, ..., k1 * k2 * ...)
    outs = [lead + 2 * d for d in range(n)]
    order = [*range(lead), *outs, *(d + 1 for d in outs)]
    windows = windows.reshape(shape).permute(order).flatten(n + lead)
    flat = flat.reshape(shape[lead:])
    flat = flat.permute([d - lead for d in order[lead:]]).flatten(n)
    out, chosen = windows.max(-1)
    where = flat.expand(*x.shape[:lead], *flat.shape).gather(-1, chosen.unsqueeze(-1))
    return out, where.squeeze(-1)


_MAX = {
    n: Primitive(
        f"adaptive_max_pool{n}d",
        node=f"AdaptiveMaxPool{n}DBackward0",
        forward=_max_forward,
        vjp=lambda ctx, g, sizes: unpool(
            g[0], ctx.saved[0], ctx.shapes[0][-len(sizes) :]
        ),
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_batching.leading,
    )
    for n in (2, 3)
}


def _adaptive_max(n: int, input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    op = f"adaptive_max_pool{n}d"
    x = input
    sizes = _sizes(op, output_size, x, n)
    size = tuple(x.shape[-n:])
    if min(size) == 0:
        raise RuntimeError(
            f"[{op}] Expected input to have non-zero size for non-batch dimensions, "
            f"but input has sizes {list(input.shape)}"
        )
    if n == 1:
        out, where = _MAX[2]((x.unsqueeze(-2),), (1, *sizes))
        return out.squeeze(-2), where.squeeze(-2)
    return _MAX[n]((x,), sizes)


def adaptive_max_pool1d(
    input: Tensor, output_size: Any, return_indices: bool = False
) -> Any:
    """Maxima of windows chosen such that `output_size` of them cover the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Any dtype with an order.
    output_size : int
        The length of the result.
    return_indices : bool, optional
        Return also where in the input the maxima are.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1.0, 2.0, 3.0]]), 2)
    tensor([[2., 3.]])
    """
    found = _adaptive_max(1, input, output_size)
    return found if return_indices else found[0]


def adaptive_max_pool2d(
    input: Tensor, output_size: Any, return_indices: bool = False
) -> Any:
    """Maxima over images; see `adaptive_max_pool1d` and `adaptive_avg_pool2d`."""
    found = _adaptive_max(2, input, output_size)
    return found if return_indices else found[0]


def adaptive_max_pool3d(
    input: Tensor, output_size: Any, return_indices: bool = False
) -> Any:
    """Maxima over volumes; see `adaptive_max_pool1d` and `adaptive_avg_pool2d`."""
    found = _adaptive_max(3, input, output_size)
    return found if return_indices else found[0]


def adaptive_max_pool1d_with_indices(input: Tensor, output_size: Any) -> Any:
    """`adaptive_max_pool1d` with ``return_indices=True``."""
    return _adaptive_max(1, input, output_size)


def adaptive_max_pool2d_with_indices(input: Tensor, output_size: Any) -> Any:
    """`adaptive_max_pool2d` with ``return_indices=True``."""
    return _adaptive_max(2, input, output_size)


def adaptive_max_pool3d_with_indices(input: Tensor, output_size: Any) -> Any:
    """`adaptive_max_pool3d` with ``return_indices=True``."""
    return _adaptive_max(3, input, output_size)
