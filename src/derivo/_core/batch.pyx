"""The batching rules of what runs most: elementwise, views, sums, products, primitives.

A rule gets an operation's arguments, tensors of a `vmap` level among them, carries the
operation out on the physical tensors, whose first dimension counts the examples, and
wraps the result. What has a graph inside the level, too, gets the node that the plain
operation would have hung on it (see `derivo.func._batch`, which has the other rules).
"""

from cpython.object cimport PyObject

from derivo._core._types cimport *
from derivo._core.dispatch cimport ElementwiseOp, hang, run
from derivo._core.tensor cimport (
    Batch, TensorBase, ThreadState, attach_c, needs_grad, thread_state, wrap_c,
    wrap_view_c,
)

from derivo._core import products, reduce
from derivo._core.dispatch import result_type


cdef class Frame:
    """One running `vmap`."""


# Set by derivo.func._batch: rules by kind of call, rules by function, how a view is
# taken of a physical tensor, products that are more than one step, and tensors among
# the parameters of primitives.
cdef dict _kinds = {}
cdef dict _functions = {}
cdef dict _views = {}
cdef dict _slots = {}


def set_rules(dict kinds, dict functions, dict views, **slots):
    """Take the rules that are Python, and what those here need of Python."""
    global _kinds, _functions, _views
    _kinds = kinds
    _functions = functions
    _views = views
    _slots.update(slots)


# ------------------------------------------------------------------ operands

cdef inline Batch batch_at(object item, int level):
    """What a level knows of an operand, or None."""
    cdef TensorBase t
    cdef Batch b
    if not isinstance(item, TensorBase):
        return None
    t = <TensorBase>item
    if t._batch is None:
        return None
    b = <Batch>t._batch
    return b if b.level == level else None


cpdef object frame_of(object args, int level):
    """Frame of a `vmap` level, from the first of its tensors among `args`."""
    cdef Batch b
    for t in args:
        if isinstance(t, TensorBase):
            b = batch_at(t, level)
            if b is not None:
                return b.frame
        elif isinstance(t, (tuple, list)):
            found = frame_of(t, level)
            if found is not None:
                return found
    return None


def peel(TensorBase t, int level):
    """Physical tensor of `t` at a level, and whether it has the batch dimension."""
    cdef Batch b = batch_at(t, level)
    return (t, False) if b is None else (b.tensor, b.batched)


cdef inline TensorBase bare(TensorBase t, int level, bint* batched):
    cdef Batch b = batch_at(t, level)
    batched[0] = b is not None and b.batched
    return t if b is None else b.tensor


cpdef bint recorded(object args, int level) except -1:
    """Whether the level's own graph gets a node of an operation on these."""
    for item in args:
        if batch_at(item, level) is not None and needs_grad(<TensorBase>item):
            return True
    return False


cdef object with_ones(TensorBase t, int rank):
    # Ones after the batch dimension, for `rank` logical dimensions.
    cdef list shape = [t.sizes[0]]
    cdef int d
    shape += [1] * (rank + 1 - t.rank)
    for d in range(1, t.rank):
        shape.append(t.sizes[d])
    return t.reshape(shape)


cdef object common_dtype(tuple args):
    return result_type(*[
        a for a in args
        if not (isinstance(a, TensorBase) and (<TensorBase>a).code == BOOL)])


cdef list aligned(tuple args, int level, bint* any_batched):
    """Physical operands of an elementwise operation, aligned to broadcast.

    `any_batched`: whether some operand has the batch dimension.
    """
    cdef int rank = 0, i
    cdef int first = -1
    cdef bint mixed = False
    cdef TensorBase t
    cdef Batch b
    cdef list out = list(args)
    cdef unsigned int ours = 0
    for i in range(len(args)):
        item = args[i]
        if not isinstance(item, TensorBase):
            continue
        t = <TensorBase>item
        rank = max(rank, <int>t.rank)
        if first < 0:
            first = t.code
        elif t.code != first:
            mixed = True
        if t._batch is not None:
            b = <Batch>t._batch
            if b.level == level:
                out[i] = b.tensor
                if b.batched:
                    ours |= 1u << i
    any_batched[0] = ours != 0
    common = None
    for i in range(len(args)):
        if not (ours >> i) & 1:
            continue
        t = <TensorBase>out[i]
        if mixed and t.rank == 1 and t.code != BOOL:
            # An example is a 0-d tensor, which weighs less in promotion.
            if common is None:
                common = common_dtype(args)
            t = <TensorBase>t.to(common)
            out[i] = t
        if t.rank != rank + 1:
            out[i] = with_ones(t, rank)
    return out


