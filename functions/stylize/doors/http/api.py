"""The routes of the API."""

from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from json import loads
from platform import python_version
from typing import Any
from uuid import uuid4

from ...engine import SUFFIXES, check_size, inspect
from ...errors import BadRecipe, BadRequest, NotFound, OutOfTime, PhotoTooLarge, Refusal, UnsupportedFormat
from ...lookup import Progress, find, recent
from ...manifest import Manifest, PhotoFacts
from ...recipe import RecipeOverrides
from ...recipe_fields import shown
from ...settings import MEGABYTE
from ...stores.presigned import Presigned
from ...stores.s3 import S3Store
from ...studio import NewPhoto, Studio
from ...telemetry import report
from ..text import is_text
from .accept import prefers, prefers_async
from .answers import Answer, error_answer, image_answer, json_answer, preflight_answer, told
from .bodies import SentPhoto, read_body, read_json
from .principals import own_prefix
from .request import Request
from .routes import Route

LARGEST_IMAGE = 4_500_000
"""Bytes of an image in an answer: its base64 fits into Lambda's limit of 6 MB."""

LONGEST_WAIT = 24.0
"""Seconds that a caller waits for paintings: API Gateway times out after 29, including a cold start."""

DEFAULT_LIMIT, HIGHEST_LIMIT = 12, 50


class Api:
    """Answers one request."""

    def __init__(self, request: Request, studio: Studio) -> None:
        if not isinstance(studio.store, S3Store):
            raise TypeError(f"expected a studio over S3, got one over {type(studio.store).__name__}")
        self._request = request
        self._studio = studio.within(LONGEST_WAIT)
        self._settings = studio.settings
        self._store = studio.store
        self._presigned = Presigned(studio.store.client, studio.settings)

    def answer(self) -> Answer:
        """Return the answer. Raises AtelierError; any other exception is an internal error."""
        match self._request.route:
            case Route.PAINT:
                return self.paint()
            case Route.RECENT:
                return self.recent()
            case Route.FIND:
                return self.find()
            case Route.UPLOAD:
                return self.upload()
            case Route.HEALTH:
                return self.health()
            case Route.PREFLIGHT:
                return preflight_answer()
        raise NotFound(f"expected a route of this API, got {self._request.method[:20]} {self._request.path[:100]}")

    def paint(self) -> Answer:
        """Paint the photo in the body, or the photos of a form; an asynchronous caller gets only the keys."""
        photos, fields = read_body(self._request)
        overrides = _recipe([*self._request.query, *fields])
        prefix = own_prefix(self._request, self._settings.api_auth)
        if len(photos) == 1:
            return self._painted(photos[0], prefix, overrides)
        entries = [self._entry(photo, prefix, overrides) for photo in photos]
        return json_answer(_status([entry["status"] for entry in entries]), {"photos": entries})

    def _painted(self, photo: SentPhoto, prefix: str, overrides: RecipeOverrides) -> Answer:
        """Return the manifest, or the only painting as an image; 202 if the photo is not painted yet."""
        found = self._paint(*self._new(photo, prefix, overrides))
        if isinstance(found, Progress):
            applied = {"preference_applied": "respond-async"} if self._is_async else {}
            return json_answer(202, self._described(found), location=self._location(found.photo.key), **applied)
        if found.error:
            return error_answer(**found.error, request_id=self._request.id)
        if self._wants_image(found):
            (painting,) = found.paintings
            name = painting.key.rpartition("/")[2]
            image = self._store.get_painting(painting.key)
            return image_answer(painting.content_type, image, name, found.photo.key)
        return json_answer(200, self._described(found))

    def _entry(self, photo: SentPhoto, prefix: str, overrides: RecipeOverrides) -> dict[str, Any]:
        """Paint one of several photos and return its entry, errors included: the keys of the others are answered."""
        try:
            found = self._paint(*self._new(photo, prefix, overrides))
            content = self._described(found)
        except Exception as error:
            content = {"status": "refused" if isinstance(error, Refusal) else "failed", "error": told(error)}
        return {"filename": photo.name, **content}

    def _new(self, photo: SentPhoto, prefix: str, overrides: RecipeOverrides) -> tuple[PhotoFacts, NewPhoto]:
        """Give the photo a new key, after a check that its first bytes are of an accepted format."""
        if photo.content:
            self._check_bytes(len(photo.content))
        info = inspect(photo.content)
        check_size(info.width, info.height, self._settings.max_megapixels)
        facts = PhotoFacts(bucket=self._settings.photos_bucket, key=prefix + _new_key(info.format))
        return facts, NewPhoto(photo.content, f"image/{info.format}", overrides)

    def _paint(self, facts: PhotoFacts, new: NewPhoto) -> Manifest | Progress:
        """Paint a photo now, or leave it to its event if time runs out or the caller does not wait."""
        if not self._is_async:
            with suppress(OutOfTime):
                outcome = self._studio.paint_new(facts, new)
                report(outcome)
                return outcome.manifest
        kept = self._store.put_photo(facts, new.content, new.content_type, new.overrides.to_metadata())
        return Progress(kept, ())

    def upload(self) -> Answer:
        """Return a signed PUT of one photo: for photos too large for this API, or directly from a browser."""
        asked = read_json(self._request, "filename", "bytes", "recipe")
        overrides = RecipeOverrides.from_json(asked.get("recipe", ""))
        kind = _kind_of(asked.get("filename"))
        size = self._check_bytes(asked.get("bytes"))
        key = own_prefix(self._request, self._settings.api_auth) + _new_key(kind)
        return json_answer(201, self._presigned.upload(key, f"image/{kind}", size, overrides.to_metadata()))

    def find(self) -> Answer:
        """Return 200 with the manifest, or 202 with the paintings that are ready so far."""
        self._query()
        key = self._request.key
        if not is_text(key) or not key.startswith(own_prefix(self._request, self._settings.api_auth)):
            raise NotFound("expected the key of a photo, got one that nothing is known of")
        found = find(self._store, self._settings, key)
        return json_answer(_status([_status_of(found)]), self._described(found))

    def recent(self) -> Answer:
        """Return the newest manifests: the caller's own, or everyone's."""
        text = self._query("limit").get("limit", str(DEFAULT_LIMIT))
        if not self._settings.list_paintings:
            raise NotFound("expected a deployment that lists photos (parameter ListPaintings), got one that does not")
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= HIGHEST_LIMIT):
            raise BadRequest(f"limit: expected a whole number from 1 to {HIGHEST_LIMIT}, got {text[:20]!r}")
        prefix = own_prefix(self._request, self._settings.api_auth)
        manifests, is_complete = recent(self._store, int(text), prefix)
        return json_answer(200, {"photos": [self._described(m) for m in manifests], "complete": is_complete})

    def health(self) -> Answer:
        """Return versions, vCPUs and kernels in use."""
        self._query()
        engine = self._studio.engine
        versions = {"atelier": engine["version"], "opencv": engine["opencv"], "python": python_version()}
        return json_answer(200, {"versions": versions, "vcpus": self._studio.vcpus, "kernels": engine["kernels"]})

    @property
    def _is_async(self) -> bool:
        return prefers_async(self._request.headers.get("prefer", ()))

    def _location(self, key: str) -> str:
        """Return the URL of the paintings, relative to the called address, which only the caller knows in full."""
        return key if self._request.path.endswith("/") else f"paintings/{key}"

    def _described(self, found: Manifest | Progress) -> dict[str, Any]:
        """Convert to JSON, with a URL for every painting and the time when the URL expires."""
        if isinstance(found, Manifest):
            content: dict[str, Any] = loads(found.to_json())
        else:
            photo = {"bucket": found.photo.bucket, "key": found.photo.key, "etag": found.photo.etag}
            content = {"status": "painting", "photo": photo, "paintings": [asdict(ready) for ready in found.paintings]}
        for painting in content.get("paintings", ()):
            painting |= self._presigned.download(painting["key"], painting["content_type"])
        return content

    def _query(self, *names: str) -> dict[str, str]:
        """Return the query. Raises BadRequest for names other than `names`."""
        query = dict(self._request.query)
        unknown = query.keys() - set(names)
        if unknown:
            raise BadRequest(f"query: expected {', '.join(names) or 'none'}, got {min(unknown)[:60]!r}")
        if len(query) < len(self._request.query):
            raise BadRequest("query: expected each name once, got one several times")
        return query

    def _check_bytes(self, size: object) -> int:
        """Return the size of a photo that is not too large. Raises BadRequest and PhotoTooLarge."""
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise BadRequest(f"bytes: expected a whole number above 0, got {shown(size)}")
        limit = self._settings.max_upload_mb
        if size > limit * MEGABYTE:
            raise PhotoTooLarge(f"expected at most {limit:g} MB, got {str(size)[:20]} bytes")
        return size

    def _wants_image(self, manifest: Manifest) -> bool:
        """Return whether to answer with the painting itself."""
        if len(manifest.paintings) != 1 or manifest.paintings[0].bytes > LARGEST_IMAGE:
            return False
        return prefers(self._request.headers.get("accept", ()), manifest.paintings[0].content_type)


