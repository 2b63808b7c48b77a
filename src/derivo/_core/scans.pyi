# Stub of derivo._core.scans, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def extremes(x: Any, dim: Any, largest: Any) -> Any:
    """Running extremes of integers, float32 or float64, and the places where the
    latest of each was met.
    """

def log_sums(x: Any, dim: Any) -> Any:
    """Logarithms of running sums of exponentials of float32 or float64."""

def progression(start: Any, step: Any, count: Any) -> Any:
    """``start + step * i`` for i below `count`, int64 if both are, else float64."""

def spaced(start: Any, end: Any, count: Any, code: Any) -> Any:
    """`count` float32 or float64 values from `start` to `end`, evenly spaced.

    The second half counts from the end, so that both ends are exact.
    """

def totals(x: Any, dim: Any, product: Any) -> Any:
    """Running sums (or products) of integers, 32- or 64-bit floats or complex numbers
    of such, in a new tensor.
    """
