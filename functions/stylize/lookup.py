"""Looks up the results for one photo by its key, or for the most recent photos. Nothing is painted here."""

import heapq
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from .engine import Format, Style
from .errors import BadRecipe, NotFound
from .manifest import Manifest, PhotoFacts, is_folder_marker, manifest_key, painting_key
from .recipe import Recipe, RecipeOverrides
from .settings import Settings
from .stores.base import DEADLINE, LONGEST_KEY, until
from .stores.s3 import ListedObject, S3Error, S3Store

OBJECTS_SEARCHED = 10_000
"""The most objects that `recent` lists: ten pages of a listing; a photo has five objects."""


@dataclass(frozen=True)
class ReadyPainting:
    """A painting in the paintings bucket that no manifest names yet."""

    style: str
    key: str
    bytes: int
    content_type: str


@dataclass(frozen=True)
class Progress:
    """A photo that is waiting or being painted, with its paintings that are ready."""

    photo: PhotoFacts
    paintings: tuple[ReadyPainting, ...]


def find(store: S3Store, settings: Settings, photo_key: str) -> Manifest | Progress:
    """Return the manifest of a photo, or the progress of its painting. Raises NotFound."""
    if len(manifest_key(photo_key).encode()) > LONGEST_KEY:
        raise NotFound(f"expected a key of at most {LONGEST_KEY} bytes, got a longer one")
    photos_bucket = settings.photos_bucket
    manifest = store.manifest(photo_key)
    try:
        photo = store.photo_object(photos_bucket, photo_key)
    except S3Error:
        if manifest and manifest.error:  # whatever forbids to read a photo may forbid to look at it
            return manifest
        raise
    if manifest and manifest.status != "painting" and not _is_outdated(manifest, settings, photo):
        return manifest
    if photo is None or is_folder_marker(photo_key, photo.bytes):
        raise NotFound("expected the key of a photo, got one that nothing is known of")
    facts = PhotoFacts(bucket=photos_bucket, key=photo_key, etag=photo.etag)
    return Progress(facts, tuple(_ready(store, photo_key, photo)))


def recent(store: S3Store, limit: int, prefix: str = "") -> tuple[list[Manifest], bool]:
    """Return the newest manifests under `prefix`, newest first, and whether the search covered all of them.

    S3 lists by key and not by time, so the search ends after OBJECTS_SEARCHED objects.
    """
    listing = store.list_paintings(prefix)
    searched = list(islice(listing, OBJECTS_SEARCHED))
    is_complete = next(listing, None) is None
    manifests = [listed for listed in searched if listed.key.endswith(manifest_key(""))]
    newest = heapq.nlargest(limit, manifests, key=lambda listed: listed.last_modified)
    keys = [listed.key.removesuffix(manifest_key("")) for listed in newest]
    deadline = DEADLINE.get()  # a thread has none of its own

    def read(key: str) -> Manifest | None:
        with until(deadline):
            return store.manifest(key)

    with ThreadPoolExecutor(8) as readers:
        found = [manifest for manifest in readers.map(read, keys) if manifest]
    return [manifest for manifest in found if manifest.status != "painting"], is_complete


def _is_outdated(manifest: Manifest, settings: Settings, photo: ListedObject | None) -> bool:
    """Return whether the photo, or the recipe in its metadata, was replaced after the manifest was written."""
    if manifest.photo.bucket != settings.photos_bucket or photo is None:
        return False
    if photo.etag != manifest.photo.etag:
        return True
    # A new version with the same bytes: its metadata may have another recipe.
    return photo.version_id != manifest.photo.version_id and _recipe_hash(settings, photo) != _hash_of(manifest)


def _recipe_hash(settings: Settings, photo: ListedObject) -> str | None:
    """Return the hash of the recipe in the photo's metadata, on top of the settings; None if it can't be read."""
    try:
        return Recipe.resolve(settings.overrides, RecipeOverrides.from_metadata(photo.metadata)).hash
    except BadRecipe:
        return None


def _hash_of(manifest: Manifest) -> str | None:
    return (manifest.recipe or {}).get("hash")


def _ready(store: S3Store, photo_key: str, photo: ListedObject) -> Iterator[ReadyPainting]:
    """Yield the paintings that are newer than the photo; older ones belong to a replaced photo."""
    stored = {listed.key: listed for listed in store.objects_of(photo_key)}
    for style in Style:
        for fmt in Format:
            listed = stored.get(painting_key(photo_key, style, fmt.extension))
            if listed and listed.last_modified >= photo.last_modified:
                yield ReadyPainting(style, listed.key, listed.bytes, fmt.content_type)
