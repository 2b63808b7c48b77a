"""Helpers around training: data, hooks, checkpoints."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["checkpoint", "data", "hooks"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"derivo.utils.{name}")
    raise AttributeError(f"module 'derivo.utils' has no attribute {name!r}")
