"""The buffer pool: buffers are borrowed, released and kept warm, and never have two users at once."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import prod
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from .malloc import give_freed_memory_back, keep_freed_memory

Image = NDArray[np.uint8]


class BufferPool:
    """Keeps buffers warm from one photo to the next, because fresh memory costs a page fault every 4 KB.

    Buffers have the sizes of the largest photo so far. Of released buffers, the pool keeps at most `keep_bytes` bytes,
    the memory available for buffers and pixels. `keep_freed_memory` does the same for memory of other libraries.
    """

    def __init__(self, keep_bytes: int = 1 << 30) -> None:
        keep_freed_memory()
        self._keep_bytes = keep_bytes
        self._largest = 0
        self._free: list[Image] = []  # flat, smallest first
        self._lock = Lock()

    @contextmanager
    def borrow(self, shape: Sequence[int]) -> Iterator[Image]:
        """Lend a uint8 array of `shape` with arbitrary content to the caller until the block ends."""
        size = prod(shape)
        buffer = self.acquire(size)
        try:
            yield buffer[:size].reshape(shape)
        finally:
            self.release(buffer)

    def reserve(self, sizes: Sequence[int]) -> None:
        """Allocate buffers of `sizes` bytes, all free at the same time, and touch their pages."""
        with ExitStack() as borrowed:
            for size in sizes:
                borrowed.enter_context(self.borrow((size,))).fill(0)

    def expect(self, pixels: int) -> None:
        """Prepare for a photo of `pixels` pixels: if it is the largest so far, drop the free buffers."""
        with self._lock:
            if pixels <= self._largest:
                return
            self._largest = pixels
            self._free.clear()
        give_freed_memory_back()

    def make_room(self, size: int) -> None:
        """Drop free buffers, the largest first, until another library has room for `size` bytes."""
        with self._lock:
            if self.kept_bytes + size <= self._keep_bytes:
                return
            while self._free and self.kept_bytes + size > self._keep_bytes:
                self._free.pop()
            self._largest = 0  # the remaining buffers are not a complete set, so `expect` starts a new one
        give_freed_memory_back()

    @property
    def kept_bytes(self) -> int:
        """Bytes of the free buffers."""
        return sum(buffer.size for buffer in self._free)

    def acquire(self, size: int) -> Image:
        """Return a flat buffer of at least `size` bytes: the smallest free one that fits, or else a new one."""
        with self._lock:
            for i, buffer in enumerate(self._free):
                if buffer.size >= size:
                    return self._free.pop(i)
            if self._free:
                self._free.pop()  # too small: the new, larger buffer takes its place
        return np.empty(size, np.uint8)

    def release(self, buffer: Image) -> None:
        """Release a buffer of `acquire`."""
        with self._lock:
            self._free = sorted([*self._free, buffer], key=len)
            while self.kept_bytes > self._keep_bytes:
                self._free.pop()
