"""The API behind API Gateway: REST proxy events, and HTTP API events of version 2.0. Callers read docs/api.md."""

from base64 import b64decode
from dataclasses import asdict
from json import dumps, loads
from platform import python_version
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from ..engine import ACCEPTED, inspect
from ..errors import AtelierError, BadRequest, NotFound, PhotoTooLarge, UnsupportedFormat
from ..lookup import Progress, find, recent
from ..manifest import Manifest, PhotoFacts
from ..recipe import RecipeOverrides
from ..settings import MEGABYTE
from ..stores.presigned import Presigned
from ..stores.s3 import S3Store
from ..studio import NewPhoto, Studio
from ..telemetry import count_failure, logger, report
from .events import Event

STATUS = {
    "bad_request": 400,
    "bad_recipe": 400,
    "not_authorized": 403,
    "not_found": 404,
    "photo_not_found": 404,
    "photo_too_large": 413,
    "unsupported_format": 415,
    "unreadable_photo": 422,
}
"""The HTTP status of every code; anything else is 500 internal_error."""

LARGEST_IMAGE = 4_500_000
"""Bytes of an image in an answer: in base64, what Lambda's 6 MB for an answer leave room for."""

DEFAULT_LIMIT, HIGHEST_LIMIT = 12, 50

_KINDS = {"jpg": "jpeg"} | {kind: kind for kind in ACCEPTED}

Resolver = APIGatewayRestResolver | APIGatewayHttpResolver


def answer(event: Event, studio: Studio) -> dict[str, Any]:
    """The response to a request, errors included: this never raises."""
    return _api(studio, is_rest=event.get("version") != "2.0").resolver.resolve(dict(event), LambdaContext())


def _api(studio: Studio, is_rest: bool) -> "Api":
    origin = studio.settings.allowed_origin
    cors = CORSConfig(allow_origin=origin) if origin else None
    return Api(APIGatewayRestResolver(cors=cors) if is_rest else APIGatewayHttpResolver(cors=cors), studio)


