/* Matrix products for one element type and one vector width; gemm.h includes this
   file once for each. Expects
       T       float or double          VB      bytes in a vector
       MR      rows of a tile           NAME(x) x with a suffix for (T, VB)
       TARGET  attribute that lets the compiler use the instructions
       T_LANES VB / sizeof(T), as digits
       FMA(x, y, z), SPLAT(s)   x * y + z rounded once where the machine can; s in all lanes

   A tile is mr <= MR rows by one or two vectors of columns, held in registers while
   k runs. It reads the left operand one element at a time (broadcast, so any strides
   do) and the right operand by vectors along its rows. Everything else here brings
   operands into that form, or picks the other form: `dots`, vectors along k, for
   products with a few rows or columns only. */

typedef T NAME(vec) __attribute__((vector_size(VB), aligned(sizeof(T)), may_alias));
#define vec NAME(vec)
#define VL ((int64_t)(VB / sizeof(T)))
#define NR (2 * VL)
#define LANES(f, h) DERIVO_CAT(DERIVO_LANES_, T_LANES)(f, h)

/* c = alpha * a b + beta * cin, k >= 0. Row pointers come in fours, so that four
   pointers and the strides r and 3r address every row. */
TARGET static DERIVO_INLINE void NAME(tile)(
    const int mr, const int nv, int64_t k, const T *a, int64_t rs, int64_t cs,
    const T *b, int64_t ldb, T *c, int64_t ldc, const T *cin, int64_t ldcin,
    T alpha, T beta)
{
    vec acc[MR][2];
    const int64_t r = rs * (int64_t)sizeof(T), s = cs * (int64_t)sizeof(T);
    const int64_t r3 = 3 * r;
    const char *a0 = (const char *)a, *a4 = a0 + 4 * r, *a8 = a0 + 8 * r;
    const char *a12 = a0 + 12 * r;
    DERIVO_UNROLL
    for (int i = 0; i < mr; i++)
        DERIVO_UNROLL
        for (int v = 0; v < nv; v++)
            acc[i][v] = (vec){0};
#define STEP                                                                         \
    {                                                                                \
        vec bv[2];                                                                   \
        DERIVO_UNROLL                                                                \
        for (int v = 0; v < nv; v++)                                                 \
            bv[v] = *(const vec *)(b + v * VL);                                      \
        __builtin_prefetch(b + AHEAD * ldb);                                         \
        if (nv == 2 && VB == 64)                                                     \
            __builtin_prefetch(b + AHEAD * ldb + VL);                                \
        DERIVO_UNROLL                                                                \
        for (int i = 0; i < mr; i++) {                                               \
            const char *q = i < 4 ? a0 : i < 8 ? a4 : i < 12 ? a8 : a12;             \
            vec x = SPLAT(*(const T *)(q + ((i & 3) == 3 ? r3 : (i & 3) * r)));      \
            DERIVO_UNROLL                                                            \
            for (int v = 0; v < nv; v++)                                             \
                acc[i][v] = FMA(x, bv[v], acc[i][v]);                                \
        }                                                                            \
        a0 += s; a4 += s; a8 += s; a12 += s;                                         \
        b += ldb;                                                                    \
    }
    /* c comes from far away in large products: ask for a row of it with each of the
       first steps, write after the last */
    int64_t p = 0;
    for (const T *next = c; p < mr && p < k; p++, next += ldc) {
        __builtin_prefetch(next, 1);
        if (nv * VB > 64)
            __builtin_prefetch(next + VL, 1);
        STEP
    }
    for (; p < k; p++)
        STEP
#undef STEP
    /* Two plain loops: with the test inside, GCC 12 keeps acc in memory. */
    if (beta == 0) {   /* which must hide nan and inf in cin */
        DERIVO_UNROLL
        for (int i = 0; i < mr; i++)
            DERIVO_UNROLL
            for (int v = 0; v < nv; v++)
                *(vec *)(c + i * ldc + v * VL) = alpha * acc[i][v];
    } else {
        DERIVO_UNROLL
        for (int i = 0; i < mr; i++)
            DERIVO_UNROLL
            for (int v = 0; v < nv; v++)
                *(vec *)(c + i * ldc + v * VL) =
                    alpha * acc[i][v] + beta * *(const vec *)(cin + i * ldcin + v * VL);
    }
}

