/* The transformed domain (Gastal and Oliveira 2011): a row or column of pixels becomes a line of positions that
   never decrease, far apart where the colors differ. All arithmetic is float32 in the order of reference.py,
   which is OpenCV's: positions that differ in the last bit would move a window's bounds. */
#ifndef STYLIZE_DOMAIN_H
#define STYLIZE_DOMAIN_H

#include <math.h>

#include "simd.h"

/* The eight pixels from `pixels` on, each channel as a fraction of 1. */
typedef struct {
    f32x8 b, g, r;
} unit8;

INLINE unit8 to_unit8(bgr8 pixels)
{
    const float level = (float)(1 / 255.0);
    return (unit8){CONVERT(f32x8, pixels.b) * level, CONVERT(f32x8, pixels.g) * level,
                   CONVERT(f32x8, pixels.r) * level};
}

/* How far the transform puts eight pixels from the eight that they follow. */
INLINE f32x8 step8(unit8 here, unit8 before, float slope)
{
    f32x8 difference = (abs8(here.b - before.b) + abs8(here.g - before.g)) + abs8(here.r - before.r);
    return 1.0f + slope * difference;
}

/* What each of the eight values `here` follows: the one before it, and for the first the end of `last`. */
INLINE f32x8 follow8(f32x8 last, f32x8 here)
{
    return __builtin_shufflevector(last, here, 7, 8, 9, 10, 11, 12, 13, 14);
}

/* Steps along a row: steps[0] = 1, then one for each pixel. Writes up to 7 floats past `width`. */
static inline void row_steps(const uint8_t *row, int width, float slope, float *steps)
{
    unit8 last = {{0}, {0}, {0}};
    for (int x = 0; x < width; x += 8) {
        unit8 here = to_unit8(load_bgr_upto8(row + 3 * x, width - x));
        unit8 before = {follow8(last.b, here.b), follow8(last.g, here.g), follow8(last.r, here.r)};
        STORE(steps + x, step8(here, before, slope));
        last = here;
    }
    steps[0] = 1.0f;
}

/* Rows are summed in fours: each sum waits for the one before it, four rows need not wait for each other. */
#define ROWS_AT_ONCE 4

/* Positions of `rows` (1..ROWS_AT_ONCE) rows, each in a line of its own, `line` floats apart. */
static inline void row_positions(const uint8_t *photo, int width, int rows, float slope, float *positions,
                                 size_t line)
{
    for (int k = 0; k < rows; k++)
        row_steps(photo + (size_t)k * 3 * (size_t)width, width, slope, positions + (size_t)k * line);
    if (rows == ROWS_AT_ONCE) {
        float *p0 = positions, *p1 = p0 + line, *p2 = p1 + line, *p3 = p2 + line;
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (int x = 0; x < width; x++) {
            p0[x] = s0 += p0[x];
            p1[x] = s1 += p1[x];
            p2[x] = s2 += p2[x];
            p3[x] = s3 += p3[x];
        }
        return;
    }
    for (int k = 0; k < rows; k++) {
        float *p = positions + (size_t)k * line, sum = 0;
        for (int x = 0; x < width; x++)
            p[x] = sum += p[x];
    }
}

#endif
