"""Measures encoding: bytes, milliseconds and similarity of paintings, for each format and its options.

    python -m bench.encoders [FORMAT…]

Similarity is SSIM (Wang et al. 2004) between the painting before and after encoding: of luminance, and of the two color
differences, which show the effect of chroma subsampling. The choices in `stylize.engine.codec.encode` follow from this
table.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stylize.engine import Format, Style, decode, encode, paint

from . import photo

WIDTH, HEIGHT = 1920, 1080
TURNS = 3

Pixels = NDArray[np.uint8]


def ways() -> Iterator[tuple[str, str, list[int]]]:
    """Yield name, suffix, and options: OpenCV's, or for WebP Pillow's quality and method."""
    full, half = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    for quality in (85, 90, 95):
        for name, factor in (("4:2:0", half), ("4:4:4", full)):
            options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
            yield f"jpeg {quality} {name}", ".jpg", options
            if quality == 90:
                yield f"jpeg {quality} {name} optimized", ".jpg", [*options, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
                yield f"jpeg {quality} {name} progressive", ".jpg", [*options, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    for quality in (80, 90):
        for method in (0, 2, 4, 6):
            yield f"webp {quality} method {method}", ".webp", [quality, method]
    for speed in (8, 9, 10):
        for quality in (80, 90):
            yield (
                f"avif {quality} speed {speed}",
                ".avif",
                [cv2.IMWRITE_AVIF_QUALITY, quality, cv2.IMWRITE_AVIF_SPEED, speed],
            )
    for level in (1, 3, 6):
        yield f"png level {level}", ".png", [cv2.IMWRITE_PNG_COMPRESSION, level]


def measure(painting: Pixels, suffix: str, options: list[int]) -> tuple[int, float, float, float]:
    """Return bytes, CPU milliseconds, and SSIM of luminance and of color."""
    took = []
    for _ in range(TURNS):
        begin = process_time()
        data = _webp(painting, *options) if suffix == ".webp" else cv2.imencode(suffix, painting, options)[1]
        took.append(process_time() - begin)
    back = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if painting.ndim == 2 else cv2.IMREAD_COLOR)
    before, after = (_planes(np.asarray(image, np.uint8)) for image in (painting, back))
    similar = [ssim(a, b) for a, b in zip(before, after, strict=True)]
    return len(data), 1000 * sorted(took)[TURNS // 2], similar[0], min(similar[1:], default=1.0)


def _webp(painting: Pixels, quality: int, method: int) -> Pixels:
    mode, order = ("L", "L") if painting.ndim == 2 else ("RGB", "BGR")
    image, out = Image.frombuffer(mode, painting.shape[1::-1], painting, "raw", order, 0, 1), BytesIO()
    image.save(out, "WEBP", quality=quality, method=method)
    return np.frombuffer(out.getvalue(), np.uint8)


def ssim(one: Pixels, other: Pixels) -> float:
    """Return the mean SSIM over 11 x 11 Gaussian windows, as in the paper."""
    x, y = one.astype(np.float64), other.astype(np.float64)

    def mean(image: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(image, (11, 11), 1.5))

    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float((((2 * mx * my + c1) * (2 * both + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean())


def _planes(image: Pixels) -> list[Pixels]:
    """Return luminance and two color differences; for a gray image only luminance."""
    if image.ndim == 2:
        return [image]
    planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb), np.uint8)
    return [planes[..., i] for i in range(3)]


def main(formats: list[str]) -> None:
    pixels = decode(photo.jpeg(WIDTH, HEIGHT)).pixels
    paintings = dict(paint(pixels))
    print(f"| {WIDTH} x {HEIGHT} | painting | kB | ms | SSIM | SSIM of color |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for name, suffix, options in ways():
        if formats and not any(name.startswith(fmt) for fmt in formats):
            continue
        for style in (Style.SKETCH, Style.COLOR_PENCIL, Style.OIL, Style.WATERCOLOR):
            size, ms, light, color = measure(paintings[style], suffix, options)
            print(f"| {name} | {style} | {size / 1000:.0f} | {ms:.1f} | {light:.4f} | {color:.4f} |", flush=True)
    for fmt in Format:
        sizes = [len(encode(paintings[style], fmt, 90)) for style in Style]
        print(f"as chosen, {fmt}: {sum(sizes) / 1000:.0f} kB for all")


if __name__ == "__main__":
    main(sys.argv[1:])
