"""Whether OpenMP is used: no, derivo has kernels of its own."""

from __future__ import annotations

__all__ = ["is_available"]


def is_available() -> bool:
    """Whether the library is used: no."""
    return False
