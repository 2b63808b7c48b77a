"""The updates of SGD and Adam as scalar expressions, and the kernels made from them.

The order of operations, and where each rounds, is that of PyTorch's plain CPU code:
a sum with a product in it rounds once (an fma), everything else at each operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import optim as core

if TYPE_CHECKING:
    from derivo.ir.expr import Expr

# Variants: which terms an update has. They are added up to the kernel's number.
MAXIMIZE = 1
WEIGHT_DECAY = 2
MOMENTUM = 4
NESTEROV = 8
FIRST = 16  # the momentum buffer has not been written

DECOUPLED = 4
AMSGRAD = 8
FAST_MEAN = 16  # beta1 is at most one half


def _inputs(n_states: int, n_scalars: int) -> tuple[list[Expr], list[Expr]]:
    from derivo.ir.expr import var

    tensors = [var(i) for i in range(2 + n_states)]
    scalars = [var(2 + n_states + i) for i in range(n_scalars)]
    return tensors, scalars


def sgd_expressions(variant: int) -> tuple[Expr, ...]:
    """Return the new parameter, and momentum buffer if there is one."""
    from derivo.ir.scalar import rounded

    momentum = bool(variant & MOMENTUM)
    (g, p, *buffers), scalars = _inputs(int(momentum), 4)
    minus_lr, decay, factor, undamped = scalars
    if variant & MAXIMIZE:
        g = -g
    if variant & WEIGHT_DECAY:
        g = g + p * decay
    if not momentum:
        return (p + g * minus_lr,)
    buffer = g if variant & FIRST else rounded(buffers[0] * factor) + g * undamped
    step = g + buffer * factor if variant & NESTEROV else buffer
    return p + step * minus_lr, buffer


def adam_expressions(variant: int) -> tuple[Expr, ...]:
    """Return the new parameter, means, and with AMSGrad the largest square."""
    from derivo.ir.scalar import maximum, rounded, sqrt

    amsgrad = bool(variant & AMSGRAD)
    (g, p, mean, square, *largest), scalars = _inputs(3 if amsgrad else 2, 8)
    minus_step, shrink, decay, w1, beta2, w2, correction, eps = scalars
    if variant & MAXIMIZE:
        g = -g
    if variant & WEIGHT_DECAY:
        if variant & DECOUPLED:
            p = rounded(p * shrink)
        else:
            g = g + p * decay
    # Interpolation from the nearer end.
    gap = g - mean
    mean = g - gap * (1 - w1) if variant & FAST_MEAN else mean + w1 * gap
    square = rounded(square * beta2) + rounded(w2 * g) * g
    top = maximum(largest[0], square) if amsgrad else square
    denominator = sqrt(top) / correction + eps
    p = p + rounded(minus_step * mean) / denominator
    return (p, mean, square, top) if amsgrad else (p, mean, square)


def _build(name: str, expressions: tuple[Expr, ...], dtype: str, scalars: int) -> int:
    from derivo.codegen import build_map

    outputs = len(expressions)
    return build_map(
        name,
        expressions,
        (dtype,) * (outputs + 1) + ("float64",) * scalars,
        (dtype,) * outputs,
        dtype,
        "c" * (2 * outputs + 1) + "s" * scalars,
    )


def _build_sgd(variant: int, dtype: str) -> int:
    return _build("sgd", sgd_expressions(variant), dtype, 4)


def _build_adam(variant: int, dtype: str) -> int:
    return _build("adam", adam_expressions(variant), dtype, 8)


def sgd_update() -> core.FusedUpdate:
    """Kernels of SGD; one object for each optimizer."""
    return core.FusedUpdate("SGD.step", _build_sgd, ("momentum_buffer",), 4)


def adam_update(name: str) -> core.FusedUpdate:
    """Kernels of Adam and AdamW; one object for each optimizer."""
    states = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    return core.FusedUpdate(f"{name}.step", _build_adam, states, 8)


def _empty_like(param: Any) -> Any:
    import derivo

    return derivo.empty_like(param, requires_grad=False).detach()


core.set_callbacks(empty_like=_empty_like)
