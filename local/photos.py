"""Puts photos into the local cloud, and downloads their paintings into a folder."""

import argparse
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cloud import PAINTINGS, PHOTOS, Cloud

SAMPLE = Path(__file__).parent / "samples" / "coffee.jpg"
OUT = Path("paintings")
LOG = OUT / "function.log"


def chosen(arguments: list[str]) -> list[Path]:
    """Return the photos to paint. Exit with status 2 if a file is missing or two have the same name."""
    parser = argparse.ArgumentParser(prog="local", description="Paints photos end to end in a local cloud.")
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO", help="default: a sample")
    parser.add_argument("--list", metavar="TEXT", help="one photo, or several as in a shell: cat.jpg 'my dog.jpg'")
    asked = parser.parse_args(arguments)
    photos: list[Path] = asked.photos + _listed(asked.list or "") or [SAMPLE]
    if missing := [repr(str(photo)) for photo in photos if not photo.is_file()]:
        parser.error(f"expected photos, found no file at {', '.join(missing)}")
    if len({photo.name for photo in photos}) < len(photos):
        parser.error("expected photos of different file names, got two alike: one would replace the other")
    return photos


def _listed(text: str) -> list[Path]:
    """Read a list of photos. If the whole text is the name of a file, it is that one photo."""
    try:
        return [Path(text)] if text and Path(text).is_file() else [Path(word) for word in shlex.split(text)]
    except ValueError:  # an unbalanced quotation mark
        return [Path(text)]


def upload(cloud: Cloud, photos: list[Path]) -> None:
    for photo in photos:
        cloud.s3.upload_file(str(photo), PHOTOS, photo.name)
        print(f"{photo} -> s3://{PHOTOS}/{photo.name}")


def fetch(cloud: Cloud, photo_key: str) -> dict[str, Any]:
    """Download a photo's paintings and manifest into the folder, and return the manifest."""
    for listed in cloud.s3.list_objects_v2(Bucket=PAINTINGS, Prefix=f"{photo_key}/")["Contents"]:
        path = OUT / listed["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        cloud.s3.download_file(PAINTINGS, listed["Key"], str(path))
    manifest: dict[str, Any] = json.loads((OUT / photo_key / "manifest.json").read_text("utf-8"))
    return manifest


def tell(manifest: Mapping[str, Any]) -> None:
    photo = manifest["photo"]
    if manifest["status"] == "refused":
        print(f"\n{photo['key']} was refused: {manifest['error']['code']}: {manifest['error']['message']}")
        return
    print(f"\n{photo['key']}, {photo['width']} x {photo['height']} pixels")
    for painting in manifest["paintings"]:
        kilobytes, path = painting["bytes"] / 1000, str(OUT / painting["key"])
        print(f"  {path:<44} {kilobytes:6.0f} kB {painting['seconds']:8.3f} s of CPU")
    print("  " + ", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in manifest["seconds"].items()))
