"""What a change in place is checked for, and what it leaves in the graph."""

from derivo._core._types cimport *
from derivo._core.tensor cimport (
    IN_INFERENCE, IN_NO_GRAD, ITEMSIZE, MULTI_OUTPUT, PLAIN, WATCHES_WRITES, Node,
    TensorBase, ThreadState, needs_grad, note_write, retain_at, same_shape,
    thread_state,
)

cdef dict fallbacks = {}


def set_callbacks(**functions):
    """Set the Python functions that dispatch falls back on."""
    fallbacks.update(functions)


cdef object overlap_error(str name):
    return RuntimeError(
        f"[{name}] unsupported operation: more than one element of the written-to "
        "tensor refers to a single memory location. Please clone() the tensor before "
        "performing the operation."
    )


cdef bint overlaps_itself(TensorBase t) noexcept:
    cdef int d
    for d in range(t.rank):
        if t.sizes[d] > 1 and t.steps[d] == 0:
            return True
    return False


cdef int check_overlap(str name, TensorBase out, TensorBase t) except -1:
    """Refuse an input that shares some but not all places with the output."""
    cdef int d
    if t is out or t.storage.data != out.storage.data or not t.count:
        return 0
    if t.data_ == out.data_ and same_shape(t, out):
        for d in range(t.rank):
            if t.sizes[d] > 1 and t.steps[d] != out.steps[d]:
                break
        else:
            return 0
    if not (dense(t) and dense(out)):
        return 0
    if (t.data_ + t.count * ITEMSIZE[t.code] > out.data_
            and out.data_ + out.count * ITEMSIZE[out.code] > t.data_):
        raise RuntimeError(
            f"[{name}] unsupported operation: some elements of the input tensor and "
            "the written-to tensor refer to a single memory location. Please clone() "
            "the tensor before performing the operation."
        )
    return 0


cdef bint dense(TensorBase t) noexcept:
    # Non-overlapping without gaps, in any order of dimensions.
    cdef int64_t extent = 1
    cdef int d
    if t.is_contig:
        return True
    for d in range(t.rank):
        if t.sizes[d] > 1:
            if t.steps[d] <= 0:
                return False
            extent += (t.sizes[d] - 1) * t.steps[d]
    return extent == t.count and not overlaps_itself(t)


cdef int check_inplace(TensorBase t, bint recorded) except -1:
    """Refuse in-place changes that autograd cannot follow."""
    cdef ThreadState* state = thread_state()
    if t.inference and not state.inference:
        raise RuntimeError(
            "[in-place] Inplace update to inference tensor outside InferenceMode is "
            "not allowed, since it has no version that the change could be told by. "
            "Change a clone() of it, or stay in inference mode."
        )
    if state.flags & WATCHES_WRITES:
        fallbacks["before_write"](t)
    if not state.grad_enabled:
        return 0
    if t.base is not None and (recorded or needs_grad(t)):
        if t.creation != PLAIN:
            raise RuntimeError(creation_message(t, False))
        # Whether or not the base asks for a gradient itself.
        if t.base.fn is None and needs_grad(t):
            raise RuntimeError(
                "[in-place] a view of a leaf Variable that requires grad is being "
                "used in an in-place operation. Change it under derivo.no_grad(), or "
                "work on a clone()."
            )
    if t.leaf_grad and t.fn is None:
        raise RuntimeError(
            "[in-place] a leaf Variable that requires grad is being used in an "
            "in-place operation. Change it under derivo.no_grad(), or work on a "
            "clone()."
        )
    return 0


cdef str creation_message(TensorBase t, bint indirect):
    """Why view `t` cannot follow a change, of itself or (`indirect`) of its base."""
    cdef str what = "is being modified inplace"
    cdef str op = "a custom Function"
    if indirect:
        what = "its base or another view of its base has been modified inplace"
    if t.creation == IN_NO_GRAD or t.creation == IN_INFERENCE:
        mode = "no_grad" if t.creation == IN_NO_GRAD else "inference"
        return (f"[in-place] A view was created in {mode} mode and {what} with grad "
                "mode enabled: whether the change counts for the gradient cannot be "
                "told. Take the view and change it on the same side: inside the block "
                "for a change that is not to count, outside for one that is.")
    if t.fn is not None and t.creation == MULTI_OUTPUT:
        op = t.fn.name().partition("Backward")[0]
    elif t.fn is not None:
        op = t.fn.name()
    elif t.creation == MULTI_OUTPUT:
        op = "a multi-view function"
    if t.creation == MULTI_OUTPUT:
        return (f"[in-place] Output {t.output_nr} of {op} is a view and {what}. It is "
                "one of multiple views that one call returned, whose histories would "
                "all have to change together. Use the out-of-place form.")
    return (f"[in-place] Output {t.output_nr} of {op} is a view and {what}. This view "
            "was created inside a custom Function (or is an input that it returned), "
            "and the history that the change would give it would leave out the "
            "Function's own backward. Let the Function return a clone().")


cdef int finish_inplace(TensorBase t, Node node, str name) except -1:
    """Bump the version of `t` and give it the history `node` (None: unchanged)."""
    note_write(t, name)
    if node is None:
        # An untracked change through a view of an untracked base needs no history.
        if (t.base is not None and t.fn is None
                and not (t.base.leaf_grad or t.base.fn is not None)):
            t.attr_version = t.storage.version
        return 0
    if t.base is None:
        move_history(t, node)
        return 0
    cdef Node old = t.fn
    cdef int nr = t.output_nr
    fallbacks["rebase"](t, node)
    move_retained(t, old, nr)
    return 0


cdef int move_history(TensorBase t, Node node) except -1:
    """Let `t`, changed in place, be the first result of `node`."""
    cdef Node old = t.fn
    cdef int nr = t.output_nr
    t.fn = node
    t.output_nr = 0
    t.leaf_grad = False
    return move_retained(t, old, nr)


cdef int move_retained(TensorBase t, Node old, int nr) except -1:
    # What is kept is the gradient of the value that the tensor has last.
    if not t.retains:
        return 0
    if old is not None and old.hooks is not None and old.hooks.retain is not None:
        old.hooks.retain.pop(nr, None)
    retain_at(t)
    return 0


def _is_dense(TensorBase t):
    """Whether the elements fill their memory without gaps or overlap."""
    return bool(dense(t))


def _overlaps_itself(TensorBase t):
    """Whether some elements share a place (an expanded tensor)."""
    return bool(overlaps_itself(t))


def _check_inplace(TensorBase t, bint recorded):
    """Raise if `t` may not be changed in place now."""
    check_inplace(t, recorded)
    if t.storage.readonly:
        raise RuntimeError("[in-place] the memory of the tensor is read-only.")
    if overlaps_itself(t):
        raise overlap_error("in-place")


def _finish_inplace(TensorBase t, node, str name):
    """Count the change of `t` and give it the history `node` (or None)."""
    finish_inplace(t, <Node?>node if node is not None else None, name)


def _needs_grad(*tensors):
    """Whether recording is on and some tensor requires a gradient."""
    if not thread_state().grad_enabled:
        return False
    for t in tensors:
        if isinstance(t, TensorBase) and needs_grad(<TensorBase>t):
            return True
    return False
