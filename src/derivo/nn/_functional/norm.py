"""Normalisation over batches, groups and vectors."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional.pooling import avg_pool2d, avg_pool3d
from derivo.ops import _batching
from derivo.ops._numbers import plus
from derivo.tensor import Tensor

# -- batch norm ----------------------------------------------------------------


def _batch_dims(x: Tensor) -> tuple[int, ...]:
    return (0, *range(2, x.dim()))


def _per_channel(t: Tensor, x: Tensor) -> Tensor:
    return t.reshape(1, -1, *(1,) * (x.dim() - 2))


def _statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    variance, mean = derivo.var_mean(x, _batch_dims(x), correction=0)
    return mean, variance


def _normalised(x: Tensor, mean: Tensor, inv_std: Tensor) -> Tensor:
    return (x - _per_channel(mean, x)) * _per_channel(inv_std, x)


def _batch_norm_forward(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor,
    inv_std: Tensor,
    batch_statistics: bool,
) -> Tensor:
    # One multiplication and one addition for each element.
    scale = inv_std if weight is None else inv_std * weight
    shift = -mean * scale
    if bias is not None:
        shift = shift + bias
    out = x * _per_channel(scale, x) + _per_channel(shift, x)
    return out.to(x.dtype)


def _batch_norm_vjp(
    ctx: Any, g: Tensor, mean: Tensor, inv_std: Tensor, batch_statistics: bool
) -> tuple[Tensor | None, ...]:
    x, weight = ctx.saved
    dims = _batch_dims(x)
    dx = dw = db = None
    if batch_statistics and derivo.is_grad_enabled():
        # For a second derivative the statistics must be functions of x.
        mean, variance = _statistics(x)
        inv_std = (variance + (inv_std.detach().pow(-2) - variance.detach())).rsqrt()
    unit = _normalised(x, mean, inv_std)
    if ctx.needs[0]:
        gw = g if weight is None else g * _per_channel(weight, x)
        if batch_statistics:
            centre = gw.mean(dims, keepdim=True)
            along = (gw * unit).mean(dims, keepdim=True)
            gw = gw - centre - unit * along
        dx = gw * _per_channel(inv_std, x)
    if ctx.needs[1]:
        dw = (g * unit).sum(dims)
    if ctx.needs[2]:
        db = g.sum(dims)
    return dx, dw, db


_batch_norm = Primitive(
    "batch_norm",
    node="NativeBatchNormBackward0",
    forward=_batch_norm_forward,
    vjp=_batch_norm_vjp,
    save=(0, 1),
    batch=_batching.follows,
)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel by the mean and variance over everything else.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Floating.
    running_mean, running_var : Tensor of shape (C,) or None
        Used instead of the batch's unless `training`; moved towards the batch's if
        `training`.
    weight, bias : Tensor of shape (C,), optional
        Factor and term for each channel.
    training : bool, optional
        Whether to use the statistics of the batch.
    momentum : float, optional
        How far the running statistics move.
    eps : float, optional
        Added to the variance.

    Returns
    -------
    Tensor of the shape of `input`
        The normalised values.

    Raises
    ------
    ValueError
        If there is only one value per channel while training.
    RuntimeError
        If statistics are missing or do not have C elements.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.tensor([[1.0], [3.0]])
    >>> torch.nn.functional.batch_norm(x, None, None, training=True, eps=0.0)
    tensor([[-1.],
            [ 1.]])
    """
    if input.dim() == 1 and input.numel() == 0:
        return input.clone()
    if training and input.numel() // max(input.shape[1], 1) == 1:
        raise ValueError(
            "[batch_norm] Expected more than 1 value per channel when training, got "
            f"input size {input.shape}"
        )
    _check_channels(
        "batch_norm",
        input,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
    if not training and (running_mean is None or running_var is None):
        raise RuntimeError(
            "[batch_norm] Expected running_mean and running_var to be defined when "
            "training=False"
        )
    tensors = input, weight, bias, running_mean, running_var
    return native_batch_norm(*tensors, training, momentum, eps)[0]


def native_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """`batch_norm` without its checks, with the batch's mean and inverse deviation.

    The latter two are empty unless `training`, and have no derivative.
    """
    if training:
        with derivo.no_grad():
            mean, variance = _statistics(input)
            if running_mean is not None:
                running_mean.mul_(1 - momentum).add_(mean, alpha=momentum)
            if running_var is not None:
                count = input.numel() / input.shape[1]
                unbiased = variance * (count / (count - 1)) if count > 1 else variance
                running_var.mul_(1 - momentum).add_(unbiased, alpha=momentum)
    else:
        assert running_mean is not None
        assert running_var is not None
        # The caller may change them before the backward pass.
        mean, variance = running_mean.detach().clone(), running_var.detach()
    with derivo.no_grad():
        inv_std = (variance + eps).rsqrt()
    # What is shown of the batch: nothing where its statistics were not used.
    shown = (mean, inv_std) if training else (derivo.empty(0, dtype=input.dtype),) * 2
    given: dict[str, Any] = {
        "eps": eps,
        "running_mean": running_mean,
        "running_var": running_var,
        "result1": shown[0],
        "result2": shown[1],
    }
    tensors = input, weight, bias
    out = _batch_norm(tensors, mean, inv_std, training, given=given)
    return out, *shown


def _check_channels(op: str, input: Tensor, **tensors: Tensor | None) -> None:
    if input.dim() < 2:
        raise RuntimeError(
            f"[{op}] expected input of at least 2 dimensions (N, C, *), got "
            f"{input.dim()}: shape {list(input.shape)}"
        )
    for name, tensor in tensors.items():
        if tensor is not None and tensor.numel() != input.shape[1]:
            raise RuntimeError(
                f"[{op}] {name} should contain {input.shape[1]} elements not "
                f"{tensor.numel()}"
            )


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of each sample; `batch_norm` for each sample alone.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Floating.
    running_mean, running_var : Tensor of shape (C,), optional
        Moved towards the means over the batch, or used if not `use_input_stats`.
    weight, bias : Tensor of shape (C,), optional
        Factor and term for each channel.
    use_input_stats : bool, optional
        Whether to use the statistics of the input.
    momentum, eps : float, optional
        As for `batch_norm`.

    Raises
    ------
    ValueError
        If there is only one value per channel.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.tensor([[[1.0, 3.0]]])
    >>> torch.nn.functional.instance_norm(x, eps=0.0)
    tensor([[[-1.,  1.]]])
    """
    if not use_input_stats:
        return batch_norm(
            input, running_mean, running_var, weight, bias, False, momentum, eps
        )
    n, c = input.shape[:2]
    if math.prod(input.shape[2:]) == 1:
        raise ValueError(
            "[instance_norm] Expected more than 1 spatial element when training, got "
            f"input size {input.shape}"
        )
    _check_channels("instance_norm", input, weight=weight, bias=bias)

    def repeated(t: Tensor | None) -> Tensor | None:
        return None if t is None else t.repeat(n)

    means, variances = repeated(running_mean), repeated(running_var)
    out = batch_norm(
        input.contiguous().view(1, n * c, *input.shape[2:]),
        means,
        variances,
        repeated(weight),
        repeated(bias),
        True,
        momentum,
        eps,
    )
    with derivo.no_grad():
        if running_mean is not None and means is not None:
            running_mean.copy_(means.view(n, c).mean(0))
        if running_var is not None and variances is not None:
            running_var.copy_(variances.view(n, c).mean(0))
    return out.view(input.shape)


# -- group norm ----------------------------------------------------------------


def _grouped(x: Tensor, groups: int) -> Tensor:
    return x.reshape(x.shape[0], groups, math.prod(x.shape[1:]) // groups)


def _group_norm_forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, groups: int, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    flat = _grouped(x, groups)
    mean, inv_std = _group_statistics(flat, eps)
    unit = ((flat - mean) * inv_std).reshape(x.shape)
    if weight is not None:
        unit = unit * _per_channel(weight, x)
    if bias is not None:
        unit = unit + _per_channel(bias, x)
    return unit.to(x.dtype), mean.squeeze(-1), inv_std.squeeze(-1)


def _group_statistics(flat: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    variance, mean = derivo.var_mean(flat, -1, correction=0, keepdim=True)
    return mean, (variance + eps).rsqrt()


def _group_norm_vjp(
    ctx: Any, gs: list[Tensor | None], groups: int, eps: float
) -> tuple[Tensor | None, ...]:
    x, weight, mean, inv_std = ctx.saved
    g = ctx.zeros(0) if gs[0] is None else gs[0]
    dims = _batch_dims(x)
    flat = _grouped(x, groups)
    if derivo.is_grad_enabled():
        # For a second derivative the statistics must be functions of x.
        mean, inv_std = _group_statistics(flat, eps)
    else:
        mean, inv_std = mean.unsqueeze(-1), inv_std.unsqueeze(-1)
    unit = (flat - mean) * inv_std
    dx = dw = db = None
    if ctx.needs[0]:
        gw = g if weight is None else g * _per_channel(weight, x)
        gw = gw.reshape(flat.shape)
        centre = gw.mean(-1, keepdim=True)
        along = (gw * unit).mean(-1, keepdim=True)
        dx = (gw - centre - unit * along) * inv_std
        count = flat.shape[-1]
        if gs[1] is not None:
            dx = dx + gs[1].unsqueeze(-1) / count
        if gs[2] is not None:
            dx = dx - gs[2].unsqueeze(-1) * inv_std.square() * unit / count
        dx = dx.reshape(x.shape)
    if ctx.needs[1]:
        dw = (g * unit.reshape(x.shape)).sum(dims)
    if ctx.needs[2]:
        db = g.sum(dims)
    return dx, dw, db


_group_norm = Primitive(
    "group_norm",
    node="NativeGroupNormBackward0",
    forward=_group_norm_forward,
    vjp=_group_norm_vjp,
    save=lambda needs, inputs, out, params: (*inputs[:2], *out[1:]),
    multi=True,
    batch=_batching.merged(),
)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise groups of channels of each sample.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Floating; C divisible by `num_groups`.
    num_groups : int
        Number of groups.
    weight, bias : Tensor of shape (C,), optional
        Factor and term for each channel.
    eps : float, optional
        Added to the variance.

    Returns
    -------
    Tensor of the shape of `input`
        The normalised values.

    Raises
    ------
    RuntimeError
        If the numbers of channels do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.group_norm(torch.tensor([[1.0, 3.0]]), 1, eps=0.0)
    tensor([[-1.,  1.]])
    """
    if input.dim() < 2:
        raise RuntimeError(
            "[group_norm] Expected at least 2 dimensions for input tensor but received "
            f"{input.dim()}"
        )
    if num_groups < 1 or input.shape[1] % num_groups:
        raise RuntimeError(
            "[group_norm] Expected number of channels in input to be divisible by "
            f"num_groups, but got input of shape {list(input.shape)} and num_groups="
            f"{num_groups}"
        )
    for name, t in (("weight", weight), ("bias", bias)):
        if t is not None and tuple(t.shape) != (input.shape[1],):
            raise RuntimeError(
                f"[group_norm] Expected {name} to be a vector of size equal to the "
                f"number of channels in input, but got {name} of shape {list(t.shape)} "
                f"and input of shape {list(input.shape)}"
            )
    tensors = (t if t is None else t.contiguous() for t in (input, weight, bias))
    return _group_norm(tuple(tensors), num_groups, eps)[0]


def native_group_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    N: int,
    C: int,
    HxW: int,
    group: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """`group_norm` with the groups' means and inverse deviations.

    The sizes are those of `input`.
    """
    if (N, C, N * C * HxW) != (*input.shape[:2], input.numel()) or C % group:
        raise RuntimeError(
            f"[native_group_norm] expected sizes N, C and HxW of an input of shape "
            f"{list(input.shape)} and a divisor of C, got {N=}, {C=}, {HxW=}, {group=}"
        )
    made: tuple[Tensor, Tensor, Tensor] = _group_norm((input, weight, bias), group, eps)
    return made


# -- others --------------------------------------------------------------------


def rms_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Divide by the root of the mean square over the last dimensions.

    Parameters
    ----------
    input : Tensor of shape (..., normalized_shape)
        Floating.
    normalized_shape : tuple of int
        The dimensions over which the mean is taken.
    weight : Tensor of shape normalized_shape, optional
        Factor for each element.
    eps : float, optional
        Added to the mean square. Default: the dtype's epsilon.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.rms_norm(torch.tensor([1.0, -1.0]), (2,), eps=0.0)
    tensor([ 1., -1.])
    """
    shape = (
        (normalized_shape,)
        if isinstance(normalized_shape, int)
        else tuple(normalized_shape)
    )
    if not shape:
        raise RuntimeError(
            "[rms_norm] Expected normalized_shape to be at least 1-dimensional, i.e., "
            "containing at least one element, but got normalized_shape = []"
        )
    if tuple(input.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"[rms_norm] Given normalized_shape={list(shape)}, expected input with "
            f"shape [*, {', '.join(map(str, shape))}], but got input of size"
            f"{list(input.shape)}"
        )
    if weight is not None and tuple(weight.shape) != shape:
        raise RuntimeError(
            "[rms_norm] Expected weight to be of same shape as normalized_shape, but "
            f"got weight of shape {list(weight.shape)} and normalized_shape = "
            f"{list(shape)}"
        )
    half = input.dtype in (derivo.float16, derivo.bfloat16)
    x = input.float() if half else input
    if eps is None:
        eps = derivo.finfo(x.dtype).eps
    dims = tuple(range(-len(shape), 0))
    out = x * plus(x.pow(2).mean(dims, keepdim=True), eps).rsqrt()
    if half:
        out = out.to(input.dtype)
    return out if weight is None else out * weight


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divide by a power of the mean square over neighbouring channels.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...) with three dimensions or more
        Floating.
    size : int
        Number of neighbouring channels.
    alpha, beta, k : float, optional
        The divisor is ``(k + alpha * mean square) ** beta``.

    Raises
    ------
    ValueError
        If there are fewer than three dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.local_response_norm(torch.ones(1, 1, 1), 1, 1.0, 1.0, 1.0)
    tensor([[[0.5000]]])
    """
    if input.dim() < 3:
        raise ValueError(
            "[local_response_norm] Expected 3D or higher dimensionality input (got "
            f"{input.dim()} dimensions)"
        )
    if input.numel() == 0:
        return input
    squares = input.mul(input)
    pad, front, back = derivo.nn.functional.pad, size // 2, (size - 1) // 2
    if input.dim() == 3:
        images = pad(squares.unsqueeze(1), (0, 0, front, back))
        mean = avg_pool2d(images, (size, 1), stride=1).squeeze(1)
    else:
        n, c, first = input.shape[:3]
        volumes = pad(squares.view(n, 1, c, first, -1), (0, 0, 0, 0, front, back))
        mean = avg_pool3d(volumes, (size, 1, 1), stride=1).squeeze(1)
        mean = mean.view(input.shape)
    return input / mean.mul(alpha).add(k).pow(beta)


def normalize(
    input: Tensor,
    p: float = 2.0,
    dim: int | tuple[int, ...] = 1,
    eps: float = 1e-12,
    out: Tensor | None = None,
) -> Tensor:
    """Divide by the p-norm along a dimension.

    Parameters
    ----------
    input : Tensor of any shape
        Floating.
    p : float, optional
        Of the norm.
    dim : int or tuple of int, optional
        Along which the norm is taken.
    eps : float, optional
        The least divisor.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.normalize(torch.tensor([3.0, 4.0]), dim=0)
    tensor([0.6000, 0.8000])
    """
    divisor = input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)
    return input / divisor if out is None else derivo.div(input, divisor, out=out)
