"""Graph nodes other than elementwise ones, and the engine that runs the graph.

The engine is a loop: it counts, from the roots, how many edges lead to each node, and
then runs nodes whose gradients are complete, the latest recorded first (gradient
accumulation before everything else), as PyTorch does. It never recurses, neither when
it counts nor when it runs.
"""

import weakref

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_REFCNT
from libc.stdint cimport UINT64_MAX
from libc.stdlib cimport free, malloc, realloc

from derivo._core._types cimport *
from derivo._core.copies cimport clone_c, copy_into
from derivo._core.dispatch cimport add_c, iadd_c
from derivo._core.elementwise cimport modified_error, second_time_error
from derivo._core.inplace cimport (
    check_inplace, creation_message, dense, finish_inplace, overlaps_itself,
)
from derivo._core.function cimport FunctionNode
from derivo._core.saved cimport Packed, pack_tensor
from derivo._core.tensor cimport (
    IN_NO_GRAD, KEEPS_LAYOUT, MULTI_OUTPUT, PACKS_SAVED, PLAIN, ZERO_WINS, Node,
    NodeHooks, TensorBase, ThreadState, add_edge, anomaly_mode, dims_tuple,
    dtype_of, edge_at, empty_strided_c, grad_fn_of, mode_call, moded, needs_grad,
    next_seq, note_line, same_shape, set_edge, set_hooks, shallow, target_of,
    thread_state, use_pool,
)
from derivo._core.tensor cimport derivo_fresh, derivo_pool, like_c


cdef dict _callbacks = {}


def set_callbacks(**functions):
    """Set the Python functions that nodes and engine fall back on."""
    _callbacks.update(functions)


# ---------------------------------------------------------------- leaves

# Not cleared by the collector: the leaf points here without owning, and `forget` must
# still find the leaf to take that pointer away.
@cython.no_gc_clear
@cython.trashcan(True)
cdef class AccumulateGrad(Node):
    """End of the graph: adds what arrives to the ``grad`` of a leaf."""

    cdef readonly TensorBase variable
    cdef bint busy             # a thread is adding to the gradient

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
            new = <TensorBase>_callbacks["cast"](new, dtype_of(leaf.code))
        if not same_shape(new, leaf):
            new = <TensorBase>_callbacks["sum_to_size"](
                new, dims_tuple(leaf.rank, leaf.sizes))
        # Kernels run without the GIL: another thread's sum must be complete first.
        while self.busy:
            _callbacks["pause"](0.0)
        self.busy = True
        try:
            if leaf.grad_ is None:
                if thread_state().grad_enabled or thread_state().modes:
                    leaf.grad_ = _callbacks["clone"](new)
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


# -------------------------------------------------------------- views changed in place

@cython.trashcan(True)
cdef class CopySlices(Node):
    """History of a base of which a view was changed in place by operation `fn`."""

    cdef Node fn
    cdef readonly tuple base_geometry      # sizes, strides
    cdef readonly tuple view_geometry      # sizes, strides, offset from base, dtype

    cdef void release_saved(self) noexcept:
        if self.fn is not None:
            self.fn.release_saved()

    cdef object apply(self, object g):
        return _callbacks["copy_slices"](self, g)

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
    base.fn = node
    base.output_nr = 0
    base.leaf_grad = False
    regenerate(view)


cdef Node regenerate(TensorBase view):
    """History of a view whose storage was changed since: a stride view of its base."""
    cdef TensorBase base = view.base
    if view.creation != PLAIN and needs_grad(base):
        raise RuntimeError(creation_message(view, True))
    view.attr_version = view.storage.version
    if not needs_grad(base):
        view.fn = None
        return None
    view.fn = <Node?>_callbacks["as_strided_node"](
        base, dims_tuple(view.rank, view.sizes), dims_tuple(view.rank, view.steps),
        (view.data_ - view.storage.data) // dtype_of(view.code).itemsize,
        dtype_of(view.code))
    view.output_nr = 0
    return view.fn


set_hooks(NULL, accumulator_of, regenerate)


# ---------------------------------------------------------------- structured operations

