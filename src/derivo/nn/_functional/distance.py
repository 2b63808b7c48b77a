"""Distances and similarities of vectors."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.ops import _batching
from derivo.ops._numbers import plus
from derivo.ops._primitive import Primitive
from derivo.ops.distances import distance_slope
from derivo.ops.moments import NORM
from derivo.tensor import Tensor


def cosine_similarity(
    x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8
) -> Tensor:
    """Cosine of the angle between vectors.

    Parameters
    ----------
    x1, x2 : Tensor of any shape
        Floating, broadcast together.
    dim : int, optional
        Along which the vectors lie.
    eps : float, optional
        The least norm.

    Returns
    -------
    Tensor of the broadcast shape without `dim`
        In [-1, 1].

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.cosine_similarity(torch.eye(2), torch.ones(2, 2))
    tensor([0.7071, 0.7071])
    """
    if not (x1.is_floating_point() and x2.is_floating_point()):
        raise RuntimeError(
            "[cosine_similarity] expected common dtype to be floating point, yet "
            f"common dtype is {derivo.promote_types(x1.dtype, x2.dtype)}"
        )
    if x1.shape != x2.shape:
        x1, x2 = derivo.broadcast_tensors(x1, x2)
    # Dividing before multiplying keeps large vectors from overflowing; the bound has
    # no gradient.
    n1, n2 = x1.norm(2, dim, keepdim=True), x2.norm(2, dim, keepdim=True)
    a = x1 / _at_least(n1, eps)
    b = x2 / _at_least(n2, eps)
    return (a * b).sum(dim)


def _at_least(norm: Tensor, eps: float) -> Tensor:
    bounded = norm.clone()
    with derivo.no_grad():
        bounded.clamp_(min=eps)
    return bounded


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """p-norm of ``x1 - x2 + eps`` along the last dimension.

    Parameters
    ----------
    x1, x2 : Tensor of shape (..., D)
        Floating, broadcast together.
    p : float, optional
        Of the norm.
    eps : float, optional
        Added to the difference.
    keepdim : bool, optional
        Keep the last dimension with size 1.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.pairwise_distance
    >>> f(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), eps=0.0)
    tensor([5.])
    """
    between = plus(x1 - x2, eps)
    dims = (between.dim() - 1,) if between.dim() else ()
    made: Tensor = NORM((between,), float(p), dims, keepdim)
    return made


def pdist(input: Tensor, p: float = 2) -> Tensor:
    """p-norm distances between every two rows.

    Parameters
    ----------
    input : Tensor of shape (N, D)
        Floating.
    p : float, optional
        Of the norm, not negative.

    Returns
    -------
    Tensor of shape (N * (N - 1) / 2,)
        The pairs (0, 1), (0, 2), ..., (1, 2), ...

    Raises
    ------
    RuntimeError
        If `input` is not a matrix or `p` negative.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.pdist(torch.tensor([[0.0], [1.0], [3.0]]))
    tensor([1., 3., 2.])
    """
    if input.dim() != 2:
        raise RuntimeError(
            f"[pdist] pdist only supports 2D tensors, got: {input.dim()}D"
        )
    if not input.is_floating_point():
        raise RuntimeError(
            f"[pdist] pdist only supports floating-point dtypes, got {input.dtype}"
        )
    if p < 0:
        raise RuntimeError(f"[pdist] pdist only supports non-negative p values, {p=}")
    made: Tensor = _PDIST((input.contiguous(),), float(p))
    return made


def _pairs(input: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers of the rows of each pair, and their differences."""
    n = input.shape[0]
    rows, columns = derivo.triu_indices(n, n, 1).unbind(0)
    between = input.index_select(0, rows) - input.index_select(0, columns)
    return rows, columns, between


def _pdist_vjp(ctx: Any, g: Tensor, p: float) -> Tensor:
    input, out = ctx.saved
    rows, columns, between = _pairs(input)
    slope = distance_slope(between, out, g, p)
    made = derivo.zeros_like(input).index_add(0, rows, slope)
    return made.index_add(0, columns, -slope)


_PDIST = Primitive(
    "pdist",
    node="PdistBackward0",
    forward=lambda input, p: _pairs(input)[2].norm(p, -1),
    vjp=_pdist_vjp,
    save=(0, "out"),
    batch=_batching.follows,
)
