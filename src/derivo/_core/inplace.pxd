from derivo._core.tensor cimport Node, TensorBase

cdef dict fallbacks     # Python functions that elementwise operations fall back on

cdef object overlap_error(str name)
cdef bint overlaps_itself(TensorBase t) noexcept
cdef int check_overlap(str name, TensorBase out, TensorBase t) except -1
cdef bint dense(TensorBase t) noexcept
cdef int check_inplace(TensorBase t, bint recorded) except -1
cdef str creation_message(TensorBase t, bint indirect)
cdef int move_history(TensorBase t, Node node) except -1
cdef int finish_inplace(TensorBase t, Node node, str name) except -1
