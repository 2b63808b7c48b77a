# Stub of derivo._core.autograd, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class Slot:
    ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class Task:
    ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

def _accumulates() -> Any:
    """Whether the backward pass that is running accumulates in all leaves."""

def _alloc_views(source: Any, out: Any) -> Any:
    """Mark `out`, an alias of `source`, as a view of it."""

def _current_node() -> Any:
    """The node that this thread is running in anomaly mode, or None."""

def _current_task() -> Any:
    """Number of the backward pass that this thread is running, or -1."""

def _edge(t: Any) -> Any:
    """(node, output number) that leads to `t`; its accumulator for a leaf."""

def _in_backward() -> Any:
    """Whether this thread is inside a backward pass."""

def _leads_back(t: Any) -> Any:
    """Whether the graph has a place for gradients of `t`.

    A view that was taken under no_grad of what requires a gradient says that it does,
    too, and has none.
    """

def _queue_callback(callback: Any) -> Any:
    """Call `callback` at the end of the backward pass that is running."""

def _reaches_others(tensors: Any, leaves: Any) -> Any:
    """Whether the graph of `tensors` leads to anything but `leaves`.

    `leaves` are tensors that stand for the start of the graph: leaves, or results of
    a node at which the search stops.
    """

def _will_run(node: Any) -> Any:
    """Whether the backward pass that is running comes to `node`."""

def run_backward(
    roots: Any,
    grads: Any,
    keep_graph: Any,
    create_graph: Any,
    inputs: Any = None,
    accumulate: Any = True,
) -> Any:
    """Run the graph from `roots` back.

    Parameters
    ----------
    roots : list of (Node, int)
        Edges to start from.
    grads : list of Tensor
        Gradient of each root.
    keep_graph, create_graph : bool
        Whether saved tensors are kept, and whether the run is itself recorded.
    inputs : list of (Node, int) or None
        Where gradients are wanted; None: accumulate in all leaves.
    accumulate : bool
        With `inputs`: whether their gradients are also captured as results (False)
        or leaves accumulate them (True).

    Returns
    -------
    list of (Tensor or None)
        The captured gradients, in the order of `inputs`.
    """

def run_from(root: Any) -> Any:
    """Run the graph back from one ordinary real number, with a gradient of one.

    Returns
    -------
    bool
        False, and nothing is done, where more is to be looked at than that.
    """
