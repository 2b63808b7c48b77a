"""Importing a library by name, without importing the other one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_SOURCE = Path(__file__).resolve().parent.parent / "src"


def load(name: str) -> ModuleType:
    """Import a library by name; derivo from the checkout when not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name != "derivo":
            raise
    sys.path.insert(0, str(_SOURCE))
    return importlib.import_module(name)
