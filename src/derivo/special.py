"""Special functions: error, gamma, Bessel, entropy functions and polynomials.

Each is published by the operation's definition in `derivo.ops`, under its name here.
"""

from __future__ import annotations

from derivo.ops._surface import namespace as _namespace

_functions = _namespace("special")
globals().update(_functions)

__all__ = sorted(_functions)
