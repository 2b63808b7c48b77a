# Shared C types and limits of the core.
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    BOOL = 0
    U8 = 1
    I8 = 2
    I16 = 3
    I32 = 4
    I64 = 5
    F16 = 6
    BF16 = 7
    F32 = 8
    F64 = 9
    C64 = 10
    C128 = 11
    N_DTYPES = 12

cdef enum:
    INLINE_DIMS = 5   # shapes up to this rank live inside the tensor object
    MAX_DIMS = 64     # as PyTorch
    MAX_OPERANDS = 10  # of one elementwise kernel, so that its key fits in 64 bits

ctypedef void (*kernel_t)(
    const int64_t* sizes, char** ptrs, const int64_t* strides
) noexcept nogil

# A Python number on its way into a kernel.
cdef struct Scalar:
    int kind          # BOOL, I64, F64 or C128
    int64_t i
    double d
    double imag
