"""Reductions and normalizations of what a mask selects."""

from __future__ import annotations

from derivo.ops._surface import namespace as _namespace

# PyTorch's names: its tests, and programs that follow them, ask for masks of results.
from derivo.ops.masked import input_mask as _input_mask  # noqa: F401
from derivo.ops.masked import output_mask as _output_mask  # noqa: F401

_functions = _namespace("masked")
globals().update(_functions)

__all__ = sorted(_functions)
