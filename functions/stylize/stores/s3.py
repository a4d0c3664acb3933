"""The store in S3: every call of S3's API."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.handlers import add_expect_header

from ..errors import ForeignBucket, NotAuthorized, OutOfTime, refusal_by_s3
from ..manifest import Manifest, PhotoFacts, manifest_key
from ..protocol.requests import ABSENT
from .base import DEADLINE, REQUESTS, OpenPhoto, Replaced, SeenPhoto, StoredManifest, possible_keys

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import (
        GetObjectOutputTypeDef,
        HeadObjectOutputTypeDef,
        ObjectTypeDef,
        PutObjectOutputTypeDef,
    )

_READ_SECONDS = 10.0

# Requests are limited to three tries within one invocation. After a longer outage the queue redelivers the message.
_CONFIG = Config(connect_timeout=3, read_timeout=_READ_SECONDS, retries={"mode": "standard", "total_max_attempts": 3})

# botocore's default work for every request costs as much processor time as a quarter of a photo. These options turn off
# checks that TLS makes anyway (checksums, signed bodies), and the validation of parameters, which only helps callers
# with wrong ones. The pool has more connections than there are requests in flight, because a photo opened by the first
# look holds a connection until it is read.
#
# A URL signed for the bucket's regional host works at once and everywhere. botocore would choose the global host, from
# which S3 redirects while a bucket is new, and a redirect breaks the signature.
_FRUGAL = Config(
    parameter_validation=False,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    max_pool_connections=REQUESTS + 16,
    s3={"payload_signing_enabled": False, "addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    signature_version="s3v4",
)
_CHUNK = 1 << 18
"""Bytes of a photo that are read between two checks of the deadline."""
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409")
"""S3's codes for a failed condition: the object that a caller has seen was replaced or deleted."""

_MISSING = ("NoSuchKey", "404", "400")
"""S3's codes for a missing object: a bare status for a HEAD, and for a GET whose key has a character that the XML of
the answer can't contain; 400 for the HEAD of a key that S3 could not store."""


S3Error = ClientError
"""An error that S3 answers."""


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
    """The store in S3: reads photos from any bucket that an event names, and writes paintings into one bucket.

    `base.Store` documents its methods.
    """

    def __init__(self, paintings_bucket: str, account: str = "", photos_bucket: str = "") -> None:
        """Read photos only from buckets of `account`, a number of twelve digits; empty: from any bucket.

        Denied access to `photos_bucket` raises NotAuthorized, which is retried; to another bucket, ForeignBucket.
        """
        self._bucket = paintings_bucket
        self._photos_bucket = photos_bucket
        self._account = account
        self.renew()

    def renew(self) -> None:
        """Create the client, with the environment's present credentials and new connections."""
        self._client: S3Client = boto3.Session().client("s3", config=_CONFIG.merge(_FRUGAL))
        self._client.meta.events.register("before-send.s3", _in_time)
        self._client.meta.events.unregister("before-call.s3", add_expect_header)
        if self._account:
            for operation in ("HeadObject", "GetObject"):
                event = f"provide-client-params.s3.{operation}"
                self._client.meta.events.register(event, self._expect_owner)  # type: ignore[arg-type]

    def _expect_owner(self, params: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        """Make S3 refuse a bucket in an event that another account owns: deleted buckets' names can be reused."""
        return params if params["Bucket"] == self._bucket else {**params, "ExpectedBucketOwner": self._account}

    @property
    def client(self) -> "S3Client":
        return self._client

    def open_photo(self, photo: PhotoFacts) -> OpenPhoto | None:
        """Open the newest version. Raises NotAuthorized and ForeignBucket; reading a truncated body raises, too."""
        bucket, key = _place(photo)
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            return self._not_opened(photo, error)
        body = answer["Body"]

        def read() -> Iterator[bytes]:
            with closing(body):
                yield from body.iter_chunks(_CHUNK)

        return OpenPhoto(_seen(photo, answer), read, body.close)

    def head_photo(self, photo: PhotoFacts) -> SeenPhoto | None:
        """Return the newest version without its body. A failed HEAD has no reason, so a GET follows it."""
        bucket, key = _place(photo)
        with suppress(ClientError):
            return _seen(photo, self._client.head_object(Bucket=bucket, Key=key))
        opened = self.open_photo(photo)
        if opened:
            opened.close()
        return opened.seen if opened else None

    def put_photo(
        self, photo: PhotoFacts, content: bytes, content_type: str, metadata: Mapping[str, str]
    ) -> PhotoFacts:
        """Put a photo, as any other client would."""
        bucket, key = _place(photo)
        answer = self._client.put_object(
            Bucket=bucket, Key=key, Body=content, ContentType=content_type, Metadata=dict(metadata)
        )
        return replace(photo, version_id=_version_id(answer), etag=_etag(answer), bytes=len(content))

    def get_manifest(self, photo_key: str) -> StoredManifest | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=manifest_key(photo_key))
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise
            return None
        with closing(answer["Body"]) as body:
            return StoredManifest(body.read(), _etag(answer), _age(answer))

    def painting_etags(self, photo_key: str) -> dict[str, str] | None:
        page, is_last = next(self._pages(f"{photo_key}/", delimiter="/"))
        return {listed.key: listed.etag for listed in page} if is_last else None

    def head_painting(self, key: str) -> str | None:
        found = self._head(self._bucket, key)
        return found.etag if found else None

    def put(self, key: str, content: bytes, content_type: str, condition: str) -> str:
        given: dict[str, Any] = {"IfNoneMatch": ABSENT} if condition == ABSENT else {"IfMatch": f'"{condition}"'}
        with _replaced_if_changed():
            answer = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type, **given
            )
        return _etag(answer)

    def delete(self, key: str, etag: str) -> None:
        """Delete a painting if it exists; this needs the permissions to get and to delete. Raises Replaced."""
        try:
            with _replaced_if_changed():
                self._client.delete_object(Bucket=self._bucket, Key=key, IfMatch=f'"{etag}"')
        except Replaced:
            if self.head_painting(key) is not None:
                raise

    def objects_of(self, photo_key: str) -> list[ListedObject]:
        """Return the photo's manifest and paintings, and possibly other objects with the same prefix."""
        page, is_last = next(self._pages(f"{photo_key}/", delimiter="/"))
        if is_last:
            return page
        # The photo has the name of a folder with many photos. One HEAD for each possible key bounds the requests.
        keys = [manifest_key(photo_key), *possible_keys(photo_key)]
        return [found for key in keys if (found := self._head(self._bucket, key))]

    def list_paintings(self, prefix: str = "") -> Iterator[ListedObject]:
        """Yield the objects of the paintings bucket under `prefix`, by key; pages are requested as needed."""
        for page, _ in self._pages(prefix):
            yield from page

    def delete_painting(self, key: str) -> None:
        """Delete an object of the paintings bucket, without a condition."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def photo_versions(self, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield key and version of every photo whose key begins with `prefix`, delete markers included."""
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for listed in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                yield listed["Key"], listed["VersionId"]

    def delete_photo_version(self, bucket: str, key: str, version_id: str) -> None:
        """Delete one version permanently: deletion by version ID leaves no delete marker."""
        self._client.delete_object(Bucket=bucket, Key=key, VersionId=version_id)

    def photo_object(self, bucket: str, key: str) -> ListedObject | None:
        """Return the photo in its bucket, without its content; None if there is none."""
        return self._head(bucket, key)

    def get_painting(self, key: str) -> bytes:
        """Return the content of a painting."""
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def manifest(self, photo_key: str) -> Manifest | None:
        """Return the stored manifest of a photo; None if there is none, or it can't be read."""
        stored = self.get_manifest(photo_key)
        try:
            return Manifest.from_json(stored.content) if stored else None
        except ValueError as error:
            logging.getLogger(__name__).warning("unreadable manifest of %r: %s", photo_key, error)
            return None

    def _not_opened(self, photo: PhotoFacts, error: ClientError) -> OpenPhoto | None:
        """Return the refusal that S3's error for reading a photo stands for; None if there is no photo.

        Raises NotAuthorized, ForeignBucket, or S3's own error if a retry may help.
        """
        code, message = _code(error), error.response.get("Error", {}).get("Message", "")
        bucket, key = _place(photo)
        if code in ("NoSuchKey", "404"):
            return None
        refusal = refusal_by_s3(code, message)
        if refusal:
            seen = SeenPhoto(photo, {}, inf)
            with suppress(ClientError):
                seen = _seen(photo, self._client.head_object(Bucket=bucket, Key=key))
            return OpenPhoto(replace(seen, refusal=refusal), lambda: iter(()))
        if code in ("AccessDenied", "403"):
            if self._photos_bucket and bucket not in (self._photos_bucket, self._bucket):
                text = f"expected a bucket that the function may read, got AccessDenied for {bucket}"
                raise ForeignBucket(text) from error
            raise NotAuthorized(f"expected the right to read s3://{bucket}/{key}, got AccessDenied") from error
        raise error

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
        """Return an object without its content; None if there is none."""
        try:
            answer = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise
            return None
        size, modified = answer["ContentLength"], answer["LastModified"]
        return ListedObject(key, _etag(answer), size, modified, _version_id(answer), answer["Metadata"])


