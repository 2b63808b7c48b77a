from derivo._core._types cimport int8_t, int64_t
from derivo._core.tensor cimport Node, TensorBase

cdef list held_now

cdef class Packed:
    cdef readonly object data
    cdef readonly object hook
    cdef readonly Node producer
    cdef readonly int nr
    cdef readonly bint own
    cdef tuple shape
    cdef int64_t count             # of elements
    cdef int8_t code
    cdef dict tangents             # noted after the tensor was packed

    cdef TensorBase restore(self, Node node)

cdef int note_tangents(object kept, dict tangents) except -1
cdef Packed pack_tensor(TensorBase t, int own, object hooks)
