"""Distributions: memory filled with random samples.

Each distribution turns the words of the generator into samples by the arithmetic
that PyTorch 2.13 uses on x86-64, so that the same seed gives the same numbers, and
leaves the generator in the same state.

Order.  A tensor is filled in the order of its memory (the dimension of smallest
stride moves fastest), which for a transposed tensor is not the order of its
indices.

Normal samples.  A contiguous tensor of 16 elements or more is filled by blocks of
16: eight radii and eight angles each, the last block overlapping the one before it
where the size is no multiple of 16.  Every other tensor gets its samples one by
one, in double precision, from a pair whose second half waits in the generator for
the next call.  Single precision (and the half types, which are rounded from it)
evaluates log, sin and cos by polynomials; double precision calls the C library.

Where the last bit may differ from PyTorch:

- PyTorch without AVX2 (other processors, or ``ATEN_CPU_CAPABILITY=default``) takes
  log, sin and cos of single-precision blocks from the C library, and does not fuse
  multiplications with additions.  Here the AVX2 arithmetic is used everywhere.
- Double precision, and everything made of it (exponential, Cauchy, log-normal,
  short or strided normal tensors), is as good as the C library of the process:
  equal in one process, maybe not between two versions of the library.
"""
from libc.math cimport ceil, exp, fma, isfinite, log, log1p, sqrt, tan
from libc.stdint cimport uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from derivo._core._types cimport (
    BF16, BOOL, C64, C128, F16, F32, F64, I64, MAX_DIMS, int64_t, uint8_t, uint32_t,
    uint64_t,
)
from derivo._core.generator cimport (
    Generator, Twister, acquire, next_normal, next_pair, next_unit, next_word,
    next_words, release,
)
from derivo._core.ordering cimport Entry, key_of_double, select_entries
from derivo._core.samplers cimport (
    round_to, sample_binomial, sample_gamma, sample_poisson,
)
from derivo._core.tensor cimport ITEMSIZE

cdef extern from "random_kernels.h" nogil:
    void dv_store_f64(int code, const double* src, void* out, int64_t n)
    void dv_store_i64(int code, const int64_t* src, void* out, int64_t n)
    void dv_store_u8(int code, const uint8_t* src, void* out, int64_t n)
    void dv_store_f32(int code, const float* src, void* out, int64_t n)
    double dv_load_f64(int code, const char* at)
    void dv_uniform_f32(const uint32_t* w, float* out, int64_t n, float a, float b)
    void dv_keep_below_f32(float* x, int64_t n, float a, float b)
    void dv_unit_f64_n(const uint32_t* w, double* out, int64_t n)
    void dv_scale_f64(double* x, int64_t n, double a, double b)
    void dv_bernoulli_f64(const uint32_t* w, uint8_t* out, int64_t n, uint64_t limit)
    void dv_normal16_f32(float* data, int64_t blocks, float mean, float std)
    void dv_normal16_f64(double* data, int64_t blocks, double mean, double std)

cdef enum:
    CHUNK = 512               # samples made at a time; a multiple of 16
    KEEP_GIL_BELOW = 2048     # smaller fills are done before a thread switch pays
    SMALL_PERMUTATION = 214748364   # (2**32 - 1) // 20

cdef double PI = 3.141592653589793


# ------------------------------------------------- samples, contiguous in memory

cdef int64_t bernoulli_limit(double p) noexcept nogil:
    """The number of 53-bit integers k with k / 2**53 < p."""
    return <int64_t> ceil(p * 9007199254740992.0)


cdef uint64_t integers_of(int code) noexcept nogil:
    """How many integers ``random_()`` chooses from, starting at 0."""
    cdef int bits
    if code == BOOL:
        return 2
    if code < F16:
        # uint8 uses all its bits; the signed types leave their sign alone
        bits = 8 * ITEMSIZE[code] - (1 if code > 1 else 0)
        return <uint64_t> 1 << bits
    if code == F16:
        return (1 << 11) + 1
    if code == BF16:
        return (1 << 8) + 1
    if code == F32:
        return (1 << 24) + 1
    return (<uint64_t> 1 << 53) + 1


