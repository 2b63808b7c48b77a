/* Loops of the random number generator that need a vector unit.
 *
 * This is C rather than Cython for one reason: each loop is compiled several
 * times for different instruction sets and the loader picks one
 * (`target_clones`), which Cython cannot say.  Everything that decides
 * anything lives in random.pyx.
 *
 * A fused multiply-add is written fmaf() or fma() where the result must be
 * rounded once; the file must be compiled without implicit contraction, so
 * that no other pair is fused (see the build file, -ffp-contract=off).
 */
#ifndef DERIVO_RANDOM_KERNELS_H
#define DERIVO_RANDOM_KERNELS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#pragma clang fp contract(off)
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && \
    !defined(__clang__) && __GNUC__ >= 11
#define DV_CLONES \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
/* Blocks of eight lanes: wider registers would only add shuffles. */
#define DV_CLONES_256 \
    __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define DV_CLONES
#define DV_CLONES_256
#endif

enum { DV_MT_N = 624, DV_MT_M = 397 };

/* ------------------------------------------------------- MT19937 (1998) */

static inline uint32_t dv_mt_mix(uint32_t far, uint32_t here, uint32_t next)
{
    uint32_t y = (here & 0x80000000u) | (next & 0x7fffffffu);
    return far ^ (y >> 1) ^ ((0u - (next & 1u)) & 0x9908b0dfu);
}

/* The next 624 raw words, in place.  Three loops, so that each reads only
 * words at a fixed distance and the compiler can vectorise it. */
DV_CLONES
static void dv_mt_advance(uint32_t *s)
{
    const int first = DV_MT_N - DV_MT_M;
    for (int i = 0; i < first; i++)
        s[i] = dv_mt_mix(s[i + DV_MT_M], s[i], s[i + 1]);
    for (int i = first; i < DV_MT_N - 1; i++)
        s[i] = dv_mt_mix(s[i - first], s[i], s[i + 1]);
    s[DV_MT_N - 1] = dv_mt_mix(s[DV_MT_M - 1], s[DV_MT_N - 1], s[0]);
}

static inline uint32_t dv_mt_temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

DV_CLONES
static void dv_mt_temper_n(const uint32_t *restrict s, uint32_t *restrict out,
                           int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = dv_mt_temper(s[i]);
}

/* ------------------------------------------------ half precision stores */

static inline uint32_t dv_bits(float x)
{
    uint32_t u;
    memcpy(&u, &x, 4);
    return u;
}

static inline float dv_float(uint32_t u)
{
    float x;
    memcpy(&x, &u, 4);
    return x;
}

/* float -> binary16, round to nearest even, NaN stays NaN. */
static inline uint16_t dv_half_from_float(float x)
{
    uint32_t u = dv_bits(x);
    uint16_t sign = (uint16_t)((u >> 16) & 0x8000u);
    uint32_t a = u & 0x7fffffffu;
    if (a > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00u);
    if (a >= 0x477ff000u) /* rounds to 65536 or more */
        return (uint16_t)(sign | 0x7c00u);
    if (a < 0x38800000u) {
        /* subnormal: adding 0.5 leaves the rounded fraction in the low bits */
        float t = dv_float(a) + 0.5f;
        return (uint16_t)(sign | (dv_bits(t) - 0x3f000000u));
    }
    a += 0xc8000fffu + ((a >> 13) & 1u);
    return (uint16_t)(sign | (a >> 13));
}

static inline float dv_float_from_half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
    uint32_t rest = h & 0x7fffu;
    if (rest >= 0x7c00u)
        return dv_float(sign | 0x7f800000u | ((rest & 0x3ffu) << 13));
    if (rest >= 0x400u)
        return dv_float(sign | ((rest << 13) + 0x38000000u));
    float tiny = (float)rest * 0x1p-24f;
    return dv_float(sign | dv_bits(tiny));
}