typedef void (*NAME(tile_fn))(
    int64_t, const T *, int64_t, int64_t, const T *, int64_t, T *, int64_t,
    const T *, int64_t, T, T);

#define ONE(mr, nv)                                                                  \
    TARGET static void NAME(tile##mr##x##nv)(                                        \
        int64_t k, const T *a, int64_t rs, int64_t cs, const T *b, int64_t ldb,      \
        T *c, int64_t ldc, const T *cin, int64_t ldcin, T alpha, T beta)             \
    {                                                                                \
        NAME(tile)(mr, nv, k, a, rs, cs, b, ldb, c, ldc, cin, ldcin, alpha, beta);   \
    }
#define BOTH(mr) ONE(mr, 1) ONE(mr, 2)
#define PAIR(mr) {NAME(tile##mr##x1), NAME(tile##mr##x2)}
BOTH(1) BOTH(2) BOTH(3) BOTH(4) BOTH(5) BOTH(6)
#if MR > 6
BOTH(7) BOTH(8) BOTH(9) BOTH(10) BOTH(11) BOTH(12) BOTH(13) BOTH(14)
#endif
static const NAME(tile_fn) NAME(tiles)[MR][2] = {
    PAIR(1), PAIR(2), PAIR(3), PAIR(4), PAIR(5), PAIR(6),
#if MR > 6
    PAIR(7), PAIR(8), PAIR(9), PAIR(10), PAIR(11), PAIR(12), PAIR(13), PAIR(14),
#endif
};
#undef ONE
#undef BOTH
#undef PAIR

/* A block of VL x count: dst[p * ldd + j] = src[j * lds + p]. Exchanges the bits of the
   row number with those of the lane number, one a stage. Lanes from count on hold
   copies of the last. */
TARGET static inline void NAME(turn)(
    const T *src, int64_t lds, int64_t count, T *dst, int64_t ldd)
{
#if DERIVO_HAS_SHUFFLE
    vec row[VB / sizeof(T)];
    DERIVO_UNROLL
    for (int i = 0; i < VL; i++)
    {
        const T *from = src + (i < count ? i : count - 1) * lds;
        row[i] = *(const vec *)from;
        __builtin_prefetch(from + 4 * VL);
    }
#define STAGE(h)                                                                     \
    DERIVO_UNROLL                                                                    \
    for (int i = 0; i < VL; i++)                                                     \
        if (!(i & h)) {                                                              \
            vec x = row[i], y = row[(i + h) & (VL - 1)];                             \
            row[i] = __builtin_shufflevector(x, y, LANES(DERIVO_KEEP, h));           \
            row[(i + h) & (VL - 1)] =                                                \
                __builtin_shufflevector(x, y, LANES(DERIVO_TAKE, h));                \
        }
    STAGE(1)
#if T_LANES > 2
    STAGE(2)
#endif
#if T_LANES > 4
    STAGE(4)
#endif
#if T_LANES > 8
    STAGE(8)
#endif
#undef STAGE
    DERIVO_UNROLL
    for (int i = 0; i < VL; i++)
        *(vec *)(dst + i * ldd) = row[i];
#else
    for (int64_t p = 0; p < VL; p++)
        for (int64_t j = 0; j < VL; j++)
            dst[p * ldd + j] = src[(j < count ? j : count - 1) * lds + p];
#endif
}

/* dst[p * ldd + j] = src[p * rs + j * cs] for p < k, j < n, rows in order. Writes whole
   vectors: up to VL - 1 elements past the last row of dst are spoilt. */
