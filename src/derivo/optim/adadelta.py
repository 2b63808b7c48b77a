"""Adadelta: steps in the units of the parameters."""

from __future__ import annotations

from typing import Any

from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["Adadelta"]


class Adadelta(PlainOptimizer):
    """Adadelta (Zeiler, 2012).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    rho : float, optional
        What is kept of the running means at each step.
    eps : float, optional
        Added to the means under the roots.
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
    >>> opt = torch.optim.Adadelta([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options("Adadelta", lr=lr, eps=eps, weight_decay=weight_decay)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"[Adadelta] Invalid rho value: {rho}: expected 0 to 1")
        super().__init__(
            params,
            {
                "lr": lr,
                "rho": rho,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
                "capturable": capturable,
                "foreach": foreach,
                "differentiable": differentiable,
            },
        )

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        state["square_avg"] = zeros_of(param)
        state["acc_delta"] = zeros_of(param)

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        rho, eps = group["rho"], group["eps"]
        square, travelled = state["square_avg"], state["acc_delta"]
        square.mul_(rho).addcmul_(grad, grad, value=1 - rho)
        delta = travelled.add(eps).sqrt_()
        delta = delta.div_(square.add(eps).sqrt_()).mul_(grad)
        travelled.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        param.add_(delta, alpha=-float(group["lr"]))
