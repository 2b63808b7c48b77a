"""Settings of NVIDIA's library for networks, which is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["flags", "is_available", "version"]

enabled = True
benchmark = False
benchmark_limit = 10
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Whether the library is there: never."""
    return False


def version() -> int | None:
    """Return the library's version: None."""
    return None


@contextmanager
def flags(**settings: Any) -> Iterator[None]:
    """Context in which settings have other values.

    Parameters
    ----------
    **settings
        ``enabled``, ``benchmark``, ``benchmark_limit``, ``deterministic``,
        ``allow_tf32``.
    """
    space = globals()
    for name in settings:
        if name not in _SETTINGS:
            raise TypeError(
                f"[cudnn.flags] got an unexpected keyword argument {name!r}: expected "
                f"one of {', '.join(_SETTINGS)}."
            )
    before = {name: space[name] for name in settings}
    space.update(settings)
    try:
        yield
    finally:
        space.update(before)


_SETTINGS = ("enabled", "benchmark", "benchmark_limit", "deterministic", "allow_tf32")
