"""The batching rule of elementwise operations, and what all rules ask of operands.

The rules of `vmap` are Python (`derivo.func._batch`). What runs for every operation on
its tensors is here: which level's frame, which operands have the hidden dimension,
and, for the most frequent kind, the whole of the rule.
"""

from derivo._core._types cimport *
from derivo._core.dispatch cimport ElementwiseOp
from derivo._core.tensor cimport Batch, TensorBase, needs_grad, thread_state

from derivo._core.dispatch import result_type
from derivo._core.tensor import _wrap


def frame_of(args, int level):
    """Frame of a `vmap` level, from the first of its tensors among `args`."""
    cdef Batch b
    for t in args:
        if isinstance(t, TensorBase):
            if (<TensorBase>t)._batch is not None:
                b = <Batch>(<TensorBase>t)._batch
                if b.level == level:
                    return b.frame
        elif isinstance(t, (tuple, list)):
            found = frame_of(t, level)
            if found is not None:
                return found
    return None


def peel(TensorBase t, int level):
    """Physical tensor of `t` at a level, and whether it has the batch dimension."""
    cdef Batch b
    if t._batch is None:
        return t, False
    b = <Batch>t._batch
    if b.level != level:
        return t, False
    return b.tensor, b.batched


def recorded(args, int level):
    """Whether the level's own graph gets a node of an operation on these."""
    cdef TensorBase t
    for item in args:
        if isinstance(item, TensorBase):
            t = <TensorBase>item
            if (t._batch is not None and (<Batch>t._batch).level == level
                    and needs_grad(t)):
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


def operands(tuple args, int level):
    """Physical operands of an elementwise operation, aligned to broadcast.

    Returns
    -------
    operands : list
    batched : bool
        Whether some operand has the batch dimension; if so, all that have are aligned.
    """
    cdef int rank = 0, i
    cdef int first = -1
    cdef bint mixed = False, batched = False
    cdef TensorBase t
    cdef Batch b
    cdef list out = list(args)
    cdef list ours = []
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
                    batched = True
                    ours.append(i)
    common = None
    for i in ours:
        t = <TensorBase>out[i]
        if mixed and t.rank == 1 and t.code != BOOL:
            # An example is a 0-d tensor, which weighs less in promotion.
            if common is None:
                common = common_dtype(args)
            t = <TensorBase>t.to(common)
            out[i] = t
        if t.rank != rank + 1:
            out[i] = with_ones(t, rank)
    return out, batched


def elementwise(ElementwiseOp op, tuple args, frame, int level):
    """The rule of an elementwise operation."""
    cdef int before = thread_state().grad_enabled
    cdef bint batched
    cdef list physical
    outer = frame.outer
    physical, batched = operands(args, level)
    if outer is not None:
        thread_state().grad_enabled = outer
    try:
        made = op(*physical)
    finally:
        thread_state().grad_enabled = before
    if type(made) is list:
        made = [_wrap(t, frame, level, batched) for t in made]
    else:
        made = _wrap(made, frame, level, batched)
    if outer is not None and before and recorded(args, level):
        return op.hang(made, *args)
    return made
