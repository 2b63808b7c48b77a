"""Activations made of other operations."""

from __future__ import annotations

import warnings
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.ops import _batching
from derivo.tensor import Tensor


def _glu_halves(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    half = x.size(dim) // 2
    return x.narrow(dim, 0, half), x.narrow(dim, half, half)


def _glu_forward(x: Tensor, dim: int) -> Tensor:
    a, b = _glu_halves(x, dim)
    return a * b.sigmoid()


def _glu_vjp(ctx: Any, g: Tensor, dim: int) -> Tensor:
    a, b = _glu_halves(ctx.saved[0], dim)
    gate = b.sigmoid()
    return derivo.cat([g * gate, g * a * gate * (1 - gate)], dim)


_glu = Primitive(
    "glu",
    node="GluBackward0",
    forward=_glu_forward,
    vjp=_glu_vjp,
    save=(0,),
    batch=_batching.along(0),
)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Halve a dimension: the first half times the sigmoid of the second.

    Parameters
    ----------
    input : Tensor of any shape
        Floating; of even size along `dim`.
    dim : int, optional
        The dimension.

    Raises
    ------
    RuntimeError
        If the size is odd, or there is no dimension.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.glu(torch.tensor([2.0, 0.0]))
    tensor([1.])
    """
    if input.dim() == 0:
        raise RuntimeError(
            "[glu] glu does not support 0-dimensional tensors: expected one dimension "
            "or more"
        )
    size = input.size(dim)
    if size % 2:
        raise RuntimeError(
            f"[glu] Halving dimension must be even, but dimension {dim} is size {size}"
        )
    return _glu((input,), dim % input.dim())


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
) -> Tensor:
    """Sample from a relaxed categorical distribution (Jang et al., 2017).

    Parameters
    ----------
    logits : Tensor of any shape
        Unnormalised logarithms of probabilities.
    tau : float, optional
        Temperature.
    hard : bool, optional
        Return one-hot vectors whose gradient is that of the soft ones.
    eps : float, optional
        Accepted for old code; not used.
    dim : int, optional
        Along which the result sums to 1.

    Examples
    --------
    >>> import derivo as torch
    >>> y = torch.nn.functional.gumbel_softmax(torch.zeros(2, 3), hard=True)
    >>> y.sum(-1)
    tensor([1., 1.])
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    noise = -derivo.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    chosen = soft.max(dim, keepdim=True)[1]
    one = derivo.zeros_like(logits).detach().scatter_(dim, chosen, 1.0)
    return one - soft.detach() + soft