@cython.trashcan(True)
cdef class PrimitiveNode(Node):
    """Graph node of a structured operation; what its vjp gets as `ctx`."""

    cdef readonly Primitive op
    cdef readonly tuple params
    cdef readonly tuple shapes        # of the tensor inputs
    cdef readonly tuple needs         # which inputs need a gradient
    cdef readonly tuple outputs       # (shape, dtype) of each output, if several
    cdef readonly object dtype        # of the (first) input
    cdef list _saved
    cdef list _versions
    cdef list _output_of              # output number of saved outputs, else -1
    cdef bint freed

    def name(self):
        """Name of the operation, e.g. ``'SumBackward0'``."""
        return self.op.node_name

    cdef void release_saved(self) noexcept:
        if self._saved is not None:
            self._saved = None
            self.freed = True

    @property
    def saved(self):
        """The saved tensors, checked to be unchanged."""
        cdef TensorBase t, out
        cdef int k
        if self.freed:
            raise second_time_error(self)
        if self._saved is None:
            return ()
        result = []
        for k in range(len(self._saved)):
            item = self._saved[k]
            if item is None:
                result.append(None)
                continue
            if type(item) is Packed:
                result.append((<Packed>item).restore(self))
                continue
            t = <TensorBase>item
            if t.storage.version != <uint32_t>self._versions[k]:
                raise modified_error(self, t, <uint32_t>self._versions[k])
            if <int>self._output_of[k] >= 0:
                out = shallow(t)
                out.fn = self
                out.output_nr = self._output_of[k]
                result.append(out)
            else:
                result.append(t)
        return tuple(result)

    def _note_tangents(self, int nr, dict tangents, dict before):
        """Let saved copies of output `nr` have tangents."""
        cdef int k
        if self._saved is not None:
            for k in range(len(self._saved)):
                if self._output_of[k] == nr:
                    (<TensorBase>self._saved[k])._tangents = tangents

    def _save(self, tensors, outputs):
        cdef TensorBase t
        cdef int k
        self._saved = []
        self._versions = []
        self._output_of = []
        for item in tensors:
            k = -1
            if item is not None:
                t = <TensorBase?>item
                if t.inference and not thread_state().inference:
                    raise RuntimeError(
                        f"[{self.op.name}] Inference tensors cannot be saved for "
                        "backward: a change of one would go unnoticed. Take a clone() "
                        "of it outside of inference mode, and compute with that."
                    )
                for i, o in enumerate(outputs):
                    if o is t:
                        k = i
                if k >= 0:
                    item = shallow(t)
                if thread_state().flags & PACKS_SAVED:
                    if k >= 0:
                        (<TensorBase>item).fn = self
                        (<TensorBase>item).output_nr = k
                    item = pack_tensor(<TensorBase>item, k, None)
                self._versions.append(t.storage.version)
            else:
                self._versions.append(0)
            self._saved.append(item)
            self._output_of.append(k)

    def _kept_get(self, int k):
        """Saved tensor `k`, checked to be unchanged."""
        return self.saved[k]

    def _kept_raw(self, int k):
        """(what is stored in slot `k`, the output number that it is or -1)."""
        if self.freed:
            raise second_time_error(self)
        return self._saved[k], self._output_of[k]

    def _kept_put(self, int k, value):
        """Let slot `k` store `value`, a `Packed`."""
        self._saved[k] = <Packed?>value

    @property
    def _kept_outputs(self):
        """For each saved tensor: which output it is, or -1."""
        return () if self._output_of is None else tuple(self._output_of)

    cdef object apply(self, object g):
        if self.op.multi and self.n_out == 1:
            g = [g]
        return self.op.vjp(self, g, *self.params)

    def zeros(self, int k):
        """A zero gradient for output `k` (of several)."""
        shape, dtype = self.outputs[k]
        return _callbacks["zeros"](shape, dtype)


cdef bint hides_batch(tuple params) noexcept:
    # Whether a parameter is, or holds, a tensor that vmap follows.
    for item in params:
        if isinstance(item, TensorBase):
            if (<TensorBase>item)._batch is not None:
                return True
        elif isinstance(item, tuple):
            if hides_batch(<tuple>item):
                return True
    return False