def _recipe(pairs: list[tuple[str, str]]) -> RecipeOverrides:
    """Return the overrides in the query and the form fields together. Raises BadRecipe."""
    counts = Counter(name for name, _ in pairs if name != "styles")
    for name, count in counts.items():
        if count > 1:
            raise BadRecipe(f"{name[:60]}: expected one value, got {count}")
    return RecipeOverrides.from_pairs(pairs)


def _status_of(found: Manifest | Progress) -> str:
    return found.status if isinstance(found, Manifest) else "painting"


def _status(statuses: list[str]) -> int:
    """Return the status of several photos: 202 as long as one is not painted."""
    return 202 if "painting" in statuses else 200


def _kind_of(filename: object) -> str:
    """Return the image format of a file name's suffix. Raises BadRequest and UnsupportedFormat."""
    if not isinstance(filename, str):
        raise BadRequest(f"filename: expected a file name, got {shown(filename)}")
    _, dot, suffix = filename.lower().rpartition(".")
    if not dot or suffix not in SUFFIXES:
        raise UnsupportedFormat(f"filename: expected it to end in .{', .'.join(SUFFIXES)}, got {filename[-60:]!r}")
    return SUFFIXES[suffix]


def _new_key(kind: str) -> str:
    """Return a new key with 122 random bits, so that keys can't be guessed."""
    return f"{uuid4().hex}.{'jpg' if kind == 'jpeg' else kind}"
