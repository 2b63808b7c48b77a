# The two forms of a matrix product, over generated inner loops. See tiles.pyx.
from libc.stdint cimport int64_t

from derivo._core._types cimport kernel_t

# c (m x n) = alpha * a (m x k) b (k x n) + beta * cin; strides in elements, of rows
# (rs) and columns (cs). cin NULL means c; beta 0 does not read it. c must not overlap
# a or b.
cdef struct Gemm:
    int64_t m, n, k
    const void* a
    const void* b
    void* c
    const void* cin
    int64_t rsa, csa, rsb, csb, rsc, csc, rscin, cscin
    double alpha, beta

# What codegen/tiles.py writes; strides in bytes.
ctypedef void (*tile_t)(
    int64_t k, const char* a, int64_t rs, int64_t cs, const char* b, int64_t ldb,
    char* c, int64_t ldc, const char* cin, int64_t ldcin, double alpha, double beta,
) noexcept nogil
ctypedef void (*dots_t)(
    int64_t k, const char* x, int64_t ldx, const char* y, int64_t ldy, char* out,
) noexcept nogil
ctypedef void (*turn_t)(
    const char* src, int64_t lds, int64_t count, char* dst, int64_t ldd,
) noexcept nogil
ctypedef void (*copy_t)(
    int64_t depth, int64_t panels, const char* src, int64_t ld, char* dst,
) noexcept nogil

cdef enum:
    MOST_ROWS = 14        # of a tile
    # Depth of a block of the right operand: long, because every block reads and writes
    # all of the result once more.
    DEPTH = 512

cdef struct Kernels:
    int64_t size              # bytes of an element
    int64_t rows              # of a tile, at most
    int64_t lanes             # of a vector
    tile_t tiles[14][2]       # by rows - 1 and vectors - 1; NULL: not built yet
    dots_t dots[4]
    dots_t long_dot
    turn_t turn
    copy_t copy_panels
    kernel_t add              # out = x0 + x1
    kernel_t add8             # out = x0 + ... + x7

# c[j] += x0 b0[j] + ... + x3 b3[j], and the same with one row; modulo the type's size.
cdef struct IntegerKernels:
    kernel_t four
    kernel_t one

cdef int build(Kernels* kernels, str dtype, str level) except -1
cdef int build_integers(IntegerKernels* kernels, str dtype) except -1

cdef void by_tiles(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t i1, int64_t j0,
    int64_t j1,
) noexcept nogil
cdef void by_dots(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t i1) noexcept nogil
cdef void pack_columns(
    const Kernels* kernels, const Gemm* g, int64_t j0, int64_t j1, int64_t k0,
    int64_t depth, char* packed,
) noexcept nogil
cdef void by_rows(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t i1, int64_t j0,
    int64_t j1, int64_t k0, int64_t depth, const char* packed, bint first,
) noexcept nogil
cdef void by_integers(
    const IntegerKernels* kernels, int64_t size, const Gemm* g, int64_t i0, int64_t i1,
) noexcept nogil
cdef int sum_columns(
    const Kernels* kernels, int64_t m, int64_t n, const char* source, int64_t row_step,
    double factor, char* sums,
) except -1
