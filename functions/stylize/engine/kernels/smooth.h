/* Smooths one line, a row or a column: each pixel becomes the mean of the pixels within its reach.

   A line has positions, washes (four int16 per pixel) and running sums of the washes (four int32 per pixel). The sum
   over a window is the difference of two running sums. Running sums may wrap around: the difference is exact for any
   line, because 65535 pixels of at most 32768 fit an int32. */
#ifndef STYLIZE_SMOOTH_H
#define STYLIZE_SMOOTH_H

#include <math.h>

#include "checks.h"
#include "simd.h"

/* A line of positions has LEAD positions in front that are within any limit. Behind its end follow 8 that no window of
   the line reaches, then TAIL of INFINITY, which stop every search. */
#define LEAD 8
#define TAIL 40
#define FAR_AWAY 1e30f

/* Positions compared between two checks of whether any window still grows. */
#define ASK 16

/* Pixels that are summed at a time. */
#define SUM_AHEAD 16

typedef VECTOR(uint32_t, 4) sum4;

static size_t position_line(int length)
{
    return whole_lines((LEAD + (size_t)length + 8 + TAIL) * sizeof(float)) / sizeof(float);
}

/* Returns the bytes of a line's running sums: one more than pixels, and 8 that the last windows read and ignore. */
static size_t sums_room(int length)
{
    return whole_lines(((size_t)length + 1 + 8) * sizeof(sum4));
}

static void frame_line(float *positions, int length)
{
    for (int k = 1; k <= LEAD; k++)
        positions[-k] = -0.0f; /* the smallest bits */
    for (int k = 0; k < 8; k++)
        positions[length + k] = FAR_AWAY;
    for (int k = 8; k < 8 + TAIL; k++)
        positions[length + k] = INFINITY;
}

/* Counts the positions within each of eight rising limits; `known` of them lie within the previous limit. Non-negative
   floats compare like their bits, which is faster; a negative limit compares correctly with them, too. */
INLINE i32x8 count_within8(const float *positions, f32x8 limits, int known)
{
    const float *at = positions + known - 7;
    i32x8 next = (i32x8)limits + 1;
    i32x8 even = (i32x8){0, 1, 2, 3, 4, 5, 6, 7} + (known - 7), odd = {0};
    for (;; at += ASK) {
        i32x8 within;
        for (int k = 0; k < ASK; k += 2) {
            even -= next > LOAD(i32x8, at + k); /* a true comparison is -1 */
            within = next > LOAD(i32x8, at + k + 1);
            odd -= within;
        }
        if (!any8(within))
            return even + odd;
    }
}

/* Prefetches the part of a plane that the next lines need, one cache line for every eight pixels, while smoothing
   leaves the memory idle. It holds addresses instead of pointers, because the last one may be past the plane. */
typedef struct {
    uintptr_t at;
    size_t step;
} prefetch_cursor;

INLINE void prefetch(prefetch_cursor *cursor)
{
    __builtin_prefetch((const void *)cursor->at);
    cursor->at += cursor->step;
}

/* A line to smooth. */
typedef struct {
    const float *positions;
    int16_t *washes;
    sum4 *sums; /* `sums_room` */
    prefetch_cursor next_washes, next_differences;
} wash_line;

/* The bounds of the latest window in a line. */
typedef struct {
    int first, end;
} bounds;

/* Eight windows: the offsets, in bytes, of the running sums before the first pixel and up to the last one, and the
   factor that turns the difference of the sums into the mean. */
typedef struct {
    uint32_t before[8], up_to[8];
    float share[8];
} windows8;

/* The progress of a line's running sums. Sums are computed shortly before they are read, while they are in the
   first-level cache. */
typedef struct {
    sum4 sum;
    int end;
} summed;

static summed start_sums(const wash_line *l)
{
    summed s = {{0}, 0};
    l->sums[0] = s.sum;
    return s;
}

/* Computes sums[0..end]: sums[i] is the sum of the first i washes. */
INLINE void sum_up_to(const wash_line *l, int length, int end, summed *s)
{
    while (s->end < end) {
        int stop = s->end + SUM_AHEAD < length ? s->end + SUM_AHEAD : length;
        sum4 sum = s->sum;
        for (int i = s->end; i < stop; i++) {
            sum += (sum4)CONVERT(i32x4, LOAD(i16x4, l->washes + 4 * (size_t)i));
            l->sums[i + 1] = sum;
        }
        *s = (summed){sum, stop};
    }
}