TARGET static void NAME(pack)(
    int64_t k, int64_t n, const T *src, int64_t rs, int64_t cs, T *dst, int64_t ldd)
{
    typedef T half __attribute__((vector_size(VB / 2), aligned(sizeof(T)), may_alias));
    int64_t p = 0, j;
    if (cs == 1) {
        for (; p < k; p++, src += rs, dst += ldd) {
            for (j = 0; j + VL <= n; j += VL)
                *(vec *)(dst + j) = *(const vec *)(src + j);
            if (n - j >= VL / 2) {   /* two halves that may overlap */
                half first = *(const half *)(src + j);
                half last = *(const half *)(src + n - VL / 2);
                *(half *)(dst + j) = first;
                *(half *)(dst + n - VL / 2) = last;
                continue;
            }
            for (; j < n; j++)
                dst[j] = src[j];
        }
        return;
    }
    if (rs == 1)   /* from the last vector of a row to the first, for the same reason */
        for (; p + VL <= k; p += VL)
            for (j = (n - 1) / VL * VL; j >= 0; j -= VL)
                NAME(turn)(src + j * cs + p, cs, n - j, dst + p * ldd + j, ldd);
    for (; p < k; p++)
        for (j = 0; j < n; j++)
            dst[p * ldd + j] = src[p * rs + j * cs];
}

/* A row of a tile that is not VL or 2 VL wide, or goes to columns apart. */
TARGET static inline void NAME(put_row)(
    T *c, int64_t step, const T *row, int64_t w, const T *cin, int64_t cin_step, T beta)
{
    typedef T half __attribute__((vector_size(VB / 2), aligned(sizeof(T)), may_alias));
    int64_t y = 0;
    if (step == 1 && (beta == 0 || cin_step == 1)) {
        if (w >= VL) {
            vec out = *(const vec *)row;
            if (beta != 0)
                out += beta * *(const vec *)cin;
            *(vec *)c = out;
            y = VL;
        }
        if (w - y >= VL / 2) {   /* two halves that may overlap */
            half first = *(const half *)(row + y);
            half last = *(const half *)(row + w - VL / 2);
            if (beta != 0) {
                first += beta * *(const half *)(cin + y);
                last += beta * *(const half *)(cin + w - VL / 2);
            }
            *(half *)(c + y) = first;
            *(half *)(c + w - VL / 2) = last;
            return;
        }
    }
    for (; y < w; y++)
        c[y * step] = beta == 0 ? row[y] : row[y] + beta * cin[y * cin_step];
}

/* One panel: all rows of the task, columns [j, j + w), one block of k. */
TARGET static void NAME(panel)(
    const derivo_gemm *g, int64_t i0, int64_t m, int64_t j, int64_t w, int64_t kk,
    const T *a, int64_t rsa, int64_t csa, int packed, const T *b, int64_t ldb,
    int first)
{
    const int64_t panels = (m + MR - 1) / MR, low = m / panels, more = m % panels;
    const int64_t wide = w > VL ? NR : VL;
    const int nv = w > VL;
    const T alpha = (T)g->alpha, beta = first ? (T)g->beta : (T)1;
    T edge[MR * NR] __attribute__((aligned(64)));
    T *c = (T *)g->c + i0 * g->rsc + j * g->csc;
    const T *cin = c;
    int64_t rin = g->rsc, cin_step = g->csc;
    if (first && g->cin) {
        rin = g->rscin;
        cin_step = g->cscin;
        cin = (const T *)g->cin + i0 * rin + j * cin_step;
    }
    const int direct = w == wide && g->csc == 1 && (cin_step == 1 || beta == 0);
    for (int64_t t = 0; t < panels; t++) {
        const int64_t mr = low + (t < more);
        const NAME(tile_fn) tile = NAME(tiles)[mr - 1][nv];
        const int64_t rs = packed ? 1 : rsa, cs = packed ? mr : csa;
        if (direct)
            tile(kk, a, rs, cs, b, ldb, c, g->rsc, cin, rin, alpha, beta);
        else {
            tile(kk, a, rs, cs, b, ldb, edge, wide, edge, wide, alpha, 0);
            for (int64_t x = 0; x < mr; x++)
                NAME(put_row)(c + x * g->rsc, g->csc, edge + x * wide, w,
                              cin + x * rin, cin_step, beta);
        }
        a += packed ? mr * kk : mr * rsa;
        c += mr * g->rsc;
        cin += mr * rin;
    }
}

