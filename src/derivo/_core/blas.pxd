# Matrix products. See blas.pyx.
from libc.stdint cimport int64_t


cdef extern from "gemm.h" nogil:
    # c (m x n) = alpha * a (m x k) b (k x n) + beta * cin; strides in elements, of
    # rows (rs) and columns (cs). cin NULL means c; beta 0 does not read it. c must
    # not overlap a or b.
    ctypedef struct Gemm "derivo_gemm":
        int64_t m, n, k
        const void* a
        const void* b
        void* c
        const void* cin
        int64_t rsa, csa, rsb, csb, rsc, csc, rscin, cscin
        double alpha, beta


# One product of matrices of the dtype `code` (all but bool and complex), by several
# threads when large. Call without the GIL when `gemm_is_long`. -1: no memory for the
# copies that some layouts and the 16-bit floats need (MemoryError).
cdef int gemm(int code, Gemm* g) noexcept nogil

# `count` products, the operands of the next one a step (in elements) further on.
cdef int gemm_batch(
    int code, Gemm* g, int64_t count, int64_t step_a, int64_t step_b, int64_t step_c,
    int64_t step_cin,
) noexcept nogil

cdef bint gemm_is_long(int64_t m, int64_t n, int64_t k) noexcept nogil

# To call (with the GIL) before a product: finds SciPy's BLAS where it is needed.
cdef int prepare_gemm(int64_t m, int64_t n, int64_t k) except -1

# sums[j] = factor * (sum over rows of m x n elements of float32 or float64, rows
# row_step elements apart, columns 1).
cdef void column_sums(
    int code, int64_t m, int64_t n, const void* source, int64_t row_step,
    double factor, void* sums,
) noexcept nogil
