"""Structured operations: a forward function, and a derivative made of operations."""

cimport cython

from derivo._core._types cimport *
from derivo._core.elementwise cimport modified_error, second_time_error
from derivo._core.inplace cimport (
    check_inplace, fallbacks, finish_inplace, overlap_error, overlaps_itself,
)
from derivo._core.saved cimport Packed, note_tangents, pack_tensor
from derivo._core.tensor cimport (
    MULTI_OUTPUT, PACKS_SAVED, Node, TensorBase, ThreadState, add_edge,
    derivo_fresh, derivo_pool, dims_tuple, dtype_of, mode_call, moded, needs_grad,
    next_seq, note_line, set_edge, shallow, thread_state, use_pool,
)


@cython.trashcan(True)
cdef class PrimitiveNode(Node):
    """Graph node of a structured operation; what its vjp gets as `ctx`."""

    cdef readonly Primitive op
    cdef readonly tuple params
    cdef readonly tuple shapes        # of the tensor inputs
    cdef readonly tuple needs         # which inputs need a gradient
    cdef readonly tuple outputs       # (shape, dtype) of each output, if several
    cdef readonly object dtype        # of the (first) input
    cdef readonly dict given          # what else the node shows, None without
    cdef list _saved
    cdef list _versions
    cdef list _output_of              # output number of saved outputs, else -1
    cdef list _kept_params            # (tensor, version) of those among the params
    cdef bint freed

    def name(self):
        """PyTorch's name of the node."""
        cdef str name = self.op.node_name
        # PyTorch writes these by hand, in that namespace.
        return f"torch::autograd::{name}" if name.endswith("Backwards") else name

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

    def _note_tangents(self, int nr, dict tangents, dict before or None):
        """Let saved copies of output `nr` have tangents."""
        cdef int k
        if self._saved is not None:
            for k in range(len(self._saved)):
                if self._output_of[k] == nr:
                    note_tangents(self._saved[k], tangents)

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
        if self._kept_params is not None:
            for item, version in self._kept_params:
                if (<TensorBase>item).storage.version != <uint32_t>version:
                    raise modified_error(self, <TensorBase>item, version)
        if self.op.multi:
            # Results behind the last one that can have a gradient have none.
            g = [g] if self.n_out == 1 else list(g)
            if self.outputs is not None:
                g += [None] * (len(self.outputs) - len(g))
        return self.op.vjp(self, g, *self.params)

    def zeros(self, int k):
        """A zero gradient for output `k` (of several)."""
        shape, dtype = self.outputs[k]
        return fallbacks["zeros"](shape, dtype)


cdef list versions_of(tuple params, list found):
    # Masks, targets and the like that are parameters are used again by the derivative.
    for item in params:
        if isinstance(item, TensorBase):
            if found is None:
                found = []
            found.append((item, (<TensorBase>item).storage.version))
        elif type(item) is tuple:
            found = versions_of(<tuple>item, found)
    return found


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

    cdef readonly str name
    cdef readonly str node_name
    cdef readonly object forward
    cdef readonly object vjp
    cdef readonly object save
    cdef readonly bint view
    cdef readonly bint inplace
    cdef readonly bint shared
    cdef readonly bint multi
    cdef readonly type node_type
    cdef derivo_pool* pool
    cdef readonly object doc
    cdef readonly object linear
    cdef readonly object jvp
    cdef readonly object batch
    cdef readonly int edges

    def __cinit__(self, str name, *, node=None, forward, vjp=None, save=None,
                  view=False, inplace=False, shared=False, multi=False, linear=False,
                  jvp=None, batch=None, int edges=0):
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
        self.edges = edges
        self.inplace = inplace
        self.shared = shared
        self.multi = multi
        self.linear = linear
        self.jvp = jvp
        self.batch = batch
        if node is not None:
            self.node_type = type(node, (PrimitiveNode,), {"__slots__": ()})
            self.pool = use_pool(self.node_type)

    def __repr__(self):
        return f"<primitive {self.name}>"

    def __call__(self, tuple tensors, *params, dict given=None):
        """Run the operation; the node shows what is `given` as well, by name."""
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
            if not self.shared and overlaps_itself(t):
                raise overlap_error(self.name)
            if recorded:
                node = self.make_node(tensors, params)
                node.given = given
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
        return self.connect(out, tensors, params, given)

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
        node._kept_params = versions_of(params, None)
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
        if self.edges:
            while node.n_edges > self.edges and not needs[node.n_edges - 1]:
                node.n_edges -= 1
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

    def hang(self, out, tuple tensors, *params, dict given=None):
        """Hang the node of a call on results that were computed elsewhere."""
        if not self.records(tensors):
            return out
        return self.connect(out, tensors, params, given)

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

    cdef object connect(self, object out, tuple tensors, tuple params, dict given):
        cdef TensorBase t
        cdef PrimitiveNode node
        if not self.multi and (<TensorBase>out).code < F16:
            return out
        node = self.make_node(tensors, params)
        node.given = given
        self.finish_node(node, tensors, out, params)
        if not self.multi:
            t = <TensorBase>out
            t.fn = node
            return out
        node.n_out = 0
        meta = []
        for i, item in enumerate(out):
            t = <TensorBase>item
            meta.append((dims_tuple(t.rank, t.sizes), dtype_of(t.code)))
            if t.code >= F16:
                t.fn = node
                t.output_nr = i
                node.n_out = i + 1
        node.n_out = node.n_out or len(out)
        node.outputs = tuple(meta)
        return out

    def node(self, tensors, params, out=None):
        """A node for a call that was made elsewhere (a regenerated history)."""
        cdef PrimitiveNode made = self.make_node(tuple(tensors), tuple(params))
        if out is not None:
            self.finish_node(made, tuple(tensors), out, tuple(params))
        return made
