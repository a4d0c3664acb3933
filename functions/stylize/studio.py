"""The use case: one photo and a recipe -> paintings and a manifest."""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic
from typing import NamedTuple

import cv2

from . import __version__
from .engine import (
    BufferPool,
    Image,
    Painted,
    Photo,
    Style,
    ThreadPool,
    check_encodable,
    check_size,
    decode,
    decoder_bytes,
    encode,
    inspect,
    paint_each,
)
from .errors import OutOfTime, PhotoNotFound, PhotoTooLarge, Refusal, StillChanging
from .manifest import Manifest, PaintingFacts, PhotoFacts, painting_key
from .recipe import Recipe, RecipeOverrides
from .settings import MEGABYTE, Settings
from .stopwatch import Stopwatch
from .stores.base import Replaced, Store, StoredPaintings

NO_OVERRIDES = RecipeOverrides()

TURNS = 5
"""How often one call paints a photo that others replace, or whose paintings they overwrite, meanwhile."""


@dataclass(frozen=True)
class Task:
    """What a look at the photo says is to be done: paint it by `recipe`, or refuse it for `refusal`."""

    photo: PhotoFacts
    recipe: Recipe | None = None
    refusal: str = ""
    read: Callable[[], Iterator[bytes]] = field(default=lambda: iter(()), compare=False)
    cause: Refusal | None = field(default=None, compare=False)


