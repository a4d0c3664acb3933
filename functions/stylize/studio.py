"""The use case: one photo and a recipe -> paintings and a manifest."""

import copy
from dataclasses import dataclass
from math import inf
from time import monotonic
from uuid import uuid4

import cv2

from . import __version__
from .engine import BufferPool, ThreadPool
from .errors import BeingPainted, KeyTooLong, OwnPainting, PhotoNotFound, Refusal, StillChanging
from .manifest import Manifest, PhotoFacts, manifest_key
from .photo_run import PhotoRun
from .protocol import Announced, Call, Photo, Result
from .recipe import Recipe, RecipeOverrides
from .records import version_of
from .request_threads import RequestThreads
from .settings import Settings
from .stores.base import LONGEST_KEY, Store, possible_keys

NO_OVERRIDES = RecipeOverrides()


@dataclass(frozen=True)
class NewPhoto:
    """A photo that a call brings along; its metadata will ask its event for the same paintings."""

    content: bytes
    content_type: str
    overrides: RecipeOverrides


@dataclass(frozen=True)
class Outcome:
    """What became of a photo, and the manifest that stands for it.

    Where none does (the photo is gone, or was refused without a trace; a newer version's event will paint), `manifest`
    says so all the same, and is not stored.
    """

    result: Result
    manifest: Manifest

    @property
    def fresh(self) -> bool:
        """Whether this call has written the manifest."""
        return self.result in (Result.PAINTED, Result.REFUSED)


class Studio:
    """Paints photos of a store, one at a time, with the threads of `thread_pool` and the buffers of `buffer_pool`.

    `requests` are the threads that wait for the store.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        thread_pool: ThreadPool,
        buffer_pool: BufferPool,
        requests: RequestThreads | None = None,
    ) -> None:
        self.store = store
        self.settings = settings
        self.thread_pool = thread_pool
        self.buffer_pool = buffer_pool
        self.requests = requests or RequestThreads()
        self.engine = {"version": __version__, "opencv": cv2.__version__, "kernels": str(thread_pool.kernels)}
        self.deadline = inf  # in seconds of `monotonic`

    def within(self, seconds: float) -> "Studio":
        """Return the same studio, which raises OutOfTime rather than work for longer than `seconds` from now."""
        hurried = copy.copy(self)
        hurried.deadline = min(self.deadline, monotonic() + seconds)
        return hurried

    @property
    def vcpus(self) -> int:
        """As many as there are threads to paint with."""
        return self.thread_pool.threads

    def working_on(self, store: Store) -> "Studio":
        """Return the same threads and buffers for photos of another store."""
        elsewhere = copy.copy(self)
        elsewhere.store = store
        return elsewhere

    def paint(
        self,
        photo: PhotoFacts,
        overrides: RecipeOverrides = NO_OVERRIDES,
        *,
        explicit: bool | None = None,
        receives: int = 1,
    ) -> Outcome:
        """Paint the photo that `photo` names by bucket and key, as settings, its own metadata and `overrides` ask.

        `explicit`: the recipe is remembered, and no event undoes it; by default, if there are overrides. A `photo` with
        ETag and time is the version that an event speaks of. `receives`: how often the queue has handed it out.

        A photo that can't be painted is refused: its manifest says why. Nothing is painted that has been painted
        already. Every other failure is raised, and leaves no manifest that claims more than is there. Why that holds
        when several calls meet: docs/architecture.md, "One photo's way through S3".
        """
        if refusal := self._untouchable(photo):
            return self._unrecorded(Result.REFUSED, photo, refusal)
        version = version_of(photo)
        announced = Announced(version, version.modified) if version.etag and version.modified is not None else None
        is_explicit = overrides != NO_OVERRIDES if explicit is None else explicit
        call = self._call(photo, explicit=is_explicit, announced=announced, is_first=receives == 1)
        return self._run(PhotoRun(self, call, photo, overrides), photo)

    def paint_new(self, photo: PhotoFacts, new: NewPhoto) -> Outcome:
        """Paint a photo that the call brings along, and store it under the key that `photo` names, which is unused.

        A photo that can't be painted is not stored.
        """
        recipe = Recipe.resolve(self.settings.overrides, new.overrides)
        brought = Photo(version_of(photo), 0.0, recipe)
        call = self._call(photo, brings_photo=brought)
        return self._run(PhotoRun(self, call, photo, new.overrides, new), photo)

    def _call(
        self,
        photo: PhotoFacts,
        explicit: bool = False,
        announced: Announced | None = None,
        is_first: bool = True,
        brings_photo: Photo | None = None,
    ) -> Call:
        names = tuple(key.removeprefix(f"{photo.key}/") for key in possible_keys(photo.key))
        return Call(uuid4().hex, names, self.settings.lease_seconds, explicit, announced, is_first, brings_photo)

    def _run(self, run: PhotoRun, photo: PhotoFacts) -> Outcome:
        run.read()
        run.paint()
        outcome, manifest = run.finish()
        match outcome.result:
            case Result.WAIT:
                raise BeingPainted(f"expected nobody to be painting {photo.key}, got a claim that may still be alive")
            case Result.GAVE_UP:
                raise StillChanging(
                    f"expected {photo.key} and its paintings to stand still, got one change after another"
                )
            case Result.GONE:
                return self._unrecorded(
                    Result.GONE, photo, PhotoNotFound(f"expected a photo at {_place(photo)}, got none")
                )
            case Result.YIELDED:
                return Outcome(Result.YIELDED, Manifest("painting", photo, self.engine))
        if manifest is None:
            assert outcome.record is not None
            manifest = run.manifest_of(outcome.record)
        return Outcome(outcome.result, manifest)

    def _untouchable(self, photo: PhotoFacts) -> Refusal | None:
        """Why nothing may even be recorded of a photo."""
        if photo.bucket and photo.bucket == self.settings.paintings_bucket:
            return OwnPainting(f"expected a photo, got {photo.key} of the bucket that paintings go to")
        recorded = len(manifest_key(photo.key).encode())
        if photo.bucket and recorded > LONGEST_KEY:
            room = LONGEST_KEY - len(manifest_key(""))
            return KeyTooLong(f"expected a key of at most {room} bytes, got {len(photo.key.encode())}")
        return None

    def _unrecorded(self, result: Result, photo: PhotoFacts, refusal: Refusal) -> Outcome:
        error = {"code": refusal.code, "message": str(refusal)}
        return Outcome(result, Manifest("refused", photo, self.engine, error=error))


def _place(photo: PhotoFacts) -> str:
    return f"s3://{photo.bucket}/{photo.key}" if photo.bucket else photo.key
