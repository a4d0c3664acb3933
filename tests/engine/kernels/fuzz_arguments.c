/* Fuzzes the kernels' argument checks: any arguments are either refused with nothing written, or painted within
   buffers of exactly the promised sizes.

   With libFuzzer:  clang -g -O1 -fsanitize=fuzzer,address,undefined -I<kernels> fuzz_arguments.c <kernels>/{differences,guide,
                    pencil,watercolor,edges,oil}.c -lm
   Without:         -DSTANDALONE, then  ./fuzz 20000  for so many random inputs (see sanitize.sh). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define KERNELS 8
#define MOST_PIXELS 3000 /* larger photos are sound but slow; their sides are cut */

typedef struct {
    uint8_t kernel, wild;
    uint16_t side[2], band[2];
    float slope, radius, shade;
    int32_t size, dyn_ratio, line, wild_int;
    uint16_t scratch_cut, stride;
} input;

static void *filled(size_t bytes, uint8_t value)
{
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory)
        abort();
    memset(memory, value, bytes);
    return memory;
}

static void expect_untouched(kernel_status status, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; status != KERNEL_OK && i < count; i++)
        if (bytes[i] != 0x5a)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count)
{
    input in = {0};
    memcpy(&in, data, count < sizeof in ? count : sizeof in);
    int32_t width = in.side[0] % 300, height = in.side[1] % 300;
    if (width * height > MOST_PIXELS)
        height = MOST_PIXELS / width;
    int32_t from = in.band[0] % 310 - 5, to = in.band[1] % 310 - 5;
    int32_t stride = width + in.stride % 16;
    size_t pixels = (size_t)width * (size_t)height, plane = (size_t)stride * (size_t)height, washes = 8 * plane;
    uint8_t *photo = filled(3 * pixels, 0);
    for (size_t i = 0; i < 3 * pixels; i++)
        photo[i] = (uint8_t)(i * i % 251 / (1 + in.wild % 64));
    uint8_t *a = filled(washes, 0x5a), *b = filled(3 * pixels, 0x5a);
    uint16_t *counts = filled(2 * pixels, 0);
    float *differences = filled(plane * sizeof *differences, 0);
    for (size_t i = 0; i < plane; i++)
        differences[i] = (float)(i * i % 766) / 255 / (1 + in.wild % 64);

    /* One argument may be anything; the photo's sides only where that makes them unsound. */
    int32_t *spoilt[] = {&width, &height, &stride, &from, &to, &in.size, &in.dyn_ratio, &in.line};
    unsigned which = in.wild % 16;
    if (which < 8 && (which > 2 || in.wild_int < 1 || in.wild_int > KERNEL_MAX_STRIDE))
        *spoilt[which] = in.wild_int;

    size_t needed = KERNEL(watercolor_scratch)(width, height);
    if (in.kernel % KERNELS < 2)
        needed = KERNEL(pencil_scratch)(width, height, in.shade, in.line);
    if (in.kernel % KERNELS == 5)
        needed = KERNEL(oil_scratch)(width, height, in.size, in.dyn_ratio);
    if (in.kernel % KERNELS == 6)
        needed = KERNEL(guide_scratch)(width);
    if (in.kernel % KERNELS == 7)
        needed = 0;
    size_t scratch_bytes = in.scratch_cut % 8 == 0 && needed ? in.scratch_cut % needed : needed;
    if (scratch_bytes > (64u << 20))
        scratch_bytes = 0;
    uint8_t *scratch = filled(scratch_bytes, 0xee);

    kernel_status status = KERNEL_OK;
    switch (in.kernel % KERNELS) {
    case 0:
        status = KERNEL(pencil_columns)(differences, width, height, from, to, in.slope, in.radius, in.shade, in.line,
                                        stride, (uint16_t *)(void *)a, scratch, scratch_bytes);
        break;
    case 1:
        status = KERNEL(pencil_rows)(photo, width, height, from, to, in.slope, in.radius, in.shade, in.line,
                                     differences, stride, counts, a, b, scratch, scratch_bytes);
        break;
    case 2:
        status = KERNEL(watercolor_rows)(photo, width, height, from, to, in.slope, in.radius, in.wild & 1, differences,
                                         (int16_t *)(void *)a, stride, scratch, scratch_bytes);
        break;
    case 3:
        status = KERNEL(watercolor_columns)(differences, width, height, from, to, in.slope, in.radius,
                                            (int16_t *)(void *)a, stride, scratch, scratch_bytes);
        break;
    case 4:
        status = KERNEL(watercolor_edges)((int16_t *)(void *)a, width, height, from, to, in.line, stride, b, scratch,
                                          scratch_bytes);
        break;
    case 5:
        status = KERNEL(oil_rows)(photo, width, height, from, to, in.size, in.dyn_ratio, a, scratch, scratch_bytes);
        break;
    case 6:
        status = KERNEL(guide_rows)(photo, width, height, from, to, in.line, b, scratch, scratch_bytes);
        break;
    default:
        status = KERNEL(differences_rows)(photo, width, height, from, to, (float *)(void *)a,
                                          (float *)(void *)a + plane, stride);
    }
    if (scratch_bytes < needed && status == KERNEL_OK)
        abort();
    expect_untouched(status, a, washes);
    expect_untouched(status, b, 3 * pixels);
    free(photo);
    free(a);
    free(b);
    free(counts);
    free(differences);
    free(scratch);
    return 0;
}

#ifdef STANDALONE
/* Inputs of which most arguments are sound, so that the faults that are left get their turn. */
int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 10000;
    srand(1);
    for (int k = 0; k < rounds; k++) {
        input in;
        uint8_t *bytes = (uint8_t *)&in;
        for (size_t i = 0; i < sizeof in; i++)
            bytes[i] = (uint8_t)(rand() >> 7);
        if (rand() % 8)
            in.radius = 1 + (float)(rand() % 4000) / 10;
        if (rand() % 8)
            in.slope = in.radius * (float)(1 + rand() % 700) / 10;
        if (rand() % 8)
            in.shade = (float)(1 + rand() % 1000) / 1000;
        if (rand() % 8)
            in.line = 1 + rand() % 64;
        if (rand() % 8)
            in.size = 1 + rand() % 64;
        if (rand() % 8)
            in.dyn_ratio = 1 + rand() % 127;
        if (rand() % 2) {
            in.band[0] = 5;
            in.band[1] = 6;
        }
        LLVMFuzzerTestOneInput(bytes, sizeof in);
    }
    printf("fuzz: %d calls, each painted or refused\n", rounds);
    return 0;
}
#endif
