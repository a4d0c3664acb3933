/* The guide: the photo without details finer than a line. Every column keeps the sum over the rows of the window; a row
   of the guide follows from a sliding window over these sums. */
#include "kernels.h"

#include "checks.h"
#include "simd.h"

/* The bounds of a window of `line` pixels around `i`, clipped to its row or column. */
static int window_start(int i, int line)
{
    int start = i - (line - 1) / 2;
    return start > 0 ? start : 0;
}

static int window_end(int i, int line, int length)
{
    int end = i + line / 2 + 1;
    return end < length ? end : length;
}

size_t KERNEL(guide_scratch)(int32_t width)
{
    if (!is_size(width, 1))
        return 0;
    return CACHE_LINE + whole_lines(3 * (size_t)width * sizeof(uint16_t)) +
           whole_lines((3 * (size_t)width + 8) * sizeof(uint32_t));
}

/* Adds a row of the photo to the sums of the columns, or subtracts it. 64 rows of 255 fit 16 bits. */
static void add_row(uint16_t *restrict sums, const uint8_t *restrict row, int bytes)
{
    for (int k = 0; k < bytes; k++)
        sums[k] = (uint16_t)(sums[k] + row[k]);
}

static void take_row(uint16_t *restrict sums, const uint8_t *restrict row, int bytes)
{
    for (int k = 0; k < bytes; k++)
        sums[k] = (uint16_t)(sums[k] - row[k]);
}

/* Computes the sums over the windows of a row. */
static void slide(const uint16_t *restrict sums, int width, int line, uint32_t *restrict totals)
{
    uint32_t b = 0, g = 0, r = 0;
    for (int x = 0, start = 0, end = 0; x < width; x++) {
        for (; end < window_end(x, line, width); end++)
            b += sums[3 * end], g += sums[3 * end + 1], r += sums[3 * end + 2];
        for (; start < window_start(x, line); start++)
            b -= sums[3 * start], g -= sums[3 * start + 1], r -= sums[3 * start + 2];
        totals[3 * x] = b;
        totals[3 * x + 1] = g;
        totals[3 * x + 2] = r;
    }
}

/* Divides, with halves rounded up. The numbers are whole and below 2^24, so float32 rounds no quotient up to the next
   whole number. */
INLINE uint8_t mean(uint32_t total, uint32_t pixels)
{
    return (uint8_t)(int32_t)((float)(2 * total + pixels) / (float)(2 * pixels));
}

/* Writes a row of the guide from its totals, for windows of `rows` rows. */
static void divide(const uint32_t *restrict totals, int width, int line, int rows, uint8_t *restrict out)
{
    int inner = (line - 1) / 2, inner_end = width - line / 2;
    for (int x = 0; x < width; x++) {
        if (x == inner && inner < inner_end) {
            uint32_t pixels = (uint32_t)(rows * line);
            for (int k = 3 * inner; k < 3 * inner_end; k++)
                out[k] = mean(totals[k], pixels);
            x = inner_end;
            if (x == width)
                return;
        }
        uint32_t pixels = (uint32_t)(rows * (window_end(x, line, width) - window_start(x, line)));
        for (int k = 3 * x; k < 3 * x + 3; k++)
            out[k] = mean(totals[k], pixels);
    }
}

kernel_status KERNEL(guide_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from, int32_t to,
                                 int32_t line, uint8_t *guide, void *scratch, size_t scratch_bytes)
{
    REQUIRE(photo && guide && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_line(line), KERNEL_PARAMETER);
    REQUIRE(scratch_bytes >= KERNEL(guide_scratch)(width), KERNEL_SCRATCH);

    int bytes = 3 * width;
    size_t row = (size_t)bytes;
    uint8_t *rest = align_scratch(scratch);
    uint16_t *sums = take(&rest, whole_lines(row * sizeof *sums));
    uint32_t *totals = take(&rest, whole_lines((row + 8) * sizeof *totals));
    memset(sums, 0, row * sizeof *sums);
    int start = window_start(from, line), end = start;
    for (int y = from; y < to; y++) {
        for (; end < window_end(y, line, height); end++)
            add_row(sums, photo + (size_t)end * row, bytes);
        for (; start < window_start(y, line); start++)
            take_row(sums, photo + (size_t)start * row, bytes);
        slide(sums, width, line, totals);
        divide(totals, width, line, end - start, guide + (size_t)y * row);
    }
    return KERNEL_OK;
}
