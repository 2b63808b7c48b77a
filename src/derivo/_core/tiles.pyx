"""Matrix products cut into the pieces that generated kernels work on.

`derivo.codegen.tiles` writes the inner loops: tiles of the result held in registers,
and sums along the common dimension. Here is what runs around them, once for some
hundreds of their steps: bringing operands into the form that the kernels read, edges
that are no whole vector, blocks of the common dimension. Which form serves, and which
thread does what, `blas.pyx` decides.

Why not BLAS: measured beside PyTorch's MKL on the development machine (AVX-512,
float32, one thread, GFLOP/s, the best of many runs):

    m x k x n           these tiles   OpenBLAS 0.3.30   MKL
    64 x 784 x 128          169             77           170
    64 x 128 x 784          167             93           172
    512 x 512 x 512         164            143           154
    1024 x 1024 x 1024      137            134           140

and a product through SciPy's pointers costs an import of NumPy and SciPy (0.13 s) and a
second pool of threads.
"""

from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from derivo._core._types cimport kernel_t


cdef enum:
    # Elements of a block of the right operand, and one vector, in bytes.
    PANEL_BYTES = 65536 + 64
    # A tile of the result.
    EDGE_BYTES = 14 * 2 * 64


# ---------------------------------------------------------------- finding the kernels

cdef int build(Kernels* kernels, str dtype, str level) except -1:
    """Fill the table of kernels of a float dtype for vectors of a level."""
    cdef void* found[64]
    cdef kernel_t entry
    cdef int i, at = 0
    from derivo.codegen import build_map, build_tiles
    from derivo.ir.expr import var

    address, rows, lanes = build_tiles(dtype, level)
    entry = <kernel_t> <size_t> address
    entry(NULL, <char**> found, NULL)
    kernels.size = 4 if dtype == "float32" else 8
    kernels.rows = rows
    kernels.lanes = lanes
    for i in range(rows):
        kernels.tiles[i][0] = <tile_t> found[2 * i]
        kernels.tiles[i][1] = <tile_t> found[2 * i + 1]
    at = 2 * rows
    for i in range(4):
        kernels.dots[i] = <dots_t> found[at + i]
    kernels.long_dot = <dots_t> found[at + 4]
    kernels.turn = <turn_t> found[at + 5]
    kernels.copy_panels = <copy_t> found[at + 6]
    x = [var(i) for i in range(8)]
    pairs = [x[i] + x[i + 1] for i in range(0, 8, 2)]
    eight = (pairs[0] + pairs[1]) + (pairs[2] + pairs[3])
    kernels.add = <kernel_t> <size_t> build_map(
        "add_rows", (x[0] + x[1],), (dtype,) * 2, (dtype,), dtype, "ccc")
    kernels.add8 = <kernel_t> <size_t> build_map(
        "add_rows", (eight,), (dtype,) * 8, (dtype,), dtype, "c" * 9)
    return 0


cdef int build_integers(IntegerKernels* kernels, str dtype) except -1:
    from derivo.codegen import build_map
    from derivo.ir.expr import var

    c, x, b = var(0), [var(1 + i) for i in range(4)], [var(5 + i) for i in range(4)]
    total = c + x[0] * b[0] + x[1] * b[1] + x[2] * b[2] + x[3] * b[3]
    kernels.four = <kernel_t> <size_t> build_map(
        "add_products", (total,), (dtype,) * 9, (dtype,), dtype, "ccsssscccc")
    kernels.one = <kernel_t> <size_t> build_map(
        "add_products", (c + var(1) * var(2),), (dtype,) * 3, (dtype,), dtype, "ccsc")
    return 0


# ---------------------------------------------------------------- bringing into form

cdef inline void move(int64_t size, char* to, const char* from_) noexcept nogil:
    if size == 4:
        memcpy(to, from_, 4)
    else:
        memcpy(to, from_, 8)


