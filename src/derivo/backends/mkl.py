"""Whether Intel's library for linear algebra is used: no, kernels are derivo's own."""

from __future__ import annotations

__all__ = ["is_available"]


def is_available() -> bool:
    """Whether the library is used: no."""
    return False
