"""Gathering and scattering rows: what every indexing operation comes down to.

The indexed tensor is read as ``[outer, count, inner]``, contiguous; an index is a
list of positions along `count`, checked beforehand. Gathering copies rows of `inner`
elements by their bytes, whatever the dtype; scattering may also combine them.
"""

from libc.stdint cimport int16_t
from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.tensor cimport ITEMSIZE, TensorBase, empty_c, readable, thread_state
from derivo._core.threads cimport parallel_for


def positions(list indices, sizes, rank_of_error=0):
    """Row-major positions from one index tensor per dimension.

    All tensors are int64, contiguous and of one shape; `sizes` are those of the
    indexed dimensions, `rank_of_error` the number of the first one in messages.
    Negative indices count from the end.

    Raises
    ------
    IndexError
        If an index is out of range.
    """
    cdef TensorBase first = <TensorBase>indices[0], t
    cdef TensorBase out = empty_c(I64, first.rank, first.sizes)
    cdef int64_t* to = <int64_t*>out.data_
    cdef const int64_t* at
    cdef int64_t i, size, value
    cdef int k
    for k in range(len(indices)):
        t = <TensorBase>indices[k]
        if thread_state().modes:
            readable(t, "an index")
        at = <const int64_t*>t.data_
        size = sizes[k]
        for i in range(out.count):
            value = at[i]
            if value < -size or value >= size:
                raise IndexError(
                    f"[index] index {value} is out of bounds for dimension "
                    f"{rank_of_error + k} with size {size}."
                )
            if value < 0:
                value += size
            to[i] = value if k == 0 else to[i] * size + value
    return out


def along(TensorBase index, shape, int dim, str name="gather"):
    """Row-major positions in a tensor of `shape` of the elements that gather takes.

    Element ``[i, j, k]`` of `index` (int64, contiguous) stands for
    ``[i, index[i, j, k], k]`` if `dim` is 1. Negative indices are refused.
    """
    if thread_state().modes:
        readable(index, "an index")
    cdef TensorBase out = empty_c(I64, index.rank, index.sizes)
    cdef const int64_t* at = <const int64_t*>index.data_
    cdef int64_t* to = <int64_t*>out.data_
    cdef int64_t steps[64]
    cdef int64_t counter[64]
    cdef int64_t i, step = 1, base = 0, value, size
    cdef int d, rank = index.rank
    if rank == 0:
        if index.count and at[0] != 0:
            raise RuntimeError(
                f"[{name}] index {at[0]} is out of bounds for dimension 0 with size 1."
            )
        to[0] = 0
        return out
    for d in range(rank - 1, -1, -1):
        steps[d] = step
        step *= shape[d]
        counter[d] = 0
    size = shape[dim]
    for i in range(index.count):
        value = at[i]
        if value < 0 or value >= size:
            raise RuntimeError(
                f"[{name}] index {value} is out of bounds for dimension {dim} with "
                f"size {size}."
            )
        to[i] = base + (value - counter[dim]) * steps[dim]
        d = rank - 1
        while d >= 0:
            counter[d] += 1
            base += steps[d]
            if counter[d] < index.sizes[d]:
                break
            base -= steps[d] * counter[d]
            counter[d] = 0
            d -= 1
    return out


cdef struct Copy:
    char* dst
    const char* src
    const int64_t* at
    int64_t count, n, row


