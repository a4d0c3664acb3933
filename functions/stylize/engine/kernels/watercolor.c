/* Watercolor, the washes: in three passes along the rows and the columns, each pixel becomes the mean of the pixels
   within reach in the transformed domain. Rows are smoothed in place. Columns are copied out, smoothed and copied back
   in strips that are as wide as one cache line of each row. */
#include "kernels.h"

#include "checks.h"
#include "domain.h"
#include "smooth.h"

/* Eight columns of washes fill one cache line of each row. */
#define STRIP 8

/* Bytes of one wash. */
#define WASH 8

static size_t rows_scratch(int width)
{
    return whole_lines(ROWS_AT_ONCE * position_line(width) * sizeof(float)) + 2 * sums_room(width);
}

/* Returns the washes from one column of a strip to the next; not near a power of two, to spread over cache sets. */
static size_t column_line(int height)
{
    return KERNEL(plane_stride)(height);
}

static size_t columns_scratch(int height)
{
    return whole_lines(STRIP * position_line(height) * sizeof(float)) +
           whole_lines(STRIP * column_line(height) * WASH) + 2 * sums_room(height);
}

size_t KERNEL(watercolor_scratch)(int32_t width, int32_t height)
{
    if (!is_size(width, height))
        return 0;
    size_t rows = rows_scratch(width), columns = columns_scratch(height), most = rows > columns ? rows : columns;
    size_t edges = 2 * whole_lines(((size_t)width + 2 * KERNEL_MAX_LINE + 1) * 4 * sizeof(float));
    return CACHE_LINE + (most > edges ? most : edges);
}

static int is_filter(float slope, float radius)
{
    return slope > 0 && slope <= 1e6f && is_within(radius, 0.1f, 1000);
}

static int are_planes(const float *differences, const int16_t *washes, int32_t stride, int32_t width)
{
    return is_stride(stride, width) && is_aligned(differences, sizeof *differences) &&
           is_aligned(washes, sizeof *washes);
}

/* Converts a row of the photo to washes: level * 256 - 32768. */
static void wash_row(const uint8_t *restrict pixels, int width, int16_t *restrict washes)
{
    for (int x = 0; x < width; x += 8) {
        int left = width - x < 8 ? width - x : 8;
        u64x8 eight = spread8(load_bgr_upto8(pixels + 3 * x, left)) << 8 ^ 0x8000800080008000u;
        if (left == 8)
            STORE(washes + 4 * x, eight);
        else
            memcpy(washes + 4 * x, &eight, (size_t)left * WASH);
    }
}

kernel_status KERNEL(watercolor_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from, int32_t to,
                                      float slope, float radius, int32_t first, const float *across, int16_t *washes,
                                      int32_t stride, void *scratch, size_t scratch_bytes)
{
    REQUIRE(photo && across && washes && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, height), KERNEL_BAND);
    REQUIRE(is_filter(slope, radius), KERNEL_PARAMETER);
    REQUIRE(are_planes(across, washes, stride, width), KERNEL_PLANE);
    REQUIRE(scratch_bytes >= KERNEL(watercolor_scratch)(width, height), KERNEL_SCRATCH);

    uint8_t *rest = align_scratch(scratch);
    size_t line = position_line(width);
    float *positions = (float *)take(&rest, ROWS_AT_ONCE * line * sizeof(float)) + LEAD;
    sum4 *sums[2] = {take(&rest, sums_room(width)), take(&rest, sums_room(width))};
    for (int y = from; y < to; y += ROWS_AT_ONCE) {
        int rows = to - y < ROWS_AT_ONCE ? to - y : ROWS_AT_ONCE;
        row_positions(across + (size_t)y * (size_t)stride, (size_t)stride, width, rows, slope, positions, line);
        wash_line lines[ROWS_AT_ONCE];
        for (int k = 0; k < rows; k++) {
            size_t row = (size_t)(y + k) * (size_t)stride, next = row + ROWS_AT_ONCE * (size_t)stride;
            lines[k] = (wash_line){positions + (size_t)k * line,
                                   washes + 4 * row,
                                   sums[k % 2],
                                   {(uintptr_t)washes + next * WASH, 8 * WASH},
                                   {(uintptr_t)across + next * sizeof(float), 8 * sizeof(float)}};
            frame_line(positions + (size_t)k * line, width);
            if (first)
                wash_row(photo + 3 * (size_t)(y + k) * (size_t)width, width, lines[k].washes);
        }
        smooth_lines(lines, rows, width, radius);
    }
    return KERNEL_OK;
}