def _in_time(request: Any, **_: object) -> None:
    """Limit the wait for an answer to the deadline, before each try of a request. Raises OutOfTime."""
    left = DEADLINE.get() - monotonic()
    if left <= 0:
        raise OutOfTime("expected S3 to answer before the invocation ends, got no answer in time")
    if left < _READ_SECONDS:
        request.context["read_timeout"] = left


@contextmanager
def _replaced_if_changed() -> Iterator[None]:
    """Turn S3's error for a failed condition into Replaced."""
    try:
        yield
    except ClientError as error:
        if _code(error) not in _CHANGED:
            raise
        raise Replaced from None


def _place(photo: PhotoFacts) -> tuple[str, str]:
    if photo.bucket is None:
        raise ValueError(f"photo {photo.key}: expected a bucket, got none")
    return photo.bucket, photo.key


def _seen(photo: PhotoFacts, answer: "GetObjectOutputTypeDef | HeadObjectOutputTypeDef") -> SeenPhoto:
    facts = PhotoFacts(
        bucket=photo.bucket,
        key=photo.key,
        version_id=_version_id(answer),
        etag=_etag(answer),
        last_modified=answer["LastModified"].isoformat(),
        bytes=answer["ContentLength"],
    )
    return SeenPhoto(facts, answer["Metadata"], _age(answer))


def _version_id(answer: Mapping[str, Any]) -> str | None:
    """Return the version ID; None in a bucket without versioning, and for objects from before it was enabled."""
    version_id = answer.get("VersionId")
    return None if version_id == "null" else version_id


def _age(answer: "GetObjectOutputTypeDef | HeadObjectOutputTypeDef") -> float:
    """Return the seconds since the object was put, by S3's clock."""
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return (now - answer["LastModified"]).total_seconds()


def _etag(
    answer: "ObjectTypeDef | HeadObjectOutputTypeDef | GetObjectOutputTypeDef | PutObjectOutputTypeDef",
) -> str:
    """Return the ETag without the quotation marks of HTTP."""
    return answer["ETag"].strip('"')


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
