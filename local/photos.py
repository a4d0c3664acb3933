"""Photos on their way through the local cloud, and back into a folder as paintings."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cloud import PAINTINGS, PHOTOS, Cloud

SAMPLE = Path(__file__).parent / "samples" / "coffee.jpg"
OUT = Path("paintings")
LOG = OUT / "function.log"


def chosen(arguments: list[str]) -> list[Path]:
    """Return the photos that are named, or the sample; exit with status 2 if one is not there."""
    photos = [Path(argument) for argument in arguments] or [SAMPLE]
    missing = [str(photo) for photo in photos if not photo.is_file()]
    if missing:
        print(f"expected photos, found no file at {', '.join(missing)}", file=sys.stderr)
        raise SystemExit(2)
    return photos


def upload(cloud: Cloud, photos: list[Path]) -> None:
    for photo in photos:
        cloud.s3.upload_file(str(photo), PHOTOS, photo.name)
        print(f"{photo} -> s3://{PHOTOS}/{photo.name}")


def fetch(cloud: Cloud, photo_key: str) -> dict[str, Any]:
    """Bring what the function put for a photo into the folder, and return its manifest."""
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
