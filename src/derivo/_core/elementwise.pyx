"""The graph node of an elementwise operation, and its backward."""

cimport cython
from cpython.object cimport PyObject

from derivo._core._types cimport *
from derivo._core.dispatch cimport (
    FROM_G, FROM_IN, FROM_OUT, FROM_PARAM, BackwardPlan, ElementwiseOp,
)
from derivo._core.inplace cimport fallbacks
from derivo._core.launch cimport Arg, launch, number_object
from derivo._core.saved cimport Packed, note_tangents, pack_tensor
from derivo._core.tensor cimport (
    LEAF, PACKS_SAVED, ZERO_WINS, Node, TensorBase, ThreadState, add_edge,
    anomaly_mode, derivo_fresh, dims_tuple, dtype_of, next_seq, note_line,
    same_shape, set_edge, shallow, thread_state, transformed,
)


@cython.trashcan(True)
cdef class ElementwiseNode(Node):
    """Graph node of an elementwise operation."""

    def name(self):
        """Name of the operation, e.g. ``'MulBackward0'``."""
        cdef str name = self.op.node_name
        return "torch::autograd::NotImplemented" if name == "NotImplemented" else name

    def __repr__(self):
        return f"<{self.op.node_name} object at {hex(<size_t><PyObject*>self)}>"

    cdef void release_saved(self) noexcept:
        if self.plan.keeps:
            self.kept0 = None
            self.kept1 = None
            self.kept2 = None
            self.kept_more = None
            self.freed = True

    cdef int hidden_edges(self) noexcept:
        return self.op.hidden

    cdef object apply(self, object g):
        return apply_node(self, g)

    def _note_tangents(self, int nr, dict tangents, dict before or None):
        """Let saved outputs, and a saved copy of the old value, have tangents."""
        cdef int k
        for k in range(self.plan.n_sources):
            if self.plan.kinds[k] == FROM_OUT:
                if self.plan.indices[k] == nr:
                    note_tangents(kept(self, k), tangents)
            elif self.plan.kinds[k] == FROM_IN and self.plan.indices[k] == 0:
                note_tangents(kept(self, k), before)

    @property
    def formula(self):
        """Definition and derivatives of the operation, as text and LaTeX."""
        return fallbacks["formula"](self.op.spec)

    def _kept_slots(self):
        """What PyTorch shows of a node: the argument's name, with its slot.

        The slot is None where only a gradient that nobody needs here reads the
        argument; a parameter's lies behind those of what is saved.
        """
        cdef int k, i
        cdef dict places = {}
        cdef int edges = ((1 << self.op.edges) - 1) & ~((1 << self.op.hidden) - 1)
        cdef BackwardPlan plan
        names = getattr(self.op.spec, "operand_names", ())
        for plan in (self.op.plan(edges, self.compute >= C64), self.plan):
            for k in range(plan.n_sources):
                i = plan.indices[k]
                slot = k if plan is self.plan else None
                if plan.kinds[k] == FROM_OUT:
                    places["result" if i == 0 else f"result{i}"] = slot
                    continue
                if plan.kinds[k] == FROM_PARAM:
                    slot = MAX_OPERANDS + i
                    i += self.op.nin
                elif plan.kinds[k] != FROM_IN:
                    continue
                if i < len(names):
                    places["self" if names[i] == "input" else names[i]] = slot
        return places

    @property
    def _kept_shown(self):
        """What else PyTorch shows, by name."""
        return getattr(self.op.spec, "shown", None) or {}

    def _kept_get(self, int k):
        """Saved operand: a tensor, a number, or what a pack hook made."""
        cdef int i
        if k >= MAX_OPERANDS:
            return number_object(&self.numbers[self.op.nin + k - MAX_OPERANDS])
        i = self.plan.indices[k]
        if self.freed:
            raise second_time_error(self)
        saved = unpack(self, k)
        return number_object(&self.numbers[i]) if saved is None else saved

    def _kept_raw(self, int k):
        """(what is stored in a slot, the output number that it is or -1)."""
        if self.freed:
            raise second_time_error(self)
        if k >= MAX_OPERANDS:
            return None, -1
        return (kept(self, k),
                self.plan.indices[k] if self.plan.kinds[k] == FROM_OUT else -1)

    def _kept_put(self, int k, value):
        """Let a slot store `value`, a `Packed`."""
        keep(self, k, <Packed?>value)
        self.packed = True