cdef void pack(
    const Kernels* kernels, int64_t k, int64_t n, const char* src, int64_t rs,
    int64_t cs, char* dst, int64_t ldd,
) noexcept nogil:
    """dst[p, j] = src[p, j] for p < k, j < n; strides in bytes, rows in order.

    Writes whole vectors: up to a vector past the last row of dst is spoilt.
    """
    cdef int64_t size = kernels.size
    cdef int64_t lanes = kernels.lanes
    cdef int64_t p = 0
    cdef int64_t j
    if cs == size:
        for p in range(k):
            memcpy(dst + p * ldd, src + p * rs, <size_t> (n * size))
        return
    if rs == size:
        # From the last vector of a row to the first, since each may write too far.
        while p + lanes <= k:
            j = (n - 1) // lanes * lanes
            while j >= 0:
                kernels.turn(src + j * cs + p * size, cs, n - j,
                             dst + p * ldd + j * size, ldd)
                j -= lanes
            p += lanes
    while p < k:
        for j in range(n):
            move(size, dst + p * ldd + j * size, src + p * rs + j * cs)
        p += 1


cdef void put_rows(
    int64_t size, int64_t rows, int64_t width, const char* edge, int64_t lde, char* c,
    int64_t rsc, int64_t csc, const char* cin, int64_t rin, int64_t cin_step,
    double beta,
) noexcept nogil:
    """Rows of a tile that is no whole vectors wide, or goes to columns apart."""
    cdef int64_t j
    cdef float* c32
    cdef double* c64
    cdef const float* e32
    cdef const double* e64
    cdef float beta32 = <float> beta
    for _ in range(rows):
        if beta == 0:
            if csc == 1:
                memcpy(c, edge, <size_t> (width * size))
            else:
                for j in range(width):
                    move(size, c + j * csc * size, edge + j * size)
        elif size == 4:
            c32 = <float*> c
            e32 = <const float*> edge
            for j in range(width):
                c32[j * csc] = e32[j] + beta32 * (<const float*> cin)[j * cin_step]
        else:
            c64 = <double*> c
            e64 = <const double*> edge
            for j in range(width):
                c64[j * csc] = e64[j] + beta * (<const double*> cin)[j * cin_step]
        edge += lde
        c += rsc * size
        cin += rin * size


# ---------------------------------------------------------------- by tiles

cdef void panel(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t m, int64_t j, int64_t w,
    int64_t depth, const char* a, int64_t rsa, int64_t csa, bint packed, const char* b,
    int64_t ldb, bint first,
) noexcept nogil:
    """All rows of the task, columns [j, j + w), one block of the common dimension."""
    cdef int64_t size = kernels.size
    cdef int64_t panels = (m + kernels.rows - 1) // kernels.rows
    cdef int64_t low = m // panels
    cdef int64_t more = m % panels
    cdef int vectors = 2 if w > kernels.lanes else 1
    cdef int64_t wide = vectors * kernels.lanes
    cdef double beta = g.beta if first else 1.0
    cdef char room[EDGE_BYTES + 64]
    cdef char* edge = <char*> ((<size_t> room + 63) & ~<size_t> 63)
    cdef char* c = <char*> g.c + (i0 * g.rsc + j * g.csc) * size
    cdef const char* cin = c
    cdef int64_t rin = g.rsc
    cdef int64_t cin_step = g.csc
    cdef int64_t t, rows, rs, cs
    cdef bint direct
    cdef tile_t tile
    if first and g.cin != NULL:
        rin = g.rscin
        cin_step = g.cscin
        cin = <const char*> g.cin + (i0 * rin + j * cin_step) * size
    direct = w == wide and g.csc == 1 and (cin_step == 1 or beta == 0)
    for t in range(panels):
        rows = low + (1 if t < more else 0)
        tile = kernels.tiles[rows - 1][vectors - 1]
        rs = size if packed else rsa
        cs = rows * size if packed else csa
        if direct:
            tile(depth, a, rs, cs, b, ldb, c, g.rsc * size, cin, rin * size, g.alpha,
                 beta)
        else:
            tile(depth, a, rs, cs, b, ldb, edge, wide * size, edge, wide * size,
                 g.alpha, 0.0)
            put_rows(size, rows, w, edge, wide * size, c, g.rsc, g.csc, cin, rin,
                     cin_step, beta)
        a += rows * depth * size if packed else rows * rsa
        c += rows * g.rsc * size
        cin += rows * rin * size


