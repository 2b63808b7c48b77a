"""Negative log likelihood: picking one class per sample, and its transpose."""

from derivo._core._types cimport *
from derivo._core.tensor cimport TensorBase, empty_c

ctypedef fused real:
    float
    double

cdef enum:
    NONE = 0
    MEAN = 1
    SUM = 2


cdef int64_t check_targets(const int64_t* target, int64_t n, int64_t classes,
                           int64_t ignore) noexcept nogil:
    # Position of a target that is out of range, or -1.
    cdef int64_t i
    for i in range(n):
        if target[i] != ignore and (target[i] < 0 or target[i] >= classes):
            return i
    return -1


cdef double pick(const real* x, const int64_t* target, const real* weight, real* out,
                 double* total, int64_t n, int64_t classes, int64_t inner,
                 int64_t ignore) noexcept nogil:
    # Sum of -weight * x[target]; `out`, if given, takes each sample's loss.
    cdef int64_t i, s, c
    cdef double loss = 0, w
    cdef real value
    total[0] = 0
    for i in range(n):
        for s in range(inner):
            c = target[i * inner + s]
            if c == ignore:
                if out != NULL:
                    out[i * inner + s] = 0
                continue
            value = x[(i * classes + c) * inner + s]
            w = weight[c] if weight != NULL else 1.0
            if out != NULL:
                out[i * inner + s] = <real>(-w * value)
            loss -= w * value
            total[0] += w
    return loss


cdef void place(const real* g, const int64_t* target, const real* weight, real* out,
                double scale, int64_t n, int64_t classes, int64_t inner,
                int64_t ignore, bint each) noexcept nogil:
    cdef int64_t i, s, c
    cdef double w
    for i in range(n):
        for s in range(inner):
            c = target[i * inner + s]
            if c == ignore:
                continue
            w = weight[c] if weight != NULL else 1.0
            out[(i * classes + c) * inner + s] = <real>(
                -w * scale * (g[i * inner + s] if each else g[0]))


def forward(TensorBase x, TensorBase target, TensorBase weight or None, int reduction,
            int64_t ignore):
    """Loss and total weight.

    `x` is contiguous ``[n, classes, inner]`` float32 or float64, `target` contiguous
    int64 ``[n, inner]``, `weight` contiguous ``[classes]`` or None.
    """
    cdef int64_t n = x.sizes[0], classes = x.sizes[1], inner = x.sizes[2], bad
    cdef const int64_t* at = <const int64_t*>target.data_
    cdef TensorBase out, total_out
    cdef double total = 0, loss
    cdef void* each = NULL
    cdef const void* w = NULL if weight is None else <const void*>weight.data_
    bad = check_targets(at, n * inner, classes, ignore)
    if bad >= 0:
        raise IndexError(
            f"[nll_loss] Target {at[bad]} is out of bounds: expected a class in "
            f"[0, {classes - 1}]."
        )
    out = empty_c(x.code, target.rank if reduction == NONE else 0, target.sizes)
    total_out = empty_c(x.code, 0, NULL)
    if reduction == NONE:
        each = out.data_
    with nogil:
        if x.code == F32:
            loss = pick[float](<const float*>x.data_, at, <const float*>w,
                               <float*>each, &total, n, classes, inner, ignore)
        else:
            loss = pick[double](<const double*>x.data_, at, <const double*>w,
                                <double*>each, &total, n, classes, inner, ignore)
    if reduction == MEAN:
        loss = loss / total if total != 0 else float("nan")
    if x.code == F32:
        (<float*>total_out.data_)[0] = <float>total
        if reduction != NONE:
            (<float*>out.data_)[0] = <float>loss
    else:
        (<double*>total_out.data_)[0] = total
        if reduction != NONE:
            (<double*>out.data_)[0] = loss
    return out, total_out


def backward(TensorBase g, TensorBase target, TensorBase weight or None,
             int64_t classes, int reduction, int64_t ignore, double total):
    """Gradient ``[n, classes, inner]`` for the contiguous gradient of the loss."""
    cdef int64_t dims[3]
    cdef TensorBase out
    cdef const int64_t* at = <const int64_t*>target.data_
    cdef const void* w = NULL if weight is None else <const void*>weight.data_
    cdef double scale = 1.0
    cdef int64_t i
    dims[0], dims[1], dims[2] = target.sizes[0], classes, target.sizes[1]
    out = empty_c(g.code, 3, dims)
    if reduction == MEAN:
        scale = 1.0 / total if total != 0 else float("nan")
    with nogil:
        if g.code == F32:
            for i in range(out.count):
                (<float*>out.data_)[i] = 0
            place[float](<const float*>g.data_, at, <const float*>w,
                         <float*>out.data_, scale, dims[0], classes, dims[2], ignore,
                         reduction == NONE)
        else:
            for i in range(out.count):
                (<double*>out.data_)[i] = 0
            place[double](<const double*>g.data_, at, <const double*>w,
                          <double*>out.data_, scale, dims[0], classes, dims[2],
                          ignore, reduction == NONE)
    return out
