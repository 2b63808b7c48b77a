from cpython.object cimport PyObject
from derivo._core._types cimport Scalar, int64_t, uint64_t
from derivo._core.dispatch cimport ElementwiseOp
from derivo._core.tensor cimport TensorBase

# An operand: a tensor or a number.
cdef struct Arg:
    PyObject* tensor     # NULL for a number
    Scalar number

# How a kernel reads an operand.
cdef enum:
    CONTIGUOUS = 0
    SPLAT = 1
    STRIDED = 2

cdef inline uint64_t pack(uint64_t key, int at, int code, int access) noexcept:
    # Four bits of compute dtype, then six bits an operand.
    return key | ((<uint64_t>code | (<uint64_t>access << 4)) << (4 + 6 * at))

cdef int compute_code(int common) noexcept
cdef int number_code(ElementwiseOp op, int index, int compute) noexcept
cdef void store_number(Scalar* number, int code, char* out) noexcept
cdef object number_object(Scalar* number)
cdef int broadcast_dims(str name, Arg* args, int n, int64_t* sizes) except -1
cdef object launch(ElementwiseOp op, Arg* args, int n, TensorBase alike, int result,
                   int compute, TensorBase out)
cdef object launch_general(ElementwiseOp op, Arg* args, int n, int result,
                           int compute, TensorBase out)
