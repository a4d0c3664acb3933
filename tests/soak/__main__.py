"""Thousands of photos through queue, function and S3, while workers are killed, events come twice and photos are bad.

`python -m tests.soak 2000`, or `make soak`.
"""

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote_plus

import cv2
import numpy as np

from local.cloud import PAINTINGS, PHOTOS, Cloud, local_cloud
from tests.support.workers import PollingWorker

BAD, TWICE = 0.05, 0.05  # shares of the photos, and of the events
VISIBILITY_SECONDS = 6
AHEAD = 20  # photos that wait while workers paint: a batch for each
AT_ONCE = 5  # photos that are put one after the other
FOUR = ("color-pencil", "oil", "sketch", "watercolor")


@dataclass
class Logged:
    """A worker and what its log says it has done."""

    worker: PollingWorker
    log: Path

    @property
    def done(self) -> int:
        return self.log.read_text("utf-8").count('"message":"painted') + self.log.read_text("utf-8").count('"refused"')

    @property
    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.worker.process.pid}/status").read_text("utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1_000_000


@dataclass
class Soaked:
    """How it ended. `faults` says in words what is not as it has to be."""

    kills: int
    seconds: float
    early_mb: float  # resident, of the worker that lived from beginning to end, after the first photos
    late_mb: float
    faults: list[str]


def soak(photos: int, folder: Path, early: int) -> Soaked:
    """Paints `photos` photos with two workers: one that is killed again and again, and one whose memory is watched."""
    chance = random.Random(photos)
    bad = set(chance.sample(range(photos), round(BAD * photos)))
    begin, kills, early_mb = monotonic(), 0, 0.0
    with local_cloud(visibility_seconds=VISIBILITY_SECONDS) as cloud:
        steady, victim = _start(cloud, folder, "steady"), _start(cloud, folder, "victim-0")
        for first in (steady, victim):
            first.worker.wait_until_ready()
        fate = 1
        sent = 0
        try:
            while sent < photos or cloud.waiting(cloud.uploads_url):
                for _ in range(AT_ONCE):  # and then a look at the victim: workers may be faster than uploads
                    if sent < photos and cloud.waiting(cloud.uploads_url) < AHEAD:
                        _upload(cloud, sent, sent in bad, chance)
                        sent += 1
                if victim.done >= fate and sent < photos:
                    sleep(chance.random() / 10)
                    victim.worker.kill()
                    kills += 1
                    victim, fate = _start(cloud, folder, f"victim-{kills}"), chance.randrange(1, 15)
                if not early_mb and steady.done >= early:
                    early_mb = steady.resident_mb
                sleep(0.05)
                if monotonic() - begin > 60 + photos:
                    raise TimeoutError(f"expected an empty queue, got {cloud.waiting(cloud.uploads_url)} messages")
            late_mb = steady.resident_mb
        finally:
            steady.worker.kill()
            victim.worker.kill()
        faults = _faults(cloud, photos, bad)
    return Soaked(kills, monotonic() - begin, early_mb, late_mb, faults)


def _start(cloud: Cloud, folder: Path, name: str) -> Logged:
    log = folder / f"{name}.log"
    # less than a message stays hidden
    return Logged(PollingWorker(cloud, log, {"LEASE_SECONDS": "5"}), log)


def _key(n: int) -> str:
    return f"soak/photo {n}.png"


def _upload(cloud: Cloud, n: int, is_bad: bool, chance: random.Random) -> None:
    """A photo that is like no other, or none at all; now and then its event comes once more."""
    pixels = np.random.default_rng(n).integers(0, 256, (24, 24 + n % 40, 3), np.uint8)
    content = cv2.imencode(".png", pixels)[1].tobytes()
    cloud.s3.put_object(Bucket=PHOTOS, Key=_key(n), Body=content[: len(content) // 2] if is_bad else content)
    if chance.random() < TWICE:
        stored = {"bucket": {"name": PHOTOS}, "object": {"key": quote_plus(_key(n))}}
        record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": stored}
        cloud.sqs.send_message(QueueUrl=cloud.uploads_url, MessageBody=json.dumps({"Records": [record]}))


def _faults(cloud: Cloud, photos: int, bad: set[int]) -> list[str]:
    """Compares what lies in the paintings bucket with what has to."""
    pages = cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=PAINTINGS)
    listed = {o["Key"]: o["ETag"].strip('"') for page in pages for o in page.get("Contents", ())}
    faults = []
    if failed := cloud.waiting(cloud.failed_uploads_url):
        faults.append(f"expected no failed upload, got {failed}")
    for n in range(photos):
        etag = listed.pop(f"{_key(n)}/manifest.json", None)
        manifest = _manifest(cloud, n) if etag else {}
        expected = "refused" if n in bad else "done"
        if manifest.get("status") != expected:
            faults.append(f"{_key(n)}: expected {expected}, got {manifest.get('status')}")
        styles = [p["style"] for p in manifest.get("paintings", ())]
        if expected == "done" and sorted(styles) != list(FOUR):
            faults.append(f"{_key(n)}: expected four paintings, got {styles}")
        for painting in manifest.get("paintings", ()):
            if listed.pop(painting["key"], None) != painting["etag"]:
                faults.append(f"{painting['key']}: expected the painting that the manifest names, got another or none")
    return faults + [f"{key}: expected nothing, got a file that no manifest names" for key in listed]


def _manifest(cloud: Cloud, n: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.load(cloud.s3.get_object(Bucket=PAINTINGS, Key=f"{_key(n)}/manifest.json")["Body"])
    return manifest


def main(photos: int) -> int:
    with TemporaryDirectory() as folder:
        end = soak(photos, Path(folder), early=min(100, photos // 3))
    for fault in end.faults:
        print(fault, file=sys.stderr)
    growth = end.late_mb / end.early_mb - 1
    print(f"{photos} photos in {end.seconds:.0f} s, {end.kills} workers killed, {len(end.faults)} faults")
    print(
        f"resident memory after the first photos {end.early_mb:.1f} MB, at the end {end.late_mb:.1f} MB: {growth:+.1%}"
    )
    return 1 if end.faults or growth > 0.02 else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
