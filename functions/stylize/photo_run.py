"""Drives the protocol for one photo: paints, and has threads of their own wait for the store."""

import hashlib
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from .engine import salted
from .errors import BadRecipe, KeyTooLong, OutOfTime, PhotoTooLarge, Refusal
from .manifest import Manifest, PaintingFacts, PhotoFacts, manifest_key
from .painting import Paintings
from .protocol import Call, Outcome, Photo, PhotoVersion, Record, Target, protocol
from .protocol.facts import ClaimId, Found, Status, files, names_of
from .protocol.requests import (
    CHANGED,
    CUT_OFF,
    DELETED,
    NOT_SENT,
    READY,
    AnyOf,
    DeleteFile,
    First,
    GetManifest,
    GetPhoto,
    HeadFile,
    HeadPhoto,
    List,
    Occupied,
    PutFile,
    PutManifest,
    PutPhoto,
    Read,
    Request,
    Single,
    Stored,
    Unpaintable,
    Withdraw,
)
from .recipe import Recipe, RecipeOverrides
from .records import found_in, salt_of, version_of
from .settings import MEGABYTE
from .stopwatch import Stopwatch
from .stores.base import LONGEST_KEY, OpenPhoto, Replaced, SeenPhoto, content_etag, until

if TYPE_CHECKING:
    from .studio import NewPhoto, Studio


