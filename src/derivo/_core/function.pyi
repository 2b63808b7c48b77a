# Stub of derivo._core.function, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class FunctionNode(Node):
    """Base of the nodes of `autograd.Function`: the ctx object itself."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def _count(self) -> Any:
        ...
    _in_jvp: Any
    @property
    def _input_meta(self) -> Any:
        ...
    def _keep(self, outputs: Any) -> Any:
        """Keep what `save_for_backward` was given, now that the outputs are known."""
    def _note_tangents(self, nr: Any, tangents: Any, before: Any) -> Any: ...
    _output_meta: Any
    def _own(self, t: Any, nr: Any) -> Any:
        """Make `t` output `nr` of this node."""
    @property
    def _positions(self) -> Any:
        ...
    def _set_outputs(self, n: Any) -> Any:
        """How many outputs the function has."""
    dirty_tensors: Any
    materialize_grads: Any
    needs_input_grad: Any
    non_differentiable: Any
    saved_for_forward: Any
    @property
    def saved_tensors(self) -> Any:
        """The tensors given to `save_for_backward`, checked to be unchanged."""
    to_save: Any

def _history(t: Any, fn: Any, nr: Any) -> Any:
    """Shallow alias of `t` that is output `nr` of node `fn`."""

def call_function(cls: Any, node: Any, separate: Any, args: Any) -> Any:
    """Run the `forward` of a Function as the call that `node` records.

    Returns
    -------
    tuple of (object, bool, bool)
        What forward returned, whether the call is recorded, and whether all is done:
        it is one tensor, which is the node's.
    """

def look_up_in_core(cls: Any) -> Any:
    """Let nodes of a class made in Python find attributes by the core's function."""
