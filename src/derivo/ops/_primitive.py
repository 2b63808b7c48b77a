"""Structured operations: definition, derivative and what it saves, side by side."""

from __future__ import annotations

from derivo._core.primitive import Primitive

__all__ = ["Primitive"]
