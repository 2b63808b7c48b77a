"""Discrete Fourier transforms: what the operations publish under this module's name."""

from __future__ import annotations

from derivo.ops._surface import namespace as _namespace

globals().update(_namespace("fft"))

__all__ = [*_namespace("fft")]
