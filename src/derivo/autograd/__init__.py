"""Automatic differentiation: running the graph back, and switching its recording."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Any as _Any

from derivo._core.tensor import is_inference_mode_enabled
from derivo.autograd._engine import backward, grad
from derivo.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from derivo.autograd.function import Function, once_differentiable
from derivo.autograd.grad_mode import (
    enable_grad,
    enforce_grad_layout_policy,
    inference_mode,
    is_multithreading_enabled,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)
from derivo.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck

from . import anomaly_mode, forward_ad, function, grad_mode, graph

# Loaded when they are first asked for.
_LAZY = {
    "custom_jvp": "custom",
    "custom_vjp": "custom",
    "custom_linear_solve": "implicit",
    "custom_root": "implicit",
    "fixed_point": "implicit",
    "strong_zero": "_strong_zero",
}

__all__ = [
    "Function",
    "GradcheckError",
    "backward",
    "anomaly_mode",
    "custom_jvp",
    "custom_linear_solve",
    "custom_root",
    "custom_vjp",
    "detect_anomaly",
    "enable_grad",
    "fixed_point",
    "forward_ad",
    "enforce_grad_layout_policy",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_inference_mode_enabled",
    "is_multithreading_enabled",
    "no_grad",
    "once_differentiable",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
    "strong_zero",
]


def __getattr__(name: str) -> _Any:
    if name == "functional":
        return _import_module("derivo.autograd.functional")
    if name in _LAZY:
        return getattr(_import_module(f"derivo.autograd.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'derivo.autograd' has no attribute {name!r}")
