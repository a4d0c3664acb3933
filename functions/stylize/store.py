"""Photos in, paintings out, by S3. The only file that asks it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import ClientError

from .client import new_client
from .errors import NotAuthorized, PhotoNotFound
from .manifest import Manifest, PhotoFacts, manifest_key
from .studio import OpenPhoto

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Three tries within one invocation bridge a hiccup; what lasts longer is the queue's to bridge.
_CONFIG = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})

# A URL signed for the bucket's own regional host works at once and everywhere; for the global one, which botocore
# would choose, S3 redirects while a bucket is new, and the signature breaks.
_SIGNS = Config(signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})

_MISSING = ("NoSuchKey", "404")  # the bare status, where the key has a character that the XML of the answer can't hold


class S3Store:
    """Photos from any bucket that an event names, paintings into one."""

    def __init__(self, paintings_bucket: str) -> None:
        self.renew()
        self._bucket = paintings_bucket

    def renew(self) -> None:
        """Makes the client, with credentials as the environment has them now and connections of its own."""
        self._client: S3Client = new_client("s3", _CONFIG.merge(_SIGNS))

    @property
    def client(self) -> "S3Client":
        return self._client

    @contextmanager
    def open(self, photo: PhotoFacts) -> Iterator[OpenPhoto]:
        """The newest version of the photo. Raises PhotoNotFound and NotAuthorized.

        A body cut short raises when it is read.
        """
        if photo.bucket is None:
            raise ValueError(f"photo {photo.key}: expected a bucket, got none")
        try:
            answer = self._client.get_object(Bucket=photo.bucket, Key=photo.key)
        except ClientError as error:
            if _code(error) == "AccessDenied":
                where = f"s3://{photo.bucket}/{photo.key}"
                raise NotAuthorized(f"expected the right to read {where}, got {_code(error)}") from error
            if _code(error) not in _MISSING:
                raise
            raise PhotoNotFound(f"expected a photo at s3://{photo.bucket}/{photo.key}, got none") from None
        facts = PhotoFacts(
            bucket=photo.bucket,
            key=photo.key,
            version_id=answer.get("VersionId"),
            etag=answer["ETag"].strip('"'),
            bytes=answer["ContentLength"],
        )
        with closing(answer["Body"]) as body:
            yield OpenPhoto(facts, answer["Metadata"], body.read)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def manifest(self, photo_key: str) -> Manifest | None:
        """The manifest of a photo as it stands; None when there is none that can be read."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=manifest_key(photo_key))
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise
            return None
        try:
            return Manifest.from_json(answer["Body"].read())
        except ValueError as error:
            logging.getLogger(__name__).warning("unreadable manifest of %s is replaced: %s", photo_key, error)
            return None


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
