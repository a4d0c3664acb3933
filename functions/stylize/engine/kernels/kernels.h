/* The kernels of the four styles: the contract.

   Each kernel paints a band: rows [from, to) or columns [from, to) of one photo. Bands of one stage may run in
   any order and at the same time; the bytes that come out do not depend on how the photo is cut. A kernel
   allocates nothing, keeps nothing between calls and starts no threads. The law for what it computes is
   reference.py; the target (below) never changes a byte.

   What every kernel has in common
     photo         (height, width, 3) uint8, BGR, rows without gaps; never written
     width, height 1..KERNEL_MAX_SIDE each, at most KERNEL_MAX_PIXELS together
     from, to      the band: 0 <= from < to <= the number of rows (or columns)
     stride        width..KERNEL_MAX_STRIDE: pixels from one row of an intermediate plane (differences, washes) to the
                   next. Columns are quickest with that of stylize_plane_stride, with planes that start at a multiple
                   of 64 bytes, and with bands that start at multiples of 8. Nothing is written beyond `width`.
     scratch       at least what the style's `..._scratch` function answers, at any alignment; its content means
                   nothing before or after a call. Kernels that run at the same time need one each; that of the
                   differences needs none.
     returns       a kernel_status; unless it is KERNEL_OK, no output has been touched
   A function that answers bytes of scratch answers 0 for arguments that its kernels would refuse.

   Targets. What a build is compiled for. On x86-64 each function exists twice in one library:
   stylize_oil_rows_baseline (any x86-64) and stylize_oil_rows_avx2. stylize_target() names the best one that this
   processor runs. On arm64 there is one target, "baseline", which uses NEON. What differs between targets stands in
   simd.h.

   Words
     slope    how far one unit (0..1) of color difference pushes two neighbors apart in the transformed domain:
              sigma_s / sigma_r, float32
     radius   how far a pass reaches in the transformed domain, float32
     line     how wide lines are, in pixels: 1 where lengths are OpenCV's, wider on a large photo whose painting is to
              look like that of a small one; 1..KERNEL_MAX_LINE */
#ifndef STYLIZE_KERNELS_H
#define STYLIZE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Changes whenever a signature, a range or a layout in this file changes. library.py checks it on loading. */
#define KERNEL_ABI 4

#define KERNEL_MAX_SIDE 65535
#define KERNEL_MAX_PIXELS 100000000
#define KERNEL_MAX_STRIDE 65600
#define KERNEL_MAX_OIL_SIZE 64
#define KERNEL_MAX_DYN_RATIO 127
#define KERNEL_MAX_LINE 64

typedef enum {
    KERNEL_OK = 0,
    KERNEL_NULL = 1,      /* a pointer is NULL */
    KERNEL_SIZE = 2,      /* width or height is out of range */
    KERNEL_BAND = 3,      /* from, to is empty or leaves the photo */
    KERNEL_PARAMETER = 4, /* a parameter of the style is out of range */
    KERNEL_SCRATCH = 5,   /* scratch is too small */
    KERNEL_PLANE = 6      /* an intermediate plane is not aligned to its elements, or its stride is out of range */
} kernel_status;

#ifndef KERNEL_TARGET
#define KERNEL_TARGET baseline
#endif
#define KERNEL_JOIN(name, target) stylize_##name##_##target
#define KERNEL_NAMED(name, target) KERNEL_JOIN(name, target)
#define KERNEL(name) KERNEL_NAMED(name, KERNEL_TARGET)
#define KERNEL_EXPORT __attribute__((visibility("default")))

/* KERNEL_ABI of the library. */
KERNEL_EXPORT int32_t stylize_abi(void);

/* "avx2" or "baseline": the best target of this library for this processor. */
KERNEL_EXPORT const char *stylize_target(void);

/* The stride that suits the processor's cache best; 0 for a width that is out of range. */
KERNEL_EXPORT size_t KERNEL(plane_stride)(int32_t width);

/* --- Differences of neighbors ------------------------------------------------------------------------------

   What pencil and watercolor share: how far the color of each pixel is from that of the one before it, the sum of
   the three channels' absolute differences, each channel as a fraction of 1. One stage, before all others.

     across   (height, stride) float32, 0..3, out: from the pixel before it in its row; 0 in the first column
     down     (height, stride) float32, 0..3, out: from the pixel above it; 0 in the first row

   The kernels below take the numbers in these planes as they are: others than these are the caller's fault. */
KERNEL_EXPORT kernel_status KERNEL(differences_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                                     int32_t to, float *across, float *down, int32_t stride);

