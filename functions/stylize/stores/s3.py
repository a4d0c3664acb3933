"""Photos in, paintings out, by S3."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ..engine import Style
from ..errors import NotAuthorized, PhotoNotFound
from ..manifest import Manifest, PhotoFacts, manifest_key
from .base import OpenPhoto, Replaced, StoredPaintings, possible_keys

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Three tries within one invocation bridge a hiccup; what lasts longer is the queue's to bridge.
_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_CHUNK = 1 << 18
"""Bytes of a photo that are read between two looks at the time."""
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""S3's answers to a request with a condition when what was looked at is not there any more."""

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
        self._client: S3Client = boto3.Session().client("s3", config=_CONFIG.merge(_SIGNS))

    @property
    def client(self) -> "S3Client":
        return self._client

    def open(self, photo: PhotoFacts) -> OpenPhoto:
        """The newest version of the photo. Raises PhotoNotFound and NotAuthorized.

        A body cut short raises when it is read.
        """
        if photo.bucket is None:
            raise ValueError(f"photo {photo.key}: expected a bucket, got none")
        bucket, key = photo.bucket, photo.key
        try:
            answer = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _code(error) == "403":
                raise NotAuthorized(f"expected the right to read s3://{bucket}/{key}, got AccessDenied") from error
            if _code(error) != "404":
                raise
            raise self._why_not_found(bucket, key) from None
        facts = PhotoFacts(
            bucket=bucket,
            key=key,
            version_id=answer.get("VersionId"),
            etag=answer["ETag"].strip('"'),
            bytes=answer["ContentLength"],
        )
        return OpenPhoto(facts, answer["Metadata"], lambda: self._read(bucket, key, answer["ETag"]))

    def shelf(self, photo_key: str, known: StoredPaintings | None = None) -> StoredPaintings:
        """What lies there now. The manifest is read, unless it is still the one of `known`."""
        listed = self._listed(photo_key)
        etags = {key: listed[key] for key in possible_keys(photo_key) if key in listed}
        listed_etag = listed.get(manifest_key(photo_key))
        if listed_etag is None:
            return StoredPaintings(etags)
        if known and known.manifest_etag == listed_etag:
            return StoredPaintings(etags, listed_etag, known.manifest)
        manifest_etag, manifest = self._manifest(photo_key)
        return StoredPaintings(etags, manifest_etag, manifest)

    def put(self, key: str, content: bytes, content_type: str) -> str:
        """Returns the ETag."""
        answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
        return answer["ETag"].strip('"')

    def put_manifest(self, manifest: Manifest) -> str:
        """Returns the ETag. Raises Replaced when there is a manifest already."""
        with _replaced_if_changed():
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=manifest_key(manifest.photo.key),
                Body=manifest.to_json(),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        return answer["ETag"].strip('"')

    def delete_manifest(self, photo_key: str, etag: str) -> None:
        """Raises Replaced when the manifest is not the one with that ETag."""
        with _replaced_if_changed():
            self._client.delete_object(Bucket=self._bucket, Key=manifest_key(photo_key), IfMatch=f'"{etag}"')

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def manifest(self, photo_key: str) -> Manifest | None:
        """The manifest of a photo as it stands; None when there is none that can be read."""
        return self._manifest(photo_key)[1]

    def _why_not_found(self, bucket: str, key: str) -> Exception:
        """HEAD says 404 of a missing photo and of a missing bucket alike; GET tells them apart."""
        try:
            self._client.get_object(Bucket=bucket, Key=key)["Body"].close()
        except ClientError as error:
            if _code(error) not in _MISSING:
                return error
        return PhotoNotFound(f"expected a photo at s3://{bucket}/{key}, got none")

    def _read(self, bucket: str, key: str, etag: str) -> Iterator[bytes]:
        """The body in chunks. Raises Replaced when it would not be that of `etag`."""
        with _replaced_if_changed():
            answer = self._client.get_object(Bucket=bucket, Key=key, IfMatch=etag)
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(_CHUNK)

    def _listed(self, photo_key: str) -> dict[str, str]:
        """ETags by key of what lies under the photo's key, and perhaps of more."""
        folder = f"{photo_key}/"
        page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=folder, Delimiter="/")
        listed = _etags(page)
        if page["IsTruncated"]:  # the photo is named like a folder with many photos in it
            for stem in (*Style, "manifest"):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=f"{folder}{stem}.", Delimiter="/")
                listed |= _etags(page)
        return listed

    def _manifest(self, photo_key: str) -> tuple[str | None, Manifest | None]:
        """Its ETag and what it says, as far as there is one and it can be read."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=manifest_key(photo_key))
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise
            return None, None
        etag = answer["ETag"].strip('"')
        try:
            return etag, Manifest.from_json(answer["Body"].read())
        except ValueError as error:
            logging.getLogger(__name__).warning("unreadable manifest of %r is replaced: %s", photo_key, error)
            return etag, None


@contextmanager
def _replaced_if_changed() -> Iterator[None]:
    """Raises Replaced when S3 says that a condition does not hold."""
    try:
        yield
    except ClientError as error:
        if _code(error) not in _CHANGED:
            raise
        raise Replaced from None


def _etags(page: Mapping[str, Any]) -> dict[str, str]:
    return {listed["Key"]: listed["ETag"].strip('"') for listed in page.get("Contents", ())}


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