cdef char* pack_rows(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t m, int64_t k0,
    int64_t depth,
) noexcept nogil:
    """Panels of rows of the left operand, one after the other; NULL without memory."""
    cdef int64_t size = kernels.size
    cdef int64_t panels = (m + kernels.rows - 1) // kernels.rows
    cdef int64_t low = m // panels
    cdef int64_t more = m % panels
    cdef int64_t t, rows
    cdef const char* a = <const char*> g.a + (i0 * g.rsa + k0 * g.csa) * size
    cdef char* block = <char*> malloc(<size_t> (size * (m * depth + kernels.lanes)))
    cdef char* at = block
    if block == NULL:
        return NULL
    for t in range(panels):
        rows = low + (1 if t < more else 0)
        pack(kernels, depth, rows, a, g.csa * size, g.rsa * size, at, rows * size)
        a += rows * g.rsa * size
        at += rows * depth * size
    return block


cdef inline bint copies_rows(
    const Kernels* kernels, const Gemm* g, int64_t columns
) noexcept nogil:
    # Rows (or columns) that far apart share sets of the cache and need a page each: a
    # copy of the left operand pays if it meets that many columns.
    cdef int64_t far = 2048 // kernels.size
    return columns >= 16 * kernels.lanes and (g.rsa >= far or g.csa >= far)


cdef void by_tiles(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t i1, int64_t j0,
    int64_t j1,
) noexcept nogil:
    """The part [i0, i1) x [j0, j1) of the product, by tiles."""
    cdef int64_t size = kernels.size
    cdef int64_t m = i1 - i0
    cdef int64_t blocks = (g.k + DEPTH - 1) // DEPTH if g.k > DEPTH else 1
    cdef int64_t q, k0, depth, j, w, wide, ldb
    cdef char room[PANEL_BYTES + 64]
    cdef char* copy = <char*> ((<size_t> room + 63) & ~<size_t> 63)
    cdef char* block
    cdef const char* a
    cdef const char* b
    for q in range(blocks):
        k0 = g.k * q // blocks
        depth = g.k * (q + 1) // blocks - k0
        a = <const char*> g.a + (i0 * g.rsa + k0 * g.csa) * size
        block = NULL   # also when there is no memory for it
        if m >= 2 * kernels.rows and copies_rows(kernels, g, j1 - j0):
            block = pack_rows(kernels, g, i0, m, k0, depth)
        j = j0
        while j < j1:
            w = min(j1 - j, 2 * kernels.lanes)
            wide = 2 * kernels.lanes if w > kernels.lanes else kernels.lanes
            b = <const char*> g.b + (k0 * g.rsb + j * g.csb) * size
            ldb = g.rsb * size
            if g.csb != 1 or w < wide:
                if w < wide:   # nobody reads these lanes: but no nan there
                    memset(copy, 0, <size_t> (size * depth * wide))
                pack(kernels, depth, w, b, ldb, g.csb * size, copy, wide * size)
                b = copy
                ldb = wide * size
            panel(kernels, g, i0, m, j, w, depth, block if block != NULL else a,
                  g.rsa * size, g.csa * size, block != NULL, b, ldb, q == 0)
            j += 2 * kernels.lanes
        free(block)


# Large products go in two steps for each block of the common dimension: all threads
# copy the right operand, panel after panel; then each takes ranges of rows. Columns
# [j0, j1) start at a panel.

cdef void pack_columns(
    const Kernels* kernels, const Gemm* g, int64_t j0, int64_t j1, int64_t k0,
    int64_t depth, char* packed,
) noexcept nogil:
    cdef int64_t size = kernels.size
    cdef int64_t wide = 2 * kernels.lanes
    cdef int64_t x = 0
    cdef int64_t w
    cdef const char* src = <const char*> g.b + (k0 * g.rsb + j0 * g.csb) * size
    cdef char* to
    if g.csb == 1:
        x = (j1 - j0) // wide
        kernels.copy_panels(depth, x, src, g.rsb * size, packed)
    while x * wide < j1 - j0:
        w = min(j1 - j0 - x * wide, wide)
        to = packed + x * depth * wide * size
        if w < wide:
            memset(to, 0, <size_t> (size * depth * wide))
        pack(kernels, depth, w, src + x * wide * g.csb * size, g.rsb * size,
             g.csb * size, to, wide * size)
        x += 1


