"""`make run`: paints photos end to end, from a put into S3 to paintings that lie in a folder."""

import argparse
import json
import os
import shlex
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from .cloud import PAINTINGS, PHOTOS, Cloud, local_cloud
from .event_source_mapping import EventSourceMapping

SAMPLE = Path(__file__).parent / "samples" / "coffee.jpg"
OUT = Path("paintings")
LOG = OUT / "function.log"


def main(arguments: list[str]) -> int:
    """Paint the photos that `arguments` name; return the exit status: 0 all painted, 1 some refused, 2 bad usage."""
    photos = _photos(arguments)
    OUT.mkdir(exist_ok=True)
    with LOG.open("w") as log, local_cloud() as cloud:
        print(f"S3 and SQS listen at {cloud.endpoint}")
        worker = _worker(cloud, log)
        for photo in photos:
            cloud.s3.upload_file(str(photo), PHOTOS, photo.name)
            print(f"{photo} -> s3://{PHOTOS}/{photo.name}")
        while cloud.waiting(cloud.uploads_url):
            with redirect_stdout(log):
                failed = worker.poll(wait_seconds=1).failed
            if failed:
                print(f"the function failed, see {LOG}; on AWS the photo would be tried again", file=sys.stderr)
                return 1
        manifests = [_fetch(cloud, photo.name) for photo in photos]
    for manifest in manifests:
        _tell(manifest)
    print(f"\nlogs and metrics of the function: {LOG}")
    return 0 if all(manifest["status"] == "done" for manifest in manifests) else 1


def _photos(arguments: list[str]) -> list[Path]:
    """Return the photos to paint: files that exist, no two of one name. Anything else exits with status 2."""
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
    """Read a list of photos. A text that is the name of a file is that one photo, whatever characters it has."""
    try:
        return [Path(text)] if text and Path(text).is_file() else [Path(word) for word in shlex.split(text)]
    except ValueError:  # a quotation mark without its partner
        return [Path(text)]


def _worker(cloud: Cloud, log: TextIO) -> EventSourceMapping:
    """The function, cold-started as Lambda does it and writing to `log`, behind its event source mapping."""
    os.environ.update(cloud.environment)
    start = perf_counter()
    with redirect_stdout(log):
        handler = import_module("stylize.handler").lambda_handler
    print(f"cold start of the function: {perf_counter() - start:.2f} s")
    return EventSourceMapping(cloud.sqs, cloud.uploads_url, handler)


def _fetch(cloud: Cloud, photo_key: str) -> dict[str, Any]:
    """Brings what the function put for a photo into the folder, and returns its manifest."""
    for listed in cloud.s3.list_objects_v2(Bucket=PAINTINGS, Prefix=f"{photo_key}/")["Contents"]:
        path = OUT / listed["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        cloud.s3.download_file(PAINTINGS, listed["Key"], str(path))
    manifest: dict[str, Any] = json.loads((OUT / photo_key / "manifest.json").read_text("utf-8"))
    return manifest


def _tell(manifest: dict[str, Any]) -> None:
    photo = manifest["photo"]
    if manifest["status"] == "refused":
        print(f"\n{photo['key']} was refused: {manifest['error']['code']}: {manifest['error']['message']}")
        return
    print(f"\n{photo['key']}, {photo['width']} x {photo['height']} pixels")
    for painting in manifest["paintings"]:
        kilobytes, path = painting["bytes"] / 1000, str(OUT / painting["key"])
        print(f"  {path:<44} {kilobytes:6.0f} kB {painting['seconds']:8.3f} s of CPU")
    print("  " + ", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in manifest["seconds"].items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
