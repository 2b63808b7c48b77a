"""Losses as modules."""

from __future__ import annotations

from typing import Any

from derivo.nn import functional as F
from derivo.nn._functional.loss import reduction_of
from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
]


class _Loss(Module):
    """A loss with a reduction."""

    reduction: str

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        # A reduction that does not exist is reported by the function, as in PyTorch.
        self.reduction = (
            reduction
            if size_average is None and reduce is None
            else reduction_of(type(self).__name__, size_average, reduce, reduction)
        )


class _WeightedLoss(_Loss):
    """A loss with a weight for each class or element."""

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class L1Loss(_Loss):
    """Absolute difference.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.L1Loss()(torch.ones(2), torch.zeros(2))
    tensor(1.)
    """

    __constants__ = ["reduction"]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """Squared difference.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MSELoss()(torch.full((2,), 3.0), torch.zeros(2))
    tensor(9.)
    """

    __constants__ = ["reduction"]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """Absolute difference, rounded off to a parabola within `beta` of zero.

    Parameters
    ----------
    beta : float, optional
        Where the parabola ends.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.SmoothL1Loss()(torch.ones(2), torch.zeros(2))
    tensor(0.5000)
    """

    __constants__ = ["beta", "reduction"]

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.smooth_l1_loss(input, target, beta=self.beta, reduction=self.reduction)


class NLLLoss(_WeightedLoss):
    """Negative of the score at the right class.

    Parameters
    ----------
    weight : Tensor, optional
        Factor for each class.
    ignore_index : int, optional
        A class that does not count.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.NLLLoss()(-torch.ones(1, 2), torch.tensor([1]))
    tensor(1.)
    """

    __constants__ = ["ignore_index", "reduction"]

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.nll_loss(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class CrossEntropyLoss(_WeightedLoss):
    """Cross entropy of ``softmax(input)``.

    Parameters
    ----------
    weight : Tensor, optional
        Factor for each class.
    ignore_index : int, optional
        A class that does not count.
    label_smoothing : float, optional
        Part of the target that is spread evenly.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.CrossEntropyLoss()(torch.zeros(1, 2), torch.tensor([1]))
    tensor(0.6931)
    """

    __constants__ = ["ignore_index", "label_smoothing", "reduction"]

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            reduction=self.reduction,
        )


class BCELoss(_WeightedLoss):
    """Cross entropy of probabilities.

    Parameters
    ----------
    weight : Tensor, optional
        Factor for each element.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.BCELoss()(torch.full((1,), 0.5), torch.ones(1))
    tensor(0.6931)
    """

    __constants__ = ["reduction"]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.binary_cross_entropy(
            input,
            target,
            weight=self.weight,
            reduction=self.reduction,
        )


class KLDivLoss(_Loss):
    """Kullback-Leibler divergence; the input holds logarithms.

    Parameters
    ----------
    log_target : bool, optional
        Whether the target holds logarithms too.
    reduction : {"mean", "batchmean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> torch.nn.KLDivLoss(reduction="batchmean")(p.log(), p)
    tensor(0.)
    """

    __constants__ = ["log_target", "reduction"]

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.kl_div(
            input,
            target,
            log_target=self.log_target,
            reduction=self.reduction,
        )


class HingeEmbeddingLoss(_Loss):
    """The input where the target is 1, ``max(0, margin - input)`` where it is -1.

    Parameters
    ----------
    margin : float, optional
        As above.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.HingeEmbeddingLoss()(torch.ones(1), torch.ones(1))
    tensor(1.)
    """

    __constants__ = ["margin", "reduction"]

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.hinge_embedding_loss(
            input,
            target,
            margin=self.margin,
            reduction=self.reduction,
        )


