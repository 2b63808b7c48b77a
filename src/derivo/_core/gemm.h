/* Matrix products on the CPU, for blas.pyx.

   Why not BLAS for these: measured beside PyTorch's MKL on the development machine
   (AVX-512, float32, one thread, GFLOP/s, the best of many runs):

       m x k x n           these tiles   OpenBLAS 0.3.30   MKL
       64 x 784 x 128          169             77           170
       64 x 128 x 784          167             93           172
       512 x 512 x 512         164            143           154
       1024 x 1024 x 1024      137            134           140

   and a product through SciPy's pointers costs an import of NumPy and SciPy (0.13 s)
   and a second pool of threads. So SciPy's BLAS serves where these have only the
   narrow 16-byte vectors, and for what is not here.

   Written with the vector types that GCC and Clang share: the same source is AVX-512,
   AVX2, SSE2 or NEON. */
#ifndef DERIVO_GEMM_H
#define DERIVO_GEMM_H
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define DERIVO_CAT_(a, b) a##b
#define DERIVO_CAT(a, b) DERIVO_CAT_(a, b)
#define DERIVO_INLINE inline __attribute__((always_inline))
#if defined(__clang__)
#define DERIVO_UNROLL _Pragma("clang loop unroll(full)")
#else
#define DERIVO_UNROLL _Pragma("GCC unroll 16")
#endif
#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define DERIVO_HAS_SHUFFLE 1
#endif
#endif
#ifndef DERIVO_HAS_SHUFFLE
#define DERIVO_HAS_SHUFFLE 0
#endif

/* Stage h of turning a block: lane l of the pair of rows (x, x + h). KEEP builds the
   lower row, TAKE the upper; numbers from n on mean the second vector. TURN brings
   lane l + h to lane l. */
#define DERIVO_KEEP(l, h, n) (((l) & (h)) ? (n) + (l) - (h) : (l))
#define DERIVO_TAKE(l, h, n) (((l) & (h)) ? (n) + (l) : (l) + (h))
#define DERIVO_TURN(l, h, n) (((l) + (h)) & ((n) - 1))
#define DERIVO_LANES_2(f, h) f(0, h, 2), f(1, h, 2)
#define DERIVO_LANES_4(f, h) f(0, h, 4), f(1, h, 4), f(2, h, 4), f(3, h, 4)
#define DERIVO_LANES_8(f, h)                                                         \
    f(0, h, 8), f(1, h, 8), f(2, h, 8), f(3, h, 8), f(4, h, 8), f(5, h, 8),          \
        f(6, h, 8), f(7, h, 8)
#define DERIVO_LANES_16(f, h)                                                        \
    f(0, h, 16), f(1, h, 16), f(2, h, 16), f(3, h, 16), f(4, h, 16), f(5, h, 16),    \
        f(6, h, 16), f(7, h, 16), f(8, h, 16), f(9, h, 16), f(10, h, 16),            \
        f(11, h, 16), f(12, h, 16), f(13, h, 16), f(14, h, 16), f(15, h, 16)

/* c (m x n) = alpha * a (m x k) b (k x n) + beta * cin. Strides in elements, of rows
   (rs) and columns (cs). cin NULL means c. */
typedef struct {
    int64_t m, n, k;
    const void *a, *b;
    void *c;
    const void *cin;
    int64_t rsa, csa, rsb, csb, rsc, csc, rscin, cscin;
    double alpha, beta;
} derivo_gemm;

/* A block of the right operand is KC deep: long, because every block reads and writes
   all of the result once more. The tile asks the memory for the row AHEAD of the one
   it uses. */
#ifndef KC
#define KC 512
#endif
#ifndef AHEAD
#define AHEAD 8
#endif

#define DERIVO_NOTHING
#if defined(__aarch64__)
#define DERIVO_FMA16_f32(x, y, z)                                                    \
    ((vec)vfmaq_f32((float32x4_t)(z), (float32x4_t)(x), (float32x4_t)(y)))
#define DERIVO_FMA16_f64(x, y, z)                                                    \
    ((vec)vfmaq_f64((float64x2_t)(z), (float64x2_t)(x), (float64x2_t)(y)))
#else
#define DERIVO_FMA16_f32(x, y, z) ((x) * (y) + (z))
#define DERIVO_FMA16_f64(x, y, z) ((x) * (y) + (z))
#endif
#if defined(__x86_64__)
#define DERIVO_AVX512 \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define DERIVO_AVX2 __attribute__((target("avx2,fma")))

