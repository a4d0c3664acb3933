/* Oil: each pixel becomes the mean color of the commonest tone in the square window around it.

   A band is painted from top to bottom in strips of columns. For every column of the strip two tables hold the count
   of each tone, and the sum of its colors, over the rows of the window. A step down adds one row to the tables and
   subtracts one. A step to the right adds one column's counts to the window histogram and subtracts one. Colors are
   summed over the window for the winning tone only. */
#include "kernels.h"

#include <math.h>

#include "checks.h"
#include "simd.h"

/* Output columns of a strip, whose tables fit into the second-level cache. Strips overlap by up to 2 * size columns. */
#define STRIP 256
#define WIDE_STRIP 512

/* Tones are counted in pairs of vectors of 16; their number is rounded up to a multiple of 32. */
#define TONE_GROUP 32
#define MOST_GROUPS (256 / TONE_GROUP)

/* With one group of tones and counts of at most 2047 (23 * 23 = 529), a count and its tone fit one uint16, the rank:
   32 * count + 31 - tone. The largest rank belongs to the commonest tone, and to the lowest of equally common ones. */
#define RANKED_SIZE 11
#define TONE_RANKS ((u16x16){31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16})
#define TONE_COMPLEMENTS (TONE_RANKS + (uint16_t)(0xffff - 31))

/* The tables of a strip: for every column, counts and colors by tone over the rows of the window. The histogram of a
   window is the sum of the counts of its columns. */
typedef struct {
    const uint8_t *photo;
    int width, height, size;
    int groups;  /* of TONE_GROUP tones */
    int columns; /* of the tables: the strip and `size` more on either side */
    int x;       /* the photo's column at the tables' first column; may be left of the photo */
    int unit;    /* added to a count for one pixel: 32 for ranks, else 1 */
    uint8_t tone_of[256];
    uint16_t *counts; /* (columns, tones) */
    uint64_t *sums;   /* (tones, columns): blue, green, red and unused, 16 bits each; 129 * 255 fit */
    uint8_t *tones;   /* (rows of the window + 1, columns): the added tones, to subtract them later */
} window_histogram;

static int tone_groups(int dyn_ratio)
{
    int tones = (int)nearbyint(255 * (1.0 / dyn_ratio)) + 1;
    return (tones + TONE_GROUP - 1) / TONE_GROUP;
}

static int is_oil(int size, int dyn_ratio)
{
    return size >= 1 && size <= KERNEL_MAX_OIL_SIZE && dyn_ratio >= 1 && dyn_ratio <= KERNEL_MAX_DYN_RATIO;
}

static int strip_columns(int size)
{
    return size > RANKED_SIZE ? WIDE_STRIP : STRIP;
}

static int table_columns(int width, int size)
{
    int strip = strip_columns(size);
    return (width < strip ? width : strip) + 2 * size;
}

static size_t counts_bytes(int columns, int groups)
{
    return whole_lines((size_t)columns * (size_t)groups * TONE_GROUP * sizeof(uint16_t));
}

static size_t sums_bytes(int columns, int groups)
{
    return whole_lines((size_t)columns * (size_t)groups * TONE_GROUP * sizeof(uint64_t));
}

static size_t tones_bytes(int columns, int size)
{
    return whole_lines((size_t)columns * (2 * (size_t)size + 2));
}

size_t KERNEL(oil_scratch)(int32_t width, int32_t height, int32_t size, int32_t dyn_ratio)
{
    if (!is_size(width, height) || !is_oil(size, dyn_ratio))
        return 0;
    int columns = table_columns(width, size), groups = tone_groups(dyn_ratio);
    return CACHE_LINE + counts_bytes(columns, groups) + sums_bytes(columns, groups) + tones_bytes(columns, size);
}

/* Finds the columns of the tables that lie on the photo. */
static void covered(const window_histogram *h, int *first, int *end)
{
    *first = h->x < 0 ? -h->x : 0;
    *end = h->x + h->columns > h->width ? h->width - h->x : h->columns;
}

INLINE void gray8(bgr8 p, uint8_t *grays)
{
    STORE(grays, CONVERT(u8x8, (3735 * p.b + 19235 * p.g + 9798 * p.r + (1 << 14)) >> 15));
}

