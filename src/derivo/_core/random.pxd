from derivo._core._types cimport int64_t, uint64_t
from derivo._core.generator cimport Generator

cdef enum Distribution:
    UNIFORM = 0                # from, to
    NORMAL = 1                 # mean, std
    EXPONENTIAL = 2            # rate
    BERNOULLI = 3              # p
    GEOMETRIC = 4              # p
    CAUCHY = 5                 # median, sigma
    LOG_NORMAL = 6             # mean, std of the logarithm
    INTEGER = 7                # span (0: all 64 bits) and base
    ANY_INTEGER = 8            # all integers that the dtype counts exactly
    BERNOULLI_EACH = 9         # one operand: p
    POISSON = 10               # one operand: rate
    BINOMIAL = 11              # two operands: count, p
    GAMMA = 12                 # one operand: shape
    DROPOUT = 13               # p, and what a hit is worth
    RRELU = 14                 # one operand: where it is above 0, 1; else from, to

# What to draw.
cdef struct Draw:
    int kind
    double a
    double b
    uint64_t span
    int64_t base

# Memory of some dtype, any strides (in bytes).
cdef struct Span:
    char* data
    int code
    int rank
    const int64_t* sizes
    const int64_t* steps

cdef int draw(Generator g, const Draw* d, const Span* out, int n_in,
              const Span* inputs) except -1
cdef int draw_permutation(Generator g, const Span* out) except -1
cdef int draw_choices(Generator g, int64_t* out, const Span* weights,
                      int64_t n_sample) except -1
cdef int draw_race(int64_t* out, const Span* weights, const Span* times,
                   int64_t k) except -1
