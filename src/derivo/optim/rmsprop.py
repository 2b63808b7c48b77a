"""RMSprop: steps scaled by a running mean of the squared gradient."""

from __future__ import annotations

from typing import Any

from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["RMSprop"]


class RMSprop(PlainOptimizer):
    """RMSprop (Hinton, 2012).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    alpha : float, optional
        What is kept of the mean square at each step.
    eps : float, optional
        Added to the root of the mean square.
    weight_decay : float, optional
        Multiple of the parameter that is added to its gradient.
    momentum : float, optional
        Part of the last step that is kept.
    centered : bool, optional
        Subtract the squared mean, so that the root is a standard deviation.
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
    >>> opt = torch.optim.RMSprop([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(
            "RMSprop",
            lr=lr,
            eps=eps,
            momentum=momentum,
            weight_decay=weight_decay,
            alpha=alpha,
        )
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "alpha": alpha,
                "eps": eps,
                "centered": centered,
                "weight_decay": weight_decay,
                "capturable": capturable,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
            },
        )

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        state["square_avg"] = zeros_of(param)
        if group["momentum"] > 0:
            state["momentum_buffer"] = zeros_of(param)
        if group["centered"]:
            state["grad_avg"] = zeros_of(param)

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        lr, alpha = float(group["lr"]), group["alpha"]
        square = state["square_avg"]
        square.mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"]
            mean.lerp_(grad, 1 - alpha)
            root = square.addcmul(mean, mean, value=-1).sqrt_()
        else:
            root = square.sqrt()
        root = root.add_(group["eps"])
        if group["momentum"] > 0:
            buffer = state["momentum_buffer"]
            buffer.mul_(group["momentum"]).addcdiv_(grad, root)
            param.add_(buffer, alpha=-lr)
        else:
            param.addcdiv_(grad, root, value=-lr)
