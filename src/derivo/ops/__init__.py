"""What derivo can compute, one file a family: definition, derivative, documentation.

Importing this package publishes every public function (see `_surface`).
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec as _find_spec

# In the order that later families use earlier ones.
FAMILIES = (
    "elementwise",
    "creation",
    "ranges",
    "conversion",
    "storage",
    "complex",
    "questions",
    "copying",
    "callables",
    "views",
    "joining",
    "shapes",
    "rearranging",
    "grids",
    "triangles",
    "padding",
    "indexing",
    "gather",
    "masks",
    "combining",
    "reductions",
    "normalization",
    "extremes",
    "moments",
    "scans",
    "sorting",
    "selection",
    "sets",
    "differences",
    "distances",
    "nansums",
    "products",
    "linalg",
    "fourier",
    "spectrograms",
    "masked",
    "losses",
    "random",
    "definitions",
)

for _family in FAMILIES:
    if _find_spec(f"derivo.ops.{_family}"):
        import_module(f"derivo.ops.{_family}")

# Published here as the operations are, but not operations.
import_module("derivo.interop.buffers")
import_module("derivo.interop.dlpack")
import_module("derivo.serialization")


def __getattr__(name: str) -> object:
    # Only what names operations as PyTorch's dispatcher does needs it.
    if name == "aten":
        return import_module("derivo.ops.aten")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
