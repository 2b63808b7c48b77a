"""ASGD: gradient descent that keeps the average of its path."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_options, zeros_of
from derivo.tensor import Tensor

__all__ = ["ASGD"]


class ASGD(PlainOptimizer):
    """Averaged stochastic gradient descent (Polyak and Juditsky, 1992).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    lambd : float, optional
        Decay term.
    alpha : float, optional
        Power by which the learning rate falls.
    t0 : float, optional
        The step at which averaging starts.
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
    >>> opt = torch.optim.ASGD([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_options("ASGD", lr=lr, weight_decay=weight_decay)
        super().__init__(
            params,
            {
                "lr": lr,
                "lambd": lambd,
                "alpha": alpha,
                "t0": t0,
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
        kind = state["step"].dtype
        state["eta"] = derivo.tensor(float(group["lr"]), dtype=kind)
        state["mu"] = derivo.ones((), dtype=kind)
        state["ax"] = zeros_of(param)

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        lr, lambd = float(group["lr"]), group["lambd"]
        eta, mu, average = state["eta"], state["mu"], state["ax"]
        rate = float(eta)
        param.mul_(1 - lambd * rate)
        param.add_(grad, alpha=-rate)
        if float(mu) == 1:
            average.copy_(param)
        else:
            average.add_(param.sub(average).mul_(float(mu)))
        eta.fill_(lr / ((1 + lambd * lr * step) ** group["alpha"]))
        mu.fill_(1 / max(1, step - group["t0"]))
