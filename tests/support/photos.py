"""Photos to test with: four classes of data, smooth stand-ins for real photos, and buffers with guards around."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

SHAPES = [(1, 1), (1, 7), (7, 1), (2, 2), (3, 100), (33, 17), (92, 92), (41, 301)]
"""(height, width): lone pixels and lines, less and more than a vector, wider than a strip of columns."""


def near_black(rng: np.random.Generator, height: int, width: int) -> U8:
    return rng.integers(0, 4, (height, width, 3), np.uint8)


def near_white(rng: np.random.Generator, height: int, width: int) -> U8:
    return rng.integers(252, 256, (height, width, 3), np.uint8)


def flat(rng: np.random.Generator, height: int, width: int) -> U8:
    return np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)


def noise(rng: np.random.Generator, height: int, width: int) -> U8:
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def stripes(rng: np.random.Generator, height: int, width: int) -> U8:
    """Black and white by turns: the longest way through the transformed domain."""
    checker = (np.add.outer(np.arange(height), np.arange(width)) % 2 * 255).astype(np.uint8)
    return np.repeat(checker[..., None], 3, axis=2)


def scene(rng: np.random.Generator, height: int, width: int) -> U8:
    """Like a photo: soft shading, hard edges, a little grain."""
    side = max(height, width, 64)
    soft = cv2.GaussianBlur(rng.integers(0, 256, (side, side, 3), np.uint8), (0, 0), 9).astype(np.int32)
    soft = (soft - soft.min()) * 255 // max(1, int(np.ptp(soft)))
    for _ in range(12):
        center = [int(v) for v in rng.integers(0, side, 2)]
        shade = [int(v) for v in rng.integers(0, 256, 3)]
        cv2.circle(soft, center, int(rng.integers(2, side // 3)), shade, -1)
    grain = rng.integers(-2, 3, soft.shape)
    return np.ascontiguousarray(np.clip(soft + grain, 0, 255)[:height, :width].astype(np.uint8))


KINDS: list[Callable[[np.random.Generator, int, int], U8]] = [near_black, near_white, flat, noise, stripes, scene]


def make(kind: str, height: int, width: int, seed: int = 1) -> U8:
    """The photo of one kind, shape and seed; always the same."""
    (maker,) = [k for k in KINDS if k.__name__ == kind]
    return maker(np.random.default_rng(seed), height, width)


class Guarded:
    """An array in the middle of a buffer; `check` fails when anything was written around it."""

    MARK = 0xA5
    MARGIN = 256

    def __init__(self, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self._buffer = np.full(size + 2 * self.MARGIN, self.MARK, np.uint8)
        self._inside = slice(self.MARGIN, self.MARGIN + size)
        self.array = self._buffer[self._inside].view(dtype).reshape(shape)

    def check(self) -> None:
        before, after = self._buffer[: self._inside.start], self._buffer[self._inside.stop :]
        assert (before == self.MARK).all(), "written before its start"
        assert (after == self.MARK).all(), "written past its end"
