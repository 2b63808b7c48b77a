"""Transforms of functions: vmap, grad, jvp and what is made of them (torch.func)."""

from __future__ import annotations

from derivo.func._jvp import hessian, jacfwd, jvp, linearize

__all__ = [
    "hessian",
    "jacfwd",
    "jvp",
    "linearize",
]
