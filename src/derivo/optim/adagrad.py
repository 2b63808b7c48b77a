"""Adagrad: steps scaled by the sum of squared gradients."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.optim._plain import PlainOptimizer
from derivo.optim.optimizer import ParamsT, check_options, new_step
from derivo.tensor import Tensor

__all__ = ["Adagrad"]


class Adagrad(PlainOptimizer):
    """Adagrad (Duchi et al., 2011).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    lr_decay : float, optional
        How fast the learning rate falls.
    weight_decay : float, optional
        Multiple of the parameter that is added to its gradient.
    initial_accumulator_value : float, optional
        Of the sum of squares.
    eps : float, optional
        Added to its root.
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
    >>> opt = torch.optim.Adagrad([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options(
            "Adagrad",
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "fused": fused,
            },
        )
        # Here the state is there from the start.
        for group in self.param_groups:
            for param in group["params"]:
                state = self.state[param]
                state["step"] = new_step()
                self._init_state(group, param, state)

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        value = group["initial_accumulator_value"]
        state["sum"] = derivo.full_like(param, value, requires_grad=False).detach()

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        lr = float(group["lr"]) / (1 + (step - 1) * group["lr_decay"])
        total = state["sum"]
        total.addcmul_(grad, grad, value=1)
        param.addcdiv_(grad, total.sqrt().add_(group["eps"]), value=-lr)
