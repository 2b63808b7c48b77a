# Stub of derivo._core.indexing, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def getitem(self: Any, index: Any) -> Any:
    """Part of the tensor: ``self[index]``."""

def set_callbacks(**functions: Any) -> Any:
    """Set the Python functions that subscripts fall back on."""

def setitem(self: Any, index: Any, value: Any) -> Any:
    """Write into part of the tensor: ``self[index] = value``."""
