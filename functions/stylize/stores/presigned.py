"""Where callers of the API leave photos and fetch paintings: what S3 is asked for besides painting."""

import heapq
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from ..engine import Style
from ..engine.codec.decode import Format
from ..engine.codec.inspect import MEGA
from ..errors import NotFound
from ..manifest import Manifest, PhotoFacts, manifest_key
from ..settings import Settings
from .s3 import S3Store

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef, ObjectTypeDef

LONGEST_KEY = 1024
"""Bytes of a key that S3 takes."""

PAGES_SEARCHED = 10
"""How far `recent` looks: pages of 1000 objects, five of which belong to a photo."""

_STYLES = frozenset(Style)
_CONTENT_TYPES = {fmt.extension: fmt.content_type for fmt in Format}


@dataclass(frozen=True)
class Progress:
    """A photo that is waiting or being painted, and those of its paintings that are there already."""

    photo: PhotoFacts
    paintings: tuple[Mapping[str, Any], ...]


class Desk:
    """Speaks to S3 with the function's own rights; whoever holds a URL that it signed borrows one of them."""

    def __init__(self, store: S3Store, settings: Settings) -> None:
        self._store = store
        self._client = store.client
        self._settings = settings

    def take_in(self, photo: bytes, kind: str, recipe: Mapping[str, str]) -> PhotoFacts:
        """Puts a photo of format `kind` into the photos bucket, under a key that nobody can guess.

        The recipe becomes the object's metadata, so that the event which S3 sends about it asks for the same paintings.
        """
        bucket, key = self._settings.photos_bucket, _new_key(kind)
        self._client.put_object(Bucket=bucket, Key=key, Body=photo, ContentType=f"image/{kind}", Metadata=dict(recipe))
        return PhotoFacts(bucket=bucket, key=key)

    def upload_form(self, kind: str, recipe: Mapping[str, str]) -> dict[str, Any]:
        """What an HTML form needs to put one photo into the bucket: the key, a URL, and fields for S3 to check.

        Key, content type, recipe and the range of bytes are part of what is signed: none can be changed or left out.
        """
        key = _new_key(kind)
        fixed = {"Content-Type": f"image/{kind}"} | {f"x-amz-meta-{name}": text for name, text in recipe.items()}
        size = ["content-length-range", 1, int(self._settings.max_upload_mb * MEGA)]
        form = self._client.generate_presigned_post(
            self._settings.photos_bucket,
            key,
            Fields=dict(fixed),
            Conditions=[size, *({name: text} for name, text in fixed.items())],
            ExpiresIn=self._settings.url_expiry_seconds,
        )
        return {"key": key, **form, "expires_in": self._settings.url_expiry_seconds}

    def find(self, photo_key: str) -> Manifest | Progress:
        """The manifest of a photo, or how far its painting has got. Raises NotFound."""
        if len(manifest_key(photo_key).encode()) > LONGEST_KEY:
            raise NotFound(f"expected a key of at most {LONGEST_KEY} bytes, got a longer one")
        manifest = self._store.manifest(photo_key)
        photo = self._photo(photo_key)
        if manifest and not self._is_outdated(manifest, photo):
            return manifest
        if photo is None:
            raise NotFound("expected the key of a photo, got one that nothing is known of")
        return Progress(
            PhotoFacts(bucket=self._settings.photos_bucket, key=photo_key, etag=photo["ETag"].strip('"')),
            tuple(self._ready(photo_key, photo)),
        )

    def recent(self, limit: int) -> tuple[list[Manifest], bool]:
        """Manifests of the photos that were dealt with last, newest first, and whether all of them were looked at.

        S3 lists by key and not by time, so this looks at PAGES_SEARCHED pages and no further.
        """
        listing = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._settings.paintings_bucket)
        manifests: list[ObjectTypeDef] = []
        is_complete = True
        for number, page in enumerate(listing, start=1):
            manifests += [listed for listed in page.get("Contents", ()) if listed["Key"].endswith(manifest_key(""))]
            if number == PAGES_SEARCHED:
                is_complete = not page["IsTruncated"]
                break
        newest = heapq.nlargest(limit, manifests, key=lambda listed: listed["LastModified"])
        keys = [listed["Key"].removesuffix(manifest_key("")) for listed in newest]
        with ThreadPoolExecutor(8) as readers:
            return [manifest for manifest in readers.map(self._store.manifest, keys) if manifest], is_complete

    def described(self, found: Manifest | Progress) -> dict[str, Any]:
        """As JSON, with a URL for every painting."""
        if isinstance(found, Manifest):
            content = json.loads(found.to_json())
        else:
            photo = {"bucket": found.photo.bucket, "key": found.photo.key, "etag": found.photo.etag}
            content = {"status": "painting", "photo": photo, "paintings": [dict(ready) for ready in found.paintings]}
        for painting in content.get("paintings", ()):
            painting["url"] = self.link(painting["key"])
        return dict(content)

    def fetch(self, painting_key: str) -> bytes:
        return self._client.get_object(Bucket=self._settings.paintings_bucket, Key=painting_key)["Body"].read()

    def link(self, painting_key: str) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._settings.paintings_bucket, "Key": painting_key},
            ExpiresIn=self._settings.url_expiry_seconds,
        )

    def _photo(self, key: str) -> "HeadObjectOutputTypeDef | None":
        try:
            return self._client.head_object(Bucket=self._settings.photos_bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404):  # 400: no key that S3 could hold
                return None
            raise

    def _is_outdated(self, manifest: Manifest, photo: "HeadObjectOutputTypeDef | None") -> bool:
        """Whether the photo has been replaced since, and not been painted again yet."""
        is_ours = manifest.photo.bucket == self._settings.photos_bucket
        return is_ours and photo is not None and photo["ETag"].strip('"') != manifest.photo.etag

    def _ready(self, photo_key: str, photo: "HeadObjectOutputTypeDef") -> Iterable[Mapping[str, Any]]:
        """Paintings that were put after the photo was; older ones are of a photo that it has replaced."""
        folder = f"{photo_key}/"
        listed = self._client.list_objects_v2(Bucket=self._settings.paintings_bucket, Prefix=folder, Delimiter="/")
        for put in listed.get("Contents", ()):
            style, _, extension = put["Key"].removeprefix(folder).partition(".")
            if style in _STYLES and extension in _CONTENT_TYPES and put["LastModified"] >= photo["LastModified"]:
                kind = _CONTENT_TYPES[extension]
                yield {"style": style, "key": put["Key"], "bytes": put["Size"], "content_type": kind}


def _new_key(kind: str) -> str:
    """122 random bits."""
    return f"{uuid4().hex}.{'jpg' if kind == 'jpeg' else kind}"
