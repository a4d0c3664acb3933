"""The buffers: borrowed and given back, kept warm in between, never shared by two users."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import prod
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from .malloc import give_freed_memory_back, keep_freed_memory

Image = NDArray[np.uint8]


class BufferPool:
    """Keeps buffers warm from one photo to the next: fresh memory costs a page fault every 4 KB.

    It is laid out for the largest photo seen; of the buffers that come back it keeps at most `keep_bytes` bytes, the
    memory that there is for buffers and pixels. What other libraries allocate is kept by `keep_freed_memory`.
    """

    def __init__(self, keep_bytes: int = 1 << 30) -> None:
        keep_freed_memory()
        self._keep_bytes = keep_bytes
        self._largest = 0
        self._free: list[Image] = []  # flat, smallest first
        self._lock = Lock()

    @contextmanager
    def borrow(self, shape: Sequence[int]) -> Iterator[Image]:
        """Give a uint8 array of `shape` with arbitrary content, the caller's alone until the block ends."""
        size = prod(shape)
        buffer = self.acquire(size)
        try:
            yield buffer[:size].reshape(shape)
        finally:
            self.release(buffer)

    def reserve(self, sizes: Sequence[int]) -> None:
        """Lay out buffers of `sizes` bytes, all to be had at once, and touch their pages."""
        with ExitStack() as borrowed:
            for size in sizes:
                borrowed.enter_context(self.borrow((size,))).fill(0)

    def expect(self, pixels: int) -> None:
        """Prepare for a photo of so many pixels: if it is the largest so far, buffers for smaller ones make room."""
        with self._lock:
            if pixels <= self._largest:
                return
            self._largest = pixels
            self._free.clear()
        give_freed_memory_back()

    def make_room(self, size: int) -> None:
        """Make room for `size` bytes of somebody else's: free buffers go, the largest first, until there is."""
        with self._lock:
            if self.kept_bytes + size <= self._keep_bytes:
                return
            while self._free and self.kept_bytes + size > self._keep_bytes:
                self._free.pop()
        give_freed_memory_back()

    @property
    def kept_bytes(self) -> int:
        """Those of the free buffers."""
        return sum(buffer.size for buffer in self._free)

    def acquire(self, size: int) -> Image:
        """Give a flat buffer of at least `size` bytes: the smallest free one that fits, else a new one."""
        with self._lock:
            for i, buffer in enumerate(self._free):
                if buffer.size >= size:
                    return self._free.pop(i)
            if self._free:
                self._free.pop()  # outgrown: the larger one made now takes its place
        return np.empty(size, np.uint8)

    def release(self, buffer: Image) -> None:
        """Take back what `acquire` gave."""
        with self._lock:
            self._free = sorted([*self._free, buffer], key=len)
            while self.kept_bytes > self._keep_bytes:
                self._free.pop()