/* Panels of rows of the left operand, one after the other, for one block of k. */
TARGET static T *NAME(pack_rows)(
    const derivo_gemm *g, int64_t i0, int64_t m, int64_t k0, int64_t kk)
{
    const int64_t panels = (m + MR - 1) / MR, low = m / panels, more = m % panels;
    const T *a = (const T *)g->a + i0 * g->rsa + k0 * g->csa;
    T *block = malloc(sizeof(T) * (size_t)(m * kk + VL)), *at = block;
    for (int64_t t = 0; block && t < panels; t++) {
        const int64_t mr = low + (t < more);
        NAME(pack)(kk, mr, a, g->csa, g->rsa, at, mr);
        a += mr * g->rsa;
        at += mr * kk;
    }
    return block;
}

/* Rows (or columns) that far apart share sets of the cache and need a page each: a
   copy of the left operand pays if it meets that many columns. */
#define FAR_APART (2048 / (int64_t)sizeof(T))
#define PACK_A(g, columns)                                                           \
    ((columns) >= 8 * NR && ((g)->rsa >= FAR_APART || (g)->csa >= FAR_APART))

/* The part [i0, i1) x [j0, j1) of the product, by tiles. */
TARGET static void NAME(by_tiles)(
    const derivo_gemm *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1)
{
    const int64_t m = i1 - i0, k = g->k;
    const int64_t blocks = k > KC ? (k + KC - 1) / KC : 1;
    T b_panel[KC * NR + VL] __attribute__((aligned(64)));
    for (int64_t q = 0; q < blocks; q++) {
        const int64_t k0 = k * q / blocks, kk = k * (q + 1) / blocks - k0;
        const T *a = (const T *)g->a + i0 * g->rsa + k0 * g->csa;
        T *block = NULL;   /* also when there is no memory for it */
        if (m >= 2 * MR && PACK_A(g, j1 - j0))
            block = NAME(pack_rows)(g, i0, m, k0, kk);
        for (int64_t j = j0; j < j1; j += NR) {
            const int64_t w = j1 - j < NR ? j1 - j : NR, wide = w > VL ? NR : VL;
            const T *b = (const T *)g->b + k0 * g->rsb + j * g->csb;
            int64_t ldb = g->rsb;
            if (g->csb != 1 || w < wide) {
                if (w < wide)   /* nobody reads these lanes: but no nan there */
                    memset(b_panel, 0, sizeof(T) * (size_t)(kk * wide));
                NAME(pack)(kk, w, b, g->rsb, g->csb, b_panel, wide);
                b = b_panel;
                ldb = wide;
            }
            NAME(panel)(g, i0, m, j, w, kk, block ? block : a, g->rsa, g->csa,
                        block != NULL, b, ldb, q == 0);
        }
        free(block);
    }
}

/* Large products go in two steps for each block of k: all threads copy the right
   operand, panel after panel; then each takes ranges of rows. Columns [j0, j1) here
   start at a panel. */
TARGET static void NAME(pack_columns)(
    const derivo_gemm *g, int64_t j0, int64_t j1, int64_t k0, int64_t kk, void *to)
{
    T *dst = to;
    const T *src = (const T *)g->b + k0 * g->rsb + j0 * g->csb;
    const int64_t full = (j1 - j0) / NR;
    if (g->csb == 1)   /* row by row: memory is read in longer runs */
        for (int64_t p = 0; p < kk; p++) {
            const T *s = src + p * g->rsb;
            T *d = dst + p * NR;
            for (int64_t x = 0; x < full; x++, s += NR, d += kk * NR) {
                __builtin_prefetch(s + 4 * g->rsb);
                *(vec *)d = *(const vec *)s;
                *(vec *)(d + VL) = *(const vec *)(s + VL);
            }
        }
    for (int64_t x = g->csb == 1 ? full : 0; x * NR < j1 - j0; x++) {
        const int64_t w = j1 - j0 - x * NR < NR ? j1 - j0 - x * NR : NR;
        T *d = dst + x * kk * NR;
        if (w < NR)
            memset(d, 0, sizeof(T) * (size_t)(kk * NR));
        NAME(pack)(kk, w, src + x * NR * g->csb, g->rsb, g->csb, d, NR);
    }
}

