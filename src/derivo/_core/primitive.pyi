# Stub of derivo._core.primitive, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class Primitive:
    """A structured operation: forward, derivative and what it saves, side by side.

    Parameters
    ----------
    name : str
        Name in error messages.
    node : str or None
        Name of the graph node; None for operations without derivative.
    forward : callable
        ``forward(*tensors, *params)`` gives the result (or a tuple of them); it runs
        with recording off.
    vjp : callable
        ``vjp(ctx, g, *params)`` gives the gradient of each tensor input (a tuple or
        list, None where there is none; the gradient itself if there is one input).
        `ctx` is the node: ``ctx.saved``, ``ctx.shapes``, ``ctx.needs``, ``ctx.dtype``.
        With several outputs `g` is a list with None for those that got no gradient;
        ``ctx.zeros(k)`` stands in.
    save : callable or tuple
        ``save(needs, inputs, out, params)`` gives the tensors to save; or a tuple of
        input numbers and ``"out"``.
    view : bool
        Whether results alias the input.
    inplace : bool
        Whether forward writes into the first tensor and returns it.
    shared : bool
        Whether that may be a tensor some of whose elements share their memory: an
        operation in place that gives all elements one value.
    multi : bool
        Whether the result is a tuple even if it has one entry.
    linear : bool or tuple of int
        Whether the operation is linear in its tensors together (or in those that the
        tuple names): the tangent is the operation of the tangents, zero where there
        is none.
    jvp : callable
        ``jvp(tangents, tensors, out, *params)`` gives the tangent of `out`, where that
        is neither linear nor best taken from `vjp`: `tangents` has None where there is
        none. Of an operation in place, the first tangent is there and is changed.
    batch : callable or None
        Rule of `vmap`: ``batch(op, size, tensors, flags, params)`` gives the result(s)
        with the batch dimension first; so have the tensors whose flag is set (see
        `derivo.ops._batching`). None: one call per example, with a warning.
    edges : int
        How many tensors have an edge in the graph whether or not they need a gradient;
        all of them by default. The others are what PyTorch takes as numbers or has no
        derivative for, and have an edge if they need one.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __call__(*args: Any, **kwargs: Any) -> Any: ...
    def __repr__(self) -> str: ...
    @property
    def batch(self) -> Any:
        ...
    @property
    def doc(self) -> Any:
        ...
    @property
    def edges(self) -> Any:
        ...
    @property
    def forward(self) -> Any:
        ...
    def hang(self, out: Any, tensors: Any, *params: Any, given: Any = None) -> Any:
        """Hang the node of a call on results that were computed elsewhere."""
    def hang_inplace(self, compute: Any, tensors: Any, *params: Any) -> Any:
        """Let `compute` change the first tensor, and record it as this operation."""
    @property
    def inplace(self) -> Any:
        ...
    @property
    def jvp(self) -> Any:
        ...
    @property
    def linear(self) -> Any:
        ...
    @property
    def multi(self) -> Any:
        ...
    @property
    def name(self) -> str:
        ...
    def node(self, tensors: Any, params: Any, out: Any = None) -> Any:
        """A node for a call that was made elsewhere (a regenerated history)."""
    @property
    def node_name(self) -> Any:
        ...
    @property
    def node_type(self) -> Any:
        ...
    @property
    def save(self) -> Any:
        ...
    @property
    def shared(self) -> Any:
        ...
    @property
    def view(self) -> Any:
        ...
    @property
    def vjp(self) -> Any:
        ...

class PrimitiveNode(Node):
    """Graph node of a structured operation; what its vjp gets as `ctx`."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def _kept_get(self, k: Any) -> Any:
        """Saved tensor `k`, checked to be unchanged."""
    @property
    def _kept_outputs(self) -> Any:
        """For each saved tensor: which output it is, or -1."""
    def _kept_put(self, k: Any, value: Any) -> Any:
        """Let slot `k` store `value`, a `Packed`."""
    def _kept_raw(self, k: Any) -> Any:
        """(what is stored in slot `k`, the output number that it is or -1)."""
    def _note_tangents(self, nr: Any, tangents: Any, before: Any) -> Any:
        """Let saved copies of output `nr` have tangents."""
    def _save(self, tensors: Any, outputs: Any) -> Any: ...
    @property
    def dtype(self) -> Any:
        ...
    @property
    def given(self) -> Any:
        ...
    def name(self) -> Any:
        """PyTorch's name of the node."""
    @property
    def needs(self) -> Any:
        ...
    @property
    def op(self) -> Any:
        ...
    @property
    def outputs(self) -> Any:
        ...
    @property
    def params(self) -> Any:
        ...
    @property
    def saved(self) -> Any:
        """The saved tensors, checked to be unchanged."""
    @property
    def shapes(self) -> Any:
        ...
    def zeros(self, k: Any) -> Any:
        """A zero gradient for output `k` (of several)."""
