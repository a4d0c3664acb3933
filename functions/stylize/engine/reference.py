"""The four styles in plain NumPy: the reference that every faster implementation must match.

Slow and short on purpose. Photos are BGR uint8 ``(height, width, 3)``; sketches are uint8 ``(height, width)``.

Sources: the domain transform and its normalized convolution are those of Gastal and Oliveira, "Domain
Transform for Edge-Aware Image and Video Processing" (SIGGRAPH 2011, sections 4 and 5), with the parameters and
the float32 arithmetic of OpenCV 5 (`pencilSketch` and `stylization`, photo module). The oil painting is
`oilPainting` of OpenCV contrib's xphoto module. Comments name the peculiarities of OpenCV that are kept.
The results are those of OpenCV's x86-64 build on a processor with AVX2, and the same on every machine.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Index = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)

f32 = np.float32
ITERATIONS = 3
"""Passes of the domain filter in each direction; each pass has half the radius of the previous one."""


def paint_pencil(photo: U8, sigma_s: float, sigma_r: float, shade_factor: float, line_width: int = 1) -> tuple[U8, U8]:
    """Paint both outputs of OpenCV's `pencilSketch`: the gray drawing (H, W) and the colored one (H, W, 3).

    A stroke is the darker, the fewer neighbors lie within reach along the row and the column. Only the first of
    OpenCV's three iterations reaches its output, so there is one iteration here.
    """
    radius, lines = pass_radius(sigma_s, 0), guide(photo, line_width)
    across = _neighbors(domain_transform(lines, sigma_s, sigma_r), radius, line_width)
    down = _neighbors(domain_transform(_transposed(lines), sigma_s, sigma_r), radius, line_width).T
    shade = f32(shade_factor) * (across + down).astype(f32)
    return _to_u8(shade), _to_u8(_with_luma(photo, shade))


def paint_oil(photo: U8, size: int, dyn_ratio: int) -> U8:
    """Paint `oilPainting` of OpenCV contrib: each pixel becomes the mean color of the commonest tone around it.

    The window reaches `size` pixels in every direction and is clipped at the borders. Of equally common tones
    the darkest wins. Means are rounded half to even.
    """
    tone = tones(photo, dyn_ratio)
    most = np.zeros(tone.shape, np.int64)
    painting = np.zeros(photo.shape, np.uint8)
    for t in range(int(tone.max()) + 1):
        here = (tone == t).astype(np.int64)
        count = _window_sum(here, size, size)
        total = np.dstack([_window_sum(here * photo[..., c], size, size) for c in range(3)])
        wins = count > most
        most[wins] = count[wins]
        painting[wins] = np.rint(total[wins] / count[wins, None])
    return painting


def paint_watercolor(photo: U8, sigma_s: float, sigma_r: float, line_width: int = 1) -> U8:
    """Paint OpenCV's `stylization`: edge-preserving smoothing, then darkening along the remaining edges."""
    washes = domain_filter(photo, sigma_s, sigma_r, line_width)
    return _to_u8(washes * (f32(1) - edge_strength(washes, line_width))[..., None])


