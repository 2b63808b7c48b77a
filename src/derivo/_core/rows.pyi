# Stub of derivo._core.rows, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any


_MODES: dict[Any, Any]

def along(index: Any, shape: Any, dim: Any, name: Any = 'gather') -> Any:
    """Row-major positions in a tensor of `shape` of the elements that gather takes.

    Element ``[i, j, k]`` of `index` (int64, contiguous) stands for
    ``[i, index[i, j, k], k]`` if `dim` is 1. Negative indices are refused.
    """

def gather(source: Any, at: Any, outer: Any, count: Any, inner: Any, shape: Any) -> Any:
    """Rows `at` of a contiguous tensor ``[outer, count, inner]``, in a new tensor."""

def nonzero(t: Any) -> Any:
    """Positions of the true elements of a contiguous bool tensor."""

def positions(indices: Any, sizes: Any, rank_of_error: Any = 0) -> Any:
    """Row-major positions from one index tensor per dimension.

    All tensors are int64, contiguous and of one shape; `sizes` are those of the
    indexed dimensions, `rank_of_error` the number of the first one in messages.
    Negative indices count from the end.

    Raises
    ------
    IndexError
        If an index is out of range.
    """

def scatter(
    target: Any,
    at: Any,
    source: Any,
    outer: Any,
    count: Any,
    inner: Any,
    how: Any,
) -> Any:
    """Write rows of `source` (contiguous ``[outer, n, inner]``, or one element) into
    rows `at` of a contiguous `target`; `how` says what happens to what is there.
    """
