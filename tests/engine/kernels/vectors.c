/* Prints one line for every painting of a fixed set of photos and parameters: what it is and a hash of its bytes.
   Built for two architectures or targets (-DKERNEL_TARGET=...), the two print the same. See arm64.sh. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static uint32_t state;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

enum kind { NEAR_BLACK, NEAR_WHITE, FLAT, NOISE, SCENE, KINDS };
static const char *const kind_names[KINDS] = {"near_black", "near_white", "flat", "noise", "scene"};

static int soft(int x, int y, int c)
{
    return (x * (c + 1) / 3 + y * (3 - c) / 2 + ((x / 37 + y / 23) % 3) * 60) & 255;
}

static void fill(uint8_t *photo, int width, int height, enum kind kind)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++) {
                int random = (int)(next_random() >> 16);
                int value[KINDS] = {random % 4, 252 + random % 4, 77, random % 256, soft(x, y, c) ^ random % 4};
                *photo++ = (uint8_t)value[kind];
            }
}

static uint64_t hash(const void *bytes, size_t count)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++)
        h = (h ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return h;
}

static void *need(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (!memory)
        exit(2);
    return memory;
}

static void expect_ok(kernel_status status)
{
    if (status != KERNEL_OK) {
        printf("status %d\n", (int)status);
        exit(1);
    }
}

static void paint(int width, int height, enum kind kind)
{
    static const float filters[][2] = {{60, 0.45f}, {200, 1}, {1, 0.01f}, {10, 0.07f}};
    static const int brushes[][2] = {{10, 10}, {3, 1}, {23, 10}, {64, 9}};
    static const float shades[] = {0.1f, 0.07f, 0.013f, 0.0005f};
    static const int lines[] = {1, 2, 4, 37};
    size_t pixels = (size_t)width * (size_t)height;
    uint8_t *photo = need(3 * pixels), *color = need(3 * pixels), *sketch = need(pixels);
    uint16_t *counts = need(2 * pixels);
    int32_t stride = (int32_t)KERNEL(plane_stride)(width);
    size_t plane = (size_t)stride * (size_t)height;
    int16_t *washes = need(8 * plane);
    float *across = need(sizeof(float) * plane), *down = need(sizeof(float) * plane);
    fill(photo, width, height, kind);
    expect_ok(KERNEL(differences_rows)(photo, width, height, 0, height, across, down, stride));
    printf("%s %dx%d differences %016" PRIx64 " %016" PRIx64 "\n", kind_names[kind], width, height,
           hash(across, sizeof(float) * plane), hash(down, sizeof(float) * plane));
    for (int k = 0; k < 4; k++) {
        int line = lines[k];
        size_t guide_size = KERNEL(guide_scratch)(width);
        void *guide_scratch = need(guide_size);
        expect_ok(KERNEL(guide_rows)(photo, width, height, 0, height, line, color, guide_scratch, guide_size));
        free(guide_scratch);
        printf("%s %dx%d guide %d %016" PRIx64 "\n", kind_names[kind], width, height, k, hash(color, 3 * pixels));
        float slope = filters[k][0] / filters[k][1], radius = 1.5118579f * filters[k][0], shade = shades[k];
        size_t size = KERNEL(pencil_scratch)(width, height, shade, line);
        void *scratch = need(size);
        expect_ok(KERNEL(pencil_columns)(down, width, height, 0, width, slope, radius, shade, line, stride, counts,
                                         scratch, size));
        expect_ok(KERNEL(pencil_rows)(photo, width, height, 0, height, slope, radius, shade, line, across, stride,
                                      counts, sketch, color, scratch, size));
        free(scratch);
        printf("%s %dx%d pencil %d %016" PRIx64 " %016" PRIx64 "\n", kind_names[kind], width, height, k,
               hash(sketch, pixels), hash(color, 3 * pixels));

        size = KERNEL(watercolor_scratch)(width, height);
        scratch = need(size);
        for (int pass = 0; pass < 3; pass++, radius /= 2) {
            expect_ok(KERNEL(watercolor_rows)(photo, width, height, 0, height, slope, radius, pass == 0, across, washes,
                                              stride, scratch, size));
            expect_ok(KERNEL(watercolor_columns)(down, width, height, 0, width, slope, radius, washes, stride, scratch,
                                                 size));
        }
        expect_ok(KERNEL(watercolor_edges)(washes, width, height, 0, height, line, stride, color, scratch, size));
        free(scratch);
        printf("%s %dx%d watercolor %d %016" PRIx64 "\n", kind_names[kind], width, height, k, hash(color, 3 * pixels));

        size = KERNEL(oil_scratch)(width, height, brushes[k][0], brushes[k][1]);
        scratch = need(size);
        expect_ok(KERNEL(oil_rows)(photo, width, height, 0, height, brushes[k][0], brushes[k][1], color, scratch,
                                   size));
        free(scratch);
        printf("%s %dx%d oil %d %016" PRIx64 "\n", kind_names[kind], width, height, k, hash(color, 3 * pixels));
    }
    free(photo);
    free(color);
    free(sketch);
    free(counts);
    free(across);
    free(down);
    free(washes);
}

int main(void)
{
    static const int sizes[][2] = {{1, 1}, {7, 1}, {1, 7}, {2, 2}, {100, 3}, {17, 33}, {301, 41}, {640, 360}};
    state = 2463534242u;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < KINDS; kind++)
            paint(sizes[s][0], sizes[s][1], (enum kind)kind);
    return 0;
}
