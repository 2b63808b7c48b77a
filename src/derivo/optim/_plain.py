"""Optimizers that update one parameter after another by ordinary operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import derivo
from derivo.optim.optimizer import (
    Optimizer,
    evaluate,
    fill_in,
    is_complex,
    new_step,
    reals,
)
from derivo.tensor import Tensor

# Options that every one of them has, besides its own.
COMMON = {
    "foreach": None,
    "maximize": False,
    "capturable": False,
    "differentiable": False,
}


class PlainOptimizer(Optimizer):
    """What those optimizers share: state, sign and weight decay of the gradient."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_in(self, **{k: v for k, v in COMMON.items() if k in self.defaults})

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew, and returns the loss.

        Returns
        -------
        Tensor or None
            The loss of the closure.
        """
        loss = evaluate(closure)
        for group in self.param_groups:
            with derivo.set_grad_enabled(group["differentiable"]):
                for param in group["params"]:
                    if param.grad is not None:
                        self._step_param(group, param)
        return loss

    def _step_param(self, group: dict[str, Any], param: Tensor) -> None:
        state = self.state[param]
        if not state:
            state["step"] = new_step()
            self._init_state(group, param, state)
        state["step"] += 1
        grad: Any = param.grad
        if group["maximize"]:
            grad = -grad
        decay = group.get("weight_decay", 0)
        if decay != 0:
            if group.get("decoupled_weight_decay"):
                param.mul_(1 - float(group["lr"]) * decay)
            else:
                grad = grad.add(param, alpha=decay)
        step = float(state["step"])
        if not param.is_complex():
            self._update(group, param, grad, state, step)
            return
        # Real and imaginary parts are numbers of their own.
        parts = {key: reals(value) for key, value in state.items()}
        self._update(group, reals(param), reals(grad), parts, step)
        for key, value in state.items():
            if not is_complex(value):
                state[key] = parts[key]

    def _init_state(
        self, group: dict[str, Any], param: Tensor, state: dict[str, Any]
    ) -> None:
        raise NotImplementedError

    def _update(
        self,
        group: dict[str, Any],
        param: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        step: float,
    ) -> None:
        raise NotImplementedError
