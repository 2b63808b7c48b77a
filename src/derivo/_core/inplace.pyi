# Stub of derivo._core.inplace, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def _check_inplace(t: Any, recorded: Any) -> Any:
    """Raise if `t` may not be changed in place now."""

def _finish_inplace(t: Any, node: Any, name: Any) -> Any:
    """Count the change of `t` and give it the history `node` (or None)."""

def _is_dense(t: Any) -> Any:
    """Whether the elements fill their memory without gaps or overlap."""

def _needs_grad(*tensors: Any) -> Any:
    """Whether recording is on and some tensor requires a gradient."""

def _overlaps_itself(t: Any) -> Any:
    """Whether some elements share a place (an expanded tensor)."""

def set_callbacks(**functions: Any) -> Any:
    """Set the Python functions that dispatch falls back on."""
