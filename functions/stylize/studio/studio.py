"""The use case: one photo and a recipe -> paintings and a manifest."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic
from uuid import uuid4

import cv2

from .. import __version__
from ..engine import BufferPool, ThreadPool
from ..errors import BadRequest, BeingPainted, KeyTooLong, OwnPainting, PhotoNotFound, Refusal, StillChanging
from ..manifest import Manifest, PhotoFacts, manifest_key
from ..protocol import Announced, Call, Photo, Result
from ..recipe import Recipe, RecipeOverrides
from ..recipe_fields import shown
from ..settings import Settings
from ..stores.base import BUCKET_NAME, LONGEST_KEY, Store, possible_keys
from .bytes_in_flight import BytesInFlight
from .photo_run import PhotoRun
from .pipeline import Pipeline, PipelineThreads
from .records import version_of
from .request_threads import RequestThreads

NO_OVERRIDES = RecipeOverrides()


@dataclass(frozen=True)
class NewPhoto:
    """A photo that comes with a call; the recipe in its metadata makes its event ask for the same paintings."""

    content: bytes
    content_type: str
    overrides: RecipeOverrides


@dataclass(frozen=True)
class Order:
    """A photo to paint, named by bucket and key. With ETag and time, it is the version that an event announces.

    `explicit`: the recipe is remembered, and no event undoes it; the default (None) is whether there are overrides.
    `receives` is the number of times that the queue has delivered the photo. `size` is in bytes, None if unknown.
    """

    photo: PhotoFacts
    overrides: RecipeOverrides = NO_OVERRIDES
    explicit: bool | None = None
    receives: int = 1
    size: int | None = None

    @property
    def is_explicit(self) -> bool:
        return self.overrides != NO_OVERRIDES if self.explicit is None else self.explicit


@dataclass(frozen=True)
class Outcome:
    """The result for a photo, and its manifest.

    The manifest is not stored if the photo is gone, if it was refused without a record, or if a newer version's event
    will paint it. `manifest` still describes the result then.
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
        self.in_flight = BytesInFlight(settings.bytes_in_flight)
        self.pipeline_threads = PipelineThreads()
        self.engine = {"version": __version__, "opencv": cv2.__version__, "kernels": str(thread_pool.kernels)}
        self.deadline = inf  # in seconds of `monotonic`

    def within(self, seconds: float) -> "Studio":
        """Return the same studio with a deadline: it raises OutOfTime when `seconds` from now have passed."""
        hurried = copy.copy(self)
        hurried.deadline = min(self.deadline, monotonic() + seconds)
        return hurried

    def close(self) -> None:
        """End the threads of the studio, without waiting for requests in flight."""
        self.thread_pool.close()
        self.requests.close()
        self.pipeline_threads.close()

    @property
    def vcpus(self) -> int:
        """The number of threads that paint."""
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
        """Paint one photo; an Order has the same fields.

        A photo that can't be painted is refused, and its manifest has the reason. A photo that has been painted already
        is not painted again. Every other failure is raised, and leaves no manifest that names missing paintings.
        docs/architecture.md, "One photo's way through S3", explains why that holds for concurrent calls.
        """
        order = Order(photo, overrides, explicit, receives)
        return self.untouchable(photo) or self._run(self.run_of(order))

    def paint_each(self, orders: Sequence[Order]) -> Iterator[tuple[Order, Outcome | Exception]]:
        """Paint many photos, each like `paint`, and yield the outcome or failure of each as soon as it is known.

        One photo is painted at a time, while later ones are read and earlier ones are stored. A photo for which there
        is not enough time is not started, and its exception is ReturnedUnstarted.
        """
        return Pipeline(self, orders).go()

    def paint_new(self, photo: PhotoFacts, new: NewPhoto) -> Outcome:
        """Paint a photo that comes with the call, and store it under the key in `photo`, which must be unused.

        A photo that can't be painted is not stored.
        """
        recipe = Recipe.resolve(self.settings.overrides, new.overrides)
        brought = Photo(version_of(photo), 0.0, recipe)
        call = self._call(photo, brings_photo=brought)
        return self._run(PhotoRun(self, call, photo, new.overrides, new))

    def run_of(self, order: Order) -> PhotoRun:
        """Return the run of an order, not started."""
        version = version_of(order.photo)
        announced = Announced(version, version.modified) if version.etag and version.modified is not None else None
        call = self._call(order.photo, order.is_explicit, announced, is_first=order.receives == 1)
        return PhotoRun(self, call, order.photo, order.overrides)

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

    def _run(self, run: PhotoRun) -> Outcome:
        while run.advance():
            run.read()
            run.paint()
        return self.outcome_of(run)

    def outcome_of(self, run: PhotoRun) -> Outcome:
        """Return the outcome of a run that has ended.

        Raises BeingPainted if another run holds a claim, and StillChanging if photo or paintings kept changing.
        """
        (outcome, manifest), photo = run.result(), run.photo
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

    def untouchable(self, photo: PhotoFacts) -> Outcome | None:
        """Return the refusal of a photo for which no manifest may be written; None for any other photo.

        Raises BadRequest when the photo's bucket is not a valid bucket name.
        """
        if photo.bucket and not BUCKET_NAME.fullmatch(photo.bucket):
            raise BadRequest(f"expected the name of a bucket, got {shown(photo.bucket)}")
        refusal: Refusal | None = None
        if photo.bucket and photo.bucket == self.settings.paintings_bucket:
            refusal = OwnPainting(f"expected a photo, got {photo.key} of the bucket that paintings go to")
        elif photo.bucket and len(manifest_key(photo.key).encode()) > LONGEST_KEY:
            room = LONGEST_KEY - len(manifest_key(""))
            refusal = KeyTooLong(f"expected a key of at most {room} bytes, got {len(photo.key.encode())}")
        return self._unrecorded(Result.REFUSED, photo, refusal) if refusal else None

    def _unrecorded(self, result: Result, photo: PhotoFacts, refusal: Refusal) -> Outcome:
        error = {"code": refusal.code, "message": str(refusal)}
        return Outcome(result, Manifest("refused", photo, self.engine, error=error))


def _place(photo: PhotoFacts) -> str:
    return f"s3://{photo.bucket}/{photo.key}" if photo.bucket else photo.key
