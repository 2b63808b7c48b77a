"""Special functions: error functions, modified Bessel functions, entropy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import (
    BINARY,
    SPECIAL,
    UNARY,
    elementwise,
)
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

INF = math.inf
_ROOT_HALF = math.sqrt(0.5)
_PDF_AT_0 = 1 / math.sqrt(2 * math.pi)


# --- error functions --------------------------------------------------------------


@elementwise(
    promote="float",
    node="ErfBackward0",
    oracle="sp.erf(x)",
    api=(*UNARY, *SPECIAL),
)
def erf(x: Expr) -> Expr:
    """Compute the error function.

    Derivative: ``g * 2 / sqrt(pi) * exp(-input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.erf(x)
    >>> y
    tensor([0.0000, 0.8427], grad_fn=<ErfBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.1284, 0.4151])
    """
    return s.erf(x)


@elementwise(
    promote="float",
    node="ErfcBackward0",
    oracle="sp.erfc(x)",
    api=(*UNARY, *SPECIAL),
)
def erfc(x: Expr) -> Expr:
    """Compute ``1 - erf(input)``, exact where it is small.

    Derivative: ``-g * 2 / sqrt(pi) * exp(-input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.erfc(x)
    >>> y
    tensor([1.0000, 0.1573], grad_fn=<ErfcBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.1284, -0.4151])
    """
    return s.erfc(x)


@elementwise(
    promote="float",
    node="ErfinvBackward0",
    oracle="sp.erfinv(x)",
    api=(*BINARY, *SPECIAL),
    domain=((-0.95, 0.95),),
    save_output=False,
)
def erfinv(x: Expr) -> Expr:
    """Compute the inverse of the error function; NaN outside [-1, 1].

    Derivative: ``g * sqrt(pi) / 2 * exp(out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.erfinv(x)
    >>> y
    tensor([0.0000, 0.4769], grad_fn=<ErfinvBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.8862, 1.1126])
    """
    return s.erfinv(x)


@elementwise(
    promote="float",
    node="SpecialErfcxBackward0",
    oracle="sp.erfcx(x)",
    api=SPECIAL,
    accepts="singles",
    save_output="too",
)
def erfcx(x: Expr) -> Expr:
    """Compute ``exp(input**2) * erfc(input)`` without underflow.

    Derivative: ``g * (2 * input * out - 2 / sqrt(pi))``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.erfcx(x)
    >>> y
    tensor([1.0000, 0.4276], grad_fn=<SpecialErfcxBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.1284, -0.2732])
    """
    return s.special("erfcx", x)


@elementwise(
    promote="float",
    node="MulBackward1",
    oracle="sp.ndtr(x)",
    api=SPECIAL,
    ulp=(8, 8),
)
def ndtr(x: Expr) -> Expr:
    """Compute the distribution function of the standard normal distribution.

    Derivative: ``g * exp(-input**2 / 2) / sqrt(2 * pi)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.ndtr(x)
    >>> y
    tensor([0.5000, 0.8413], grad_fn=<MulBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3989, 0.2420])
    """
    return 0.5 * s.erfc(x * -_ROOT_HALF)


@ndtr.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * (_PDF_AT_0 * s.exp(-0.5 * (x * x))),)


@elementwise(
    promote="float",
    node="SpecialNdtriBackward0",
    oracle="sp.ndtri(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.02, 0.98),),
    floor=0.5,
)
def ndtri(x: Expr) -> Expr:
    """Compute the inverse of `derivo.special.ndtr`; NaN outside [0, 1].

    Derivative: ``g * sqrt(2 * pi) * exp(out**2 / 2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 0.75], requires_grad=True)
    >>> y = derivo.special.ndtri(x)
    >>> y
    tensor([0.0000, 0.6745], grad_fn=<SpecialNdtriBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2.5066, 3.1469])
    """
    return s.special("ndtri", x)


@elementwise(
    promote="float",
    node="SpecialLogNdtrBackward0",
    oracle="sp.log_ndtr(x)",
    ulp=(16, 16),
    api=SPECIAL,
    accepts="singles",
)
def log_ndtr(x: Expr) -> Expr:
    """Compute the logarithm of `derivo.special.ndtr` without underflow.

    Derivative: ``g / erfcx(-input / sqrt(2)) * sqrt(2 / pi)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, -20.0], requires_grad=True)
    >>> y = derivo.special.log_ndtr(x)
    >>> y
    tensor([  -0.6931, -203.9172], grad_fn=<SpecialLogNdtrBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.7979, 20.0498])
    """
    below = s.log(0.5 * s.special("erfcx", x * -_ROOT_HALF)) - 0.5 * (x * x)
    return s.where(x < -1, below, s.log1p(-0.5 * s.erfc(x * _ROOT_HALF)))


@log_ndtr.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * ((2 * _PDF_AT_0) / s.special("erfcx", x * -_ROOT_HALF)),)


# --- Bessel functions -------------------------------------------------------------


@elementwise(
    promote="float",
    node="I0Backward0",
    oracle="sp.i0(x)",
    api=(*UNARY, *SPECIAL),
)
def i0(x: Expr) -> Expr:
    """Compute the modified Bessel function of order 0.

    Derivative: ``g * i1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.i0(x)
    >>> y
    tensor([1.0000, 1.2661], grad_fn=<I0Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 0.5652])
    """
    return s.special("i0", x)


@elementwise(
    promote="float",
    node="SpecialI0EBackward0",
    oracle="sp.i0e(x)",
    api=SPECIAL,
    save_output="too",
)
def i0e(x: Expr) -> Expr:
    """Compute ``exp(-abs(input)) * i0(input)``.

    Derivative: ``g * (i1e(input) - sign(input) * out)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.i0e(x)
    >>> y
    tensor([1.0000, 0.4658], grad_fn=<SpecialI0EBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.0000, -0.2578])
    """
    return s.special("i0e", x)


@elementwise(
    promote="float",
    node="SpecialI1Backward0",
    oracle="sp.i1(x)",
    api=SPECIAL,
    kinks=[((0.0,), (0.5,))],
    save_output="too",
)
def i1(x: Expr) -> Expr:
    """Compute the modified Bessel function of order 1.

    Derivative: ``g * (i0(input) - out / input)``, 1/2 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.i1(x)
    >>> y
    tensor([0.0000, 0.5652], grad_fn=<SpecialI1Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.7009])
    """
    return s.special("i1", x)


@elementwise(
    promote="float",
    node="SpecialI1EBackward0",
    oracle="sp.i1e(x)",
    api=SPECIAL,
    kinks=[((0.0,), (0.5,))],
    save_output="too",
)
def i1e(x: Expr) -> Expr:
    """Compute ``exp(-abs(input)) * i1(input)``.

    Derivative: ``g * (i0e(input) - out * (sign(input) + 1 / input))``, 1/2 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.i1e(x)
    >>> y
    tensor([0.0000, 0.2079], grad_fn=<SpecialI1EBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.0499])
    """
    return s.special("i1e", x)


# --- entropy ----------------------------------------------------------------------


@elementwise(
    promote="float",
    node="XlogyBackward0",
    node_if_number={"y": "XlogyBackward2", "x": "XlogyBackward1"},
    oracle="sp.xlogy(x, y)",
    domain=((-3, 3), (0.1, 5)),
    floor=0.5,
    kinks=[((0.0, 0.0), (0.0, math.nan))],
    numbers=(
        "x",
        "y",
    ),
)
def xlogy(x: Expr, y: Expr) -> Expr:
    """``x * log(y)``, 0 where `x` is 0."""
    return s.xlogy(x, y)


@xlogy.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return s.where((x == 0) & (y <= 0), 0, s.xlogy(g, y)), g * x / y


@public("xlogy", "special.xlogy", "Tensor.xlogy")
def _xlogy(
    input: Tensor | Number, other: Tensor | Number, *, out: Any = None
) -> Tensor:
    """Compute ``input * log(other)``, 0 where `input` is 0.

    Parameters
    ----------
    input, other : Tensor or Number
        Broadcast with each other; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape; integers become the default dtype. NaN where `other`
        is NaN.

    Notes
    -----
    Derivative: ``g * log(other)``, 0 where `input` is 0 and `other` is not positive;
    and ``g * input / other``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.xlogy(x, derivo.tensor([0.0, 3.0]))
    >>> y
    tensor([0.0000, 2.1972], grad_fn=<XlogyBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 1.0986])
    """
    op = xlogy.overload(other, input)
    return op(input, other) if out is None else op.out(out, input, other)


@public("xlogy_", "Tensor.xlogy_")
def _xlogy_inplace(input: Tensor, other: Tensor | Number) -> Tensor:
    """Compute ``input * log(other)``, 0 where `input` is 0.

    In place; see `derivo.xlogy`.
    """
    return xlogy.overload(other).inplace(input, other)


@elementwise(
    promote="float",
    node="SpecialXlog1PyBackward0",
    node_if_number={"y": "SpecialXlog1PyBackward2", "x": "SpecialXlog1PyBackward1"},
    oracle="sp.xlog1py(x, y)",
    domain=((-3, 3), (-0.9, 5)),
    kinks=[((0.0, -1.0), (0.0, math.nan))],
    numbers=(
        "x",
        "y",
    ),
)
def xlog1py(x: Expr, y: Expr) -> Expr:
    """``x * log1p(y)``, 0 where `x` is 0."""
    return _xlog1py_expr(x, y)


def _xlog1py_expr(x: Expr, y: Expr) -> Expr:
    return s.where(s.isnan(y), s.NAN, s.where(x == 0, 0.0, x * s.log1p(y)))


@xlog1py.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return s.where((x == 0) & (y <= -1), 0, _xlog1py_expr(g, y)), g * x / (y + 1)


@public("special.xlog1py")
def _xlog1py(
    input: Tensor | Number, other: Tensor | Number, *, out: Any = None
) -> Tensor:
    """Compute ``input * log1p(other)``, 0 where `input` is 0.

    Parameters
    ----------
    input, other : Tensor or Number
        Broadcast with each other; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape; integers become the default dtype. NaN where `other`
        is NaN.

    Notes
    -----
    Derivative: ``g * log1p(other)``, 0 where `input` is 0 and `other` is at most -1;
    and ``g * input / (other + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.special.xlog1py(x, derivo.tensor([-1.0, 3.0]))
    >>> y
    tensor([0.0000, 2.7726], grad_fn=<SpecialXlog1PyBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 1.3863])
    """
    op = xlog1py.overload(other, input)
    return op(input, other) if out is None else op.out(out, input, other)


@elementwise(
    promote="float",
    node="SpecialEntrBackward0",
    oracle="sp.entr(x)",
    api=SPECIAL,
    domain=((0.05, 3),),
    floor=0.5,
)
def entr(x: Expr) -> Expr:
    """Compute the entropy ``-input * log(input)``, 0 at 0, -inf for negative numbers.

    Derivative: ``-g * (1 + log(input))``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 2.0], requires_grad=True)
    >>> y = derivo.special.entr(x)
    >>> y
    tensor([ 0.3466, -1.3863], grad_fn=<SpecialEntrBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.3069, -1.6931])
    """
    positive = -x * s.log(x)
    return s.where(s.isnan(x), x, s.where(x > 0, positive, s.where(x < 0, -INF, 0.0)))


@entr.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * -(1 + s.log(x)),)


@elementwise(
    promote="float",
    node="LogitBackward0",
    oracle="np.log(x / (1 - x))",
    domain=((0.02, 0.98),),
    floor=1.0,
    shown={"eps": None},
)
def logit_open(x: Expr) -> Expr:
    """Inverse of sigmoid."""
    return s.log(x / (1 - x))


@logit_open.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    inside = (x >= 0) & (x <= 1)
    return (s.where(inside, g / (x * (1 - x)), s.NAN),)


@elementwise(
    promote="float",
    node="LogitBackward0",
    oracle="np.log(np.clip(x, eps, 1 - eps) / (1 - np.clip(x, eps, 1 - eps)))",
    domain=((-0.2, 1.2),),
    samples=({"eps": 0.1}, {"eps": 0.25}),
    floor=1.0,
)
def logit_clamped(x: Expr, *, eps: Expr) -> Expr:
    """Inverse of sigmoid, of the operand brought between eps and 1 - eps."""
    z = s.minimum(s.maximum(x, eps), 1 - eps)
    return s.log(z / (1 - z))


@logit_clamped.derivative
def _(g: Expr, x: Expr, out: Expr, eps: Expr) -> tuple[Expr, ...]:
    outside = (x < eps) | (x > 1 - eps)
    return (s.where(outside, 0, g / (x * (1 - x))),)


@public("logit", "special.logit")
def _logit(input: Tensor, eps: float | None = None, *, out: Any = None) -> Tensor:
    """Compute ``log(input / (1 - input))``, the inverse of sigmoid.

    Parameters
    ----------
    input : Tensor
        Any shape; integers become the default dtype.
    eps : float, optional
        Brings `input` between ``eps`` and ``1 - eps`` first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape of `input`; NaN outside [0, 1] if `eps` is left out.

    Notes
    -----
    Derivative: ``g / (input * (1 - input))``; outside the range 0 with `eps`, NaN
    without.

    Examples
    --------
    >>> x = derivo.tensor([0.25, 0.75], requires_grad=True)
    >>> y = derivo.logit(x)
    >>> y
    tensor([-1.0986,  1.0986], grad_fn=<LogitBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([5.3333, 5.3333])
    """
    if eps is None:
        op = logit_open.core
        return op(input) if out is None else op.out(out, input)
    op = logit_clamped.core
    return op(input, eps) if out is None else op.out(out, input, eps)


@public("Tensor.logit")
def _logit_method(self: Tensor, eps: float | None = None) -> Tensor:
    """Compute the inverse of sigmoid.

    See `derivo.logit`.
    """
    return _logit(self, eps)


@public("logit_", "Tensor.logit_")
def _logit_inplace(input: Tensor, eps: float | None = None) -> Tensor:
    """Compute the inverse of sigmoid.

    In place; see `derivo.logit`.
    """
    if eps is None:
        return logit_open.core.inplace(input)
    return logit_clamped.core.inplace(input, eps)
