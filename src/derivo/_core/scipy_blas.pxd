# SciPy's BLAS. See scipy_blas.pyx.
from libc.stdint cimport int64_t

from derivo._core.tiles cimport Gemm

cdef bint blas_is_on() noexcept nogil
cdef int look_for_blas() except -1

# Whether BLAS can do the product: one stride of each operand 1, sizes that fit.
cdef bint blas_fits(const Gemm* g) noexcept nogil
# The part [i0, i1) x [j0, j1) of a product of float32 or float64.
cdef void by_blas(
    int code, const Gemm* g, int64_t i0, int64_t i1, int64_t j0, int64_t j1
) noexcept nogil
