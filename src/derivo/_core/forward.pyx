"""Forward mode's part of the core: tangents on tensors, and the elementwise rule.

While a level is carried out, its tangents are taken off the operands (`hold`) and put
back afterwards (`release`), so that operations see plain tensors, or those of the
levels further out; taking them off, rather than working on aliases, keeps the
operands' identity: views know their base, nodes save what the user has. What the
tangent is computed from are aliases that keep history (`history`): a gradient of a
tangent has no tangent of the same level.
"""

from cpython.object cimport PyObject

from derivo._core._types cimport *
from derivo._core.batch cimport rule_c
from derivo._core.dispatch cimport ElementwiseOp, run
from derivo._core.inplace cimport overlaps_itself
from derivo._core.saved cimport held_now
from derivo._core.tensor cimport (
    PACKS_SAVED, TensorBase, ThreadState, WATCHES_OPS, accumulator_for, dims_tuple,
    dtype_of, grad_fn_of, make, needs_grad, same_shape, thread_state,
)

from derivo._core import reduce

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


# Which method of `op` is called, by the kind of call.
_METHODS = {"inplace": "inplace", "out": "out", "custom": "apply"}

cdef set _active = set()
cdef set _paused = set()
cdef dict _rules = {}


def share(set active, dict rules):
    """Take the levels that are active, and the rules of kinds of levels."""
    global _active, _rules
    _active = active
    _rules = rules


cdef object innermost_c(object args, object level, bint* batch):
    """Innermost active level above `level` among the tensors of `args`."""
    cdef TensorBase t
    for item in args:
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            if t._batch is not None and t._batch.level > level:
                level = t._batch.level
                batch[0] = True
            if t.base is not None:
                settle(t)
            if t._tangents is not None:
                for each in <dict>t._tangents:
                    if each > level and each in _active:
                        level = each
                        batch[0] = False
        elif isinstance(item, dict):
            level = innermost_c(item.values(), level, batch)
        elif isinstance(item, (tuple, list)):
            level = innermost_c(item, level, batch)
    return level


def innermost(args):
    """Innermost active level among the tensors of `args` (0: none), and its kind."""
    cdef bint batch = False
    level = innermost_c(args, 0, &batch)
    return level, "" if not level else "batch" if batch else "tangent"


def handle(str kind, op, tuple args):
    """Let the innermost transform among the operands carry out an operation."""
    cdef bint batch = False
    level = innermost_c(args, 0, &batch)
    if not level:
        if thread_state().flags & WATCHES_OPS and kind != "custom":
            return _rules["watch"](kind, op, args)
        if _paused:
            return unfollowed(kind, op, args)
        # Tangents of a level that has ended.
        forget(args)
        return again(kind, op, args)
    if batch or kind == "reduce":
        return rule_c(kind, op, args, level)
    if kind == "elementwise":
        return elementwise(<ElementwiseOp>op, args, level)
    if kind == "function":
        if op is reduce.sum or op is reduce.mean:
            return linear(op, args, args[0], level)
        if op not in <dict>_callbacks["functions"]:
            return view(op, args, level)
    elif kind == "primitive" and op.linear is True and len(<tuple>args[0]) == 1 and (
            not (op.view or op.inplace or op.multi)):
        return linear(op, args, args[0][0], level)
    return _rules["tangent"](kind, op, args, level)


cdef object again(str kind, op, tuple args):
    if kind == "elementwise" or kind == "primitive" or kind == "function":
        return op(*args)
    return getattr(op, _METHODS[kind])(*args)


cdef object unfollowed(str kind, op, tuple args):
    # Operands may have tangents of levels that are to be looked past for a while.
    cdef ThreadState* state = thread_state()
    cdef int modes = state.modes
    state.modes = 0
    try:
        return again(kind, op, args)
    finally:
        state.modes = modes


def pause(level):
    """Let operations look past the tangents of an active level, until `unpause`."""
    _active.discard(level)
    _paused.add(level)


