"""Smooth activation functions of neural networks, with exponentials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

NN = ("nn.functional.{}!",)
NN_CHOICE = ("nn.functional.{}~",)
NN_INPLACE = ("nn.functional.{}_",)

_ROOT_HALF = math.sqrt(0.5)
_PDF_AT_0 = 1 / math.sqrt(2 * math.pi)
_GELU_SCALE = math.sqrt(2 / math.pi)
_GELU_CUBE = 0.044715
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def logistic(x: Expr) -> Expr:
    """Write the logistic function."""
    return 1 / (1 + s.exp(-x))


@elementwise(
    promote="same",
    node="EluBackward0",
    oracle="np.where(x <= 0, alpha * np.expm1(np.minimum(x, 0)), x)",
    api=(*NN_CHOICE, *NN_INPLACE),
    accepts="floats",
    samples=({"alpha": 1.0}, {"alpha": 0.5}),
    kinks=[((0.0,), (1.0,))],
    shown={"scale": 1, "input_scale": 1},
)
def elu(x: Expr, *, alpha: Any = 1.0) -> Expr:
    """Exponential linear unit: ``alpha * (exp(input) - 1)`` below 0.

    Derivative: ``g`` above 0, else ``g * alpha * exp(input)``.

    Parameters
    ----------
    alpha : float, default 1.0
        Minus the limit for small `input`.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.elu(x)
    >>> y
    tensor([-0.6321,  2.0000], grad_fn=<EluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3679, 1.0000])
    """
    return s.where(x <= 0, s.expm1(x) * alpha, x)


@elu.derivative
def _(g: Expr, x: Expr, out: Expr, alpha: Expr) -> tuple[Expr, ...]:
    return (s.where(x <= 0, g * (alpha * s.exp(x)), g),)


@elementwise(
    promote="same",
    node="EluBackward0",
    oracle=(
        "1.0507009873554804934193349852946 * np.where(x <= 0, "
        "1.6732632423543772848170429916717 * np.expm1(np.minimum(x, 0)), x)"
    ),
    api=("{}!", "{}_", *NN_CHOICE, *NN_INPLACE),
    accepts="floats",
    kinks=[((0.0,), (_SELU_ALPHA * _SELU_SCALE,))],
    shown={"alpha": _SELU_ALPHA, "scale": _SELU_SCALE, "input_scale": 1},
)
def selu(x: Expr) -> Expr:
    """Scaled exponential linear unit, whose constants keep mean 0 and variance 1.

    Derivative: of the formula; the lower branch at 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.selu(x)
    >>> y
    tensor([-1.1113,  2.1014], grad_fn=<EluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6468, 1.0507])
    """
    return s.where(x <= 0, s.expm1(x) * (_SELU_ALPHA * _SELU_SCALE), x * _SELU_SCALE)


@selu.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    below = g * ((_SELU_ALPHA * _SELU_SCALE) * s.exp(x))
    return (s.where(x <= 0, below, g * _SELU_SCALE),)


@elementwise(
    promote="same",
    node="CeluBackward0",
    node_backward="EluBackwardBackward0",
    oracle="np.where(x <= 0, alpha * np.expm1(np.minimum(x, 0) / alpha), x)",
    accepts="floats",
    samples=({"alpha": 1.0}, {"alpha": 0.5}),
    kinks=[((0.0,), (1.0,))],
)
def celu(x: Expr, *, alpha: Any = 1.0) -> Expr:
    """Exponential linear unit with slope 1 on both sides of 0."""
    return s.where(x <= 0, s.expm1(x / alpha) * alpha, x)


@celu.derivative
def _(g: Expr, x: Expr, out: Expr, alpha: Expr) -> tuple[Expr, ...]:
    return (s.where(x <= 0, g * s.exp(x / alpha), g),)


def _celu_op(alpha: float) -> Any:
    if alpha == 0:
        raise RuntimeError(
            "[celu] ZeroDivisionError: alpha cannot be 0 for CELU: got alpha=0. Use "
            "relu, its limit."
        )
    return celu.core


@public("nn.functional.celu")
def _celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Exponential linear unit: ``alpha * (exp(input / alpha) - 1)`` below 0.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    alpha : float, default 1.0
        Minus the limit for small `input`; not 0.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If `alpha` is 0.

    Notes
    -----
    Derivative: ``g`` above 0, else ``g * exp(input / alpha)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.celu(x)
    >>> y
    tensor([-0.6321,  2.0000], grad_fn=<CeluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3679, 1.0000])
    """
    op = _celu_op(alpha)
    return (op.inplace if inplace else op)(input, alpha)


