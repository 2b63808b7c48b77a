"""NAdam: Adam that looks ahead along its momentum."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_betas, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["NAdam"]


class NAdam(PlainOptimizer):
    """NAdam (Dozat, 2016).

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
    momentum_decay : float, optional
        How fast the momentum rises.
    decoupled_weight_decay : bool, optional
        Take the decay off the parameter instead.
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
    >>> opt = torch.optim.NAdam([w], lr=0.1)
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
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(
            "NAdam",
            lr=lr,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
        )
        check_betas("NAdam", betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
                "foreach": foreach,
                "capturable": capturable,
                "differentiable": differentiable,
            },
        )

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        state["mu_product"] = derivo.ones((), dtype=state["step"].dtype)
        state["exp_avg"] = zeros_of(param)
        state["exp_avg_sq"] = zeros_of(param)

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        beta1, beta2 = group["betas"]
        lr, decay = float(group["lr"]), group["momentum_decay"]
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mu = beta1 * (1.0 - 0.5 * (0.96 ** (step * decay)))
        mu_next = beta1 * (1.0 - 0.5 * (0.96 ** ((step + 1) * decay)))
        state["mu_product"] *= mu
        product = float(state["mu_product"])
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        root = square.div(1 - beta2**step).sqrt().add_(group["eps"])
        param.addcdiv_(grad, root, value=-lr * (1.0 - mu) / (1.0 - product))
        param.addcdiv_(mean, root, value=(-lr * mu_next) / (1.0 - product * mu_next))
