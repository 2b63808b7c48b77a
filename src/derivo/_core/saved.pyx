"""What saved-tensor hooks make of a saved tensor, and getting it back.

A node keeps the tensors that it saves as they are. While hooks are on
(`ThreadState.flags`), or when hooks are registered on one saved tensor of a node, a
`Packed` takes the tensor's place: what the pack hook returned, the unpack hook, and
the tensor's place in the graph.
"""

from derivo._core._types cimport uint32_t
from derivo._core.inplace cimport fallbacks
from derivo._core.tensor cimport (
    Node, TensorBase, add_edge, dims_tuple, dtype_of, edge_at, needs_grad, shallow,
    thread_state,
)

cdef object _default_hooks = None

# (tensor, its tangents) of the operands whose tangents forward mode has taken off while
# it runs their operation: pack hooks see the tensors as they were. The first entry of a
# tensor has the tangents of all levels.
cdef list held_now = []


def set_default_hooks(get):
    """Set the function that gives this thread's innermost (pack, unpack)."""
    global _default_hooks
    _default_hooks = get


def _set_flag(int bit, bint on):
    """Set a flag of this thread (see `ThreadState`); returns what it was."""
    cdef bint before = thread_state().flags & bit != 0
    if on:
        thread_state().flags |= bit
    else:
        thread_state().flags &= ~bit
    return before


cdef class Packed:
    """A saved tensor in the form that a pack hook gave it."""

    cdef TensorBase restore(self, Node node):
        """The tensor, with its place in the graph; `node` is what saved it."""
        cdef object value = self.hook(self.data)
        cdef TensorBase out
        if not isinstance(value, TensorBase):
            raise TypeError(
                "[saved_tensors_hooks] Output of saved tensor unpack_hook expected to "
                f"be a Tensor but got result of type {type(value).__name__}."
            )
        out = <TensorBase>value
        if dims_tuple(out.rank, out.sizes) != self.shape:
            if out.count != self.count:
                raise RuntimeError(
                    "[saved_tensors_hooks] unpack_hook returned a tensor of shape "
                    f"{list(out.shape)}, expected {list(self.shape)}, that of the "
                    "tensor that pack_hook got."
                )
            value = out = <TensorBase>out.reshape(self.shape)
        if out.code != self.code:
            value = out = <TensorBase>fallbacks["cast"](out, dtype_of(self.code))
        if self.producer is None and not self.own and self.tangents is None:
            return out
        out = shallow(out)
        if self.producer is not None or self.own:
            out.fn = node if self.own else self.producer
            out.output_nr = self.nr
        if self.tangents is not None:
            # What the hooks have carried along counts.
            out._tangents = {**self.tangents, **(out._tangents or {})}
        return out


cdef int note_tangents(object kept, dict tangents) except -1:
    """Let what a node has saved have further tangents: they came after it was saved."""
    if kept is None or tangents is None:
        return 0
    if type(kept) is Packed:
        (<Packed>kept).tangents = {**((<Packed>kept).tangents or {}), **tangents}
    else:
        (<TensorBase>kept)._tangents = {
            **((<TensorBase>kept)._tangents or {}), **tangents}
    return 0


cdef class _Probe(Node):
    # Borrowed to ask the graph where a tensor comes from.
    pass


cdef Packed pack_tensor(TensorBase t, int own, object hooks):
    """Pack `t`; `own`: which output of the saving node it is, or -1."""
    cdef Packed out = Packed.__new__(Packed)
    cdef int grad = thread_state().grad_enabled
    cdef uint32_t version = t.storage.version
    cdef Node probe
    out.shape = dims_tuple(t.rank, t.sizes)
    out.count = t.count
    out.code = t.code
    out.own = own >= 0
    out.nr = own
    if own < 0 and needs_grad(t):
        probe = _Probe.__new__(_Probe)
        add_edge(probe, 0, t)
        producer, out.nr = edge_at(probe, 0)
        out.producer = <Node>producer
    call, out.hook = _default_hooks() if hooks is None else hooks
    tangents = t._tangents
    for held, before in held_now:
        if held is t:
            # A hook that detaches, as most do, would lose them.
            t._tangents = out.tangents = before
            break
    thread_state().grad_enabled = 0
    try:
        out.data = call(t)
    finally:
        thread_state().grad_enabled = grad
        t._tangents = tangents
    if t.storage.version != version:
        raise RuntimeError(
            "[saved_tensors_hooks] A saved tensor pack hook is modifying its input in "
            "place. An in-place change reaches the very tensor that the user goes on "
            "with: return a changed clone() instead."
        )
    return out


def _pack(TensorBase t, int own, hooks):
    """`Packed` of `t` by the given (pack, unpack), or by this thread's (None)."""
    return pack_tensor(t, own, hooks)