cdef void _gather_rows(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Copy* c = <Copy*>arg
    cdef int64_t i
    cdef const char* base
    for i in range(begin, end):
        base = c.src + (i // c.n) * c.count * c.row
        memcpy(c.dst + i * c.row, base + c.at[i % c.n] * c.row, c.row)


cdef void _gather_words(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Copy* c = <Copy*>arg
    cdef int64_t i
    if c.row == 4:
        for i in range(begin, end):
            (<int32_t*>c.dst)[i] = (<const int32_t*>c.src)[
                (i // c.n) * c.count + c.at[i % c.n]]
    else:
        for i in range(begin, end):
            (<int64_t*>c.dst)[i] = (<const int64_t*>c.src)[
                (i // c.n) * c.count + c.at[i % c.n]]


def gather(TensorBase source, TensorBase at, int64_t outer, int64_t count,
           int64_t inner, shape):
    """Rows `at` of a contiguous tensor ``[outer, count, inner]``, in a new tensor."""
    cdef int64_t dims[64]
    cdef int rank = 0
    cdef Copy c
    cdef int64_t total
    for n in shape:
        dims[rank] = n
        rank += 1
    cdef TensorBase out = empty_c(source.code, rank, dims)
    if out.count == 0:
        return out
    c.dst = out.data_
    c.src = source.data_
    c.at = <const int64_t*>at.data_
    c.count = count
    c.n = at.count
    c.row = inner * ITEMSIZE[source.code]
    total = outer * c.n
    with nogil:
        if c.row == 4 or c.row == 8:
            parallel_for(_gather_words, &c, total, 32768)
        else:
            parallel_for(_gather_rows, &c, total, max(<int64_t>1, 131072 // c.row))
    return out


ctypedef fused number:
    uint8_t
    int8_t
    int16_t
    int32_t
    int64_t
    float
    double

cdef enum Mode:
    SET = 0
    ADD = 1
    MUL = 2
    MIN = 3
    MAX = 4

_MODES = {"set": SET, "sum": ADD, "add": ADD, "prod": MUL, "multiply": MUL,
          "amin": MIN, "amax": MAX}


cdef void _combine(number* dst, const number* src, const int64_t* at, int64_t outer,
                   int64_t count, int64_t n, int64_t inner, int64_t src_row,
                   int mode) noexcept nogil:
    # src_row is the distance of rows of the source: 0 repeats one value everywhere.
    cdef int64_t p, b, q, step = 1 if src_row else 0
    cdef number* to
    cdef const number* fr
    for p in range(outer):
        for b in range(n):
            to = dst + (p * count + at[b]) * inner
            fr = src + (p * n + b) * src_row
            if mode == ADD:
                for q in range(inner):
                    to[q] += fr[q * step]
            elif mode == MUL:
                for q in range(inner):
                    to[q] *= fr[q * step]
            elif mode == MIN:
                for q in range(inner):
                    if fr[q * step] < to[q] or fr[q * step] != fr[q * step]:
                        to[q] = fr[q * step]
            else:
                for q in range(inner):
                    if fr[q * step] > to[q] or fr[q * step] != fr[q * step]:
                        to[q] = fr[q * step]


def scatter(TensorBase target, TensorBase at, TensorBase source, int64_t outer,
            int64_t count, int64_t inner, str how):
    """Write rows of `source` (contiguous ``[outer, n, inner]``, or one element) into
    rows `at` of a contiguous `target`; `how` says what happens to what is there."""
    cdef int mode = _MODES[how]
    cdef int64_t n = at.count, row, p, b, q, src_row
    cdef const int64_t* to = <const int64_t*>at.data_
    cdef int code = target.code
    cdef int width = ITEMSIZE[code]
    cdef char* dst
    cdef const char* src
    if n == 0 or outer == 0 or inner == 0:
        return
    # One element may stand for all (not of complex numbers: their parts differ).
    src_row = 0 if source.count == 1 and outer * n * inner > 1 else inner
    if mode == SET:
        row = inner * width
        with nogil:
            for p in range(outer):
                for b in range(n):
                    dst = target.data_ + (p * count + to[b]) * row
                    if src_row:
                        memcpy(dst, source.data_ + (p * n + b) * row, row)
                    else:
                        for q in range(inner):
                            memcpy(dst + q * width, source.data_, width)
        return
    if code == BOOL:
        # or for sums and maxima, and for products and minima
        for p in range(outer):
            for b in range(n):
                dst = target.data_ + (p * count + to[b]) * inner
                src = source.data_ + (p * n + b) * src_row
                for q in range(inner):
                    if mode == ADD or mode == MAX:
                        dst[q] = dst[q] | src[q if src_row else 0]
                    else:
                        dst[q] = dst[q] & src[q if src_row else 0]
        return
    with nogil:
        if code == U8:
            _combine[uint8_t](<uint8_t*>target.data_, <const uint8_t*>source.data_, to,
                              outer, count, n, inner, src_row, mode)
        elif code == I8:
            _combine[int8_t](<int8_t*>target.data_, <const int8_t*>source.data_, to,
                             outer, count, n, inner, src_row, mode)
        elif code == I16:
            _combine[int16_t](<int16_t*>target.data_, <const int16_t*>source.data_, to,
                              outer, count, n, inner, src_row, mode)
        elif code == I32:
            _combine[int32_t](<int32_t*>target.data_, <const int32_t*>source.data_, to,
                              outer, count, n, inner, src_row, mode)
        elif code == I64:
            _combine[int64_t](<int64_t*>target.data_, <const int64_t*>source.data_, to,
                              outer, count, n, inner, src_row, mode)
        elif code == F32:
            _combine[float](<float*>target.data_, <const float*>source.data_, to,
                            outer, count, n, inner, src_row, mode)
        elif code == F64:
            _combine[double](<double*>target.data_, <const double*>source.data_, to,
                             outer, count, n, inner, src_row, mode)
    if code == C64 and mode == ADD:
        _combine[float](<float*>target.data_, <const float*>source.data_, to, outer,
                        count, n, 2 * inner, 2 * src_row, mode)
    elif code == C128 and mode == ADD:
        _combine[double](<double*>target.data_, <const double*>source.data_, to,
                         outer, count, n, 2 * inner, 2 * src_row, mode)
    elif code == F16 or code == BF16 or code >= C64:
        raise NotImplementedError(
            f"[scatter] combining by '{how}' is done in float32 for half types and "
            "is not possible for complex ones."
        )


def nonzero(TensorBase t):
    """Positions of the true elements of a contiguous bool tensor."""
    cdef int64_t n = 0, i
    cdef const char* p = t.data_
    cdef int64_t dims[1]
    if thread_state().modes:
        readable(t, "nonzero (an operation whose output has a dynamic shape)")
    cdef int64_t* to
    for i in range(t.count):
        n += p[i] != 0
    dims[0] = n
    cdef TensorBase out = empty_c(I64, 1, dims)
    to = <int64_t*>out.data_
    n = 0
    for i in range(t.count):
        if p[i]:
            to[n] = i
            n += 1
    return out
