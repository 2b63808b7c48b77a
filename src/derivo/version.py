"""Versions: derivo's own, and of the libraries that a GPU would need (none)."""

from __future__ import annotations

from derivo._version import __version__

__all__ = ["__version__", "cuda", "debug", "git_version", "hip", "xpu"]

debug = False
cuda: str | None = None
hip: str | None = None
xpu: str | None = None
git_version = "unknown"