cdef class Primitive:
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
    """

    cdef readonly str name
    cdef readonly str node_name
    cdef readonly object forward
    cdef readonly object vjp
    cdef readonly object save
    cdef readonly bint view
    cdef readonly bint inplace
    cdef readonly bint multi
    cdef readonly type node_type
    cdef derivo_pool* pool
    cdef readonly object doc
    cdef readonly object linear
    cdef readonly object jvp
    cdef readonly object batch

    def __cinit__(self, str name, *, node=None, forward, vjp=None, save=None,
                  view=False, inplace=False, multi=False, linear=False, jvp=None,
                  batch=None):
        if (node is None) != (vjp is None):
            raise ValueError(
                f"[{name}] a primitive has either both a node name and a vjp or "
                "neither."
            )
        self.name = name
        self.node_name = node
        self.forward = forward
        self.vjp = vjp
        self.save = save
        self.view = view
        self.inplace = inplace
        self.multi = multi
        self.linear = linear
        self.jvp = jvp
        self.batch = batch
        if node is not None:
            self.node_type = type(node, (PrimitiveNode,), {"__slots__": ()})
            self.pool = use_pool(self.node_type)

    def __repr__(self):
        return f"<primitive {self.name}>"

    def __call__(self, tuple tensors, *params):
        cdef ThreadState* state = thread_state()
        cdef bint recorded = False
        cdef bint enabled = state.grad_enabled
        cdef TensorBase t
        cdef PrimitiveNode node = None
        if state.modes:
            for item in tensors:
                if item is not None and moded(<TensorBase?>item):
                    return mode_call("primitive", self, (tensors, *params))
            if hides_batch(params):
                return mode_call("primitive", self, (tensors, *params))
        if enabled and self.vjp is not None:
            for item in tensors:
                if item is not None and needs_grad(<TensorBase?>item):
                    recorded = True
                    break
        if self.inplace:
            t = <TensorBase>tensors[0]
            check_inplace(t, recorded)
            if t.storage.readonly:
                raise RuntimeError(
                    f"[{self.name}] the memory of the tensor is read-only."
                )
            if overlaps_itself(t):
                raise RuntimeError(
                    f"[{self.name}] unsupported operation: more than one element of "
                    "the written-to tensor refers to a single memory location. Please "
                    "clone() the tensor before performing the operation."
                )
            if recorded:
                node = self.make_node(tensors, params)
        if enabled:
            state.grad_enabled = 0
            try:
                out = self.forward(*tensors, *params)
            finally:
                state.grad_enabled = 1
        else:
            out = self.forward(*tensors, *params)
        if self.view and enabled:
            for item in (out if self.multi else (out,)):
                t = <TensorBase>item
                if t.base is None:
                    continue
                t.creation = (MULTI_OUTPUT if self.multi
                              else (<TensorBase>tensors[0]).creation)
        elif self.inplace:
            finish_inplace(<TensorBase>tensors[0], node, self.name)
            if node is not None:
                self.finish_node(node, tensors, out, params)
            return out
        if not recorded:
            return out
        return self.connect(out, tensors, params)

    cdef PrimitiveNode make_node(self, tuple tensors, tuple params):
        cdef PrimitiveNode node = <PrimitiveNode>derivo_fresh(
            self.pool, self.node_type)
        cdef int i = 0
        cdef TensorBase t
        node.seq = next_seq()
        note_line(node)
        node.op = self
        node.n_out = 1
        node.params = params
        shapes = []
        needs = []
        for item in tensors:
            if item is None:
                set_edge(node, i, None, 0)
                shapes.append(None)
                needs.append(False)
            else:
                t = <TensorBase>item
                shapes.append(dims_tuple(t.rank, t.sizes))
                if needs_grad(t):
                    needs.append(True)
                    add_edge(node, i, t)
                else:
                    needs.append(False)
                    set_edge(node, i, None, 0)
                if node.dtype is None:
                    node.dtype = dtype_of(t.code)
            i += 1
        node.shapes = tuple(shapes)
        node.needs = tuple(needs)
        return node

    cdef int finish_node(self, PrimitiveNode node, tuple tensors, object out,
                         tuple params) except -1:
        outs = out if self.multi else (out,)
        if self.save is None:
            return 0
        if callable(self.save):
            node._save(self.save(node.needs, tensors, out, params), outs)
            return 0
        picked = []
        for item in self.save:
            if item == "out":
                picked.append(out)
            else:
                picked.append(tensors[item])
        node._save(picked, outs)
        return 0

    def hang(self, out, tuple tensors, *params):
        """Hang the node of a call on results that were computed elsewhere."""
        return self.connect(out, tensors, params) if self.records(tensors) else out

    def hang_inplace(self, compute, tuple tensors, *params):
        """Let `compute` change the first tensor, and record it as this operation."""
        cdef TensorBase t
        cdef PrimitiveNode node = None
        cdef bint recorded = self.records(tensors)
        t = <TensorBase>tensors[0]
        check_inplace(t, recorded)
        if recorded:
            node = self.make_node(tensors, params)
        compute()
        finish_inplace(t, node, self.name)
        if node is not None:
            self.finish_node(node, tensors, t, params)
        return t

    cdef bint records(self, tuple tensors) except -1:
        if thread_state().grad_enabled and self.vjp is not None:
            for item in tensors:
                if item is not None and needs_grad(<TensorBase?>item):
                    return True
        return False

    cdef object connect(self, object out, tuple tensors, tuple params):
        cdef TensorBase t
        cdef PrimitiveNode node
        if not self.multi and (<TensorBase>out).code < F16:
            return out
        node = self.make_node(tensors, params)
        self.finish_node(node, tensors, out, params)
        if not self.multi:
            t = <TensorBase>out
            t.fn = node
            return out
        node.n_out = len(out)
        meta = []
        for i, item in enumerate(out):
            t = <TensorBase>item
            meta.append((dims_tuple(t.rank, t.sizes), dtype_of(t.code)))
            if t.code >= F16:
                t.fn = node
                t.output_nr = i
        node.outputs = tuple(meta)
        return out

    def node(self, tensors, params, out=None):
        """A node for a call that was made elsewhere (a regenerated history)."""
        cdef PrimitiveNode made = self.make_node(tuple(tensors), tuple(params))
        if out is not None:
            self.finish_node(made, tuple(tensors), out, tuple(params))
        return made


# ---------------------------------------------------------------- the engine

cdef struct Ready:
    uint64_t seq
    PyObject* node


@cython.final
cdef class Slot:
    # A node's state for a task that cannot use the fields of the node itself.
    cdef int dependencies
    cdef bint owned
    cdef object buffer


cdef int64_t _next_task = 1
cdef bint _fields_taken = False


@cython.final
cdef class Task:
    cdef int64_t id
    cdef bint keep_graph
    cdef bint create_graph
    cdef bint uses_fields
    cdef dict table              # node -> Slot, when the fields are taken
    cdef Ready* heap
    cdef int n_ready
    cdef int capacity
    cdef set needed              # nodes to run; None: all
    cdef dict captures           # node -> [(input number, position)]
    cdef list captured
    cdef list callbacks          # to run when all is done

    def __dealloc__(self):
        cdef int i
        for i in range(self.n_ready):
            Py_DECREF(<object>self.heap[i].node)
        free(self.heap)

    cdef int push(self, Node node) except -1:
        cdef int at, parent
        cdef Ready item
        if self.n_ready == self.capacity:
            self.capacity = 64 if self.capacity == 0 else 2 * self.capacity
            self.heap = <Ready*>realloc(self.heap, self.capacity * sizeof(Ready))
            if self.heap == NULL:
                raise MemoryError
        item.seq = node.seq
        item.node = <PyObject*>node
        Py_INCREF(node)
        at = self.n_ready
        self.n_ready += 1
        while at > 0:
            parent = (at - 1) >> 1
            if self.heap[parent].seq >= item.seq:
                break
            self.heap[at] = self.heap[parent]
            at = parent
        self.heap[at] = item
        return 0

    cdef Node pop(self):
        cdef Node out = <Node>self.heap[0].node
        cdef Ready last
        cdef int at = 0, child
        Py_DECREF(out)       # the caller's variable now owns it
        self.n_ready -= 1
        last = self.heap[self.n_ready]
        while True:
            child = 2 * at + 1
            if child >= self.n_ready:
                break
            if (child + 1 < self.n_ready
                    and self.heap[child + 1].seq > self.heap[child].seq):
                child += 1
            if last.seq >= self.heap[child].seq:
                break
            self.heap[at] = self.heap[child]
            at = child
        self.heap[at] = last
        return out

    cdef bint seen(self, Node node) except -1:
        if self.uses_fields:
            return node.task == self.id
        return node in self.table

    cdef int enter(self, Node node) except -1:
        if self.uses_fields:
            node.task = self.id
            node.dependencies = 0
            node.buffer = None
            node.buffer_owned = False
        else:
            self.table[node] = Slot.__new__(Slot)
        return 0

    cdef int add_dependency(self, Node node, int delta) except? -999:
        cdef Slot slot
        if self.uses_fields:
            node.dependencies += delta
            return node.dependencies
        slot = <Slot>self.table[node]
        slot.dependencies += delta
        return slot.dependencies

    cdef object take(self, Node node):
        cdef Slot slot
        cdef object out
        if self.uses_fields:
            out = node.buffer
            node.buffer = None
            return out
        slot = <Slot>self.table[node]
        out = slot.buffer
        slot.buffer = None
        return out

    cdef int give(self, Node node, int nr, object g) except -1:
        """Add gradient `g` to input `nr` of `node`."""
        cdef Slot slot = None
        cdef object old
        cdef bint owned
        if g is None:
            if node.n_out > 1:
                self.list_of(node)
            return 0
        if node.n_out > 1:
            entries = self.list_of(node)
            old = entries[nr]
            entries[nr] = g if old is None else add_c(old, g)
            return 0
        if self.uses_fields:
            old = node.buffer
            owned = node.buffer_owned
        else:
            slot = <Slot>self.table[node]
            old = slot.buffer
            owned = slot.owned
        if old is None:
            owned = False
        elif owned and not self.create_graph and not thread_state().modes:
            # The sum is ours alone: add in place.
            iadd_c(<TensorBase>old, <TensorBase>g)
            return 0
        else:
            g = add_c(old, g)
            owned = True
        if slot is None:
            node.buffer = g
            node.buffer_owned = owned
        else:
            slot.buffer = g
            slot.owned = owned
        return 0

    cdef list list_of(self, Node node):
        cdef Slot slot
        if self.uses_fields:
            if node.buffer is None:
                node.buffer = [None] * node.n_out
            return <list>node.buffer
        slot = <Slot>self.table[node]
        if slot.buffer is None:
            slot.buffer = [None] * node.n_out
        return <list>slot.buffer


cdef int count_dependencies(Task task, list roots) except -1:
    """Count for each reachable node the edges that lead to it."""
    cdef PyObject** stack = NULL
    cdef int64_t size = 0, capacity = 256
    cdef Node node, target
    cdef int i, nr
    stack = <PyObject**>malloc(capacity * sizeof(PyObject*))
    if stack == NULL:
        raise MemoryError
    try:
        for root in roots:
            node = <Node>root
            if task.seen(node):
                continue
            task.enter(node)
            stack[0] = <PyObject*>node
            size = 1
            while size:
                size -= 1
                node = <Node>stack[size]
                if size + node.n_edges + 1 > capacity:
                    capacity = 2 * capacity + node.n_edges
                    stack = <PyObject**>realloc(stack, capacity * sizeof(PyObject*))
                    if stack == NULL:
                        raise MemoryError
                for i in range(node.n_edges):
                    target = target_of(node, i, &nr)
                    if target is None:
                        continue
                    if not task.seen(target):
                        task.enter(target)
                        stack[size] = <PyObject*>target
                        size += 1
                    task.add_dependency(target, 1)
    finally:
        free(stack)
    return 0


cdef set nodes_towards(list roots, dict captures):
    """Nodes from which a captured node is reached by running them."""
    # Depth first with the children's verdicts known when a node is left.
    cdef dict verdict = {}
    cdef set needed = set()
    cdef list stack = []
    cdef Node node, target
    cdef int i, nr
    cdef bint wanted
    for root in roots:
        if root in verdict:
            continue
        stack.append((root, False))
        while stack:
            item, left = stack.pop()
            node = <Node>item
            if left:
                wanted = False
                for i in range(node.n_edges):
                    target = target_of(node, i, &nr)
                    if target is not None and (target in needed or target in captures):
                        wanted = True
                        break
                if wanted:
                    needed.add(node)
                continue
            if node in verdict:
                continue
            verdict[node] = True
            stack.append((node, True))
            for i in range(node.n_edges):
                target = target_of(node, i, &nr)
                if target is not None and target not in verdict:
                    stack.append((target, False))
    return needed


cdef object call_tensor_hooks(Node node, object g):
    cdef dict table
    if type(node) is AccumulateGrad:
        hooks = (<AccumulateGrad>node).variable.hooks
        if hooks:
            g = run_tensor_hooks(<dict>hooks, g)
        return g
    if node.hooks is None or node.hooks.tensor is None:
        return g
    table = node.hooks.tensor
    for nr in sorted(table):
        if node.n_out > 1:
            if g is not None:
                g[nr] = run_tensor_hooks(table[nr], g[nr])
        else:
            g = run_tensor_hooks(table[nr], g)
    return g


cdef object run_tensor_hooks(dict hooks, object g):
    cdef TensorBase before, after
    if g is None:
        return None
    for hook in list(hooks.values()):
        out = hook(g)
        if out is None:
            continue
        if not isinstance(out, TensorBase):
            raise TypeError(
                f"[register_hook] hook '{getattr(hook, '__name__', hook)}' must return "
                f"a Tensor or None, got {type(out).__name__}."
            )
        before = <TensorBase>g
        after = <TensorBase>out
        if not same_shape(before, after):
            raise RuntimeError(
                f"[register_hook] hook '{getattr(hook, '__name__', hook)}' has changed "
                f"the size of value: expected {list(before.shape)}, got "
                f"{list(after.shape)}."
            )
        if before.code != after.code:
            raise RuntimeError(
                f"[register_hook] hook '{getattr(hook, '__name__', hook)}' has changed "
                f"the type of value (was {dtype_of(before.code)!r} got "
                f"{dtype_of(after.code)!r})."
            )
        g = out
    return g


cdef object call_pre_hooks(Node node, object g):
    cdef TensorBase t
    if node.hooks.pre:
        for hook in list(node.hooks.pre.values()):
            out = hook(tuple(g) if node.n_out > 1 else (g,))
            if out is None:
                continue
            if isinstance(out, TensorBase):
                out = (out,)
            if len(out) != node.n_out:
                raise RuntimeError(
                    f"[register_prehook] hook has returned an incorrect number of "
                    f"values: expected {node.n_out}, got {len(out)}."
                )
            g = list(out) if node.n_out > 1 else out[0]
    if node.hooks.retain:
        for nr, ref in list(node.hooks.retain.items()):
            t = <TensorBase>ref()
            if t is None:
                continue
            part = g[nr] if node.n_out > 1 else g
            if part is None:
                continue
            if t.grad_ is None:
                t.grad_ = (part if thread_state().grad_enabled or thread_state().modes
                           else clone_c(<TensorBase>part))
            else:
                t.grad_ = add_c(t.grad_, part)
    return g


cdef object call_post_hooks(Node node, object result, object g):
    for hook in list(node.hooks.post.values()):
        if node.n_edges == 1 and type(result) is not tuple and type(result) is not list:
            inputs = (result,)
        elif node.n_edges == 0:
            inputs = ()
        else:
            inputs = tuple(result)
        out = hook(inputs, tuple(g) if node.n_out > 1 else (g,))
        if out is None:
            continue
        if isinstance(out, TensorBase):
            out = (out,)
        if len(out) != len(inputs):
            raise RuntimeError(
                f"[register_hook] hook has returned an incorrect number of values: "
                f"expected {len(inputs)}, got {len(out)}."
            )
        result = out[0] if node.n_edges == 1 else list(out)
    return result


cdef int evaluate(Task task, Node node) except -1:
    """Run one node and hand its results to the nodes behind its edges."""
    cdef object g = task.take(node)
    cdef object result, part
    cdef Node target
    cdef int i, nr
    cdef bint empty
    g = call_tensor_hooks(node, g)
    if task.captures is not None:
        places = task.captures.get(node)
        if places is not None:
            for nr, position in places:
                task.captured[position] = (
                    g if node.n_out == 1 else (None if g is None else g[nr]))
        if node not in task.needed:
            return 0
    if node.hooks is not None:
        g = call_pre_hooks(node, g)
    empty = g is None
    if not empty and node.n_out > 1:
        empty = True
        for part in <list>g:
            if part is not None:
                empty = False
                break
    if empty and not isinstance(node, FunctionNode):
        result = None
    else:
        if node.n_out > 1 and g is None:
            g = [None] * node.n_out
        result = node.apply(g)
        if thread_state().flags & ZERO_WINS:
            result = _callbacks["zero_wins"](node, g, result)
    if anomaly_mode & 2:
        _callbacks["check_nan"](node, result)
    if not task.keep_graph:
        node.release_saved()
    if node.hooks is not None and node.hooks.post:
        if result is None and node.n_edges != 1:
            result = [None] * node.n_edges
        result = call_post_hooks(node, result, g)
    g = None
    for i in range(node.n_edges):
        target = target_of(node, i, &nr)
        if target is None:
            continue
        if task.captures is not None and not (
                target in task.needed or target in task.captures):
            continue
        if result is None:
            part = None
        elif type(result) is list:
            part = (<list>result)[i]
        elif type(result) is tuple:
            part = (<tuple>result)[i]
        else:
            part = result
        task.give(target, nr, part)
        part = None
        if task.add_dependency(target, -1) == 0:
            if i == node.n_edges - 1:
                result = None
            task.push(target)
    return 0


cdef int evaluate_watched(Task task, Node node) except -1:
    # In anomaly mode: what fails says where it was recorded.
    cdef ThreadState* state = thread_state()
    cdef void* before = state.node
    state.node = <void*>node
    try:
        evaluate(task, node)
    except BaseException:
        _callbacks["report"](node)
        raise
    finally:
        state.node = before
    return 0


def run_backward(list roots, list grads, bint keep_graph, bint create_graph,
                 inputs=None, bint accumulate=True):
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
    global _next_task, _fields_taken
    cdef Task task = Task.__new__(Task)
    cdef ThreadState* state = thread_state()
    cdef int grad_before = state.grad_enabled
    cdef int backward_before = state.in_backward
    cdef void* task_before = state.task
    cdef list nodes = [pair[0] for pair in roots]
    cdef Node node
    cdef bint took = False
    task.id = _next_task
    _next_task += 1
    task.keep_graph = keep_graph
    task.create_graph = create_graph
    task.uses_fields = not _fields_taken
    if task.uses_fields:
        _fields_taken = True
        took = True
    else:
        task.table = {}
    if inputs is not None:
        task.captures = {}
        task.captured = [None] * len(inputs)
        for position, (target, nr) in enumerate(inputs):
            task.captures.setdefault(target, []).append((nr, position))
        task.needed = nodes_towards(nodes, task.captures)
        if accumulate:
            # Leaves among the inputs run their own node, which accumulates.
            for target, _ in inputs:
                if type(target) is AccumulateGrad:
                    task.needed.add(target)
    state.grad_enabled = create_graph
    state.in_backward = 1
    state.task = <void*>task
    done = False
    try:
        count_dependencies(task, nodes)
        for i in range(len(roots)):
            task.give(<Node>roots[i][0], <int>roots[i][1], grads[i])
        for item in set(nodes):
            node = <Node>item
            if task.add_dependency(node, 0) == 0:
                task.push(node)
        grads = None
        while task.n_ready:
            if anomaly_mode:
                evaluate_watched(task, task.pop())
            else:
                evaluate(task, task.pop())
        done = True
        while task.callbacks:
            task.callbacks.pop(0)()
    finally:
        state.grad_enabled = grad_before
        state.in_backward = backward_before
        state.task = task_before
        if took:
            if not done:
                drop_buffers(task, nodes)
            _fields_taken = False
    return task.captured


def run_from(TensorBase root):
    """Run the graph back from one ordinary real number, with a gradient of one.

    Returns
    -------
    bool
        False, and nothing is done, where more is to be looked at than that.
    """
    cdef TensorBase seed
    cdef ThreadState* state = thread_state()
    cdef Node node
    if (root.count != 1 or (root.code != F32 and root.code != F64) or state.modes
            or not needs_grad(root)):
        return False
    seed = like_c(root, root.code)
    if root.code == F32:
        (<float*>seed.data_)[0] = 1.0
    else:
        (<double*>seed.data_)[0] = 1.0
    seed.inference = state.inference
    node = grad_fn_of(root)
    if node is None:
        run_backward([(accumulator_of(root, UINT64_MAX), 0)], [seed], False, False)
    else:
        run_backward([(node, root.output_nr)], [seed], False, False)
    return True


cdef int drop_buffers(Task task, list roots) except -1:
    # After an error: gradients that wait in nodes would otherwise stay alive.
    cdef list stack = list(roots)
    cdef Node node, target
    cdef int i, nr
    while stack:
        node = <Node>stack.pop()
        if node.task != task.id:
            continue
        node.task = 0
        node.buffer = None
        for i in range(node.n_edges):
            target = target_of(node, i, &nr)
            if target is not None and target.task == task.id:
                stack.append(target)
    return 0


def _edge(TensorBase t):
    """(node, output number) that leads to `t`; its accumulator for a leaf."""
    fn = grad_fn_of(t)
    if fn is None:
        return (accumulator_of(t, UINT64_MAX), 0)
    return (fn, t.output_nr)


def _current_task():
    """Number of the backward pass that this thread is running, or -1."""
    cdef void* task = thread_state().task
    return -1 if task == NULL else (<Task>task).id


def _accumulates():
    """Whether the backward pass that is running accumulates in all leaves."""
    cdef void* task = thread_state().task
    return task == NULL or (<Task>task).captures is None


def _current_node():
    """The node that this thread is running in anomaly mode, or None."""
    cdef void* node = thread_state().node
    return None if node == NULL else <Node>node


def _queue_callback(callback):
    """Call `callback` at the end of the backward pass that is running."""
    cdef void* task = thread_state().task
    if task == NULL:
        raise RuntimeError(
            "[queue_callback] Final callbacks can only be installed during backward "
            "pass."
        )
    if (<Task>task).callbacks is None:
        (<Task>task).callbacks = []
    (<Task>task).callbacks.append(callback)


def _will_run(Node node):
    """Whether the backward pass that is running comes to `node`."""
    cdef void* current = thread_state().task
    cdef Task task
    if current == NULL:
        raise RuntimeError(
            "[register_multi_grad_hook] _get_should_execute_nodes should only be "
            "called during the backward pass."
        )
    task = <Task>current
    if not task.seen(node):
        return False
    if task.captures is None or node in task.needed:
        return True
    if node in task.captures and type(node) is AccumulateGrad:
        raise RuntimeError(
            "[register_multi_grad_hook] A leaf node was passed to "
            "_will_engine_execute_node but we are currently running autograd.grad(). "
            "This is currently not supported."
        )
    return node in task.captures


def _reaches_others(tensors, leaves):
    """Whether the graph of `tensors` leads to anything but `leaves`.

    `leaves` are tensors that stand for the start of the graph: leaves, or results of
    a node at which the search stops.
    """
    cdef set seen = set()
    cdef list stack = []
    cdef Node node, target
    cdef int i, nr
    ends = set()
    for t in leaves:
        if (<TensorBase>t).fn is None:
            ends.add(accumulator_of(<TensorBase>t, UINT64_MAX))
    for t in tensors:
        if not needs_grad(<TensorBase>t):
            continue
        node = grad_fn_of(<TensorBase>t)
        if node is None:
            node = accumulator_of(<TensorBase>t, UINT64_MAX)
        stack.append(node)
    while stack:
        node = <Node>stack.pop()
        if node in ends or node in seen:
            continue
        if type(node) is AccumulateGrad:
            return True
        seen.add(node)
        for i in range(node.n_edges):
            target = target_of(node, i, &nr)
            if target is not None:
                stack.append(target)
    return False


def _in_backward():
    """Whether this thread is inside a backward pass."""
    return thread_state().in_backward != 0


def _alloc_views(TensorBase source, TensorBase out):
    """Mark `out`, an alias of `source`, as a view of it."""
    out.base = source if source.base is None else source.base
    out.attr_version = out.storage.version
    if not thread_state().grad_enabled:
        out.creation = IN_NO_GRAD