def guide(photo: U8, line_width: int) -> U8:
    """Remove details finer than a line from `photo`: each pixel becomes the mean of `line_width` x `line_width` pixels.

    An even window has one more pixel to the right and below. It is clipped at the borders; halves are rounded up.
    """
    before, after = (line_width - 1) // 2, line_width // 2
    height, width = photo.shape[:2]
    y, x = np.arange(height), np.arange(width)
    rows = np.minimum(y + after + 1, height) - np.maximum(y - before, 0)
    columns = np.minimum(x + after + 1, width) - np.maximum(x - before, 0)
    pixels = rows[:, None] * columns
    sums = np.dstack([_window_sum(photo[..., c].astype(np.int64), before, after) for c in range(3)])
    means: U8 = ((2 * sums + pixels[..., None]) // (2 * pixels[..., None])).astype(np.uint8)
    return means


def tones(photo: U8, dyn_ratio: int) -> U8:
    """Return (H, W) uint8: OpenCV's integer gray (BT.601, 15 bits) / `dyn_ratio`, rounded half to even."""
    b, g, r = (photo[..., c].astype(np.int64) for c in range(3))
    gray = (3735 * b + 19235 * g + 9798 * r + (1 << 14)) >> 15
    divided: U8 = np.rint(gray * (1 / dyn_ratio)).astype(np.uint8)
    return divided


def differences(photo: U8) -> F32:
    """Return (H, W) float32, 0..3: the distance in color to the previous pixel of the row; 0 for the first."""
    steps = np.abs(np.diff(_to_unit(photo), axis=1))
    far = np.zeros(photo.shape[:2], f32)
    far[:, 1:] = (steps[..., 0] + steps[..., 1]) + steps[..., 2]
    return far


def domain_transform(photo: U8, sigma_s: float, sigma_r: float) -> F32:
    """Return (H, W) float32: the position of every pixel of a row in the transformed domain (paper, equation 11)."""
    return np.cumsum(f32(1) + (f32(sigma_s) / f32(sigma_r)) * differences(photo), axis=1, dtype=f32)


def pass_radius(sigma_s: float, iteration: int) -> np.float32:
    """Return the radius of a pass in the transformed domain (paper, equation 14; float32 where OpenCV uses it)."""
    sigma = f32(sigma_s * np.sqrt(3.0) * 2.0 ** (ITERATIONS - 1 - iteration) / np.sqrt(4.0**ITERATIONS - 1))
    return f32(f32(np.sqrt(3.0)) * sigma)


def domain_filter(photo: U8, sigma_s: float, sigma_r: float, line_width: int = 1) -> F32:
    """Smooth the photo in three passes, along rows and columns in turn: (H, W, 3) float32, 0..1."""
    lines = guide(photo, line_width)
    across = domain_transform(lines, sigma_s, sigma_r)
    down = domain_transform(_transposed(lines), sigma_s, sigma_r)
    washes = _to_unit(photo)
    for iteration in range(ITERATIONS):
        radius = pass_radius(sigma_s, iteration)
        washes = _window_means(washes, across, radius)
        washes = _transposed(_window_means(_transposed(washes), down, radius))
    return washes


def edge_strength(image: F32, line_width: int = 1) -> F32:
    """Return (H, W) float32: the length of the 3x3 Sobel gradient, summed over the channels of `image` (H, W, 3).

    The nine pixels of a gradient are `line_width` apart, so edges are `line_width` wide.
    """
    strength = np.zeros(image.shape[:2], f32)
    two = f32(2)
    for c in range(3):
        w, p = line_width, _bordered(image[..., c], line_width)
        smooth_y = (p[: -2 * w] + two * p[w:-w]) + p[2 * w :]
        smooth_x = (p[:, : -2 * w] + two * p[:, w:-w]) + p[:, 2 * w :]
        gx = smooth_y[:, 2 * w :] - smooth_y[:, : -2 * w]
        gy = smooth_x[2 * w :] - smooth_x[: -2 * w]
        strength = strength + np.sqrt(gx * gx + gy * gy)
    return strength


def window_bounds(positions: F32, radius: np.float32) -> tuple[Index, Index]:
    """Return first and one-past-last index of the pixels within `radius` of each pixel; `positions` is (W,)."""
    first = np.searchsorted(positions, positions - radius, side="right")
    end = np.searchsorted(positions, positions + radius, side="right")
    return first, end


def _neighbors(domain: F32, radius: np.float32, apart: int) -> Index:
    """Count (H, W) the pixels of the row within reach of each pixel, itself included, taking one in `apart`."""
    counts = np.empty(domain.shape, np.int64)
    here = np.arange(domain.shape[1])
    for row, positions in enumerate(domain):
        first, end = window_bounds(positions, radius)
        counts[row] = (here - first) // apart + 1 + (end - 1 - here) // apart
        if end[0] == len(positions):
            counts[row, 0] = 0  # OpenCV misses the end of a row that lies entirely within reach of its first pixel
    return counts


def _window_means(image: F32, domain: F32, radius: np.float32) -> F32:
    means = np.empty_like(image)
    sums = np.zeros((image.shape[1] + 1, 3))  # float64: a long row would lose the last bits of float32
    for row, positions in enumerate(domain):
        first, end = window_bounds(positions, radius)
        np.cumsum(image[row], axis=0, dtype=np.float64, out=sums[1:])
        means[row] = (sums[end] - sums[first]) / (end - first)[:, None]
    return means


def _window_sum(plane: Index, before: int, after: int) -> Index:
    """Return (H, W): sums over the square from `before` to `after` pixels around each, by a summed-area table."""
    height, width = plane.shape
    table = np.zeros((height + 1, width + 1), np.int64)
    table[1:, 1:] = plane.cumsum(0).cumsum(1)
    y, x = np.arange(height)[:, None], np.arange(width)
    top, bottom = np.maximum(y - before, 0), np.minimum(y + after + 1, height)
    left, right = np.maximum(x - before, 0), np.minimum(x + after + 1, width)
    return table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]


def _with_luma(photo: U8, luma: F32) -> F32:
    """Return (H, W, 3) float32: `photo` with its luma replaced, through OpenCV's float YCrCb (BT.601).

    OpenCV converts eight pixels at a time. In the up to seven remaining pixels of a row it adds the terms of the luma
    in another order.
    """
    unit = _to_unit(photo)
    b, g, r = (unit[..., c] for c in range(3))
    y = _fused(b, 0.114, _fused(g, 0.587, r * f32(0.299)))
    rest = photo.shape[1] // 8 * 8
    y[:, rest:] = _fused(r[:, rest:], 0.299, _fused(b[:, rest:], 0.114, g[:, rest:] * f32(0.587)))
    cr = _fused(r - y, 0.713, f32(0.5)) - f32(0.5)
    cb = _fused(b - y, 0.564, f32(0.5)) - f32(0.5)
    green = _fused(cr, -0.714, _fused(cb, -0.344, luma))
    return np.dstack([_fused(cb, 1.773, luma), green, _fused(cr, 1.403, luma)])


def _fused(a: F32, factor: float, addend: F32 | np.float32) -> F32:
    """Return a * factor + addend as a fused multiply-add: an exact product, and one rounding to float32."""
    return (a.astype(np.float64) * np.float64(f32(factor)) + addend).astype(f32)


def _to_unit(photo: U8) -> F32:
    return photo.astype(f32) * f32(1 / 255)


def _to_u8(image: F32) -> U8:
    levels: U8 = np.clip(np.rint(image * f32(255)), 0, 255).astype(np.uint8)
    return levels


def _transposed(image: NDArray[T]) -> NDArray[T]:
    return np.ascontiguousarray(image.swapaxes(0, 1))


def _bordered(plane: F32, width: int) -> F32:
    """Add `width` pixels on every side, mirrored without repeating the edge (OpenCV's BORDER_REFLECT_101)."""
    return np.pad(plane, width, mode="reflect")
