/* Copying a small block so that what lay across lies along.

   derivo_transpose(to, to_step, from, from_step, n0, n1, width) makes

       to[i1 * to_step + i0 * width] = from[i0 * from_step + i1 * width]

   for elements of `width` bytes (steps in bytes). Blocks of 4 x 4 words go through
   registers; four rows of the source are read from end to end before the next four,
   so that each of their cache lines is used whole however far apart they lie. */

#ifndef DERIVO_TRANSPOSE_H
#define DERIVO_TRANSPOSE_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

static inline void derivo_block_4(char *to, int64_t to_step, const char *from,
                                  int64_t from_step) {
    __m128i a = _mm_loadu_si128((const __m128i *)from);
    __m128i b = _mm_loadu_si128((const __m128i *)(from + from_step));
    __m128i c = _mm_loadu_si128((const __m128i *)(from + 2 * from_step));
    __m128i d = _mm_loadu_si128((const __m128i *)(from + 3 * from_step));
    __m128i ab0 = _mm_unpacklo_epi32(a, b), ab1 = _mm_unpackhi_epi32(a, b);
    __m128i cd0 = _mm_unpacklo_epi32(c, d), cd1 = _mm_unpackhi_epi32(c, d);
    _mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi64(ab0, cd0));
    _mm_storeu_si128((__m128i *)(to + to_step), _mm_unpackhi_epi64(ab0, cd0));
    _mm_storeu_si128((__m128i *)(to + 2 * to_step), _mm_unpacklo_epi64(ab1, cd1));
    _mm_storeu_si128((__m128i *)(to + 3 * to_step), _mm_unpackhi_epi64(ab1, cd1));
}
#else
static inline void derivo_block_4(char *to, int64_t to_step, const char *from,
                                  int64_t from_step) {
    uint32_t block[4][4];
    for (int i = 0; i < 4; i++)
        memcpy(block[i], from + i * from_step, 16);
    for (int k = 0; k < 4; k++) {
        uint32_t row[4] = {block[0][k], block[1][k], block[2][k], block[3][k]};
        memcpy(to + k * to_step, row, 16);
    }
}
#endif

#define DERIVO_ROWS(T)                                                          \
    for (int64_t k = k0; k < n1; k++)                                           \
        for (int64_t i = begin; i < end; i++)                                   \
            memcpy(to + k * to_step + i * sizeof(T),                            \
                   from + i * from_step + k * sizeof(T), sizeof(T));

static inline void derivo_transpose(char *to, int64_t to_step, const char *from,
                                    int64_t from_step, int64_t n0, int64_t n1,
                                    int width) {
    for (int64_t begin = 0; begin < n0; begin += 4) {
        int64_t end = begin + 4 < n0 ? begin + 4 : n0, k0 = 0;
        if (width == 4) {
            if (end - begin == 4)
                for (; k0 + 4 <= n1; k0 += 4)
                    derivo_block_4(to + k0 * to_step + begin * 4, to_step,
                                   from + begin * from_step + k0 * 4, from_step);
            DERIVO_ROWS(uint32_t)
        } else if (width == 8) {
            DERIVO_ROWS(uint64_t)
        } else if (width == 1) {
            DERIVO_ROWS(uint8_t)
        } else if (width == 2) {
            DERIVO_ROWS(uint16_t)
        } else {
            for (int64_t k = 0; k < n1; k++)
                for (int64_t i = begin; i < end; i++)
                    memcpy(to + k * to_step + i * width,
                           from + i * from_step + k * width, width);
        }
    }
}

#undef DERIVO_ROWS

#endif