#define TARGET DERIVO_AVX512
#define VB 64
#define MR 14
#define T float
#define T_LANES 16
#define NAME(x) DERIVO_CAT(x, _f32_64)
#define FMA(x, y, z) ((vec)_mm512_fmadd_ps((__m512)(x), (__m512)(y), (__m512)(z)))
#define SPLAT(s) ((vec)_mm512_set1_ps(s))
#include "gemm_tile.h"
#undef FMA
#undef SPLAT
#undef T
#undef T_LANES
#undef NAME
#define T double
#define T_LANES 8
#define NAME(x) DERIVO_CAT(x, _f64_64)
#define FMA(x, y, z) ((vec)_mm512_fmadd_pd((__m512d)(x), (__m512d)(y), (__m512d)(z)))
#define SPLAT(s) ((vec)_mm512_set1_pd(s))
#include "gemm_tile.h"
#undef FMA
#undef SPLAT
#undef T
#undef T_LANES
#undef NAME
#undef TARGET
#undef VB
#undef MR

#define TARGET DERIVO_AVX2
#define VB 32
#define MR 6
#define T float
#define T_LANES 8
#define NAME(x) DERIVO_CAT(x, _f32_32)
#define FMA(x, y, z) ((vec)_mm256_fmadd_ps((__m256)(x), (__m256)(y), (__m256)(z)))
#define SPLAT(s) ((vec)_mm256_set1_ps(s))
#include "gemm_tile.h"
#undef FMA
#undef SPLAT
#undef T
#undef T_LANES
#undef NAME
#define T double
#define T_LANES 4
#define NAME(x) DERIVO_CAT(x, _f64_32)
#define FMA(x, y, z) ((vec)_mm256_fmadd_pd((__m256d)(x), (__m256d)(y), (__m256d)(z)))
#define SPLAT(s) ((vec)_mm256_set1_pd(s))
#include "gemm_tile.h"
#undef FMA
#undef SPLAT
#undef T
#undef T_LANES
#undef NAME
#undef TARGET
#undef VB
#undef MR
#endif

#define TARGET DERIVO_NOTHING
#define VB 16
#define MR 6
#define T float
#define T_LANES 4
#define NAME(x) DERIVO_CAT(x, _f32_16)
#define FMA(x, y, z) DERIVO_FMA16_f32(x, y, z)
#define SPLAT(s) ((s) - (vec){0})
#include "gemm_tile.h"
#undef FMA
#undef SPLAT
#undef T
#undef T_LANES
#undef NAME
#define T double
#define T_LANES 2
#define NAME(x) DERIVO_CAT(x, _f64_16)
#define FMA(x, y, z) DERIVO_FMA16_f64(x, y, z)
#define SPLAT(s) ((s) - (vec){0})
#include "gemm_tile.h"
#undef FMA
#undef SPLAT
#undef T
#undef T_LANES
#undef NAME
#undef TARGET
#undef VB
#undef MR

/* Exact products of integers, modulo the size of the type (W: what U is computed in):
   adds a b to c, rows [i0, i1). Needs csb == csc == 1. Four rows of b at a time, for
   one load and store of c; a block of b stays in the cache. The compiler makes the
   vectors. */
#define DERIVO_INT_PRODUCT(TARGET, width, U, W)                                      \
    TARGET static void derivo_##U##_##width(                                         \
        const derivo_gemm *g, int64_t i0, int64_t i1)                                \
    {                                                                                \
        const int64_t depth = 128, n = g->n, rsb = g->rsb, csa = g->csa;             \
        for (int64_t k0 = 0; k0 < g->k; k0 += depth) {                               \
            const int64_t k1 = g->k - k0 < depth ? g->k : k0 + depth;                \
            for (int64_t i = i0; i < i1; i++) {                                      \
                U *restrict c = (U *)g->c + i * g->rsc;                              \
                const U *a = (const U *)g->a + i * g->rsa;                           \
                int64_t p = k0;                                                      \
                for (; p + 4 <= k1; p += 4) {                                        \
                    const W x0 = a[p * csa], x1 = a[(p + 1) * csa];                  \
                    const W x2 = a[(p + 2) * csa], x3 = a[(p + 3) * csa];            \
                    const U *restrict b0 = (const U *)g->b + p * rsb;                \
                    const U *restrict b1 = b0 + rsb, *restrict b2 = b1 + rsb;        \
                    const U *restrict b3 = b2 + rsb;                                 \
                    for (int64_t j = 0; j < n; j++)                                  \
                        c[j] = (U)((W)c[j] + x0 * (W)b0[j] + x1 * (W)b1[j]           \
                                   + x2 * (W)b2[j] + x3 * (W)b3[j]);                 \
                }                                                                    \
                for (; p < k1; p++) {                                                \
                    const W x = a[p * csa];                                          \
                    const U *restrict b = (const U *)g->b + p * rsb;                 \
                    for (int64_t j = 0; j < n; j++)                                  \
                        c[j] = (U)((W)c[j] + x * (W)b[j]);                           \
                }                                                                    \
            }                                                                        \
        }                                                                            \
    }
