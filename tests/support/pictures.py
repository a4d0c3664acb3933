"""Photos for tests: pixels of every kind and shape, and files of every kind and damage."""

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from tests.support import ROOT

SAMPLES = ROOT / "local" / "samples"
SHAPES = [(1, 1), (1, 7), (7, 1), (2, 2), (3, 100), (100, 3), (33, 17), (64, 100), (93, 95), (131, 259)]
KINDS = ["near black", "near white", "flat", "random", "gray", "smooth"]


def picture(kind: str, height: int, width: int) -> np.ndarray:
    """BGR uint8 (height, width, 3), the same on every call."""
    chance = np.random.default_rng(height * 10_000 + width)
    shape = (height, width, 3)
    match kind:
        case "near black":
            return chance.integers(0, 4, shape, dtype=np.uint8)
        case "near white":
            return chance.integers(252, 256, shape, dtype=np.uint8)
        case "flat":
            return np.full(shape, 77, np.uint8)
        case "gray":  # equal channels: the colors that rounding has to get right hang by the last bit
            return np.repeat(chance.integers(100, 120, (height, width, 1), dtype=np.uint8), 3, axis=2)
        case "smooth":
            return np.ascontiguousarray(cv2.GaussianBlur(chance.integers(0, 256, shape, dtype=np.uint8), (0, 0), 3))
        case "random":
            return chance.integers(0, 256, shape, dtype=np.uint8)
    raise ValueError(kind)


def pictures() -> Iterator[tuple[str, np.ndarray]]:
    """Every kind in every shape, and a real photo."""
    for height, width in SHAPES:
        for kind in KINDS:
            yield f"{kind} {height}x{width}", picture(kind, height, width)
    yield "chelsea", sample("chelsea")


def sample(name: str) -> np.ndarray:
    return cv2.imread(str(SAMPLES / f"{name}.jpg"))


def sample_file(name: str = "chelsea") -> bytes:
    return (SAMPLES / f"{name}.jpg").read_bytes()


def encoded(pixels: np.ndarray, suffix: str, exif: bytes = b"", profile: bytes = b"") -> bytes:
    chunks = {cv2.IMAGE_METADATA_EXIF: exif, cv2.IMAGE_METADATA_ICCP: profile}
    kinds = [kind for kind, chunk in chunks.items() if chunk]
    written, data = cv2.imencodeWithMetadata(
        suffix, pixels, kinds, [np.frombuffer(chunks[kind], np.uint8) for kind in kinds]
    )
    assert written
    return data.tobytes()


def decoded(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def exif_orientation(value: int) -> bytes:
    """An EXIF block that says nothing but which way is up."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, value, 0, 0)


def rgb_profile(size: int = 256) -> bytes:
    """The outside of an ICC profile for RGB."""
    return (struct.pack(">I", size) + bytes(12) + b"RGB XYZ " + bytes(12) + b"acsp").ljust(size, b"\0")


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes whose header promises a large image."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(1_000_000)))


def animated_gif(frames: list[np.ndarray]) -> bytes:
    animation = cv2.Animation()
    animation.frames = frames
    animation.durations = [100] * len(frames)
    written, data = cv2.imencodeanimation(".gif", animation)
    assert written
    return data.tobytes()


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


SMALL = encoded(picture("smooth", 96, 128), ".png")
"""A photo that is painted quickly."""
