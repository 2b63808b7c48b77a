"""RAdam: Adam whose first steps do without the mean square."""

from __future__ import annotations

from typing import Any

from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_betas, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["RAdam"]


class RAdam(PlainOptimizer):
    """RAdam (Liu et al., 2020).

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
    >>> opt = torch.optim.RAdam([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options("RAdam", lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas("RAdam", betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
                "foreach": foreach,
                "capturable": capturable,
                "decoupled_weight_decay": decoupled_weight_decay,
                "differentiable": differentiable,
            },
        )

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
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
        lr = float(group["lr"])
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction2 = 1 - beta2**step
        unbiased = mean / (1 - beta1**step)
        # Length of the simple average that the running mean square stands for.
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * (beta2**step) / correction2
        if length <= 5.0:
            # Its variance is not known yet.
            param.add_(unbiased * lr, alpha=-1.0)
            return
        rectified = (
            (length - 4)
            * (length - 2)
            * longest
            / ((longest - 4) * (longest - 2) * length)
        ) ** 0.5
        scale = (correction2**0.5) / square.sqrt().add_(group["eps"])
        param.add_(unbiased * lr * scale * rectified, alpha=-1.0)
