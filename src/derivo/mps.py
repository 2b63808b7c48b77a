"""Questions about Apple's GPUs: there are none."""

from __future__ import annotations

__all__ = ["device_count", "is_available", "manual_seed", "seed"]


def is_available() -> bool:
    """Whether there is such a GPU: never."""
    return False


def device_count() -> int:
    """Return the number of such GPUs: none."""
    return 0


def manual_seed(seed: int) -> None:
    """Seed the generator of the GPU: there is none."""
    int(seed)


def seed() -> None:
    """Seed the generator of the GPU: there is none."""
