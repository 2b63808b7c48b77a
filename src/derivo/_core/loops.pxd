from derivo._core._types cimport int64_t, kernel_t

# An elementwise loop: `ndim` dimensions, the fastest first, over `nops` operands
# (outputs before inputs), strides in bytes.
cdef struct Loop:
    int nops
    int ndim
    int split
    kernel_t kernel
    int64_t sizes[64]
    int64_t steps[10][64]
    char* ptrs[10]
    # Operands that lie across (see _run_tiles), a bit each, and their elements' bytes.
    int across
    int widths[10]

cdef enum:
    TILE_FROM = 16384         # elements of a loop that is worth tiles

cdef void find_across(Loop* loop, int first, int* codes) noexcept
cdef int run_loop(Loop* loop, int64_t count) noexcept
cdef int sort_dims(Loop* loop, int* order) noexcept
cdef void apply_order(Loop* loop, int* order) noexcept
cdef void collapse(Loop* loop) noexcept