class PhotoRun:
    """One call for one photo, in three phases, so that others can use the time that each leaves: `read` waits for the
    store, `paint` uses the threads, `finish` waits for the store again.

    Every phase raises what the store raises, and OutOfTime once the studio's deadline has passed.
    """

    def __init__(
        self,
        studio: "Studio",
        call: Call,
        photo: PhotoFacts,
        overrides: RecipeOverrides,
        brought: "NewPhoto | None" = None,
    ) -> None:
        self.refusal: Refusal | None = None
        self._studio, self._call, self._photo, self._overrides = studio, call, photo, overrides
        self._brought = brought
        self._asking = protocol(call)
        self._request: Request | None = next(self._asking)
        self._outcome: Outcome | None = None
        self._under_way: dict[Single, Future[Any]] = {}
        self._seen: dict[PhotoVersion, SeenPhoto] = {}
        self._bad_recipes: dict[PhotoVersion, BadRecipe] = {}
        self._opened: OpenPhoto | None = None
        self._body = (PhotoVersion(etag=photo.etag), brought.content) if brought else None
        self._paintings: Paintings | None = None
        self._painted: Target | None = None
        self._facts: dict[str, PaintingFacts] = {}
        self._manifests: dict[ClaimId, Manifest] = {}
        self._watch = Stopwatch()
        self._began = monotonic()

    # --------------------------------------------------------------------------------------------------- phases

    def read(self) -> None:
        """Look at what is there, and read the photo unless nothing is to be painted."""
        with self._closing_on_error():
            while self._request and not isinstance(self._request, Read):
                self._advance()
            if isinstance(self._request, Read):
                self._in_time(self._studio.requests.submit(self._load, self._request.target))

    def paint(self) -> None:
        """Decode and paint; each painting is on its way as soon as it is encoded."""
        with self._closing_on_error():
            while self._request and (self._paintings is None or not self._paintings.is_finished):
                self._advance()

    def finish(self) -> tuple[Outcome, Manifest | None]:
        """See the protocol to its end. Return how it ended, and the manifest that goes with it."""
        with self._closing_on_error():
            while self._request:
                self._advance()
        self._close()
        assert self._outcome is not None
        record = self._outcome.record
        return self._outcome, self._manifests.get(record.id) if record else None

    def manifest_of(self, record: Record) -> Manifest:
        """Return the full manifest of what the protocol has to record."""
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
            {**self._watch.read(), "total": round(monotonic() - self._began, 4)},
            error,
            {"id": record.id.run, "turn": record.id.turn},
        )

    # -------------------------------------------------------------------------------------------------- driving

    def _advance(self) -> None:
        assert self._request is not None
        answer = self._answer(self._request)
        try:
            self._request = self._asking.send(answer)
        except StopIteration as end:
            self._request, self._outcome = None, end.value

    def _answer(self, request: Request) -> Any:
        match request:
            case AnyOf(requests):
                return self._first_of(requests)
            case Read(target):
                return self._ready(target)
            case Withdraw(put):
                return self._withdrawn(put)
            case _:
                return self._in_time(self._studio.requests.submit(self._perform, request))

    def _first_of(self, requests: tuple[Single, ...]) -> First:
        """The first answer. While none has come, the next painting is painted and sent on its way."""
        while True:
            for request in requests:
                if request not in self._under_way and self._can_begin(request):
                    self._under_way[request] = self._studio.requests.submit(self._perform, request)
            begun = {self._under_way[request]: request for request in requests if request in self._under_way}
            done = next((future for future in begun if future.done()), None)
            if done is None and len(begun) < len(requests):
                assert self._paintings is not None
                self._paintings.paint_next()
                continue
            if done is None:
                done = next(iter(self._waited(begun)))
            del self._under_way[begun[done]]
            return First(begun[done], done.result())

    def _can_begin(self, request: Single) -> bool:
        if not isinstance(request, PutFile):
            return True
        return self._paintings is not None and request.name in self._paintings.encoded

    def _withdrawn(self, put: PutFile) -> Any:
        future = self._under_way.pop(put, None)
        if future is None or future.cancel():
            return NOT_SENT
        return self._in_time(future)

    def _in_time(self, future: "Future[Any]") -> Any:
        self._waited([future])
        return future.result()

    def _waited(self, futures: Collection["Future[Any]"]) -> "set[Future[Any]]":
        """Those that are done, at least one. Raises OutOfTime; what is under way then is left to itself."""
        done = self._studio.requests.wait(futures, self._studio.deadline)
        if not done:
            raise _too_late()
        return done

    def _check_time(self) -> None:
        if monotonic() > self._studio.deadline:
            raise _too_late()

    # ------------------------------------------------------------------------------------------------- requests

    def _perform(self, request: Single) -> Any:
        """On a thread of its own: one request to the store, and its answer as the protocol knows it."""
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
                with self._watch.time("write"):
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
            self._manifests[found.record.id] = manifest
        return found

    def _photo_as(self, seen: SeenPhoto) -> Photo:
        """What the protocol is told of the photo, with the recipe that settings, its metadata and the call make."""
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
        assert self._paintings is not None
        painting, recipe = self._paintings.encoded[put.name], self._paintings.recipe
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
        manifest = self._manifests[record.id] = self.manifest_of(record)
        key = manifest_key(self._photo.key)
        try:
            return Stored(self._studio.store.put(key, manifest.to_json(), "application/json", condition))
        except Replaced:
            return CHANGED

    # ------------------------------------------------------------------------------------------------ the photo

    def _ready(self, target: Target) -> Any:
        """Read, unless that has been done, and decode."""
        if self._paintings:
            if self._painted and self._painted.recipe == target.recipe and self._is_body_of(target.version):
                return READY
            self._paintings.close()
            self._paintings = None
        try:
            self._check_paintable(target)
            data = self._in_time(self._studio.requests.submit(self._load, target))
            if data is None:
                return CHANGED
            assert isinstance(target.recipe, Recipe)
            self._paintings, self._painted = Paintings(data, target.recipe, self._studio, self._watch), target
        except Refusal as refusal:
            self.refusal = refusal
            return Unpaintable()
        return READY

    def _check_paintable(self, target: Target) -> None:
        """Raises what can be known to refuse the photo for before it is read."""
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

    def _load(self, target: Target) -> bytes | None:
        """The body of that version; None when another one is the newest by now. What is refused unread stays unread."""
        if self._body and self._is_body_of(target.version):
            return self._body[1]
        try:
            self._check_paintable(target)
        except Refusal:
            return b""  # it is raised again when the protocol asks for it
        opened, self._opened = self._opened, None
        if opened is None or not version_of(opened.seen.facts).is_same(target.version):
            if opened:
                opened.close()
            with until(self._studio.deadline):
                opened = self._studio.store.open_photo(self._photo)
        if opened is None or not version_of(opened.seen.facts).is_same(target.version):
            if opened:
                opened.close()
            return None
        with self._watch.time("read"):
            data = bytearray()
            for chunk in opened.read():
                data += chunk
                self._check_time()
        self._body = target.version, bytes(data)
        return self._body[1]

    def _is_body_of(self, version: PhotoVersion) -> bool:
        return self._brought is not None or (self._body is not None and self._body[0].is_same(version))

    def _photo_facts(self, version: PhotoVersion) -> PhotoFacts:
        seen = self._seen.get(version)
        facts = seen.facts if seen else self._photo
        if self._paintings and self._is_body_of(version):
            painted = self._paintings
            facts = replace(
                facts, sha256=painted.sha256, width=painted.width, height=painted.height, format=painted.format
            )
        return facts

    # ------------------------------------------------------------------------------------------------------ end

    def _closing_on_error(self) -> "_Closing":
        return _Closing(self)

    def _close(self) -> None:
        """Stop painting, take back what has not begun, and see what has begun to its end, while there is time."""
        if self._paintings:
            self._paintings.close()
        begun = {future for future in self._under_way.values() if not future.cancel()}
        while begun and (done := self._studio.requests.wait(begun, self._studio.deadline)):
            begun -= done
        if self._opened:
            self._opened.close()


class _Closing:
    """Closes a run whose phase fails."""

    def __init__(self, run: PhotoRun) -> None:
        self._run = run

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._run._close()


def _too_late() -> OutOfTime:
    return OutOfTime("expected to be done before the invocation ends, got too little time")
