"""Running sums, products, extremes and the like, and evenly spaced values.

A scan reads its tensor as ``[outer, n, inner]``, contiguous, and runs along `n` for a
block of neighbouring columns at a time, so that memory is read in order whatever the
dimension. Threads share the outer rows. Floating-point numbers accumulate in double
precision, integers modulo their width.
"""

from libc.math cimport INFINITY, exp, fma, fmaf, log1p
from libc.stdint cimport int16_t

from derivo._core._types cimport *
from derivo._core.copies cimport contiguous_c
from derivo._core.tensor cimport TensorBase, empty_c
from derivo._core.threads cimport PARALLEL_MATH, parallel_for

cdef enum:
    COLUMNS = 64          # treated together
    SUM = 0
    PRODUCT = 1
    LOG_SUM = 2           # of exponentials
    COMPLEX_PRODUCT = 3
    LARGEST = 4
    SMALLEST = 5

ctypedef fused number:
    uint8_t
    int8_t
    int16_t
    int32_t
    int64_t
    float
    double

cdef struct Scan:
    int how
    int code
    int64_t n
    int64_t inner
    const char* src
    char* dst
    int64_t* index


cdef void _totals(const number* x, number* y, int64_t n, int64_t inner, int64_t width,
                  bint product) noexcept nogil:
    cdef int64_t i, q
    cdef double[COLUMNS] real
    cdef int64_t[COLUMNS] whole
    if number is float or number is double:
        for q in range(width):
            real[q] = 1 if product else 0
        for i in range(n):
            if product:
                for q in range(width):
                    real[q] *= x[i * inner + q]
                    y[i * inner + q] = <number>real[q]
            else:
                for q in range(width):
                    real[q] += x[i * inner + q]
                    y[i * inner + q] = <number>real[q]
    else:
        for q in range(width):
            whole[q] = 1 if product else 0
        for i in range(n):
            for q in range(width):
                if product:
                    whole[q] = <int64_t>(<uint64_t>whole[q]
                                         * <uint64_t>x[i * inner + q])
                else:
                    whole[q] = <int64_t>(<uint64_t>whole[q]
                                         + <uint64_t>x[i * inner + q])
                y[i * inner + q] = <number>whole[q]


cdef inline double log_add(double a, double b) noexcept nogil:
    """``log(exp(a) + exp(b))`` without overflow."""
    cdef double high = a if a > b else b, low = b if a > b else a
    if low == -INFINITY or high == INFINITY:
        # Nothing is added; differences of infinities would be NaN.
        return a + b if a != a or b != b else high
    return high + log1p(exp(low - high))


cdef void _log_sums(const number* x, number* y, int64_t n, int64_t inner,
                    int64_t width) noexcept nogil:
    cdef int64_t i, q
    cdef double[COLUMNS] total
    for q in range(width):
        total[q] = -INFINITY
    for i in range(n):
        for q in range(width):
            total[q] = log_add(total[q], <double>x[i * inner + q])
            y[i * inner + q] = <number>total[q]


cdef void _complex_products(const number* x, number* y, int64_t n, int64_t inner,
                            int64_t width) noexcept nogil:
    # `inner` and `width` count pairs.
    cdef int64_t i, q, at
    cdef double a, b, kept
    cdef double[COLUMNS] real
    cdef double[COLUMNS] imag
    for q in range(width):
        real[q] = 1
        imag[q] = 0
    for i in range(n):
        for q in range(width):
            at = 2 * (i * inner + q)
            a = <double>x[at]
            b = <double>x[at + 1]
            kept = real[q]
            if i == 0:
                real[q] = a
                imag[q] = b
            else:
                real[q] = kept * a - imag[q] * b
                imag[q] = kept * b + imag[q] * a
            y[at] = <number>real[q]
            y[at + 1] = <number>imag[q]


cdef void _extremes(const number* x, number* y, int64_t* index, int64_t n,
                    int64_t inner, int64_t width, bint largest) noexcept nogil:
    # The last place at which the extreme was met; a NaN is one, and stays.
    cdef int64_t i, q
    cdef number v
    cdef bint met
    cdef number[COLUMNS] best
    cdef int64_t[COLUMNS] place
    for q in range(width):
        best[q] = x[q]
        place[q] = 0
    for i in range(n):
        for q in range(width):
            v = x[i * inner + q]
            met = v >= best[q] if largest else v <= best[q]
            if met or v != v:
                best[q] = v
                place[q] = i
            y[i * inner + q] = best[q]
            index[i * inner + q] = place[q]


cdef void _rows(Scan* s, const number* x, number* y, int64_t begin,
                int64_t end) noexcept nogil:
    cdef int64_t p, q, at, width
    for p in range(begin, end):
        q = 0
        while q < s.inner:
            width = min(<int64_t>COLUMNS, s.inner - q)
            at = p * s.n * s.inner + q
            if s.how <= PRODUCT:
                _totals(x + at, y + at, s.n, s.inner, width, s.how == PRODUCT)
            elif s.how == LOG_SUM:
                _log_sums(x + at, y + at, s.n, s.inner, width)
            elif s.how == COMPLEX_PRODUCT:
                _complex_products(x + 2 * at, y + 2 * at, s.n, s.inner, width)
            else:
                _extremes(x + at, y + at, s.index + at, s.n, s.inner, width,
                          s.how == LARGEST)
            q += COLUMNS


