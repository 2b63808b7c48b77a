"""Exponentials, logarithms and roots."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo.ir import scalar as s
from derivo.ops._elementwise import PURE, SPECIAL, UNARY, elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

INF = math.inf
LOG_2 = math.log(2.0)
LOG_10 = math.log(10.0)


@elementwise(
    promote="float",
    node="ExpBackward0",
    oracle="np.exp(x)",
    api=UNARY,
    on_complex="complex",
)
def exp(x: Expr) -> Expr:
    """Raise e to the power of each element.

    Derivative: ``g * out``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.exp(x)
    >>> y
    tensor([1.0000, 2.7183], grad_fn=<ExpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 2.7183])
    """
    return s.exp(x)


@elementwise(
    promote="float",
    node="Exp2Backward0",
    oracle="np.exp2(x)",
    api=(*UNARY, *SPECIAL),
    on_complex="complex",
)
def exp2(x: Expr) -> Expr:
    """Raise 2 to the power of each element.

    Derivative: ``g * out * log(2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 3.0], requires_grad=True)
    >>> y = derivo.exp2(x)
    >>> y
    tensor([1., 8.], grad_fn=<Exp2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6931, 5.5452])
    """
    return s.exp2(x)


@elementwise(
    promote="float",
    node="Expm1Backward0",
    oracle="np.expm1(x)",
    api=(*UNARY, *SPECIAL),
    on_complex="complex",
)
def expm1(x: Expr) -> Expr:
    """Compute ``exp(x) - 1``, exact near 0.

    Derivative: ``g * (out + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1e-8], requires_grad=True)
    >>> y = derivo.expm1(x)
    >>> y
    tensor([0.0000e+00, 1.0000e-08], grad_fn=<Expm1Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return s.expm1(x)


@elementwise(
    promote="float",
    node="LogBackward0",
    oracle="np.log(x)",
    api=UNARY,
    domain=((0.05, 9),),
    on_complex="complex",
)
def log(x: Expr) -> Expr:
    """Take the natural logarithm.

    Derivative: ``g / input``.

    The logarithm of 0 is -inf, of negative numbers NaN.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.log(x)
    >>> y
    tensor([0.0000, 0.6931], grad_fn=<LogBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5000])
    """
    return s.log(x)


@elementwise(
    promote="float",
    node="Log2Backward0",
    oracle="np.log2(x)",
    api=UNARY,
    domain=((0.05, 9),),
    on_complex="complex",
)
def log2(x: Expr) -> Expr:
    """Take the logarithm to base 2.

    Derivative: ``g / (input * log(2))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 8.0], requires_grad=True)
    >>> y = derivo.log2(x)
    >>> y
    tensor([0., 3.], grad_fn=<Log2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.4427, 0.1803])
    """
    return s.log2(x)


@elementwise(
    promote="float",
    node="Log10Backward0",
    oracle="np.log10(x)",
    api=UNARY,
    domain=((0.05, 9),),
    on_complex="complex",
)
def log10(x: Expr) -> Expr:
    """Take the logarithm to base 10.

    Derivative: ``g / (input * log(10))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 100.0], requires_grad=True)
    >>> y = derivo.log10(x)
    >>> y
    tensor([0., 2.], grad_fn=<Log10Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.4343, 0.0043])
    """
    # Through float64, so that powers of ten in float32 give whole numbers.
    return s.log10(s.cast(x, "float64"))


@log10.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g / (x * LOG_10),)


