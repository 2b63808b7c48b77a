"""Rprop: step sizes that grow while the sign of the gradient stays."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["Rprop"]


class Rprop(PlainOptimizer):
    """Resilient backpropagation (Riedmiller and Braun, 1993).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    etas : pair of float, optional
        Factors on the step size when the sign changes, and when it stays.
    step_sizes : pair of float, optional
        Bounds of the step size.
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
    >>> opt = torch.optim.Rprop([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options("Rprop", lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(
                f"[Rprop] Invalid eta values: {etas[0]}, {etas[1]}: expected one below "
                "and one above 1"
            )
        super().__init__(
            params,
            {
                "lr": lr,
                "etas": etas,
                "step_sizes": step_sizes,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        state["prev"] = zeros_of(param)
        lr = float(group["lr"])
        size: Any = complex(lr, lr) if param.is_complex() else lr
        state["step_size"] = derivo.full_like(param, size, requires_grad=False).detach()

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        shrink, grow = group["etas"]
        low, high = group["step_sizes"]
        previous, size = state["prev"], state["step_size"]
        agreement = grad.mul(previous)
        factor = derivo.ones_like(size)
        factor.masked_fill_(agreement > 0, grow).masked_fill_(agreement < 0, shrink)
        size.mul_(factor).clamp_(low, high)
        # Where the sign changed, wait for one step.
        grad = grad.masked_fill(agreement < 0, 0)
        param.addcmul_(grad.sign(), size, value=-1)
        previous.copy_(grad)