/* Adds row `y` of the photo to the tables, or subtracts it (`sign` 1 or -1). */
INLINE void change_row(window_histogram *h, int y, int sign)
{
    int first, end;
    covered(h, &first, &end);
    size_t tones = (size_t)h->groups * TONE_GROUP, row_bytes = 3 * (size_t)h->width;
    uint8_t *row_tones = h->tones + (size_t)(y % (2 * h->size + 2)) * (size_t)h->columns;
    const uint8_t *pixels = h->photo + (size_t)y * row_bytes + 3 * (size_t)(h->x + first);
    uint16_t unit = (uint16_t)(sign * h->unit);
    for (int i = first; i < end; i += 8, pixels += 24) {
        int count = end - i < 8 ? end - i : 8;
        bgr8 eight = load_bgr_upto8(pixels, count);
        uint64_t colors[8];
        uint8_t grays[8];
        __builtin_prefetch((const void *)((uintptr_t)pixels + row_bytes));
        STORE(colors, spread8(eight));
        if (sign > 0)
            gray8(eight, grays);
        for (int k = 0; k < count; k++) {
            size_t column = (size_t)(i + k);
            if (sign > 0)
                row_tones[column] = h->tone_of[grays[k]];
            size_t tone = row_tones[column];
            h->counts[column * tones + tone] += unit;
            h->sums[tone * (size_t)h->columns + column] += (uint64_t)sign * colors[k];
        }
    }
}

static void add_row(window_histogram *h, int y)
{
    change_row(h, y, 1);
}

static void take_row(window_histogram *h, int y)
{
    change_row(h, y, -1);
}

/* Sums the colors of `count` neighboring columns. */
INLINE i32x4 sum_colors(const uint64_t *sums, int count)
{
    u32x8 total = {0};
    int i = 0;
    for (; i + 2 <= count; i += 2)
        total += CONVERT(u32x8, LOAD(u16x8, sums + i));
    u16x8 last = {0};
    memcpy(&last, sums + i, 8);
    total += CONVERT(u32x8, last);
    i32x4 halves[2];
    memcpy(halves, &total, sizeof halves);
    return halves[0] + halves[1];
}

/* Sums colors of so few columns that a quarter of the sum fits 16 bits: at most 7 of 31 columns of 31 pixels. */
INLINE f32x4 sum_few_colors(const uint64_t *sums, int count)
{
    u16x16 quarters = {0};
    int i = 0;
    for (; i + 4 <= count; i += 4)
        quarters += LOAD(u16x16, sums + i);
    u16x8 halves[2], last = {0};
    memcpy(halves, &quarters, sizeof halves);
    u32x8 total = CONVERT(u32x8, halves[0]) + CONVERT(u32x8, halves[1]);
    if (count & 2) {
        total += CONVERT(u32x8, LOAD(u16x8, sums + i));
        i += 2;
    }
    memcpy(&last, sums + i, 8);
    total += CONVERT(u32x8, last);
    i32x4 ends[2];
    memcpy(ends, &total, sizeof ends);
    return CONVERT(f32x4, ends[0] + ends[1]);
}

/* Returns the mean of each channel, rounded half to even, in the low bytes. With whole numbers this small, a float32
   quotient is a half only if the exact quotient is. */
INLINE u8x4 mean_color(f32x4 sum, unsigned count)
{
    return CONVERT(u8x4, (i32x4)(sum / (float)count + ROUNDER) & 255);
}

typedef struct {
    unsigned tone, count;
} winner;

INLINE winner ranked_winner(const u16x16 *window)
{
    unsigned most = largest16(max16(window[0], window[1]));
    return (winner){31 - most % 32, most / 32};
}

INLINE winner counted_winner(const u16x16 *window, int groups)
{
    u16x16 best = max16(window[0], window[1]);
    for (int k = 2; k < 2 * groups; k++)
        best = max16(best, window[k]);
    unsigned most = largest16(best);
    /* Of equally common tones, the lowest has the largest complement. */
    u16x16 complements = {0};
    for (int k = 0; k < 2 * groups; k++) {
        u16x16 is_most = (u16x16)(window[k] == (uint16_t)most);
        complements = max16(complements, is_most & (TONE_COMPLEMENTS - (uint16_t)(16 * k)));
    }
    return (winner){0xffffu - largest16(complements), most};
}

/* Adds up the first across - 1 columns of a row's first window. `across` is 2 * size + 1, and a constant where that is
   faster. */
INLINE const uint16_t *start_window(const window_histogram *h, int groups, int across, u16x16 *window)
{
    const uint16_t *entering = h->counts;
    for (int i = 0; i < across - 1; i++)
        for (int k = 0; k < 2 * groups; k++, entering += 16)
            window[k] += LOAD(u16x16, entering);
    return entering;
}

