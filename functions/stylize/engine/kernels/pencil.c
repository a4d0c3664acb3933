/* Pencil: a stroke is dark where few neighbors lie within reach. Every pixel counts, along its row and its
   column, the pixels whose positions are at most `radius` away, one in `line` of them; the count times `shade` is the
   brightness of the gray drawing and the luma of the colored one.

   A count matters only until both drawings are white. So neighbors are compared one by one, nearest first, for eight
   pixels at a time, and only up to that count. A pixel always lies within its own reach: the bound on `slope` ensures
   it for the longest line, where float32 is coarsest. Positions never decrease, so beyond the first neighbor out of
   reach there is none within reach. */
#include "kernels.h"

#include "checks.h"
#include "domain.h"

/* Neighbors compared between two checks of whether any pixel's count still grows. */
#define ASK 10

/* The value before a line: below every limit, even a negative one, because its bits are the smallest. */
#define BEFORE (-0.0f)

/* Columns that are counted together. */
#define STRIP 32
#define LANES8 (STRIP / 8)

/* From this luma on every channel is white: blue, the most distant one, is at most 0.886 below the luma. */
#define WHITE_LUMA 1.9f

static int count_limit(float shade)
{
    float limit = WHITE_LUMA / shade + 1;
    return limit < KERNEL_MAX_SIDE ? (int)limit : KERNEL_MAX_SIDE;
}

/* Returns the number of neighbors to compare on each side, `line` pixels apart, as a multiple of ASK. */
static int neighbors_asked(int length, float shade, int line)
{
    int limit = count_limit(shade), all = (length + line - 1) / line;
    int most = limit < all ? limit : all;
    return (most + ASK - 1) / ASK * ASK;
}

static int is_shade(float shade)
{
    return shade > 0 && shade <= 1;
}

static int is_pencil(float slope, float radius, float shade)
{
    return is_shade(shade) && is_within(radius, 1, 1000) && slope > 0 && slope <= 70 * radius;
}

/* Returns the floats of a row's line. `margin`: pixels compared beyond either end, asked * line. */
static size_t row_line(int width, int margin)
{
    return whole_lines(((size_t)width + 16 + 2 * (size_t)margin) * sizeof(float)) / sizeof(float);
}

static size_t column_lines(int height, int margin)
{
    return (size_t)height + 2 * (size_t)margin;
}

size_t KERNEL(pencil_scratch)(int32_t width, int32_t height, float shade, int32_t line)
{
    if (!is_size(width, height) || !is_shade(shade) || !is_line(line))
        return 0;
    size_t across = ROWS_AT_ONCE * row_line(width, line * neighbors_asked(width, shade, line)) * sizeof(float);
    size_t down = column_lines(height, line * neighbors_asked(height, shade, line)) * STRIP * sizeof(float);
    return CACHE_LINE + (across > down ? across : down);
}

/* For each of eight pixels, counts the neighbors before the first whose position, as bits, is at least `limit`. At most
   `asked` neighbors are compared, nearest first, `apart` floats from each other. Non-negative floats compare like their
   bits. */
INLINE i32x8 count_below8(const float *here, ptrdiff_t apart, i32x8 limit, int asked)
{
    i32x8 count = {0};
    for (int k = 0; k < asked; k += ASK) {
        i32x8 below;
        for (int j = 0; j < ASK; j++) {
            here += apart;
            below = limit > LOAD(i32x8, here);
            count -= below; /* a true comparison is -1 */
        }
        if (!any8(below))
            break;
    }
    return count;
}

INLINE i32x8 count_above8(const float *here, ptrdiff_t apart, i32x8 limit, int asked)
{
    i32x8 count = {0};
    for (int k = 0; k < asked; k += ASK) {
        i32x8 below;
        count += ASK;
        for (int j = 0; j < ASK; j++) {
            here -= apart;
            below = limit > LOAD(i32x8, here);
            count += below;
        }
        if (!any8(~below))
            break;
    }
    return count;
}

/* Counts the pixels within reach of each of eight neighboring pixels, itself included, up to `asked` on either side.
   The line has BEFORE in front and INFINITY behind. */
INLINE i32x8 count8(const float *here, ptrdiff_t apart, float radius, int asked)
{
    f32x8 position = LOAD(f32x8, here);
    i32x8 most = (i32x8)(position + radius) + 1, least = (i32x8)(position - radius) + 1;
    return 1 + count_below8(here, apart, most, asked) + count_above8(here, apart, least, asked);
}

