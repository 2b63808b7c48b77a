"""Automatic differentiation: running the graph back, and switching its recording."""

from __future__ import annotations

from derivo._core.tensor import is_inference_mode_enabled
from derivo.autograd._engine import backward, grad
from derivo.autograd.function import Function, once_differentiable
from derivo.autograd.grad_mode import (
    enable_grad,
    inference_mode,
    no_grad,
    set_grad_enabled,
)
from derivo.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck

from . import forward_ad, function, graph

__all__ = [
    "Function",
    "GradcheckError",
    "backward",
    "enable_grad",
    "forward_ad",
    "function",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_inference_mode_enabled",
    "no_grad",
    "once_differentiable",
    "set_grad_enabled",
]