def unpause(level):
    """Let a level be active again."""
    _paused.discard(level)
    _active.add(level)


cdef int forget(object values) except -1:
    for value in values:
        if isinstance(value, TensorBase):
            clear(<TensorBase>value)
        elif isinstance(value, (tuple, list)):
            forget(value)
    return 0


def fits(TensorBase primal, TensorBase tangent):
    """Whether a tangent may be joined as it is: floating point, of the same layout."""
    return (primal.code >= F16 and tangent.code == primal.code
            and not primal._tangents and not tangent._tangents
            and primal.base is None and tangent.base is None
            and primal.is_contig and tangent.is_contig and same_shape(primal, tangent))


def clear(TensorBase t):
    """Drop the tangents of a tensor and its base: those of levels that have ended."""
    t._tangents = None
    if t.base is not None:
        t.base._tangents = None


cdef inline int hold_one(TensorBase t, object level, list held) except -1:
    cdef dict now
    if t._tangents is not None:
        now = <dict>t._tangents
        if level in now:
            item = (t, now)
            held.append(item)
            if thread_state().flags & PACKS_SAVED:
                held_now.append(item)
            # Not None, which would let a view ask its base.
            if len(now) == 1:
                t._tangents = _nothing
            else:
                now = now.copy()
                del now[level]
                t._tangents = now
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
    cdef TensorBase t
    cdef Py_ssize_t k
    for pair in held if held_now else ():
        for k in range(len(held_now) - 1, -1, -1):
            if held_now[k] is pair:
                del held_now[k]
                break
    for item, before in held:
        t = <TensorBase>item
        if t._tangents is _nothing:
            t._tangents = before
        else:
            # Outer levels may have changed theirs.
            put(t, level, (<dict>before)[level])
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


def shares_memory(TensorBase a, others):
    """Whether `a` lies in the memory of one of some tensors (None among them)."""
    for b in others:
        if b is not None and (<TensorBase?>b).storage.data == a.storage.data:
            return True
    return False


def overlapping(TensorBase t):
    """Whether elements share memory."""
    return overlaps_itself(t)


# ------------------------------------------------------------------ elementwise

def elementwise(ElementwiseOp op, tuple args, level):
    """An elementwise operation on operands some of which have tangents of a level."""
    cdef list given = [None] * op.nin
    cdef list held = []
    cdef PyObject* argv[MAX_OPERANDS]
    cdef int i, mask = 0
    cdef bint recorded = False
    cdef TensorBase t
    cdef ThreadState* state = thread_state()
    for i in range(op.nin):
        item = args[i]
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            if t._tangents is not None:
                tangent = (<dict>t._tangents).get(level)
                if tangent is not None:
                    given[i] = tangent
                    mask |= 1 << i
                    if state.grad_enabled and needs_grad(<TensorBase>tangent):
                        recorded = True
    for i in range(op.nin):
        item = args[i]
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            hold_one(t, level, held)
            if t.base is not None:
                hold_one(t.base, level, held)
    made = None
    for i in range(op.nin + op.nparams):
        argv[i] = <PyObject*>args[i]
    try:
        out = run(op, argv, op.nin + op.nparams, None, False)
        if (mask and op.differentiable and not state.no_forward
                and not state.inference):
            made = derivative(op, args, given, mask, out, recorded)
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


cpdef object view(object op, tuple args, object level):
    """A view: the same one of the tangent."""
    cdef TensorBase x = <TensorBase>args[0]
    cdef list held = []
    given = None if x._tangents is None else (<dict>x._tangents).get(level)
    if given is not None and not same_layout(<TensorBase>given, x):
        given = _callbacks["aligned"](x, given, level)
    hold_c(args, level, held)
    made = None
    try:
        out = op(*args)
        if given is not None and not thread_state().no_forward and (
                not thread_state().inference):
            made = op(given, *args[1:])
    finally:
        release_c(held, level)
    if made is not None:
        attach(<TensorBase>out, level, made)
    return out


