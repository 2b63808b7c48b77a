"""Signs, magnitudes, sums of products and interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import BINARY, PURE, UNARY, elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

_NO_NEGATION = {
    "bool": (
        "Negation, the `-` operator, on a bool tensor is not supported: got a bool "
        "operand. Use the `~` or `logical_not()` operator to invert a mask."
    )
}


@elementwise(
    promote="same",
    node="NegBackward0",
    oracle="-x",
    api=UNARY,
    aliases={"negative": UNARY},
    complaints=_NO_NEGATION,
    ulp=(0, 0),
    on_complex="complex",
)
def neg(x: Expr) -> Expr:
    """Negate.

    Derivative: ``-g``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> y = derivo.neg(x)
    >>> y
    tensor([-1.,  2.], grad_fn=<NegBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1., -1.])
    """
    return -x


@elementwise(
    promote="same",
    node="AbsBackward0",
    oracle="np.abs(x)",
    api=UNARY,
    aliases={"absolute": BINARY},
    accepts="numbers",
    ulp=(0, 0),
    kinks=[((0.0,), (0.0,)), ((-0.0,), (0.0,))],
    on_complex="real",
)
def abs(x: Expr) -> Expr:
    """Compute the absolute value.

    Derivative: ``g * sgn(input)``, 0 at 0.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    >>> y = derivo.abs(x)
    >>> y
    tensor([2., 0., 3.], grad_fn=<AbsBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.,  0.,  1.])
    """
    return s.abs(x)


@elementwise(
    promote="same",
    node="SignBackward0",
    oracle="np.where(np.isnan(x), 0, np.sign(x)).astype(x.dtype)",
    api=BINARY,
    ulp=(0, 0),
    smooth=False,
    kinks=[((0.0,), (0.0,))],
)
def sign(x: Expr) -> Expr:
    """Compute the sign: -1, 0 or 1.

    Derivative: 0 everywhere. The sign of NaN is 0.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    >>> y = derivo.sign(x)
    >>> y
    tensor([-1.,  0.,  1.], grad_fn=<SignBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 0.])
    """
    return s.sign(x)


sign.refuse_complex(
    "Unlike NumPy, torch.sign is not intended to support complex numbers: got a "
    "complex tensor. Please use torch.sgn instead, which gives the point of the unit "
    "circle in the same direction."
)


@elementwise(
    promote="same",
    node="SgnBackward0",
    oracle="np.where(np.isnan(x), 0, np.sign(x)).astype(x.dtype)",
    api=BINARY,
    ulp=(0, 0),
    smooth=False,
    kinks=[((0.0,), (0.0,))],
    on_complex="complex",
)
def sgn(x: Expr) -> Expr:
    """Compute the sign, of complex numbers ``input / abs(input)``, 0 at 0.

    Derivative: 0 everywhere for real numbers; for complex ones the part of ``g``
    across the direction of `input`, over ``abs(input)``.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    >>> y = derivo.sgn(x)
    >>> y
    tensor([-1.,  0.,  1.], grad_fn=<SgnBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 0.])
    """
    return s.sign(x)


@elementwise(promote="compare", oracle="np.signbit(x)", api=PURE, ulp=(0, 0))
def signbit(x: Expr) -> Expr:
    """Tell whether the sign bit is set, also that of -0.0.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, -0.0, 3.0], requires_grad=True)
    >>> derivo.signbit(x)
    tensor([ True,  True, False])
    >>> (x * derivo.signbit(x)).sum().backward()
    >>> x.grad
    tensor([1., 1., 0.])
    """
    return s.signbit(x)


@elementwise(
    promote="float",
    node="CopysignBackward0",
    node_if_number={"y": "CopysignBackward1"},
    oracle="np.copysign(x, y)",
    ulp=(0, 0),
    kinks=[((0.0, 1.0), (0.0, 0.0)), ((0.0, -1.0), (0.0, 0.0))],
    numbers=("y",),
)
def copysign(x: Expr, y: Expr) -> Expr:
    """Magnitude of the first with the sign of the second."""
    return s.copysign(x, y)


@copysign.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr | None, ...]:
    # Like PyTorch a quotient, which is NaN at infinity.
    return s.where(x == 0, 0, g * (out / x)), None


@public("copysign", "Tensor.copysign")
def _copysign(input: Tensor, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Give the magnitude of `input` the sign of `other`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    other : Tensor or Number
        Broadcast with `input`; the sign of -0.0 counts as negative.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape; integers become the default dtype.

    Notes
    -----
    Derivative: ``g`` or ``-g`` for `input`, 0 where it is 0; 0 for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> y = derivo.copysign(x, -1.0)
    >>> y
    tensor([-1., -2.], grad_fn=<CopysignBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.,  1.])
    """
    op = copysign.overload(other)
    return op(input, other) if out is None else op.out(out, input, other)


