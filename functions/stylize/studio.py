"""The use case: one photo and a wish -> paintings and a manifest."""

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

import cv2

from . import __version__
from .engine import Crew, Style, Workbench, paint_each
from .engine.codec import Photo, check_encodable, check_size, decode, encode, read_header
from .engine.workbench import Image
from .errors import PhotoNotFound, PhotoTooLarge, Refusal
from .manifest import Manifest, PaintingFacts, PhotoFacts, manifest_key, painting_key
from .recipe import Recipe
from .settings import Settings
from .stopwatch import Stopwatch

MEGA = 1_000_000


@dataclass(frozen=True)
class OpenPhoto:
    """A photo whose headers have come and whose body has not been read."""

    facts: PhotoFacts
    metadata: Mapping[str, str]
    read: Callable[[], bytes]


class Store(Protocol):
    """Where photos come from and paintings go to."""

    def open(self, photo: PhotoFacts) -> AbstractContextManager[OpenPhoto]:
        """Raises PhotoNotFound."""

    def put(self, key: str, content: bytes, content_type: str) -> None: ...

    def delete(self, keys: Sequence[str]) -> None: ...

    def manifest(self, photo_key: str) -> Manifest | None: ...


@dataclass(frozen=True)
class Outcome:
    """What stands in the manifest now; `fresh` is False when an earlier run had put it there."""

    manifest: Manifest
    fresh: bool


class Studio:
    """Paints photos of a store, one at a time, with the threads of `crew` and the buffers of `bench`."""

    def __init__(self, store: Store, settings: Settings, crew: Crew, bench: Workbench) -> None:
        self.settings = settings
        self._store = store
        self._crew = crew
        self._bench = bench
        self.engine = {"version": __version__, "opencv": cv2.__version__, "kernels": str(crew.kernels)}

    @property
    def store(self) -> Store:
        return self._store

    @property
    def vcpus(self) -> int:
        """As many as the crew has threads."""
        return self._crew.threads

    def working_on(self, store: Store) -> "Studio":
        """The same threads and buffers on photos of another store."""
        elsewhere = copy.copy(self)
        elsewhere._store = store
        return elsewhere

    def paint(self, photo: PhotoFacts, wish: Mapping[str, str] | None = None) -> Outcome:
        """Paints the photo that `photo` names by bucket and key, as settings, its own metadata and `wish` ask.

        A photo that can't be painted is refused: its manifest says why. Nothing is painted that has been painted
        already. Every other failure is raised, and leaves no manifest that claims more than is there.
        """
        previous = self._store.manifest(photo.key)
        try:
            with self._store.open(photo) as opened:
                photo = opened.facts
                recipe = Recipe.read(self.settings.recipe, opened.metadata, wish or {})
                if previous and previous.describes(photo.etag, recipe.hash, self.engine):
                    return Outcome(previous, fresh=False)
                manifest = self._painted(opened, recipe, previous)
        except PhotoNotFound as gone:
            if previous and previous.is_done and previous.photo.etag == photo.etag:
                return Outcome(previous, fresh=False)  # painted first, deleted later: the paintings stay
            manifest = self._refused(photo, gone)
        except Refusal as refusal:
            manifest = self._refused(photo, refusal)
        self._record(manifest, previous)
        return Outcome(manifest, fresh=True)

    def _painted(self, opened: OpenPhoto, recipe: Recipe, previous: Manifest | None) -> Manifest:
        watch = Stopwatch()
        with watch.time("total"):
            with watch.time("read"):
                data = self._read(opened)
            with watch.time("decode"):
                photo = self._decode(data, recipe)
            facts = replace(opened.facts, width=photo.width, height=photo.height, format=photo.format)
            if previous:  # from here on it would name a mixture of its paintings and the new ones
                self._store.delete([manifest_key(facts.key)])

            def deliver(style: Style, image: Image) -> PaintingFacts:
                return self._deliver(facts.key, recipe, style, image, photo.profile, watch)

            paintings = []
            strengths = recipe.params
            for done in paint_each(photo.pixels, deliver, recipe.styles, strengths, self._crew, self._bench):
                watch.add("paint", done.seconds)
                paintings.append(replace(done.result, seconds=round(done.seconds, 4)))
        paintings.sort(key=lambda painting: recipe.styles.index(Style(painting.style)))
        return Manifest("done", facts, self.engine, recipe.to_json(), tuple(paintings), watch.read())

    def _read(self, opened: OpenPhoto) -> bytes:
        limit = self.settings.max_upload_mb
        if opened.facts.bytes is not None and opened.facts.bytes > limit * MEGA:
            raise PhotoTooLarge(f"expected at most {limit:g} MB, got {opened.facts.bytes / MEGA:.1f} MB")
        return opened.read()

    def _decode(self, data: bytes, recipe: Recipe) -> Photo:
        header = read_header(data)
        check_size(header, self.settings.max_megapixels)
        photo = decode(data, header, recipe.long_side)
        check_encodable(recipe.format, photo.pixels.shape[1], photo.pixels.shape[0])
        return photo

    def _deliver(
        self, photo_key: str, recipe: Recipe, style: Style, image: Image, profile: bytes, watch: Stopwatch
    ) -> PaintingFacts:
        """Encodes and puts one painting, on a thread of the crew."""
        with watch.time("encode"):
            content = encode(image, recipe.format, recipe.encode_quality, profile)
        key = painting_key(photo_key, style, recipe.format.extension)
        with watch.time("write"):
            self._store.put(key, content, recipe.format.content_type)
        height, width = image.shape[:2]
        return PaintingFacts(style, key, width, height, len(content), recipe.format.content_type, 0.0)

    def _record(self, manifest: Manifest, previous: Manifest | None) -> None:
        """Writes the manifest, then removes the paintings of an earlier one that it does not name."""
        self._store.put(manifest_key(manifest.photo.key), manifest.to_json(), "application/json")
        outdated = previous.keys() - manifest.keys() if previous else set()
        if outdated:
            self._store.delete(sorted(outdated))

    def _refused(self, photo: PhotoFacts, refusal: Refusal) -> Manifest:
        return Manifest("refused", photo, self.engine, error={"code": refusal.code, "message": str(refusal)})
