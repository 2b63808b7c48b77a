cdef class Frame:
    cdef public object size          # number of examples
    cdef public int level
    cdef public str randomness
    cdef public object outer         # whether recording is on outside, see func._batch

cdef object rule_c(str kind, object op, tuple args, int level)