/* OpenCV misses the end of a line that lies entirely within reach of its first pixel, and counts 0 there. */
INLINE int first_is_blind(float first, float last, float radius)
{
    return last <= first + radius;
}

/* Positions of a strip of columns: rows of STRIP floats, with `margin` rows of BEFORE above and INFINITY below. */
static void column_positions(const float *down, size_t stride, int height, int columns, float slope, int margin,
                             float *positions)
{
    for (size_t k = 0; k < (size_t)margin * STRIP; k++) {
        positions[k] = BEFORE;
        positions[((size_t)margin + (size_t)height) * STRIP + k] = INFINITY;
    }
    for (int c = 0; c < columns; c += 8) {
        float *out = positions + (size_t)margin * STRIP + c;
        f32x8 position = all8(0);
        for (size_t y = 0; y < (size_t)height; y++) {
            position += step8(load_f32_upto8(down + y * stride + c, columns - c), slope);
            STORE(out + y * STRIP, position);
        }
    }
}

kernel_status KERNEL(pencil_columns)(const float *down, int32_t width, int32_t height, int32_t from, int32_t to,
                                     float slope, float radius, float shade, int32_t line, int32_t stride,
                                     uint16_t *counts, void *scratch, size_t scratch_bytes)
{
    REQUIRE(down && counts && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, width), KERNEL_BAND);
    REQUIRE(is_pencil(slope, radius, shade) && is_line(line), KERNEL_PARAMETER);
    REQUIRE(is_stride(stride, width) && is_aligned(down, sizeof *down) && is_aligned(counts, sizeof *counts),
            KERNEL_PLANE);
    REQUIRE(scratch_bytes >= KERNEL(pencil_scratch)(width, height, shade, line), KERNEL_SCRATCH);

    int asked = neighbors_asked(height, shade, line), margin = line * asked;
    float *positions = (float *)(void *)align_scratch(scratch);
    const float *top = positions + (size_t)margin * STRIP;
    for (int x = from; x < to; x += STRIP) {
        int columns = to - x < STRIP ? to - x : STRIP;
        column_positions(down + x, (size_t)stride, height, columns, slope, margin, positions);
        const float *bottom = top + (size_t)(height - 1) * STRIP;
        for (int y = 0; y < height; y++) {
            /* The next strip's rows are far apart in memory; they are prefetched while this strip is counted. */
            uintptr_t next = (uintptr_t)down + sizeof *down * ((size_t)y * (size_t)stride + (size_t)x + STRIP);
            __builtin_prefetch((const void *)next);
            __builtin_prefetch((const void *)(next + CACHE_LINE));
            uint16_t *out = counts + (size_t)y * (size_t)width + x;
            for (int c = 0; c < columns; c += 8) {
                u16x8 eight =
                    CONVERT(u16x8, count8(top + (size_t)y * STRIP + c, (ptrdiff_t)line * STRIP, radius, asked));
                if (columns - c >= 8)
                    STORE(out + c, eight);
                else
                    memcpy(out + c, &eight, (size_t)(columns - c) * sizeof *out);
            }
        }
        for (int c = 0; c < columns; c++)
            if (first_is_blind(top[c], bottom[c], radius))
                counts[x + c] = 0;
    }
    return KERNEL_OK;
}

/* Returns a * factor + addend, rounded once to float32; float64 is exact except for the last bit of a rare sum. */
INLINE f32x8 fused8(f32x8 a, float factor, f32x8 addend)
{
    return CONVERT(f32x8, CONVERT(f64x8, a) * (double)factor + CONVERT(f64x8, addend));
}

/* Returns OpenCV's luma of eight pixels; the last width % 8 pixels of a row add its terms in another order. */
INLINE f32x8 luma8(unit8 c, int is_rest)
{
    if (is_rest)
        return fused8(c.r, 0.299f, fused8(c.b, 0.114f, c.g * 0.587f));
    return fused8(c.b, 0.114f, fused8(c.g, 0.587f, c.r * 0.299f));
}

/* Converts 0..1 to 0..255, rounded half to even; values outside are clipped. */
INLINE i32x8 to_level8(f32x8 a)
{
    f32x8 level = a * 255.0f;
    level = select8(level > 0.0f, level, all8(0));
    level = select8(level < 255.0f, level, all8(255));
    return (i32x8)(level + ROUNDER) - ROUNDER_BITS;
}

