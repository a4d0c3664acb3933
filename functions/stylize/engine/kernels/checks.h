/* The checks of arguments that every kernel makes before it touches any memory. */
#ifndef STYLIZE_CHECKS_H
#define STYLIZE_CHECKS_H

#include "kernels.h"

/* Returns `otherwise` from the calling kernel, unless `good`. */
#define REQUIRE(good, otherwise) \
    do { \
        if (!(good)) \
            return (otherwise); \
    } while (0)

static inline int is_size(int32_t width, int32_t height)
{
    return width >= 1 && height >= 1 && width <= KERNEL_MAX_SIDE && height <= KERNEL_MAX_SIDE &&
           (int64_t)width * height <= KERNEL_MAX_PIXELS;
}

static inline int is_band(int32_t from, int32_t to, int32_t length)
{
    return 0 <= from && from < to && to <= length;
}

static inline int is_line(int32_t line)
{
    return line >= 1 && line <= KERNEL_MAX_LINE;
}

/* False for NaN, too. */
static inline int is_within(float value, float least, float most)
{
    return value >= least && value <= most;
}

static inline int is_aligned(const void *plane, size_t element)
{
    return (uintptr_t)plane % element == 0;
}

static inline int is_stride(int32_t stride, int32_t width)
{
    return stride >= width && stride <= KERNEL_MAX_STRIDE;
}

/* Bytes. Parts of scratch start at multiples of this. */
#define CACHE_LINE 64u

static inline size_t whole_lines(size_t bytes)
{
    return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

/* Returns the next `bytes` of `*scratch`, aligned to CACHE_LINE after `align_scratch`, and advances it. */
static inline void *take(uint8_t **scratch, size_t bytes)
{
    void *taken = *scratch;
    *scratch += whole_lines(bytes);
    return taken;
}

static inline uint8_t *align_scratch(void *scratch)
{
    return (uint8_t *)scratch + (CACHE_LINE - (uintptr_t)scratch % CACHE_LINE) % CACHE_LINE;
}

#endif
