/* Watercolor, the edges: where the washes still change, the color is darkened by the length of their Sobel gradient,
   summed over the channels. The nine pixels of a gradient are `line` apart, so edges are `line` pixels wide. */
#include "kernels.h"

#include "checks.h"
#include "simd.h"

/* Returns the floats of a row with `line` more pixels on either side, and one more, which the last pair of an odd row
   reads and ignores. Two such rows are less than watercolor_scratch. */
static size_t framed_row(int width, int line)
{
    return ((size_t)width + 2 * (size_t)line + 1) * 4;
}

/* Returns the pixel at index `i` of a line of `length` pixels, mirrored beyond its ends without repeating them. */
static int mirrored(int i, int length)
{
    if (length == 1)
        return 0;
    int period = 2 * (length - 1);
    i %= period;
    i = i < 0 ? i + period : i;
    return i < length ? i : period - i;
}

/* Prepares the gradient of one row: `smooth` is the sum of three rows weighted 1, 2, 1, `slant` is the row below minus
   the row above. Both are mirrored beyond their ends. */
static void weigh_rows(const int16_t *above, const int16_t *row, const int16_t *below, int width, int line,
                       float *restrict smooth, float *restrict slant)
{
    float *first_smooth = smooth + 4 * (size_t)line, *first_slant = slant + 4 * (size_t)line;
    for (int k = 0; k < 4 * width; k++) {
        first_smooth[k] = (float)(above[k] + 2 * row[k] + below[k]);
        first_slant[k] = (float)(below[k] - above[k]);
    }
    for (int k = 1; k <= line; k++) {
        int ends[2] = {-k, width - 1 + k};
        for (int e = 0; e < 2; e++) {
            ptrdiff_t to = 4 * (ptrdiff_t)ends[e], from = 4 * (ptrdiff_t)mirrored(ends[e], width);
            memcpy(first_smooth + to, first_smooth + from, 4 * sizeof(float));
            memcpy(first_slant + to, first_slant + from, 4 * sizeof(float));
        }
    }
}

/* Returns two pixels as B, G, R and one unused, 0..255 each: the wash, darkened by its edges. */
INLINE u8x8 darken2(const float *smooth, const float *slant, ptrdiff_t apart, i16x8 washes)
{
    f32x8 gx = LOAD(f32x8, smooth + 2 * apart) - LOAD(f32x8, smooth);
    f32x8 gy = (LOAD(f32x8, slant) + 2.0f * LOAD(f32x8, slant + apart)) + LOAD(f32x8, slant + 2 * apart);
    f32x8 edge = sqrt8(gx * gx + gy * gy);
    f32x8 strength = edge + __builtin_shufflevector(edge, edge, 1, 2, 0, 3, 5, 6, 4, 7);
    strength += __builtin_shufflevector(edge, edge, 2, 0, 1, 3, 6, 4, 5, 7);
    f32x8 wash = CONVERT(f32x8, washes) + 32768.0f;
    f32x8 level = wash * (1.0f / 256 - strength * (1.0f / 256 / 65280));
    level = select8(level > 0.0f, level, all8(0));
    return CONVERT(u8x8, (i32x8)(level + ROUNDER) & 255);
}

/* Paints a row of the painting, and prefetches `next_row`, the washes for the next row. */
static void darken_row(const float *smooth, const float *slant, int line, const int16_t *row, int width,
                       uintptr_t next_row, uint8_t *out)
{
    ptrdiff_t apart = 4 * (ptrdiff_t)line;
    uint8_t pair[8];
    int x = 0;
    for (; x + 2 < width; x += 2) {
        __builtin_prefetch((const void *)(next_row + 8 * (size_t)x));
        STORE(pair, darken2(smooth + 4 * x, slant + 4 * x, apart, LOAD(i16x8, row + 4 * x)));
        memcpy(out + 3 * x, pair, 4); /* the fourth byte is overwritten by the next pixel */
        memcpy(out + 3 * x + 3, pair + 4, 4);
    }
    int left = width - x; /* one or two */
    i16x8 washes = {0};
    memcpy(&washes, row + 4 * x, 8 * (size_t)left);
    STORE(pair, darken2(smooth + 4 * x, slant + 4 * x, apart, washes));
    memcpy(out + 3 * x, pair, 3);
    if (left == 2)
        memcpy(out + 3 * x + 3, pair + 4, 3);
}

kernel_status KERNEL(watercolor_edges)(const int16_t *washes, int32_t width, int32_t height, int32_t from, int32_t to,
                                       int32_t line, int32_t stride, uint8_t *painting, void *scratch,
                                       size_t scratch_bytes)
{
    REQUIRE(washes && painting && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_line(line), KERNEL_PARAMETER);
    REQUIRE(is_stride(stride, width) && is_aligned(washes, sizeof *washes), KERNEL_PLANE);
    REQUIRE(scratch_bytes >= KERNEL(watercolor_scratch)(width, height), KERNEL_SCRATCH);

    uint8_t *rest = align_scratch(scratch);
    float *smooth = take(&rest, framed_row(width, line) * sizeof(float));
    float *slant = take(&rest, framed_row(width, line) * sizeof(float));
    size_t row_washes = 4 * (size_t)stride;
    for (int y = from; y < to; y++) {
        int up = mirrored(y - line, height), down = mirrored(y + line, height);
        const int16_t *row = washes + (size_t)y * row_washes;
        weigh_rows(washes + (size_t)up * row_washes, row, washes + (size_t)down * row_washes, width, line, smooth,
                   slant);
        darken_row(smooth, slant, line, row, width, (uintptr_t)row + 2 * row_washes * sizeof *row,
                   painting + 3 * (size_t)y * (size_t)width);
    }
    return KERNEL_OK;
}