cdef TensorBase before_change(TensorBase t):
    # The value that `t` has now, in the place in the graph that it has now.
    cdef TensorBase old
    if transformed(t):
        return <TensorBase>fallbacks["clone"](t)
    old = <TensorBase>fallbacks["copy"](t)
    old.fn = t.fn
    old.output_nr = t.output_nr
    return old


cdef inline object kept(ElementwiseNode node, int k):
    """What is saved for source `k` of the plan, or None."""
    if k == 0:
        return node.kept0
    if k == 1:
        return node.kept1
    if k == 2:
        return node.kept2
    return None if node.kept_more is None else node.kept_more[k - 3]


cdef inline int keep(ElementwiseNode node, int k, object value) except -1:
    if k == 0:
        node.kept0 = value
    elif k == 1:
        node.kept1 = value
    elif k == 2:
        node.kept2 = value
    else:
        if node.kept_more is None:
            node.kept_more = [None] * (MAX_OPERANDS - 3)
        node.kept_more[k - 3] = value
    return 0


cdef Py_ssize_t bytes_before_arrays(ElementwiseNode sample):
    # The arrays at the end of a node are set where they are used, and nowhere else.
    return <char*>&sample.versions - <char*><PyObject*>sample


cdef Py_ssize_t node_bytes() except -1:
    """What of a fresh node is to be set (see pool.h)."""
    return bytes_before_arrays(ElementwiseNode.__new__(ElementwiseNode))


cdef inline int link(Node node, int index, TensorBase t) except -1:
    # As `add_edge`, for the usual tensor: not a view.
    cdef object end = t.fn
    cdef int nr = t.output_nr
    if index > 2 or t.base is not None:
        return add_edge(node, index, t)
    if end is None:
        end = t
        nr = LEAF
    if index == 0:
        node.e0 = end
        node.nr0 = nr
    elif index == 1:
        node.e1 = end
        node.nr1 = nr
    else:
        node.e2 = end
        node.nr2 = nr
    return 0


cdef Node make_node(ElementwiseOp op, Arg* args, int n, int mask, int compute,
                    TensorBase result, list results, bint inplace, bint alike):
    cdef BackwardPlan plan = <BackwardPlan>op.plans[mask] if compute < C64 else None
    cdef ElementwiseNode node = <ElementwiseNode>derivo_fresh(op.pool, op.node_type)
    cdef int i, k
    cdef TensorBase t, out = result if result is not None else <TensorBase>results[0]
    cdef list shapes = None
    if plan is None:
        plan = op.plan(mask, compute >= C64)
    node.seq = next_seq()
    note_line(node)
    node.op = op
    node.plan = plan
    node.mask = mask
    node.compute = compute
    node.n_out = op.nout
    node.out_code = out.code
    node.n_edges = op.edges
    for i in range(op.nin):
        if args[i].tensor == NULL:
            node.numbers[i] = args[i].number
            if i > 2 and i < op.edges:
                set_edge(node, i, None, 0)
            continue
        t = <TensorBase>args[i].tensor
        node.in_codes[i] = t.code
        if (mask >> i) & 1:
            link(node, i, t)
            if not alike and not same_shape(t, out):
                if shapes is None:
                    shapes = [None] * op.nin
                shapes[i] = dims_tuple(t.rank, t.sizes)
        elif i > 2:
            set_edge(node, i, None, 0)
    for i in range(op.nin, n):
        node.numbers[i] = args[i].number
    if shapes is not None:
        node.in_shapes = tuple(shapes)
    for k in range(plan.n_sources):
        i = plan.indices[k]
        if plan.kinds[k] == FROM_IN:
            if args[i].tensor == NULL:
                continue
            t = <TensorBase>args[i].tensor
            if inplace and t is out:
                t = before_change(t)
        elif plan.kinds[k] == FROM_OUT:
            if inplace:
                continue           # saved once it is computed
            t = shallow(out if results is None else <TensorBase>results[i])
        else:
            continue
        if t.inference and not thread_state().inference:
            raise RuntimeError(
                f"[{op.name}] Inference tensors cannot be saved for backward: a change "
                "of one would go unnoticed. Take a clone() of it outside of inference "
                "mode, and compute with that."
            )
        keep(node, k, t)
        node.versions[k] = t.storage.version
    if plan.keeps and thread_state().flags & PACKS_SAVED:
        pack_all(node)
    return node