@public("Tensor.copysign_")
def _copysign_inplace(self: Tensor, other: Tensor | Number) -> Tensor:
    """Give the magnitude the sign of `other`.

    In place; see `derivo.copysign`.
    """
    return copysign.overload(other).inplace(self, other)


@elementwise(
    promote="same",
    node="NextafterBackward0",
    oracle="np.nextafter(x, y)",
    api=BINARY,
    accepts="singles",
    ulp=(0, 0),
    smooth=False,
)
def nextafter(x: Expr, y: Expr) -> Expr:
    """Give the next representable number after `input` towards `other`.

    Derivative: ``g`` for `input` where the two differ, else 0; 0 for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0], requires_grad=True)
    >>> y = derivo.nextafter(x, derivo.tensor([2.0]))
    >>> (y - 1.0).item() == derivo.finfo(derivo.float32).eps
    True
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.])
    """
    return s.nextafter(x, y)


@nextafter.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Any, ...]:
    return s.where(x == y, 0, g), None


@elementwise(
    promote="same",
    node="NotImplemented",
    oracle="np.where(np.isnan(x), 0, np.heaviside(x, values))",
    api=BINARY,
    no_derivative=True,
    ulp=(0, 0),
)
def heaviside(x: Expr, values: Expr) -> Expr:
    """Step from 0 to 1 at 0, where the result is `values`.

    Derivative: none; `derivo.where` differentiates by the values.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 0.0, 2.0])
    >>> derivo.heaviside(x, derivo.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    >>> w = derivo.tensor([1.0, 1.0, 1.0], requires_grad=True)
    >>> (w * derivo.heaviside(x, derivo.tensor(0.5))).sum().backward()
    >>> w.grad
    tensor([0.0000, 0.5000, 1.0000])
    """
    return s.where(x == 0, values, s.where(x > 0, 1, 0))


@elementwise(
    promote="float",
    node="AngleBackward0",
    oracle="np.where(np.isnan(x), x, np.where(x < 0, np.pi, 0.0))",
    api=PURE,
    smooth=False,
    on_complex="real",
)
def angle(x: Expr) -> Expr:
    """Compute the angle in the complex plane; of real numbers 0, or π if negative.

    Derivative: 0 for real numbers, ``g * 1j * input / abs(input)**2`` for complex ones.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.angle(x)
    >>> y
    tensor([3.1416, 0.0000], grad_fn=<AngleBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """
    return s.where(s.isnan(x), s.NAN, s.where(x < 0, s.PI, 0.0))


@angle.complex
def _(x: Expr) -> Expr:
    from derivo.ir.complex import imag, real

    return s.atan2(imag(x), real(x))


