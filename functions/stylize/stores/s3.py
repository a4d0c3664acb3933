"""Photos in, paintings out, by S3."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ..errors import NotAuthorized, PhotoNotFound
from ..manifest import Manifest, PhotoFacts, manifest_key
from .base import OpenPhoto, Replaced, StoredPaintings, possible_keys

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import (
        GetObjectOutputTypeDef,
        HeadObjectOutputTypeDef,
        ObjectTypeDef,
        PutObjectOutputTypeDef,
    )

# Three tries within one invocation bridge a hiccup; what lasts longer is the queue's to bridge.
_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_CHUNK = 1 << 18
"""Bytes of a photo that are read between two looks at the time."""
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""S3's answers to a request with a condition when what was looked at is not there any more."""

# A URL signed for the bucket's own regional host works at once and everywhere; for the global one, which botocore
# would choose, S3 redirects while a bucket is new, and the signature breaks.
_SIGNS = Config(signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})

_MISSING = ("NoSuchKey", "404", "400")
"""S3's codes for an object that is not there: a bare status for a HEAD, and for a GET whose key has a character that
the XML of the answer can't hold; 400 for the HEAD of a key that S3 could not hold."""


@dataclass(frozen=True)
class ListedObject:
    """An object without its content."""

    key: str
    etag: str
    bytes: int
    last_modified: datetime
    version_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)


class S3Store:
    """Photos from any bucket that an event names, paintings into one."""

    def __init__(self, paintings_bucket: str, account: str = "") -> None:
        """Photos are read from buckets of `account` alone, a number of twelve digits; from any without one."""
        self._bucket = paintings_bucket
        self._account = account
        self.renew()

    def renew(self) -> None:
        """Makes the client, with credentials as the environment has them now and connections of its own."""
        self._client: S3Client = boto3.Session().client("s3", config=_CONFIG.merge(_SIGNS))
        if self._account:
            for operation in ("HeadObject", "GetObject"):
                event = f"provide-client-params.s3.{operation}"
                self._client.meta.events.register(event, self._expect_owner)  # type: ignore[arg-type]

    def _expect_owner(self, params: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        """Have S3 refuse a bucket, named by an event, that a stranger owns: names are free again when given up."""
        return params if params["Bucket"] == self._bucket else {**params, "ExpectedBucketOwner": self._account}

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
            etag=_etag(answer),
            bytes=answer["ContentLength"],
        )
        return OpenPhoto(facts, answer["Metadata"], lambda: self._read(bucket, key, answer["ETag"]))

    def stored(self, photo_key: str, known: StoredPaintings | None = None) -> StoredPaintings:
        """What lies there now. The manifest is read, unless it is still the one of `known`."""
        listed = {found.key: found.etag for found in self.objects_of(photo_key)}
        etags = {key: listed[key] for key in possible_keys(photo_key) if key in listed}
        listed_etag = listed.get(manifest_key(photo_key))
        if listed_etag is None:
            return StoredPaintings(etags)
        if known and known.manifest_etag == listed_etag:
            return StoredPaintings(etags, listed_etag, known.manifest)
        manifest_etag, manifest = self._manifest(photo_key)
        return StoredPaintings(etags, manifest_etag, manifest)

    def objects_of(self, photo_key: str) -> list[ListedObject]:
        """The photo's manifest and paintings, and perhaps other objects beside them."""
        page, is_last = next(self._pages(f"{photo_key}/", delimiter="/"))
        if is_last:
            return page
        # The photo is named like a folder with many photos in it: asking for each key that it can have is bounded.
        keys = [manifest_key(photo_key), *possible_keys(photo_key)]
        return [found for key in keys if (found := self._head(self._bucket, key))]

    def list_paintings(self, prefix: str = "") -> Iterator[ListedObject]:
        """Yield every object of the paintings bucket by key; a page is asked for when it is needed."""
        for page, _ in self._pages(prefix):
            yield from page

    def photo_object(self, bucket: str, key: str) -> ListedObject | None:
        """The photo as it lies in its bucket, without its content; None when there is none."""
        return self._head(bucket, key)

    def put_photo(
        self, bucket: str, key: str, photo: bytes, content_type: str, metadata: Mapping[str, str]
    ) -> tuple[str, str | None]:
        """Put a photo, as any other client would. Return its ETag and, where there are versions, its VersionId."""
        answer = self._client.put_object(
            Bucket=bucket, Key=key, Body=photo, ContentType=content_type, Metadata=dict(metadata)
        )
        return _etag(answer), answer.get("VersionId")

    def get_painting(self, key: str) -> bytes:
        """The content of a painting."""
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def put(self, key: str, content: bytes, content_type: str) -> str:
        """Returns the ETag."""
        answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
        return _etag(answer)

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
        return _etag(answer)

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

    def _pages(self, prefix: str = "", delimiter: str = "") -> Iterator[tuple[list[ListedObject], bool]]:
        """Yield the pages of a listing of the paintings bucket, and whether each is the last."""
        listing = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter=delimiter
        )
        for page in listing:
            yield (
                [
                    ListedObject(listed["Key"], _etag(listed), listed["Size"], listed["LastModified"])
                    for listed in page.get("Contents", ())
                ],
                not page["IsTruncated"],
            )

    def _head(self, bucket: str, key: str) -> ListedObject | None:
        """An object without its content; None when there is none."""
        try:
            answer = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise
            return None
        size, modified = answer["ContentLength"], answer["LastModified"]
        return ListedObject(key, _etag(answer), size, modified, answer.get("VersionId"), answer["Metadata"])

    def _manifest(self, photo_key: str) -> tuple[str | None, Manifest | None]:
        """Its ETag and what it says, as far as there is one and it can be read."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=manifest_key(photo_key))
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise
            return None, None
        etag = _etag(answer)
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


def _etag(
    answer: "ObjectTypeDef | HeadObjectOutputTypeDef | GetObjectOutputTypeDef | PutObjectOutputTypeDef",
) -> str:
    """Without the quotation marks that HTTP puts around it."""
    return answer["ETag"].strip('"')


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