/* Paints a row with small windows, whose winner changes often: colors are summed anew for every pixel. */
INLINE void paint_ranked_row_of(const window_histogram *h, int across, int count, uint8_t *out)
{
    u16x16 window[2] = {TONE_RANKS, TONE_RANKS - (uint16_t)16};
    const uint16_t *entering = start_window(h, 1, across, window), *leaving = h->counts;
    for (int i = 0; i < count; i++, entering += 32, leaving += 32) {
        window[0] += LOAD(u16x16, entering);
        window[1] += LOAD(u16x16, entering + 16);
        winner w = ranked_winner(window);
        u8x4 color = mean_color(sum_few_colors(h->sums + (size_t)w.tone * (size_t)h->columns + i, across), w.count);
        memcpy(out + 3 * i, &color, i < count - 1 ? 4 : 3); /* the fourth byte is overwritten by the next pixel */
        window[0] -= LOAD(u16x16, leaving);
        window[1] -= LOAD(u16x16, leaving + 16);
    }
}

static void paint_ranked_row(const window_histogram *h, int count, uint8_t *out)
{
    if (h->size == 10)
        paint_ranked_row_of(h, 21, count, out);
    else if (h->size == 6)
        paint_ranked_row_of(h, 13, count, out);
    else
        paint_ranked_row_of(h, 2 * h->size + 1, count, out);
}

/* Paints a row with large windows, where the winner often stays the same: its sum of colors is then updated by adding
   one column and subtracting one. */
INLINE void paint_counted_row_of(const window_histogram *h, int groups, int count, uint8_t *out)
{
    int across = 2 * h->size + 1;
    u16x16 window[2 * MOST_GROUPS] = {{0}};
    const uint16_t *entering = start_window(h, groups, across, window), *leaving = h->counts;
    unsigned last_tone = MOST_GROUPS * TONE_GROUP;
    i32x4 sum = {0};
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < 2 * groups; k++, entering += 16)
            window[k] += LOAD(u16x16, entering);
        winner w = counted_winner(window, groups);
        const uint64_t *sums = h->sums + (size_t)w.tone * (size_t)h->columns + i;
        if (w.tone == last_tone)
            sum += CONVERT(i32x4, LOAD(u16x4, sums + across - 1)) - CONVERT(i32x4, LOAD(u16x4, sums - 1));
        else
            sum = sum_colors(sums, across);
        last_tone = w.tone;
        u8x4 color = mean_color(CONVERT(f32x4, sum), w.count);
        memcpy(out + 3 * i, &color, i < count - 1 ? 4 : 3);
        for (int k = 0; k < 2 * groups; k++, leaving += 16)
            window[k] -= LOAD(u16x16, leaving);
    }
}

static void paint_counted_row(const window_histogram *h, int count, uint8_t *out)
{
    if (h->groups == 1)
        paint_counted_row_of(h, 1, count, out);
    else
        paint_counted_row_of(h, h->groups, count, out);
}

kernel_status KERNEL(oil_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from, int32_t to,
                               int32_t size, int32_t dyn_ratio, uint8_t *painting, void *scratch, size_t scratch_bytes)
{
    REQUIRE(photo && painting && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_oil(size, dyn_ratio), KERNEL_PARAMETER);
    REQUIRE(scratch_bytes >= KERNEL(oil_scratch)(width, height, size, dyn_ratio), KERNEL_SCRATCH);

    window_histogram h = {.photo = photo, .width = width, .height = height, .size = size};
    h.groups = tone_groups(dyn_ratio);
    h.columns = table_columns(width, size);
    int is_ranked = h.groups == 1 && size <= RANKED_SIZE;
    h.unit = is_ranked ? 32 : 1;
    for (int gray = 0; gray < 256; gray++)
        h.tone_of[gray] = (uint8_t)nearbyint(gray * (1.0 / dyn_ratio));
    uint8_t *rest = align_scratch(scratch);
    h.counts = take(&rest, counts_bytes(h.columns, h.groups));
    h.sums = take(&rest, sums_bytes(h.columns, h.groups));
    h.tones = take(&rest, tones_bytes(h.columns, size));

    for (int x = 0, strip = strip_columns(size); x < width; x += strip) {
        int count = width - x < strip ? width - x : strip;
        h.x = x - size;
        memset(h.counts, 0, counts_bytes(h.columns, h.groups));
        memset(h.sums, 0, sums_bytes(h.columns, h.groups));
        for (int y = from > size ? from - size : 0; y < from + size && y < height; y++)
            add_row(&h, y);
        for (int y = from; y < to; y++) {
            if (y + size < height)
                add_row(&h, y + size);
            uint8_t *out = painting + 3 * ((size_t)y * (size_t)width + (size_t)x);
            if (is_ranked)
                paint_ranked_row(&h, count, out);
            else
                paint_counted_row(&h, count, out);
            if (y >= size)
                take_row(&h, y - size);
        }
    }
    return KERNEL_OK;
}
