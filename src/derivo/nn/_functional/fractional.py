"""Fractional max pooling: windows at random distances (Graham, 2014)."""

from __future__ import annotations

from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional.pooling import unpool
from derivo.nn._functional.windows import Ints, as_tuple, check_dims
from derivo.tensor import Tensor


def _starts(sample: float, size: int, out: int, kernel: int) -> list[int]:
    """Where windows begin: steps of two sizes in an order that `sample` chooses."""
    if out == 1:
        return [size - kernel]
    alpha = (size - kernel) / (out - 1)
    first = int(sample * alpha)
    return [int((i + sample) * alpha) - first for i in range(out - 1)] + [size - kernel]


def _forward(
    x: Tensor, samples: list[Any], kernel: Ints, out: Ints
) -> tuple[Tensor, Tensor]:
    n = len(out)
    lead = x.shape[:-n]
    size = tuple(x.shape[-n:])
    flat = x.reshape(-1, *size)
    values, places = [], []
    channels = lead[-1]
    for plane in range(flat.shape[0]):
        image = flat[plane]
        # One sample for each image and channel; images have theirs as (width, height).
        sample = samples[plane // channels][plane % channels]
        if n == 2:
            sample = sample[::-1]
        position = derivo.zeros((), dtype=derivo.int64)
        for d in range(n):
            begin = _starts(sample[d], size[d], out[d], kernel[d])
            index = derivo.tensor(
                [[b + k for k in range(kernel[d])] for b in begin], dtype=derivo.int64
            ).reshape(-1)
            image = image.index_select(d, index)
            position = position.unsqueeze(-1) * size[d] + index
        shape = [s for pair in zip(out, kernel, strict=True) for s in pair]
        order = [*range(0, 2 * n, 2), *range(1, 2 * n, 2)]
        image = image.reshape(shape).permute(order).flatten(n)
        position = position.reshape(shape).permute(order).flatten(n)
        best, chosen = image.max(-1)
        values.append(best)
        places.append(position.gather(-1, chosen.unsqueeze(-1)).squeeze(-1))
    if not values:
        shape = [*lead, *out]
        return derivo.empty(shape, dtype=x.dtype), derivo.empty(
            shape, dtype=derivo.int64
        )
    return (
        derivo.stack(values).reshape(*lead, *out),
        derivo.stack(places).reshape(*lead, *out),
    )


_FRACTIONAL = {
    n: Primitive(
        f"fractional_max_pool{n}d",
        node=f"FractionalMaxPool{n}DBackward0",
        forward=_forward,
        vjp=lambda ctx, g, samples, kernel, out: unpool(
            g[0], ctx.saved[0], ctx.shapes[0][-len(out) :]
        ),
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
    )
    for n in (2, 3)
}


def _pool(
    n: int,
    input: Tensor,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    samples: Tensor | None,
) -> tuple[Tensor, Tensor]:
    op = f"fractional_max_pool{n}d"
    had_batch = check_dims(op, input, n)
    kernel = as_tuple(op, "kernel_size", kernel_size, n)
    size = tuple(input.shape[-n:])
    if output_size is None:
        if output_ratio is None:
            raise ValueError(
                f"[{op}] requires specifying either an output_size or an output_ratio"
            )
        ratios = (
            tuple(output_ratio)
            if isinstance(output_ratio, (tuple, list))
            else (output_ratio,) * n
        )
        output_size = tuple(int(s * r) for s, r in zip(size, ratios, strict=True))
    out = as_tuple(op, "output_size", output_size, n)
    if any(o + k - 1 > s for o, k, s in zip(out, kernel, size, strict=True)):
        raise RuntimeError(
            f"[{op}] pool size {kernel} too large relative to input size {size} for "
            f"{output_size=}"
        )
    if samples is None:
        batch = input.shape[0] if had_batch else 1
        samples = derivo.rand(batch, input.shape[-n - 1], n, dtype=input.dtype)
    return _FRACTIONAL[n]((input,), samples.tolist(), kernel, out)


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: int | Ints,
    output_size: int | Ints | None = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Maxima of windows at random distances that fill the image.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Floating.
    kernel_size : int or pair of int
        Of the windows.
    output_size : int or pair of int, optional
        Of the result; or give `output_ratio`.
    output_ratio : float or pair of float, optional
        Its size relative to the input's.
    return_indices : bool, optional
        Return also where in the flattened input the maxima are.

    Raises
    ------
    ValueError, RuntimeError
        If the sizes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.fractional_max_pool2d(torch.ones(1, 5, 5), 2, 3).shape
    torch.Size([1, 3, 3])
    """
    found = _pool(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: int | Ints,
    output_size: int | Ints | None = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Maxima of windows of volumes; see `fractional_max_pool2d`."""
    found = _pool(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool2d_with_indices(*args: Any, **kwargs: Any) -> Any:
    """`fractional_max_pool2d` with ``return_indices=True``."""
    return fractional_max_pool2d(*args, **{**kwargs, "return_indices": True})


def fractional_max_pool3d_with_indices(*args: Any, **kwargs: Any) -> Any:
    """`fractional_max_pool3d` with ``return_indices=True``."""
    return fractional_max_pool3d(*args, **{**kwargs, "return_indices": True})
