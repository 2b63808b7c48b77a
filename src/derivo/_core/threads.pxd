# The one pool of threads. See threads.pyx for how it works.
from libc.stdint cimport int64_t

# Works on the half-open range [begin, end). Must not touch Python and must not raise.
ctypedef void (*task_t)(void* arg, int64_t begin, int64_t end) noexcept nogil


cdef extern from *:
    """
    /* Sizes at which two threads beat one, as bytes read and written (memory-bound
       kernels: add, copy, sum) and as elements (arithmetic-bound kernels: exp,
       tanh). How they were measured: see "When two threads pay" in threads.pyx. */
    #define DERIVO_PARALLEL_BYTES 2097152
    #define DERIVO_PARALLEL_MATH 131072
    """
    const int64_t PARALLEL_BYTES "DERIVO_PARALLEL_BYTES"
    const int64_t PARALLEL_MATH "DERIVO_PARALLEL_MATH"


# Calls fn over ranges that cover [0, n): once over all of it when n <= grain, when
# there is one thread; else over ranges of `chunk_size(n, grain)`, each run by
# whichever thread is free. The ranges follow from (n, grain, number of threads)
# alone, so partial results kept per range come out the same bits every time.
# Call it without the GIL where other Python threads should go on.
cdef void parallel_for(task_t fn, void* arg, int64_t n, int64_t grain) noexcept nogil

# The same over ranges of exactly `chunk` items (the last may be shorter), with one
# thread too. For results kept per range: `begin // chunk` is the range's number, and
# another thread's set_num_threads cannot come between.
cdef void parallel_chunks(task_t fn, void* arg, int64_t n, int64_t chunk) noexcept nogil

# Length of the ranges that parallel_for uses at the present number of threads.
cdef int64_t chunk_size(int64_t n, int64_t grain) noexcept nogil

cdef int num_threads() noexcept nogil