class SoftMarginLoss(_Loss):
    """``log(1 + exp(-target * input))``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.SoftMarginLoss()(torch.zeros(1), torch.ones(1))
    tensor(0.6931)
    """

    __constants__ = ["reduction"]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """Mean over classes of the cross entropy of ``sigmoid(input)``.

    Parameters
    ----------
    weight : Tensor, optional
        Factor for each class.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MultiLabelSoftMarginLoss()(torch.zeros(1, 2), torch.ones(1, 2))
    tensor(0.6931)
    """

    __constants__ = ["reduction"]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.multilabel_soft_margin_loss(
            input,
            target,
            weight=self.weight,
            reduction=self.reduction,
        )


class MultiLabelMarginLoss(_Loss):
    """Mean of ``max(0, 1 - x[right] + x[wrong])``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, optional
        Over the elements or samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MultiLabelMarginLoss()(torch.zeros(1, 2), torch.tensor([[0, -1]]))
    tensor(0.5000)
    """

    __constants__ = ["reduction"]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class HuberLoss(_Loss):
    """Half the squared difference, straight from `delta` on.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, optional
        Over the elements.
    delta : float, optional
        Where it becomes straight.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.HuberLoss(delta=2.0)(torch.full((1,), 3.0), torch.zeros(1))
    tensor(4.)
    """

    __constants__ = ["reduction", "delta"]

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare predictions with targets."""
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class BCEWithLogitsLoss(_Loss):
    """Cross entropy of ``sigmoid(input)``, without overflow.

    Parameters
    ----------
    weight : Tensor, optional
        Factor for each element.
    size_average, reduce : bool, optional
        Old names for the reduction.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements.
    pos_weight : Tensor, optional
        Factor for the positive part.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.BCEWithLogitsLoss()(torch.zeros(1), torch.ones(1))
    tensor(0.6931)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare scores with targets."""
        return F.binary_cross_entropy_with_logits(
            input,
            target,
            self.weight,
            pos_weight=self.pos_weight,
            reduction=self.reduction,
        )


class PoissonNLLLoss(_Loss):
    """Negative logarithm of Poisson probabilities.

    Parameters
    ----------
    log_input : bool, optional
        Whether the input holds logarithms of expected counts.
    full : bool, optional
        Add Stirling's approximation of the factorial.
    size_average, reduce : bool, optional
        Old names for the reduction.
    eps : float, optional
        Added to the expected count before its logarithm.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.PoissonNLLLoss()(torch.zeros(1), torch.ones(1))
    tensor(1.)
    """

    __constants__ = ["log_input", "full", "eps", "reduction"]

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Compare expected counts with counts."""
        return F.poisson_nll_loss(
            log_input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )


class GaussianNLLLoss(_Loss):
    """Negative logarithm of normal densities.

    Parameters
    ----------
    full : bool, optional
        Add the constant term.
    eps : float, optional
        The least variance.
    reduction : {"mean", "sum", "none"}, optional
        Over the elements.

    Examples
    --------
    >>> import derivo as torch
    >>> loss = torch.nn.GaussianNLLLoss()
    >>> loss(torch.zeros(1), torch.full((1,), 2.0), torch.ones(1))
    tensor(2.)
    """

    __constants__ = ["full", "eps", "reduction"]

    def __init__(
        self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Compare expected with observed values, given variances."""
        return F.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )


class CTCLoss(_Loss):
    """Connectionist temporal classification: any timing of the labels will do.

    Parameters
    ----------
    blank : int, optional
        The class that stands for no label.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the target lengths first.
    zero_infinity : bool, optional
        Let labellings that cannot be reached count nothing.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.full((2, 1, 2), 0.5).log()
    >>> torch.nn.CTCLoss()(p, torch.tensor([[1]]), [2], [1]).exp()
    tensor(1.3333)
    """

    __constants__ = ["blank", "reduction"]

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self,
        log_probs: Tensor,
        targets: Tensor,
        input_lengths: Any,
        target_lengths: Any,
    ) -> Tensor:
        """Compare probabilities over time with labels."""
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