/* 8-bit numbers are multiplied as 16-bit ones: the low byte is the same. */
#define DERIVO_INT_PRODUCTS(TARGET, width)                                           \
    DERIVO_INT_PRODUCT(TARGET, width, uint8_t, uint16_t)                             \
    DERIVO_INT_PRODUCT(TARGET, width, uint16_t, uint16_t)                            \
    DERIVO_INT_PRODUCT(TARGET, width, uint32_t, uint32_t)                            \
    DERIVO_INT_PRODUCT(TARGET, width, uint64_t, uint64_t)
#if defined(__x86_64__)
DERIVO_INT_PRODUCTS(DERIVO_AVX512, 64)
DERIVO_INT_PRODUCTS(DERIVO_AVX2, 32)
#endif
DERIVO_INT_PRODUCTS(DERIVO_NOTHING, 16)

/* src (rows x cols, any strides, elements of `size` bytes) to contiguous rows */
#define DERIVO_GATHER(U)                                                             \
    for (int64_t i = 0; i < rows; i++)                                               \
        for (int64_t j = 0; j < cols; j++)                                           \
            ((U *)dst)[i * cols + j] = ((const U *)src)[i * rs + j * cs];
static void derivo_gather(
    int size, int64_t rows, int64_t cols, const void *src, int64_t rs, int64_t cs,
    void *dst)
{
    if (size == 1) { DERIVO_GATHER(uint8_t) }
    else if (size == 2) { DERIVO_GATHER(uint16_t) }
    else if (size == 4) { DERIVO_GATHER(uint32_t) }
    else { DERIVO_GATHER(uint64_t) }
}
/* dst = alpha * src (contiguous rows) + beta * cin; beta 0 does not read cin */
#define DERIVO_SCATTER(U)                                                            \
    for (int64_t i = 0; i < rows; i++)                                               \
        for (int64_t j = 0; j < cols; j++) {                                         \
            U x = (U)(alpha * ((const U *)src)[i * cols + j]);                       \
            if (beta)                                                                \
                x = (U)(x + beta * ((const U *)cin)[i * rsi + j * csi]);             \
            ((U *)dst)[i * rs + j * cs] = x;                                         \
        }
static void derivo_scatter(
    int size, int64_t rows, int64_t cols, const void *src, uint64_t alpha,
    const void *cin, int64_t rsi, int64_t csi, uint64_t beta, void *dst, int64_t rs,
    int64_t cs)
{
    if (size == 1) { DERIVO_SCATTER(uint8_t) }
    else if (size == 2) { DERIVO_SCATTER(uint16_t) }
    else if (size == 4) { DERIVO_SCATTER(uint32_t) }
    else { DERIVO_SCATTER(uint64_t) }
}

/* What blas.pyx calls: the functions for one type at the chosen width. */
typedef struct {
    void (*by_tiles)(const derivo_gemm *, int64_t, int64_t, int64_t, int64_t);
    void (*by_dots)(const derivo_gemm *, int64_t, int64_t);
    void (*pack_columns)(
        const derivo_gemm *, int64_t, int64_t, int64_t, int64_t, void *);
    void (*by_rows)(
        const derivo_gemm *, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
        const void *, int);
    void (*column_sums)(int64_t, int64_t, const void *, int64_t, double, void *);
    int64_t rows, lanes;   /* of a tile; of a vector */
    int64_t depth;         /* KC */
} derivo_gemm_kernels;

typedef void (*derivo_int_product)(const derivo_gemm *, int64_t, int64_t);

static int derivo_widest_vector(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return 64;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return 32;
#endif
    return 16;
}