/* Transposes eight rows of eight positions into eight columns, each written to its own line. */
INLINE void turn8(float rows[8][8], float *to, size_t line)
{
    for (int c = 0; c < 8; c += 4)
        for (int r = 0; r < 8; r += 4) {
            f32x4 a = LOAD(f32x4, &rows[r][c]), b = LOAD(f32x4, &rows[r + 1][c]);
            f32x4 d = LOAD(f32x4, &rows[r + 2][c]), e = LOAD(f32x4, &rows[r + 3][c]);
            f32x4 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
            f32x4 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            f32x4 de_low = __builtin_shufflevector(d, e, 0, 4, 1, 5);
            f32x4 de_high = __builtin_shufflevector(d, e, 2, 6, 3, 7);
            float *out = to + (size_t)c * line + r;
            STORE(out, __builtin_shufflevector(ab_low, de_low, 0, 1, 4, 5));
            STORE(out + line, __builtin_shufflevector(ab_low, de_low, 2, 3, 6, 7));
            STORE(out + 2 * line, __builtin_shufflevector(ab_high, de_high, 0, 1, 4, 5));
            STORE(out + 3 * line, __builtin_shufflevector(ab_high, de_high, 2, 3, 6, 7));
        }
}

/* Computes the positions along up to eight columns, a line for each; writes up to 7 floats past a line. */
static void column_positions(const float *down, size_t stride, int height, int columns, float slope, float *positions,
                             size_t line)
{
    f32x8 position = all8(0);
    for (int y = 0; y < height; y += 8) {
        float rows[8][8] = {{0}};
        for (int k = 0; k < 8 && y + k < height; k++) {
            position += step8(load_f32_upto8(down + (size_t)(y + k) * stride, columns), slope);
            STORE(rows[k], position);
        }
        turn8(rows, positions + y, line);
    }
}

/* Copies up to eight columns of washes, each to a line of its own. */
static void copy_columns_out(const int16_t *restrict washes, size_t stride, int height, int columns,
                             int16_t *restrict lines, size_t line)
{
    for (size_t y = 0; y < (size_t)height; y++, washes += 4 * stride)
        if (columns == STRIP)
            for (size_t c = 0; c < STRIP; c++)
                memcpy(lines + 4 * (c * line + y), washes + 4 * c, WASH);
        else
            for (size_t c = 0; c < (size_t)columns; c++)
                memcpy(lines + 4 * (c * line + y), washes + 4 * c, WASH);
}

/* Copies the lines back to their columns. */
static void copy_columns_back(const int16_t *restrict lines, size_t line, int height, int columns,
                              int16_t *restrict washes, size_t stride)
{
    for (size_t y = 0; y < (size_t)height; y++, washes += 4 * stride)
        if (columns == STRIP)
            for (size_t c = 0; c < STRIP; c++)
                memcpy(washes + 4 * c, lines + 4 * (c * line + y), WASH);
        else
            for (size_t c = 0; c < (size_t)columns; c++)
                memcpy(washes + 4 * c, lines + 4 * (c * line + y), WASH);
}

kernel_status KERNEL(watercolor_columns)(const float *down, int32_t width, int32_t height, int32_t from, int32_t to,
                                         float slope, float radius, int16_t *washes, int32_t stride, void *scratch,
                                         size_t scratch_bytes)
{
    REQUIRE(down && washes && scratch, KERNEL_NULL);
    REQUIRE(is_size(width, height), KERNEL_SIZE);
    REQUIRE(is_band(from, to, width), KERNEL_BAND);
    REQUIRE(is_filter(slope, radius), KERNEL_PARAMETER);
    REQUIRE(are_planes(down, washes, stride, width), KERNEL_PLANE);
    REQUIRE(scratch_bytes >= KERNEL(watercolor_scratch)(width, height), KERNEL_SCRATCH);

    uint8_t *rest = align_scratch(scratch);
    size_t line = position_line(height), column = column_line(height);
    float *positions = (float *)take(&rest, STRIP * line * sizeof(float)) + LEAD;
    int16_t *copies = take(&rest, STRIP * column * WASH);
    sum4 *sums[2] = {take(&rest, sums_room(height)), take(&rest, sums_room(height))};
    size_t washes_row = WASH * (size_t)stride, down_row = sizeof(float) * (size_t)stride;
    /* While one column is smoothed, an eighth of the next strip's rows is prefetched. */
    size_t eighth = ((size_t)height + 7) / 8;
    for (int x = from; x < to; x += STRIP) {
        int columns = to - x < STRIP ? to - x : STRIP;
        column_positions(down + x, (size_t)stride, height, columns, slope, positions, line);
        copy_columns_out(washes + 4 * (size_t)x, (size_t)stride, height, columns, copies, column);
        wash_line lines[STRIP];
        for (int k = 0; k < columns; k++) {
            size_t row = (size_t)k * eighth, next = (size_t)x + STRIP;
            lines[k] = (wash_line){positions + (size_t)k * line,
                                   copies + 4 * (size_t)k * column,
                                   sums[k % 2],
                                   {(uintptr_t)washes + row * washes_row + WASH * next, washes_row},
                                   {(uintptr_t)down + row * down_row + sizeof(float) * next, down_row}};
            frame_line(positions + (size_t)k * line, height);
        }
        smooth_lines(lines, columns, height, radius);
        copy_columns_back(copies, column, height, columns, washes + 4 * (size_t)x, (size_t)stride);
    }
    return KERNEL_OK;
}
