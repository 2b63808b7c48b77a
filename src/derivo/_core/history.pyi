# Stub of derivo._core.history, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class AccumulateGrad(Node):
    """End of the graph: adds what arrives to the ``grad`` of a leaf."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def name(self) -> Any:
        """PyTorch's name of the node."""
    @property
    def variable(self) -> Any:
        ...

class CopySlices(Node):
    """History of a base of which a view was changed in place by operation `fn`."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def _run_fn(self, g: Any) -> Any:
        """Gradients of the operation for gradient `g` of the changed view."""
    @property
    def base_geometry(self) -> Any:
        ...
    def name(self) -> Any:
        """PyTorch's name of the node."""
    @property
    def view_geometry(self) -> Any:
        ...

def _copy_in_place_of(t: Any) -> Any:
    """A copy of `t` that stands where `t` stands in the graph.

    What then changes the copy in place is recorded as if it had read `t` itself: the
    copy needs no node. Not for anything that lives on.
    """

def _grad_accumulator(leaf: Any) -> Any: ...

def _rebase(view: Any, fn: Any) -> Any:
    """Give the base of `view`, which `fn` has changed in place, its new history."""