@public("positive", "Tensor.positive")
def _positive(input: Tensor) -> Tensor:
    """Give `input` itself, as ``+input`` does.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.

    Returns
    -------
    Tensor
        The same tensor.

    Raises
    ------
    RuntimeError
        If `input` is bool.

    Notes
    -----
    Derivative: ``g``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> derivo.positive(x) is x
    True
    >>> derivo.positive(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    if input.dtype.name == "bool":
        raise RuntimeError(
            "[positive] The `+` operator, on a bool tensor is not supported: got a "
            "bool tensor. Convert it with .to(dtype) first."
        )
    return input


@elementwise(
    promote="same",
    node="ConjBackward0",
    oracle="np.conj(x)",
    ulp=(0, 0),
    on_complex="complex",
)
def conjugate(x: Expr) -> Expr:
    """Conjugate of complex numbers, the number itself of real ones."""
    return +x


@conjugate.complex
def _(x: Expr) -> Expr:
    from derivo.ir.complex import conj

    return conj(x)


@public("conj", "Tensor.conj")
def _conj(input: Tensor) -> Tensor:
    """Give the complex conjugate, which for real numbers is `input` itself.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`; the same tensor if it is real.

    Notes
    -----
    Derivative: the conjugate of ``g``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> derivo.conj(x) is x
    True
    >>> derivo.conj(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return conjugate.core(input) if input.dtype.is_complex else input


@public("conj_physical", "Tensor.conj_physical")
def _conj_physical(input: Tensor) -> Tensor:
    """Give the complex conjugate; see `derivo.conj`.

    Examples
    --------
    >>> derivo.conj_physical(derivo.tensor([1 + 2j]))
    tensor([1.-2.j])
    """
    if not input.dtype.is_complex:
        return input
    return conjugate.core_named("ConjPhysicalBackward0")(input)


@public("conj_physical_", "Tensor.conj_physical_")
def _conj_inplace(input: Tensor) -> Tensor:
    """Give the complex conjugate.

    In place; see `derivo.conj`.
    """
    return conjugate.core.inplace(input) if input.dtype.is_complex else input


# --- sums of products -------------------------------------------------------------


@elementwise(
    promote="same",
    node="AddcmulBackward0",
    oracle="x + value * (tensor1 * tensor2)",
    api=BINARY,
    keyword=("value",),
    accepts="numbers",
    ulp=(3, 3),
    floor=3.0,
    samples=({"value": 1}, {"value": -0.5}),
    on_complex="complex",
)
def addcmul(x: Expr, tensor1: Expr, tensor2: Expr, *, value: Any = 1) -> Expr:
    """Add the product of two tensors, times `value`.

    Derivative: ``g``, ``g * value * tensor2`` and ``g * value * tensor1``.

    Parameters
    ----------
    value : Number, default 1
        Factor of the product.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> a, b = derivo.tensor([3.0, 4.0]), derivo.tensor([5.0, 6.0])
    >>> y = derivo.addcmul(x, a, b, value=0.5)
    >>> y
    tensor([ 8.5000, 14.0000], grad_fn=<AddcmulBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return x + value * tensor1 * tensor2


@elementwise(
    promote="same",
    node="AddcdivBackward0",
    oracle="x + value * (tensor1 / tensor2)",
    api=BINARY,
    keyword=("value",),
    accepts="floats",
    ulp=(3, 3),
    floor=3.0,
    samples=({"value": 1}, {"value": -0.5}),
    domain=((-3, 3), (-3, 3), (0.5, 3)),
    complaints={
        "integers": (
            "Integer division with addcdiv is no longer supported: expected floating "
            "point operands, got integers. Convert them with .to(dtype) first."
        )
    },
    on_complex="complex",
)
def addcdiv(x: Expr, tensor1: Expr, tensor2: Expr, *, value: Any = 1) -> Expr:
    """Add the quotient of two tensors, times `value`.

    Derivative: ``g``, ``g * value / tensor2`` and
    ``-g * value * tensor1 / tensor2**2``.

    Parameters
    ----------
    value : Number, default 1
        Factor of the quotient.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> a, b = derivo.tensor([3.0, 4.0]), derivo.tensor([2.0, 8.0])
    >>> y = derivo.addcdiv(x, a, b)
    >>> y
    tensor([2.5000, 2.5000], grad_fn=<AddcdivBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return x + value * tensor1 / tensor2


@elementwise(
    promote="same",
    node="LerpBackward1",
    node_if_number={"weight": "LerpBackward0"},
    oracle="x + weight * (end - x)",
    accepts="floats",
    ulp=(4, 4),
    floor=3.0,
    domain=((-3, 3), (-3, 3), (-0.5, 1.5)),
    numbers=("weight",),
    on_complex="complex",
)
def lerp(x: Expr, end: Expr, weight: Expr) -> Expr:
    """Interpolate, exact at both ends."""
    step = end - x
    return s.where(s.abs(weight) < 0.5, x + weight * step, end - step * (1 - weight))


@lerp.derivative
def _(g: Expr, x: Expr, end: Expr, weight: Expr, out: Expr) -> tuple[Expr, ...]:
    return g * (1 - weight), g * weight, g * (end - x)


def _check_lerp(op: str, input: Tensor, end: Any) -> None:
    if getattr(end, "dtype", None) is not input.dtype:
        got = getattr(end, "dtype", type(end).__name__)
        kind = RuntimeError if hasattr(end, "dtype") else TypeError
        raise kind(
            f"[{op}] expected dtype {input.dtype} for `end` but got dtype {got}. "
            "Convert one of them with .to(dtype)."
        )


@public("lerp")
def _lerp(
    input: Tensor, end: Tensor, weight: Tensor | Number, *, out: Any = None
) -> Tensor:
    """Interpolate between `input` and `end`: ``input + weight * (end - input)``.

    Parameters
    ----------
    input, end : Tensor
        Floating point, of one dtype.
    weight : Tensor or Number
        0 gives `input`, 1 gives `end`, both exactly.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        If the dtypes of `input` and `end` differ.

    Notes
    -----
    Derivative: ``g * (1 - weight)``, ``g * weight`` and ``g * (end - input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 10.0], requires_grad=True)
    >>> y = derivo.lerp(x, derivo.tensor([10.0, 20.0]), 0.25)
    >>> y
    tensor([ 2.5000, 12.5000], grad_fn=<LerpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.7500, 0.7500])
    """
    _check_lerp("lerp", input, end)
    op = lerp.overload(weight)
    return op(input, end, weight) if out is None else op.out(out, input, end, weight)


@public("Tensor.lerp")
def _lerp_method(self: Tensor, end: Tensor, weight: Tensor | Number) -> Tensor:
    """Interpolate towards `end`.

    See `derivo.lerp`.
    """
    return _lerp(self, end, weight)


@public("Tensor.lerp_")
def _lerp_inplace(self: Tensor, end: Tensor, weight: Tensor | Number) -> Tensor:
    """Interpolate towards `end`.

    In place; see `derivo.lerp`.
    """
    _check_lerp("lerp_", self, end)
    return lerp.overload(weight).inplace(self, end, weight)
