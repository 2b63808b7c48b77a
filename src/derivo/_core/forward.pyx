"""Forward mode's part of the core: tangents on tensors, and the elementwise rule.

While a level is carried out, its tangents are taken off the operands (`hold`) and put
back afterwards (`release`), so that operations see plain tensors, or those of the
levels further out; taking them off, rather than working on aliases, keeps the
operands' identity: views know their base, nodes save what the user has. What the
tangent is computed from are aliases that keep history (`history`): a gradient of a
tangent has no tangent of the same level.
"""

from derivo._core._types cimport *
from derivo._core.dispatch cimport ElementwiseOp, overlaps_itself
from derivo._core.tensor cimport (
    TensorBase, ThreadState, accumulator_for, dims_tuple, dtype_of, grad_fn_of, make,
    needs_grad, same_shape, thread_state,
)

cdef dict _callbacks = {}
cdef dict _nothing = {}


def set_callbacks(**functions):
    """Set the Python functions that tangents are made with."""
    _callbacks.update(functions)


# ------------------------------------------------------------------ tangents of tensors

cdef int settle(TensorBase t) except -1:
    """Give a view the tangents that its base got by a change in place."""
    cdef TensorBase base = t.base
    cdef dict found
    if t._tangents is not None or base is None or not base._tangents:
        return 0
    found = {}
    t._tangents = _nothing
    for level, tangent in (<dict>base._tangents).items():
        found[level] = _callbacks["view_like"](tangent, base, t)
    t._tangents = found
    return 0


def tangents(TensorBase t):
    """What `t` has: a dict from level to tangent, empty where it has none."""
    settle(t)
    return _nothing if t._tangents is None else t._tangents


def innermost(args, set active):
    """Innermost active level among the tensors of `args`, and what it is."""
    cdef object level = 0
    cdef str what = ""
    cdef TensorBase t
    for item in args:
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            if t._batch is not None and t._batch.level > level:
                level = t._batch.level
                what = "batch"
            if t.base is not None:
                settle(t)
            if t._tangents is not None:
                for each in <dict>t._tangents:
                    if each > level and each in active:
                        level = each
                        what = "tangent"
        elif isinstance(item, (tuple, list, dict)):
            found = innermost(item.values() if isinstance(item, dict) else item, active)
            if found[0] > level:
                level, what = found
    return level, what


def clear(TensorBase t):
    """Drop the tangents of a tensor and its base: those of levels that have ended."""
    t._tangents = None
    if t.base is not None:
        t.base._tangents = None


cdef inline int hold_one(TensorBase t, object level, list held) except -1:
    cdef dict rest
    if t._tangents is not None and level in <dict>t._tangents:
        rest = (<dict>t._tangents).copy()
        held.append((t, rest.pop(level)))
        # Not None, which would let a view ask its base.
        t._tangents = rest
    return 0


cdef int hold_c(object tensors, object level, list held) except -1:
    cdef TensorBase t
    for item in tensors:
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            hold_one(t, level, held)
            if t.base is not None:
                hold_one(t.base, level, held)
        elif isinstance(item, (tuple, list)):
            hold_c(item, level, held)
    return 0


def hold(tensors, level):
    """Take the tangents of a level off tensors (and their bases); gives what was."""
    cdef list held = []
    hold_c(tensors, level, held)
    return held


cdef int release_c(list held, object level) except -1:
    for t, tangent in held:
        put(<TensorBase>t, level, tangent)
    return 0


def release(list held, level):
    """Put back what `hold` has taken off."""
    release_c(held, level)


cdef int put(TensorBase t, object level, object tangent) except -1:
    cdef dict now = <dict>t._tangents
    if now:
        now = now.copy()
        now[level] = tangent
        t._tangents = now
    else:
        t._tangents = {level: tangent}
    return 0


def attach(TensorBase out, level, tangent, dict before=None):
    """Give a result its tangent, and the copies that its own node has saved.

    `before` is the tangent, by its level, that an operand changed in place had.
    """
    put(out, level, tangent)
    if out.fn is not None:
        out.fn._note_tangents(out.output_nr, out._tangents, before)


def history(TensorBase t):
    """Alias with the same place in the graph, and what outer levels know of it."""
    cdef TensorBase out = make(t.storage, t.data_, t.code, t.rank, t.sizes, t.steps)
    out._tangents = t._tangents
    out._batch = t._batch
    out.inference = t.inference
    if t.leaf_grad and t.fn is None:
        out.fn = accumulator_for(t)
    else:
        out.fn = grad_fn_of(t)
        out.output_nr = t.output_nr
    return out


