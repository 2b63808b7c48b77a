from derivo._core.tensor cimport TensorBase

cdef int copy_into(TensorBase dst, TensorBase src) except -1
cdef TensorBase cast_to(TensorBase t, int code)
cdef TensorBase clone_c(TensorBase t)
cdef TensorBase contiguous_c(TensorBase t)