cdef void make_integers(Twister* s, const Draw* d, int code, int64_t* out,
                        int64_t n, uint32_t* words) noexcept nogil:
    cdef uint64_t span = d.span
    cdef int64_t base = d.base
    cdef bint wide
    cdef uint32_t narrow
    cdef int64_t i
    if d.kind == ANY_INTEGER:
        span = integers_of(code)
        base = 0
        wide = code == I64 or code == F64
    else:
        # a remainder by less than 2**28 is even enough from 32 bits
        wide = span == 0 or span >= <uint64_t> 1 << 28
    if not wide:
        next_words(s, words, n)
        narrow = <uint32_t> span
        if narrow & (narrow - 1) == 0:
            for i in range(n):
                out[i] = <int64_t> (words[i] & (narrow - 1)) + base
        else:
            for i in range(n):
                out[i] = <int64_t> (words[i] % narrow) + base
    elif span == 0:
        for i in range(n):
            out[i] = <int64_t> next_pair(s)
    else:
        for i in range(n):
            out[i] = <int64_t> (next_pair(s) % span + <uint64_t> base)


cdef void make_uniform(Twister* s, const Draw* d, int code, char* out,
                       int64_t n, uint32_t* words, float* singles) noexcept nogil:
    cdef float a = <float> d.a
    cdef float b = <float> d.b
    cdef double* doubles = <double*> out
    cdef uint16_t* halves = <uint16_t*> out
    cdef uint16_t first, last
    cdef int64_t i
    if code == F64:
        next_words(s, words, 2 * n)
        dv_unit_f64_n(words, doubles, n)
        if d.a != 0.0 or d.b != 1.0:
            dv_scale_f64(doubles, n, d.a, d.b)
        return
    next_words(s, words, n)
    if code == F32:
        singles = <float*> out
    dv_uniform_f32(words, singles, n, a, b)
    if code == F32:
        if a != 0.0 or b != 1.0:
            dv_keep_below_f32(singles, n, a, b)
        return
    # a half type: rounding may carry a sample up to the end, which is excluded
    dv_store_f32(code, singles, out, n)
    dv_store_f32(code, &a, &first, 1)
    dv_store_f32(code, &b, &last, 1)
    a = round_to(code, d.a)
    b = round_to(code, d.b)
    for i in range(n):
        if halves[i] == last or (b == 0 and (halves[i] & 0x7fff) == 0):
            halves[i] = first


cdef void make(Twister* s, const Draw* d, int code, char* out,
               int64_t n) noexcept nogil:
    """Write `n` samples to contiguous memory, one after the other."""
    cdef uint32_t words[2 * CHUNK]
    cdef double samples[CHUNK]
    cdef uint8_t hits[CHUNK]
    cdef int64_t i, k
    cdef double scale
    cdef int kind = d.kind
    while n > 0:
        k = min(n, <int64_t> CHUNK)
        if kind == UNIFORM:
            make_uniform(s, d, code, out, k, words, <float*> samples)
        elif kind == INTEGER or kind == ANY_INTEGER:
            make_integers(s, d, code, <int64_t*> samples, k, words)
            dv_store_i64(code, <int64_t*> samples, out, k)
        elif kind == BERNOULLI:
            next_words(s, words, 2 * k)
            dv_bernoulli_f64(words, hits, k, bernoulli_limit(d.a))
            dv_store_u8(code, hits, out, k)
        elif kind == DROPOUT:
            next_words(s, words, 2 * k)
            dv_bernoulli_f64(words, hits, k, bernoulli_limit(d.a))
            for i in range(k):
                samples[i] = d.b if hits[i] else 0.0
            dv_store_f64(code, samples, out, k)
        else:
            if kind == NORMAL or kind == LOG_NORMAL:
                for i in range(k):
                    samples[i] = fma(next_normal(s), d.b, d.a)
                if kind == LOG_NORMAL:
                    for i in range(k):
                        samples[i] = exp(samples[i])
            else:
                next_words(s, words, 2 * k)
                dv_unit_f64_n(words, samples, k)
                if kind == EXPONENTIAL:
                    scale = -1.0 / d.a
                    for i in range(k):
                        samples[i] = scale * log1p(-samples[i])
                elif kind == GEOMETRIC:
                    scale = log1p(-d.a)
                    for i in range(k):
                        samples[i] = ceil(log(samples[i]) / scale)
                else:
                    for i in range(k):
                        samples[i] = fma(d.b, tan(PI * (samples[i] - 0.5)), d.a)
            dv_store_f64(code, samples, out, k)
        out += k * ITEMSIZE[code]
        n -= k


