"""Matrix products: choosing the form, splitting over threads, 16-bit floats, integers.

The kernels are generated (`derivo.codegen.tiles`; `tiles.pyx`, which runs them, says
why they exist beside BLAS). For float32 and float64 there are two forms, `by_tiles`
(vectors along the columns of c) and `by_dots` (vectors along k), and each can compute
the transposed product instead. A rough count
of cycles picks one of the four, from the sizes and from which strides are 1.

An element of the result is summed in the same order whatever the number of threads:
threads share out rows and columns, never k.

Where the kernels have 16-byte vectors only, large products go to SciPy's BLAS
(`scipy_blas.pyx`).
"""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from cython cimport floating

from derivo._core._types cimport (
    BF16, F16, F32, F64, I8, I16, I32, U8, kernel_t,
)
from derivo._core.scipy_blas cimport blas_fits, blas_is_on, by_blas, look_for_blas
from derivo._core.threads cimport num_threads, parallel_chunks
from derivo._core.tiles cimport (
    DEPTH, Gemm, IntegerKernels, Kernels, build, build_integers, by_dots, by_integers,
    by_rows, by_tiles, pack_columns, sum_columns,
)

from derivo._core.scipy_blas import blas_address, use_blas

__all__ = ["blas_address", "product", "use_blas", "use_vectors"]


cdef enum Form:
    TILES = 0
    DOTS = 1
    BLAS = 2

cdef enum:
    # Estimated cycles on one thread from which a product is split: about 25 us.
    # Waking a sleeping thread costs 5 (same core) to 15 us here.
    SPLIT_CYCLES = 60000
    # Cycles of one task at least.
    TASK_CYCLES = 20000
    # From so many rows, large products copy the right operand first.
    PACK_ROWS = 192
    # Columns of it that are copied at a time (1 MB of float32, which the second-level
    # cache holds).
    PACK_COLUMNS = 512
    # Rows of a task in such a product, at most: its rows of the left operand then
    # stay in the second-level cache.
    TASK_ROWS = 256
    # Rows of 16-bit floats that are converted at a time.
    HALF_ROWS = 256
    # Multiply-adds from which narrow machines call BLAS.
    BLAS_WORK = 262144

# Strided rows to rows without gaps, and back.
cdef struct Halves:
    kernel_t widen
    kernel_t narrow

cdef struct Moves:
    kernel_t gather           # out = x
    kernel_t scale            # out = alpha * x
    kernel_t scale_and_add    # out = alpha * x + beta * y

cdef Moves integer_moves[4]
cdef Kernels f32_kernels
cdef Kernels f64_kernels
cdef IntegerKernels integer_kernels[4]    # of 1, 2, 4 and 8 bytes
cdef Halves half_kernels[2]               # of float16 and bfloat16
cdef bint built[12]                       # by dtype: whether its kernels are there
cdef int vector_bytes = 0
cdef str vector_level = ""


cdef struct Plan:
    const Gemm* g
    Kernels* kernels
    int code
    int form
    int64_t row_step      # rows and columns of a task
    int64_t col_step
    int64_t col_tasks


cdef inline double cycles_by_tiles(
    Kernels* kernels, int64_t m, int64_t n, int64_t k, bint rows_direct, bint direct_out
) noexcept nogil:
    cdef int64_t wide = n // (2 * kernels.lanes)
    cdef int64_t rest = n - wide * 2 * kernels.lanes
    cdef int64_t panels = (m + kernels.rows - 1) // kernels.rows
    # Two multiply-adds a cycle, each ready after four.
    cdef double cycles = <double> wide * max(m, 4 * panels)
    if rest > kernels.lanes:
        cycles += max(m, 4 * panels)
    elif rest > 0:
        cycles += max(0.5 * m, 4.0 * panels)
    cycles *= k
    cycles += 10.0 * panels * (wide + 1)
    if not rows_direct:
        cycles += 0.5 * k * n
    elif rest % kernels.lanes:
        cycles += 0.5 * k * rest
    if not direct_out:
        cycles += 1.5 * m * n
    elif rest % kernels.lanes:
        cycles += 1.5 * m * rest
    return cycles


