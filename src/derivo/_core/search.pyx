"""Places of values in sorted sequences."""

from libc.stdint cimport int16_t

from derivo._core._types cimport *
from derivo._core.copies cimport contiguous_c
from derivo._core.tensor cimport TensorBase, empty_c
from derivo._core.threads cimport PARALLEL_MATH, parallel_for

ctypedef fused number:
    uint8_t
    int8_t
    int16_t
    int32_t
    int64_t
    float
    double

cdef struct Search:
    int code
    bint right
    int64_t n              # elements of a sequence
    int64_t step           # from one sequence to the next; 0: there is one
    int64_t m              # values for each of them
    const char* sequence
    const char* values
    int64_t* out


cdef void _places(Search* s, const number* sequence, const number* values,
                  int64_t begin, int64_t end) noexcept nogil:
    # A NaN is behind all others, as comparisons with it fail.
    cdef int64_t i, low, high, middle
    cdef const number* row
    cdef number value
    for i in range(begin, end):
        row = sequence + (i // s.m) * s.step
        value = values[i]
        low = 0
        high = s.n
        while low < high:
            middle = low + ((high - low) >> 1)
            if (not row[middle] > value) if s.right else (not row[middle] >= value):
                low = middle + 1
            else:
                high = middle
        s.out[i] = low


cdef void _part(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Search* s = <Search*>arg
    if s.code <= U8:
        _places(s, <const uint8_t*>s.sequence, <const uint8_t*>s.values, begin, end)
    elif s.code == I8:
        _places(s, <const int8_t*>s.sequence, <const int8_t*>s.values, begin, end)
    elif s.code == I16:
        _places(s, <const int16_t*>s.sequence, <const int16_t*>s.values, begin, end)
    elif s.code == I32:
        _places(s, <const int32_t*>s.sequence, <const int32_t*>s.values, begin, end)
    elif s.code == I64:
        _places(s, <const int64_t*>s.sequence, <const int64_t*>s.values, begin, end)
    elif s.code == F32:
        _places(s, <const float*>s.sequence, <const float*>s.values, begin, end)
    else:
        _places(s, <const double*>s.sequence, <const double*>s.values, begin, end)


def places(TensorBase sequence, TensorBase values, bint right):
    """Where each value belongs in its sequence, int64, in the shape of `values`.

    One 1-d sequence for all values, or one along the last dimension for those of the
    same leading indices; both integers, float32 or float64, of one dtype.
    """
    cdef Search s
    cdef TensorBase made
    cdef int64_t count = values.count
    if (sequence.code != values.code or sequence.rank == 0
            or (sequence.code > I64 and sequence.code != F32 and sequence.code != F64)):
        raise TypeError(
            f"[search] no search for {values.dtype} in {sequence.dtype}: expected one "
            "dtype, integers, float32 or float64, and a sequence that has a dimension. "
            "Convert first.")
    made = empty_c(I64, values.rank, values.sizes)
    if count == 0:
        return made
    sequence = contiguous_c(sequence)
    values = contiguous_c(values)
    s.code = sequence.code
    s.right = right
    s.n = sequence.sizes[sequence.rank - 1]
    s.step = s.n if sequence.rank > 1 else 0
    s.m = values.sizes[values.rank - 1] if values.rank else 1
    s.sequence = sequence.data_
    s.values = values.data_
    s.out = <int64_t*>made.data_
    with nogil:
        parallel_for(_part, &s, count, PARALLEL_MATH // 16)
    return made
