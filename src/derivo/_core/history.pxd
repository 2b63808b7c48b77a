from derivo._core._types cimport uint64_t
from derivo._core.tensor cimport Node, TensorBase

cdef class AccumulateGrad(Node):
    cdef readonly TensorBase variable
    cdef bint busy             # a thread is adding to the gradient

cdef Node accumulator_of(TensorBase leaf, uint64_t seq)