/* --- The guide ---------------------------------------------------------------------------------------------

   The photo without what is finer than a line: each pixel the mean of the line x line pixels around it (of an even
   number one more to the right and below), clipped at the borders, halves rounded up. Where lines are wider than a
   pixel, the differences are those of the guide instead of the photo. One stage, before the differences.

     guide    (height, width, 3) uint8, out */
KERNEL_EXPORT size_t KERNEL(guide_scratch)(int32_t width);
KERNEL_EXPORT kernel_status KERNEL(guide_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                               int32_t to, int32_t line, uint8_t *guide, void *scratch,
                                               size_t scratch_bytes);

/* --- Pencil: `pencilSketch`, both drawings -----------------------------------------------------------------

   Stage 1, stylize_pencil_columns: how many pixels of its own column lie within reach of each pixel.
   Stage 2, stylize_pencil_rows: the same along the rows; from the two, both drawings.

     slope    0 < slope <= 70 * radius          radius  1..1000
     shade    0 < shade <= 1: the brightness that each neighbor adds; neighbors are `line` pixels apart
     counts   (height, width) uint16: those of stage 1, as far as they matter: beyond some 1.9 / shade
              neighbors both drawings are white whatever the color, so counting stops there
     sketch   (height, width) uint8, out: the gray drawing
     color    (height, width, 3) uint8, out: the colored drawing */
KERNEL_EXPORT size_t KERNEL(pencil_scratch)(int32_t width, int32_t height, float shade, int32_t line);
KERNEL_EXPORT kernel_status KERNEL(pencil_columns)(const float *down, int32_t width, int32_t height, int32_t from,
                                                   int32_t to, float slope, float radius, float shade, int32_t line,
                                                   int32_t stride, uint16_t *counts, void *scratch,
                                                   size_t scratch_bytes);
KERNEL_EXPORT kernel_status KERNEL(pencil_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                                int32_t to, float slope, float radius, float shade, int32_t line,
                                                const float *across, int32_t stride, const uint16_t *counts,
                                                uint8_t *sketch, uint8_t *color, void *scratch, size_t scratch_bytes);

/* --- Watercolor: `stylization` -----------------------------------------------------------------------------

   Three times: stylize_watercolor_rows, then stylize_watercolor_columns, each time with a smaller radius; then
   stylize_watercolor_edges. Each is a stage of its own.

     slope    0 < slope <= 1e6                  radius  0.1..1000
     washes   (height, stride, 4) int16, the smoothed photo between stages: B, G, R and one unused;
              256 per level of 255, less 32768, so that sums over a window fit 32 bits. Each pass works in place.
     first    not 0 in the first pass: the washes are read from the photo and only written
     painting (height, width, 3) uint8, out

   Every pass rounds to 1/256 of a level: at most 0.5 of these, six times. Sobel's weights add up to 8 for each
   of two directions and three channels, so that at most 0.43 of a level can reach the painting before it is
   rounded: never more than one level of difference from exact arithmetic. */
KERNEL_EXPORT size_t KERNEL(watercolor_scratch)(int32_t width, int32_t height);
KERNEL_EXPORT kernel_status KERNEL(watercolor_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                                    int32_t to, float slope, float radius, int32_t first,
                                                    const float *across, int16_t *washes, int32_t stride, void *scratch,
                                                    size_t scratch_bytes);
KERNEL_EXPORT kernel_status KERNEL(watercolor_columns)(const float *down, int32_t width, int32_t height, int32_t from,
                                                       int32_t to, float slope, float radius, int16_t *washes,
                                                       int32_t stride, void *scratch, size_t scratch_bytes);
KERNEL_EXPORT kernel_status KERNEL(watercolor_edges)(const int16_t *washes, int32_t width, int32_t height, int32_t from,
                                                     int32_t to, int32_t line, int32_t stride, uint8_t *painting,
                                                     void *scratch, size_t scratch_bytes);

/* --- Oil: `xphoto.oilPainting` -----------------------------------------------------------------------------

   One stage. Rows that are neighbors share work, so that bands of fewer than some 4 * size rows are wasteful.

     size      1..KERNEL_MAX_OIL_SIZE: the window reaches so many pixels in every direction
     dyn_ratio 1..KERNEL_MAX_DYN_RATIO: gray levels per tone
     painting  (height, width, 3) uint8, out */
KERNEL_EXPORT size_t KERNEL(oil_scratch)(int32_t width, int32_t height, int32_t size, int32_t dyn_ratio);
KERNEL_EXPORT kernel_status KERNEL(oil_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                             int32_t to, int32_t size, int32_t dyn_ratio, uint8_t *painting,
                                             void *scratch, size_t scratch_bytes);

#endif
