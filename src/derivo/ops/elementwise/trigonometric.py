"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import BINARY, SPECIAL, UNARY, elementwise

if TYPE_CHECKING:
    from derivo.ir.expr import Expr


@elementwise(
    promote="float",
    node="SinBackward0",
    oracle="np.sin(x)",
    api=UNARY,
    on_complex="complex",
)
def sin(x: Expr) -> Expr:
    """Take the sine.

    Derivative: ``g * cos(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.sin(x)
    >>> y
    tensor([0.0000, 0.8415], grad_fn=<SinBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5403])
    """
    return s.sin(x)


@elementwise(
    promote="float",
    node="CosBackward0",
    oracle="np.cos(x)",
    api=UNARY,
    on_complex="complex",
)
def cos(x: Expr) -> Expr:
    """Take the cosine.

    Derivative: ``-g * sin(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.cos(x)
    >>> y
    tensor([1.0000, 0.5403], grad_fn=<CosBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0000, -0.8415])
    """
    return s.cos(x)


@elementwise(
    promote="float",
    node="TanBackward0",
    oracle="np.tan(x)",
    api=UNARY,
    domain=((-1.4, 1.4),),
    on_complex="complex",
)
def tan(x: Expr) -> Expr:
    """Take the tangent.

    Derivative: ``g * (1 + out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.tan(x)
    >>> y
    tensor([0.0000, 1.5574], grad_fn=<TanBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 3.4255])
    """
    return s.tan(x)


@elementwise(
    promote="float",
    node="AsinBackward0",
    oracle="np.arcsin(x)",
    api=UNARY,
    aliases={"arcsin": UNARY},
    domain=((-0.95, 0.95),),
    on_complex="complex",
)
def asin(x: Expr) -> Expr:
    """Take the inverse sine; NaN outside [-1, 1].

    Derivative: ``g / sqrt(1 - input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.asin(x)
    >>> y
    tensor([0.0000, 0.5236], grad_fn=<AsinBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 1.1547])
    """
    return s.asin(x)


@elementwise(
    promote="float",
    node="AcosBackward0",
    oracle="np.arccos(x)",
    api=UNARY,
    aliases={"arccos": UNARY},
    domain=((-0.95, 0.95),),
    on_complex="complex",
)
def acos(x: Expr) -> Expr:
    """Take the inverse cosine; NaN outside [-1, 1].

    Derivative: ``-g / sqrt(1 - input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.acos(x)
    >>> y
    tensor([1.5708, 1.0472], grad_fn=<AcosBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.0000, -1.1547])
    """
    return s.acos(x)


@elementwise(
    promote="float",
    node="AtanBackward0",
    oracle="np.arctan(x)",
    api=UNARY,
    aliases={"arctan": UNARY},
    on_complex="complex",
)
def atan(x: Expr) -> Expr:
    """Take the inverse tangent.

    Derivative: ``g / (1 + input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.atan(x)
    >>> y
    tensor([0.0000, 0.7854], grad_fn=<AtanBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5000])
    """
    return s.atan(x)


@elementwise(
    promote="float",
    node="SinhBackward0",
    oracle="np.sinh(x)",
    api=UNARY,
    on_complex="complex",
)
def sinh(x: Expr) -> Expr:
    """Take the hyperbolic sine.

    Derivative: ``g * cosh(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.sinh(x)
    >>> y
    tensor([0.0000, 1.1752], grad_fn=<SinhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 1.5431])
    """
    return s.sinh(x)


@elementwise(
    promote="float",
    node="CoshBackward0",
    oracle="np.cosh(x)",
    api=UNARY,
    on_complex="complex",
)
def cosh(x: Expr) -> Expr:
    """Take the hyperbolic cosine.

    Derivative: ``g * sinh(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.cosh(x)
    >>> y
    tensor([1.0000, 1.5431], grad_fn=<CoshBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 1.1752])
    """
    return s.cosh(x)


@elementwise(
    promote="float",
    node="TanhBackward0",
    oracle="np.tanh(x)",
    api=(*UNARY, "nn.functional.{}!"),
    on_complex="complex",
)
def tanh(x: Expr) -> Expr:
    """Take the hyperbolic tangent.

    Derivative: ``g * (1 - out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.tanh(x)
    >>> y
    tensor([0.0000, 0.7616], grad_fn=<TanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.4200])
    """
    return s.tanh(x)


@elementwise(
    promote="float",
    node="AsinhBackward0",
    oracle="np.arcsinh(x)",
    api=UNARY,
    aliases={"arcsinh": UNARY},
    on_complex="complex",
)
def asinh(x: Expr) -> Expr:
    """Take the inverse hyperbolic sine.

    Derivative: ``g / sqrt(input**2 + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.asinh(x)
    >>> y
    tensor([0.0000, 0.8814], grad_fn=<AsinhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.7071])
    """
    return s.asinh(x)