cdef void by_rows(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t i1, int64_t j0,
    int64_t j1, int64_t k0, int64_t depth, const char* packed, bint first,
) noexcept nogil:
    cdef int64_t size = kernels.size
    cdef int64_t wide = 2 * kernels.lanes
    cdef int64_t j = j0
    cdef const char* a = <const char*> g.a + (i0 * g.rsa + k0 * g.csa) * size
    cdef char* block = NULL
    if copies_rows(kernels, g, j1 - j0):
        block = pack_rows(kernels, g, i0, i1 - i0, k0, depth)
    while j < j1:
        panel(kernels, g, i0, i1 - i0, j, min(j1 - j, wide), depth,
              block if block != NULL else a, g.rsa * size, g.csa * size, block != NULL,
              packed, wide * size, first)
        j += wide
        packed += depth * wide * size
    free(block)


# ---------------------------------------------------------------- by dots

cdef void by_dots(
    const Kernels* kernels, const Gemm* g, int64_t i0, int64_t i1
) noexcept nogil:
    """Rows [i0, i1) of a product with n <= 4 columns, csa == 1: vectors along k.

    Long sums go in blocks, which keeps their error that of a sum of blocks.
    """
    cdef int64_t size = kernels.size
    cdef int64_t step = 4 * DEPTH
    cdef char room[4 * 4 * DEPTH * 8 + 64]
    cdef char* copy = <char*> ((<size_t> room + 63) & ~<size_t> 63)
    cdef char out[16 * 8]
    cdef const char* x
    cdef const char* y
    cdef int64_t k0 = 0
    cdef int64_t depth, ldy, i, j, p, rows
    while k0 < g.k or k0 == 0:
        depth = min(g.k - k0, step)
        y = <const char*> g.b + k0 * g.rsb * size
        ldy = g.csb * size
        if g.rsb != 1:
            for j in range(g.n):
                for p in range(depth):
                    move(size, copy + (j * step + p) * size,
                         y + p * g.rsb * size + j * ldy)
            y = copy
            ldy = step * size
        i = i0
        while i < i1:
            x = <const char*> g.a + (i * g.rsa + k0) * size
            rows = 4 if i1 - i >= 4 else 1
            if rows == 4:
                kernels.dots[g.n - 1](depth, x, g.rsa * size, y, ldy, out)
            else:
                for j in range(g.n):
                    kernels.long_dot(depth, x, 0, y + j * ldy, 0, out + j * size)
            put_sums(size, g, i, rows, out, k0 == 0)
            i += rows
        k0 += step


cdef void put_sums(
    int64_t size, const Gemm* g, int64_t i, int64_t rows, const char* sums, bint first
) noexcept nogil:
    cdef int64_t r, j
    cdef char* c
    cdef const char* cin
    cdef double factor = g.beta if first else 1.0
    for r in range(rows):
        for j in range(g.n):
            c = <char*> g.c + ((i + r) * g.rsc + j * g.csc) * size
            cin = c
            if first and g.cin != NULL:
                cin = <const char*> g.cin + ((i + r) * g.rscin + j * g.cscin) * size
            if size == 4:
                put_sum32(<float*> c, <const float*> cin, <float> g.alpha,
                          (<const float*> sums)[r * g.n + j], <float> factor)
            elif factor == 0:
                (<double*> c)[0] = g.alpha * (<const double*> sums)[r * g.n + j]
            else:
                (<double*> c)[0] = (g.alpha * (<const double*> sums)[r * g.n + j]
                                    + factor * (<const double*> cin)[0])


cdef inline void put_sum32(
    float* c, const float* cin, float alpha, float total, float factor
) noexcept nogil:
    c[0] = alpha * total if factor == 0 else alpha * total + factor * cin[0]


# ---------------------------------------------------------------- integers