@elementwise(
    promote="float",
    node="Log1PBackward0",
    oracle="np.log1p(x)",
    api=(*UNARY, *SPECIAL),
    domain=((-0.9, 9),),
    on_complex="complex",
)
def log1p(x: Expr) -> Expr:
    """Compute ``log(1 + x)``, exact near 0.

    Derivative: ``g / (input + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1e-8], requires_grad=True)
    >>> y = derivo.log1p(x)
    >>> y
    tensor([0.0000e+00, 1.0000e-08], grad_fn=<Log1PBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return s.log1p(x)


@elementwise(
    promote="float",
    node="SqrtBackward0",
    oracle="np.sqrt(x)",
    api=UNARY,
    domain=((0.05, 9),),
    ulp=(0.5, 0.5),
    kinks=[((0.0,), (float("inf"),))],
    on_complex="complex",
)
def sqrt(x: Expr) -> Expr:
    """Take the square root.

    Derivative: ``g / (2 * out)``, infinite at 0.

    Examples
    --------
    >>> x = derivo.tensor([4.0, 9.0], requires_grad=True)
    >>> y = derivo.sqrt(x)
    >>> y
    tensor([2., 3.], grad_fn=<SqrtBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.1667])
    """
    return s.sqrt(x)


@elementwise(
    promote="float",
    node="RsqrtBackward0",
    oracle="1 / np.sqrt(x)",
    api=UNARY,
    domain=((0.05, 9),),
    on_complex="complex",
)
def rsqrt(x: Expr) -> Expr:
    """Compute ``1 / sqrt(x)``.

    Derivative: ``-g * out**3 / 2``.

    Examples
    --------
    >>> x = derivo.tensor([4.0, 0.25], requires_grad=True)
    >>> y = derivo.rsqrt(x)
    >>> y
    tensor([0.5000, 2.0000], grad_fn=<RsqrtBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0625, -4.0000])
    """
    return s.rsqrt(x)


@elementwise(
    promote="float",
    node="ReciprocalBackward0",
    oracle="1 / x",
    api=UNARY,
    domain=((0.1, 9),),
    ulp=(0.5, 0.5),
    on_complex="complex",
)
def reciprocal(x: Expr) -> Expr:
    """Compute ``1 / x``.

    Derivative: ``-g * out**2``.

    Examples
    --------
    >>> x = derivo.tensor([4.0, -0.5], requires_grad=True)
    >>> y = derivo.reciprocal(x)
    >>> y
    tensor([ 0.2500, -2.0000], grad_fn=<ReciprocalBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0625, -4.0000])
    """
    return s.reciprocal(x)


@elementwise(
    promote="float",
    node="SigmoidBackward0",
    oracle="1 / (1 + np.exp(-x))",
    api=(*UNARY, "nn.functional.{}!"),
    aliases={"expit": SPECIAL},
    on_complex="complex",
)
def sigmoid(x: Expr) -> Expr:
    """Compute the logistic function ``1 / (1 + exp(-x))``.

    Derivative: ``g * out * (1 - out)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.sigmoid(x)
    >>> y
    tensor([0.5000, 0.8808], grad_fn=<SigmoidBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.1050])
    """
    return 1 / (1 + s.exp(-x))


@sigmoid.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * ((1 - out) * out),)


@elementwise(
    promote="same",
    node="LogaddexpBackward0",
    oracle="np.logaddexp(x, y)",
    api=PURE,
    accepts="floats",
    floor=1.0,
    kinks=[((0.0, 0.0), (0.5, 0.5)), ((INF, INF), (math.nan, math.nan))],
    on_complex="complex",
)
def logaddexp(x: Expr, y: Expr) -> Expr:
    """Compute ``log(exp(input) + exp(other))`` without overflow.

    Derivative: ``g`` shared in proportion to ``exp(input)`` and ``exp(other)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 1000.0], requires_grad=True)
    >>> y = derivo.logaddexp(x, derivo.tensor([1.0, 1000.0]))
    >>> y
    tensor([   1.6931, 1000.6932], grad_fn=<LogaddexpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.5000])
    """
    # The difference of equal infinities is NaN; their sum of powers is not.
    gap = s.where(x == y, 0, s.abs(x - y))
    return s.maximum(x, y) + s.log1p(s.exp(-gap))


@logaddexp.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return g / (1 + s.exp(y - x)), g / (1 + s.exp(x - y))


@logaddexp.complex
def _(x: Expr, y: Expr) -> Expr:
    from derivo.ir.complex import real

    first = real(x) >= real(y)
    large, small = s.where(first, x, y), s.where(first, y, x)
    return large + s.log1p(s.exp(small - large))


@elementwise(
    promote="same",
    node="Logaddexp2Backward0",
    oracle="np.logaddexp2(x, y)",
    api=PURE,
    accepts="floats",
    floor=1.0,
    kinks=[((0.0, 0.0), (0.5, 0.5)), ((INF, INF), (math.nan, math.nan))],
)
def logaddexp2(x: Expr, y: Expr) -> Expr:
    """Compute ``log2(2**input + 2**other)`` without overflow.

    Derivative: ``g`` shared in proportion to ``2**input`` and ``2**other``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 1000.0], requires_grad=True)
    >>> y = derivo.logaddexp2(x, derivo.tensor([1.0, 1000.0]))
    >>> y
    tensor([   2., 1001.], grad_fn=<Logaddexp2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.5000])
    """
    gap = s.where(x == y, 0, s.abs(x - y))
    return s.maximum(x, y) + s.log1p(s.exp2(-gap)) * (1 / LOG_2)


@logaddexp2.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return g / (1 + s.exp2(y - x)), g / (1 + s.exp2(x - y))


@elementwise(
    promote="float",
    node="LdexpBackward0",
    oracle="x * np.exp2(y)",
    api=UNARY,
    on_complex="complex",
)
def ldexp(x: Expr, y: Expr) -> Expr:
    """Multiply by a power of 2: ``input * 2**other``.

    Derivative: ``g * 2**other`` and ``g * out * log(2)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> y = derivo.ldexp(x, derivo.tensor([3, -1]))
    >>> y
    tensor([8.0000, 1.5000], grad_fn=<LdexpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([8.0000, 0.5000])
    """
    return x * s.exp2(y)


@ldexp.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return g * s.exp2(y), g * (out * LOG_2)


def _exponent(x: Expr) -> Expr:
    # One too many or too few near powers of 2, where the logarithm rounds.
    return s.floor(s.log2(s.abs(s.cast(x, "float64")))) + 1


def _scaled(x: Expr, by: Expr) -> Expr:
    # In two steps, so that neither factor overflows.
    half = s.trunc(by * 0.5)
    return s.cast(x, "float64") * s.exp2(half) * s.exp2(by - half)


@elementwise(
    promote="same",
    node="FrexpBackward0",
    oracle="np.frexp(x)[1].astype(x.dtype)",
    accepts="floats",
    smooth=False,
    ulp=(0, 0),
    kinks=[((0.0,), (0.0,))],
)
def frexp_exponent(x: Expr) -> Expr:
    """Exponent that brings the magnitude between 1/2 and 1."""
    guess = _exponent(x)
    rest = s.abs(_scaled(x, -guess))
    found = s.where(rest >= 1, guess + 1, s.where(rest < 0.5, guess - 1, guess))
    return s.where((x == 0) | ~s.isfinite(x), 0, found)


@frexp_exponent.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Any, ...]:
    return (None,)


@elementwise(
    promote="same",
    node="FrexpBackward0",
    oracle="x / np.exp2(exponent)",
    accepts="floats",
    smooth=False,
    ulp=(4, 4),
    domain=((-4, 4), (-3, 3)),
    no_derivative=("exponent",),
    edges=1,
)
def frexp_mantissa(x: Expr, exponent: Expr) -> Expr:
    """Take the exponent off a number."""
    return _scaled(x, -exponent)


@frexp_mantissa.derivative
def _(g: Expr, x: Expr, exponent: Expr, out: Expr) -> tuple[Any, ...]:
    return g * s.exp2(-exponent), None


class FrexpResult(NamedTuple):
    """What `derivo.frexp` gives."""

    mantissa: Tensor
    exponent: Tensor


@public("frexp", "Tensor.frexp")
def _frexp(input: Tensor, *, out: Any = None) -> FrexpResult:
    """Split into mantissa and exponent: ``input = mantissa * 2**exponent``.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    out : tuple of two Tensors, optional
        Take the results.

    Returns
    -------
    FrexpResult
        `mantissa`, between 1/2 and 1 in magnitude, of the dtype of `input`; and
        `exponent`, int32. Zero, infinities and NaN have exponent 0.

    Raises
    ------
    RuntimeError
        If `input` is not floating point.

    Notes
    -----
    Derivative: ``g / 2**exponent`` of the mantissa; none of the exponent.

    Examples
    --------
    >>> x = derivo.tensor([6.0, -0.375], requires_grad=True)
    >>> mantissa, exponent = derivo.frexp(x)
    >>> mantissa
    tensor([ 0.7500, -0.7500], grad_fn=<FrexpBackward0>)
    >>> exponent
    tensor([ 3, -1], dtype=torch.int32)
    >>> mantissa.sum().backward()
    >>> x.grad
    tensor([0.1250, 2.0000])
    """
    if not input.dtype.is_floating_point:
        raise RuntimeError(
            "[frexp] torch.frexp() only supports floating-point dtypes: got "
            f"{input.dtype}. Convert with .to(dtype) first."
        )
    import derivo

    exponent = frexp_exponent.core(input.detach()).to(derivo.int32)
    made = FrexpResult(frexp_mantissa.core(input, exponent), exponent)
    if out is None:
        return made
    for given, value in zip(out, made, strict=True):
        given.resize_(value.shape).copy_(value)
    return FrexpResult(*out)