def leaf(TensorBase t, bint requires_grad):
    """Alias without history, and what outer levels know of it."""
    cdef TensorBase out = make(t.storage, t.data_, t.code, t.rank, t.sizes, t.steps)
    out._tangents = t._tangents
    out._batch = t._batch
    out.leaf_grad = requires_grad
    return out


def same_layout(TensorBase a, TensorBase b):
    """Whether two tensors of one shape have the same strides, and do not overlap."""
    cdef int d
    if not same_shape(a, b):
        return False
    for d in range(a.rank):
        if a.sizes[d] > 1 and a.steps[d] != b.steps[d]:
            return False
    return True


def offset_between(TensorBase base, TensorBase t):
    """Elements between the first of `base` and the first of `t`."""
    return (t.data_ - base.data_) // dtype_of(t.code).itemsize


def overlapping(TensorBase t):
    """Whether elements share memory."""
    return overlaps_itself(t)


# ------------------------------------------------------------------ elementwise

def elementwise(ElementwiseOp op, tuple args, level):
    """An elementwise operation on operands some of which have tangents of a level."""
    cdef list given = [None] * op.nin
    cdef list held = []
    cdef int i, mask = 0
    cdef TensorBase t
    cdef ThreadState* state = thread_state()
    for i in range(op.nin):
        if isinstance(args[i], TensorBase):
            t = <TensorBase>args[i]
            if t._tangents is not None:
                tangent = (<dict>t._tangents).get(level)
                if tangent is not None:
                    given[i] = tangent
                    mask |= 1 << i
    hold_c(args, level, held)
    try:
        out = op(*args)
        made = None
        if (mask and op.differentiable and not state.no_forward
                and not state.inference):
            made = derivative(op, args, given, mask, out)
    finally:
        release_c(held, level)
    if made is None:
        return out
    if op.nout == 1:
        attach(<TensorBase>out, level, made)
    else:
        for i in range(op.nout):
            attach(<TensorBase>(<list>out)[i], level, made[i])
    return out


def derivative(ElementwiseOp op, tuple args, list given, int mask, out):
    """Tangent of the result(s) `out`; of an operation in place, `out` is None.

    The operands have no tangents of this level. None where there is no derivative.
    """
    cdef tuple plan = <tuple>op.forward_plans.get((mask, out is None))
    cdef list operands
    cdef TensorBase like
    cdef bint recorded = False
    cdef int i
    for item in args:
        if (isinstance(item, complex) or isinstance(item, TensorBase)
                and (<TensorBase>item).code >= C64):
            # Linear over the real numbers only: the transpose of the gradient.
            return _callbacks["transposed"](op, args, given, out is None)
    if plan is None:
        plan = _callbacks["plan"](op.spec, op.nin, mask, out is not None)
        op.forward_plans[mask, out is None] = plan
    call, kinds, places, results = plan
    if thread_state().grad_enabled:
        for item in args:
            if isinstance(item, TensorBase) and needs_grad(<TensorBase>item):
                recorded = True
                break
    like = <TensorBase>(args[0] if out is None else out if op.nout == 1 else out[0])
    if like.code < F16:
        return None
    made = None
    if call is not None:
        operands = []
        for i in range(len(<tuple>kinds)):
            kind = (<tuple>kinds)[i]
            place = (<tuple>places)[i]
            if kind == 0:
                operands.append(given[place])
                continue
            if kind == 1:
                item = args[place]
            elif kind == 2:
                item = out if op.nout == 1 else out[place]
            else:
                item = args[op.nin + place]
            if recorded and isinstance(item, TensorBase):
                item = (_callbacks["clone"](history(item)) if out is None and place == 0
                        else history(item))
            operands.append(item)
        made = call(*operands)
    if op.nout == 1:
        return fitted(made, like, results[0], 0)
    return [fitted(made if call is None or call.nout == 1 else made[max(which, 0)],
                   <TensorBase>out[k], which, k)
            for k, which in enumerate(results)]


cdef object fitted(object made, TensorBase like, int which, int k):
    cdef TensorBase t
    if which < 0:
        return _callbacks["zeros_like"](history(like))
    t = <TensorBase>made
    if not same_shape(t, like):
        t = <TensorBase>_callbacks["clone"](t.expand(dims_tuple(like.rank, like.sizes)))
    if t.code != like.code:
        t = <TensorBase>_callbacks["cast"](t, dtype_of(like.code))
    return t
