"""`python -m stylize erase`: deletes photos with all versions, their paintings and manifests.

The command needs only AWS credentials with permissions to list and delete in the two buckets. docs/operations.md lists
other places that hold the key of a photo.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..manifest import manifest_key
from ..stores.base import possible_keys
from ..stores.s3 import S3Store


class Doomed(NamedTuple):
    """An object to delete, or one version of it."""

    bucket: str
    key: str
    version_id: str | None = None


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 everything is deleted, or listed; 1 an object is left; 2 bad usage."""
    asked = _parser().parse_args(arguments)
    store = S3Store(asked.paintings_bucket)
    doomed = [each for name in asked.names for each in find(store, asked.photos_bucket, asked.paintings_bucket, name)]
    for each in doomed:
        version = f" (version {each.version_id})" if each.version_id else ""
        print(f"{'delete' if asked.yes else 'would delete'} s3://{each.bucket}/{each.key}{version}")
    if not asked.yes:
        print(f"{len(doomed)} objects; say --yes to delete them")
        return 0
    erase(store, doomed)
    left = [each for name in asked.names for each in find(store, asked.photos_bucket, asked.paintings_bucket, name)]
    print(f"{len(doomed)} objects deleted, {len(left)} left")
    return 1 if left else 0


def find(store: S3Store, photos_bucket: str, paintings_bucket: str, name: str) -> Iterator[Doomed]:
    """Yield every version of the photos that `name` selects, then their paintings and manifests.

    A name that ends in a slash is a prefix, any other name is the key of one photo.
    """
    is_prefix = name.endswith("/")
    for key, version_id in store.photo_versions(photos_bucket, name):
        if is_prefix or key == name:
            yield Doomed(photos_bucket, key, version_id)
    made = {manifest_key(name), *possible_keys(name)}
    for found in store.list_paintings(name if is_prefix else f"{name}/"):
        if is_prefix or found.key in made:
            yield Doomed(paintings_bucket, found.key)


def erase(store: S3Store, doomed: Sequence[Doomed]) -> None:
    """Delete permanently. Raises S3's errors."""
    for each in doomed:
        if each.version_id:
            store.delete_photo_version(each.bucket, each.key, each.version_id)
        else:
            store.delete_painting(each.key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("stylize erase", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="key of a photo, or a prefix that ends in a slash")
    for name in ("photos", "paintings"):
        told = os.environ.get(f"{name.upper()}_BUCKET")
        parser.add_argument(f"--{name}-bucket", default=told, required=told is None)
    parser.add_argument("--yes", action="store_true", help="delete; without it, only tell what would be deleted")
    return parser