cdef inline double cycles_by_dots(
    Kernels* kernels, int64_t m, int64_t n, int64_t k, bint columns_direct
) noexcept nogil:
    cdef double cycles = (
        0.25 * m * (k // kernels.lanes + 1) * max(2.0 * n, 4.0) + 12.0 * m * n
    )
    if not columns_direct:
        cycles += 1.0 * k * n
    return cycles


cdef inline void turn(Gemm* g) noexcept nogil:
    # The transposed product: c' = b' a'
    g.m, g.n = g.n, g.m
    g.a, g.b = g.b, g.a
    g.rsa, g.csb = g.csb, g.rsa
    g.csa, g.rsb = g.rsb, g.csa
    g.rsc, g.csc = g.csc, g.rsc
    g.rscin, g.cscin = g.cscin, g.rscin


cdef double choose(Kernels* kernels, Gemm* g, Plan* plan) noexcept nogil:
    # Strides of a dimension of length 1 say nothing; 1 is the kindest reading.
    if g.n == 1:
        g.csb = 1
        g.csc = 1
        g.cscin = 1
    if g.m == 1:
        g.rsa = 1
        g.rsc = 1
        g.rscin = 1
    if g.k == 1:
        g.csa = 1
        g.rsb = 1
    cdef bint reads = g.beta != 0 and g.cin != NULL
    cdef double best = cycles_by_tiles(
        kernels, g.m, g.n, g.k, g.csb == 1,
        g.csc == 1 and (not reads or g.cscin == 1))
    cdef double other = cycles_by_tiles(
        kernels, g.n, g.m, g.k, g.rsa == 1,
        g.rsc == 1 and (not reads or g.rscin == 1))
    cdef bint turned = False
    plan.form = TILES
    if other < best:
        best = other
        turned = True
    if g.n <= 4 and g.csa == 1:
        other = cycles_by_dots(kernels, g.m, g.n, g.k, g.rsb == 1)
        if other < best:
            best = other
            plan.form = DOTS
            turned = False
    if g.m <= 4 and g.rsb == 1:
        other = cycles_by_dots(kernels, g.n, g.m, g.k, g.csa == 1)
        if other < best:
            best = other
            plan.form = DOTS
            turned = True
    if turned:
        turn(g)
    plan.g = g
    plan.kernels = kernels
    return best


cdef void run_task(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Plan* plan = <Plan*> arg
    cdef const Gemm* g = plan.g
    cdef int64_t task, i, j
    for task in range(begin, end):
        i = task // plan.col_tasks * plan.row_step
        j = task % plan.col_tasks * plan.col_step
        if plan.form == DOTS:
            by_dots(plan.kernels, g, i, min(i + plan.row_step, g.m))
        elif plan.form == TILES:
            by_tiles(
                plan.kernels, g, i, min(i + plan.row_step, g.m),
                j, min(j + plan.col_step, g.n))
        else:
            by_blas(
                plan.code, g, i, min(i + plan.row_step, g.m),
                j, min(j + plan.col_step, g.n))


cdef inline int64_t share(int64_t length, int64_t parts, int64_t unit) noexcept nogil:
    # Length of each of `parts` parts, a multiple of unit.
    cdef int64_t units = (length + unit - 1) // unit
    if parts > units:
        parts = units
    return (units + parts - 1) // parts * unit


cdef void gemm_floats(int code, Gemm* given, bint alone) noexcept nogil:
    cdef Gemm g = given[0]
    cdef Kernels* kernels = &f32_kernels if code == F32 else &f64_kernels
    cdef Plan plan
    cdef double cycles, work, memory
    cdef int64_t tasks, rows
    cdef int threads = num_threads()
    cycles = choose(kernels, &g, &plan)
    plan.code = code
    work = <double> g.m * g.n * g.k
    if (
        blas_is_on() and work >= BLAS_WORK and plan.form == TILES
        and blas_fits(&g)
    ):
        plan.form = BLAS
    # A product with few rows or columns waits for memory: 16 bytes a cycle.
    memory = (<double> g.m * g.k + <double> g.k * g.n) * (4 if code == F32 else 8) / 16
    if memory > cycles:
        cycles = memory
    if alone or cycles < SPLIT_CYCLES:
        threads = 1
    if (
        plan.form == TILES and g.m >= PACK_ROWS and g.n >= 8 * kernels.lanes
        and g.k >= 32 and (g.csb != 1 or g.rsb >= 64 * kernels.lanes)
        and in_two_steps(code, &g, kernels, threads)
    ):
        return
    if threads == 1:
        if plan.form == TILES:
            by_tiles(kernels, &g, 0, g.m, 0, g.n)
        elif plan.form == DOTS:
            by_dots(kernels, &g, 0, g.m)
        else:
            by_blas(code, &g, 0, g.m, 0, g.n)
        return
    tasks = min(<int64_t> (cycles / TASK_CYCLES), 4 * threads)
    tasks -= tasks % threads
    tasks = max(tasks, threads)
    plan.col_step = g.n
    plan.col_tasks = 1
    if plan.form == DOTS:
        plan.row_step = share(g.m, tasks, 4)
    else:
        # Columns first: tasks of the same columns would all pack the same panels.
        plan.col_step = share(g.n, tasks, 2 * kernels.lanes)
        plan.col_tasks = (g.n + plan.col_step - 1) // plan.col_step
        rows = (tasks + plan.col_tasks - 1) // plan.col_tasks
        plan.row_step = share(g.m, rows, 1)
    tasks = (g.m + plan.row_step - 1) // plan.row_step * plan.col_tasks
    parallel_chunks(run_task, &plan, tasks, 1)


cdef struct Steps:
    const Gemm* g
    Kernels* kernels
    char* packed
    int64_t size
    int64_t j0
    int64_t j1
    int64_t k0
    int64_t depth
    int64_t panel_step    # panels of a packing task
    int64_t row_step


cdef void pack_task(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Steps* s = <Steps*> arg
    cdef int64_t wide = 2 * s.kernels.lanes
    cdef int64_t first = begin * s.panel_step * wide
    cdef int64_t last = min(end * s.panel_step * wide, s.j1 - s.j0)
    pack_columns(
        s.kernels, s.g, s.j0 + first, s.j0 + last, s.k0, s.depth,
        s.packed + s.size * first * s.depth)


cdef void rows_task(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Steps* s = <Steps*> arg
    cdef int64_t task
    for task in range(begin, end):
        by_rows(
            s.kernels, s.g, task * s.row_step, min((task + 1) * s.row_step, s.g.m),
            s.j0, s.j1, s.k0, s.depth, s.packed, s.k0 == 0)


cdef bint in_two_steps(
    int code, const Gemm* g, Kernels* kernels, int threads
) noexcept nogil:
    # Returns False, having done nothing, if there is no memory for the copy.
    cdef Steps s
    cdef int64_t wide = 2 * kernels.lanes
    cdef int64_t blocks = (g.k + DEPTH - 1) // DEPTH
    cdef int64_t columns = min((g.n + wide - 1) // wide * wide, <int64_t> PACK_COLUMNS)
    cdef int64_t q, panels, rows
    s.size = 4 if code == F32 else 8
    s.packed = <char*> malloc(
        <size_t> (s.size * columns * ((g.k + blocks - 1) // blocks) + 64))
    if s.packed == NULL:
        return False
    s.g = g
    s.kernels = kernels
    rows = max((g.m + TASK_ROWS - 1) // TASK_ROWS, <int64_t> (4 * threads))
    # Equal shares; a panel of rows may have any length.
    s.row_step = share(g.m, rows, 1)
    rows = (g.m + s.row_step - 1) // s.row_step
    s.j0 = 0
    while s.j0 < g.n:
        s.j1 = min(s.j0 + columns, g.n)
        panels = (s.j1 - s.j0 + wide - 1) // wide
        s.panel_step = max(<int64_t> 4, (panels + 4 * threads - 1) // (4 * threads))
        panels = (panels + s.panel_step - 1) // s.panel_step
        for q in range(blocks):
            s.k0 = g.k * q // blocks
            s.depth = g.k * (q + 1) // blocks - s.k0
            if threads == 1:
                pack_task(&s, 0, panels)
                rows_task(&s, 0, rows)
            else:
                parallel_chunks(pack_task, &s, panels, 1)
                parallel_chunks(rows_task, &s, rows, 1)
        s.j0 = s.j1
    free(s.packed)
    return True


cdef int column_sums(
    int code, int64_t m, int64_t n, const void* source, int64_t row_step,
    double factor, void* sums,
) except -1:
    ready(code)
    return sum_columns(
        &f32_kernels if code == F32 else &f64_kernels, m, n, <const char*> source,
        row_step, factor, <char*> sums)


# ------------------------------------------------------------------ 16-bit floats

cdef void run_rows(
    kernel_t kernel, int n, int64_t rows, int64_t cols, const void** ptrs,
    const int64_t* rs, const int64_t* cs, const int64_t* size,
) noexcept nogil:
    """One kernel over matrices of `n` operands; strides in elements of `size` bytes."""
    cdef int64_t sizes[2]
    cdef int64_t steps[10]
    cdef int i
    sizes[0] = cols
    sizes[1] = rows
    for i in range(n):
        steps[i] = cs[i] * size[i]
        steps[n + i] = rs[i] * size[i]
    if rows > 0 and cols > 0:
        kernel(sizes, <char**> ptrs, steps)


cdef void move_rows(
    kernel_t kernel, int64_t rows, int64_t cols, const void* src, int64_t src_size,
    int64_t src_rs, int64_t src_cs, void* dst, int64_t dst_size, int64_t dst_rs,
    int64_t dst_cs,
) noexcept nogil:
    cdef const void* ptrs[2]
    cdef int64_t rs[2]
    cdef int64_t cs[2]
    cdef int64_t size[2]
    ptrs[0], ptrs[1] = dst, src
    rs[0], rs[1] = dst_rs, src_rs
    cs[0], cs[1] = dst_cs, src_cs
    size[0], size[1] = dst_size, src_size
    run_rows(kernel, 2, rows, cols, ptrs, rs, cs, size)


cdef int gemm_halves(int code, Gemm* g, bint alone) noexcept nogil:
    cdef const Halves* halves = &half_kernels[code - F16]
    cdef int64_t m = min(g.m, HALF_ROWS)
    cdef int64_t i, rows
    cdef float* room = <float*> malloc(
        sizeof(float) * <size_t> (g.k * g.n + m * g.k + m * g.n + 1))
    cdef float* a
    cdef float* c
    cdef const char* cin = <const char*> g.cin
    cdef int64_t rscin = g.rscin
    cdef int64_t cscin = g.cscin
    cdef Gemm f
    if room == NULL:
        return -1
    if cin == NULL:
        cin = <const char*> g.c
        rscin = g.rsc
        cscin = g.csc
    a = room + g.k * g.n
    c = a + m * g.k
    move_rows(halves.widen, g.k, g.n, g.b, 2, g.rsb, g.csb, room, 4, g.n, 1)
    f.n = g.n
    f.k = g.k
    f.a = a
    f.b = room
    f.c = c
    f.cin = NULL
    f.rsa = g.k
    f.csa = 1
    f.rsb = g.n
    f.csb = 1
    f.rsc = g.n
    f.csc = 1
    f.rscin = g.n
    f.cscin = 1
    f.alpha = g.alpha
    f.beta = g.beta
    i = 0
    while i < g.m:
        rows = min(g.m - i, m)
        f.m = rows
        move_rows(
            halves.widen, rows, g.k, <const char*> g.a + 2 * i * g.rsa, 2, g.rsa, g.csa,
            a, 4, g.k, 1)
        if g.beta != 0:
            move_rows(
                halves.widen, rows, g.n, cin + 2 * i * rscin, 2, rscin, cscin, c, 4,
                g.n, 1)
        gemm_floats(F32, &f, alone)
        move_rows(
            halves.narrow, rows, g.n, c, 4, g.n, 1, <char*> g.c + 2 * i * g.rsc, 2,
            g.rsc, g.csc)
        i += rows
    free(room)
    return 0


# ------------------------------------------------------------------------ integers

cdef struct IntegerPlan:
    const Gemm* g
    const IntegerKernels* kernels
    int64_t size


cdef void run_integers(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef IntegerPlan* plan = <IntegerPlan*> arg
    by_integers(plan.kernels, plan.size, plan.g, begin, end)


cdef void scatter(
    const Moves* moves, int size, const Gemm* g, const void* made, uint64_t alpha,
    uint64_t beta,
) noexcept nogil:
    """c = alpha * made + beta * cin, of rows without gaps; beta 0 does not read cin."""
    cdef const void* ptrs[5]
    cdef int64_t rs[5]
    cdef int64_t cs[5]
    cdef int64_t sizes[5]
    cdef int i
    for i in range(5):
        sizes[i] = size
        rs[i] = 0
        cs[i] = 0
    ptrs[0], rs[0], cs[0] = g.c, g.rsc, g.csc
    ptrs[1], rs[1], cs[1] = made, g.n, 1
    ptrs[2] = &alpha
    ptrs[3], rs[3], cs[3] = g.cin, g.rscin, g.cscin
    if g.cin == NULL:
        ptrs[3], rs[3], cs[3] = g.c, g.rsc, g.csc
    ptrs[4] = &beta
    if beta == 0:
        run_rows(moves.scale, 3, g.m, g.n, ptrs, rs, cs, sizes)
    else:
        run_rows(moves.scale_and_add, 5, g.m, g.n, ptrs, rs, cs, sizes)


cdef int gemm_integers(int size, Gemm* given, bint alone) noexcept nogil:
    # The kernel adds to rows of c without gaps, from rows of b without gaps; other
    # operands are copied. All is modulo 2**(8 * size), whatever the sign.
    cdef Gemm g = given[0]
    cdef IntegerPlan plan
    cdef int64_t i
    cdef int which = 0 if size == 1 else (1 if size == 2 else (2 if size == 4 else 3))
    cdef const Moves* moves = &integer_moves[which]
    cdef uint64_t alpha = <uint64_t> <int64_t> g.alpha
    cdef uint64_t beta = <uint64_t> <int64_t> g.beta
    cdef bint direct = (g.csc == 1 or g.n == 1) and alpha == 1 and (
        beta == 0 or (beta == 1 and g.cin == NULL))
    cdef void* room_b = NULL
    cdef void* room_c = NULL
    if g.csb != 1 and g.n > 1:
        room_b = malloc(<size_t> (size * (g.k * g.n + 1)))
        if room_b == NULL:
            return -1
        move_rows(
            moves.gather, g.k, g.n, g.b, size, g.rsb, g.csb, room_b, size, g.n, 1)
        g.b = room_b
        g.rsb = g.n
    if not direct:
        room_c = malloc(<size_t> (size * (g.m * g.n + 1)))
        if room_c == NULL:
            free(room_b)
            return -1
        g.c = room_c
        g.rsc = g.n
    if not direct or beta == 0:
        for i in range(g.m):
            memset(<char*> g.c + size * i * g.rsc, 0, <size_t> (size * g.n))
    plan.g = &g
    plan.kernels = &integer_kernels[which]
    plan.size = size
    if alone or <double> g.m * g.n * g.k < 8 * SPLIT_CYCLES:
        run_integers(&plan, 0, g.m)
    else:
        parallel_chunks(
            run_integers, &plan, g.m, max(<int64_t> 1, g.m // (4 * num_threads())))
    if not direct:
        scatter(moves, size, given, room_c, alpha, beta)
    free(room_b)
    free(room_c)
    return 0


# --------------------------------------------------------------------- one or many

cdef bint gemm_is_long(int64_t m, int64_t n, int64_t k) noexcept nogil:
    # About 5 us: then others should have the GIL.
    return <double> m * n * k + 4.0 * (m * k + k * n) > 400000


cdef inline int gemm_one(int code, Gemm* g, bint alone) noexcept nogil:
    if g.m <= 0 or g.n <= 0:
        return 0
    if code == F32 or code == F64:
        gemm_floats(code, g, alone)
        return 0
    if code == F16 or code == BF16:
        return gemm_halves(code, g, alone)
    if code == U8 or code == I8:
        return gemm_integers(1, g, alone)
    if code == I16:
        return gemm_integers(2, g, alone)
    if code == I32:
        return gemm_integers(4, g, alone)
    return gemm_integers(8, g, alone)


cdef int gemm(int code, Gemm* g) noexcept nogil:
    return gemm_one(code, g, False)


cdef struct Batch:
    Gemm* g
    int code
    int failed
    int64_t size
    int64_t step_a
    int64_t step_b
    int64_t step_c
    int64_t step_cin
    bint alone


cdef void outer(floating* c, const floating* a, const floating* b,
                const Gemm* g) noexcept nogil:
    cdef int64_t i, j
    for i in range(g.m):
        for j in range(g.n):
            c[i * g.rsc + j] = a[i * g.rsa] * b[j]


cdef void run_batch(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Batch* batch = <Batch*> arg
    cdef Gemm g = batch.g[0]
    cdef int64_t at
    # Of columns and rows (the weights' gradients of single examples) a tile's start
    # would cost ten times the products.
    cdef bint outers = (
        (batch.code == F32 or batch.code == F64) and g.k == 1 and g.csb == 1
        and g.csc == 1 and g.alpha == 1.0 and g.cin == NULL and g.beta == 0.0)
    for at in range(begin, end):
        g.a = <char*> batch.g.a + batch.size * at * batch.step_a
        g.b = <char*> batch.g.b + batch.size * at * batch.step_b
        g.c = <char*> batch.g.c + batch.size * at * batch.step_c
        if batch.g.cin != NULL:
            g.cin = <char*> batch.g.cin + batch.size * at * batch.step_cin
        if outers and batch.code == F32:
            outer(<float*> g.c, <const float*> g.a, <const float*> g.b, &g)
        elif outers:
            outer(<double*> g.c, <const double*> g.a, <const double*> g.b, &g)
        elif gemm_one(batch.code, &g, batch.alone):
            batch.failed = 1


cdef int gemm_batch(
    int code, Gemm* g, int64_t count, int64_t step_a, int64_t step_b, int64_t step_c,
    int64_t step_cin,
) noexcept nogil:
    cdef Batch batch
    cdef double work = <double> g.m * g.n * (g.k + 8)
    cdef int threads = num_threads()
    batch.g = g
    batch.code = code
    batch.failed = 0
    batch.size = 1 if code == U8 or code == I8 else (
        2 if code == I16 or code == F16 or code == BF16 else (
            4 if code == I32 or code == F32 else 8))
    batch.step_a = step_a
    batch.step_b = step_b
    batch.step_c = step_c
    batch.step_cin = step_cin
    # Whole products for each thread where there are enough, or they are small.
    batch.alone = threads > 1 and count > 1 and (
        count >= 4 * threads or work < 32 * SPLIT_CYCLES)
    if not batch.alone or work * count < 32 * SPLIT_CYCLES:
        run_batch(&batch, 0, count)
    else:
        parallel_chunks(
            run_batch, &batch, count,
            max((count + 4 * threads - 1) // (4 * threads),
                <int64_t> (TASK_CYCLES * 32 / work) + 1))
    return -1 if batch.failed else 0


# ---------------------------------------------------------------------------- kernels

_LEVELS = {64: ("avx512",), 32: ("avx2",), 16: ("sse2", "neon", "scalar")}


def use_vectors(nbytes=None):
    """Choose the kernels by the length of their vectors; return that length.

    Parameters
    ----------
    nbytes : int, optional
        64, 32 or 16. By default what the environment's ``DERIVO_SIMD`` names, else the
        longest that this machine has. A longer one than the machine's is refused.

    Raises
    ------
    ValueError
        Not a length that this machine has.
    """
    global vector_bytes, vector_level
    from derivo.codegen import target

    if nbytes is None:
        chosen = target.current()
    else:
        chosen = None
        for level in _LEVELS.get(nbytes, ()):
            try:
                chosen = target.at_level(level)
            except ValueError:   # more than this machine has
                continue
            break
    if chosen is None:
        raise ValueError(
            f"[use_vectors] no kernels of that width here: expected 16, 32 or 64, at "
            f"most {target.at_level(target.host_level()).vector_bytes}, got {nbytes=}."
        )
    vector_level = chosen.level
    vector_bytes = max(16, chosen.vector_bytes)
    built[<int> F32] = False
    built[<int> F64] = False
    return vector_bytes


_INTEGERS = ("uint8", "int16", "int32", "int64")


cdef int ready(int code) except -1:
    """See to it that the kernels of a dtype are there: before the first product."""
    cdef int i
    if built[code]:
        return 0
    if vector_bytes == 0:
        use_vectors()
    if code == F32:
        build(&f32_kernels, "float32", vector_level)
    elif code == F64:
        build(&f64_kernels, "float64", vector_level)
    elif code == F16 or code == BF16:
        ready(F32)
        name = "float16" if code == F16 else "bfloat16"
        half_kernels[code - F16].widen = move_kernel(name, "float32", "cx")
        half_kernels[code - F16].narrow = move_kernel("float32", name, "xc")
    else:
        i = 0 if code == U8 or code == I8 else (
            1 if code == I16 else (2 if code == I32 else 3))
        build_integers(&integer_kernels[i], _INTEGERS[i])
        build_moves(&integer_moves[i], _INTEGERS[i])
    built[code] = True
    return 0


cdef kernel_t move_kernel(str source, str result, str layout) except NULL:
    from derivo.codegen import build_map
    from derivo.ir.expr import var

    compute = source if result != "float32" and source != "float32" else "float32"
    return <kernel_t> <size_t> build_map(
        "move", (var(0),), (source,), (result,), compute, layout)


cdef int build_moves(Moves* moves, str dtype) except -1:
    from derivo.codegen import build_map
    from derivo.ir.expr import var

    moves.gather = move_kernel(dtype, dtype, "cx")
    scaled = var(0) * var(1)
    moves.scale = <kernel_t> <size_t> build_map(
        "scale", (scaled,), (dtype,) * 2, (dtype,), dtype, "xcs")
    moves.scale_and_add = <kernel_t> <size_t> build_map(
        "scale", (scaled + var(2) * var(3),), (dtype,) * 4, (dtype,), dtype, "xcsxs")
    return 0


cdef int prepare_gemm(int code, int64_t m, int64_t n, int64_t k) except -1:
    if not built[code]:
        ready(code)
    if vector_bytes == 16 and <double> m * n * k >= BLAS_WORK:
        look_for_blas()
    return 0


def product(
    code, sizes, a, a_strides, b, b_strides, c, c_strides, cin=0, cin_strides=(0, 0),
    alpha=1.0, beta=0.0, count=1, steps=(0, 0, 0, 0),
):
    """Compute ``c = alpha * a @ b + beta * cin`` on raw memory.

    Parameters
    ----------
    code : int
        Code of the dtype of all operands.
    sizes : tuple of int
        ``(m, n, k)``.
    a, b, c, cin : int
        Addresses; 0 for `cin` means `c`.
    a_strides, b_strides, c_strides, cin_strides : tuple of int
        Of rows and columns, in elements.
    alpha, beta : float
        Factors; with `beta` 0, `cin` is not read.
    count, steps
        Number of products, and how far apart the operands ``(a, b, c, cin)`` of one
        and the next are.

    Raises
    ------
    MemoryError
        No room for a copy of the operands.
    """
    cdef Gemm g
    cdef int code_ = code
    cdef int64_t count_ = count
    cdef int64_t sa, sb, sc, si
    cdef int failed
    g.m, g.n, g.k = sizes
    g.a = <void*> <size_t> a
    g.b = <void*> <size_t> b
    g.c = <void*> <size_t> c
    g.cin = <void*> <size_t> cin
    g.rsa, g.csa = a_strides
    g.rsb, g.csb = b_strides
    g.rsc, g.csc = c_strides
    g.rscin, g.cscin = cin_strides
    g.alpha = alpha
    g.beta = beta
    sa, sb, sc, si = steps
    prepare_gemm(code_, g.m, g.n, g.k)
    with nogil:
        if count_ == 1:
            failed = gemm(code_, &g)
        else:
            failed = gemm_batch(code_, &g, count_, sa, sb, sc, si)
    if failed:
        raise MemoryError("[product] no memory for a copy of the operands.")
