from derivo._core.tensor cimport Node, TensorBase

cdef class Packed:
    cdef readonly object data
    cdef readonly object hook
    cdef readonly Node producer
    cdef readonly int nr
    cdef readonly bint own

    cdef TensorBase restore(self, Node node)

cdef Packed pack_tensor(TensorBase t, int own, object hooks)
