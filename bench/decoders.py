"""Measures decoding: bytes of memory and milliseconds per pixel, for each kind of photo.

    python -m bench.decoders [NAME…]     # all, or those whose names contain one of the texts

Each kind is measured in a process of its own, with photos of 6 megapixels and the grain of a camera. The figure is the
increase of peak resident memory over a process that holds the file and has decoded a small file of the same kind. The
values in the table of `stylize.engine.codec.memory` are upper bounds of these figures.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import cv2
import numpy as np
import pillow_heif
from PIL import Image

from stylize.engine import MEGAPIXEL, decode, inspect
from tests.support import icc_files
from tests.support.photo_files import Rgb, by_tifffile, chunk, exif, opencv, png, save, save_heic, with_nclx

SAMPLES = Path(__file__).resolve().parent.parent / "local" / "samples"
WIDTH, HEIGHT = 2800, 2100
SMALL = 64


def photo(width: int, height: int) -> Rgb:
    """Return a photo with the grain of a camera, which limits its compression."""
    sample = np.asarray(Image.open(SAMPLES / "coffee.jpg"))
    large = np.asarray(cv2.resize(sample, (width, height), interpolation=cv2.INTER_CUBIC)).astype(np.int16)
    grain = np.random.default_rng(0).normal(0, 5, (height, width, 1)).astype(np.int16)
    return np.asarray(np.clip(large + grain, 0, 255), np.uint8)


def kinds() -> dict[str, Callable[[Rgb], bytes]]:
    """Return an encoder of RGB pixels for each kind of file."""

    def jpeg(rgb: Rgb, mode: str = "RGB", **options: object) -> bytes:
        return save(Image.fromarray(rgb).convert(mode), "JPEG", quality=92, **options)

    def alpha(rgb: Rgb) -> Rgb:
        return np.dstack([rgb, rgb[..., 1]])

    def wide(codes: Rgb) -> np.ndarray:
        return codes.astype(np.uint16) * 257

    def avif(rgb: Rgb, depth: int, *more: int) -> bytes:
        codes = rgb if depth == 8 else (rgb.astype(np.uint16) << (depth - 8))
        return opencv(".avif", codes, cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_SPEED, 9, *more)

    def heic(rgb: Rgb, mode: str) -> bytes:
        codes = wide(rgb) if ";" in mode else rgb
        return save_heic(pillow_heif.from_bytes(mode, rgb.shape[1::-1], codes.tobytes()))

    rgb_icc, gray_icc = icc_files.rgb_table_profile(), icc_files.gray_profile(1.8)
    cmyk_icc, lossless = icc_files.cmyk_profile(), (cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000)
    return {
        "jpeg": jpeg,
        "jpeg turned": lambda p: jpeg(p, exif=b"Exif\0\0" + exif(6)),
        "jpeg progressive 4:4:4": lambda p: jpeg(p, progressive=True, subsampling=0),
        "jpeg progressive CMYK": lambda p: jpeg(p, "CMYK", progressive=True),
        "jpeg with table profile": lambda p: jpeg(p, icc_profile=rgb_icc),
        "jpeg gray with profile": lambda p: jpeg(p, "L", icc_profile=gray_icc),
        "jpeg CMYK with profile": lambda p: jpeg(p, "CMYK", icc_profile=cmyk_icc),
        "png": lambda p: save(Image.fromarray(p), "PNG", compress_level=1),
        "png alpha": lambda p: save(Image.fromarray(alpha(p)), "PNG", compress_level=1),
        "png palette": lambda p: save(Image.fromarray(p).quantize(200), "PNG", compress_level=1),
        "png 16 bit": lambda p: opencv(".png", wide(p), cv2.IMWRITE_PNG_COMPRESSION, 1),
        "png 16 bit alpha": lambda p: opencv(".png", wide(alpha(p)), cv2.IMWRITE_PNG_COMPRESSION, 1),
        "png 16 bit PQ": lambda p: png(wide(p), 16, 2, chunk(b"cICP", bytes([9, 16, 0, 1]))),
        "webp": lambda p: opencv(".webp", p, cv2.IMWRITE_WEBP_QUALITY, 90),
        "webp alpha": lambda p: save(Image.fromarray(alpha(p)), "WEBP", method=0),
        "webp lossless": lambda p: save(Image.fromarray(alpha(p)), "WEBP", lossless=True, method=0, quality=0),
        "avif": lambda p: avif(p, 8),
        "avif 4:4:4 alpha": lambda p: save(Image.fromarray(alpha(p)), "AVIF", subsampling="4:4:4", speed=10),
        "avif 10 bit": lambda p: avif(p, 10),
        "avif 12 bit alpha": lambda p: avif(alpha(p), 12),
        "avif 10 bit PQ": lambda p: with_nclx(avif(p, 10), 9, 16),
        "heic": lambda p: heic(p, "RGB"),
        "heic alpha": lambda p: heic(alpha(p), "RGBA"),
        "heic 10 bit": lambda p: heic(p, "RGB;16"),
        "heic 10 bit alpha": lambda p: heic(alpha(p), "RGBA;16"),
        "gif": lambda p: save(Image.fromarray(p).quantize(200), "GIF"),
        "tiff": lambda p: save(Image.fromarray(p), "TIFF"),
        "tiff lzw": lambda p: save(Image.fromarray(p), "TIFF", compression="tiff_lzw"),
        "tiff jpeg": lambda p: save(Image.fromarray(p), "TIFF", compression="jpeg"),
        "tiff CMYK with profile": lambda p: save(Image.fromarray(p).convert("CMYK"), "TIFF", icc_profile=cmyk_icc),
        "tiff 16 bit": lambda p: by_tifffile(wide(p), "rgb"),
        "tiff 16 bit deflate": lambda p: by_tifffile(wide(p), "rgb", compression="deflate"),
        "tiff 16 bit alpha": lambda p: by_tifffile(wide(alpha(p)), "rgb", extrasamples=[2]),
        "bmp": lambda p: save(Image.fromarray(p), "BMP"),
        "jp2": lambda p: save(Image.fromarray(p), "JPEG2000", quality_layers=[20], irreversible=True),
        "jp2 alpha": lambda p: save(Image.fromarray(alpha(p)), "JPEG2000", quality_layers=[20], irreversible=True),
        "jp2 16 bit": lambda p: opencv(".jp2", wide(p), *lossless),
    }


def measure(path: Path, warm: Path) -> dict[str, float]:
    """Decode a file in a fresh process: `peak` bytes on top of the file, and `seconds` of CPU for the second time."""
    command = [sys.executable, "-m", "bench.decoders", "--inside", str(warm), str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(ended.stdout))


def inside(warm: Path, path: Path) -> None:
    decode(warm.read_bytes())
    data = path.read_bytes()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    decode(data)
    peak = _status("VmHWM") - before
    begin = process_time()
    decode(data)
    print(json.dumps({"peak": peak, "seconds": process_time() - begin}))


def _status(name: str) -> int:
    return int(re.findall(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) * 1024


def main(texts: list[str]) -> int:
    """Return the exit status: 1 if a kind took more than the table says, else 0."""
    large, small = photo(WIDTH, HEIGHT), photo(SMALL, SMALL)
    pixels, failed = WIDTH * HEIGHT, False
    print(f"| {WIDTH} x {HEIGHT} | file, MB | bytes per pixel | assumed | ms per megapixel |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with TemporaryDirectory() as folder:
        for name, make in kinds().items():
            if texts and not any(text in name for text in texts):
                continue
            path, warm = Path(folder, "large"), Path(folder, "small")
            path.write_bytes(make(large))
            warm.write_bytes(make(small))
            assumed = inspect(path.read_bytes()).bytes_per_pixel
            taken = measure(path, warm)
            per_pixel, ms = taken["peak"] / pixels, taken["seconds"] * 1000 / (pixels / MEGAPIXEL)
            failed |= per_pixel > assumed
            size = path.stat().st_size / 1e6
            print(f"| {name} | {size:.1f} | {per_pixel:.1f} | {assumed:.0f} | {ms:.1f} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
