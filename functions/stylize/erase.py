"""`python -m stylize.erase`: deletes photos, with all their versions, and everything that was made of them.

It needs no more than AWS credentials that may list and delete in the two buckets. docs/operations.md says what else
names a photo, and for how long.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import boto3

from .manifest import manifest_key
from .stores.base import possible_keys

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Doomed(NamedTuple):
    """An object, or one version of it."""

    bucket: str
    key: str
    version_id: str | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 all is deleted, or told; 1 something is left; 2 bad usage."""
    asked = _parser().parse_args(arguments)
    client = boto3.client("s3")
    doomed = [each for name in asked.names for each in find(client, asked.photos_bucket, asked.paintings_bucket, name)]
    for each in doomed:
        version = f" (version {each.version_id})" if each.version_id else ""
        print(f"{'delete' if asked.yes else 'would delete'} s3://{each.bucket}/{each.key}{version}")
    if not asked.yes:
        print(f"{len(doomed)} objects; say --yes to delete them")
        return 0
    erase(client, doomed)
    left = [each for name in asked.names for each in find(client, asked.photos_bucket, asked.paintings_bucket, name)]
    print(f"{len(doomed)} objects deleted, {len(left)} left")
    return 1 if left else 0


def find(client: "S3Client", photos_bucket: str, paintings_bucket: str, name: str) -> Iterator[Doomed]:
    """Yield every version of the photos that `name` means, photos first, and all that was made of them.

    A name that ends in a slash means all photos below it, any other the one photo of that key.
    """
    is_prefix = name.endswith("/")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=photos_bucket, Prefix=name):
        for listed in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if is_prefix or listed["Key"] == name:
                yield Doomed(photos_bucket, listed["Key"], listed["VersionId"])
    made = {manifest_key(name), *possible_keys(name)}
    below = name if is_prefix else f"{name}/"
    for objects in client.get_paginator("list_objects_v2").paginate(Bucket=paintings_bucket, Prefix=below):
        for found in objects.get("Contents", ()):
            if is_prefix or found["Key"] in made:
                yield Doomed(paintings_bucket, found["Key"])


def erase(client: "S3Client", doomed: Sequence[Doomed]) -> None:
    """Delete for good: a version that is named leaves no marker. Raises what S3 answers."""
    for each in doomed:
        if each.version_id:
            client.delete_object(Bucket=each.bucket, Key=each.key, VersionId=each.version_id)
        else:
            client.delete_object(Bucket=each.bucket, Key=each.key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m stylize.erase", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="key of a photo, or a prefix that ends in a slash")
    for name in ("photos", "paintings"):
        told = os.environ.get(f"{name.upper()}_BUCKET")
        parser.add_argument(f"--{name}-bucket", default=told, required=told is None)
    parser.add_argument("--yes", action="store_true", help="delete; without it, only tell what would be deleted")
    return parser


if __name__ == "__main__":
    sys.exit(main())