# ------------------------------------------------------------------ the rules

cdef object rule_c(str kind, object op, tuple args, int level):
    """Carry out an operation on tensors of a `vmap` level."""
    cdef Frame frame
    cdef Batch b
    if kind == "reduce":
        level = 0
        for t in args[0]:
            if isinstance(t, TensorBase) and (<TensorBase>t)._batch is not None:
                b = <Batch>(<TensorBase>t)._batch
                level = max(level, b.level)
    frame = <Frame>frame_of(args, level)
    if kind == "elementwise":
        return elementwise(<ElementwiseOp>op, args, frame, level)
    if kind == "function":
        physical = _views.get(op)
        if physical is not None:
            return view(op, physical, args, frame, level)
        if op is products.again:
            return product(args, frame, level)
        if op is reduce.sum or op is reduce.mean:
            return total(op, args, frame, level)
        return _functions[op](op, args, frame, level)
    if kind == "primitive":
        return primitive(op, args, frame, level)
    return _kinds[kind](op, args, frame, level)


cdef inline int step_out(ThreadState* state, Frame frame) except -999:
    """Turn to the grad mode outside the level; gives the one inside."""
    cdef int before = state.grad_enabled
    if frame.outer is not None:
        state.grad_enabled = frame.outer
    return before


cdef object elementwise(ElementwiseOp op, tuple args, Frame frame, int level):
    cdef ThreadState* state = thread_state()
    cdef PyObject* argv[MAX_OPERANDS]
    cdef bint batched
    cdef int i, n = op.nin + op.nparams
    cdef list physical
    cdef int before = step_out(state, frame)
    try:
        # In this mode, too: what aligns the operands is part of their history.
        physical = aligned(args, level, &batched)
        for i in range(n):
            argv[i] = <PyObject*>physical[i]
        made = run(op, argv, n, None, False)
    finally:
        state.grad_enabled = before
    if op.nout > 1:
        made = [wrap_c(<TensorBase>t, frame, level, batched) for t in made]
    else:
        made = wrap_c(<TensorBase>made, frame, level, batched)
    if frame.outer is not None and before and recorded(args, level):
        return hang(op, made, args, False)
    return made


cdef object view(object op, object physical, tuple args, Frame frame, int level):
    """A view: of the physical tensor, and again in the level's own graph."""
    cdef ThreadState* state = thread_state()
    cdef TensorBase source = <TensorBase>args[0]
    cdef bint batched
    cdef int before, modes
    cdef TensorBase t = bare(source, level, &batched)
    before = step_out(state, frame)
    try:
        if not batched:
            made = op(t, *args[1:])
        elif len(args) == 1:
            made = physical(t, source)
        elif len(args) == 2:
            made = physical(t, source, args[1])
        else:
            made = physical(t, source, *args[1:])
    finally:
        state.grad_enabled = before
    if frame.outer is None:
        return wrap_view_c(<TensorBase>made, frame, level, batched, source)
    # The level's own graph, and which tensor this is a view of.
    modes = state.modes
    state.modes = 0
    try:
        shown = op(*args)
    finally:
        state.modes = modes
    attach_c(<TensorBase>shown, <TensorBase>made, frame, level, batched)
    return shown


cdef object total(object op, tuple args, Frame frame, int level):
    """Sum and mean."""
    cdef ThreadState* state = thread_state()
    cdef TensorBase input = <TensorBase>args[0]
    cdef object dim = args[1], keepdim = args[2]
    cdef bint batched
    cdef TensorBase t = bare(input, level, &batched), out
    cdef int before = step_out(state, frame)
    try:
        if not batched:
            made = op(t, dim, keepdim)
        elif input.rank == 0:
            reduce.reduced_dims(dim, 0)
            made = op(t.unsqueeze(1), 1)
        elif dim is None:
            made = op(t, tuple(range(1, t.rank)), keepdim)
        else:
            dims = [d + 1 for d in reduce.reduced_dims(dim, input.rank)]
            made = op(t, dims, keepdim)
    finally:
        state.grad_enabled = before
    out = wrap_c(<TensorBase>made, frame, level, batched)
    if before and needs_grad(input):
        return reduce.hang_sum(out, op is reduce.mean, input, dim, keepdim)
    return out


