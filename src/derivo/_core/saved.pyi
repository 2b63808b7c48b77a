# Stub of derivo._core.saved, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class Packed:
    """A saved tensor in the form that a pack hook gave it."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def data(self) -> Any:
        ...
    @property
    def hook(self) -> Any:
        ...
    @property
    def nr(self) -> Any:
        ...
    @property
    def own(self) -> Any:
        ...
    @property
    def producer(self) -> Any:
        ...

class _Probe(Node):
    ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

def _pack(t: Any, own: Any, hooks: Any) -> Any:
    """`Packed` of `t` by the given (pack, unpack), or by this thread's (None)."""

def _set_flag(bit: Any, on: Any) -> Any:
    """Set a flag of this thread (see `ThreadState`); returns what it was."""

def set_default_hooks(get: Any) -> Any:
    """Set the function that gives this thread's innermost (pack, unpack)."""
