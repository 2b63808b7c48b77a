"""Transforms of functions: vmap, grad, jvp and what is made of them (torch.func)."""

from __future__ import annotations

from derivo.func._jvp import hessian, jacfwd, jvp, linearize
from derivo.func._modules import (
    functional_call,
    functionalize,
    replace_all_batch_norm_modules_,
    stack_module_state,
)
from derivo.func._reverse import grad, grad_and_value, jacrev, vjp
from derivo.func._vmap import vmap

__all__ = [
    "functional_call",
    "functionalize",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]
