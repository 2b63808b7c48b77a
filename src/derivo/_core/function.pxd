from derivo._core.tensor cimport Node

cdef class FunctionNode(Node):
    cdef dict __dict__
    cdef readonly tuple _positions        # of the tensors among forward's arguments
    cdef readonly list _input_meta        # shape and dtype of each
    cdef readonly Py_ssize_t _count       # of forward's arguments
    cdef public tuple needs_input_grad
    cdef public tuple to_save             # what forward wants to keep, until it is done
    cdef public object saved_for_forward
    cdef public tuple dirty_tensors
    cdef public tuple non_differentiable
    cdef public object materialize_grads
    cdef public object _output_meta
    cdef public bint _in_jvp
    cdef list saved                       # (tensor or Packed, version, output or -1)
    cdef bint freed
