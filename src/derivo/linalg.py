"""Linear algebra: what the operations publish under this module's name."""

from __future__ import annotations

from derivo.errors import LinAlgError as LinAlgError
from derivo.ops._surface import namespace as _namespace

globals().update(_namespace("linalg"))

__all__ = ["LinAlgError", *_namespace("linalg")]