class Encoded(NamedTuple):
    """A painting as it is stored."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Outcome:
    """What stands in the manifest now; `fresh` is False when an earlier run had put it there."""

    manifest: Manifest
    fresh: bool


class Studio:
    """Paints photos of a store, one at a time, with the threads of `thread_pool` and the buffers of `buffer_pool`."""

    def __init__(self, store: Store, settings: Settings, thread_pool: ThreadPool, buffer_pool: BufferPool) -> None:
        self.settings = settings
        self._store = store
        self._thread_pool = thread_pool
        self._buffer_pool = buffer_pool
        self.engine = {"version": __version__, "opencv": cv2.__version__, "kernels": str(thread_pool.kernels)}
        self._deadline = inf  # in seconds of `monotonic`

    def within(self, seconds: float) -> "Studio":
        """The same studio, which raises OutOfTime rather than paint for longer than `seconds` from now."""
        hurried = copy.copy(self)
        hurried._deadline = min(self._deadline, monotonic() + seconds)
        return hurried

    @property
    def store(self) -> Store:
        return self._store

    @property
    def vcpus(self) -> int:
        """As many as the thread_pool has threads."""
        return self._thread_pool.threads

    def working_on(self, store: Store) -> "Studio":
        """The same threads and buffers on photos of another store."""
        elsewhere = copy.copy(self)
        elsewhere._store = store
        return elsewhere

    def paint(self, photo: PhotoFacts, overrides: RecipeOverrides = NO_OVERRIDES) -> Outcome:
        """Paints the photo that `photo` names by bucket and key, as settings, its own metadata and `overrides` ask.

        A photo that can't be painted is refused: its manifest says why. Nothing is painted that has been painted
        already. Every other failure is raised, and leaves no manifest that claims more than is there.

        It ends with a look that finds everything in its place. Why that is enough when several calls paint one
        photo at the same time: docs/architecture.md, "Order and duplicates".
        """
        done: tuple[Task, StoredPaintings] | None = None  # what this call has done, and what it has left there
        # What waits for the store has threads of its own: no request waits for another, nor painting for any.
        with ThreadPoolExecutor(len(Style), "request") as requests:
            for _ in range(TURNS):
                stored_now = requests.submit(self._store.stored, photo.key, done and done[1])
                task, stored = self._look(photo, overrides), stored_now.result()
                if stored.manifest and ((task, stored) == done or self._is_done(task, stored)):
                    return Outcome(stored.manifest, fresh=done is not None)
                photo = task.photo
                try:
                    done = task, self._carry_out(task, stored, requests)
                except Replaced:
                    continue
        raise StillChanging(f"expected {photo.key} and its paintings to stand still, got another change {TURNS} times")

    def _look(self, photo: PhotoFacts, overrides: RecipeOverrides) -> Task:
        try:
            opened = self._store.open(photo)
            photo = opened.facts
            own = RecipeOverrides.from_metadata(opened.metadata)
            return Task(photo, Recipe.resolve(self.settings.overrides, own, overrides), read=opened.read)
        except Refusal as refusal:
            return Task(photo, refusal=str(refusal), cause=refusal)

    def _carry_out(self, task: Task, stored: StoredPaintings, requests: Executor) -> StoredPaintings:
        """Paints or refuses. Returns what it leaves there; raises Replaced when somebody else got in between."""
        try:
            if task.cause:
                raise task.cause
            manifest = self._painted(task, stored, requests)
        except Refusal as refusal:
            self._clear(task.photo.key, stored)
            error = {"code": refusal.code, "message": str(refusal)}
            manifest = Manifest("refused", task.photo, self.engine, error=error)
        self._store.delete(sorted(stored.etags.keys() - manifest.etags().keys()))
        self._check_time()
        return StoredPaintings(manifest.etags(), self._store.put_manifest(manifest), manifest)

    def _painted(self, task: Task, stored: StoredPaintings, requests: Executor) -> Manifest:
        assert task.recipe
        recipe, watch = task.recipe, Stopwatch()
        with watch.time("total"):
            with watch.time("read"):
                data = self._read(task)
            with watch.time("decode"):
                photo = self._decode(data, recipe)
            facts = replace(task.photo, width=photo.width, height=photo.height, format=photo.format)
            self._clear(facts.key, stored)

            def finish(_: Style, image: Image) -> Encoded:
                with watch.time("encode"):
                    content = encode(image, recipe.format, recipe.encode_quality, photo.profile)
                return Encoded(content, width=image.shape[1], height=image.shape[0])

            uploads = [
                requests.submit(self._put, facts.key, recipe, painted, watch)
                for painted in paint_each(
                    photo.pixels,
                    finish,
                    recipe.styles,
                    recipe.params,
                    self._thread_pool,
                    self._buffer_pool,
                    self._deadline,
                )
            ]
            paintings = [upload.result() for upload in uploads]
        paintings.sort(key=lambda painting: recipe.styles.index(Style(painting.style)))
        return Manifest("done", facts, self.engine, recipe.to_json(), tuple(paintings), watch.read())

    def _clear(self, photo_key: str, stored: StoredPaintings) -> None:
        """Takes an outdated manifest away: from here on it would name a mixture of its paintings and the new ones."""
        if stored.manifest_etag:
            self._store.delete_manifest(photo_key, stored.manifest_etag)

    def _read(self, task: Task) -> bytes:
        limit = self.settings.max_upload_mb
        if task.photo.bytes is not None and task.photo.bytes > limit * MEGABYTE:
            raise PhotoTooLarge(f"expected at most {limit:g} MB, got {task.photo.bytes / MEGABYTE:.1f} MB")
        data = bytearray()
        for chunk in task.read():
            data += chunk
            self._check_time()
        return bytes(data)

    def _decode(self, data: bytes, recipe: Recipe) -> Photo:
        header = inspect(data)
        check_size(header, self.settings.max_megapixels)
        self._buffer_pool.make_room(decoder_bytes(header))
        photo = decode(data, header, recipe.long_side)
        check_encodable(recipe.format, photo.pixels.shape[1], photo.pixels.shape[0])
        return photo

    def _put(self, photo_key: str, recipe: Recipe, painted: Painted[Encoded], watch: Stopwatch) -> PaintingFacts:
        self._check_time()
        watch.add("paint", painted.seconds)
        content, width, height = painted.result
        key = painting_key(photo_key, painted.style, recipe.format.extension)
        with watch.time("write"):
            etag = self._store.put(key, content, recipe.format.content_type)
        seconds, kind = round(painted.seconds, 4), recipe.format.content_type
        return PaintingFacts(painted.style, key, etag, width, height, len(content), kind, seconds)

    def _check_time(self) -> None:
        if monotonic() > self._deadline:
            raise OutOfTime("expected to be done before the invocation ends, got too little time")

    def _is_done(self, task: Task, stored: StoredPaintings) -> bool:
        """Whether carrying out `task` would lead to `stored` again."""
        manifest = stored.manifest
        if not (manifest and stored.is_whole):
            return False
        if task.recipe:
            return manifest.describes(task.photo.etag, task.recipe.hash, self.engine)
        gone = isinstance(task.cause, PhotoNotFound)  # painted first, deleted later: the paintings stay
        return gone and manifest.is_done and task.photo.etag in (None, manifest.photo.etag)
