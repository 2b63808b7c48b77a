from derivo._core._types cimport int64_t

# A key to be ordered by, ascending, and where it came from.
cdef struct Entry:
    int64_t key
    int64_t index

cdef int64_t key_of_double(double x) noexcept nogil
cdef void sort_entries(Entry* e, int64_t n) noexcept nogil
cdef void select_entries(Entry* e, int64_t n, int64_t k, bint ordered) noexcept nogil
