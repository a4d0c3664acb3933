/* Watercolor, the edges: where the washes still change, the color is darkened by the length of their 3x3 Sobel
   gradient, summed over the channels. */
#include "kernels.h"

#include "checks.h"
#include "simd.h"

/* Floats of a row with a pixel more on either side, and one that is read, not used, with an odd row's last pair.
   Two such rows are less scratch than any other stage of watercolor asks for. */
static size_t framed_row(int width)
{
    return ((size_t)width + 3) * 4;
}

/* For the gradient of one row: `smooth` is the three rows weighted 1, 2, 1, `slant` the one below less the one
   above. Both are mirrored beyond their ends without repeating the last pixel. */
static void weigh_rows(const int16_t *above, const int16_t *row, const int16_t *below, int width,
                       float *restrict smooth, float *restrict slant)
{
    for (int k = 0; k < 4 * width; k++) {
        smooth[4 + k] = (float)(above[k] + 2 * row[k] + below[k]);
        slant[4 + k] = (float)(below[k] - above[k]);
    }
    size_t pixel = 4 * sizeof(float), end = 4 * (size_t)width;
    size_t second = width > 1 ? 8 : 4, last_but_one = width > 1 ? end - 4 : 4;
    memcpy(smooth, smooth + second, pixel);
    memcpy(slant, slant + second, pixel);
    memcpy(smooth + end + 4, smooth + last_but_one, pixel);
    memcpy(slant + end + 4, slant + last_but_one, pixel);
}

/* Two pixels as B, G, R and one unused, 0..255 each: the wash times what its edges leave of it. */
INLINE u8x8 darken2(const float *smooth, const float *slant, i16x8 washes)
{
    f32x8 gx = LOAD(f32x8, smooth + 8) - LOAD(f32x8, smooth);
    f32x8 gy = (LOAD(f32x8, slant) + 2.0f * LOAD(f32x8, slant + 4)) + LOAD(f32x8, slant + 8);
    f32x8 edge = sqrt8(gx * gx + gy * gy);
    f32x8 strength = edge + __builtin_shufflevector(edge, edge, 1, 2, 0, 3, 5, 6, 4, 7);
    strength += __builtin_shufflevector(edge, edge, 2, 0, 1, 3, 6, 4, 5, 7);
    f32x8 wash = CONVERT(f32x8, washes) + 32768.0f;
    f32x8 level = wash * (1.0f / 256 - strength * (1.0f / 256 / 65280));
    level = select8(level > 0.0f, level, all8(0));
    return CONVERT(u8x8, (i32x8)(level + ROUNDER) & 255);
}

/* A row of the painting; `next_row`, the washes that the next one will need, is prefetched. */
static void darken_row(const float *smooth, const float *slant, const int16_t *row, int width, uintptr_t next_row,
                       uint8_t *out)
{
    uint8_t pair[8];
    int x = 0;
    for (; x + 2 < width; x += 2) {
        __builtin_prefetch((const void *)(next_row + 8 * (size_t)x));
        STORE(pair, darken2(smooth + 4 * x, slant + 4 * x, LOAD(i16x8, row + 4 * x)));
        memcpy(out + 3 * x, pair, 4); /* the fourth byte is overwritten by the next pixel */
        memcpy(out + 3 * x + 3, pair + 4, 4);
    }
    int left = width - x; /* one or two */
    i16x8 washes = {0};
    memcpy(&washes, row + 4 * x, 8 * (size_t)left);
    STORE(pair, darken2(smooth + 4 * x, slant + 4 * x, washes));
    memcpy(out + 3 * x, pair, 3);
    if (left == 2)
        memcpy(out + 3 * x + 3, pair + 4, 3);
}

kernel_status KERNEL(watercolor_edges)(const int16_t *washes, int32_t width, int32_t height, int32_t from, int32_t to,
                                       int32_t stride, uint8_t *painting, void *scratch, size_t scratch_bytes)
{
    REQUIRE(washes && painting && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_stride(stride, width) && is_aligned(washes, sizeof *washes), KERNEL_PLANE);
    REQUIRE(scratch_bytes >= KERNEL(watercolor_scratch)(width, height), KERNEL_SCRATCH);

    uint8_t *rest = align_scratch(scratch);
    float *smooth = take(&rest, framed_row(width) * sizeof(float));
    float *slant = take(&rest, framed_row(width) * sizeof(float));
    size_t row_washes = 4 * (size_t)stride;
    for (int y = from; y < to; y++) {
        int up = y > 0 ? y - 1 : height > 1, down = y < height - 1 ? y + 1 : y - (height > 1);
        const int16_t *row = washes + (size_t)y * row_washes;
        weigh_rows(washes + (size_t)up * row_washes, row, washes + (size_t)down * row_washes, width, smooth, slant);
        darken_row(smooth, slant, row, width, (uintptr_t)row + 2 * row_washes * sizeof *row,
                   painting + 3 * (size_t)y * (size_t)width);
    }
    return KERNEL_OK;
}
