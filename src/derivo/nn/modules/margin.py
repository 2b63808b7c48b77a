"""Losses with a margin, as modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivo.nn import functional as F
from derivo.nn.modules.distance import PairwiseDistance
from derivo.nn.modules.loss import _Loss, _WeightedLoss
from derivo.tensor import Tensor

__all__ = [
    "CosineEmbeddingLoss",
    "MarginRankingLoss",
    "MultiMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class MarginRankingLoss(_Loss):
    """``max(0, -target * (input1 - input2) + margin)``.

    Parameters
    ----------
    margin : float, optional
        As above.
    size_average, reduce : bool, optional
        Old names for the reduction.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements.

    Examples
    --------
    >>> import derivo as torch
    >>> loss = torch.nn.MarginRankingLoss()
    >>> loss(torch.ones(1), torch.full((1,), 3.0), torch.ones(1))
    tensor(2.)
    """

    __constants__ = ["margin", "reduction"]

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Compare two scores."""
        return F.margin_ranking_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )


class CosineEmbeddingLoss(_Loss):
    """``1 - cos`` where the target is 1, ``max(0, cos - margin)`` where it is -1.

    Parameters
    ----------
    margin : float, optional
        As above.
    size_average, reduce : bool, optional
        Old names for the reduction.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.eye(2)
    >>> torch.nn.CosineEmbeddingLoss()(x, x.flip(0), torch.ones(2))
    tensor(1.)
    """

    __constants__ = ["margin", "reduction"]

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Compare two batches of vectors."""
        return F.cosine_embedding_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )


class MultiMarginLoss(_WeightedLoss):
    """Mean over the wrong classes of ``max(0, margin - x[target] + x[i]) ** p``.

    Parameters
    ----------
    p : {1, 2}, optional
        The exponent.
    margin : float, optional
        As above.
    weight : Tensor of shape (C,), optional
        Factor by the right class.
    size_average, reduce : bool, optional
        Old names for the reduction.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.

    Raises
    ------
    ValueError
        If `p` is neither 1 nor 2, or the weight not a vector.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MultiMarginLoss()(torch.zeros(1, 2), torch.tensor([0]))
    tensor(0.5000)
    """

    __constants__ = ["p", "margin", "reduction"]

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        if weight is not None and weight.dim() != 1:
            raise ValueError(
                f"MultiMarginLoss: expected weight to be None or 1D tensor, got "
                f"{weight.dim()}D instead"
            )
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare scores with class numbers."""
        return F.multi_margin_loss(
            input,
            target,
            p=self.p,
            margin=self.margin,
            weight=self.weight,
            reduction=self.reduction,
        )


class TripletMarginLoss(_Loss):
    """``max(0, |anchor - positive| - |anchor - negative| + margin)``.

    Parameters
    ----------
    margin : float, optional
        As above.
    p, eps : float, optional
        Of the distance.
    swap : bool, optional
        Use the distance of positive and negative where that is smaller.
    size_average, reduce : bool, optional
        Old names for the reduction.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.

    Raises
    ------
    ValueError
        If the margin is not positive.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.zeros(1, 2)
    >>> torch.nn.TripletMarginLoss()(x, x, x)
    tensor(1.)
    """

    __constants__ = ["margin", "p", "eps", "swap", "reduction"]

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ValueError(
                "TripletMarginLoss: expected margin to be greater than 0, got "
                f"{margin} instead"
            )
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Compare distances."""
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` with a distance of one's own.

    Parameters
    ----------
    distance_function : callable, optional
        Default: `pairwise_distance`.
    margin : float, optional
        As for `TripletMarginLoss`.
    swap : bool, optional
        As for `TripletMarginLoss`.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.

    Raises
    ------
    ValueError
        If the margin is not positive.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.zeros(1, 2)
    >>> torch.nn.TripletMarginWithDistanceLoss()(x, x, x)
    tensor(1.)
    """

    __constants__ = ["margin", "swap", "reduction"]

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ValueError(
                "TripletMarginWithDistanceLoss: expected margin to be greater than 0, "
                f"got {margin} instead"
            )
        self.distance_function: Any = (
            distance_function if distance_function is not None else PairwiseDistance()
        )
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Compare distances."""
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )
