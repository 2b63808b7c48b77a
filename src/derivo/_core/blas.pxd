# Matrix products. See blas.pyx.
from libc.stdint cimport int64_t


from derivo._core.tiles cimport Gemm


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

# To call (with the GIL) before a product: makes the kernels of the dtype, and finds
# SciPy's BLAS where it is needed.
cdef int prepare_gemm(int code, int64_t m, int64_t n, int64_t k) except -1

# sums[j] = factor * (sum over rows of m x n elements of float32 or float64, rows
# row_step elements apart, columns 1).
cdef int column_sums(
    int code, int64_t m, int64_t n, const void* source, int64_t row_step,
    double factor, void* sums,
) except -1
