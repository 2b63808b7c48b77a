"""Bessel functions of the first and second kind, modified and spherical ones.

PyTorch computes them without a derivative; here they have one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo.ir import scalar as s
from derivo.ops._elementwise import SPECIAL, elementwise

if TYPE_CHECKING:
    from derivo.ir.expr import Expr


@elementwise(
    promote="float",
    node="SpecialBesselJ0Backward0",
    oracle="sp.j0(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((-9, 9),),
    floor=0.5,
)
def bessel_j0(x: Expr) -> Expr:
    """Compute the Bessel function of the first kind of order 0.

    Derivative: ``-g * bessel_j1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.bessel_j0(x)
    >>> y.detach()
    tensor([1.0000, 0.7652])
    >>> y.sum().backward()
    """
    return s.special("j0", x)


@elementwise(
    promote="float",
    node="SpecialBesselJ1Backward0",
    oracle="sp.j1(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((-9, 9),),
    floor=0.5,
    save_output="too",
)
def bessel_j1(x: Expr) -> Expr:
    """Compute the Bessel function of the first kind of order 1.

    Derivative: ``g * (bessel_j0(input) - out / input)``, ``g / 2`` at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.bessel_j1(x)
    >>> y.detach()
    tensor([0.0000, 0.4401])
    >>> y.sum().backward()
    """
    return s.special("j1", x)


@elementwise(
    promote="float",
    node="SpecialBesselY0Backward0",
    oracle="sp.y0(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.1, 9),),
    floor=0.5,
)
def bessel_y0(x: Expr) -> Expr:
    """Compute the Bessel function of the second kind of order 0.

    Derivative: ``-g * bessel_y1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.bessel_y0(x)
    >>> y.detach()
    tensor([0.0883, 0.5104])
    >>> y.sum().backward()
    """
    return s.special("y0", x)


@elementwise(
    promote="float",
    node="SpecialBesselY1Backward0",
    oracle="sp.y1(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.1, 9),),
    floor=0.5,
    save_output="too",
)
def bessel_y1(x: Expr) -> Expr:
    """Compute the Bessel function of the second kind of order 1.

    Derivative: ``g * (bessel_y0(input) - out / input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.bessel_y1(x)
    >>> y.detach()
    tensor([-0.7812, -0.1070])
    >>> y.sum().backward()
    """
    return s.special("y1", x)


@elementwise(
    promote="float",
    node="SpecialModifiedBesselI0Backward0",
    oracle="sp.i0(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((-3, 3),),
    floor=0.5,
)
def modified_bessel_i0(x: Expr) -> Expr:
    """Compute the modified Bessel function of the first kind of order 0.

    Derivative: ``g * modified_bessel_i1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_i0(x)
    >>> y.detach()
    tensor([1.0000, 1.2661])
    >>> y.sum().backward()
    """
    return s.special("i0", x)


@elementwise(
    promote="float",
    node="SpecialModifiedBesselI1Backward0",
    oracle="sp.i1(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((-3, 3),),
    floor=0.5,
    save_output="too",
)
def modified_bessel_i1(x: Expr) -> Expr:
    """Compute the modified Bessel function of the first kind of order 1.

    Derivative: ``g * (modified_bessel_i0(input) - out / input)``, ``g / 2`` at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_i1(x)
    >>> y.detach()
    tensor([0.0000, 0.5652])
    >>> y.sum().backward()
    """
    return s.special("i1", x)


@elementwise(
    promote="float",
    node="SpecialModifiedBesselK0Backward0",
    oracle="sp.k0(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.1, 9),),
    floor=0.5,
)
def modified_bessel_k0(x: Expr) -> Expr:
    """Compute the modified Bessel function of the second kind of order 0.

    Derivative: ``-g * modified_bessel_k1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_k0(x)
    >>> y.detach()
    tensor([0.4210, 0.1139])
    >>> y.sum().backward()
    """
    return s.special("k0", x)


@elementwise(
    promote="float",
    node="SpecialModifiedBesselK1Backward0",
    oracle="sp.k1(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.1, 9),),
    floor=0.5,
    save_output="too",
)
def modified_bessel_k1(x: Expr) -> Expr:
    """Compute the modified Bessel function of the second kind of order 1.

    Derivative: ``-g * (modified_bessel_k0(input) + out / input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_k1(x)
    >>> y.detach()
    tensor([0.6019, 0.1399])
    >>> y.sum().backward()
    """
    return s.special("k1", x)


@elementwise(
    promote="float",
    node="SpecialScaledModifiedBesselK0Backward0",
    oracle="sp.k0e(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.1, 9),),
    floor=0.5,
    save_output="too",
)
def scaled_modified_bessel_k0(x: Expr) -> Expr:
    """Compute ``exp(input) * modified_bessel_k0(input)``.

    Derivative: ``g * (out - scaled_modified_bessel_k1(input))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.scaled_modified_bessel_k0(x)
    >>> y.detach()
    tensor([1.1445, 0.8416])
    >>> y.sum().backward()
    """
    return s.special("k0e", x)


@elementwise(
    promote="float",
    node="SpecialScaledModifiedBesselK1Backward0",
    oracle="sp.k1e(x)",
    api=SPECIAL,
    accepts="singles",
    domain=((0.1, 9),),
    floor=0.5,
    save_output="too",
)
def scaled_modified_bessel_k1(x: Expr) -> Expr:
    """Compute ``exp(input) * modified_bessel_k1(input)``.

    Derivative: ``g * (out * (1 - 1 / input) - scaled_modified_bessel_k0(input))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.scaled_modified_bessel_k1(x)
    >>> y.detach()
    tensor([1.6362, 1.0335])
    >>> y.sum().backward()
    """
    return s.special("k1e", x)


@elementwise(
    promote="float",
    node="SpecialSphericalBesselJ0Backward0",
    oracle="np.sinc(x / np.pi)",
    api=SPECIAL,
    accepts="singles",
    domain=((-9, 9),),
    floor=0.5,
    kinks=[((0.0,), (0.0,))],
)
def spherical_bessel_j0(x: Expr) -> Expr:
    """Compute the spherical Bessel function of order 0: ``sin(input) / input``.

    Derivative: ``g * (cos(input) - out) / input``, 0 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.spherical_bessel_j0(x)
    >>> y.detach()
    tensor([1.0000, 0.8415])
    >>> y.sum().backward()
    """
    wave = s.where(s.isinf(x), 0, s.sin(x) / x)
    return s.where(x == 0, 1, wave)


@spherical_bessel_j0.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    # The difference loses its digits near 0, where the series has them.
    square = x * x
    near = x * (-1 / 3 + square * (1 / 30 - square * (1 / 840 - square * (1 / 45360))))
    far = (x * s.cos(x) - s.sin(x)) / square
    return (g * s.where(s.abs(x) < 0.15, near, far),)