/* ints: for 1, 2, 4 and 8 bytes */
static void derivo_choose_kernels(
    int bytes, derivo_gemm_kernels *f32, derivo_gemm_kernels *f64,
    derivo_int_product *ints)
{
#define PICK(width, mr)                                                              \
    f32->by_tiles = by_tiles_f32_##width; f64->by_tiles = by_tiles_f64_##width;      \
    f32->by_dots = by_dots_f32_##width; f64->by_dots = by_dots_f64_##width;          \
    f32->pack_columns = pack_columns_f32_##width;                                    \
    f64->pack_columns = pack_columns_f64_##width;                                    \
    f32->by_rows = by_rows_f32_##width; f64->by_rows = by_rows_f64_##width;          \
    f32->column_sums = column_sums_f32_##width;                                      \
    f64->column_sums = column_sums_f64_##width;                                      \
    f32->depth = f64->depth = KC;                                                    \
    ints[0] = derivo_uint8_t_##width; ints[1] = derivo_uint16_t_##width;             \
    ints[2] = derivo_uint32_t_##width; ints[3] = derivo_uint64_t_##width;            \
    f32->rows = f64->rows = mr; f32->lanes = width / 4; f64->lanes = width / 8;
#if defined(__x86_64__)
    if (bytes >= 64) { PICK(64, 14) return; }
    if (bytes >= 32) { PICK(32, 6) return; }
#endif
    PICK(16, 6)
#undef PICK
}

/* 16-bit floats to float and back (to nearest, ties to even). */
static inline float derivo_from_bf16(uint16_t h)
{
    uint32_t u = (uint32_t)h << 16;
    float f;
    memcpy(&f, &u, 4);
    return f;
}
static inline uint16_t derivo_to_bf16(float f)
{
    uint32_t u;
    memcpy(&u, &f, 4);
    uint16_t rounded = (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
    return f != f ? 0x7fc0 : rounded;
}
static inline float derivo_from_f16(uint16_t h)
{
    /* The exponent moves to float's place; 2^112 corrects its bias, also for
       subnormals; infinities and nan get the largest exponent. */
    uint32_t u = (uint32_t)(h & 0x7fff) << 13, scale = 0x77800000;
    float f, s;
    memcpy(&f, &u, 4);
    memcpy(&s, &scale, 4);
    f *= s;
    memcpy(&u, &f, 4);
    if ((h & 0x7c00) == 0x7c00)
        u |= 0x7f800000;
    u |= (uint32_t)(h & 0x8000) << 16;
    memcpy(&f, &u, 4);
    return f;
}
static inline uint16_t derivo_to_f16(float f)
{
    uint32_t u, sign, r;
    memcpy(&u, &f, 4);
    sign = (u >> 16) & 0x8000;
    u &= 0x7fffffff;
    if (u > 0x7f800000)
        r = 0x7e00;
    else if (u >= 0x47800000)
        r = 0x7c00;
    else if (u < 0x38800000) {
        /* subnormal: adding 0.5 puts the last bit kept at float's last bit */
        float x;
        memcpy(&x, &u, 4);
        x += 0.5f;
        memcpy(&r, &x, 4);
        r -= 0x3f000000;
    } else
        r = (u - 0x38000000 + 0xfff + ((u >> 13) & 1)) >> 13;
    return (uint16_t)(sign | r);
}
/* rows x cols elements of any strides, to and from contiguous rows of float */
static void derivo_widen(
    int bf16, int64_t rows, int64_t cols, const uint16_t *src, int64_t rs, int64_t cs,
    float *dst)
{
    for (int64_t i = 0; i < rows; i++, src += rs, dst += cols)
        if (bf16)
            for (int64_t j = 0; j < cols; j++)
                dst[j] = derivo_from_bf16(src[j * cs]);
        else
            for (int64_t j = 0; j < cols; j++)
                dst[j] = derivo_from_f16(src[j * cs]);
}
static void derivo_narrow(
    int bf16, int64_t rows, int64_t cols, const float *src, uint16_t *dst, int64_t rs,
    int64_t cs)
{
    for (int64_t i = 0; i < rows; i++, src += cols, dst += rs)
        if (bf16)
            for (int64_t j = 0; j < cols; j++)
                dst[j * cs] = derivo_to_bf16(src[j]);
        else
            for (int64_t j = 0; j < cols; j++)
                dst[j * cs] = derivo_to_f16(src[j]);
}
#endif