INLINE void find_windows(const float *positions, int i, float radius, bounds *last, windows8 *found)
{
    f32x8 here = LOAD(f32x8, positions + i);
    i32x8 first = count_within8(positions, here - radius, last->first);
    i32x8 end = count_within8(positions, here + radius, last->end);
    *last = (bounds){first[7], end[7]};
    /* Far along a line, where rounding loses the radius, a window can be empty: it gets one pixel. */
    i32x8 empty = first == end;
    first += empty;
    STORE(found->before, first * (int)sizeof(sum4));
    STORE(found->up_to, end * (int)sizeof(sum4));
    STORE(found->share, 1.0f / CONVERT(f32x8, end - first));
    /* Eight loads are faster than extracting a vector's elements, which compilers would do otherwise. */
    __asm__("" : "+m"(*found));
}

INLINE i32x4 window_mean(const sum4 *sums, const windows8 *w, int k)
{
    const uint8_t *bytes = (const uint8_t *)sums;
    sum4 sum = LOAD(sum4, bytes + w->up_to[k]) - LOAD(sum4, bytes + w->before[k]);
    f32x4 mean = CONVERT(f32x4, (i32x4)sum) * w->share[k];
    return (i32x4)((sum4)(mean + ROUNDER) - ROUNDER_BITS);
}

INLINE void put_means(int16_t *restrict out, const sum4 *restrict sums, const windows8 *w)
{
    for (int k = 0; k < 8; k += 2)
        STORE(out + 4 * k, narrow8(window_mean(sums, w, k), window_mean(sums, w, k + 1)));
}

/* Smooths the pixels after the last full eight of a line. */
static void smooth_rest(wash_line l, int i, int length, float radius, bounds last, summed s)
{
    if (i == length)
        return;
    int16_t means[4 * 8];
    windows8 found;
    find_windows(l.positions, i, radius, &last, &found);
    sum_up_to(&l, length, length, &s);
    put_means(means, l.sums, &found);
    memcpy(l.washes + 4 * (size_t)i, means, (size_t)(length - i) * 8);
}

/* Replaces every wash of a line by the mean of those within `radius` of it. */
static void smooth_line(wash_line l, int length, float radius)
{
    bounds last = {0, 0};
    summed s = start_sums(&l);
    int i = 0;
    for (; i + 8 <= length; i += 8) {
        windows8 found;
        find_windows(l.positions, i, radius, &last, &found);
        sum_up_to(&l, length, last.end, &s);
        put_means(l.washes + 4 * (size_t)i, l.sums, &found);
    }
    smooth_rest(l, i, length, radius, last, s);
}

/* Smooths two lines together. A window depends on the previous window of its line, so the processor works on one line
   while the other waits. */
static void smooth_two_lines(wash_line a, wash_line b, int length, float radius)
{
    bounds last_a = {0, 0}, last_b = {0, 0};
    summed sums_a = start_sums(&a), sums_b = start_sums(&b);
    int i = 0;
    for (; i + 8 <= length; i += 8) {
        windows8 of_a, of_b;
        find_windows(a.positions, i, radius, &last_a, &of_a);
        find_windows(b.positions, i, radius, &last_b, &of_b);
        sum_up_to(&a, length, last_a.end, &sums_a);
        sum_up_to(&b, length, last_b.end, &sums_b);
        put_means(a.washes + 4 * (size_t)i, a.sums, &of_a);
        put_means(b.washes + 4 * (size_t)i, b.sums, &of_b);
        prefetch(&a.next_washes);
        prefetch(&b.next_washes);
        prefetch(&a.next_differences);
        prefetch(&b.next_differences);
    }
    smooth_rest(a, i, length, radius, last_a, sums_a);
    smooth_rest(b, i, length, radius, last_b, sums_b);
}

static void smooth_lines(const wash_line *lines, int count, int length, float radius)
{
    for (int k = 0; k + 2 <= count; k += 2)
        smooth_two_lines(lines[k], lines[k + 1], length, radius);
    if (count % 2)
        smooth_line(lines[count - 1], length, radius);
}

#endif
