"""Dropout: random zeros while training."""

from __future__ import annotations

from derivo.nn import functional as F
from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]


class _Dropout(Module):
    __constants__ = ["p", "inplace"]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(
                f"dropout probability has to be between 0 and 1, but got {p}"
            )
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Zero each element with probability `p` while training.

    The others are multiplied by ``1 / (1 - p)``, so that the mean stays. In evaluation
    nothing is done.

    Parameters
    ----------
    p : float, optional
        Probability of a zero.
    inplace : bool, optional
        Change the input itself.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1].

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Dropout(0.5).eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """Zero whole channels of ``(N, C, L)`` or ``(C, L)`` while training.

    Parameters
    ----------
    p : float, optional
        Probability of a zero.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Dropout1d(1.0)(torch.ones(1, 2, 3)).sum()
    tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to sequences."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Zero whole channels of ``(N, C, H, W)`` or ``(C, H, W)`` while training.

    Parameters
    ----------
    p : float, optional
        Probability of a zero.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Dropout2d(1.0)(torch.ones(1, 2, 3, 3)).sum()
    tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to images."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Zero whole channels of ``(N, C, D, H, W)`` or ``(C, D, H, W)`` while training.

    Parameters
    ----------
    p : float, optional
        Probability of a zero.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Dropout3d(1.0)(torch.ones(1, 2, 3, 3, 3)).sum()
    tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to volumes."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1, for SELU networks.

    Parameters
    ----------
    p : float, optional
        Probability of being dropped.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AlphaDropout(0.5).eval()(torch.ones(2))
    tensor([1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """`AlphaDropout` of whole channels.

    Parameters
    ----------
    p : float, optional
        Probability of being dropped.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.FeatureAlphaDropout(0.5).eval()(torch.ones(1, 2))
    tensor([[1., 1.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, *)``."""
        return F.feature_alpha_dropout(input, self.p, self.training)