cdef object linear(object op, tuple args, TensorBase x, object level):
    """What is linear in its one tensor `x`: the same of the tangent."""
    cdef list held = []
    cdef ThreadState* state = thread_state()
    given = None if x._tangents is None else (<dict>x._tangents).get(level)
    hold_c(args, level, held)
    made = None
    try:
        out = op(*args)
        if (given is not None and (<TensorBase>out).code >= F16
                and not state.no_forward and not state.inference):
            first = given if args[0] is x else (given,)
            made = op(first, *args[1:])
    finally:
        release_c(held, level)
    if made is not None:
        attach(<TensorBase>out, level, made)
    return out


cdef class Plan:
    """How tangents of operands become those of results: see `ops._tangents`."""

    cdef object call          # None if all are zero
    cdef ElementwiseOp op     # the same, if it is one kernel
    cdef int n, nout
    cdef int kinds[16]
    cdef int places[16]
    cdef tuple results

    def __init__(self, call, kinds, places, results):
        cdef int i
        self.call = call
        self.op = call if isinstance(call, ElementwiseOp) else None
        self.nout = 0 if call is None else call.nout
        self.n = len(kinds)
        if self.n > 16:
            raise ValueError("[Plan] at most 16 operands.")
        for i in range(self.n):
            self.kinds[i] = kinds[i]
            self.places[i] = places[i]
        self.results = tuple(results)


def derivative(ElementwiseOp op or None, tuple args, list given, int mask, out,
               bint recorded=False):
    """Tangent of the result(s) `out`; of an operation in place, `out` is None.

    The operands have no tangents of this level; with `recorded`, some tangent requires
    a gradient. None where there is no derivative.
    """
    cdef Plan plan
    cdef list operands
    cdef TensorBase t, like
    cdef bint enabled = thread_state().grad_enabled
    cdef int i, place, at
    cdef PyObject* argv[MAX_OPERANDS]
    for item in args:
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            if t.code >= C64:
                # Linear over the real numbers only: the transpose of the gradient.
                return _callbacks["transposed"](op, args, given, out is None)
            if enabled and needs_grad(t):
                recorded = True
        elif type(item) is complex:
            return _callbacks["transposed"](op, args, given, out is None)
    like = <TensorBase>(args[0] if out is None else out if op.nout == 1 else out[0])
    if like.code < F16:
        return None
    at = 2 * mask + (out is None)
    plan = <Plan>op.forward_plans[at]
    if plan is None:
        plan = Plan(*_callbacks["plan"](op.spec, op.nin, mask, out is not None))
        op.forward_plans[at] = plan
    made = None
    if plan.call is not None:
        operands = []
        for i in range(plan.n):
            place = plan.places[i]
            if plan.kinds[i] == 0:
                operands.append(given[place])
                continue
            if plan.kinds[i] == 1:
                item = args[place]
            elif plan.kinds[i] == 2:
                item = out if op.nout == 1 else out[place]
            else:
                item = args[op.nin + place]
            if recorded and isinstance(item, TensorBase):
                item = history(<TensorBase>item)
                if out is None and place == 0:
                    item = _callbacks["clone"](item)
            operands.append(item)
        if plan.op is None:
            made = plan.call(*operands)
        else:
            for i in range(plan.n):
                argv[i] = <PyObject*>operands[i]
            made = run(plan.op, argv, plan.n, None, False)
    if op.nout == 1:
        return fitted(made, like, plan.results[0])
    return [fitted(made if plan.nout < 2 else made[max(which, 0)],
                   <TensorBase>out[k], which)
            for k, which in enumerate(plan.results)]


cdef object fitted(object made, TensorBase like, int which):
    cdef TensorBase t
    if which < 0:
        return _callbacks["zeros_like"](history(like))
    t = <TensorBase>made
    if not same_shape(t, like):
        t = <TensorBase>_callbacks["clone"](t.expand(dims_tuple(like.rank, like.sizes)))
    if t.code != like.code:
        t = <TensorBase>_callbacks["cast"](t, dtype_of(like.code))
    return t