class Api:
    """The routes, each a method."""

    def __init__(self, resolver: Resolver, studio: Studio) -> None:
        if not isinstance(studio.store, S3Store):
            raise TypeError(f"expected a studio over S3, got one over {type(studio.store).__name__}")
        self.resolver = resolver
        self._studio = studio
        self._settings = studio.settings
        self._store = studio.store
        self._presigned = Presigned(studio.store.client, studio.settings)
        resolver.post("/paintings")(self.paint)
        resolver.get("/paintings")(self.recent)
        resolver.get("/paintings/.+")(self.find)
        resolver.post("/uploads")(self.upload)
        resolver.get("/health")(self.health)
        resolver.exception_handler(Exception)(self.failed)

    def paint(self) -> Response[Any]:
        """Paint the photo of the body, store it, and answer the manifest, or the painting if there is but one."""
        overrides = self._query_recipe()
        photo = self._body()
        kind = inspect(photo).format
        kept = PhotoFacts(bucket=self._settings.photos_bucket, key=_new_key(kind))
        outcome = self._studio.paint_new(kept, NewPhoto(photo, f"image/{kind}", overrides))
        report(outcome)
        if outcome.manifest.error:
            return self._error(**outcome.manifest.error)
        if self._wants_image(outcome.manifest):
            (painting,) = outcome.manifest.paintings
            image = self._store.get_painting(painting.key)
            headers = {"Cache-Control": "no-store", "X-Photo-Key": kept.key}
            return Response(200, painting.content_type, image, headers)
        return _json(200, self._described(outcome.manifest))

    def upload(self) -> Response[Any]:
        """A presigned POST for a photo that is too large for a request, or that a browser should send itself."""
        asked = self._json_body()
        overrides = RecipeOverrides.from_json(asked.get("recipe", ""))
        kind = _kind_of(asked.get("filename"))
        if "bytes" in asked:
            self._check_bytes(asked["bytes"])
        return _json(201, self._presigned.upload_form(_new_key(kind), f"image/{kind}", overrides.to_metadata()))

    def find(self) -> Response[Any]:
        """200 with the manifest, or 202 with the paintings that are ready so far."""
        self._query()
        path = self.resolver.current_event.path.partition("/paintings/")[2]
        key = unquote(path) if isinstance(self.resolver, APIGatewayRestResolver) else path  # HTTP APIs decode it
        found = find(self._store, self._settings.photos_bucket, key)
        return _json(200 if isinstance(found, Manifest) else 202, self._described(found))

    def recent(self) -> Response[Any]:
        """The photos that were dealt with last."""
        text = self._query("limit").get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= HIGHEST_LIMIT):
            raise BadRequest(f"limit: expected a whole number from 1 to {HIGHEST_LIMIT}, got {text[:20]!r}")
        manifests, is_complete = recent(self._store, int(text))
        return _json(200, {"photos": [self._described(m) for m in manifests], "complete": is_complete})

    def health(self) -> Response[Any]:
        """Versions, vCPUs and kernels in use."""
        self._query()
        engine = self._studio.engine
        versions = {"atelier": engine["version"], "opencv": engine["opencv"], "python": python_version()}
        return _json(200, {"versions": versions, "vcpus": self._studio.vcpus, "kernels": engine["kernels"]})

    def _described(self, found: Manifest | Progress) -> dict[str, Any]:
        """As JSON, with a URL for every painting."""
        if isinstance(found, Manifest):
            content: dict[str, Any] = loads(found.to_json())
        else:
            photo = {"bucket": found.photo.bucket, "key": found.photo.key, "etag": found.photo.etag}
            content = {"status": "painting", "photo": photo, "paintings": [asdict(ready) for ready in found.paintings]}
        for painting in content.get("paintings", ()):
            painting["url"] = self._presigned.download_url(painting["key"])
        return content

    def failed(self, error: Exception) -> Response[Any]:
        """The one shape of every error."""
        if isinstance(error, NotFoundError):  # Powertools' word for a path or method without a route
            event = self.resolver.current_event
            error = NotFound(f"expected a route of this API, got {event.http_method} {event.path[:100]}")
        if isinstance(error, AtelierError) and error.code in STATUS:
            return self._error(error.code, str(error))
        logger.exception("request failed", exc_info=error)
        count_failure()
        return self._error("internal_error", "expected an answer, got an error of the server; it is in the logs")

    def _error(self, code: str, message: str) -> Response[Any]:
        identity = self.resolver.current_event.request_context.request_id
        return _json(STATUS.get(code, 500), {"error": {"code": code, "message": message}, "request_id": identity})

    def _query_recipe(self) -> RecipeOverrides:
        """The query as a recipe; a REST API hands a repeated name over in a list. Raises BadRecipe."""
        event = self.resolver.current_event
        repeated = event.multi_value_query_string_parameters
        query = event.query_string_parameters.items()
        return RecipeOverrides.from_pairs(
            (name, value) for name, last in query for value in repeated.get(name) or [last]
        )

    def _query(self, *names: str) -> dict[str, str]:
        """The query, in which a misspelled name is not ignored. Raises BadRequest."""
        query = self.resolver.current_event.query_string_parameters
        unknown = query.keys() - set(names)
        if unknown:
            raise BadRequest(f"query: expected {', '.join(names) or 'none'}, got {min(unknown)[:60]!r}")
        return query

    def _body(self) -> bytes:
        """The photo: base64, as API Gateway hands over what is no text. Raises UnsupportedFormat and PhotoTooLarge."""
        event = self.resolver.current_event
        kind = event.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
        body = event.body or ""
        if kind not in {f"image/{name}" for name in ACCEPTED} or (body and not event.is_base64_encoded):
            expected = ", ".join(f"image/{name}" for name in ACCEPTED)
            raise UnsupportedFormat(f"Content-Type: expected one of {expected}, got {kind[:60]!r}")
        photo = b64decode(body)
        if photo:
            self._check_bytes(len(photo))
        return photo

    def _json_body(self) -> dict[str, Any]:
        event = self.resolver.current_event
        text = b64decode(event.body or "").decode("utf-8", "replace") if event.is_base64_encoded else event.body
        try:
            content = loads(text or "", parse_float=_number)
        except (ValueError, RecursionError):  # no JSON; a number of thousands of digits; lists in lists without end
            raise BadRequest("body: expected a JSON object, got something else") from None
        if not isinstance(content, dict):
            raise BadRequest(f"body: expected a JSON object, got {type(content).__name__}")
        unknown = content.keys() - {"filename", "bytes", "recipe"}
        if unknown:
            raise BadRequest(f"body: expected filename, bytes and recipe, got {min(unknown)[:60]!r}")
        return content

    def _check_bytes(self, size: object) -> None:
        """Raises BadRequest and PhotoTooLarge."""
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise BadRequest(f"bytes: expected a whole number above 0, got {str(size)[:60]!r}")
        limit = self._settings.max_upload_mb
        if size > limit * MEGABYTE:
            raise PhotoTooLarge(f"expected at most {limit:g} MB, got {str(size)[:20]} bytes")

    def _wants_image(self, manifest: Manifest) -> bool:
        """Whether to answer the painting itself; API Gateway too goes by the first type that is accepted."""
        if len(manifest.paintings) != 1 or manifest.paintings[0].bytes > LARGEST_IMAGE:
            return False
        accepted = self.resolver.current_event.headers.get("accept", "")
        return accepted.split(",")[0].partition(";")[0].strip().lower() in (
            "image/*",
            manifest.paintings[0].content_type,
        )


def _number(text: str) -> float:
    """In JSON 80.0 is a whole number, too."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _kind_of(filename: object) -> str:
    """The image format that a file name promises. Raises BadRequest and UnsupportedFormat."""
    if not isinstance(filename, str):
        raise BadRequest(f"filename: expected a file name, got {str(filename)[:60]!r}")
    _, dot, suffix = filename.lower().rpartition(".")
    if not dot or suffix not in _KINDS:
        raise UnsupportedFormat(f"filename: expected it to end in .{', .'.join(_KINDS)}, got {filename[-60:]!r}")
    return _KINDS[suffix]


def _new_key(kind: str) -> str:
    """122 random bits: nobody can guess the key of another's photo."""
    return f"{uuid4().hex}.{'jpg' if kind == 'jpeg' else kind}"


def _json(status: int, content: dict[str, Any]) -> Response[Any]:
    """Never cached: what was signed expires, and photos are painted meanwhile."""
    return Response(status, "application/json", dumps(content), {"Cache-Control": "no-store"})
