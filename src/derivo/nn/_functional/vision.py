"""Images: rearranging channels, resampling, warping."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional._composite import composite_node
from derivo.nn._functional.adaptive import apply_matrices
from derivo.ops import _batching
from derivo.tensor import Tensor

# -- channels ------------------------------------------------------------------


def _shuffle(x: Tensor, r: int) -> Tensor:
    *lead, c, h, w = x.shape
    parts = x.reshape(*lead, c // (r * r), r, r, h, w)
    n = len(lead)
    order = [*range(n + 1), n + 3, n + 1, n + 4, n + 2]
    return parts.permute(order).reshape(*lead, c // (r * r), h * r, w * r)


def _unshuffle(x: Tensor, r: int) -> Tensor:
    *lead, c, h, w = x.shape
    parts = x.reshape(*lead, c, h // r, r, w // r, r)
    n = len(lead)
    order = [*range(n + 1), n + 2, n + 4, n + 1, n + 3]
    return parts.permute(order).reshape(*lead, c * r * r, h // r, w // r)


_pixel_shuffle = Primitive(
    "pixel_shuffle",
    linear=True,
    node="PixelShuffleBackward0",
    forward=_shuffle,
    vjp=lambda ctx, g, r: _pixel_unshuffle((g,), r),
    batch=_batching.leading,
)
_pixel_unshuffle = Primitive(
    "pixel_unshuffle",
    linear=True,
    node="PixelUnshuffleBackward0",
    forward=_unshuffle,
    vjp=lambda ctx, g, r: _pixel_shuffle((g,), r),
    batch=_batching.leading,
)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Turn channels into pixels: ``(*, C r², H, W)`` to ``(*, C, H r, W r)``.

    Parameters
    ----------
    input : Tensor of three dimensions or more
        The images.
    upscale_factor : int
        The r.

    Raises
    ------
    RuntimeError
        If the channels cannot be divided.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.pixel_shuffle(torch.ones(1, 9, 4, 4), 3).shape
    torch.Size([1, 1, 12, 12])
    """
    r = upscale_factor
    if input.dim() < 3:
        raise RuntimeError(
            "[pixel_shuffle] pixel_shuffle expects input to have at least 3 "
            f"dimensions, but got input with {input.dim()} dimension(s)"
        )
    if r <= 0:
        raise RuntimeError(
            f"[pixel_shuffle] pixel_shuffle expects a positive upscale_factor, got {r}"
        )
    if input.shape[-3] % (r * r):
        raise RuntimeError(
            "[pixel_shuffle] pixel_shuffle expects its input's 'channel' dimension to "
            f"be divisible by the square of upscale_factor, but input.size(-3)="
            f"{input.shape[-3]} is not divisible by {r * r}"
        )
    return _pixel_shuffle((input,), r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Turn pixels into channels; the inverse of `pixel_shuffle`.

    Parameters
    ----------
    input : Tensor of shape (..., C, H, W)
        The images.
    downscale_factor : int
        Divides H and W.

    Raises
    ------
    RuntimeError
        If it does not.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.pixel_unshuffle(torch.ones(1, 1, 12, 12), 3).shape
    torch.Size([1, 9, 4, 4])
    """
    r = downscale_factor
    if input.dim() < 3:
        raise RuntimeError(
            "[pixel_unshuffle] pixel_unshuffle expects input to have at least 3 "
            f"dimensions, but got input with {input.dim()} dimension(s)"
        )
    if r <= 0:
        raise RuntimeError(
            "[pixel_unshuffle] pixel_unshuffle expects a positive downscale_factor, "
            f"but got {r}"
        )
    for name, d in (("height", -2), ("width", -1)):
        if input.shape[d] % r:
            raise RuntimeError(
                f"[pixel_unshuffle] pixel_unshuffle expects {name} to be divisible by "
                f"downscale_factor, but input.size({d})={input.shape[d]} is not "
                f"divisible by {r}"
            )
    return _pixel_unshuffle((input,), r)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Interleave the channels of `groups` groups.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        C divisible by `groups`.
    groups : int
        Number of groups.

    Raises
    ------
    RuntimeError
        If it is not.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.arange(4.0).reshape(1, 4, 1)
    >>> torch.nn.functional.channel_shuffle(x, 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    if input.dim() < 3:
        raise RuntimeError(
            "[channel_shuffle] channel_shuffle expects input with > 2 dims, but got "
            f"input with sizes {list(input.shape)}"
        )
    c = input.shape[1]
    if groups <= 0 or c % groups:
        raise RuntimeError(
            "[channel_shuffle] Number of channels must be divisible by groups. Got "
            f"{c} channels and {groups} groups."
        )
    parts = input.reshape(input.shape[0], groups, c // groups, *input.shape[2:])
    return parts.transpose(1, 2).reshape(input.shape)


# -- resampling ----------------------------------------------------------------


def _cubic(x: float) -> float:
    # Keys' kernel with the coefficient that PyTorch uses.
    a, x = -0.75, abs(x)
    if x <= 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    if x < 2:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return 0.0


def _antialiased_cubic(x: float) -> float:
    # Pillow's coefficient, which PyTorch takes for this.
    a, x = -0.5, abs(x)
    if x < 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    if x < 2:
        return ((x - 5) * x + 8) * x * a - 4 * a
    return 0.0


def _taps(
    mode: str, i: int, n: int, scale: float, align: bool, antialias: bool
) -> dict[int, float]:
    """Input positions and weights of output `i`."""
    if mode == "nearest":
        return {min(math.floor(i * scale), n - 1): 1.0}
    if mode == "nearest-exact":
        return {min(math.floor((i + 0.5) * scale), n - 1): 1.0}
    if antialias:
        wide = max(scale, 1.0)
        reach = (2.0 if mode == "cubic" else 1.0) * wide
        centre = scale * (i + 0.5)
        first = max(int(centre - reach + 0.5), 0)
        last = min(int(centre + reach + 0.5), n)
        kernel = _antialiased_cubic if mode == "cubic" else _tent
        raw = {j: kernel((j - centre + 0.5) / wide) for j in range(first, last)}
        total = sum(raw.values())
        return {j: w / total for j, w in raw.items()}
    at = i * scale if align else (i + 0.5) * scale - 0.5
    if mode == "linear":
        at = max(at, 0.0)
        low = min(int(at), n - 1)
        part = min(max(at - low, 0.0), 1.0)
        weights = {low: 1 - part}
        high = min(low + 1, n - 1)
        weights[high] = weights.get(high, 0.0) + part
        return weights
    low = math.floor(at)
    weights = {}
    for j in range(low - 1, low + 3):
        inside = min(max(j, 0), n - 1)
        weights[inside] = weights.get(inside, 0.0) + _cubic(at - j)
    return weights


def _tent(x: float) -> float:
    return max(0.0, 1.0 - abs(x))


def _matrix(
    mode: str,
    n: int,
    out: int,
    scale: float | None,
    align: bool,
    antialias: bool,
    dtype: Any,
) -> Tensor:
    if align:
        step = (n - 1) / (out - 1) if out > 1 else 0.0
    else:
        step = n / out if scale is None or scale <= 0 else 1.0 / scale
    rows = []
    for i in range(out):
        row = [0.0] * n
        for j, weight in _taps(mode, i, n, step, align, antialias).items():
            row[j] += weight
        rows.append(row)
    return derivo.tensor(rows, dtype=dtype)


def _resampled_pixels(x: Tensor, matrices: list[Tensor]) -> Tensor:
    """Resample bytes as PyTorch does.

    By weights of 16 bits, rounding after each of the dimensions, the last one first.
    """
    for matrix in reversed(matrices):
        unit = 2.0 ** _weight_bits(matrix.max().item())
        whole = matrix * unit
        whole = (whole + whole.sign() * 0.5).trunc()
        # Sums of whole numbers below 2**53 are exact.
        sums = (x.to(derivo.float64) @ whole.t() + unit / 2) / unit
        x = sums.floor().clamp(0, 255).movedim(-1, -len(matrices))
    return x.contiguous().to(derivo.uint8)


def _weight_bits(largest: float) -> int:
    """How many bits after the point let the largest weight fit in 16 bits."""
    bits = 0
    while bits < 22 and int(0.5 + largest * 2 ** (bits + 1)) < 2**15:
        bits += 1
    return bits


def _resample_vjp(ctx: Any, g: Tensor, matrices: list[Tensor]) -> Tensor:
    return apply_matrices(g, [m.t() for m in matrices])


def _resample_primitive(node: str) -> Any:
    return Primitive(
        "interpolate",
        node=node,
        forward=lambda x, matrices: apply_matrices(x, matrices).contiguous(),
        vjp=_resample_vjp,
        batch=_batching.follows,
    )


_RESAMPLE = {
    ("nearest", 1): "UpsampleNearest1DBackward0",
    ("nearest", 2): "UpsampleNearest2DBackward0",
    ("nearest", 3): "UpsampleNearest3DBackward0",
    ("nearest-exact", 1): "UpsampleNearestExact1DBackward0",
    ("nearest-exact", 2): "UpsampleNearestExact2DBackward0",
    ("nearest-exact", 3): "UpsampleNearestExact3DBackward0",
    ("linear", 1): "UpsampleLinear1DBackward0",
    ("bilinear", 2): "UpsampleBilinear2DBackward0",
    ("trilinear", 3): "UpsampleTrilinear3DBackward0",
    ("bicubic", 2): "UpsampleBicubic2DBackward0",
    ("bilinear aa", 2): "UpsampleBilinear2DAaBackward0",
    ("bicubic aa", 2): "UpsampleBicubic2DAaBackward0",
}
_resample = {key: _resample_primitive(node) for key, node in _RESAMPLE.items()}
_ALONG = {"linear": "linear", "bilinear": "linear", "trilinear": "linear"}


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resample a grid to another size.

    Parameters
    ----------
    input : Tensor of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W)
        Floating.
    size : int or tuple of int, optional
        The new size; or give `scale_factor`.
    scale_factor : float or tuple of float, optional
        Factors on the size.
    mode : str, optional
        "nearest", "nearest-exact", "linear" (L), "bilinear", "bicubic" (H, W),
        "trilinear" (D, H, W) or "area".
    align_corners : bool, optional
        Whether the centres of the corner elements stay in place.
    recompute_scale_factor : bool, optional
        Take the factors from the sizes.
    antialias : bool, optional
        Widen the kernel when shrinking ("bilinear" and "bicubic").

    Returns
    -------
    Tensor of shape (N, C, ...)
        The resampled grid.

    Raises
    ------
    ValueError, NotImplementedError
        If the arguments do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.tensor([[[0.0, 1.0]]])
    >>> torch.nn.functional.interpolate(x, 3, mode="linear", align_corners=True)
    tensor([[[0.0000, 0.5000, 1.0000]]])
    """
    op = "interpolate"
    n = input.dim() - 2
    smooth = ("linear", "bilinear", "bicubic", "trilinear")
    if align_corners is not None and mode not in smooth:
        raise ValueError(
            f"[{op}] align_corners option can only be set with the interpolating "
            f"modes: linear | bilinear | bicubic | trilinear, got {mode=}"
        )
    align = bool(align_corners)
    old = tuple(input.shape[2:])
    if size is not None and scale_factor is not None:
        raise ValueError(f"[{op}] only one of size or scale_factor should be defined")
    scales: list[float | None] = [None] * n
    if size is not None:
        new = (size,) * n if isinstance(size, int) else tuple(int(s) for s in size)
        if len(new) != n:
            raise ValueError(
                f"[{op}] Input and output must have the same number of spatial "
                f"dimensions, but got input with spatial dimensions of {list(old)} and "
                f"output size of {new}."
            )
    elif scale_factor is not None:
        factors = (
            tuple(scale_factor)
            if isinstance(scale_factor, (list, tuple))
            else (scale_factor,) * n
        )
        if len(factors) != n:
            raise ValueError(
                f"[{op}] Input and scale_factor must have the same number of spatial "
                f"dimensions, but got input with spatial dimensions of {list(old)} and "
                f"scale_factor of shape {factors}."
            )
        new = tuple(math.floor(float(s) * f) for s, f in zip(old, factors, strict=True))
        if not recompute_scale_factor:
            scales = [float(f) for f in factors]
    else:
        raise ValueError(f"[{op}] either size or scale_factor should be defined")
    if min(new) < 1 or min(old) < 1:
        raise RuntimeError(
            f"[{op}] Input and output sizes should be greater than 0, but got input "
            f"{old} output {new}"
        )
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ValueError(
            f"[{op}] Anti-alias option is restricted to bilinear and bicubic modes and "
            "requires a 4-D tensor as input"
        )
    if mode == "area":
        from derivo.nn._functional import adaptive

        pool = getattr(adaptive, f"adaptive_avg_pool{n}d")
        return pool(input, new)
    if (mode, n) not in _resample:
        raise NotImplementedError(
            f"[{op}] Input Error: Only 3D, 4D and 5D input Tensors supported (got "
            f"{input.dim()}D) for the modes: nearest | linear | bilinear | bicubic | "
            f"trilinear | area | nearest-exact (got {mode})"
        )
    along = "cubic" if mode == "bicubic" else _ALONG.get(mode, mode)
    if input.dtype == derivo.uint8 and mode in ("bilinear", "bicubic"):
        return _resampled_pixels(
            input,
            [
                _matrix(along, o, w, s, align, antialias, derivo.float64)
                for o, w, s in zip(old, new, scales, strict=True)
            ],
        )
    if input.dtype == derivo.uint8:
        # Pixels: through float32, and rounded where they are mixed.
        out = interpolate(
            input.to(derivo.float32),
            size,
            scale_factor,
            mode,
            align_corners,
            recompute_scale_factor,
            antialias,
        )
        return (out + 0.5).floor().clamp(0, 255).to(derivo.uint8)
    if not input.is_floating_point():
        raise RuntimeError(f"[{op}] not implemented for '{input.dtype}'")
    matrices = [
        _matrix(along, o, w, s, align, antialias, input.dtype)
        for o, w, s in zip(old, new, scales, strict=True)
    ]
    axes = ("",) if n == 1 else ("_d", "_h", "_w")[-n:]
    given: dict[str, Any] = {
        f"scales{axis}": scale for axis, scale in zip(axes, scales, strict=True)
    }
    if mode in smooth:
        given["align_corners"] = align
    return _resample[mode + " aa" * antialias, n]((input,), matrices, given=given)


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Old name of `interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Tensor, size: Any = None, scale_factor: Any = None
) -> Tensor:
    """`interpolate` with mode "nearest"."""
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(
    input: Tensor, size: Any = None, scale_factor: Any = None
) -> Tensor:
    """`interpolate` with mode "bilinear" and aligned corners."""
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


# -- warping -------------------------------------------------------------------


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """Make the sampling grid of an affine map, for `grid_sample`.

    Parameters
    ----------
    theta : Tensor of shape (N, 2, 3) or (N, 3, 4)
        The maps.
    size : tuple of int
        (N, C, H, W) or (N, C, D, H, W) of the result.
    align_corners : bool, optional
        Whether -1 and 1 are the centres of the corner elements.

    Returns
    -------
    Tensor of shape (N, H, W, 2) or (N, D, H, W, 3)
        Where to sample.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> identity = torch.eye(2, 3).unsqueeze(0)
    >>> torch.nn.functional.affine_grid(identity, (1, 1, 2, 2), True).flatten()
    tensor([-1., -1.,  1., -1., -1.,  1.,  1.,  1.])
    """
    size = tuple(size)
    n = len(size) - 2
    if n not in (2, 3) or tuple(theta.shape) != (size[0], n, n + 1):
        raise ValueError(
            f"[affine_grid] Expected a batch of {n}D affine matrices of shape "
            f"Nx{n}x{n + 1} for size {size}. Got {list(theta.shape)}."
        )
    return _affine_grid[n]((theta,), size, bool(align_corners))


def _affine_grid_parts(
    theta: Tensor, size: tuple[int, ...], align_corners: bool
) -> Tensor:
    n = len(size) - 2
    axes = []
    for count in reversed(size[2:]):
        line = derivo.linspace(-1, 1, count, dtype=theta.dtype)
        if count == 1:
            line = derivo.zeros(1, dtype=theta.dtype)
        elif not align_corners:
            line = line * ((count - 1) / count)
        axes.append(line)
    shape = size[2:]
    columns = [
        line.reshape((1,) * (n - 1 - d) + (-1,) + (1,) * d).expand(shape)
        for d, line in enumerate(axes)
    ]
    ones = derivo.ones(shape, dtype=theta.dtype)
    base = derivo.stack([*columns, ones], -1).reshape(1, -1, n + 1)
    mapped = derivo.matmul(base.expand(size[0], -1, n + 1), theta.transpose(1, 2))
    return mapped.view(size[0], *shape, n)


_affine_grid = {
    n: composite_node(
        "affine_grid_generator", "AffineGridGeneratorBackward0", _affine_grid_parts
    )
    for n in (2, 3)
}


def _unnormalised(x: Tensor, n: int, align: bool) -> Tensor:
    if align:
        return (x + 1) / 2 * (n - 1)
    return ((x + 1) * n - 1) / 2


def _reflected(x: Tensor, low: float, high: float) -> Tensor:
    if high == low:
        return derivo.zeros_like(x)
    span = high - low
    away = (x - low).abs()
    flips = (away / span).floor()
    extra = away - flips.detach() * span
    even = derivo.remainder(flips, 2) == 0
    return derivo.where(even, extra + low, span - extra + low)


def _placed(x: Tensor, n: int, padding: str, align: bool) -> Tensor:
    if padding == "border":
        return x.clamp(0, n - 1)
    if padding == "reflection":
        bounds = (0.0, n - 1.0) if align else (-0.5, n - 0.5)
        return _reflected(x, *bounds).clamp(0, n - 1)
    return x


def _look_up(image: Tensor, at: list[Tensor]) -> Tensor:
    """Elements at integer positions, zero outside: ``(N, C, *out)``."""
    n, c = image.shape[:2]
    size = image.shape[2:]
    flat = derivo.zeros((), dtype=derivo.int64)
    inside = None
    for count, index in zip(size, at, strict=True):
        ok = (index >= 0) & (index < count)
        inside = ok if inside is None else inside & ok
        clipped = index.clamp(0, count - 1).to(derivo.int64)
        flat = flat * count + clipped
    assert inside is not None
    shape = tuple(flat.shape[1:])
    flat = flat.reshape(n, 1, -1).expand(n, c, math.prod(shape))
    found = image.flatten(2).gather(2, flat).reshape(n, c, *shape)
    return found * inside.unsqueeze(1).to(found.dtype)


def _grid_sample_parts(
    image: Tensor, grid: Tensor, mode: str, padding: str, align: bool
) -> Tensor:
    size = image.shape[2:]
    # The grid's last dimension names x first.
    raw = [
        _unnormalised(grid[..., -1 - d], count, align) for d, count in enumerate(size)
    ]
    if mode == "bicubic":
        return _bicubic_sample(image, raw, padding, align)
    at = [_placed(x, count, padding, align) for x, count in zip(raw, size, strict=True)]
    if mode == "nearest":
        return _look_up(image, [x.detach().round() for x in at])
    total = None
    lows = [x.detach().floor() for x in at]
    for corner in range(2 ** len(size)):
        weight = None
        where = []
        for d, (x, low) in enumerate(zip(at, lows, strict=True)):
            upper = (corner >> d) & 1
            where.append(low + upper)
            part = x - low if upper else low + 1 - x
            weight = part if weight is None else weight * part
        assert weight is not None
        term = _look_up(image, where) * weight.unsqueeze(1)
        total = term if total is None else total + term
    assert total is not None
    return total


def _cubic_weights(t: Tensor) -> list[Tensor]:
    a = -0.75

    def near(x: Tensor) -> Tensor:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: Tensor) -> Tensor:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _bicubic_sample(
    image: Tensor, raw: list[Tensor], padding: str, align: bool
) -> Tensor:
    size = image.shape[2:]
    lows = [x.detach().floor() for x in raw]
    weights = [_cubic_weights(x - low) for x, low in zip(raw, lows, strict=True)]
    total = None
    for i in range(4):
        for j in range(4):
            where = [
                _placed(low + (k - 1), count, padding, align)
                for low, k, count in zip(lows, (i, j), size, strict=True)
            ]
            if padding == "reflection":
                where = [w.round() for w in where]
            weight = (weights[0][i] * weights[1][j]).unsqueeze(1)
            term = _look_up(image, where) * weight
            total = term if total is None else total + term
    assert total is not None
    return total


_GRID_SAMPLE = {
    n: composite_node(
        f"grid_sampler_{n}d", f"GridSampler{n}DBackward0", _grid_sample_parts
    )
    for n in (2, 3)
}


_MODES = ("bilinear", "nearest", "bicubic")
_OUTSIDE = ("zeros", "border", "reflection")


def grid_sampler_2d(
    input: Tensor,
    grid: Tensor,
    interpolation_mode: int,
    padding_mode: int,
    align_corners: bool,
) -> Tensor:
    """`grid_sample` with its words as numbers."""
    words = _MODES[interpolation_mode], _OUTSIDE[padding_mode]
    return grid_sample(input, grid, *words, align_corners)


grid_sampler_3d = grid_sampler_2d


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sample a grid at given positions.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (N, C, D, H, W)
        Floating.
    grid : Tensor of shape (N, oH, oW, 2) or (N, oD, oH, oW, 3)
        Positions as (x, y[, z]); -1 and 1 are the ends.
    mode : {"bilinear", "nearest", "bicubic"}, optional
        How to interpolate.
    padding_mode : {"zeros", "border", "reflection"}, optional
        What is outside.
    align_corners : bool, optional
        Whether the ends are the centres of the corner elements.

    Returns
    -------
    Tensor of shape (N, C, oH, oW) or (N, C, oD, oH, oW)
        The samples.

    Raises
    ------
    ValueError, RuntimeError
        If a mode is unknown or the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> middle = torch.zeros(1, 1, 1, 2)
    >>> torch.nn.functional.grid_sample(x, middle, align_corners=True)
    tensor([[[[1.5000]]]])
    """
    op = "grid_sample"
    if mode not in _MODES:
        raise ValueError(
            f"[{op}] expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: "
            f"'{mode}'"
        )
    if padding_mode not in _OUTSIDE:
        raise ValueError(
            f"[{op}] expected padding_mode to be 'zeros', 'border', or 'reflection', "
            f"but got: '{padding_mode}'"
        )
    n = input.dim() - 2
    if n not in (2, 3) or grid.dim() != input.dim():
        raise RuntimeError(
            f"[{op}] grid_sampler(): expected 4D or 5D input and grid with same number "
            f"of dimensions, but got input with sizes {list(input.shape)} and grid "
            f"with sizes {list(grid.shape)}"
        )
    if input.shape[0] != grid.shape[0] or grid.shape[-1] != n:
        raise RuntimeError(
            f"[{op}] grid_sampler(): expected grid to have size {n} in last dimension "
            f"and the batch size of input, but got input with sizes "
            f"{list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if mode == "bicubic" and n == 3:
        raise RuntimeError(
            f"[{op}] grid_sampler(): bicubic interpolation only supports 4D input"
        )
    return _GRID_SAMPLE[n]((input, grid), mode, padding_mode, bool(align_corners))
