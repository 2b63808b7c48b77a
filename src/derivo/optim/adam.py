"""Adam: steps scaled by running means of the gradient and its square."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import derivo
from derivo._core.optim import adam_step
from derivo.optim import _fused
from derivo.optim.optimizer import (
    Optimizer,
    ParamsT,
    check_betas,
    check_options,
    evaluate,
    fill_in,
    new_step,
    reals,
    zeros_of,
)
from derivo.tensor import Tensor

__all__ = ["Adam"]


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015).

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    betas : pair of float, optional
        What is kept at each step of the running means of the gradient and of its
        square.
    eps : float, optional
        Added to the root of the mean square.
    weight_decay : float, optional
        Multiple of the parameter that is added to its gradient (or, with
        `decoupled_weight_decay`, taken off the parameter).
    amsgrad : bool, optional
        Use the largest mean square so far (Reddi et al., 2018).
    foreach, capturable, fused : bool, optional
        Accepted; the step is always one fused kernel.
    maximize : bool, optional
        Go uphill.
    differentiable : bool, optional
        Record the step for differentiation.
    decoupled_weight_decay : bool, optional
        As in `AdamW`.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> opt = torch.optim.Adam([w], lr=0.1)
    >>> w.sum().backward()
    >>> opt.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        name = type(self).__name__
        check_options(name, lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(name, betas)
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "foreach": foreach,
                "capturable": capturable,
                "differentiable": differentiable,
                "fused": fused,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )
        self._update = _fused.adam_update(name)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_in(
            self,
            amsgrad=False,
            maximize=False,
            foreach=None,
            capturable=False,
            differentiable=False,
            decoupled_weight_decay=False,
            fused=None,
        )
        self._update = _fused.adam_update(type(self).__name__)

    def _make_state(self, group: dict[str, Any], params: list[Tensor]) -> bool:
        """Make the state of parameters that have none; tell whether there were any."""
        made = False
        for param in params:
            state = self.state[param]
            if state or param.grad is None:
                continue
            made = True
            state["step"] = new_step()
            state["exp_avg"] = zeros_of(param)
            state["exp_avg_sq"] = zeros_of(param)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_of(param)
        return made

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
        loss = None if closure is None else evaluate(closure)
        for group in self.param_groups:
            params = group["params"]
            if group["differentiable"]:
                self._make_state(group, params)
                _plain_step(self, group, params)
                continue
            left = self._fused_step(group, params)
            if left is not None and self._make_state(group, left):
                left = self._fused_step(group, left)
            if left is not None:
                with derivo.no_grad():
                    _plain_step(self, group, left)
        return loss

    def _fused_step(self, group: dict[str, Any], params: list[Tensor]) -> Any:
        beta1, beta2 = group["betas"]
        decay = group["weight_decay"]
        amsgrad = group["amsgrad"]
        variant = 0
        if group["maximize"]:
            variant = _fused.MAXIMIZE
        if decay != 0:
            variant += _fused.WEIGHT_DECAY
            if group["decoupled_weight_decay"]:
                variant += _fused.DECOUPLED
        if amsgrad:
            variant += _fused.AMSGRAD
        if beta1 <= 0.5:
            variant += _fused.FAST_MEAN
        return adam_step(
            self._update,
            params,
            self.state,
            variant,
            amsgrad,
            group["lr"],
            beta1,
            beta2,
            group["eps"],
            decay,
        )


def _plain_step(self: Adam, group: dict[str, Any], params: list[Tensor]) -> None:
    """Update by ordinary operations: other dtypes and layouts, or recorded."""
    beta1, beta2 = (float(b) for b in group["betas"])
    lr, decay = float(group["lr"]), group["weight_decay"]
    for whole in params:
        if whole.grad is None:
            continue
        # Real and imaginary parts are numbers of their own.
        param, grad = reals(whole), reals(whole.grad)
        if group["maximize"]:
            grad = -grad
        state = self.state[whole]
        mean, square = reals(state["exp_avg"]), reals(state["exp_avg_sq"])
        state["step"] += 1
        if decay != 0:
            if group["decoupled_weight_decay"]:
                param.mul_(1 - lr * decay)
            else:
                grad = grad.add(param, alpha=decay)
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        step = float(state["step"])
        step_size = lr / (1 - beta1**step)
        correction = (1 - beta2**step) ** 0.5
        if group["amsgrad"]:
            largest = reals(state["max_exp_avg_sq"])
            largest.copy_(derivo.maximum(largest, square))
            square = largest
        denominator = (square.sqrt() / correction).add_(group["eps"])
        param.addcdiv_(mean, denominator, value=-step_size)
