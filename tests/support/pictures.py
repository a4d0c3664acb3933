"""Photos for tests: pixels of every kind and shape, and files of every kind and damage."""

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
    """BGR uint8 (height, width, 3), and what a failing test says of it."""

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
    """Equal channels: the colors that rounding has to get right hang by the last bit."""
    return np.repeat(chance.integers(100, 120, (height, width, 1), np.uint8), 3, axis=2)


def stripes(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Black and white by turns: the longest way through the transformed domain."""
    checker = (np.add.outer(np.arange(height), np.arange(width)) % 2 * 255).astype(np.uint8)
    return np.repeat(checker[..., None], 3, axis=2)


def smooth(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    return np.ascontiguousarray(cv2.GaussianBlur(random(chance, height, width), (0, 0), 3))


def scene(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Like a photo: soft shading, hard edges, a little grain."""
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
    """BGR uint8 (height, width, 3), the same on every call."""
    return _MAKERS[KINDS.index(kind)](np.random.default_rng(seed), height, width)


def named(kind: str, height: int, width: int, seed: int = 1) -> Picture:
    """The same, with its name."""
    return Picture(f"{kind} {height}x{width}, seed {seed}", picture(kind, height, width, seed))


def pictures() -> dict[str, np.ndarray]:
    """Every kind in every shape, and a real photo."""
    made = [named(kind, height, width) for height, width in SHAPES for kind in KINDS]
    return dict([*made, Picture("chelsea", sample("chelsea"))])


def sample(name: str) -> np.ndarray:
    return read_picture(SAMPLES / f"{name}.jpg")


def read_picture(path: Path) -> np.ndarray:
    """BGR uint8 (height, width, 3)."""
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
    """As it is stored, unless OpenCV's flags say otherwise."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert pixels is not None, "expected a picture"
    return pixels


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
