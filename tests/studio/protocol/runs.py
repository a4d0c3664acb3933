"""One run of the real studio, which stops wherever it waits for requests, and the bucket that it works on."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from functools import cache
from typing import Any

from stylize.engine import BufferPool, ThreadPool
from stylize.errors import Postponed
from stylize.manifest import Manifest, PhotoFacts, manifest_key
from stylize.settings import Settings
from stylize.stores.base import Replaced
from stylize.stores.memory import MemoryStore
from stylize.studio import Studio

CAT = PhotoFacts("photos", "cat.jpg")
SETTINGS = Settings(photos_bucket="photos", paintings_bucket="paintings")


@cache
def threads(number: int) -> tuple[ThreadPool, BufferPool]:
    return ThreadPool(1), BufferPool()


class Killed(BaseException):
    """Raised in a killed run wherever it waits."""


class World(MemoryStore):
    """The bucket. It remembers the last write, so that it can arrive again, and can refuse the next one."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(clock=lambda: self.now)
        self.refuses = False
        self.last_write: Callable[[], Any] | None = None

    def put(self, key: str, content: bytes, content_type: str, condition: str) -> str:
        self.last_write = lambda: super(World, self).put(key, content, content_type, condition)
        if self.refuses:
            raise Replaced
        return super().put(key, content, content_type, condition)

    def delete(self, key: str, etag: str) -> None:
        self.last_write = lambda: super(World, self).delete(key, etag)
        if self.refuses:
            raise Replaced
        super().delete(key, etag)

    @property
    def manifest(self) -> Manifest | None:
        content = self.files.get(manifest_key(CAT.key))
        return Manifest.from_json(content) if content else None


class Pending(Future[Any]):
    """A request that the schedule has not let through yet. It may be too late to withdraw it."""

    def __init__(self, call: Callable[[], Any], too_late: Callable[[], bool]) -> None:
        super().__init__()
        self.call, self._too_late = call, too_late

    def cancel(self) -> bool:
        return not self._too_late() and super().cancel()

    def perform(self) -> None:
        try:
            self.set_result(self.call())
        except Exception as error:
            self.set_exception(error)


class Run:
    """A call of the studio on a thread of its own, which runs only when told to. It stands in for RequestThreads."""

    def __init__(
        self, number: int, world: World, call: Callable[[Studio], object], too_late: Callable[[], bool]
    ) -> None:
        """Begin it. `too_late` tells whether a request that is withdrawn was in flight already."""
        self.number = number
        self.waiting: list[Pending] = []
        self.ended: str | None = None
        self._call, self._too_late = call, too_late
        self._killed = False
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        thread_pool, buffer_pool = threads(number % 4)
        self._studio = Studio(world, SETTINGS, thread_pool, buffer_pool, self)  # type: ignore[arg-type]
        threading.Thread(target=self._work, daemon=True).start()
        self._stopped.acquire()

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Pending:
        return Pending(lambda: call(*arguments), self._too_late)

    def wait(self, futures: Collection[Pending], deadline: float) -> set[Pending]:
        while not (done := {future for future in futures if future.done()}):
            if self._killed:
                raise Killed
            self.waiting = [future for future in futures if not future.done()]
            self._stopped.release()
            self._go.acquire()
        return done

    def go_on(self) -> None:
        """Let it run until it waits again, or ends."""
        self.waiting = []
        self._go.release()
        self._stopped.acquire()

    def kill(self) -> None:
        self._killed = True
        self.go_on()

    def _work(self) -> None:
        try:
            self._call(self._studio)
            self.ended = "acknowledged"
        except Killed:
            self.ended = "killed"
        except Postponed as error:
            self.ended = error.code
        except BaseException as error:
            self.ended = repr(error)
        self.waiting = []
        self._stopped.release()
