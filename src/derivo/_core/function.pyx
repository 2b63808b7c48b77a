"""The nodes of `autograd.Function`: what every call of one runs."""

cimport cython

from derivo._core._types cimport *
from derivo._core.elementwise cimport modified_error, second_time_error
from derivo._core.saved cimport Packed, note_tangents, pack_tensor
from derivo._core.tensor cimport (
    PACKS_SAVED, Node, TensorBase, ThreadState, add_edge, dims_tuple, dtype_of,
    needs_grad, next_seq, note_line, set_edge, shallow,
    thread_state,
)


@cython.trashcan(True)
cdef class FunctionNode(Node):
    """Base of the nodes of `autograd.Function`: the ctx object itself."""

    def __cinit__(self):
        self.to_save = ()
        self.dirty_tensors = ()
        self.non_differentiable = ()
        self.materialize_grads = True

    cdef void release_saved(self) noexcept:
        if self.saved:
            self.saved = None
            self.to_save = ()
            self.freed = True

    cdef object apply(self, object g):
        cdef tuple grads = tuple(<list>g) if self.n_out > 1 else (g,)
        cdef tuple out, result
        if self.materialize_grads:
            for item in grads:
                if item is None:
                    grads = self._materialized(grads)
                    break
        given = self._rule()(self, *grads)
        if type(given) is tuple:
            result = <tuple>given
        elif isinstance(given, (tuple, list)):
            result = tuple(given)
        else:
            result = (given,)
        out = as_they_are(self, result)
        if out is None:
            out = self._checked(result)
        return out[0] if self.n_edges == 1 else out

    @property
    def saved_tensors(self):
        """The tensors given to `save_for_backward`, checked to be unchanged."""
        cdef TensorBase t, alias
        cdef list out = []
        if self._in_jvp and self.saved_for_forward is not None:
            return tuple(self.saved_for_forward)
        if self.freed:
            raise second_time_error(self)
        if self.saved is None:
            return self.to_save
        for kept, version, number in self.saved:
            if type(kept) is Packed:
                out.append((<Packed>kept).restore(self))
                continue
            if kept is None:
                out.append(None)
                continue
            t = <TensorBase>kept
            if t.storage.version != <uint32_t>version:
                raise modified_error(self, t, version)
            if number >= 0:
                alias = shallow(t)
                alias.fn = self
                alias.output_nr = number
                t = alias
            out.append(t)
        return tuple(out)

    def _keep(self, tuple outputs):
        """Keep what `save_for_backward` was given, now that the outputs are known."""
        cdef TensorBase t, kept
        cdef list saved = []
        cdef Py_ssize_t k
        cdef int number
        cdef bint packs = thread_state().flags & PACKS_SAVED != 0
        for item in self.to_save:
            if item is None:
                saved.append((None, 0, -1))
                continue
            if not isinstance(item, TensorBase):
                raise TypeError(
                    "[save_for_backward] save_for_backward can only save variables, "
                    f"but argument is of type {type(item).__name__}."
                )
            kept = t = <TensorBase>item
            number = -1
            for k in range(len(outputs)):
                if outputs[k] is item:
                    number = <int>k
            if number >= 0:
                # An output is kept without its history: that is this node.
                kept = shallow(t)
            if packs:
                saved.append((pack_tensor(kept, number, None), t.storage.version,
                              number))
            else:
                saved.append((kept, t.storage.version, number))
        self.saved = saved
        self.to_save = ()

    def _note_tangents(self, int nr, dict tangents, dict before or None):
        for kept, _, which in self.saved or ():
            if which == nr:
                note_tangents(kept, tangents)

    def _set_outputs(self, int n):
        """How many outputs the function has."""
        self.n_out = n

    def _own(self, TensorBase t, int nr):
        """Make `t` output `nr` of this node."""
        t.fn = self
        t.output_nr = nr
        t.leaf_grad = False


