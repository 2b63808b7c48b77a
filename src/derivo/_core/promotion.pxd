cdef int promotion[12][12]

cdef int promote_codes(int a, int b) noexcept
cdef bint can_cast_codes(int source, int target) noexcept
cdef int combine(int higher, int lower) noexcept
