"""Buffers with guards around them, by which writes outside are detected."""

import numpy as np

from stylize.engine import BufferPool


class Guarded:
    """An array in the middle of a buffer; `check` fails if anything was written before or after it."""

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


class GuardedPool(BufferPool):
    """A buffer pool whose buffers have exactly the size asked for, an odd address, and guards around them."""

    def __init__(self) -> None:
        super().__init__()
        self.borrowed: list[Guarded] = []

    def acquire(self, size: int) -> np.ndarray:
        buffer = Guarded((size + 1,), np.uint8)
        self.borrowed.append(buffer)
        return buffer.array[1:]

    def release(self, buffer: np.ndarray) -> None:
        pass


class CountingPool(BufferPool):
    """A buffer pool that counts what is borrowed, in buffers and bytes, and keeps the most bytes borrowed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.borrowed = self.bytes = self.most_bytes = 0
        self._sizes: dict[int, int] = {}

    def acquire(self, size: int) -> np.ndarray:
        buffer = super().acquire(size)
        self._sizes[id(buffer)] = size
        self.borrowed += 1
        self.bytes += size
        self.most_bytes = max(self.most_bytes, self.bytes)
        return buffer

    def release(self, buffer: np.ndarray) -> None:
        self.borrowed -= 1
        self.bytes -= self._sizes.pop(id(buffer))
        super().release(buffer)
