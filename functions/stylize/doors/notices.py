"""What a record of S3 is about: a photo to paint, or nothing to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from ..errors import UnknownEvent
from ..manifest import PhotoFacts
from .events import Event, is_bridged, shape

_CREATED = ("ObjectCreated:", "Object Created")
_NOTHING_TO_DO = (
    *("ObjectRemoved:", "LifecycleExpiration:", "LifecycleTransition", "IntelligentTiering", "ObjectRestore:"),
    *("ObjectTagging:", "ObjectAcl:", "Replication:", "ReducedRedundancyLostObject", "ObjectAnnotation:"),
    *(
        "Object Deleted",
        "Object Restore ",
        "Object Tags ",
        "Object ACL ",
        "Object Storage Class ",
        "Object Access Tier ",
    ),
)
"""Beginnings of the names of events after which no photo is to be painted, by S3 itself and through EventBridge."""


@dataclass(frozen=True)
class Notice:
    """One record; `size` in bytes, None where the record does not tell. `skip` says why there is nothing to do."""

    photo: PhotoFacts
    size: int | None
    skip: str = ""


def read_notice(record: object) -> Notice:
    """Read a record of a notification, or an event of EventBridge. Raises UnknownEvent."""
    if not isinstance(record, Mapping):
        raise UnknownEvent(f"expected a record of S3, got {shape(record)}")
    name = record.get("detail-type") if is_bridged(record) else record.get("eventName")
    if not isinstance(name, str):
        raise UnknownEvent(f"expected a record of S3 with the name of an event, got {shape(record)}")
    name = name.removeprefix("s3:")
    is_created = name.startswith(_CREATED)
    if not is_created and not name.startswith(_NOTHING_TO_DO):
        raise UnknownEvent(f"expected an event of S3 about a new object, got {name[:60]!r}")
    notice = _bridged(record) if is_bridged(record) else _notified(record)
    if not is_created:
        return Notice(notice.photo, notice.size, f"{name[:60]}: nothing to paint")
    return notice


def is_folder_marker(key: str, size: int | None) -> bool:
    """Whether an object is what the console's "Create folder" leaves: no bytes, under a key that ends in a slash."""
    return key.endswith("/") and size == 0


def _notified(record: Event) -> Notice:
    """S3 encodes keys as forms do: a space comes as a plus sign."""
    s3 = _mapping(record.get("s3"))
    stored = _mapping(s3.get("object"))
    bucket, key = _mapping(s3.get("bucket")).get("name"), stored.get("key")
    return _notice(record, bucket, unquote_plus(key) if isinstance(key, str) else key, stored, "eTag")


def _bridged(event: Event) -> Notice:
    """Through EventBridge keys come as they are."""
    detail = _mapping(event.get("detail"))
    stored = _mapping(detail.get("object"))
    return _notice(event, _mapping(detail.get("bucket")).get("name"), stored.get("key"), stored, "etag")


def _notice(record: Event, bucket: object, key: object, stored: Mapping[str, Any], etag: str) -> Notice:
    if not (isinstance(bucket, str) and isinstance(key, str) and bucket and key):
        raise UnknownEvent(f"expected a record of S3 with bucket and key, got {shape(record)}")
    size = stored.get("size")
    known_size = size if isinstance(size, int) and not isinstance(size, bool) else None
    tag = stored.get(etag)
    return Notice(PhotoFacts(bucket=bucket, key=key, etag=tag if isinstance(tag, str) else None), known_size)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
