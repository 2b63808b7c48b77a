"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import derivo
from derivo._core.optim import sgd_step
from derivo.optim import _fused
from derivo.optim.optimizer import (
    Optimizer,
    ParamsT,
    check_options,
    evaluate,
    fill_in,
)
from derivo.tensor import Tensor

__all__ = ["SGD"]


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Parameters
    ----------
    params : iterable of Tensor or dict
        What to optimize; see `Optimizer`.
    lr : float, optional
        Learning rate.
    momentum : float, optional
        Part of the last step that is kept.
    dampening : float, optional
        Part of the gradient that is left out of the momentum.
    weight_decay : float, optional
        Multiple of the parameter that is added to its gradient.
    nesterov : bool, optional
        Look ahead along the momentum (Sutskever et al., 2013).
    maximize : bool, optional
        Go uphill.
    foreach, fused : bool, optional
        Accepted; the step is always one fused kernel.
    differentiable : bool, optional
        Record the step for differentiation.

    Raises
    ------
    ValueError
        If an option is negative, or `nesterov` comes without momentum.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> opt = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     opt.zero_grad()
    ...     w.sum().backward()
    ...     opt.step()
    >>> w
    tensor([0.7100], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options("SGD", lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                "[SGD] Nesterov momentum requires a momentum and zero dampening, got "
                f"{momentum=} and {dampening=}"
            )
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
                "foreach": foreach,
                "differentiable": differentiable,
                "fused": fused,
            },
        )
        self._update = _fused.sgd_update()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        fill_in(
            self,
            nesterov=False,
            maximize=False,
            foreach=None,
            differentiable=False,
            fused=None,
        )
        self._update = _fused.sgd_update()

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
                _plain_step(self, group, params)
                continue
            momentum = group["momentum"]
            decay = group["weight_decay"]
            variant = 0
            if group["maximize"]:
                variant = _fused.MAXIMIZE
            if decay != 0:
                variant += _fused.WEIGHT_DECAY
            if momentum != 0:
                variant += _fused.MOMENTUM
                if group["nesterov"]:
                    variant += _fused.NESTEROV
            left = sgd_step(
                self._update,
                params,
                self.state,
                variant,
                _fused.FIRST,
                momentum != 0,
                group["lr"],
                decay,
                momentum,
                group["dampening"],
            )
            if left is not None:
                with derivo.no_grad():
                    _plain_step(self, group, left)
        return loss


def _plain_step(self: SGD, group: dict[str, Any], params: list[Tensor]) -> None:
    """Update by ordinary operations: other dtypes and layouts, or recorded."""
    lr, momentum = group["lr"], group["momentum"]
    for param in params:
        grad = param.grad
        if grad is None:
            continue
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"] != 0:
            grad = grad.add(param, alpha=float(group["weight_decay"]))
        if momentum != 0:
            state = self.state[param]
            buffer = state.get("momentum_buffer")
            if buffer is None:
                buffer = grad.clone()
                if not group["differentiable"]:
                    buffer = buffer.detach()
            else:
                buffer.mul_(momentum).add_(grad, alpha=1 - group["dampening"])
            state["momentum_buffer"] = buffer
            grad = grad.add(buffer, alpha=momentum) if group["nesterov"] else buffer
        if isinstance(lr, Tensor) and lr.requires_grad:
            param.addcmul_(grad, lr, value=-1)
        else:
            param.add_(grad, alpha=-float(lr))
