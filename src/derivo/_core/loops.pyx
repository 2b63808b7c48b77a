"""Strided loops over elementwise kernels: order, tiles, threads."""

from libc.stdint cimport uintptr_t
from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.tensor cimport ITEMSIZE
from derivo._core.threads cimport PARALLEL_MATH, num_threads, parallel_for

cdef extern from "transpose.h" nogil:
    void transpose "derivo_transpose"(char* to, int64_t to_step, const char* src,
                                      int64_t src_step, int64_t n0, int64_t n1,
                                      int width)

cdef enum:
    TILE_ROWS = 16            # 16 elements of 4 bytes are a cache line
    TILE_BYTES = 16384        # of one operand's tile
    TILED = 2                 # so many operands may lie across


cdef void _run_tiles(Loop* loop, int64_t* sizes, char** ptrs,
                     int64_t* steps) noexcept nogil:
    """Run the kernel tile by tile on copies of the operands that lie across.

    Along the inner dimension such an operand's elements are a row of memory apart:
    each would bring in a cache line of its own, to be evicted before its next element
    is wanted.
    """
    cdef char room[TILED * TILE_BYTES + 64]
    cdef char* at[10]
    cdef int64_t inner[2]
    cdef int64_t strides[20]
    cdef int64_t begin0, begin1, length = 256
    cdef int nops = loop.nops, j, n
    cdef char* buffer
    memcpy(strides, steps, 2 * nops * sizeof(int64_t))
    for j in range(nops):
        if (loop.across >> j) & 1:
            length = min(length, <int64_t>TILE_BYTES // (TILE_ROWS * loop.widths[j]))
            strides[j] = loop.widths[j]
    begin0 = 0
    while begin0 < sizes[0]:
        inner[0] = min(length, sizes[0] - begin0)
        begin1 = 0
        while begin1 < sizes[1]:
            inner[1] = min(<int64_t>TILE_ROWS, sizes[1] - begin1)
            n = 0
            for j in range(nops):
                at[j] = ptrs[j] + begin0 * steps[j] + begin1 * steps[nops + j]
                if (loop.across >> j) & 1:
                    buffer = <char*>((<uintptr_t>room + 63) & ~<uintptr_t>63)
                    buffer += n * TILE_BYTES
                    strides[nops + j] = length * loop.widths[j]
                    transpose(buffer, strides[nops + j], at[j], steps[j], inner[0],
                              inner[1], loop.widths[j])
                    at[j] = buffer
                    n += 1
            loop.kernel(inner, at, strides)
            begin1 += TILE_ROWS
        begin0 += length


cdef void find_across(Loop* loop, int first, int* codes) noexcept:
    """Choose the inputs (from operand `first` on) that lie across, and swap dimensions
    so that they are contiguous along the second one."""
    cdef int j, d, width, dim = 0, found = 0
    cdef int64_t step
    for j in range(first, loop.nops):
        width = ITEMSIZE[codes[j]]
        step = loop.steps[j][0]
        if found == TILED or -64 < step < 64:
            continue
        for d in range(1, loop.ndim):
            if loop.steps[j][d] == width and loop.sizes[d] >= 4 and dim in (0, d):
                dim = d
                loop.across |= 1 << j
                loop.widths[j] = width
                found += 1
                break
    if dim > 1:
        loop.sizes[1], loop.sizes[dim] = loop.sizes[dim], loop.sizes[1]
        for j in range(loop.nops):
            step = loop.steps[j][1]
            loop.steps[j][1] = loop.steps[j][dim]
            loop.steps[j][dim] = step


cdef inline void _run_plane(Loop* loop, int64_t* sizes, char** ptrs,
                            int64_t* steps) noexcept nogil:
    if loop.across:
        _run_tiles(loop, sizes, ptrs, steps)
    else:
        loop.kernel(sizes, ptrs, steps)


cdef void _run_range(Loop* loop, char** ptrs, int64_t* sizes) noexcept nogil:
    cdef int nops = loop.nops
    cdef int64_t inner[2]
    cdef int64_t steps[20]
    cdef int64_t index[64]
    cdef char* at[10]
    cdef int j, d
    inner[0] = sizes[0]
    inner[1] = sizes[1] if loop.ndim > 1 else 1
    for j in range(nops):
        steps[j] = loop.steps[j][0]
        steps[nops + j] = loop.steps[j][1] if loop.ndim > 1 else 0
        at[j] = ptrs[j]
    if loop.ndim <= 2:
        _run_plane(loop, inner, at, steps)
        return
    for d in range(2, loop.ndim):
        index[d] = 0
    while True:
        _run_plane(loop, inner, at, steps)
        d = 2
        while True:
            index[d] += 1
            for j in range(nops):
                at[j] += loop.steps[j][d]
            if index[d] < sizes[d]:
                break
            for j in range(nops):
                at[j] -= loop.steps[j][d] * sizes[d]
            index[d] = 0
            d += 1
            if d == loop.ndim:
                return


cdef void _run_part(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Loop* loop = <Loop*>arg
    cdef char* ptrs[10]
    cdef int64_t sizes[64]
    cdef int j
    for j in range(loop.nops):
        ptrs[j] = loop.ptrs[j] + loop.steps[j][loop.split] * begin
    memcpy(sizes, loop.sizes, loop.ndim * sizeof(int64_t))
    sizes[loop.split] = end - begin
    _run_range(loop, ptrs, sizes)


cdef int run_loop(Loop* loop, int64_t count) noexcept:
    """Run the kernel over all of the loop, on several threads if it is large."""
    cdef int d
    cdef int64_t rest
    if count == 0:
        return 0
    if count < PARALLEL_MATH:
        _run_range(loop, loop.ptrs, loop.sizes)
        return 0
    if num_threads() == 1:
        with nogil:
            _run_range(loop, loop.ptrs, loop.sizes)
        return 0
    # Split the outermost dimension, or the longest one if that is too short.
    loop.split = loop.ndim - 1
    if loop.sizes[loop.split] < 2 * num_threads():
        for d in range(loop.ndim):
            if loop.sizes[d] > loop.sizes[loop.split]:
                loop.split = d
    rest = count // loop.sizes[loop.split]
    with nogil:
        parallel_for(_run_part, loop, loop.sizes[loop.split],
                     max(<int64_t>1, PARALLEL_MATH // 2 // max(rest, <int64_t>1)))
    return 0


cdef bint _prefer_swap(Loop* loop, int a, int b, int* verdict) noexcept:
    # Compare dimensions a (assumed faster) and b by the operands' strides: 1 if b is
    # really the faster, -1 if a is, 0 if nothing tells.
    cdef int j
    cdef int64_t sa, sb
    for j in range(loop.nops):
        sa = loop.steps[j][a]
        sb = loop.steps[j][b]
        if loop.ptrs[j] == NULL or sa == 0 or sb == 0:
            continue
        if sa < sb:
            verdict[0] = -1
            return True
        if sa > sb or loop.sizes[a] > loop.sizes[b]:
            verdict[0] = 1
            return True
    verdict[0] = 0
    return False


cdef int sort_dims(Loop* loop, int* order) noexcept:
    """Order of dimensions, fastest first, following the operands' memory.

    An insertion sort with an ambiguous comparison, so that results get the layout
    PyTorch would give them.
    """
    cdef int i, k, dim1, verdict, d
    for i in range(loop.ndim):
        order[i] = i
    for i in range(1, loop.ndim):
        dim1 = i
        k = i - 1
        while k >= 0:
            _prefer_swap(loop, order[k], order[dim1], &verdict)
            if verdict > 0:
                d = order[k]
                order[k] = order[dim1]
                order[dim1] = d
                dim1 = k
            elif verdict < 0:
                break
            k -= 1
    return 0


cdef void apply_order(Loop* loop, int* order) noexcept:
    cdef int64_t old[64]
    cdef int i, j
    memcpy(old, loop.sizes, loop.ndim * sizeof(int64_t))
    for i in range(loop.ndim):
        loop.sizes[i] = old[order[i]]
    for j in range(loop.nops):
        memcpy(old, loop.steps[j], loop.ndim * sizeof(int64_t))
        for i in range(loop.ndim):
            loop.steps[j][i] = old[order[i]]


cdef void collapse(Loop* loop) noexcept:
    """Merge neighbouring dimensions that all operands step through as one."""
    cdef int write = 0, read, j
    cdef bint merge
    if loop.ndim == 0:
        loop.ndim = 1
        loop.sizes[0] = 1
        for j in range(loop.nops):
            loop.steps[j][0] = 0
        return
    for read in range(1, loop.ndim):
        merge = True
        if loop.sizes[write] != 1 and loop.sizes[read] != 1:
            for j in range(loop.nops):
                if loop.steps[j][write] * loop.sizes[write] != loop.steps[j][read]:
                    merge = False
                    break
        if merge:
            if loop.sizes[write] == 1:
                for j in range(loop.nops):
                    loop.steps[j][write] = loop.steps[j][read]
            loop.sizes[write] *= loop.sizes[read]
        else:
            write += 1
            loop.sizes[write] = loop.sizes[read]
            for j in range(loop.nops):
                loop.steps[j][write] = loop.steps[j][read]
    loop.ndim = write + 1