cdef void make_normal_blocks(Twister* s, const Draw* d, int code, char* out,
                             int64_t n) noexcept nogil:
    """Normal samples by blocks of sixteen; `n` is at least sixteen."""
    cdef Draw unit
    cdef float singles[CHUNK]
    cdef int itemsize = ITEMSIZE[code]
    cdef int64_t done = 0
    cdef int64_t k
    cdef char* at
    cdef char* block
    unit.kind = UNIFORM
    unit.a = 0.0
    unit.b = 1.0
    while done < n:
        if n - done < 16:
            # The uniforms of the incomplete block are drawn and dropped by
            # PyTorch where it works in place, and never drawn for half types.
            if code == F32 or code == F64:
                make(s, &unit, code, <char*> singles, n - done)
            done = n - 16
            k = 16
        else:
            k = min(n - done, <int64_t> CHUNK) & ~<int64_t> 15
        at = out + done * itemsize
        if code == F64:
            make(s, &unit, F64, at, k)
            dv_normal16_f64(<double*> at, k // 16, d.a, d.b)
        else:
            block = at if code == F32 else <char*> singles
            make(s, &unit, F32, block, k)
            dv_normal16_f32(<float*> block, k // 16, <float> d.a, <float> d.b)
            if code != F32:
                dv_store_f32(code, singles, at, k)
        done += k


# --------------------------------------------- samples that depend on an operand

cdef double smallest_normal(int code) noexcept nogil:
    if code == F16:
        return 6.103515625e-05
    if code == F64:
        return 2.2250738585072014e-308
    return 1.1754943508222875e-38


cdef int make_one(Twister* s, const Draw* d, int code, char* out, const char* a,
                  int a_code, const char* b) noexcept nogil:
    """One sample from the parameters at `a` and `b`; nonzero if they are bad."""
    cdef int kind = d.kind
    cdef double x = dv_load_f64(a_code, a)
    cdef uint8_t hit
    cdef double value
    if kind == BERNOULLI_EACH:
        if not (x >= 0 and x <= 1):
            return 1
        if a_code == F64:
            hit = next_unit(s) < x
        else:
            hit = (next_word(s) & 0xffffff) * 5.9604644775390625e-08 < x
        dv_store_u8(code, &hit, out, 1)
        return 0
    if kind == POISSON:
        if not x >= 0:
            return 1
        value = sample_poisson(s, x)
    elif kind == BINOMIAL:
        value = sample_binomial(s, code, x, dv_load_f64(code, b))
    elif kind == RRELU:
        value = 1.0
        if x <= 0:
            value = next_unit(s) * (d.b - d.a) + d.a
    else:
        value = sample_gamma(s, code, x)
        value = max(round_to(code, value), smallest_normal(code))
    dv_store_f64(code, &value, out, 1)
    return 0


# --------------------------------------------------------- walking over memory

cdef struct Walk:
    int rank                            # dimension 0 moves fastest
    int64_t sizes[MAX_DIMS + 1]
    int64_t steps[3][MAX_DIMS + 1]
    int64_t index[MAX_DIMS + 1]
    char* at[3]


cdef int64_t start_walk(Walk* w, int n_ops, const Span* out,
                        const Span* inputs) noexcept nogil:
    """Sort the dimensions by stride, join what can be; the number of elements."""
    cdef const Span* ops[3]
    cdef int order[MAX_DIMS + 1]
    cdef int rank = out.rank
    cdef int i, j, o, here, there, swap
    cdef int64_t count = 1
    cdef int64_t s, t
    ops[0] = out
    for o in range(1, n_ops):
        ops[o] = inputs + o - 1
    for o in range(n_ops):
        w.at[o] = ops[o].data
    for i in range(rank):
        order[i] = rank - 1 - i
        count *= out.sizes[i]
    # Insertion sort: the first operand that steps along both dimensions decides.
    for i in range(1, rank):
        j = i
        while j > 0:
            here = order[j - 1]
            there = order[j]
            swap = 0
            for o in range(n_ops):
                s = ops[o].steps[here]
                t = ops[o].steps[there]
                if s == 0 or t == 0:
                    continue
                if s != t:
                    swap = 1 if s > t else -1
                    break
                if out.sizes[here] > out.sizes[there]:
                    swap = 1
                    break
            if swap <= 0:
                break
            order[j - 1] = there
            order[j] = here
            j -= 1
    w.rank = 0
    for i in range(rank):
        here = order[i]
        if out.sizes[here] == 1:
            continue
        j = w.rank - 1
        swap = w.rank > 0
        for o in range(n_ops):
            if swap and w.steps[o][j] * w.sizes[j] != ops[o].steps[here]:
                swap = 0
        if swap:
            w.sizes[j] *= out.sizes[here]
            continue
        for o in range(n_ops):
            w.steps[o][w.rank] = ops[o].steps[here]
        w.sizes[w.rank] = out.sizes[here]
        w.index[w.rank] = 0
        w.rank += 1
    return count


cdef inline void advance(Walk* w, int n_ops) noexcept nogil:
    cdef int i, o
    for i in range(w.rank):
        w.index[i] += 1
        if w.index[i] < w.sizes[i]:
            for o in range(n_ops):
                w.at[o] += w.steps[o][i]
            return
        w.index[i] = 0
        for o in range(n_ops):
            w.at[o] -= w.steps[o][i] * (w.sizes[i] - 1)


cdef void scatter(Walk* w, const char* src, int itemsize, int64_t n) noexcept nogil:
    cdef int64_t i, k, step
    cdef char* at
    while n > 0:
        if w.rank == 0:
            memcpy(w.at[0], src, itemsize)
            return
        # what is left of the fastest dimension, in one loop
        k = min(n, w.sizes[0] - w.index[0])
        at = w.at[0]
        step = w.steps[0][0]
        if itemsize == 4:
            for i in range(k):
                (<uint32_t*> (at + i * step))[0] = (<const uint32_t*> src)[i]
        elif itemsize == 8:
            for i in range(k):
                (<uint64_t*> (at + i * step))[0] = (<const uint64_t*> src)[i]
        else:
            for i in range(k):
                memcpy(at + i * step, src + i * itemsize, itemsize)
        src += k * itemsize
        n -= k
        w.index[0] += k - 1
        w.at[0] += step * (k - 1)
        advance(w, 1)


cdef bint is_dense(const Span* t) noexcept nogil:
    """Whether the elements lie in memory in the order of their indices."""
    cdef int64_t step = ITEMSIZE[t.code]
    cdef int i
    for i in range(t.rank - 1, -1, -1):
        if t.sizes[i] == 1:
            continue
        if t.steps[i] != step:
            return False
        step *= t.sizes[i]
    return True


cdef int fill(Twister* s, const Draw* d, const Span* out, int n_in,
              const Span* inputs) noexcept nogil:
    cdef Walk w
    cdef int64_t n = start_walk(&w, 1 + n_in, out, inputs)
    cdef int64_t k
    cdef double chunk[CHUNK]
    cdef int itemsize = ITEMSIZE[out.code]
    if n == 0:
        return 0
    if n_in:
        while n > 0:
            if make_one(s, d, out.code, w.at[0], w.at[1], inputs[0].code,
                        w.at[n_in]):
                return 1
            advance(&w, 1 + n_in)
            n -= 1
        return 0
    if d.kind == NORMAL and n >= 16 and is_dense(out):
        make_normal_blocks(s, d, out.code, out.data, n)
    elif w.rank == 0 or (w.rank == 1 and w.steps[0][0] == itemsize):
        make(s, d, out.code, out.data, n)
    else:
        while n > 0:
            k = min(n, <int64_t> CHUNK)
            make(s, d, out.code, <char*> chunk, k)
            scatter(&w, <char*> chunk, itemsize, k)
            n -= k
    return 0


# ---------------------------------------------------------------- entry points

cdef int draw(Generator g, const Draw* d, const Span* out, int n_in,
              const Span* inputs) except -1:
    """Fill `out` with what `d` says, in the order of its memory.

    The dtypes must have been checked: complex ones are filled as pairs of reals,
    the operands of ``*_EACH`` kinds have the rank and sizes of `out` and floating
    point elements.
    """
    cdef int64_t sizes[MAX_DIMS + 1]
    cdef int64_t steps[MAX_DIMS + 1]
    cdef Span pairs
    cdef Draw half
    cdef int64_t n = 1
    cdef int failed, i
    if out.code == C64 or out.code == C128:
        # real and imaginary parts are one more dimension, each of half the variance
        memcpy(sizes, out.sizes, out.rank * sizeof(int64_t))
        memcpy(steps, out.steps, out.rank * sizeof(int64_t))
        pairs.data = out.data
        pairs.code = F32 if out.code == C64 else F64
        pairs.rank = out.rank + 1
        pairs.sizes = sizes
        pairs.steps = steps
        sizes[out.rank] = 2
        steps[out.rank] = ITEMSIZE[pairs.code]
        half = d[0]
        if d.kind == NORMAL:
            half.b = d.b / sqrt(2.0)
        return draw(g, &half, &pairs, n_in, inputs)
    for i in range(out.rank):
        n *= out.sizes[i]
    if n == 0:
        return 0
    acquire(g)
    if n < KEEP_GIL_BELOW:
        failed = fill(&g.state, d, out, n_in, inputs)
    else:
        with nogil:
            failed = fill(&g.state, d, out, n_in, inputs)
    release(g)
    if failed:
        if d.kind == POISSON:
            raise RuntimeError(
                "[poisson] invalid Poisson rate, expected rate to be non-negative. "
                "Clamp the rates at zero."
            )
        raise RuntimeError(
            "[bernoulli] Expected p_in >= 0 && p_in <= 1 to be true, but got false: "
            "a probability lies outside [0, 1] or is NaN. Clamp or check them."
        )
    return 0


cdef void permute(Twister* s, int64_t* out, int64_t n) noexcept nogil:
    cdef int64_t i, j, t
    if n < SMALL_PERMUTATION:
        for i in range(n):
            out[i] = i
        for i in range(n - 1):
            j = i + next_word(s) % <uint32_t> (n - i)
            t = out[i]
            out[i] = out[j]
            out[j] = t
        return
    # a remainder of 32 bits would no longer be even; the inside-out shuffle
    for i in range(n):
        j = <int64_t> (next_pair(s) % <uint64_t> (i + 1))
        out[i] = i
        out[i] = out[j]
        out[j] = i


cdef int draw_permutation(Generator g, const Span* out) except -1:
    """Fill a vector with the numbers below its size in random order."""
    cdef int64_t n = out.sizes[0]
    cdef int64_t* numbers
    cdef Walk w
    cdef bint direct = out.code == I64 and is_dense(out)
    cdef int64_t done = 0
    cdef int64_t k
    cdef double chunk[CHUNK]
    if n == 0:
        return 0
    numbers = <int64_t*> out.data
    if not direct:
        numbers = <int64_t*> malloc(n * sizeof(int64_t))
        if numbers == NULL:
            raise MemoryError(f"[randperm] can't allocate {n * 8} bytes of scratch")
    acquire(g)
    with nogil:
        permute(&g.state, numbers, n)
    release(g)
    if not direct:
        start_walk(&w, 1, out, NULL)
        while done < n:
            k = min(n - done, <int64_t> CHUNK)
            dv_store_i64(out.code, numbers + done, chunk, k)
            scatter(&w, <char*> chunk, ITEMSIZE[out.code], k)
            done += k
        free(numbers)
    return 0


cdef int sample_rows(Twister* s, const Span* p, int64_t* out, int64_t n_sample,
                     double* sums) noexcept nogil:
    """Indices drawn with replacement from each row; the number of a complaint."""
    cdef int64_t rows = p.sizes[0] if p.rank == 2 else 1
    cdef int64_t n = p.sizes[p.rank - 1]
    cdef int64_t step = p.steps[p.rank - 1]
    cdef int code = F64 if p.code == F64 else F32
    cdef int64_t i, j, low, high, middle
    cdef const char* at
    cdef double x, total, u
    for i in range(rows):
        at = p.data + (i * p.steps[0] if p.rank == 2 else 0)
        total = 0
        for j in range(n):
            x = dv_load_f64(p.code, at + j * step)
            if not x >= 0:
                return 1
            if not isfinite(x):
                return 2
            total = round_to(code, total + x)
            sums[j] = total
        if not total > 0:
            return 3
        for j in range(n):
            sums[j] = round_to(code, sums[j] / total)
        sums[n - 1] = 1
        for j in range(n_sample):
            u = next_unit(s)
            low = 0
            high = n
            while high > low:
                middle = low + (high - low) // 2
                if sums[middle] < u:
                    low = middle + 1
                else:
                    high = middle
            out[i * n_sample + j] = low
    return 0


cdef int draw_choices(Generator g, int64_t* out, const Span* weights,
                      int64_t n_sample) except -1:
    """Write `n_sample` indices drawn with replacement for each row of `weights`."""
    cdef double* sums = <double*> malloc(8 * weights.sizes[weights.rank - 1])
    cdef int wrong
    if sums == NULL:
        raise MemoryError("[multinomial] can't allocate memory for the sums")
    acquire(g)
    with nogil:
        wrong = sample_rows(&g.state, weights, out, n_sample, sums)
    release(g)
    free(sums)
    if wrong:
        what = {
            1: "encountering probability entry < 0",
            2: "encountering probability entry = infinity or NaN",
            3: "sum of probabilities <= 0",
        }[wrong]
        raise RuntimeError(
            f"[multinomial] invalid multinomial distribution ({what}). Check the "
            "weights."
        )
    return 0


cdef int race(const Span* p, const Span* times, int64_t* out, int64_t k,
              Entry* entries) noexcept nogil:
    cdef int64_t rows = p.sizes[0] if p.rank == 2 else 1
    cdef int64_t n = p.sizes[p.rank - 1]
    cdef int64_t i, j
    cdef const char* at
    cdef const char* when
    cdef double weight
    cdef bint empty = False
    cdef bint none
    for i in range(rows):
        at = p.data + (i * p.steps[0] if p.rank == 2 else 0)
        none = True
        for j in range(n):
            weight = dv_load_f64(p.code, at + j * p.steps[p.rank - 1])
            if not (weight >= 0 and isfinite(weight)):
                return 4
            none = none and weight == 0
        empty = empty or none
    if empty:
        return 3
    for i in range(rows):
        at = p.data + (i * p.steps[0] if p.rank == 2 else 0)
        when = times.data + (i * times.steps[0] if p.rank == 2 else 0)
        for j in range(n):
            entries[j].index = j
            entries[j].key = ~key_of_double(round_to(
                p.code, dv_load_f64(p.code, at + j * p.steps[p.rank - 1])
                / dv_load_f64(p.code, when + j * times.steps[p.rank - 1])))
        if k > 1:
            select_entries(entries, n, k, True)
        else:
            for j in range(1, n):
                if entries[j].key < entries[0].key:
                    entries[0] = entries[j]
        for j in range(k):
            out[i * k + j] = entries[j].index
    return 0


cdef int draw_race(int64_t* out, const Span* weights, const Span* times,
                   int64_t k) except -1:
    """Write the indices of the `k` largest quotients of each row, largest first."""
    cdef Entry* entries = <Entry*> malloc(
        weights.sizes[weights.rank - 1] * sizeof(Entry))
    cdef int wrong
    if entries == NULL:
        raise MemoryError("[multinomial] can't allocate memory for the quotients")
    with nogil:
        wrong = race(weights, times, out, k, entries)
    free(entries)
    if wrong == 3:
        raise RuntimeError(
            "[multinomial] invalid multinomial distribution (sum of probabilities <= "
            "0). Give each row a weight that is not zero."
        )
    if wrong:
        raise RuntimeError(
            "[multinomial] probability tensor contains either `inf`, `nan` or element "
            "< 0. Check the weights."
        )
    return 0
