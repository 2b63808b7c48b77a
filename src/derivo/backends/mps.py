"""Whether Apple's GPUs can be used: no."""

from __future__ import annotations

__all__ = ["is_available", "is_built"]


def is_available() -> bool:
    """Whether there is such a GPU to compute on: never."""
    return False


def is_built() -> bool:
    """Whether the library was built for such GPUs: no."""
    return False