@public("celu")
def _celu_plain(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit with slope 1 on both sides of 0.

    See `derivo.nn.functional.celu`.
    """
    return _celu_op(alpha)(input, alpha)


@public("celu_", "nn.functional.celu_")
def _celu_inplace(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit with slope 1 on both sides of 0.

    In place; see `derivo.nn.functional.celu`.
    """
    return _celu_op(alpha).inplace(input, alpha)


@elementwise(
    promote="same",
    node="GeluBackward0",
    oracle="x * sp.ndtr(x)",
    accepts="floats",
    ulp=(8, 8),
    shown={"approximate": "none"},
)
def gelu_none(x: Expr) -> Expr:
    """Gaussian error linear unit."""
    return x * (0.5 * s.erfc(x * -_ROOT_HALF))


@gelu_none.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    below = 0.5 * s.erfc(x * -_ROOT_HALF)
    return (g * (below + x * (_PDF_AT_0 * s.exp(-0.5 * (x * x)))),)


@elementwise(
    promote="same",
    node="GeluBackward0",
    oracle=(
        "x / (1 + np.exp(-2 * np.sqrt(np.longdouble(2) / np.pi) "
        "* (x + 0.044715 * x**3)))"
    ),
    accepts="floats",
    ulp=(8, 16),
    shown={"approximate": "tanh"},
)
def gelu_tanh(x: Expr) -> Expr:
    """Gaussian error linear unit, with tanh in place of erf."""
    # (1 + tanh(u)) / 2 is the logistic function of 2u, which keeps its digits.
    return x * logistic(_gelu_argument(x))


def _gelu_argument(x: Expr) -> Expr:
    return (2 * _GELU_SCALE) * (x * (1 + _GELU_CUBE * (x * x)))


@gelu_tanh.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    part = logistic(_gelu_argument(x))
    slope = (2 * _GELU_SCALE) * (1 + (3 * _GELU_CUBE) * (x * x))
    return (g * (part + x * ((1 - part) * part) * slope),)


@public("nn.functional.gelu")
def _gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """Gaussian error linear unit: ``input`` times the normal distribution function.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    approximate : {"none", "tanh"}
        Exact, or the usual approximation by tanh.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If `approximate` is neither.

    Notes
    -----
    Derivative: of the formula chosen.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.gelu(x)
    >>> y
    tensor([-0.1587,  1.9545], grad_fn=<GeluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0833,  1.0852])
    """
    if approximate == "none":
        return gelu_none.core(input)
    if approximate == "tanh":
        return gelu_tanh.core(input)
    raise RuntimeError(
        "[gelu] approximate argument must be either none or tanh.: got "
        f"{approximate=}. Leave it out for the exact function."
    )


@elementwise(
    promote="same",
    node="SiluBackward0",
    oracle="x / (1 + np.exp(-x))",
    api=NN_CHOICE,
    accepts="floats",
    on_complex="complex",
)
def silu(x: Expr) -> Expr:
    """Sigmoid linear unit: ``input * sigmoid(input)``.

    Derivative: ``g * s * (1 + input * (1 - s))`` with ``s = sigmoid(input)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.silu(x)
    >>> y
    tensor([-0.2689,  1.7616], grad_fn=<SiluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0723, 1.0908])
    """
    return x / (1 + s.exp(-x))


@silu.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    part = logistic(x)
    return (g * (part * (1 + x * (1 - part))),)


@elementwise(
    promote="same",
    node="MishBackward0",
    oracle="x * np.tanh(np.log1p(np.exp(x)))",
    api=NN_CHOICE,
    accepts="floats",
    ulp=(6, 6),
)
def mish(x: Expr) -> Expr:
    """Self-regularised activation: ``input * tanh(softplus(input))``.

    Derivative: of the formula.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.mish(x)
    >>> y
    tensor([-0.3034,  1.9440], grad_fn=<MishBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0592, 1.0693])
    """
    _, n = _mish_terms(x)
    return x * (n / (n + 2))


def _mish_terms(x: Expr) -> tuple[Expr, Expr]:
    # tanh(log(1 + e)) is n / (n + 2) with n = e * (e + 2); from 20 on it is 1.
    e = s.exp(s.minimum(x, 20))
    return e, e * (e + 2)


@mish.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    e, n = _mish_terms(x)
    below = n + 2
    slope = n / below + x * (4 * e * (e + 1)) / (below * below)
    return (s.where(x > 20, g, g * slope),)


@elementwise(
    promote="same",
    node="SoftplusBackward0",
    oracle="np.logaddexp(0, x * beta) / beta",
    api=NN,
    accepts="floats",
    samples=({"beta": 1.0, "threshold": 20.0}, {"beta": 2.0, "threshold": 30.0}),
)
def softplus(x: Expr, *, beta: Any = 1, threshold: Any = 20) -> Expr:
    """Smooth form of relu: ``log(1 + exp(beta * input)) / beta``.

    Derivative: ``g * sigmoid(beta * input)``, ``g`` above the threshold.

    Parameters
    ----------
    beta : float, default 1
        Steepness.
    threshold : float, default 20
        Where ``beta * input`` is above it, the result is `input`.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.softplus(x)
    >>> y
    tensor([0.3133, 2.1269], grad_fn=<SoftplusBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2689, 0.8808])
    """
    z = x * beta
    return s.where(z > threshold, x, s.log1p(s.exp(z)) / beta)


@softplus.derivative
def _(g: Expr, x: Expr, out: Expr, beta: Expr, threshold: Expr) -> tuple[Expr, ...]:
    z = x * beta
    return (s.where(z > threshold, g, g * logistic(z)),)


@elementwise(
    promote="same",
    node="LogSigmoidBackward0",
    oracle="-np.logaddexp(0, -x)",
    api=NN,
    accepts="floats",
    kinks=[((0.0,), (0.5,))],
)
def logsigmoid(x: Expr) -> Expr:
    """Compute ``log(sigmoid(input))`` without underflow.

    Derivative: ``g * sigmoid(-input)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.logsigmoid(x)
    >>> y
    tensor([-1.3133, -0.1269], grad_fn=<LogSigmoidBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.7311, 0.1192])
    """
    return s.minimum(x, 0) - s.log1p(s.exp(-s.abs(x)))


@logsigmoid.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * logistic(-x),)


