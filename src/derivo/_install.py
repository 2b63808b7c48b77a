"""Handing the core the Python functions that it falls back on.

The core knows no operation by name. What it needs beyond its own tables - casting a
gradient, summing it to a broadcast shape, regenerating the history of a view - it
calls through the slots that are filled here, once, at import.
"""

from __future__ import annotations

import time
import warnings
import weakref
from pathlib import Path
from typing import Any

from derivo._core import copies, history, inplace, tensor
from derivo.errors import GraphError, InplaceError
from derivo.tensor import Tensor
from derivo.utils.hooks import RemovableHandle

__all__ = ["install"]


def _warn_non_leaf_grad(t: Any) -> None:
    warnings.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. "
        "Its .grad attribute won't be populated during autograd.backward(). If you "
        "indeed want the .grad field to be populated for a non-leaf Tensor, use "
        f".retain_grad() on the non-leaf Tensor.{_producer(t)}",
        UserWarning,
        stacklevel=2,
    )


def _producer(t: Any) -> str:
    from derivo.autograd._lines import line_of

    node = t.grad_fn
    return "" if node is None else f" It is the result of {node.name()}{line_of(node)}"


def _second_time_error(node: Any) -> GraphError:
    from derivo.autograd._lines import line_of

    where = "" if node is None else f"\n  {node.name()}, recorded{line_of(node)}"
    return GraphError(
        "[backward] Trying to backward through the graph a second time (or directly "
        "access saved tensors after they have already been freed). A backward pass "
        "gives up what its nodes had saved as it goes. Specify retain_graph=True in "
        "the first one if there is to be another, or if you look at _saved_ attributes "
        "afterwards. In a loop this means that something computed before it, or a "
        "state carried over from the last step, is still in the graph: detach() it, or "
        f"compute it anew.{where}"
    )


def _modified_error(
    node: Any, t: Any, version: int, saved: int, writer: str | None
) -> InplaceError:
    from derivo.autograd._lines import lines_of

    shape = ", ".join(map(str, t.shape))
    kind = f"{_LEGACY.get(t.dtype.name, t.dtype.name)} [{shape}]"
    changed = f"changed by '{writer}'" if writer else "changed"
    return InplaceError(
        "[backward] one of the variables needed for gradient computation has been "
        f"modified by an inplace operation: [torch.{kind}], saved by {node.name()}, is "
        f"at version {version}; expected version {saved} instead; it was {changed} "
        f"afterwards. Use the out-of-place form, or clone() the tensor before changing "
        f"it.{lines_of(node, t)}"
    )


_LEGACY = {
    "float32": "FloatTensor",
    "float64": "DoubleTensor",
    "float16": "HalfTensor",
    "bfloat16": "BFloat16Tensor",
}


def install() -> None:
    """Fill the core's slots."""
    from derivo.autograd._saved import saved_attribute, saved_names
    from derivo.autograd._saved_hooks import before_write
    from derivo.autograd._strong_zero import strong_plan, zero_wins
    from derivo.autograd.anomaly_mode import check_nan, note_stack, report
    from derivo.ops import _operators, complex, conversion, shapes, storage, views
    from derivo.ops.products import matmul_operator
    from derivo.ops.reductions import sum_to_size

    tensor._set_home(str(Path(__file__).parent))
    tensor.set_slots(
        matmul=matmul_operator,
        handle=RemovableHandle,
        weakref=weakref.ref,
        warn_non_leaf_grad=_warn_non_leaf_grad,
        saved_attribute=saved_attribute,
        saved_names=saved_names,
        note_stack=note_stack,
    )
    shared = {
        "cast": conversion.fit,
        "zeros_like": conversion.zeros_like_c,
        "zeros": conversion.zeros_c,
        "clone": conversion.clone_recorded,
        "copy": copies._clone,
        "sum_to_size": sum_to_size,
        "copy_complex": complex.copy_complex,
        "resize_out": storage.resize_out,
        "modified_error": _modified_error,
        "rebase": history._rebase,
        "as_strided_node": views.as_strided_node,
        "copy_slices": views.copy_slices,
        "before_write": before_write,
        "pause": time.sleep,
        "check_nan": check_nan,
        "second_time_error": _second_time_error,
        "strong_plan": strong_plan,
        "zero_wins": zero_wins,
        "report": report,
    }
    inplace.set_callbacks(**shared)
    properties = {
        "data": conversion.DATA,
        "device": conversion.DEVICE,
        "real": complex.REAL,
        "imag": complex.IMAG,
        **shapes.PROPERTIES,
    }
    for name, value in properties.items():
        setattr(Tensor, name, value)
    _operators.install()
