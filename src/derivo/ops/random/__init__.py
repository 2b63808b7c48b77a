"""Random tensors, equal to PyTorch's CPU generator for the same seed.

The core (`derivo._core.draws`) fills memory; here are PyTorch's functions around it:
arguments, dtypes, errors and the graph. A sample does not depend smoothly on what it
was drawn from, so its gradient is zero: in-place fills and samples of tensors that
require a gradient hang a node whose gradients are zeros, as in PyTorch.
"""

from __future__ import annotations

from derivo.ops.random import (
    creation,
    fills,
    generators,
    integers,
    noise,
    parameters,
)
from derivo.ops.random.generators import Generator, default_generator

__all__ = [
    "Generator",
    "creation",
    "default_generator",
    "fills",
    "generators",
    "integers",
    "noise",
    "parameters",
]