@elementwise(
    promote="float",
    node="DivBackward0",
    oracle="x / (1 + np.abs(x))",
    api=NN,
    accepts="floats",
    complaints={"bool": "\"abs_cpu\" not implemented for 'Bool': convert to a number."},
    kinks=[((0.0,), (1.0,))],
    on_complex="complex",
)
def softsign(x: Expr) -> Expr:
    """Compute ``input / (1 + abs(input))``.

    Derivative: ``g / (1 + abs(input))**2``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 3.0], requires_grad=True)
    >>> y = derivo.nn.functional.softsign(x)
    >>> y
    tensor([-0.5000,  0.7500], grad_fn=<DivBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.0625])
    """
    return x / (1 + s.abs(x))


@softsign.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    below = 1 + s.abs(x)
    return (g / (below * below),)


@softsign.complex
def _(x: Expr) -> Expr:
    return x / (1 + s.abs(x))


@elementwise(
    promote="float",
    node="SubBackward0",
    oracle="x - np.tanh(x)",
    api=NN,
    accepts="floats",
    complaints={
        "bool": (
            "Subtraction, the `-` operator, with a bool tensor is not supported: got "
            "bool. Convert with .to(dtype) first."
        )
    },
    floor=1.0,
    on_complex="complex",
)
def tanhshrink(x: Expr) -> Expr:
    """Compute ``input - tanh(input)``.

    Derivative: ``g * tanh(input)**2``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 3.0], requires_grad=True)
    >>> y = derivo.nn.functional.tanhshrink(x)
    >>> y
    tensor([-0.2384,  2.0049], grad_fn=<SubBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5800, 0.9901])
    """
    return x - s.tanh(x)


@tanhshrink.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    t = s.tanh(x)
    return (g * (t * t),)
