from derivo._core._types cimport MAX_OPERANDS, int64_t, kernel_t, uint64_t
from derivo._core.tensor cimport TensorBase

cdef class ReduceOp:
    cdef readonly str name
    cdef readonly object spec
    cdef readonly int nin
    cdef readonly int nout
    cdef readonly ReduceOp partial     # gives parts of a long reduction
    cdef readonly ReduceOp final       # puts the parts together
    cdef readonly bint totals          # whether kept points add to some outputs
    cdef int partial_code
    cdef str out_spaces
    cdef str in_spaces
    cdef dict table
    cdef kernel_t plain[4]             # see `plain_total`

    cdef kernel_t kernel_for(self, object key) except NULL

cdef TensorBase sum_c(TensorBase t, uint64_t mask, bint keepdim, int code)
