"""Losses: how far predictions are from targets."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional._composite import composite_node
from derivo.ops import _batching
from derivo.ops._elementwise import REGISTRY
from derivo.ops._numbers import plus, times
from derivo.tensor import Tensor

Legacy = bool | None


def reduction_of(op: str, size_average: Legacy, reduce: Legacy, reduction: str) -> str:
    """Return the reduction, also from the two old arguments."""
    if size_average is None and reduce is None:
        if reduction not in ("none", "mean", "sum"):
            raise ValueError(
                f"[{op}] {reduction} is not a valid value for reduction: expected "
                "'none', 'mean' or 'sum'"
            )
        return reduction
    if reduce is False:
        chosen = "none"
    else:
        chosen = "sum" if size_average is False else "mean"
    warnings.warn(
        "size_average and reduce args will be deprecated, please use "
        f"reduction='{chosen}' instead.",
        stacklevel=4,
    )
    return chosen


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """Apply a reduction."""
    if reduction == "mean":
        return loss.mean()
    return loss.sum() if reduction == "sum" else loss


def _check_shapes(op: str, input: Tensor, target: Tensor) -> None:
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input "
            f"size ({input.size()}). This will likely lead to incorrect results due to "
            "broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def _check_weight(op: str, input: Tensor, weight: Tensor | None) -> None:
    if weight is not None and weight.shape != input.shape:
        raise ValueError(
            f"[{op}] Weights and input must have the same size: got "
            f"{list(weight.shape)} and {list(input.shape)}"
        )


def _weighted(each: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    if weight is None:
        return reduced(each, reduction)
    each = each * weight
    if reduction == "mean":
        return each.sum() / weight.sum()
    return reduced(each, reduction)


# -- elementwise losses, each one node with its reduction ----------------------


def _loss_forward(
    x: Tensor, target: Tensor, weight: Tensor | None, name: str, how: str, *params: Any
) -> Tensor:
    each = REGISTRY[name].core(x, target, *params)
    return reduced(each if weight is None else each * weight, how)


def _loss_vjp(
    ctx: Any, g: Tensor, name: str, how: str, *params: Any
) -> tuple[Tensor | None, ...]:
    x, target, weight = ctx.saved
    if how == "mean":
        g = g / math.prod(_joint_shape(x, target))
    if weight is not None:
        g = g * weight
    slope = _SLOPES[name](x, target, *params)
    dx = dt = None
    if ctx.needs[0]:
        dx = (g * slope).sum_to_size(x.shape)
    if ctx.needs[1]:
        dt = (g * _TARGET_SLOPES[name](x, target, slope)).sum_to_size(target.shape)
    return dx, dt, None


def _joint_shape(x: Tensor, target: Tensor) -> tuple[int, ...]:
    if x.shape == target.shape:
        return tuple(x.shape)
    return tuple(derivo.broadcast_shapes(x.shape, target.shape))


def _bce_slope(x: Tensor, target: Tensor) -> Tensor:
    return (x - target) / ((1 - x) * x).clamp_min(1e-12)


# Derivative of each loss for each element: first by the input ...
_SLOPES: dict[str, Callable[..., Tensor]] = {
    "smooth_l1_loss": lambda x, t, beta: ((x - t) / beta).clamp(-1, 1),
    "huber_loss": lambda x, t, delta: (x - t).clamp(-delta, delta),
    "binary_cross_entropy": _bce_slope,
    "binary_cross_entropy_with_logits": lambda x, t: x.sigmoid() - t,
    "soft_margin_loss": lambda x, t: -t * (-t * x).sigmoid(),
}
# ... then by the target, from the former.
_TARGET_SLOPES: dict[str, Callable[..., Tensor]] = {
    "smooth_l1_loss": lambda x, t, slope: -slope,
    "huber_loss": lambda x, t, slope: -slope,
    "binary_cross_entropy": lambda x, t, slope: (
        (-x).log1p().clamp_min(-100) - x.log().clamp_min(-100)
    ),
    "binary_cross_entropy_with_logits": lambda x, t, slope: -x,
}


_LOSSES = {
    name: Primitive(
        name,
        node=node,
        forward=_loss_forward,
        vjp=_loss_vjp,
        save=(0, 1, 2),
        batch=_batching.follows,
        edges=edges,
    )
    for name, node, edges in (
        ("smooth_l1_loss", "SmoothL1LossBackward0", 2),
        ("huber_loss", "HuberLossBackward0", 2),
        ("binary_cross_entropy", "BinaryCrossEntropyBackward0", 2),
        (
            "binary_cross_entropy_with_logits",
            "BinaryCrossEntropyWithLogitsBackward0",
            2,
        ),
        ("soft_margin_loss", "SoftMarginLossBackward0", 1),
    )
}


def one_node(
    name: str,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: str,
    *params: Any,
) -> Tensor:
    """Run an elementwise loss and its reduction as one operation."""
    if input.dtype != target.dtype:
        kind = derivo.promote_types(input.dtype, target.dtype)
        input, target = input.to(kind), target.to(kind)
    return _LOSSES[name]((input, target, weight), name, reduction, *params)


# -- regression ----------------------------------------------------------------


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Absolute difference.

    Parameters
    ----------
    input, target : Tensor of any shape
        Broadcast together.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    weight : Tensor of the shape of `input`, optional
        Factor for each element; the mean is weighted.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.l1_loss(torch.tensor([1.0, 2.0]), torch.zeros(2))
    tensor(1.5000)
    """
    reduction = reduction_of("l1_loss", size_average, reduce, reduction)
    _check_shapes("l1_loss", input, target)
    _check_weight("l1_loss", input, weight)
    return _weighted((input - target).abs(), weight, reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Absolute difference, rounded off to a parabola within `beta` of zero.

    Parameters
    ----------
    input, target : Tensor of any shape
        Floating, broadcast together.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    beta : float, optional
        Where the parabola ends; 0 gives `l1_loss`.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If `beta` is negative.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.smooth_l1_loss(torch.tensor([2.0]), torch.zeros(1))
    tensor(1.5000)
    """
    reduction = reduction_of("smooth_l1_loss", size_average, reduce, reduction)
    _check_shapes("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError(
            "[smooth_l1_loss] smooth_l1_loss does not support negative values for beta,"
            f" got {beta=}"
        )
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return one_node("smooth_l1_loss", input, target, None, reduction, float(beta))


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Half the squared difference, straight from `delta` on.

    Parameters
    ----------
    input, target : Tensor of any shape
        Floating, broadcast together.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    delta : float, optional
        Where it becomes straight.
    weight : Tensor of the shape of `input`, optional
        Factor for each element; the mean is weighted.

    Raises
    ------
    RuntimeError
        If `delta` is not positive.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.huber_loss(torch.tensor([3.0]), torch.zeros(1), delta=2.0)
    tensor(4.)
    """
    reduction = reduction_of("huber_loss", None, None, reduction)
    _check_shapes("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError(
            "[huber_loss] huber_loss does not support non-positive values for delta, "
            f"got {delta=}"
        )
    _check_weight("huber_loss", input, weight)
    if weight is None:
        return one_node("huber_loss", input, target, None, reduction, float(delta))
    each = one_node("huber_loss", input, target, None, "none", float(delta))
    return _weighted(each, weight, reduction)


# -- probabilities -------------------------------------------------------------


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """Cross entropy of probabilities; their logarithms are bounded below by -100.

    Parameters
    ----------
    input : Tensor of any shape
        Probabilities in [0, 1].
    target : Tensor of the shape of `input`
        In [0, 1].
    weight : Tensor, optional
        Factor for each element.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError
        If the shapes differ.
    RuntimeError
        If an input lies outside [0, 1].

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.binary_cross_entropy(torch.tensor([0.5]), torch.ones(1))
    tensor(0.6931)
    """
    op = "binary_cross_entropy"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ValueError(
            f"[{op}] Using a target size ({target.size()}) that is different to the "
            f"input size ({input.size()}) is deprecated. Please ensure they have the "
            "same size."
        )
    with derivo.no_grad():
        if not bool(_batching.everything((input >= 0) & (input <= 1)).all()):
            raise RuntimeError(
                f"[{op}] all elements of input should be between 0 and 1: apply "
                "sigmoid first, or use binary_cross_entropy_with_logits."
            )
    if weight is not None and (weight.requires_grad or weight.dim() > input.dim()):
        each = one_node(op, input, target, None, "none")
        return reduced(each * weight, reduction)
    return one_node(op, input, target, weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Cross entropy of ``sigmoid(input)``, without overflow.

    Parameters
    ----------
    input : Tensor of any shape
        Unbounded scores.
    target : Tensor of the shape of `input`
        In [0, 1].
    weight : Tensor, optional
        Factor for each element.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    pos_weight : Tensor, optional
        Factor for the positive part, broadcast.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.binary_cross_entropy_with_logits
    >>> x = torch.zeros(1, requires_grad=True)
    >>> f(x, torch.ones(1)).backward()
    >>> x.grad
    tensor([-0.5000])
    """
    op = "binary_cross_entropy_with_logits"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ValueError(
            f"[{op}] Target size ({target.size()}) must be the same as input size "
            f"({input.size()})"
        )
    if pos_weight is None and (weight is None or not weight.requires_grad):
        return one_node(op, input, target, weight, reduction)
    return _weighted_bce((input, target, weight, pos_weight), reduction)


def _weighted_bce_parts(
    x: Tensor,
    target: Tensor,
    weight: Tensor | None,
    pos_weight: Tensor | None,
    how: str,
) -> Tensor:
    if pos_weight is None:
        each = REGISTRY["binary_cross_entropy_with_logits"].core(x, target)
    elif pos_weight.requires_grad:
        log = derivo.nn.functional.logsigmoid(x)
        each = (1 - target) * x - (1 + (pos_weight - 1) * target) * log
    else:
        each = REGISTRY["binary_cross_entropy_weighted"].core(x, target, pos_weight)
    return reduced(each if weight is None else each * weight, how)


_weighted_bce = composite_node(
    "binary_cross_entropy_with_logits",
    "BinaryCrossEntropyWithLogitsBackward0",
    _weighted_bce_parts,
    edges=2,
)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence of distributions.

    Parameters
    ----------
    input : Tensor of any shape
        Logarithms of probabilities.
    target : Tensor of the shape of `input`
        Probabilities, or their logarithms with `log_target`.
    reduction : {"batchmean", "sum", "mean", "none"}, optional
        "batchmean" divides the sum by the size of the first dimension.
    log_target : bool, optional
        Whether `target` holds logarithms.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> torch.nn.functional.kl_div(p.log(), p, reduction="batchmean")
    tensor(0.)
    """
    batch = reduction == "batchmean"
    chosen = reduction_of("kl_div", size_average, reduce, "sum" if batch else reduction)
    if not batch and chosen == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the "
            "support size.'batchmean' divides only by the batch size, and aligns with "
            "the KL div math definition.'mean' will be changed to behave the same as "
            "'batchmean' in the next major release.",
            stacklevel=2,
        )
    if log_target:
        each = target.exp() * (target - input)
    else:
        each = derivo.xlogy(target, target) - target * input
    out = reduced(each, chosen)
    return out / input.shape[0] if batch and input.dim() else out


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Legacy = None,
    eps: float = 1e-8,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """Negative logarithm of Poisson probabilities.

    Parameters
    ----------
    input : Tensor of any shape
        Expected counts, or their logarithms with `log_input`.
    target : Tensor of the shape of `input`
        Counts.
    log_input : bool, optional
        Whether `input` holds logarithms.
    full : bool, optional
        Add Stirling's approximation of the factorial.
    eps : float, optional
        Added to the expected count before its logarithm.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.poisson_nll_loss(torch.zeros(1), torch.ones(1))
    tensor(1.)
    """
    reduction = reduction_of("poisson_nll_loss", size_average, reduce, reduction)
    if log_input:
        each = input.exp() - target * input
    else:
        each = input - target * plus(input, eps).log()
    if full:
        factor = times(times(target, 2 * math.pi).log(), 0.5)
        stirling = target * target.log() - target + factor
        each = each + stirling.masked_fill(target <= 1, 0)
    return reduced(each, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Negative logarithm of normal densities.

    Parameters
    ----------
    input, target : Tensor of any shape
        Expected and observed values.
    var : Tensor or float
        Variances, of the shape of `input`, with a last dimension of 1, or without it.
    full : bool, optional
        Add the constant term.
    eps : float, optional
        The least variance; the bound has no gradient.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.

    Raises
    ------
    ValueError
        If `var` has a negative entry or a shape that does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.gaussian_nll_loss
    >>> f(torch.zeros(1), torch.full((1,), 2.0), torch.ones(1))
    tensor(2.)
    """
    op = "gaussian_nll_loss"
    if isinstance(var, (int, float)):
        if var < 0:
            raise ValueError(f"[{op}] var has negative entry/entries")
        var = derivo.full_like(input, var).detach()
    elif bool(_batching.everything(var < 0).any()):
        raise ValueError(f"[{op}] var has negative entry/entries")
    if var.shape != input.shape:
        if input.shape[:-1] == var.shape:
            var = var.unsqueeze(-1)
        elif not (
            input.dim() == var.dim()
            and input.shape[:-1] == var.shape[:-1]
            and var.shape[-1] == 1
        ):
            # A shape that merely broadcasts is allowed in every dimension of size 1.
            fits = input.dim() == var.dim() and all(
                v in (1, i) for v, i in zip(var.shape, input.shape, strict=True)
            )
            if not fits:
                raise ValueError(
                    f"[{op}] var is of incorrect size: got {list(var.shape)} for input "
                    f"of size {list(input.shape)}"
                )
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"[{op}] {reduction} is not valid")
    var = var.clone()  # type: ignore[union-attr]
    with derivo.no_grad():
        var.clamp_(min=eps)
    each = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        each = each + 0.5 * math.log(2 * math.pi)
    return reduced(each, reduction)


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Tensor:
    """Cross entropy of scores ``linear(input, linear_weight, linear_bias)``.

    Parameters
    ----------
    input : Tensor of shape (N, in) or (in,)
        Floating.
    linear_weight : Tensor of shape (C, in) or (C, ..., in)
        The matrix; with further dimensions there are as many predictions a sample.
    target : Tensor of shape (N, ...) or (N, C, ...)
        Class numbers, or probabilities.
    linear_bias : Tensor of shape (C,) or (C, ...), optional
        Added to the scores.
    weight, reduction, ignore_index, label_smoothing : optional
        As for `cross_entropy`.
    options : optional
        Accepted; the loss is not computed in chunks.

    Returns
    -------
    Tensor
        The loss.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.linear_cross_entropy
    >>> f(torch.ones(1, 2), torch.zeros(2, 2), torch.tensor([1]))
    tensor(0.6931)
    """
    functional = derivo.nn.functional
    if ignore_index is not None and target.is_floating_point():
        raise RuntimeError(
            "[linear_cross_entropy] ignore_index cannot be specified when target "
            f"contains probabilities, got {ignore_index=}"
        )
    extra = tuple(linear_weight.shape[1:-1])
    if extra and input.dim() == 1:
        raise RuntimeError(
            "[linear_cross_entropy] K-dimensional loss defined by linear_weight shape "
            f"{tuple(linear_weight.shape)} requires batched input, (N, "
            f"{linear_weight.shape[-1]}), got unbatched {tuple(input.shape)}"
        )
    flat, bias = linear_weight, linear_bias
    if extra:
        flat = linear_weight.reshape(-1, linear_weight.shape[-1])
        bias = None if linear_bias is None else linear_bias.reshape(-1)
    scores = functional.linear(input, flat, bias)
    scores = scores.reshape(*input.shape[:-1], linear_weight.shape[0], *extra)
    return functional.cross_entropy(
        scores,
        target,
        weight=weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