TARGET static void NAME(by_rows)(
    const derivo_gemm *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t k0,
    int64_t kk, const void *packed, int first)
{
    const T *a = (const T *)g->a + i0 * g->rsa + k0 * g->csa, *b = packed;
    T *block = PACK_A(g, j1 - j0) ? NAME(pack_rows)(g, i0, i1 - i0, k0, kk) : NULL;
    for (int64_t j = j0; j < j1; j += NR, b += kk * NR)
        NAME(panel)(g, i0, i1 - i0, j, j1 - j < NR ? j1 - j : NR, kk,
                    block ? block : a, g->rsa, g->csa, block != NULL, b, NR, first);
    free(block);
}
#undef FAR_APART
#undef PACK_A

TARGET static DERIVO_INLINE T NAME(total)(vec v)   /* pairwise */
{
#if DERIVO_HAS_SHUFFLE
#define FOLD(h) v += __builtin_shufflevector(v, v, LANES(DERIVO_TURN, h));
#if T_LANES > 8
    FOLD(8)
#endif
#if T_LANES > 4
    FOLD(4)
#endif
#if T_LANES > 2
    FOLD(2)
#endif
    FOLD(1)
#undef FOLD
    return v[0];
#else
    T part[VB / sizeof(T)];
    *(vec *)part = v;
    for (int64_t h = VL / 2; h > 0; h /= 2)
        for (int64_t i = 0; i < h; i++)
            part[i] += part[i + h];
    return part[0];
#endif
}

/* out[i * S + j] = sum over k of x[i * ldx + k] * y[j * ldy + k]; R and S constant */
TARGET static DERIVO_INLINE void NAME(dot_block)(
    const int R, const int S, int64_t k, const T *x, int64_t ldx, const T *y,
    int64_t ldy, T *out)
{
    vec acc[4][4];
    int64_t p = 0;
    DERIVO_UNROLL
    for (int i = 0; i < R; i++)
        DERIVO_UNROLL
        for (int j = 0; j < S; j++)
            acc[i][j] = (vec){0};
    for (; p + VL <= k; p += VL) {
        vec yv[4];
        DERIVO_UNROLL
        for (int j = 0; j < S; j++)
            yv[j] = *(const vec *)(y + j * ldy + p);
        DERIVO_UNROLL
        for (int i = 0; i < R; i++) {
            vec xv = *(const vec *)(x + i * ldx + p);
            DERIVO_UNROLL
            for (int j = 0; j < S; j++)
                acc[i][j] = FMA(xv, yv[j], acc[i][j]);
        }
    }
    DERIVO_UNROLL
    for (int i = 0; i < R; i++)
        DERIVO_UNROLL
        for (int j = 0; j < S; j++) {
            T sum = NAME(total)(acc[i][j]);
            for (int64_t t = p; t < k; t++)
                sum += x[i * ldx + t] * y[j * ldy + t];
            out[i * S + j] = sum;
        }
}

/* One sum over a long k: eight accumulators hide the latency of the addition. */
TARGET static T NAME(long_dot)(int64_t k, const T *x, const T *y)
{
    vec acc[8];
    int64_t p = 0;
    DERIVO_UNROLL
    for (int i = 0; i < 8; i++)
        acc[i] = (vec){0};
    for (; p + 8 * VL <= k; p += 8 * VL)
        DERIVO_UNROLL
        for (int i = 0; i < 8; i++)
            acc[i] = FMA(*(const vec *)(x + p + i * VL),
                         *(const vec *)(y + p + i * VL), acc[i]);
    for (; p + VL <= k; p += VL)
        acc[0] = FMA(*(const vec *)(x + p), *(const vec *)(y + p), acc[0]);
    T sum = NAME(total)(((acc[0] + acc[1]) + (acc[2] + acc[3]))
                        + ((acc[4] + acc[5]) + (acc[6] + acc[7])));
    for (; p < k; p++)
        sum += x[p] * y[p];
    return sum;
}

