"""Working with what others made: arrays, and scripts written for PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .scripts import install_as_torch, run_script

__all__ = ["install_as_torch", "run_script"]


def __getattr__(name: str) -> Any:
    # Running scripts takes import machinery that a plain `import derivo` need not load.
    if name in __all__:
        from . import scripts

        return getattr(scripts, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