/* Replaces the luma of eight pixels, through OpenCV's float YCrCb. */
INLINE bgr8 with_luma8(unit8 c, f32x8 luma, int is_rest)
{
    f32x8 half = all8(0.5f), y = luma8(c, is_rest);
    f32x8 cr = fused8(c.r - y, 0.713f, half) - half;
    f32x8 cb = fused8(c.b - y, 0.564f, half) - half;
    return (bgr8){to_level8(fused8(cb, 1.773f, luma)), to_level8(fused8(cr, -0.714f, fused8(cb, -0.344f, luma))),
                  to_level8(fused8(cr, 1.403f, luma))};
}

/* Draws up to eight pixels of both drawings from their counts. */
INLINE void draw8(const uint8_t *pixels, i32x8 count, float shade, int left, uint8_t *sketch, uint8_t *color)
{
    f32x8 luma = shade * CONVERT(f32x8, count);
    u8x8 gray = CONVERT(u8x8, to_level8(luma));
    if (left >= 8) {
        STORE(sketch, gray);
        if (!any8(luma < WHITE_LUMA))
            memset(color, 255, 24);
        else
            store_bgr_upto8(color, with_luma8(to_unit8(load_bgr8(pixels)), luma, 0), 8);
        return;
    }
    memcpy(sketch, &gray, (size_t)left);
    store_bgr_upto8(color, with_luma8(to_unit8(load_bgr_upto8(pixels, left)), luma, 1), left);
}

/* Loads the counts of up to eight pixels of a row. */
INLINE i32x8 load_counts_upto8(const uint16_t *counts, int pixels)
{
    if (pixels >= 8)
        return CONVERT(i32x8, LOAD(u16x8, counts));
    u16x8 some = {0};
    memcpy(&some, counts, (size_t)pixels * sizeof *counts);
    return CONVERT(i32x8, some);
}

/* Draws a row from its positions and the counts along the columns. */
static void draw_row(const uint8_t *pixels, int width, const float *positions, float radius, int line, int asked,
                     float shade, const uint16_t *counts, uint8_t *sketch, uint8_t *color)
{
    int is_blind = first_is_blind(positions[0], positions[width - 1], radius);
    /* Prefetches the pixels and counts of the next rows. */
    uintptr_t next_pixels = (uintptr_t)pixels + ROWS_AT_ONCE * 3 * (size_t)width;
    uintptr_t next_counts = (uintptr_t)counts + ROWS_AT_ONCE * sizeof *counts * (size_t)width;
    for (int x = 0; x < width; x += 8) {
        __builtin_prefetch((const void *)(next_pixels + 3 * (size_t)x));
        __builtin_prefetch((const void *)(next_counts + sizeof *counts * (size_t)x));
        i32x8 across = count8(positions + x, line, radius, asked);
        if (x == 0 && is_blind)
            across[0] = 0;
        draw8(pixels + 3 * x, across + load_counts_upto8(counts + x, width - x), shade, width - x, sketch + x,
              color + 3 * x);
    }
}

kernel_status KERNEL(pencil_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from, int32_t to,
                                  float slope, float radius, float shade, int32_t line, const float *across,
                                  int32_t stride, const uint16_t *counts, uint8_t *sketch, uint8_t *color,
                                  void *scratch, size_t scratch_bytes)
{
    REQUIRE(photo && across && counts && sketch && color && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_pencil(slope, radius, shade) && is_line(line), KERNEL_PARAMETER);
    REQUIRE(is_stride(stride, width) && is_aligned(across, sizeof *across) && is_aligned(counts, sizeof *counts),
            KERNEL_PLANE);
    REQUIRE(scratch_bytes >= KERNEL(pencil_scratch)(width, height, shade, line), KERNEL_SCRATCH);

    int asked = neighbors_asked(width, shade, line), margin = line * asked;
    size_t length = row_line(width, margin);
    float *positions = (float *)(void *)align_scratch(scratch) + margin;
    for (int y = from; y < to; y += ROWS_AT_ONCE) {
        int rows = to - y < ROWS_AT_ONCE ? to - y : ROWS_AT_ONCE;
        row_positions(across + (size_t)y * (size_t)stride, (size_t)stride, width, rows, slope, positions, length);
        for (int k = 0; k < rows; k++) {
            float *row = positions + (size_t)k * length;
            for (int j = 0; j < margin; j++)
                row[j - margin] = BEFORE;
            for (int j = 0; j < margin + 8; j++)
                row[width + j] = INFINITY;
            size_t at = (size_t)(y + k) * (size_t)width;
            draw_row(photo + 3 * at, width, row, radius, line, asked, shade, counts + at, sketch + at, color + 3 * at);
        }
    }
    return KERNEL_OK;
}