cdef int pack_all(ElementwiseNode node) except -1:
    """Let this thread's saved-tensor hooks pack what the node has saved."""
    cdef int k, own
    cdef TensorBase t
    for k in range(node.plan.n_sources):
        item = kept(node, k)
        if item is None or type(item) is Packed:
            continue
        t = <TensorBase>item
        own = -1
        if node.plan.kinds[k] == FROM_OUT:
            own = node.plan.indices[k]
            t.fn = node
            t.output_nr = own
        keep(node, k, pack_tensor(t, own, None))
    node.packed = True
    return 0


cdef int save_outputs(ElementwiseNode node, list outs) except -1:
    # After an in-place operation: its result, with the version it has now.
    cdef int k
    cdef TensorBase t
    for k in range(node.plan.n_sources):
        if node.plan.kinds[k] == FROM_OUT:
            t = shallow(<TensorBase>outs[node.plan.indices[k]])
            keep(node, k, t)
            node.versions[k] = t.storage.version
    if node.plan.keeps and thread_state().flags & PACKS_SAVED:
        pack_all(node)
    return 0


cdef object second_time_error(Node node=None):
    return fallbacks["second_time_error"](node)


cdef BackwardPlan strong_plan(BackwardPlan plan):
    if plan.strong is None:
        plan.strong = <BackwardPlan?>fallbacks["strong_plan"](plan)
    return plan.strong


cdef object modified_error(Node node, TensorBase t, uint32_t saved):
    return fallbacks["modified_error"](node, t, t.storage.version, saved,
                                       t.storage.writer)


cdef bint spread(TensorBase t) noexcept:
    """Whether `t` is one element, seen at every place."""
    cdef int d
    for d in range(t.rank):
        if t.steps[d] != 0 and t.sizes[d] != 1:
            return False
    return True


cdef object apply_node(ElementwiseNode node, object g):
    """Gradients of the inputs, aligned with the node's edges.

    The gradient itself where only one input needs one, and nobody else looks at it.
    """
    cdef ElementwiseOp op = node.op
    cdef BackwardPlan plan = node.plan
    cdef Arg args[MAX_OPERANDS]
    cdef TensorBase gt, t, first = None
    cdef int i, k, code, position
    cdef bint simple = True, broadcast = node.in_shapes is not None
    cdef ThreadState* state = thread_state()
    # Recorded, or followed by a transform: through the door of every operation.
    cdef bint traced = state.grad_enabled or state.modes
    cdef object made = None, unreached = None
    # Held here: another thread that runs the same graph may free it meanwhile.
    cdef object kept0 = node.kept0
    cdef object kept1 = node.kept1
    cdef object kept2 = node.kept2
    cdef list kept_more = node.kept_more
    if node.freed:
        raise second_time_error(node)
    if state.flags & ZERO_WINS and node.compute < C64:
        plan = strong_plan(plan)
    if op.nout > 1:
        if None in <list>g:
            unreached = _unreached(node, <list>g)
        g = _complete(<list>g)
    if traced or node.packed:
        made = _apply_recorded(node, plan, g)
    elif plan.op is not None:
        for k in range(plan.n_sources):
            i = plan.indices[k]
            args[k].tensor = NULL
            if plan.kinds[k] == FROM_G:
                gt = <TensorBase>g if op.nout == 1 else <TensorBase>(<list>g)[i]
                args[k].tensor = <PyObject*>gt
                t = gt
            elif plan.kinds[k] == FROM_PARAM:
                args[k].number = node.numbers[op.nin + i]
                continue
            else:
                t = <TensorBase>(kept0 if k == 0 else kept1 if k == 1 else kept2
                                 if k == 2 else None if kept_more is None
                                 else kept_more[k - 3])
                if t is None:
                    args[k].number = node.numbers[i]
                    continue
                if t.storage.version != node.versions[k]:
                    raise modified_error(node, t, node.versions[k])
                args[k].tensor = <PyObject*>t
            if first is None:
                first = t
                simple = t.is_contig or spread(t)
            elif simple and (not same_shape(first, t)
                             or not (t.is_contig or spread(t))):
                simple = False
        code = node.out_code
        if op.nin > 1 or broadcast:
            # One dtype for all results of the kernel; casts follow where needed.
            code = -1
            for i in range(op.nin):
                if (node.mask >> i) & 1:
                    if code == -1:
                        code = node.in_codes[i]
                    elif code != node.in_codes[i]:
                        code = node.compute
                        break
            if broadcast and (code == F16 or code == BF16):
                code = F32
        else:
            code = node.in_codes[0]
        made = launch(plan.op, args, plan.n_sources, first if simple else None,
                      code, node.compute, None)
    elif plan.call is not None:
        made = _apply_recorded(node, plan, g)
    # Distribute over the edges.
    if op.nin == 1:
        return _one_result(node, plan, g, made, 0, 0)
    if unreached is None and node.mask & (node.mask - 1) == 0 and (
            node.hooks is None and not (anomaly_mode or state.flags)):
        i = 0
        while not (node.mask >> i) & 1:
            i += 1
        return _one_result(node, plan, g, made, i, 0)
    result = [None] * op.nin
    position = 0
    for i in range(op.nin):
        if (node.mask >> i) & 1:
            if unreached is None or i not in <frozenset>unreached:
                result[i] = _one_result(node, plan, g, made, i, position)
            position += 1
    return result


