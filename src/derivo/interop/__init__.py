"""Working with what others made: scripts written for PyTorch."""

from __future__ import annotations

from .scripts import install_as_torch, run_script

__all__ = ["install_as_torch", "run_script"]
