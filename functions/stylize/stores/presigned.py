"""Signed uploads and downloads: each permits its holder one operation, with the function's permissions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

STARTED = time()
"""Seconds since 1970 at which this environment started."""

_LONGEST_SESSION = 12 * 3600
"""Seconds that a function's credentials last at most, from the start of its environment."""


class Presigned:
    """Signs uploads to the photos bucket and downloads from the paintings bucket. Nothing is sent to S3."""

    def __init__(self, client: "S3Client", settings: Settings, started: float = STARTED) -> None:
        self._client = client
        self._settings = settings
        self._started = started

    def upload(self, key: str, content_type: str, size: int, metadata: Mapping[str, str]) -> dict[str, Any]:
        """Sign a PUT of one photo under `key`; return its URL, and the headers that must be sent unchanged.

        The signature covers key, type, recipe, length in bytes, and the condition that the key is unused. So one
        signature accepts one photo, once.
        """
        seconds = self._settings.upload_expiry_seconds
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._settings.photos_bucket,
                "Key": key,
                "ContentType": content_type,
                "ContentLength": size,
                "IfNoneMatch": "*",
                "Metadata": dict(metadata),
            },
            ExpiresIn=seconds,
        )
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        headers |= {f"x-amz-meta-{name}": text for name, text in metadata.items()}
        ends = self._expiry(seconds)
        return {"key": key, "method": "PUT", "url": url, "headers": headers, "expires_in": seconds, "expires_at": ends}

    def download(self, painting_key: str, content_type: str) -> dict[str, str]:
        """Sign a URL that downloads one painting; return it with its time of expiry."""
        seconds = self._settings.url_expiry_seconds
        url = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._settings.paintings_bucket,
                "Key": painting_key,
                "ResponseContentDisposition": _attachment(painting_key),
                "ResponseContentType": content_type,
            },
            ExpiresIn=seconds,
        )
        return {"url": url, "expires_at": self._expiry(seconds)}

    def _expiry(self, seconds: int) -> str:
        """Return when a new signature expires: after `seconds`, or earlier, with the credentials' session."""
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        session = self._session_end()
        return min(ends, session or ends).isoformat(timespec="seconds").replace("+00:00", "Z")

    def _session_end(self) -> datetime | None:
        """Return when the credentials expire; None for permanent ones. A function's environment does not state it."""
        credentials = self._client._request_signer._credentials  # type: ignore[attr-defined]
        told: datetime | None = getattr(credentials, "_expiry_time", None)
        if told or not getattr(credentials, "token", None):
            return told
        return datetime.fromtimestamp(self._started + _LONGEST_SESSION, UTC)


def _attachment(painting_key: str) -> str:
    """Return a Content-Disposition that downloads the file, named after photo and style."""
    photo, _, painting = painting_key.rpartition("/")
    stem = photo.rpartition("/")[2].rpartition(".")[0] or photo.rpartition("/")[2]
    name = f"{stem}-{painting}"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