static inline uint16_t dv_bf16_from_float(float x)
{
    uint32_t u = dv_bits(x);
    if ((u & 0x7fffffffu) > 0x7f800000u)
        return 0x7fc0u;
    return (uint16_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

static inline float dv_float_from_bf16(uint16_t h)
{
    return dv_float((uint32_t)h << 16);
}

/* ---------------------------------------------------------- typed stores */

/* dtype codes as in _types.pxd */
#define DV_STORE(T) \
    for (int64_t i = 0; i < n; i++) \
        ((T *)out)[i] = (T)in[i]; \
    break
#define DV_STORE_HALF(FROM_FLOAT) \
    for (int64_t i = 0; i < n; i++) \
        ((uint16_t *)out)[i] = FROM_FLOAT((float)in[i]); \
    break

/* Small integers go by way of int32, as a C++ cast does on x86. */
#define DV_STORE_SMALL(T) \
    for (int64_t i = 0; i < n; i++) \
        ((T *)out)[i] = (T)(int32_t)in[i]; \
    break

static void dv_store_f64(int code, const double *restrict in, void *restrict out,
                         int64_t n)
{
    switch (code) {
    case 1: DV_STORE_SMALL(uint8_t);
    case 2: DV_STORE_SMALL(int8_t);
    case 3: DV_STORE_SMALL(int16_t);
    case 4: DV_STORE(int32_t);
    case 5: DV_STORE(int64_t);
    case 6: DV_STORE_HALF(dv_half_from_float);
    case 7: DV_STORE_HALF(dv_bf16_from_float);
    case 8: DV_STORE(float);
    case 9: DV_STORE(double);
    }
}

static void dv_store_i64(int code, const int64_t *restrict in, void *restrict out,
                         int64_t n)
{
    switch (code) {
    case 0:
        for (int64_t i = 0; i < n; i++)
            ((uint8_t *)out)[i] = in[i] != 0;
        break;
    case 1: DV_STORE(uint8_t);
    case 2: DV_STORE(int8_t);
    case 3: DV_STORE(int16_t);
    case 4: DV_STORE(int32_t);
    case 5: DV_STORE(int64_t);
    case 6: DV_STORE_HALF(dv_half_from_float);
    case 7: DV_STORE_HALF(dv_bf16_from_float);
    case 8: DV_STORE(float);
    case 9: DV_STORE(double);
    }
}

static void dv_store_u8(int code, const uint8_t *restrict in, void *restrict out,
                        int64_t n)
{
    switch (code) {
    case 0:
    case 1:
    case 2: DV_STORE(uint8_t);
    case 3: DV_STORE(int16_t);
    case 4: DV_STORE(int32_t);
    case 5: DV_STORE(int64_t);
    case 6:
        for (int64_t i = 0; i < n; i++)
            ((uint16_t *)out)[i] = in[i] ? 0x3c00u : 0;
        break;
    case 7:
        for (int64_t i = 0; i < n; i++)
            ((uint16_t *)out)[i] = in[i] ? 0x3f80u : 0;
        break;
    case 8: DV_STORE(float);
    case 9: DV_STORE(double);
    }
}

static void dv_store_f32(int code, const float *restrict in, void *restrict out,
                         int64_t n)
{
    switch (code) {
    case 6: DV_STORE_HALF(dv_half_from_float);
    case 7: DV_STORE_HALF(dv_bf16_from_float);
    case 8: DV_STORE(float);
    case 9: DV_STORE(double);
    }
}

static double dv_load_f64(int code, const char *at)
{
    switch (code) {
    case 6: return dv_float_from_half(*(const uint16_t *)at);
    case 7: return dv_float_from_bf16(*(const uint16_t *)at);
    case 8: return *(const float *)at;
    }
    return *(const double *)at;
}

/* -------------------------------------------------------------- uniform */

/* 24 low bits of one word; x * span + from is rounded once. */
DV_CLONES
static void dv_uniform_f32(const uint32_t *restrict w, float *restrict out,
                           int64_t n, float from, float to)
{
    const float span = to - from;
    if (from == 0.0f && to == 1.0f) {
        for (int64_t i = 0; i < n; i++)
            out[i] = (float)(int32_t)(w[i] & 0xffffffu) * 0x1p-24f;
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        float x = (float)(int32_t)(w[i] & 0xffffffu) * 0x1p-24f;
        out[i] = fmaf(x, span, from);
    }
}

/* A value that rounding carried up to the excluded end becomes the start. */
DV_CLONES
static void dv_keep_below_f32(float *restrict x, int64_t n, float from, float to)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = x[i] == to ? from : x[i];
}

/* 53 low bits of two words, the first being the high one. */
static inline double dv_unit_f64(uint32_t hi, uint32_t lo)
{
    uint64_t v = ((uint64_t)hi << 32 | lo) & 0x1fffffffffffffull;
    return (double)(int64_t)v * 0x1p-53;
}

DV_CLONES
static void dv_unit_f64_n(const uint32_t *restrict w, double *restrict out,
                          int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = dv_unit_f64(w[2 * i], w[2 * i + 1]);
}

DV_CLONES
static void dv_scale_f64(double *restrict x, int64_t n, double from, double to)
{
    const double span = to - from;
    for (int64_t i = 0; i < n; i++) {
        double y = fma(x[i], span, from);
        x[i] = y == to ? from : y;
    }
}

/* u < p for u = k / 2**53 is k < p * 2**53: an integer comparison. */
DV_CLONES
static void dv_bernoulli_f64(const uint32_t *restrict w, uint8_t *restrict out,
                             int64_t n, uint64_t limit)
{
    for (int64_t i = 0; i < n; i++) {
        uint64_t v = ((uint64_t)w[2 * i] << 32 | w[2 * i + 1]) & 0x1fffffffffffffull;
        out[i] = v < limit;
    }
}

/* --------------------------------------------------------------- normal */

/* Box-Muller on blocks of sixteen: eight radii, then eight angles.
 *
 * The logarithm, sine and cosine are the single-precision ones of the Cephes
 * library (S. Moshier), evaluated with the fused operations that PyTorch's
 * AVX2 build performs, so that every bit agrees with it. The arguments are
 * known to lie in (0, 1] and [0, 2 pi), which spares the special cases. */
DV_CLONES_256
static void dv_normal16_f32(float *restrict data, int64_t blocks, float mean,
                            float std)
{
    const float two_pi = (float)6.283185307179586;
    for (int64_t b = 0; b < blocks; b++, data += 16) {
        float r[8], c[8], s[8];
        for (int j = 0; j < 8; j++) {
            float u = 1.0f - data[j];
            uint32_t bits = dv_bits(u);
            float e = (float)((int32_t)(bits >> 23) - 127) + 1.0f;
            float m = dv_float((bits & 0x807fffffu) | 0x3f000000u);
            /* masks rather than branches, so that the loop is vectorised */
            uint32_t small = 0u - (uint32_t)(m < 0.707106781186547524f);
            e -= dv_float(small & 0x3f800000u);
            float x = (m - 1.0f) + dv_float(small & dv_bits(m));
            float z = x * x;
            float y = 7.0376836292E-2f;
            y = fmaf(y, x, -1.1514610310E-1f);
            y = fmaf(y, x, 1.1676998740E-1f);
            y = fmaf(y, x, -1.2420140846E-1f);
            y = fmaf(y, x, 1.4249322787E-1f);
            y = fmaf(y, x, -1.6668057665E-1f);
            y = fmaf(y, x, 2.0000714765E-1f);
            y = fmaf(y, x, -2.4999993993E-1f);
            y = fmaf(y, x, 3.3333331174E-1f);
            y = y * x;
            y = fmaf(y, z, e * -2.12194440e-4f);
            y = fmaf(z, -0.5f, y);
            x = x + y;
            x = fmaf(e, 0.693359375f, x);
            r[j] = sqrtf(-2.0f * x);
        }
        for (int j = 0; j < 8; j++) {
            float x = two_pi * data[8 + j];
            int32_t octant = ((int32_t)(x * 1.27323954473516f) + 1) & ~1;
            float y = (float)octant;
            x = fmaf(y, -0.78515625f, x);
            x = fmaf(y, -2.4187564849853515625e-4f, x);
            x = fmaf(y, -3.77489497744594108e-8f, x);
            float z = x * x;
            float even = fmaf(2.443315711809948E-5f, z, -1.388731625493765E-3f);
            even = fmaf(even, z, 4.166664568298827E-2f);
            even = even * z;
            even = fmaf(even, z, -(z * 0.5f));
            even = even + 1.0f;
            float odd = fmaf(-1.9515295891E-4f, z, 8.3321608736E-3f);
            odd = fmaf(odd, z, -1.6666654611E-1f);
            odd = odd * z;
            odd = fmaf(odd, x, x);
            uint32_t swap = 0u - (uint32_t)((octant & 2) != 0);
            uint32_t mix = swap & (dv_bits(even) ^ dv_bits(odd));
            uint32_t sine = dv_bits(odd) ^ mix;
            uint32_t cosine = dv_bits(even) ^ mix;
            s[j] = dv_float(sine ^ ((uint32_t)(octant & 4) << 29));
            c[j] = dv_float(cosine ^ ((uint32_t)(~(octant - 2) & 4) << 29));
        }
        for (int j = 0; j < 8; j++) {
            data[j] = fmaf(r[j] * c[j], std, mean);
            data[8 + j] = fmaf(r[j] * s[j], std, mean);
        }
    }
}

static void dv_normal16_f64(double *data, int64_t blocks, double mean, double std)
{
    for (int64_t b = 0; b < blocks; b++, data += 16) {
        for (int j = 0; j < 8; j++) {
            double radius = sqrt(-2.0 * log(1.0 - data[j]));
            double angle = 6.283185307179586 * data[8 + j];
            data[j] = fma(radius * cos(angle), std, mean);
            data[8 + j] = fma(radius * sin(angle), std, mean);
        }
    }
}

#endif