cdef void _part(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Scan* s = <Scan*>arg
    if s.code <= U8:
        _rows(s, <const uint8_t*>s.src, <uint8_t*>s.dst, begin, end)
    elif s.code == I8:
        _rows(s, <const int8_t*>s.src, <int8_t*>s.dst, begin, end)
    elif s.code == I16:
        _rows(s, <const int16_t*>s.src, <int16_t*>s.dst, begin, end)
    elif s.code == I32:
        _rows(s, <const int32_t*>s.src, <int32_t*>s.dst, begin, end)
    elif s.code == I64:
        _rows(s, <const int64_t*>s.src, <int64_t*>s.dst, begin, end)
    elif s.code == F32:
        _rows(s, <const float*>s.src, <float*>s.dst, begin, end)
    else:
        _rows(s, <const double*>s.src, <double*>s.dst, begin, end)


cdef int _run(TensorBase x, TensorBase y, TensorBase index, int dim,
              int how) except -1:
    cdef Scan s
    cdef int d
    cdef int64_t outer = 1, row
    cdef bint pairs = x.code >= C64
    if ((x.code == F16 or x.code == BF16) or (pairs and how > PRODUCT)
            or (x.code <= I64 and how == LOG_SUM) or not 0 <= dim < x.rank):
        raise TypeError(
            f"[scan] no scan over {x.dtype} along {dim=}: expected integers, float32 "
            "or float64 and one of the dimensions. Convert first.")
    s.how = COMPLEX_PRODUCT if pairs and how == PRODUCT else how
    s.code = x.code - C64 + F32 if pairs else x.code
    # Sums of complex numbers are those of their parts, in columns of their own.
    s.inner = 2 if pairs and how == SUM else 1
    for d in range(x.rank):
        if d < dim:
            outer *= x.sizes[d]
        elif d > dim:
            s.inner *= x.sizes[d]
    s.n = x.sizes[dim]
    s.src = x.data_
    s.dst = y.data_
    s.index = <int64_t*>index.data_ if index is not None else NULL
    row = s.n * s.inner
    if row == 0:
        return 0
    with nogil:
        parallel_for(_part, &s, outer, max(<int64_t>1, PARALLEL_MATH // 2 // row))
    return 0


def totals(TensorBase x, int dim, bint product):
    """Running sums (or products) of integers, 32- or 64-bit floats or complex numbers
    of such, in a new tensor."""
    cdef TensorBase y = empty_c(x.code, x.rank, x.sizes)
    _run(contiguous_c(x), y, None, dim, PRODUCT if product else SUM)
    return y


def log_sums(TensorBase x, int dim):
    """Logarithms of running sums of exponentials of float32 or float64."""
    cdef TensorBase y = empty_c(x.code, x.rank, x.sizes)
    _run(contiguous_c(x), y, None, dim, LOG_SUM)
    return y


def extremes(TensorBase x, int dim, bint largest):
    """Running extremes of integers, float32 or float64, and the places where the
    latest of each was met."""
    cdef TensorBase y = empty_c(x.code, x.rank, x.sizes)
    cdef TensorBase index = empty_c(I64, x.rank, x.sizes)
    _run(contiguous_c(x), y, index, dim, LARGEST if largest else SMALLEST)
    return y, index


def progression(start, step, int64_t count):
    """``start + step * i`` for i below `count`, int64 if both are, else float64."""
    cdef bint whole = isinstance(start, int) and isinstance(step, int)
    cdef TensorBase out = empty_c(I64 if whole else F64, 1, &count)
    cdef int64_t i, a, s
    cdef int64_t* ints = <int64_t*>out.data_
    cdef double* reals = <double*>out.data_
    cdef double x, dx
    if whole:
        a, s = start, step
        for i in range(count):
            ints[i] = a + s * i
    else:
        x, dx = start, step
        for i in range(count):
            reals[i] = x + dx * i
    return out


cdef inline number multiply_add(number x, number y, number z) noexcept nogil:
    if number is float:
        return fmaf(x, y, z)
    elif number is double:
        return fma(x, y, z)
    else:
        return x * y + z


cdef void _between(number* out, number a, number b, int64_t n) noexcept nogil:
    cdef int64_t i
    cdef number step = (b - a) / <number>(n - 1)
    # Rounded once, as PyTorch's compiler has it.
    for i in range(n // 2):
        out[i] = multiply_add(step, <number>i, a)
    for i in range(n // 2, n):
        out[i] = multiply_add(-step, <number>(n - 1 - i), b)


def spaced(double start, double end, int64_t count, int code):
    """`count` float32 or float64 values from `start` to `end`, evenly spaced.

    The second half counts from the end, so that both ends are exact.
    """
    cdef TensorBase out = empty_c(code, 1, &count)
    if count == 1 and code == F32:
        (<float*>out.data_)[0] = <float>start
    elif count == 1:
        (<double*>out.data_)[0] = start
    elif code == F32:
        _between(<float*>out.data_, <float>start, <float>end, count)
    else:
        _between(<double*>out.data_, start, end, count)
    return out
