/* The transformed domain (Gastal and Oliveira 2011): a row or column of pixels becomes a line of positions that
   never decrease and are far apart where the colors differ. All arithmetic is float32 in the order of reference.py and
   OpenCV, because a position that differs in the last bit could move the bounds of a window. */
#ifndef STYLIZE_DOMAIN_H
#define STYLIZE_DOMAIN_H

#include <math.h>

#include "simd.h"

/* Distances in the transformed domain of eight pixels to the previous ones, from their differences in color. */
INLINE f32x8 step8(f32x8 difference, float slope)
{
    return 1.0f + slope * difference;
}

/* Steps along a row, one for each pixel. Writes up to 7 floats past `width`. */
static inline void row_steps(const float *across, int width, float slope, float *steps)
{
    for (int x = 0; x < width; x += 8)
        STORE(steps + x, step8(load_f32_upto8(across + x, width - x), slope));
}

/* Four rows are summed at a time: sums within a row depend on each other, sums of different rows do not. */
#define ROWS_AT_ONCE 4

/* Positions of `rows` (1..ROWS_AT_ONCE) rows; each row has its own line, and lines are `line` floats apart. */
static inline void row_positions(const float *across, size_t stride, int width, int rows, float slope, float *positions,
                                 size_t line)
{
    for (int k = 0; k < rows; k++)
        row_steps(across + (size_t)k * stride, width, slope, positions + (size_t)k * line);
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
