"""Upload forms and download URLs: whoever holds one may do that one thing, with the function's own rights."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..settings import MEGABYTE, Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Presigned:
    """Signs forms for the photos bucket and URLs for the paintings bucket. Nothing is sent to S3."""

    def __init__(self, client: "S3Client", settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def upload_form(self, key: str, content_type: str, metadata: Mapping[str, str]) -> dict[str, Any]:
        """Sign what an HTML form needs to put one photo under `key`: a URL, and fields for S3 to check.

        Key, content type, metadata and the range of bytes are part of what is signed: none can be changed or left out.
        """
        fixed = {"Content-Type": content_type} | {f"x-amz-meta-{name}": text for name, text in metadata.items()}
        size = ["content-length-range", 1, int(self._settings.max_upload_mb * MEGABYTE)]
        form = self._client.generate_presigned_post(
            self._settings.photos_bucket,
            key,
            Fields=dict(fixed),
            Conditions=[size, *({name: text} for name, text in fixed.items())],
            ExpiresIn=self._settings.url_expiry_seconds,
        )
        return {"key": key, **form, "expires_in": self._settings.url_expiry_seconds}

    def download_url(self, painting_key: str) -> str:
        """Sign a URL that reads one painting."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._settings.paintings_bucket, "Key": painting_key},
            ExpiresIn=self._settings.url_expiry_seconds,
        )
