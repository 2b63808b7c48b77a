"""Adamax: Adam with the largest gradient instead of the mean square."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_betas, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["Adamax"]


class Adamax(PlainOptimizer):
    """Adamax (Kingma and Ba, 2015).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    betas : pair of float, optional
        What is kept of the running means of the gradient and of its size.
    eps : float, optional
        Added to the divisor.
    weight_decay : float, optional
        Multiple of the parameter that is added to its gradient.
    maximize : bool, optional
        Go uphill.
    foreach, capturable : bool, optional
        Accepted; there is one implementation.
    differentiable : bool, optional
        Record the step for differentiation.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> opt = torch.optim.Adamax([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_options("Adamax", lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas("Adamax", betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        state["exp_avg"] = zeros_of(param)
        state["exp_inf"] = zeros_of(param)

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        beta1, beta2 = group["betas"]
        mean, largest = state["exp_avg"], state["exp_inf"]
        mean.lerp_(grad, 1 - beta1)
        largest.mul_(beta2)
        largest.copy_(derivo.maximum(largest, grad.abs().add_(group["eps"])))
        lr = float(group["lr"]) / (1 - beta1**step)
        param.addcdiv_(mean, largest, value=-lr)
