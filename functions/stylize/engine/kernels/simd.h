/* Vectors of eight pixels for every target: vector types of GCC and Clang, and the few operations that these lack. The
   compiler splits vectors that are wider than the processor's.

   A new instruction set needs a branch in two places: its header below, and any8, sqrt8, narrow8, max16, largest16 and
   load_bgr8 further down. All other code is the same for every target. */
#ifndef STYLIZE_SIMD_H
#define STYLIZE_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#else
#error "expected x86-64, arm64 or WebAssembly with SIMD"
#endif

#define VECTOR(type, lanes) __attribute__((vector_size(sizeof(type) * (lanes)))) type
typedef VECTOR(float, 8) f32x8;
typedef VECTOR(float, 4) f32x4;
typedef VECTOR(double, 8) f64x8;
typedef VECTOR(int32_t, 8) i32x8;
typedef VECTOR(int32_t, 4) i32x4;
typedef VECTOR(int16_t, 4) i16x4;
typedef VECTOR(int16_t, 8) i16x8;
typedef VECTOR(uint8_t, 8) u8x8;
typedef VECTOR(uint8_t, 4) u8x4;
typedef VECTOR(uint16_t, 4) u16x4;
typedef VECTOR(uint16_t, 8) u16x8;
typedef VECTOR(uint16_t, 16) u16x16;
typedef VECTOR(uint32_t, 8) u32x8;
typedef VECTOR(uint64_t, 8) u64x8;

#define INLINE static inline __attribute__((always_inline))

/* LOAD(f32x8, p) and STORE(p, vector) work at any alignment. */
#define LOAD(type, from) \
    (__extension__({ \
        type loaded_; \
        memcpy(&loaded_, (from), sizeof loaded_); \
        loaded_; \
    }))
#define STORE(to, vector) \
    (__extension__({ \
        __typeof__(vector) stored_ = (vector); \
        memcpy((to), &stored_, sizeof stored_); \
    }))
#define CONVERT(type, vector) __builtin_convertvector(vector, type)

INLINE f32x8 all8(float value)
{
    return (f32x8){value, value, value, value, value, value, value, value};
}

INLINE f32x8 select8(i32x8 mask, f32x8 yes, f32x8 no)
{
    return (f32x8)(((i32x8)yes & mask) | ((i32x8)no & ~mask));
}

INLINE f32x8 abs8(f32x8 a)
{
    return (f32x8)((i32x8)a & 0x7fffffff);
}

/* Adding this to a float32 between -2^22 and 2^22 rounds it to a whole number, half to even, in the low bits of the
   sum. */
#define ROUNDER 12582912.0f
#define ROUNDER_BITS 0x4b400000

/* Three channels of eight pixels, as whole numbers 0..255. */
typedef struct {
    i32x8 b, g, r;
} bgr8;

/* Three channels of eight pixels, as fractions of 1. */
typedef struct {
    f32x8 b, g, r;
} unit8;

#if defined(__AVX2__)

INLINE int any8(i32x8 mask)
{
    return _mm256_movemask_ps((__m256)mask) != 0;
}

INLINE f32x8 sqrt8(f32x8 a)
{
    return (f32x8)_mm256_sqrt_ps((__m256)a);
}

INLINE i16x8 narrow8(i32x4 low, i32x4 high)
{
    return (i16x8)_mm_packs_epi32((__m128i)low, (__m128i)high);
}

INLINE u16x16 max16(u16x16 a, u16x16 b)
{
    return (u16x16)_mm256_max_epu16((__m256i)a, (__m256i)b);
}

INLINE unsigned largest16(u16x16 a)
{
    __m128i halves = _mm_max_epu16(_mm256_castsi256_si128((__m256i)a), _mm256_extracti128_si256((__m256i)a, 1));
    __m128i least = _mm_minpos_epu16(_mm_xor_si128(halves, _mm_set1_epi16(-1)));
    return 0xffffu ^ (unsigned)(uint16_t)_mm_cvtsi128_si32(least);
}

INLINE bgr8 load_bgr8(const uint8_t *pixels)
{
    const __m256i spread = _mm256_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1, 4, -1, -1, -1,
                                            7, -1, -1, -1, 10, -1, -1, -1, 13, -1, -1, -1);
    const __m256i next = _mm256_set1_epi32(1);
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)pixels)),
                                           _mm_loadu_si128((const void *)(pixels + 8)), 1);
    __m256i b = spread, g = _mm256_add_epi8(b, next), r = _mm256_add_epi8(g, next);
    return (bgr8){(i32x8)_mm256_shuffle_epi8(both, b), (i32x8)_mm256_shuffle_epi8(both, g),
                  (i32x8)_mm256_shuffle_epi8(both, r)};
}

