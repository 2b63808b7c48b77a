"""Ends of the graph: the nodes of leaves, and of bases whose views were changed."""

import weakref

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_REFCNT
from libc.stdint cimport UINT64_MAX

from derivo._core._types cimport *
from derivo._core.copies cimport copy_into
from derivo._core.dispatch cimport add_c, iadd_c
from derivo._core.inplace cimport creation_message, dense, fallbacks, move_history
from derivo._core.tensor cimport (
    KEEPS_LAYOUT, PLAIN, Node, NodeHooks, TensorBase, ThreadState, add_edge,
    derivo_fresh, grad_fn_of,
    derivo_pool, dims_tuple, dtype_of, edge_at, empty_strided_c, needs_grad,
    next_seq, note_line, same_shape, set_edge, set_hooks, thread_state, use_pool,
)


# Not cleared by the collector: the leaf points here without owning, and `forget` must
# still find the leaf to take that pointer away.
@cython.no_gc_clear
@cython.trashcan(True)
cdef class AccumulateGrad(Node):
    """End of the graph: adds what arrives to the ``grad`` of a leaf."""

    def name(self):
        """PyTorch's name of the node."""
        return "torch::autograd::AccumulateGrad"

    cdef object apply(self, object g):
        cdef TensorBase leaf = self.variable
        cdef TensorBase new = <TensorBase>g
        cdef TensorBase old
        if g is None or not leaf.leaf_grad:
            return None
        if new.code != leaf.code:
            new = <TensorBase>fallbacks["cast"](new, dtype_of(leaf.code))
        if not same_shape(new, leaf):
            new = <TensorBase>fallbacks["sum_to_size"](
                new, dims_tuple(leaf.rank, leaf.sizes))
        # Kernels run without the GIL: another thread's sum must be complete first.
        while self.busy:
            fallbacks["pause"](0.0)
        self.busy = True
        try:
            if leaf.grad_ is None:
                if thread_state().grad_enabled or thread_state().modes:
                    leaf.grad_ = fallbacks["clone"](new)
                elif may_keep(new, leaf):
                    leaf.grad_ = new
                else:
                    leaf.grad_ = copy_like(new, leaf)
            elif thread_state().grad_enabled:
                leaf.grad_ = add_c(leaf.grad_, new)
            else:
                old = <TensorBase>leaf.grad_
                iadd_c(old, new)
        finally:
            self.busy = False
        if leaf.post_hooks is not None:
            for hook in list((<dict>leaf.post_hooks).values()):
                if hook(leaf) is not None:
                    raise RuntimeError(
                        "[register_post_accumulate_grad_hook] hooks should not "
                        "return anything; change tensor.grad in place."
                    )
        return None


cdef bint may_keep(TensorBase g, TensorBase leaf) noexcept:
    # A gradient that nobody else holds becomes `.grad` without a copy, if it has the
    # layout that the leaf's gradient should have. References: the caller's buffer and
    # the local variable.
    cdef int d
    if Py_REFCNT(g) > 2 or g.fn is not None or g.base is not None or g.leaf_grad:
        return False
    # Reading the attribute for the count holds one reference more.
    if Py_REFCNT(g.storage) > 2 or not g.storage.owned:
        return False
    if g.is_contig and leaf.is_contig or thread_state().flags & KEEPS_LAYOUT:
        return True
    if not dense(leaf):
        return g.is_contig
    for d in range(g.rank):
        if g.sizes[d] > 1 and g.steps[d] != leaf.steps[d]:
            return False
    return True


cdef TensorBase copy_like(TensorBase g, TensorBase leaf):
    cdef TensorBase out
    out = empty_strided_c(g.code, leaf.rank, leaf.sizes,
                          leaf.steps if dense(leaf) else NULL)
    copy_into(out, g)
    return out


cdef Node accumulator_of(TensorBase leaf, uint64_t seq):
    """The one live AccumulateGrad of a leaf, for a node recorded at `seq`."""
    cdef AccumulateGrad node
    if leaf.accumulator != NULL:
        node = <AccumulateGrad>leaf.accumulator
    else:
        node = <AccumulateGrad>derivo_fresh(_accumulators, AccumulateGrad)
        node.seq = UINT64_MAX
        node.n_out = 1
        node.variable = leaf
        leaf.accumulator = <void*>node
    if _left_hooks and node.hooks is None:
        node.hooks = take_hooks(leaf, seq)
    return node


cdef void forget(PyObject* dying) noexcept:
    # Without a reference to the object, which has none left.
    cdef TensorBase leaf = (<AccumulateGrad>dying).variable
    if leaf is not None and leaf.accumulator == <void*>dying:
        leaf.accumulator = NULL
        if (<AccumulateGrad>dying).hooks is not None:
            leave_hooks(leaf, (<AccumulateGrad>dying).hooks)


