from cpython.pythread cimport (
    NOWAIT_LOCK, WAIT_LOCK, PyThread_acquire_lock, PyThread_release_lock,
    PyThread_type_lock,
)
from libc.math cimport cos, log1p, sin, sqrt
from derivo._core._types cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "random_kernels.h" nogil:
    enum:
        DV_MT_N
    void dv_mt_advance(uint32_t* s)
    uint32_t dv_mt_temper(uint32_t y)
    void dv_mt_temper_n(const uint32_t* s, uint32_t* out, int64_t n)
    double dv_unit_f64(uint32_t hi, uint32_t lo)

cdef struct Twister:
    uint64_t seed              # as given; the words know only its low half
    int32_t left               # words still to be handed out, plus one
    uint32_t next              # position of the first of them
    bint has_double            # the second sample of the last pair is waiting
    bint has_float
    double next_double
    float next_float
    uint32_t words[624]

cdef class Generator:
    cdef Twister state
    cdef PyThread_type_lock lock
    cdef object __weakref__

cdef Generator default_c()


cdef inline void acquire(Generator g) noexcept:
    # Another thread may be filling a tensor without the GIL.
    if not PyThread_acquire_lock(g.lock, NOWAIT_LOCK):
        with nogil:
            PyThread_acquire_lock(g.lock, WAIT_LOCK)


cdef inline void release(Generator g) noexcept:
    PyThread_release_lock(g.lock)


cdef inline void refill(Twister* s) noexcept nogil:
    dv_mt_advance(s.words)
    s.left = DV_MT_N + 1
    s.next = 0


cdef inline uint32_t next_word(Twister* s) noexcept nogil:
    """32 random bits."""
    if s.left == 1:
        refill(s)
    s.left -= 1
    s.next += 1
    return dv_mt_temper(s.words[s.next - 1])


cdef inline uint64_t next_pair(Twister* s) noexcept nogil:
    """64 random bits, the high half drawn first."""
    cdef uint64_t high = next_word(s)
    return high << 32 | next_word(s)


cdef inline double next_unit(Twister* s) noexcept nogil:
    """A double in [0, 1)."""
    cdef uint32_t high = next_word(s)
    return dv_unit_f64(high, next_word(s))


cdef inline double next_normal(Twister* s) noexcept nogil:
    """A standard normal sample; every second one was kept by the call before."""
    cdef double u, angle, radius
    if s.has_double:
        s.has_double = False
        return s.next_double
    angle = 6.283185307179586 * next_unit(s)
    u = next_unit(s)
    radius = sqrt(-2.0 * log1p(-u))
    s.next_double = radius * sin(angle)
    s.has_double = True
    return radius * cos(angle)


cdef inline void next_words(Twister* s, uint32_t* out, int64_t n) noexcept nogil:
    cdef int64_t k
    while n > 0:
        if s.left == 1:
            refill(s)
        k = min(n, <int64_t> s.left - 1)
        dv_mt_temper_n(s.words + s.next, out, k)
        s.left -= <int32_t> k
        s.next += <uint32_t> k
        out += k
        n -= k
