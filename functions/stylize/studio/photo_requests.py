"""Performs the requests of the protocol for one photo: calls the store, and keeps the results that later ones need."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..engine import salted
from ..errors import BadRecipe, KeyTooLong, OutOfTime, PhotoTooLarge, Refusal
from ..manifest import Manifest, PaintingFacts, PhotoFacts, manifest_key
from ..protocol import Call, Photo, PhotoVersion, Record, Target
from ..protocol.facts import ClaimId, Found, Status, files, names_of
from ..protocol.requests import (
    CHANGED,
    CUT_OFF,
    DELETED,
    DeleteFile,
    GetManifest,
    GetPhoto,
    HeadFile,
    HeadPhoto,
    List,
    Occupied,
    PutFile,
    PutManifest,
    PutPhoto,
    Single,
    Stored,
)
from ..recipe import Recipe, RecipeOverrides
from ..settings import MEGABYTE
from ..stores.base import LONGEST_KEY, OpenPhoto, Replaced, SeenPhoto, content_etag, until
from .painting import Paintings
from .records import found_in, salt_of, version_of
from .stopwatch import Stopwatch

if TYPE_CHECKING:
    from .studio import NewPhoto, Studio


class PhotoRequests:
    """Performs requests for one photo, each on the calling thread, and keeps their results.

    `paintings` are those of the target that was read last. `manifests` are those that were put or found, by claim ID.
    `refusal` is the reason why the photo can't be painted.
    """

    def __init__(
        self,
        studio: "Studio",
        call: Call,
        photo: PhotoFacts,
        overrides: RecipeOverrides,
        brought: "NewPhoto | None" = None,
    ) -> None:
        self.paintings: Paintings | None = None
        self.manifests: dict[ClaimId, Manifest] = {}
        self.refusal: Refusal | None = None
        self.watch = Stopwatch()
        self._studio, self._call, self._photo, self._overrides = studio, call, photo, overrides
        self._brought = brought
        self._seen: dict[PhotoVersion, SeenPhoto] = {}
        self._bad_recipes: dict[PhotoVersion, BadRecipe] = {}
        self._opened: OpenPhoto | None = None
        self._body: bytes | None = None
        self._version: PhotoVersion | None = None
        self._facts: dict[str, PaintingFacts] = {}
        self._began = monotonic()

    def perform(self, request: Single) -> Any:
        """Send one request to the store, on the calling thread, and return its answer in terms of the protocol.

        Raises OutOfTime.
        """
        self._check_time()
        with until(self._studio.deadline):
            return self._answered(request)

    def _answered(self, request: Single) -> Any:
        store, key = self._studio.store, self._photo.key
        match request:
            case GetManifest():
                return self._get_manifest()
            case GetPhoto():
                self._opened = store.open_photo(self._photo)
                return self._photo_as(self._opened.seen) if self._opened else None
            case HeadPhoto():
                seen = store.head_photo(self._photo)
                return self._photo_as(seen) if seen else None
            case PutPhoto():
                return self._put_photo()
            case List():
                etags = store.painting_etags(key)
                if etags is None:
                    return CUT_OFF
                names = ((name, etags.get(f"{key}/{name}")) for name in self._call.possible_names)
                return files({name: etag for name, etag in names if etag})
            case HeadFile(name):
                return store.head_painting(f"{key}/{name}")
            case PutFile():
                with self.watch.time("write"):
                    return self._put_file(request)
            case PutManifest(condition, record):
                return self._put_manifest(condition, record)
            case DeleteFile(name, etag):
                try:
                    store.delete(f"{key}/{name}", etag)
                except Replaced:
                    return CHANGED
                return DELETED
        raise TypeError(f"expected a request of the protocol, got {request}")

    def _get_manifest(self) -> Found | None:
        stored = self._studio.store.get_manifest(self._photo.key)
        if stored is None:
            return None
        found, manifest = found_in(stored, self._studio.engine)
        if manifest:
            self.manifests[found.record.id] = manifest
        return found

    def _photo_as(self, seen: SeenPhoto) -> Photo:
        """Return the photo in terms of the protocol, with the recipe of settings, the photo's metadata and the call."""
        version = version_of(seen.facts)
        self._seen[version] = seen
        try:
            own = RecipeOverrides.from_metadata(seen.metadata)
            recipe = Recipe.resolve(self._studio.settings.overrides, own, self._overrides)
        except BadRecipe as refusal:
            self._bad_recipes[version] = refusal
            return Photo(version, seen.age, None)
        return Photo(version, seen.age, recipe)

    def _put_photo(self) -> PhotoVersion:
        assert self._brought is not None
        brought = self._brought
        metadata = brought.overrides.to_metadata()
        put = self._studio.store.put_photo(self._photo, brought.content, brought.content_type, metadata)
        version = version_of(put)
        self._seen[version] = SeenPhoto(put, metadata, 0.0)
        return version

    def _put_file(self, put: PutFile) -> Stored | Occupied:
        assert self.paintings is not None
        painting, recipe = self.paintings.encoded[put.name], self.paintings.recipe
        content = painting.content
        if put.salt:
            content = salted(content, recipe.format, salt_of(put.salt))
        key, kind, etag = f"{self._photo.key}/{put.name}", recipe.format.content_type, content_etag(content)
        self._facts[put.name] = PaintingFacts(
            painting.style,
            key,
            etag,
            painting.width,
            painting.height,
            len(content),
            kind,
            round(painting.seconds, 4),
            hashlib.sha256(content).hexdigest(),
        )
        if put.known == etag:
            return Stored(etag)
        try:
            return Stored(self._studio.store.put(key, content, kind, put.condition))
        except Replaced:
            return Occupied(etag)

    def _put_manifest(self, condition: str, record: Record) -> Any:
        manifest = self.manifests[record.id] = self.manifest_of(record)
        key = manifest_key(self._photo.key)
        try:
            return Stored(self._studio.store.put(key, manifest.to_json(), "application/json", condition))
        except Replaced:
            return CHANGED

    def check_paintable(self, target: Target) -> None:
        """Raise the Refusal of a photo that can't be painted, as far as this is known before it is read."""
        seen = self._seen.get(target.version)
        if seen and seen.refusal:
            raise seen.refusal
        if target.recipe is None:
            raise self._bad_recipes[target.version]
        longest = max(target.recipe.file_names, key=len)
        if self._photo.bucket and len(f"{self._photo.key}/{longest}".encode()) > LONGEST_KEY:
            room = LONGEST_KEY - len(longest) - 1
            got = len(self._photo.key.encode())
            raise KeyTooLong(f"expected a key of at most {room} bytes, so that {longest} fits behind it, got {got}")
        limit, size = self._studio.settings.max_upload_mb, seen.facts.bytes if seen else None
        if size is not None and size > limit * MEGABYTE:
            raise PhotoTooLarge(f"expected at most {limit:g} MB, got {size / MEGABYTE:.1f} MB")

    def size_of(self, target: Target) -> int:
        """Return the size in bytes of the target's photo; 0 if the photo will not be read."""
        try:
            self.check_paintable(target)
        except Refusal:
            return 0
        seen = self._seen.get(target.version)
        return seen.facts.bytes or 0 if seen and self._brought is None else 0

    def load(self, target: Target) -> None:
        """Read the body of the target's version, unless the photo is refused or another version is the newest now."""
        self._body = None
        if self._brought:
            self._body = self._brought.content
            return
        try:
            self.check_paintable(target)
        except Refusal:
            self._body = b""  # `check_paintable` raises the refusal again before the photo is decoded
            return
        opened = self._opened_version(target.version)
        if opened is None or opened.seen.refusal:
            self._body = b"" if opened else None
            return
        with self.watch.time("read"):
            self._body = self._read(opened)
        self._version = target.version

    def _read(self, opened: OpenPhoto) -> bytes:
        data = BytesIO()
        for chunk in opened.read():
            data.write(chunk)
            self._check_time()
        return data.getvalue()  # makes no copy

    def take_body(self) -> bytes | None:
        """Return the body that was read, and forget it; None if another version is the newest now."""
        body, self._body = self._body, None
        return body

    def _opened_version(self, version: PhotoVersion) -> OpenPhoto | None:
        """Return the version, opened by the first look or now; None if another version is the newest now."""
        opened, self._opened = self._opened, None
        if opened is None or not version_of(opened.seen.facts).is_same(version):
            if opened:
                opened.close()
            with until(self._studio.deadline):
                opened = self._studio.store.open_photo(self._photo)
        if opened is None:
            return None
        if not version_of(opened.seen.facts).is_same(version):
            opened.close()
            return None
        if opened.seen.refusal:  # a HEAD does not report the refusal of a GET
            self._seen[version] = opened.seen
        return opened

    def is_of(self, version: PhotoVersion) -> bool:
        """Return whether the photo that was read last is of `version`."""
        return self._brought is not None or (self._version is not None and self._version.is_same(version))

    def _photo_facts(self, version: PhotoVersion) -> PhotoFacts:
        seen = self._seen.get(version)
        facts = seen.facts if seen else self._photo
        if self.paintings and self.is_of(version):
            painted = self.paintings
            facts = replace(
                facts, sha256=painted.sha256, width=painted.width, height=painted.height, format=painted.format
            )
        return facts

    def manifest_of(self, record: Record) -> Manifest:
        """Return the full manifest of a record of the protocol."""
        recipe: Mapping[str, Any] = record.target.recipe.to_json() if isinstance(record.target.recipe, Recipe) else {}
        error = None
        if record.status is Status.REFUSED and self.refusal:
            error = {"code": self.refusal.code, "message": str(self.refusal)}
        names = names_of(record.target.recipe)
        paintings = [replace(self._facts[name], etag=etag) for name, etag in record.files]
        paintings.sort(key=lambda painting: names.index(painting.key.removeprefix(f"{self._photo.key}/")))
        return Manifest(
            record.status,
            self._photo_facts(record.target.version),
            self._studio.engine,
            {**recipe, "explicit": record.target.explicit},
            tuple(paintings),
            {**self.watch.read(), "total": round(monotonic() - self._began, 4)},
            error,
            {"id": record.id.run, "turn": record.id.turn},
        )

    def close(self) -> None:
        """Release the threads, the buffers and the connection."""
        if self.paintings:
            self.paintings.close()
        if self._opened:
            self._opened.close()

    def _check_time(self) -> None:
        if monotonic() > self._studio.deadline:
            raise too_late()


def too_late() -> OutOfTime:
    return OutOfTime("expected to be done before the invocation ends, got too little time")