def look_up_in_core(type cls):
    """Let nodes of a class made in Python find attributes by the core's function."""
    derivo_take_lookup(cls, FunctionNode)


cdef extern from *:
    """
    /* A class made in Python over one with a `__getattr__` looks up that, and the
       general function too, for every attribute that is there. */
    static void derivo_take_lookup(PyTypeObject* cls, PyTypeObject* base) {
        cls->tp_getattro = base->tp_getattro;
    }
    """
    void derivo_take_lookup(type cls, type base) noexcept


def call_function(cls, FunctionNode node, bint separate, tuple args):
    """Run the `forward` of a Function as the call that `node` records.

    Returns
    -------
    tuple of (object, bool, bool)
        What forward returned, whether the call is recorded, and whether all is done:
        it is one tensor, which is the node's.
    """
    cdef ThreadState* state = thread_state()
    cdef int before = state.grad_enabled
    cdef bint recorded = begin(node, args, before)
    cdef TensorBase out
    state.grad_enabled = 0
    try:
        if separate:
            outputs = cls.forward(*args)
            cls.setup_context(node, args, outputs)
        else:
            outputs = cls.forward(node, *args)
    finally:
        state.grad_enabled = before
    if (not recorded or not isinstance(outputs, TensorBase) or node.dirty_tensors
            or node.non_differentiable):
        return outputs, recorded, False
    out = <TensorBase>outputs
    if out.code < F16 or out.base is not None:
        return outputs, recorded, False
    for item in args:
        if item is out:
            return outputs, recorded, False
    out.fn = node
    out.output_nr = 0
    out.leaf_grad = False
    node._output_meta = (_meta(out),)
    if node.to_save:
        node._keep((out,))
    return out, recorded, True


cdef bint begin(FunctionNode self, tuple args, bint enabled) except -1:
    """Look at the arguments of forward; return whether the call is recorded.

    The edges are made now: forward may change inputs in place.
    """
    cdef bint recorded = False, needed
    cdef Py_ssize_t i
    cdef int edge = 0
    cdef TensorBase t
    cdef list positions = []
    cdef list meta = []
    cdef list needs = []
    for i in range(len(args)):
        item = args[i]
        needed = False
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            positions.append(i)
            meta.append(_meta(t))
            needed = enabled and needs_grad(t)
            if needed:
                recorded = True
        needs.append(needed)
    self._count = len(args)
    self._positions = tuple(positions)
    self._input_meta = meta
    self.needs_input_grad = tuple(needs)
    self.n_out = 1
    if recorded:
        self.seq = next_seq()
        note_line(self)
        for i in positions:
            if needs[i]:
                add_edge(self, edge, <TensorBase>args[i])
            else:
                set_edge(self, edge, None, 0)
            edge += 1
    return recorded


cdef tuple as_they_are(FunctionNode self, tuple result):
    """Gradients for the edges if all of `result` fits, else None."""
    cdef list out = []
    cdef Py_ssize_t i, k = 0
    cdef TensorBase g
    if len(result) != self._count:
        return None
    for i in range(self._count):
        item = result[i]
        if k == len(self._positions) or self._positions[k] != i:
            if item is not None:
                return None
            continue
        if item is not None:
            if not isinstance(item, TensorBase):
                return None
            g = <TensorBase>item
            shape, dtype = self._input_meta[k]
            if dtype_of(g.code) is not dtype:
                return None
            if dims_tuple(g.rank, g.sizes) != shape:
                return None
        out.append(item)
        k += 1
    return tuple(out)


cdef tuple _meta(TensorBase t):
    # (shape, dtype) of a tensor.
    return dims_tuple(t.rank, t.sizes), dtype_of(t.code)


def _history(TensorBase t, Node fn, int nr):
    """Shallow alias of `t` that is output `nr` of node `fn`."""
    cdef TensorBase out = shallow(t)
    out.fn = fn
    out.output_nr = nr
    return out
