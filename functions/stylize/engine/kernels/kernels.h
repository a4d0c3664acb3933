/* The kernels of the four styles: the contract.

   Each kernel paints a band: rows [from, to) or columns [from, to) of one photo. Bands of one stage may run in any
   order and at the same time; the output bytes do not depend on the division into bands. A kernel allocates nothing,
   keeps no state between calls and starts no threads. reference.py is the law for its results; the target (below)
   never changes a byte.

   Arguments of every kernel
     photo         (height, width, 3) uint8, BGR, rows without gaps; never written
     width, height 1..KERNEL_MAX_SIDE each, at most KERNEL_MAX_PIXELS together
     from, to      the band: 0 <= from < to <= the number of rows (or columns)
     stride        width..KERNEL_MAX_STRIDE: pixels from one row of an intermediate plane (differences, washes) to the
                   next. Column kernels are fastest with the stride of stylize_plane_stride, with planes that start at
                   multiples of 64 bytes, and with bands that start at multiples of 8. Nothing is written past `width`.
     scratch       at least as many bytes as the style's `..._scratch` function returns, at any alignment; the content
                   before and after a call is undefined. Kernels that run at the same time need separate scratch. The
                   kernel of the differences needs none.
     returns       a kernel_status; unless it is KERNEL_OK, no output has been touched
   A `..._scratch` function returns 0 for arguments that its kernels would refuse.

   Targets. A target is the processor that a build is compiled for. On x86-64 each function exists twice in one library:
   stylize_oil_rows_baseline (any x86-64) and stylize_oil_rows_avx2. stylize_target() names the best target for this
   processor. On arm64 there is one target, "baseline", which uses NEON. simd.h has the differences between targets.

   Words
     slope    the distance in the transformed domain for one unit (0..1) of color difference: sigma_s / sigma_r, float32
     radius   the reach of a pass in the transformed domain, float32
     line     the width of lines in pixels, 1..KERNEL_MAX_LINE: 1 as in OpenCV, more if the painting of a large photo
              should look like that of a small one */
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
    KERNEL_BAND = 3,      /* the band is empty or leaves the photo */
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

/* Returns the KERNEL_ABI of the library. */
KERNEL_EXPORT int32_t stylize_abi(void);

/* Returns "avx2" or "baseline": the best target of this library for this processor. */
KERNEL_EXPORT const char *stylize_target(void);

/* Returns the best stride for the processor's caches; 0 for a width that is out of range. */
KERNEL_EXPORT size_t KERNEL(plane_stride)(int32_t width);

/* --- Differences of neighbors ------------------------------------------------------------------------------

   The shared input of pencil and watercolor: the distance in color of each pixel to the previous one, the sum of the
   three channels' absolute differences, each channel as a fraction of 1. One stage, before all others.

     across   (height, stride) float32, 0..3, out: distance to the previous pixel of the row; 0 in the first column
     down     (height, stride) float32, 0..3, out: distance to the pixel above; 0 in the first row

   The kernels below do not check the numbers in these planes: other values are the caller's fault. */
KERNEL_EXPORT kernel_status KERNEL(differences_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                                     int32_t to, float *across, float *down, int32_t stride);

/* --- The guide ---------------------------------------------------------------------------------------------

   The photo without details finer than a line: each pixel is the mean of the line x line pixels around it (an even
   window has one more pixel to the right and below), clipped at the borders, halves rounded up. If lines are wider than
   a pixel, the differences are taken from the guide instead of the photo. One stage, before the differences.

     guide    (height, width, 3) uint8, out */
KERNEL_EXPORT size_t KERNEL(guide_scratch)(int32_t width);
KERNEL_EXPORT kernel_status KERNEL(guide_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                               int32_t to, int32_t line, uint8_t *guide, void *scratch,
                                               size_t scratch_bytes);

/* --- Pencil: `pencilSketch`, both drawings -----------------------------------------------------------------

   Stage 1, stylize_pencil_columns: counts the pixels of the column that lie within reach of each pixel.
   Stage 2, stylize_pencil_rows: counts along the rows, and draws both drawings from the two counts.

     slope    0 < slope <= 70 * radius          radius  1..1000
     shade    0 < shade <= 1: the brightness that each neighbor adds; neighbors are `line` pixels apart
     counts   (height, width) uint16: the counts of stage 1. Counting stops beyond about 1.9 / shade neighbors, where
              both drawings are white for any color
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

   Three passes of stylize_watercolor_rows and stylize_watercolor_columns, each pass with a smaller radius; then
   stylize_watercolor_edges. Each call is a stage of its own.

     slope    0 < slope <= 1e6                  radius  0.1..1000
     washes   (height, stride, 4) int16, the smoothed photo between stages: B, G, R and one unused; 256 per gray level
              (0..255), minus 32768, so that sums over a window fit 32 bits. Each pass works in place.
     first    not 0 in the first pass, which reads the photo instead of the washes
     painting (height, width, 3) uint8, out

   Each of six stages rounds to 1/256 of a level, an error of at most 0.5 / 256. Sobel's weights add up to 8 for each of
   two directions and three channels. So the error in the painting before rounding is at most 0.43 of a level, and the
   painting differs from exact arithmetic by at most one level. */
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

   One stage. Neighboring rows share work, so bands of fewer than about 4 * size rows are wasteful.

     size      1..KERNEL_MAX_OIL_SIZE: pixels that the window reaches in every direction
     dyn_ratio 1..KERNEL_MAX_DYN_RATIO: gray levels per tone
     painting  (height, width, 3) uint8, out */
KERNEL_EXPORT size_t KERNEL(oil_scratch)(int32_t width, int32_t height, int32_t size, int32_t dyn_ratio);
KERNEL_EXPORT kernel_status KERNEL(oil_rows)(const uint8_t *photo, int32_t width, int32_t height, int32_t from,
                                             int32_t to, int32_t size, int32_t dyn_ratio, uint8_t *painting,
                                             void *scratch, size_t scratch_bytes);

#endif
