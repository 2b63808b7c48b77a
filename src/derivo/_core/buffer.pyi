# Stub of derivo._core.buffer, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class Export:
    """What a view that is out needs of the tensor."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

def _may_grow(t: Any) -> Any:
    """Whether the storage of `t` may be given another block of memory."""

def from_memory(view: Any, dtype: Any, count: Any, offset: Any) -> Any:
    """A 1-d tensor of `count` elements from byte `offset` of a memoryview."""
