"""The threads and buffers of a command, without a store."""

from ..engine import BufferPool, ThreadPool
from ..settings import Settings, vcpus
from ..stores.memory import MemoryStore
from ..studio import Studio

LAPTOP = Settings(max_upload_mb=1000.0)


class Workshop:
    """Settings, threads and buffers, shared by all photos of a command."""

    def __init__(self, threads: int) -> None:
        self._thread_pool = ThreadPool(threads)
        self.studio = Studio(MemoryStore(b""), LAPTOP, self._thread_pool, BufferPool())

    def close(self) -> None:
        self._thread_pool.close()


def workshop(jobs: int | None) -> Workshop:
    """Create a workshop with `jobs` threads; None: one per processor."""
    return Workshop(jobs or vcpus(None))
