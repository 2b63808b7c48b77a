"""Distances and similarities as modules."""

from __future__ import annotations

from derivo.nn import functional as F
from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class PairwiseDistance(Module):
    """p-norm of ``x1 - x2 + eps`` along the last dimension.

    Parameters
    ----------
    p, eps : float, optional
        As above.
    keepdim : bool, optional
        Keep the last dimension with size 1.

    Examples
    --------
    >>> import derivo as torch
    >>> d = torch.nn.PairwiseDistance(eps=0.0)
    >>> d(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]))
    tensor([5.])
    """

    __constants__ = ["norm", "eps", "keepdim"]

    def __init__(
        self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
    ) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Apply to ``(N, D)`` or ``(D,)``."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Module):
    """Cosine of the angle between vectors.

    Parameters
    ----------
    dim : int, optional
        Along which the vectors lie.
    eps : float, optional
        The least norm.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.CosineSimilarity()(torch.eye(2), torch.ones(2, 2))
    tensor([0.7071, 0.7071])
    """

    __constants__ = ["dim", "eps"]

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Apply to tensors that broadcast together."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)
