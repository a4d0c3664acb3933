"""Photos as files: made by Pillow, pillow-heif, tifffile and OpenCV, or by hand; none by the code that is tested."""

import io
import struct
import zlib

import cv2
import numpy as np
import pillow_heif
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

Rgb = NDArray[np.uint8]
WIDTH, HEIGHT = 120, 80
TURN = Image.Transpose
STORED = {
    2: TURN.FLIP_LEFT_RIGHT,
    3: TURN.ROTATE_180,
    4: TURN.FLIP_TOP_BOTTOM,
    5: TURN.TRANSPOSE,
    6: TURN.ROTATE_90,
    7: TURN.TRANSVERSE,
    8: TURN.ROTATE_270,
}
"""How an upright picture has to be turned so that the Exif orientation turns it back."""


def picture(width: int = WIDTH, height: int = HEIGHT) -> Rgb:
    """RGB; smooth, and no two corners are alike: which way up it is can be seen."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = 40 + 190 * x / max(width - 1, 1), 200 - 150 * y / max(height - 1, 1)
    rgb = np.dstack([red, green, 60 + 60 * np.sin(x / 9) * np.cos(y / 7)]).astype(np.uint8)
    rgb[: height // 4, : width // 4] = (230, 30, 30)
    rgb[-(height // 4) :, : width // 5] = (30, 60, 220)
    return rgb


def gray_picture() -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(picture()).convert("L"))


def half_white(rgb: Rgb) -> Rgb:
    """What is seen where the right half is transparent."""
    seen = rgb.copy()
    seen[:, WIDTH // 2 :] = 255
    return seen


def alpha() -> NDArray[np.uint8]:
    """Opaque on the left, transparent on the right."""
    return np.tile((np.arange(WIDTH) < WIDTH // 2).astype(np.uint8) * 255, (HEIGHT, 1))


def deep(codes: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """16 bits that are not the same twice, and round to `codes`; cut, half of them are others."""
    noise = np.random.default_rng(7).integers(-128, 129, codes.shape)
    return np.clip(codes.astype(np.int64) * 257 + noise, 0, 65535).astype(np.uint16)


def save(image: Image.Image, name: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def save_heic(image, quality: int = 95, **options) -> bytes:
    out = io.BytesIO()
    heif = image if isinstance(image, pillow_heif.HeifFile) else pillow_heif.from_pillow(image)
    heif.save(out, quality=quality, **options)
    return out.getvalue()


def opencv(suffix: str, pixels: NDArray, *options: int) -> bytes:
    """By OpenCV, red first."""
    order = {3: [2, 1, 0], 4: [2, 1, 0, 3]}.get(pixels.shape[2] if pixels.ndim == 3 else 1)
    written, data = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., order]) if order else pixels, options)
    assert written
    return data.tobytes()


def exif(orientation: int, kind: int = 3, before: bytes = b"", order: str = "<") -> bytes:
    """Exif with the orientation as SHORT (3) or LONG (4), behind the entries of `before`."""
    value = struct.pack(f"{order}HHIHH", 0x112, kind, 1, orientation, 0)
    if kind == 4:
        value = struct.pack(f"{order}HHII", 0x112, kind, 1, orientation)
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return start + struct.pack(f"{order}H", 1 + len(before) // 12) + before + value + bytes(4)


def exif_of_texts(first: dict[int, bytes], inner: dict[int, dict[int, bytes]]) -> bytes:
    """Exif of a directory of texts, and of others that it points to."""

    def directory(texts: dict[int, bytes], pointers: dict[int, int], at: int) -> bytes:
        values, table = b"", b""
        behind = at + 2 + 12 * (len(texts) + len(pointers)) + 4
        for tag, text in texts.items():
            table += struct.pack(">HHII", tag, 2, len(text) + 1, behind + len(values))
            values += text + bytes(1 + len(text) % 2 + 4)
        table += b"".join(struct.pack(">HHII", tag, 4, 1, place) for tag, place in pointers.items())
        return struct.pack(">H", len(texts) + len(pointers)) + table + bytes(4) + values

    at = 8 + len(directory(first, dict.fromkeys(inner, 0), 8))
    blocks, pointers = b"", {}
    for tag, texts in inner.items():
        pointers[tag] = at + len(blocks)
        blocks += directory(texts, {}, pointers[tag])
    return b"MM\0*\0\0\0\x08" + directory(first, pointers, 8) + blocks


def from_ycck(stored: NDArray[np.uint8]) -> Rgb:
    """What is left of inks that are stored as YCbCr and K, times what is left of black (JFIF's equations)."""
    y, cb, cr, left = (stored[..., i].astype(float) for i in range(4))
    shown = np.dstack(
        [y + 1.402 * (cr - 128), y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128), y + 1.772 * (cb - 128)]
    )
    return np.rint((255 - np.clip(shown, 0, 255)) * left[..., None] / 255).astype(np.uint8)


def to_srgb(image: Image.Image, profile: bytes) -> Rgb:
    """What LittleCMS makes of it."""
    source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    done = ImageCms.profileToProfile(image, source, target, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB")
    return np.asarray(done)


def by_tifffile(codes: NDArray, kind: str, **options) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, codes, photometric=kind, **options)
    return out.getvalue()


# -- by hand


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def icc_segments(profile: bytes, size: int = 65_519) -> list[bytes]:
    parts = [profile[i : i + size] for i in range(0, len(profile), size)]
    heads = (b"ICC_PROFILE\0" + bytes([i, len(parts)]) for i in range(1, len(parts) + 1))
    return [segment(0xE2, head + part) for head, part in zip(heads, parts, strict=True)]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(codes: NDArray, depth: int, color: int, *chunks: bytes, behind: bytes = b"") -> bytes:
    """A PNG of rows that are packed already or have whole samples, with `chunks` before its pixels."""
    height, width = codes.shape[:2]
    if depth < 8:
        bits = np.unpackbits(codes.astype(np.uint8)[..., None], axis=2)[..., 8 - depth :]
        rows = [b"\0" + np.packbits(row.reshape(-1)).tobytes() for row in bits]
    else:
        rows = [b"\0" + row.astype(">u2" if depth == 16 else np.uint8).tobytes() for row in codes]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    body = b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + behind + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def webp_with_exif(webp: bytes, block: bytes, width: int, height: int) -> bytes:
    """A simple WebP, extended by an EXIF chunk."""
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x08\0\0\0" + sides + webp[12:]
    body += b"EXIF" + struct.pack("<I", len(block)) + block + bytes(len(block) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_brand(data: bytes, brand: bytes) -> bytes:
    return data[:8] + brand + data[12:]


def with_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """What the color box says; what the picture's own stream says stays, and does not count (MIAF, 7.3.6.4)."""
    at = data.index(b"nclx") + 4
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]
