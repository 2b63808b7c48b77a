"""What losses compute for each element; `nn.functional` adds the reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import elementwise
from derivo.ops.elementwise.activations import logistic

if TYPE_CHECKING:
    from derivo.ir.expr import Expr


@elementwise(
    promote="same",
    node="MseLossBackward0",
    oracle="(x - target) ** 2",
    accepts="floats",
    floor=1.0,
)
def mse_loss(x: Expr, target: Expr) -> Expr:
    """Squared difference."""
    return s.square(x - target)


@mse_loss.derivative
def _(g: Expr, x: Expr, target: Expr, out: Expr) -> tuple[Expr, ...]:
    slope = g * (2 * (x - target))
    return slope, -slope


@elementwise(
    promote="same",
    node="AbsBackward0",
    oracle="np.abs(x - target)",
    accepts="numbers",
    ulp=(0.5, 0.5),
    kinks=[((1.0, 1.0), (0.0, 0.0))],
)
def l1_loss(x: Expr, target: Expr) -> Expr:
    """Absolute difference."""
    return s.abs(x - target)


@elementwise(
    promote="same",
    node="HuberLossBackward0",
    oracle=(
        "np.where(np.abs(x - target) < delta, (x - target) ** 2 / 2, "
        "delta * (np.abs(x - target) - delta / 2))"
    ),
    accepts="floats",
    samples=({"delta": 1.0}, {"delta": 0.5}),
    floor=1.0,
    kinks=[((1.5, 1.0), (0.5, -0.5)), ((3.0, 1.0), (1.0, -1.0))],
)
def huber_loss(x: Expr, target: Expr, *, delta: Any = 1.0) -> Expr:
    """Half the squared difference, straight from `delta` on."""
    z = s.abs(x - target)
    return s.where(z < delta, 0.5 * (z * z), delta * (z - 0.5 * delta))


@huber_loss.derivative
def _(g: Expr, x: Expr, target: Expr, out: Expr, delta: Expr) -> tuple[Expr, ...]:
    z = x - target
    slope = s.where(z <= -delta, -delta * g, s.where(z >= delta, delta * g, z * g))
    return slope, -slope


@elementwise(
    promote="same",
    node="SmoothL1LossBackward0",
    oracle=(
        "np.where(np.abs(x - target) < beta, (x - target) ** 2 / (2 * beta), "
        "np.abs(x - target) - beta / 2)"
    ),
    accepts="floats",
    samples=({"beta": 1.0}, {"beta": 0.5}),
    floor=1.0,
)
def smooth_l1_loss(x: Expr, target: Expr, *, beta: Any = 1.0) -> Expr:
    """Absolute difference, rounded off within `beta` of 0."""
    z = s.abs(x - target)
    return s.where(z < beta, 0.5 * (z * z) / beta, z - 0.5 * beta)


@smooth_l1_loss.derivative
def _(g: Expr, x: Expr, target: Expr, out: Expr, beta: Expr) -> tuple[Expr, ...]:
    z = x - target
    slope = s.where(z <= -beta, -g, s.where(z >= beta, g, z * g / beta))
    return slope, -slope


@elementwise(
    promote="same",
    node="BinaryCrossEntropyBackward0",
    oracle="-(target * np.log(x) + (1 - target) * np.log1p(-x))",
    accepts="floats",
    domain=((0.01, 0.99), (0, 1)),
    floor=1.0,
)
def binary_cross_entropy(x: Expr, target: Expr) -> Expr:
    """Cross entropy of a probability, its logarithms bounded below by -100."""
    yes = s.maximum(s.log(x), -100)
    no = s.maximum(s.log1p(-x), -100)
    return (target - 1) * no - target * yes


@binary_cross_entropy.derivative
def _(g: Expr, x: Expr, target: Expr, out: Expr) -> tuple[Expr, ...]:
    slope = g * (x - target) / s.maximum((1 - x) * x, 1e-12)
    yes = s.maximum(s.log(x), -100)
    no = s.maximum(s.log1p(-x), -100)
    return slope, g * (no - yes)


@elementwise(
    promote="same",
    node="BinaryCrossEntropyWithLogitsBackward0",
    oracle="(1 - target) * x + np.logaddexp(0, -x)",
    accepts="floats",
    domain=((-5, 5), (0, 1)),
    floor=3.0,
)
def binary_cross_entropy_with_logits(x: Expr, target: Expr) -> Expr:
    """Cross entropy of ``sigmoid(x)``, without overflow."""
    return (1 - target) * x - (s.minimum(x, 0) - s.log1p(s.exp(-s.abs(x))))


@binary_cross_entropy_with_logits.derivative
def _(g: Expr, x: Expr, target: Expr, out: Expr) -> tuple[Expr, ...]:
    return g * (logistic(x) - target), -g * x


@elementwise(
    promote="same",
    node="BinaryCrossEntropyWithLogitsBackward0",
    oracle=("(1 - target) * x + (1 + (pos_weight - 1) * target) * np.logaddexp(0, -x)"),
    accepts="floats",
    domain=((-5, 5), (0, 1), (0.5, 3)),
    no_derivative=("pos_weight",),
    floor=9.0,
)
def binary_cross_entropy_weighted(x: Expr, target: Expr, pos_weight: Expr) -> Expr:
    """Cross entropy of ``sigmoid(x)`` with a weight for positive targets."""
    log_part = s.minimum(x, 0) - s.log1p(s.exp(-s.abs(x)))
    return (1 - target) * x - (1 + (pos_weight - 1) * target) * log_part


@binary_cross_entropy_weighted.derivative
def _(g: Expr, x: Expr, target: Expr, pos_weight: Expr, out: Expr) -> tuple[Any, ...]:
    log_part = s.minimum(x, 0) - s.log1p(s.exp(-s.abs(x)))
    weighted = pos_weight * target
    return (
        g * ((weighted + 1 - target) * logistic(x) - weighted),
        g * (-x - (pos_weight - 1) * log_part),
        None,
    )


@elementwise(
    promote="same",
    node="SoftMarginLossBackward0",
    oracle="np.logaddexp(0, -target * x)",
    ulp=(8, 8),
    accepts="floats",
    no_derivative=("target",),
)
def soft_margin_loss(x: Expr, target: Expr) -> Expr:
    """Logistic loss of a margin, for targets -1 and 1."""
    z = -target * x
    return s.maximum(z, 0) + s.log1p(s.exp(-s.abs(z)))


@soft_margin_loss.derivative
def _(g: Expr, x: Expr, target: Expr, out: Expr) -> tuple[Any, ...]:
    return -g * (target * logistic(-target * x)), None
