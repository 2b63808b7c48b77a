"""Whether there is something faster than the CPU: no."""

from __future__ import annotations

from derivo._info import device

__all__ = ["current_accelerator", "device_count", "is_available"]


def is_available() -> bool:
    """Whether there is an accelerator: never."""
    return False


def device_count() -> int:
    """Return the number of accelerators: none."""
    return 0


def current_accelerator(check_available: bool = False) -> device | None:
    """Return the accelerator in use: None."""
    return None
