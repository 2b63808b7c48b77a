# Stub of derivo._core.memory, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class Storage:
    """Memory shared by all views of a tensor, with their version counter."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __len__(self) -> int: ...
    def data_ptr(self) -> Any:
        """Address of the first byte."""

def empty_cache() -> Any:
    """Give all cached free memory back to the operating system."""

def memory_stats() -> Any:
    """Figures of the caching allocator.

    Returns
    -------
    dict
        ``allocated_bytes`` (in use by tensors), ``peak_bytes`` (its maximum),
        ``cached_bytes`` (free, kept for reuse), ``cache_limit_bytes``,
        ``allocations`` (requests so far) and ``system_allocations`` (requests that
        had to ask the operating system).

    Examples
    --------
    >>> import derivo
    >>> derivo.memory_stats()["allocated_bytes"] >= 0
    True
    """

def reset_peak_memory_stats() -> Any:
    """Set ``peak_bytes`` of :func:`memory_stats` to what is in use now."""

def set_cache_limit(nbytes: Any) -> Any:
    """Bound the free memory that is kept for reuse, in bytes; trims at once."""