# Graphs recorded while a leaf had a node with hooks hold on to it in PyTorch; here an
# edge may not have asked for the node yet. So its hooks wait for such an edge.
# Identity of the leaf -> (weak reference to it, time that its node was freed, hooks).
cdef dict _left_hooks = {}


cdef int leave_hooks(TensorBase leaf, NodeHooks hooks) except -1:
    key = id(leaf)
    _left_hooks[key] = (
        weakref.ref(leaf, lambda _: _left_hooks.pop(key, None)), next_seq(), hooks)
    return 0


cdef NodeHooks take_hooks(TensorBase leaf, uint64_t seq):
    cdef tuple found = <tuple>_left_hooks.get(id(leaf))
    if found is None or seq >= <uint64_t>found[1]:
        return None
    del _left_hooks[id(leaf)]
    return <NodeHooks>found[2]


cdef derivo_pool* _accumulators = use_pool(AccumulateGrad)
_accumulators.before = forget


def _grad_accumulator(TensorBase leaf):
    return accumulator_of(leaf, UINT64_MAX)


# ------------------------------------------------------------- views changed in place

@cython.trashcan(True)
cdef class CopySlices(Node):
    """History of a base of which a view was changed in place by operation `fn`."""

    cdef Node fn
    cdef readonly tuple base_geometry      # sizes, strides
    cdef readonly tuple view_geometry      # sizes, strides, offset from base, dtype

    def name(self):
        """PyTorch's name of the node."""
        return "torch::autograd::CopySlices"

    cdef void release_saved(self) noexcept:
        if self.fn is not None:
            self.fn.release_saved()

    cdef object apply(self, object g):
        return fallbacks["copy_slices"](self, g)

    def _run_fn(self, g):
        """Gradients of the operation for gradient `g` of the changed view."""
        out = self.fn.apply(g)
        if type(out) is list or type(out) is tuple:
            return list(out)
        return [out]


def _rebase(TensorBase view, Node fn):
    """Give the base of `view`, which `fn` has changed in place, its new history."""
    cdef TensorBase base = view.base
    cdef CopySlices node = CopySlices.__new__(CopySlices)
    cdef int i
    node.seq = next_seq()
    note_line(node)
    node.n_out = 1
    node.fn = fn
    node.base_geometry = (dims_tuple(base.rank, base.sizes),
                          dims_tuple(base.rank, base.steps))
    node.view_geometry = (dims_tuple(view.rank, view.sizes),
                          dims_tuple(view.rank, view.steps),
                          (view.data_ - base.data_) // dtype_of(view.code).itemsize,
                          dtype_of(view.code))
    if needs_grad(base):
        add_edge(node, 0, base)
    else:
        set_edge(node, 0, None, 0)
    for i in range(1, fn.n_edges):
        target, nr = edge_at(fn, i)
        set_edge(node, i, <Node>target, nr)
    move_history(base, node)
    regenerate(view)


cdef Node regenerate(TensorBase view):
    """History of a view whose storage was changed since: a stride view of its base."""
    cdef TensorBase base = view.base
    if view.creation != PLAIN and needs_grad(base):
        raise RuntimeError(creation_message(view, True))
    view.attr_version = view.storage.version
    if view.fn is None and not needs_grad(base):
        return None
    view.fn = <Node?>fallbacks["as_strided_node"](
        base, dims_tuple(view.rank, view.sizes), dims_tuple(view.rank, view.steps),
        (view.data_ - view.storage.data) // dtype_of(view.code).itemsize,
        dtype_of(view.code))
    view.output_nr = 0
    return view.fn


def _copy_in_place_of(TensorBase t):
    """A copy of `t` that stands where `t` stands in the graph.

    What then changes the copy in place is recorded as if it had read `t` itself: the
    copy needs no node. Not for anything that lives on.
    """
    cdef ThreadState* state = thread_state()
    cdef int enabled = state.grad_enabled
    cdef TensorBase out
    cdef Node fn
    if not enabled or state.modes or not needs_grad(t):
        return fallbacks["clone"](t)
    fn = grad_fn_of(t)
    if fn is None and not t.leaf_grad:
        return fallbacks["clone"](t)
    state.grad_enabled = 0
    try:
        out = fallbacks["clone"](t)
    finally:
        state.grad_enabled = enabled
    if fn is None:
        out.fn = accumulator_of(t, UINT64_MAX)
    else:
        out.fn = fn
        out.output_nr = t.output_nr
    return out


set_hooks(NULL, accumulator_of, regenerate)
