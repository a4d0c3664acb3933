"""Photos for tests: pixels of every kind and shape, and files made of them."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from tests.support import ROOT

SAMPLES = ROOT / "local" / "samples"
SHAPES = [(1, 1), (1, 7), (7, 1), (2, 2), (3, 100), (100, 3), (33, 17), (92, 95), (41, 301)]
"""(height, width): lone pixels and lines, less and more than a vector, wider than a strip of columns."""


class Picture(NamedTuple):
    """BGR uint8 (height, width, 3), and a name for the message of a failing test."""

    name: str
    pixels: np.ndarray


def near_black(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    return chance.integers(0, 4, (height, width, 3), np.uint8)


def near_white(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    return chance.integers(252, 256, (height, width, 3), np.uint8)


def flat(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), chance.integers(0, 256, 3), np.uint8)


def random(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    return chance.integers(0, 256, (height, width, 3), np.uint8)


def gray(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Three equal channels: whether such a color stays gray depends on the last bit of its rounding."""
    return np.repeat(chance.integers(100, 120, (height, width, 1), np.uint8), 3, axis=2)


def stripes(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A checkerboard of black and white: the largest distances in the transformed domain."""
    checker = (np.add.outer(np.arange(height), np.arange(width)) % 2 * 255).astype(np.uint8)
    return np.repeat(checker[..., None], 3, axis=2)


def smooth(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    return np.ascontiguousarray(cv2.GaussianBlur(random(chance, height, width), (0, 0), 3))


def scene(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """An imitation of a photo: soft shading, hard edges, a little grain."""
    side = max(height, width, 64)
    soft = cv2.GaussianBlur(random(chance, side, side), (0, 0), 9).astype(np.int32)
    soft = (soft - soft.min()) * 255 // max(1, int(np.ptp(soft)))
    for _ in range(12):
        center = [int(v) for v in chance.integers(0, side, 2)]
        shade = [int(v) for v in chance.integers(0, 256, 3)]
        cv2.circle(soft, center, int(chance.integers(2, side // 3)), shade, -1)
    grain = chance.integers(-2, 3, soft.shape)
    return np.ascontiguousarray(np.clip(soft + grain, 0, 255)[:height, :width].astype(np.uint8))


_MAKERS: tuple[Callable[[np.random.Generator, int, int], np.ndarray], ...] = (
    near_black,
    near_white,
    flat,
    random,
    gray,
    stripes,
    smooth,
    scene,
)
KINDS = [maker.__name__.replace("_", " ") for maker in _MAKERS]


def picture(kind: str, height: int, width: int, seed: int = 1) -> np.ndarray:
    """Make a picture, BGR uint8 (height, width, 3), the same on every call."""
    return _MAKERS[KINDS.index(kind)](np.random.default_rng(seed), height, width)


def named(kind: str, height: int, width: int, seed: int = 1) -> Picture:
    """Make a picture with its name."""
    return Picture(f"{kind} {height}x{width}, seed {seed}", picture(kind, height, width, seed))


def pictures() -> dict[str, np.ndarray]:
    """Make every kind of picture in every shape, and read a real photo."""
    made = [named(kind, height, width) for height, width in SHAPES for kind in KINDS]
    return dict([*made, Picture("chelsea", sample("chelsea"))])


def sample(name: str) -> np.ndarray:
    return read_picture(SAMPLES / f"{name}.jpg")


def read_picture(path: Path) -> np.ndarray:
    """Read a file as BGR uint8 (height, width, 3)."""
    return decoded(path.read_bytes(), cv2.IMREAD_COLOR)


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


def decoded(data: bytes, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    """Decode a file; its channels and depth are kept unless OpenCV's flags say otherwise."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert pixels is not None, "expected a picture"
    return pixels


def exif_orientation(value: int) -> bytes:
    """Return an EXIF block with nothing but an orientation, 1 to 8."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, value, 0, 0)


def rgb_profile(size: int = 256) -> bytes:
    """Return the header of an ICC profile for RGB, padded to `size` bytes."""
    return (struct.pack(">I", size) + bytes(12) + b"RGB XYZ " + bytes(12) + b"acsp").ljust(size, b"\0")


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes whose header promises a large image."""
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
"""A PNG file of 128 x 96 pixels, which is painted quickly."""
