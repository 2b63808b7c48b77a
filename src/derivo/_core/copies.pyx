"""Copies of values between tensors: broadcast, converted, in any layout."""

from cpython.object cimport PyObject
from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.dispatch cimport BackwardPlan, ElementwiseOp
from derivo._core.inplace cimport dense, fallbacks
from derivo._core.launch cimport Arg, compute_code, launch_general
from derivo._core.tensor cimport (
    ITEMSIZE, DType, TensorBase, empty_c, empty_strided_c, make, readable,
    same_shape, thread_state,
)


class _CopySpec:
    operand_names = ("input",)

    def build(self, in_dtypes, out_dtypes, compute_dtype, layout):
        from derivo.codegen import build_map
        from derivo.ir.expr import var

        return build_map("copy", (var(0),), in_dtypes, out_dtypes, compute_dtype,
                         layout)

    def backward(self, mask):
        return BackwardPlan(None, (), (-2,))


cdef ElementwiseOp _copy = ElementwiseOp("copy", 1, 0, 1, "same", None, _CopySpec())

# Bytes are moved as integers of the same width, whatever they mean.
cdef int[17] _MOVE_CODE
_MOVE_CODE[1] = U8
_MOVE_CODE[2] = I16
_MOVE_CODE[4] = I32
_MOVE_CODE[8] = I64


cdef int copy_into(TensorBase dst, TensorBase src) except -1:
    """Copy values with broadcasting and conversion; autograd does not see it."""
    cdef Arg arg
    cdef TensorBase d = dst, s = src
    cdef int width, kind
    if dst.count == 0:
        if not same_shape(dst, src):
            broadcast_check(dst, src)
        return 0
    if (dst.code == src.code and dst.is_contig and src.is_contig
            and same_shape(dst, src)):
        if dst.data_ != src.data_:
            memcpy(dst.data_, src.data_, dst.count * ITEMSIZE[dst.code])
        return 0
    if dst.code == src.code:
        width = ITEMSIZE[dst.code]
        if width == 16:
            # Two words an element: one more dimension.
            d = _as_words(dst)
            s = _as_words(src)
            kind = I64
        else:
            kind = _MOVE_CODE[width]
            d = make(dst.storage, dst.data_, kind, dst.rank, dst.sizes, dst.steps)
            s = make(src.storage, src.data_, kind, src.rank, src.sizes, src.steps)
        arg.tensor = <PyObject*>s
        launch_general(_copy, &arg, 1, kind, kind, d)
        return 0
    if dst.code >= C64 or src.code >= C64:
        fallbacks["copy_complex"](dst, src)
        return 0
    arg.tensor = <PyObject*>src
    # Convert straight from the source's type: what is computed is the source value.
    launch_general(_copy, &arg, 1, dst.code, compute_code(src.code), dst)
    return 0


cdef TensorBase _as_words(TensorBase t):
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int i
    for i in range(t.rank):
        dims[i] = t.sizes[i]
        steps[i] = 2 * t.steps[i]
    dims[t.rank] = 2
    steps[t.rank] = 1
    return make(t.storage, t.data_, I64, t.rank + 1, dims, steps)


cdef int broadcast_check(TensorBase dst, TensorBase src) except -1:
    cdef int d
    for d in range(src.rank):
        if src.rank > dst.rank or src.sizes[src.rank - 1 - d] not in (
                1, dst.sizes[dst.rank - 1 - d]):
            raise RuntimeError(
                f"[copy_] The size of tensor a ({list(dst.shape)}) must match the size "
                f"of tensor b ({list(src.shape)}): the source must broadcast to the "
                "destination."
            )
    return 0


cdef TensorBase cast_to(TensorBase t, int code):
    cdef TensorBase out
    if dense(t):
        out = empty_strided_c(code, t.rank, t.sizes, t.steps)
    else:
        out = empty_c(code, t.rank, t.sizes)
    copy_into(out, t)
    return out


cdef TensorBase clone_c(TensorBase t):
    return cast_to(t, t.code)


cdef TensorBase contiguous_c(TensorBase t):
    cdef TensorBase out
    if t.is_contig:
        return t
    out = empty_c(t.code, t.rank, t.sizes)
    copy_into(out, t)
    return out


def _copy_into(TensorBase dst, TensorBase src):
    """Copy values (broadcast, converted) without autograd or version count."""
    if thread_state().modes:
        readable(dst, "copy")
        readable(src, "copy")
    copy_into(dst, src)


def _cast(TensorBase t, dtype):
    """A detached copy in another dtype, keeping dense strides."""
    if thread_state().modes:
        readable(t, "cast")
    return cast_to(t, (<DType?>dtype).code)


def _clone(TensorBase t):
    """A detached copy, keeping dense strides."""
    if thread_state().modes:
        readable(t, "copy")
    return clone_c(t)


def _contiguous(TensorBase t):
    """`t` itself if contiguous, else a detached contiguous copy."""
    if thread_state().modes:
        readable(t, "copy")
    return contiguous_c(t)
