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
from stylize.stores.base import OpenPhoto, Replaced, SeenPhoto
from stylize.stores.memory import MemoryStore
from stylize.studio import Studio

CAT, DOG = PhotoFacts("photos", "cat.jpg"), PhotoFacts("photos", "dog.jpg")
SETTINGS = Settings(photos_bucket="photos", paintings_bucket="paintings")


@cache
def threads(number: int) -> tuple[ThreadPool, BufferPool]:
    return ThreadPool(1), BufferPool()


class Killed(BaseException):
    """Raised in a killed run wherever it waits."""


def said(end: object) -> str:
    """What is made of a message for which the studio has this result, or raises it."""
    if isinstance(end, Postponed):
        return end.code
    return repr(end) if isinstance(end, BaseException) else "acknowledged"


class World(MemoryStore):
    """The bucket. It remembers the last write, so that it can arrive again, and can refuse the next one.

    Whatever becomes of the cat's photo, the dog's stays as it was put.
    """

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(clock=lambda: self.now)
        self.dog: MemoryStore | None = None
        self.refuses = False
        self.last_write: Callable[[], Any] | None = None

    def put_dog(self, content: bytes) -> PhotoFacts:
        self.dog = MemoryStore(clock=lambda: self.now)
        return self.dog.put_photo(DOG, content, "image/png", {"recipe": "styles=sketch+color-pencil"})

    def head_photo(self, photo: PhotoFacts) -> SeenPhoto | None:
        return self.dog.head_photo(photo) if self.dog and photo.key == DOG.key else super().head_photo(photo)

    def open_photo(self, photo: PhotoFacts) -> OpenPhoto | None:
        return self.dog.open_photo(photo) if self.dog and photo.key == DOG.key else super().open_photo(photo)

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
        return self.manifest_of(CAT.key)

    def manifest_of(self, key: str) -> Manifest | None:
        content = self.files.get(manifest_key(key))
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
        self.ends: dict[int, str] = {}
        self.is_over = False
        self._call, self._too_late = call, too_late
        self.is_killed = False
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        thread_pool, buffer_pool = threads(number % 4)
        self._studio = Studio(world, SETTINGS, thread_pool, buffer_pool, self)  # type: ignore[arg-type]
        threading.Thread(target=self._work, daemon=True).start()
        self._stopped.acquire()

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Pending:
        return Pending(lambda: call(*arguments), self._too_late)

    def wait(self, futures: Collection[Pending], deadline: float) -> set[Pending]:
        while not (done := {future for future in futures if future.done()}):
            if self.is_killed:
                raise Killed
            self.waiting = [future for future in futures if not future.done()]
            self._stopped.release()
            self._go.acquire()
        return done

    def go_on(self, answered: Pending | None = None) -> None:
        """Let it run until it waits again, or ends."""
        self.waiting = []
        self._go.release()
        self._stopped.acquire()

    def kill(self) -> None:
        self.is_killed = True
        self.go_on()

    def _work(self) -> None:
        try:
            self.ends[0] = said(self._call(self._studio))
        except Killed:
            self.ends = {}
        except BaseException as error:
            self.ends[0] = said(error)
        self.is_over, self.waiting = True, []
        self._stopped.release()
