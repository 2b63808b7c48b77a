"""AdamW: Adam with weight decay that is not scaled with the step."""

from __future__ import annotations

from typing import Any

from derivo.optim.adam import Adam
from derivo.optim.optimizer import ParamsT
from derivo.tensor import Tensor

__all__ = ["AdamW"]


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    betas : pair of float, optional
        As for `Adam`.
    eps : float, optional
        As for `Adam`.
    weight_decay : float, optional
        At each step the parameter is multiplied by ``1 - lr * weight_decay``.
    amsgrad, maximize, foreach, capturable, differentiable, fused : bool, optional
        As for `Adam`.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> opt = torch.optim.AdamW([w], lr=0.1, weight_decay=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> w
    tensor([0.8900], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