@elementwise(
    promote="float",
    node="AcoshBackward0",
    oracle="np.arccosh(x)",
    api=UNARY,
    aliases={"arccosh": UNARY},
    domain=((1.1, 9),),
    on_complex="complex",
)
def acosh(x: Expr) -> Expr:
    """Take the inverse hyperbolic cosine; NaN below 1.

    Derivative: ``g / sqrt(input**2 - 1)``.

    Examples
    --------
    >>> x = derivo.tensor([2.0, 3.0], requires_grad=True)
    >>> y = derivo.acosh(x)
    >>> y
    tensor([1.3170, 1.7627], grad_fn=<AcoshBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5774, 0.3536])
    """
    return s.acosh(x)


@elementwise(
    promote="float",
    node="AtanhBackward0",
    oracle="np.arctanh(x)",
    api=UNARY,
    aliases={"arctanh": UNARY},
    domain=((-0.95, 0.95),),
    on_complex="complex",
)
def atanh(x: Expr) -> Expr:
    """Take the inverse hyperbolic tangent; NaN outside [-1, 1].

    Derivative: ``g / (1 - input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.atanh(x)
    >>> y
    tensor([0.0000, 0.5493], grad_fn=<AtanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 1.3333])
    """
    return s.atanh(x)


@elementwise(
    promote="float",
    node="Deg2RadBackward0",
    oracle="x * (np.pi / 180)",
    api=UNARY,
)
def deg2rad(x: Expr) -> Expr:
    """Convert degrees to radians.

    Derivative: ``g * pi / 180``.

    Examples
    --------
    >>> x = derivo.tensor([180.0, -90.0], requires_grad=True)
    >>> y = derivo.deg2rad(x)
    >>> y
    tensor([ 3.1416, -1.5708], grad_fn=<Deg2RadBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0175, 0.0175])
    """
    return x * (s.PI / 180.0)


@elementwise(
    promote="float",
    node="Rad2DegBackward0",
    oracle="x * (180 / np.pi)",
    api=UNARY,
)
def rad2deg(x: Expr) -> Expr:
    """Convert radians to degrees.

    Derivative: ``g * 180 / pi``.

    Examples
    --------
    >>> x = derivo.tensor([3.0, -1.0], requires_grad=True)
    >>> y = derivo.rad2deg(x)
    >>> y
    tensor([171.8873, -57.2958], grad_fn=<Rad2DegBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([57.2958, 57.2958])
    """
    return x * (180.0 / s.PI)


@elementwise(
    promote="float",
    node="SincBackward0",
    oracle="np.sinc(x)",
    api=(*UNARY, *SPECIAL),
    floor=0.3,
    kinks=[((0.0,), (0.0,))],
    on_complex="complex",
)
def sinc(x: Expr) -> Expr:
    """Compute ``sin(pi * x) / (pi * x)``, 1 at 0.

    Derivative: of the formula, 0 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.sinc(x)
    >>> y
    tensor([1.0000, 0.6366], grad_fn=<SincBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.0000, -1.2732])
    """
    return s.where(x == 0, 1, s.sin(s.PI * x) / (s.PI * x))


@sinc.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    angle = s.PI * x
    square = angle * angle
    # The difference loses its digits near 0, where the series has them.
    series: Any = 0.0
    for k in range(6, 0, -1):
        series = (-1) ** k * 2 * k / math.factorial(2 * k + 1) + square * series
    near = angle * series
    far = (angle * s.cos(angle) - s.sin(angle)) / square
    slope = s.where(s.abs(angle) < 0.3, near, far)
    return (s.where(x == 0, 0, g * (s.PI * slope)),)


@elementwise(
    promote="float",
    node="Atan2Backward0",
    oracle="np.arctan2(x, y)",
    api=BINARY,
    aliases={"arctan2": BINARY},
    kinks=[((0.0, 0.0), (0.0, 0.0))],
)
def atan2(x: Expr, y: Expr) -> Expr:
    """Compute the angle of the point (`other`, `input`), from -π to π.

    Derivative: ``g * other / r`` and ``-g * input / r``, with ``r`` the sum of the
    squares; 0 at the origin.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -1.0], requires_grad=True)
    >>> y = derivo.atan2(x, derivo.tensor([1.0, -1.0]))
    >>> y
    tensor([ 0.7854, -2.3562], grad_fn=<Atan2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.5000, -0.5000])
    """
    return s.atan2(x, y)


@elementwise(
    promote="same",
    node="HypotBackward0",
    oracle="np.hypot(x, y)",
    api=BINARY,
    accepts="floats",
    kinks=[((0.0, 0.0), (math.nan, math.nan))],
    save_output="too",
)
def hypot(x: Expr, y: Expr) -> Expr:
    """Compute ``sqrt(input**2 + other**2)`` without overflow on the way.

    Derivative: ``g * input / out`` and ``g * other / out``; NaN at the origin, as
    PyTorch has it (a function of your own that calls ``math.hypot`` has 0 there).

    Examples
    --------
    >>> x = derivo.tensor([3.0, 5.0], requires_grad=True)
    >>> y = derivo.hypot(x, derivo.tensor([4.0, 12.0]))
    >>> y
    tensor([ 5., 13.], grad_fn=<HypotBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6000, 0.3846])
    """
    return s.hypot(x, y)


@hypot.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return g * (x / out), g * (y / out)