#elif defined(__SSE2__)

INLINE int any8(i32x8 mask)
{
    i32x4 halves[2];
    memcpy(halves, &mask, sizeof halves);
    return _mm_movemask_ps((__m128)(halves[0] | halves[1])) != 0;
}

INLINE f32x8 sqrt8(f32x8 a)
{
    f32x4 halves[2];
    memcpy(halves, &a, sizeof halves);
    halves[0] = (f32x4)_mm_sqrt_ps((__m128)halves[0]);
    halves[1] = (f32x4)_mm_sqrt_ps((__m128)halves[1]);
    return LOAD(f32x8, halves);
}

INLINE i16x8 narrow8(i32x4 low, i32x4 high)
{
    return (i16x8)_mm_packs_epi32((__m128i)low, (__m128i)high);
}

INLINE __m128i max_u16(__m128i a, __m128i b)
{
    return _mm_add_epi16(b, _mm_subs_epu16(a, b));
}

INLINE u16x16 max16(u16x16 a, u16x16 b)
{
    __m128i x[2], y[2];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    x[0] = max_u16(x[0], y[0]);
    x[1] = max_u16(x[1], y[1]);
    return LOAD(u16x16, x);
}

INLINE unsigned largest16(u16x16 a)
{
    __m128i x[2];
    memcpy(x, &a, sizeof x);
    __m128i most = max_u16(x[0], x[1]);
    most = max_u16(most, _mm_srli_si128(most, 8));
    most = max_u16(most, _mm_srli_si128(most, 4));
    most = max_u16(most, _mm_srli_si128(most, 2));
    return (uint16_t)_mm_cvtsi128_si32(most);
}

INLINE bgr8 load_bgr8(const uint8_t *p)
{
    return (bgr8){{p[0], p[3], p[6], p[9], p[12], p[15], p[18], p[21]},
                  {p[1], p[4], p[7], p[10], p[13], p[16], p[19], p[22]},
                  {p[2], p[5], p[8], p[11], p[14], p[17], p[20], p[23]}};
}

#elif defined(__wasm_simd128__)

INLINE int any8(i32x8 mask)
{
    v128_t halves[2];
    memcpy(halves, &mask, sizeof halves);
    return wasm_v128_any_true(wasm_v128_or(halves[0], halves[1]));
}

INLINE f32x8 sqrt8(f32x8 a)
{
    v128_t halves[2];
    memcpy(halves, &a, sizeof halves);
    halves[0] = wasm_f32x4_sqrt(halves[0]);
    halves[1] = wasm_f32x4_sqrt(halves[1]);
    return LOAD(f32x8, halves);
}

INLINE i16x8 narrow8(i32x4 low, i32x4 high)
{
    return (i16x8)wasm_i16x8_narrow_i32x4((v128_t)low, (v128_t)high);
}

INLINE u16x16 max16(u16x16 a, u16x16 b)
{
    v128_t x[2], y[2];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    x[0] = wasm_u16x8_max(x[0], y[0]);
    x[1] = wasm_u16x8_max(x[1], y[1]);
    return LOAD(u16x16, x);
}

INLINE unsigned largest16(u16x16 a)
{
    v128_t x[2];
    memcpy(x, &a, sizeof x);
    v128_t most = wasm_u16x8_max(x[0], x[1]);
    most = wasm_u16x8_max(most, wasm_i64x2_shuffle(most, most, 1, 0));
    most = wasm_u16x8_max(most, wasm_i32x4_shuffle(most, most, 1, 0, 3, 2));
    most = wasm_u16x8_max(most, wasm_i16x8_shuffle(most, most, 1, 0, 3, 2, 5, 4, 7, 6));
    return wasm_u16x8_extract_lane(most, 0);
}

/* Extracts one channel (0, 1 or 2) of eight pixels, from their first 16 bytes and their last 16. */
INLINE i32x8 channel8(v128_t first, v128_t last, uint8_t channel)
{
    /* An index of 16 or more gives a zero byte. */
    const v128_t every_third = wasm_u8x16_const(0, 16, 16, 16, 3, 16, 16, 16, 6, 16, 16, 16, 9, 16, 16, 16);
    v128_t halves[2] = {wasm_i8x16_swizzle(first, wasm_i8x16_add(every_third, wasm_u8x16_splat(channel))),
                        wasm_i8x16_swizzle(last, wasm_i8x16_add(every_third, wasm_u8x16_splat(channel + 4)))};
    return LOAD(i32x8, halves);
}