cdef void by_integers(
    const IntegerKernels* kernels, int64_t size, const Gemm* g, int64_t i0, int64_t i1
) noexcept nogil:
    """Adds rows [i0, i1) of a b to c, modulo the size of the type.

    Needs csb == csc == 1. Four rows of b at a time, for one load and store of c; a
    block of b stays in the cache.
    """
    cdef int64_t sizes[2]
    cdef int64_t four_steps[20]
    cdef int64_t one_steps[8]
    cdef char* ptrs[10]
    cdef int64_t k0 = 0
    cdef int64_t end, i, p, t
    cdef const char* a
    sizes[0] = g.n
    sizes[1] = 1
    for t in range(20):   # of c, c, the numbers, the rows; then outer ones
        four_steps[t] = 0 if 2 <= t < 6 else size
    for t in range(8):
        one_steps[t] = 0 if t == 2 else size
    while k0 < g.k:
        end = min(g.k, k0 + 128)
        for i in range(i0, i1):
            a = <const char*> g.a + i * g.rsa * size
            ptrs[0] = <char*> g.c + i * g.rsc * size
            ptrs[1] = ptrs[0]
            p = k0
            while p + 4 <= end:
                for t in range(4):
                    ptrs[2 + t] = <char*> a + (p + t) * g.csa * size
                    ptrs[6 + t] = <char*> g.b + (p + t) * g.rsb * size
                kernels.four(sizes, ptrs, four_steps)
                p += 4
            while p < end:
                ptrs[2] = <char*> a + p * g.csa * size
                ptrs[3] = <char*> g.b + p * g.rsb * size
                kernels.one(sizes, ptrs, one_steps)
                p += 1
        k0 += 128


# ---------------------------------------------------------------- sums of columns

cdef int sum_columns(
    const Kernels* kernels, int64_t m, int64_t n, const char* source, int64_t row_step,
    double factor, char* sums,
) except -1:
    """sums[j] = factor * sum of source[i, j], pairwise.

    Eight rows at a time, then the sums of such blocks by twos, as one counts in
    binary.
    """
    cdef int64_t sizes[2]
    cdef int64_t steps[20]
    cdef char* ptrs[10]
    cdef char* levels
    cdef int64_t size = kernels.size
    cdef int64_t width = n * size
    cdef int64_t i = 0
    cdef int64_t block = 0
    cdef int64_t bit, j
    cdef int t, depth = 0
    levels = <char*> malloc(<size_t> (64 * width + 1))
    if levels == NULL:
        raise MemoryError("[sum] no memory for the sums of parts of the columns.")
    sizes[0] = n
    sizes[1] = 1
    for t in range(20):
        steps[t] = size   # the outer dimension has one entry
    while i < m:
        ptrs[0] = levels + depth * width
        if i + 8 <= m:
            for t in range(8):
                ptrs[1 + t] = <char*> source + (i + t) * row_step * size
            kernels.add8(sizes, ptrs, steps)
            i += 8
        else:
            memcpy(ptrs[0], source + i * row_step * size, <size_t> width)
            i += 1
            while i < m:
                ptrs[1] = ptrs[0]
                ptrs[2] = <char*> source + i * row_step * size
                kernels.add(sizes, ptrs, steps)
                i += 1
        depth += 1
        bit = block
        while bit & 1:
            ptrs[0] = levels + (depth - 2) * width
            ptrs[1] = ptrs[0]
            ptrs[2] = levels + (depth - 1) * width
            kernels.add(sizes, ptrs, steps)
            depth -= 1
            bit >>= 1
        block += 1
    if depth == 0:
        memset(levels, 0, <size_t> width)
        depth = 1
    while depth > 1:
        ptrs[0] = levels + (depth - 2) * width
        ptrs[1] = ptrs[0]
        ptrs[2] = levels + (depth - 1) * width
        kernels.add(sizes, ptrs, steps)
        depth -= 1
    if size == 4:
        for j in range(n):
            (<float*> sums)[j] = <float> factor * (<float*> levels)[j]
    else:
        for j in range(n):
            (<double*> sums)[j] = factor * (<double*> levels)[j]
    free(levels)
    return 0