cdef object product(tuple args, Frame frame, int level):
    cdef ThreadState* state = thread_state()
    cdef object form, c, a, b, beta, alpha
    cdef bint fa, fb, fc = False
    cdef TensorBase pa, pb, pc = None, out
    cdef int before
    form, c, a, b, beta, alpha = args
    pa = bare(<TensorBase>a, level, &fa)
    pb = bare(<TensorBase>b, level, &fb)
    if c is not None:
        pc = bare(<TensorBase>c, level, &fc)
    before = step_out(state, frame)
    try:
        if not (fa or fb or fc):
            made = products.again(form, pc, pa, pb, beta, alpha)
        elif c is None:
            made = _slots["multiply"](form, pa, fa, pb, fb)
        else:
            made = _slots["multiply_add"](form, pc, fc, (<TensorBase>c).rank, pa, fa,
                                          pb, fb, beta, alpha, frame.size)
    finally:
        state.grad_enabled = before
    out = wrap_c(<TensorBase>made, frame, level, fa or fb or fc)
    if before and recorded((a, b, c), level):
        return products.hang(out, form, c, a, b, beta, alpha)
    return out


cdef object primitive(object op, tuple args, Frame frame, int level):
    cdef ThreadState* state = thread_state()
    cdef tuple tensors = args[0]
    cdef tuple params = args[1:]
    cdef list physical = []
    cdef list flags = []
    if op.inplace:
        _slots["adopt"](tensors[0], tensors[1:], frame, level)
    cdef object plain = bare_params(params, level)
    cdef bint batched = plain is not params and has_each(plain)
    cdef bint needed = False
    cdef int before, modes
    cdef Batch b
    for t in tensors:
        b = batch_at(t, level)
        flags.append(b is not None and b.batched)
        if b is None:
            physical.append(t)
            continue
        physical.append(b.tensor)
        batched = batched or b.batched
        needed = needed or needs_grad(<TensorBase>t)
    if op.inplace:
        if batched and not flags[0]:
            _slots["refuse_inplace"](op.name)
        return change(op, tensors, params, batch_at(tensors[0], level) is not None,
                      frame, physical, flags, plain, batched)
    before = step_out(state, frame)
    try:
        made = physically(op, frame, physical, flags, plain, batched)
    finally:
        state.grad_enabled = before
    if op.view and frame.outer is None:
        if not op.multi:
            return wrap_view_c(<TensorBase>made, frame, level, batched, tensors[0])
        return tuple([wrap_view_c(<TensorBase>m, frame, level, batched, tensors[0])
                      for m in made])
    if op.view:
        modes = state.modes
        state.modes = 0
        try:
            shown = op(tensors, *params)
        finally:
            state.modes = modes
        if op.multi:
            for s, m in zip(shown, made, strict=True):
                attach_c(<TensorBase>s, <TensorBase>m, frame, level, batched)
        else:
            attach_c(<TensorBase>shown, <TensorBase>made, frame, level, batched)
        return shown
    if op.multi:
        made = tuple([
            None if m is None else wrap_c(<TensorBase>m, frame, level, batched)
            for m in made])
    else:
        made = wrap_c(<TensorBase>made, frame, level, batched)
    if needed and before:
        return op.hang(made, tensors, *params)
    return made


def change(op, tuple tensors, tuple params, bint own, Frame frame, list physical,
           list flags, plain, bint batched):
    """A primitive that writes into its first tensor."""
    def compute():
        cdef int inside = step_out(thread_state(), frame)
        try:
            physically(op, frame, physical, flags, plain, batched)
        finally:
            thread_state().grad_enabled = inside

    if not own or frame.outer is None:
        compute()
        return tensors[0]
    return op.hang_inplace(compute, tensors, *params)


cdef object physically(object op, Frame frame, list physical, list flags,
                       object params, bint batched):
    if not batched:
        return op(tuple(physical), *params)
    batch = op.batch
    if batch is None or (has_each(params) and not getattr(batch, "hidden", False)):
        return _slots["looped"](op, frame.size, physical, flags, params)
    return batch(op, frame.size, physical, flags, params)


cdef object bare_params(tuple params, int level):
    """Parameters with physical tensors in place of those of the level."""
    cdef bint changed = False
    cdef list out = []
    cdef Batch b
    for p in params:
        new = p
        if isinstance(p, TensorBase):
            b = batch_at(p, level)
            if b is not None:
                new = _slots["each"](b.tensor) if b.batched else b.tensor
        elif isinstance(p, tuple):
            new = bare_params(<tuple>p, level)
        changed = changed or new is not p
        out.append(new)
    if not changed:
        return params
    if hasattr(params, "_fields"):
        return type(params)(*out)
    return tuple(out)


cdef bint has_each(object params) except -1:
    for p in params:
        if type(p) is _slots["each"] or (isinstance(p, tuple) and has_each(p)):
            return True
    return False
