"""The elementwise operations, one family a file; importing this registers them all."""

from __future__ import annotations

from derivo.ops import _surface
from derivo.ops.elementwise import (
    activations,
    airy,
    arithmetic,
    bessel,
    bits,
    choice,
    comparison,
    exponential,
    gamma,
    limits,
    losses,
    piecewise,
    polynomials,
    powers,
    signs,
    special,
    trigonometric,
)

__all__ = [
    "activations",
    "airy",
    "arithmetic",
    "bessel",
    "bits",
    "choice",
    "comparison",
    "exponential",
    "gamma",
    "limits",
    "losses",
    "piecewise",
    "polynomials",
    "powers",
    "signs",
    "special",
    "trigonometric",
]

_surface.publish_records()
