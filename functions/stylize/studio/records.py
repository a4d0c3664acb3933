"""Translates stored manifests into the records that the protocol decides by."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime

from ..manifest import Manifest, PhotoFacts
from ..protocol import PhotoVersion, Record, Target
from ..protocol.facts import ClaimId, Found, Status, files
from ..recipe import Recipe
from ..stores.base import StoredManifest

NOTHING_KNOWN = Target(PhotoVersion(), None, explicit=False)


def version_of(photo: PhotoFacts) -> PhotoVersion:
    """Return the version that `photo` describes."""
    modified = datetime.fromisoformat(photo.last_modified).timestamp() if photo.last_modified else None
    return PhotoVersion(photo.version_id, photo.etag, modified, photo.bytes)


def found_in(stored: StoredManifest, engine: Mapping[str, str]) -> tuple[Found, Manifest | None]:
    """Return the record of a stored manifest, and the manifest; an UNREADABLE record and None if it can't be read."""
    try:
        manifest = Manifest.from_json(stored.content)
        record = record_of(manifest, stored.etag, engine)
    except ValueError as error:
        logging.getLogger(__name__).warning("unreadable manifest is replaced: %s", error)
        unreadable = Record(Status.UNREADABLE, NOTHING_KNOWN, ClaimId(stored.etag, 0))
        return Found(unreadable, stored.etag, stored.age), None
    return Found(record, stored.etag, stored.age), manifest


def record_of(manifest: Manifest, etag: str, engine: Mapping[str, str]) -> Record:
    """Return the record of a manifest. Raises ValueError when its recipe is no longer valid.

    A manifest of schema 1 has no run; its ETag takes that place. Its recipe has an older grammar and is not compared,
    so the photo's next event paints again.
    """
    recipe = manifest.recipe or {}
    run = manifest.run or {"id": etag, "turn": 0}
    target = Target(
        version_of(manifest.photo),
        Recipe.from_json(recipe) if manifest.schema > 1 and "hash" in recipe else None,
        explicit=bool(recipe.get("explicit")),
    )
    folder = f"{manifest.photo.key}/"
    return Record(
        Status(manifest.status),
        target,
        ClaimId(str(run["id"]), int(run["turn"])),
        files({key.removeprefix(folder): etag for key, etag in manifest.etags().items()}),
        is_current=manifest.engine == engine,
    )


def salt_of(claim: ClaimId) -> str:
    """Return the salt of paintings written under a claim: 24 hexadecimal digits, different for every claim.

    The salt follows from run and turn, which the manifest records, so anyone can verify a salted painting.
    """
    return hashlib.sha256(f"{claim.run} {claim.turn}".encode()).hexdigest()[:24]