INLINE bgr8 load_bgr8(const uint8_t *pixels)
{
    v128_t first = wasm_v128_load(pixels), last = wasm_v128_load(pixels + 8);
    return (bgr8){channel8(first, last, 0), channel8(first, last, 1), channel8(first, last, 2)};
}

#elif defined(__ARM_NEON)

INLINE int any8(i32x8 mask)
{
    uint32x4_t halves[2];
    memcpy(halves, &mask, sizeof halves);
    return vmaxvq_u32(vorrq_u32(halves[0], halves[1])) != 0;
}

INLINE f32x8 sqrt8(f32x8 a)
{
    float32x4_t halves[2];
    memcpy(halves, &a, sizeof halves);
    halves[0] = vsqrtq_f32(halves[0]);
    halves[1] = vsqrtq_f32(halves[1]);
    return LOAD(f32x8, halves);
}

INLINE i16x8 narrow8(i32x4 low, i32x4 high)
{
    return (i16x8)vcombine_s16(vmovn_s32((int32x4_t)low), vmovn_s32((int32x4_t)high));
}

INLINE u16x16 max16(u16x16 a, u16x16 b)
{
    uint16x8_t x[2], y[2];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    x[0] = vmaxq_u16(x[0], y[0]);
    x[1] = vmaxq_u16(x[1], y[1]);
    return LOAD(u16x16, x);
}

INLINE unsigned largest16(u16x16 a)
{
    uint16x8_t x[2];
    memcpy(x, &a, sizeof x);
    return vmaxvq_u16(vmaxq_u16(x[0], x[1]));
}

INLINE i32x8 widen_u8(uint8x8_t a)
{
    uint16x8_t wide = vmovl_u8(a);
    uint32x4_t halves[2] = {vmovl_u16(vget_low_u16(wide)), vmovl_u16(vget_high_u16(wide))};
    return LOAD(i32x8, halves);
}

INLINE bgr8 load_bgr8(const uint8_t *pixels)
{
    uint8x8x3_t planes = vld3_u8(pixels);
    return (bgr8){widen_u8(planes.val[0]), widen_u8(planes.val[1]), widen_u8(planes.val[2])};
}

#endif

/* Converts eight pixels to uint64, with 16 bits each for blue, green, red and 0. */
INLINE u64x8 spread8(bgr8 p)
{
    return CONVERT(u64x8, (u32x8)(p.b | p.g << 16)) | CONVERT(u64x8, (u32x8)p.r) << 32;
}

/* Loads `pixels` (1..8) pixels; the rest of the eight are black. Reads nothing past them. */
INLINE bgr8 load_bgr_upto8(const uint8_t *from, int pixels)
{
    if (pixels >= 8)
        return load_bgr8(from);
    uint8_t padded[24] = {0};
    memcpy(padded, from, 3 * (size_t)pixels);
    return load_bgr8(padded);
}

INLINE unit8 to_unit8(bgr8 pixels)
{
    const float level = (float)(1 / 255.0);
    return (unit8){CONVERT(f32x8, pixels.b) * level, CONVERT(f32x8, pixels.g) * level,
                   CONVERT(f32x8, pixels.r) * level};
}

/* Loads `count` (1..8) floats; the rest of the eight are 0. Reads nothing past them. */
INLINE f32x8 load_f32_upto8(const float *from, int count)
{
    if (count >= 8)
        return LOAD(f32x8, from);
    f32x8 some = {0};
    memcpy(&some, from, (size_t)count * sizeof *from);
    return some;
}

INLINE void store_f32_upto8(float *to, f32x8 values, int count)
{
    if (count >= 8)
        STORE(to, values);
    else
        memcpy(to, &values, (size_t)count * sizeof *to);
}

/* Stores `pixels` (1..8) pixels; channels hold 0..255. */
INLINE void store_bgr_upto8(uint8_t *to, bgr8 channels, int pixels)
{
    uint32_t packed[8];
    STORE(packed, channels.b | (channels.g << 8) | (channels.r << 16));
    int last = (pixels < 8 ? pixels : 8) - 1;
    for (int k = 0; k < last; k++)
        memcpy(to + 3 * k, packed + k, 4); /* the fourth byte is overwritten by the next pixel */
    memcpy(to + 3 * last, packed + last, 3);
}

#endif
