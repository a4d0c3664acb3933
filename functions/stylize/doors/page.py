"""The studio page: `GET /` and `GET /page/{asset}`, the only routes that ask for no key."""

from base64 import b64encode
from json import dumps
from typing import Any
from urllib.parse import urlsplit

from .. import assets
from ..stores.presigned import Presigned
from ..stores.s3 import S3Store
from ..studio import Studio
from .events import Event, is_rest, route


def answer(event: Event, studio: Studio) -> dict[str, Any]:
    """Return the page or an asset; without a body where the browser has it already."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    _, path = route(event)
    if path in ("", "/"):
        whole = _whole_path(event)
        if not whole.endswith("/"):  # what the page links to would be looked for outside the stage
            return _redirected(f"{whole.rpartition('/')[2]}/")
        path = assets.HOME
    asset = assets.read_page(assets.FOLDER).get(path.rpartition("/")[2])
    if asset is None:
        return _not_found(event["requestContext"].get("requestId", ""))
    # A REST API compresses what it passes on, and passes on bytes only to who accepts their very type.
    found = assets.respond(asset, _site(studio), headers, may_gzip=not is_rest(event))
    is_text = asset.is_text and "Content-Encoding" not in found.headers
    body = found.body.decode("utf-8") if is_text else b64encode(found.body).decode()
    return {"statusCode": found.status, "headers": found.headers, "body": body, "isBase64Encoded": not is_text}


def _whole_path(event: Event) -> str:
    """The path that the browser sees, with the stage in it."""
    path: str = event["requestContext"].get("path", event["path"]) if is_rest(event) else event["rawPath"]
    return path


def _redirected(location: str) -> dict[str, Any]:
    headers = {"Location": location, "Cache-Control": assets.REVALIDATED}
    return {"statusCode": 308, "headers": headers, "body": ""}


def _not_found(request_id: str) -> dict[str, Any]:
    error = {"code": "not_found", "message": "expected the page or an asset that it names, got another name"}
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {"statusCode": 404, "headers": headers, "body": dumps({"error": error, "request_id": request_id})}


def _site(studio: Studio) -> assets.Site:
    """The site that this API is: S3 where the API signs for it to be."""
    if not isinstance(studio.store, S3Store):
        raise TypeError(f"expected a studio over S3, got one over {type(studio.store).__name__}")
    presigned = Presigned(studio.store.client, studio.settings)
    urls = presigned.upload_form("photo", "image/jpeg", {})["url"], presigned.download_url("painting")
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls}
    told = {"atelier-api": ".", "atelier-api-auth": "key", "atelier-photos-bucket": studio.settings.photos_bucket}
    return assets.Site(tuple(origins), told)
