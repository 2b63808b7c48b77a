# Stub of derivo._core.copies, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class _CopySpec:
    ...
    def backward(self, mask: Any) -> Any: ...
    def build(
        self,
        in_dtypes: Any,
        out_dtypes: Any,
        compute_dtype: Any,
        layout: Any,
    ) -> Any: ...
    operand_names: tuple[Any, ...]

def _cast(t: Any, dtype: Any) -> Any:
    """A detached copy in another dtype, keeping dense strides."""

def _clone(t: Any) -> Any:
    """A detached copy, keeping dense strides."""

def _contiguous(t: Any) -> Any:
    """`t` itself if contiguous, else a detached contiguous copy."""

def _copy_into(dst: Any, src: Any) -> Any:
    """Copy values (broadcast, converted) without autograd or version count."""
