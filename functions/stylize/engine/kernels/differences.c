/* The distances in color of each pixel to the previous pixel of its row and column, the input of the transformed domain
   of pencil and watercolor, computed once per photo. All arithmetic is float32 in the order of reference.py. */
#include "kernels.h"

#include "checks.h"
#include "simd.h"

INLINE f32x8 difference8(unit8 here, unit8 before)
{
    return (abs8(here.b - before.b) + abs8(here.g - before.g)) + abs8(here.r - before.r);
}

/* Returns the predecessors of the eight values `here`; the first one's is the last of `last`. */
INLINE f32x8 follow8(f32x8 last, f32x8 here)
{
    return __builtin_shufflevector(last, here, 7, 8, 9, 10, 11, 12, 13, 14);
}

/* Computes the differences of one row; `above` is the previous row. */
static void compare_row(const uint8_t *row, const uint8_t *above, int width, float *restrict across,
                        float *restrict down)
{
    unit8 last = {{0}, {0}, {0}};
    for (int x = 0; x < width; x += 8) {
        int left = width - x;
        unit8 here = to_unit8(load_bgr_upto8(row + 3 * x, left));
        unit8 over = to_unit8(load_bgr_upto8(above + 3 * x, left));
        unit8 before = {follow8(last.b, here.b), follow8(last.g, here.g), follow8(last.r, here.r)};
        store_f32_upto8(across + x, difference8(here, before), left);
        store_f32_upto8(down + x, difference8(here, over), left);
        last = here;
    }
    across[0] = 0;
}

kernel_status KERNEL(differences_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from, int32_t to,
                                       float *across, float *down, int32_t stride)
{
    REQUIRE(photo && across && down, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_stride(stride, width) && is_aligned(across, sizeof *across) && is_aligned(down, sizeof *down),
            KERNEL_PLANE);

    for (int y = from; y < to; y++) {
        const uint8_t *row = photo + 3 * (size_t)y * (size_t)width;
        const uint8_t *above = y > 0 ? row - 3 * (size_t)width : row;
        size_t at = (size_t)y * (size_t)stride;
        compare_row(row, above, width, across + at, down + at);
    }
    return KERNEL_OK;
}

/* A row of floats takes an odd number of half cache lines, a row of washes an odd number of cache lines. The rows of a
   strip of columns then spread over all sets of the cache. */
size_t KERNEL(plane_stride)(int32_t width)
{
    if (!is_size(width, 1))
        return 0;
    return (((size_t)width + 7) / 8 | 1) * 8;
}
