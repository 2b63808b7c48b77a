"""Losses that ask for a margin between scores, or between distances."""

from __future__ import annotations

from collections.abc import Callable

import derivo
from derivo.nn._functional._composite import composite_node
from derivo.nn._functional.distance import pairwise_distance
from derivo.nn._functional.loss import Legacy, one_node, reduced, reduction_of
from derivo.ops._numbers import from_number, minus, plus
from derivo.tensor import Tensor


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, -target * (input1 - input2) + margin)``.

    Parameters
    ----------
    input1, input2, target : Tensor of the same number of dimensions
        Scores, and 1 where the first should be larger, else -1.
    margin : float, optional
        By how much it should be.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If the numbers of dimensions differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.margin_ranking_loss
    >>> f(torch.ones(1), torch.full((1,), 3.0), torch.ones(1))
    tensor(2.)
    """
    op = "margin_ranking_loss"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            f"[{op}] margin_ranking_loss : All input tensors should have same "
            f"dimension but got sizes: input1: {input1.size()}, input2: "
            f"{input2.size()}, target: {target.size()} "
        )
    each = plus(-target * (input1 - input2), margin).clamp_min(0)
    return reduced(each, reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """`input` where the target is 1, ``max(0, margin - input)`` where it is -1.

    Parameters
    ----------
    input, target : Tensor of any shape
        Distances, and 1 or -1.
    margin : float, optional
        As above.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.hinge_embedding_loss
    >>> f(torch.tensor([0.5, 0.5]), torch.tensor([1.0, -1.0]))
    tensor(0.5000)
    """
    reduction = reduction_of("hinge_embedding_loss", size_average, reduce, reduction)
    away = from_number(margin, input).clamp_min(0)
    zeros = derivo.zeros_like(input).detach()
    each = derivo.where(target != 1, away, zeros)
    each = each + derivo.where(target != -1, input, zeros)
    return reduced(each, reduction)


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """``log(1 + exp(-target * input))`` for targets 1 and -1.

    Parameters
    ----------
    input, target : Tensor of any shape
        Scores, and 1 or -1.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.soft_margin_loss(torch.zeros(1), torch.ones(1))
    tensor(0.6931)
    """
    reduction = reduction_of("soft_margin_loss", size_average, reduce, reduction)
    if target.requires_grad:
        raise RuntimeError(
            "[soft_margin_loss] The function 'soft_margin_loss' is not differentiable "
            "with respect to argument 'target'. This input cannot have requires_grad "
            "True."
        )
    return one_node("soft_margin_loss", input, target, None, reduction)


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """Mean over classes of the cross entropy of ``sigmoid(input)``.

    Parameters
    ----------
    input, target : Tensor of shape (N, C) or (C,)
        Scores, and 1 or 0.
    weight : Tensor of shape (C,), optional
        Factor for each class.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.multilabel_soft_margin_loss
    >>> f(torch.zeros(1, 2), torch.ones(1, 2))
    tensor(0.6931)
    """
    op = "multilabel_soft_margin_loss"
    reduction = reduction_of(op, size_average, reduce, reduction)
    log = derivo.nn.functional.logsigmoid
    each = -(target * log(input) + (1 - target) * log(-input))
    if weight is not None:
        each = each * weight
    return reduced(each.sum(-1) / input.size(-1), reduction)


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """``1 - cos`` where the target is 1, ``max(0, cos - margin)`` where it is -1.

    Parameters
    ----------
    input1, input2 : Tensor of shape (N, D) or (D,)
        The vectors.
    target : Tensor of shape (N,) or ()
        1 or -1.
    margin : float, optional
        As above.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.cosine_embedding_loss
    >>> f(torch.ones(1, 2), torch.ones(1, 2), -torch.ones(1)).round()
    tensor(1.)
    """
    op = "cosine_embedding_loss"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if target.dim() not in (0, 1):
        raise RuntimeError(
            f"[{op}] 0D or 1D target tensor expected, multi-target not supported"
        )
    if input1.dim() != target.dim() + 1 or input2.dim() != target.dim() + 1:
        raise RuntimeError(
            f"[{op}] {target.dim()}D target tensor expects {target.dim() + 1}D input "
            f"tensors, but found inputs with sizes {list(input1.shape)} and "
            f"{list(input2.shape)}."
        )
    epsilon = 1e-12
    product = (input1 * input2).sum(-1)
    size1 = plus((input1 * input1).sum(-1), epsilon)
    size2 = plus((input2 * input2).sum(-1), epsilon)
    cosine = product / (size1 * size2).sqrt()
    zeros = derivo.zeros_like(cosine).detach()
    each = derivo.where(target == 1, from_number(1, cosine), zeros)
    away = minus(cosine, margin).clamp_min(0)
    each = each + derivo.where(target == -1, away, zeros)
    return reduced(each, reduction)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """Mean over the wrong classes of ``max(0, margin - x[target] + x[i]) ** p``.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (C,)
        Scores.
    target : Tensor of shape (N,) or (), int64
        Class numbers.
    p : {1, 2}, optional
        The exponent.
    margin : float, optional
        By how much the right class should win.
    weight : Tensor of shape (C,), optional
        Factor by the right class.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError, RuntimeError
        If `p` is neither 1 nor 2, or the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.multi_margin_loss
    >>> f(torch.zeros(1, 2), torch.tensor([0]))
    tensor(0.5000)
    """
    op = "multi_margin_loss"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError(f"[{op}] only p == 1 and p == 2 supported, got {p=}")
    if weight is not None and weight.dim() != 1:
        raise ValueError(f"[{op}] weight must be one-dimensional")
    classes = input.shape[-1] if input.dim() else 1
    x = input.reshape(-1, classes)
    t = target.reshape(-1)
    if input.dim() > 2 or x.shape[0] != t.shape[0]:
        raise RuntimeError(
            f"[{op}] inconsistent target size: {list(target.shape)} for input of size "
            f"{list(input.shape)}"
        )
    if weight is not None and weight.numel() != classes:
        raise RuntimeError(
            f"[{op}] inconsistent weight size, expected {classes} but got "
            f"{list(weight.shape)}"
        )
    given = {"target": target}
    return _multi_margin((input,), t, p, margin, weight, reduction, given=given)


def _multi_margin_parts(
    input: Tensor, t: Tensor, p: int, margin: float, weight: Tensor | None, how: str
) -> Tensor:
    classes = input.shape[-1] if input.dim() else 1
    x = input.reshape(-1, classes)
    right = x.gather(1, t.unsqueeze(1))
    each = (margin - right + x).clamp_min(0)
    if p == 2:
        each = each * each
    if weight is not None:
        each = each * weight[t].unsqueeze(1)
    wrong = derivo.arange(classes) != t.unsqueeze(1)
    each = (each * wrong).sum(1) / classes
    if input.dim() < 2:
        each = each.squeeze(0)
    return reduced(each, how)


_multi_margin = composite_node(
    "multi_margin_loss", "MultiMarginLossBackward0", _multi_margin_parts
)


def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """Mean of ``max(0, 1 - x[right] + x[wrong])`` over right and wrong classes.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (C,)
        Scores.
    target : Tensor of the shape of `input`, int64
        The right classes of each sample, ended by -1.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If the shapes differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.multilabel_margin_loss
    >>> f(torch.zeros(1, 2), torch.tensor([[0, -1]]))
    tensor(0.5000)
    """
    op = "multilabel_margin_loss"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if input.shape != target.shape or input.dim() > 2:
        raise RuntimeError(
            f"[{op}] inconsistent target size: {list(target.shape)} for input of size "
            f"{list(input.shape)}"
        )
    return _multilabel_margin((input,), target, reduction)


def _multilabel_margin_parts(input: Tensor, target: Tensor, how: str) -> Tensor:
    classes = input.shape[-1] if input.dim() else 1
    x, t = input.reshape(-1, classes), target.reshape(-1, classes)
    # Labels count up to the first -1.
    valid = (t < 0).to(derivo.int64).cumsum(1) == 0
    index = t.clamp(min=0)
    is_right = derivo.zeros(x.shape, dtype=derivo.int64).scatter_add(
        1, index, valid.to(derivo.int64)
    )
    right = x.gather(1, index)
    gaps = (1 - right.unsqueeze(2) + x.unsqueeze(1)).clamp_min(0)
    counted = valid.unsqueeze(2) & (is_right == 0).unsqueeze(1)
    each = (gaps * counted).sum((1, 2)) / classes
    if input.dim() < 2:
        each = each.squeeze(0)
    return reduced(each, how)


_multilabel_margin = composite_node(
    "multilabel_margin_loss", "MultilabelMarginLossBackward0", _multilabel_margin_parts
)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, |anchor - positive| - |anchor - negative| + margin)``.

    Parameters
    ----------
    anchor, positive, negative : Tensor of shape (N, D) or (D,)
        The vectors.
    margin : float, optional
        By how much the negative should be farther.
    p, eps : float, optional
        As for `pairwise_distance`.
    swap : bool, optional
        Use the distance of positive and negative where that is smaller.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError
        If `margin` is not positive.
    RuntimeError
        If the numbers of dimensions differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.triplet_margin_loss
    >>> f(torch.zeros(1, 2), torch.zeros(1, 2), torch.zeros(1, 2))
    tensor(1.)
    """
    op = "triplet_margin_loss"
    reduction = reduction_of(op, size_average, reduce, reduction)
    if margin <= 0:
        raise ValueError(f"[{op}] margin must be greater than 0, got {margin}")
    if not anchor.dim() == positive.dim() == negative.dim():
        raise RuntimeError(
            f"[{op}] The anchor, positive, and negative tensors are expected to have "
            f"the same number of dimensions, but got: anchor {anchor.dim()}D, positive "
            f"{positive.dim()}D, and negative {negative.dim()}D inputs"
        )
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = derivo.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced((plus(near, margin) - far).clamp_min(0), reduction)


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` with a distance of one's own.

    Parameters
    ----------
    anchor, positive, negative : Tensor of any shape
        What the distance takes.
    distance_function : callable, optional
        Default: `pairwise_distance`.
    margin, swap, reduction
        As for `triplet_margin_loss`.

    Raises
    ------
    ValueError
        If `margin` is not positive or the reduction unknown.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.triplet_margin_with_distance_loss
    >>> x = torch.zeros(1, 2)
    >>> f(x, x, x, distance_function=lambda a, b: (a - b).abs().sum(-1))
    tensor(1.)
    """
    op = "triplet_margin_with_distance_loss"
    reduction = reduction_of(op, None, None, reduction)
    if margin <= 0:
        raise ValueError(f"[{op}] margin must be greater than 0, got {margin}")
    if not anchor.dim() == positive.dim() == negative.dim():
        raise RuntimeError(
            f"[{op}] The anchor, positive, and negative tensors are expected to have "
            f"the same number of dimensions, but got: anchor {anchor.dim()}D, positive "
            f"{positive.dim()}D, and negative {negative.dim()}D inputs"
        )
    if distance_function is None:
        distance_function = pairwise_distance
    near = distance_function(anchor, positive)
    far = distance_function(anchor, negative)
    if swap:
        far = derivo.minimum(far, distance_function(positive, negative))
    return reduced((margin + near - far).clamp_min(0), reduction)