cdef object _unreached(ElementwiseNode node, list g):
    # Operands of a derivative that no output with a gradient reads: they get none,
    # as the derivative of a product by one factor does not depend on that factor.
    if not getattr(node.op.spec, "derived", False):
        return None
    present = tuple([k for k in range(len(g)) if g[k] is not None])
    return node.op.spec.unread(present)


cdef list _complete(list g):
    # Outputs that no gradient reached count as zero; all have one shape and dtype.
    cdef object present = None
    cdef object x
    cdef bint whole = True
    for x in g:
        if x is None:
            whole = False
        else:
            present = x
    if whole:
        return g
    return [fallbacks["zeros_like"](present) if x is None else x for x in g]


cdef object _one_result(ElementwiseNode node, BackwardPlan plan, object g,
                        object made, int i, int position):
    cdef int which = plan.outs[position]
    cdef TensorBase out
    cdef object shape
    if which == 0 and plan.n_made == 1 and node.in_shapes is None and (
            (<TensorBase>made).code == node.in_codes[i]):
        return made
    if which >= 0:
        out = <TensorBase>made if plan.n_made == 1 else <TensorBase>(<list>made)[which]
    elif which == -1:
        out = <TensorBase>fallbacks["zeros_like"](
            g if node.op.nout == 1 else g[0])
    else:
        out = <TensorBase>g if node.op.nout == 1 else <TensorBase>(<list>g)[-2 - which]
    if node.in_shapes is not None:
        shape = node.in_shapes[i]
        if shape is not None:
            out = sum_to(out, <tuple>shape)
    if out.code != node.in_codes[i]:
        out = <TensorBase>fallbacks["cast"](out, dtype_of(node.in_codes[i]))
    return out


cdef TensorBase sum_to(TensorBase g, tuple shape):
    return <TensorBase>fallbacks["sum_to_size"](g, shape)


cdef object _apply_recorded(ElementwiseNode node, BackwardPlan plan, object g):
    # The backward of the backward: the same plan through recorded operations.
    cdef int k, i
    if plan.call is None:
        return None
    operands = []
    for k in range(plan.n_sources):
        i = plan.indices[k]
        if plan.kinds[k] == FROM_G:
            operands.append(g if node.op.nout == 1 else g[i])
        elif plan.kinds[k] == FROM_PARAM:
            operands.append(number_object(&node.numbers[node.op.nin + i]))
        else:
            saved = unpack(node, k)
            operands.append(
                number_object(&node.numbers[i]) if saved is None else saved)
    return plan.call(*operands)


cdef TensorBase unpack(ElementwiseNode node, int k):
    """Saved operand `k` as a tensor with its place in the graph."""
    cdef object item = kept(node, k)
    cdef TensorBase t, out
    if item is None:
        return None
    if type(item) is Packed:
        return (<Packed>item).restore(node)
    t = <TensorBase>item
    if t.storage.version != node.versions[k]:
        raise modified_error(node, t, node.versions[k])
    if node.plan.kinds[k] == FROM_OUT:
        out = shallow(t)
        out.fn = node
        out.output_nr = node.plan.indices[k]
        return out
    return t
