# Stub of derivo._core.search, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def places(sequence: Any, values: Any, right: Any) -> Any:
    """Where each value belongs in its sequence, int64, in the shape of `values`.

    One 1-d sequence for all values, or one along the last dimension for those of the
    same leading indices; both integers, float32 or float64, of one dtype.
    """
