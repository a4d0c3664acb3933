"""Reads a record of S3: a photo to paint, or an event that needs no work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from ..errors import UnknownEvent
from ..manifest import PhotoFacts, is_folder_marker
from ..stores.base import BUCKET_NAME
from ..stores.s3 import S3Store
from ..studio import Studio
from .events import Event, is_bridged, shape
from .text import is_text

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
"""Prefixes of the names of events that need no painting, from S3 itself and through EventBridge."""


@dataclass(frozen=True)
class Notice:
    """One record. `size` is in bytes, None if unknown; `skip` is the reason why there is nothing to do, or empty."""

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


def marks_folder(photo: PhotoFacts, size: int | None, studio: Studio) -> bool:
    """Return whether the photo is a folder marker. If its size is unknown and its key can be one, S3 is asked."""
    bucket = photo.bucket or ""
    is_asked = size is None and photo.key.endswith("/") and BUCKET_NAME.fullmatch(bucket)
    if is_asked and isinstance(studio.store, S3Store):
        found = studio.store.photo_object(bucket, photo.key)
        size = found.bytes if found else None
    return is_folder_marker(photo.key, size)


def _notified(record: Event) -> Notice:
    """Read a record of S3 itself, whose keys have form encoding: a plus sign is a space."""
    s3 = _mapping(record.get("s3"))
    stored, key = _mapping(s3.get("object")), _mapping(s3.get("object")).get("key")
    facts = {
        "bucket": _mapping(s3.get("bucket")).get("name"),
        "key": unquote_plus(key) if isinstance(key, str) else key,
        "version_id": stored.get("versionId"),
        "etag": stored.get("eTag"),
        "last_modified": _time(record.get("eventTime")),
    }
    return _notice(record, facts, stored.get("size"))


def _bridged(event: Event) -> Notice:
    """Read an event through EventBridge, whose keys are not encoded."""
    detail = _mapping(event.get("detail"))
    stored = _mapping(detail.get("object"))
    facts = {
        "bucket": _mapping(detail.get("bucket")).get("name"),
        "key": stored.get("key"),
        "version_id": stored.get("version-id"),
        "etag": stored.get("etag"),
        "last_modified": _time(event.get("time")),
    }
    return _notice(event, facts, stored.get("size"))


def _notice(record: Event, facts: Mapping[str, object], size: object) -> Notice:
    """Build a notice; facts that are not text count as missing, except bucket and key."""
    told: dict[str, Any] = {name: value for name, value in facts.items() if is_text(value) and value}
    if not {"bucket", "key"} <= told.keys():
        raise UnknownEvent(f"expected a record of S3 with bucket and key, got {shape(record)}")
    return Notice(PhotoFacts(**told), size if isinstance(size, int) and not isinstance(size, bool) else None)


def _time(text: object) -> str | None:
    """Return a time in S3's format; None for anything else."""
    try:
        return text if isinstance(text, str) and datetime.fromisoformat(text).tzinfo else None
    except ValueError:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