/* Rows [i0, i1) of a product with n <= 4 columns, csa == 1: vectors along k. Long
   sums go in blocks of 4 KC, which keeps their error that of a sum of blocks. */
TARGET static void NAME(by_dots)(const derivo_gemm *g, int64_t i0, int64_t i1)
{
    const int64_t k = g->k, n = g->n, step = 4 * KC;
    const T *A = (const T *)g->a, *B = (const T *)g->b;
    T y_block[4 * 4 * KC] __attribute__((aligned(64)));
    T *C = (T *)g->c;
    for (int64_t k0 = 0; k0 < k || k0 == 0; k0 += step) {
        const int64_t kk = k - k0 < step ? k - k0 : step;
        const T *y = B + k0 * g->rsb;
        int64_t ldy = g->csb;
        if (g->rsb != 1) {
            for (int64_t j = 0; j < n; j++)
                for (int64_t p = 0; p < kk; p++)
                    y_block[j * step + p] = B[(k0 + p) * g->rsb + j * g->csb];
            y = y_block;
            ldy = step;
        }
        for (int64_t i = i0; i < i1;) {
            const T *x = A + i * g->rsa + k0;
            const int64_t rows = i1 - i >= 4 ? 4 : 1;
            T out[16];
            if (rows == 4)
                switch (n) {
                case 1: NAME(dot_block)(4, 1, kk, x, g->rsa, y, ldy, out); break;
                case 2: NAME(dot_block)(4, 2, kk, x, g->rsa, y, ldy, out); break;
                case 3: NAME(dot_block)(4, 3, kk, x, g->rsa, y, ldy, out); break;
                default: NAME(dot_block)(4, 4, kk, x, g->rsa, y, ldy, out);
                }
            else
                for (int64_t j = 0; j < n; j++)
                    out[j] = NAME(long_dot)(kk, x, y + j * ldy);
            for (int64_t r = 0; r < rows; r++)
                for (int64_t j = 0; j < n; j++) {
                    T *c = C + (i + r) * g->rsc + j * g->csc;
                    T sum = (T)g->alpha * out[r * n + j];
                    if (k0)
                        sum += *c;
                    else if (g->beta != 0 && g->cin)
                        sum += (T)g->beta * ((const T *)g->cin)[
                            (i + r) * g->rscin + j * g->cscin];
                    else if (g->beta != 0)
                        sum += (T)g->beta * *c;
                    *c = sum;
                }
            i += rows;
        }
    }
}

/* dst[j] = factor * sum of src[i * rs + j], as exact as pairwise sums: 16 rows in
   sequence, then blocks by twos, as one counts in binary. */
TARGET static void NAME(column_sums)(
    int64_t m, int64_t n, const void *src_, int64_t rs, double factor, void *dst_)
{
    const T *src = src_;
    T *dst = dst_;
    for (int64_t j = 0; j < n; j += VL) {
        const int64_t w = n - j < VL ? n - j : VL;
        vec level[48], sum = (vec){0};
        int64_t block = 0;
        int levels = 0;
        for (int64_t i = 0; i < m || i == 0; block++) {
            const int64_t end = m - i < 16 ? m : i + 16;
            sum = (vec){0};
            for (; i < end; i++) {
                vec x = (vec){0};
                if (w == VL)
                    x = *(const vec *)(src + i * rs + j);
                else
                    memcpy(&x, src + i * rs + j, sizeof(T) * (size_t)w);
                sum += x;
            }
            if (m == 0)
                break;
            for (int64_t bit = block; bit & 1; bit >>= 1)
                sum = level[--levels] + sum;
            level[levels++] = sum;
        }
        for (sum = levels ? level[--levels] : sum; levels > 0;)
            sum = level[--levels] + sum;
        sum = (T)factor * sum;
        memcpy(dst + j, &sum, sizeof(T) * (size_t)w);
    }
}

#undef vec
#undef VL
#undef NR
#undef LANES
