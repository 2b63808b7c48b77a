"""Whether Intel's library for networks is used: no, derivo has kernels of its own."""

from __future__ import annotations

__all__ = ["is_available"]

enabled = False
deterministic = False


def is_available() -> bool:
    """Whether the library is used: no."""
    return False
