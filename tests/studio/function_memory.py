"""Paints the largest photos of every kind in a process that has no more memory than the function, and dies without it.

    python -m tests.studio.function_memory [MB…]     # `make memory`: 512, 1024 and 1769 MB

The process is in a control group of that size where this user may make one, as Lambda's are; elsewhere it may not have
more memory to write to than that. Photos have the grain of a camera: what a file holds counts.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from PIL import Image

from local.cloud import PHOTOS, Cloud, local_cloud
from stylize.engine import inspect
from stylize.settings import Settings, megapixels_that_fit
from tests.support import ROOT, icc_files
from tests.support.photo_files import Rgb, by_tifffile, opencv, save, save_heic
from tests.support.pictures import sample

SIZES = (512, 1024, 1769)
GROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
MOST_BYTES = 50_000_000
TOLD = '{"result"'


@dataclass(frozen=True)
class Painted:
    """What became of a photo in a function of `memory_mb`; `peak` is resident memory in bytes."""

    name: str
    megapixels: float
    file_bytes: int
    result: str
    peak: int


def kinds() -> dict[str, Callable[[Rgb], bytes]]:
    def jpeg(rgb: Rgb, mode: str = "RGB", quality: int = 90, **options: object) -> bytes:
        return save(Image.fromarray(rgb).convert(mode), "JPEG", quality=quality, **options)

    def alpha(rgb: Rgb) -> Rgb:
        return np.dstack([rgb, rgb[..., 1]])

    def deep_heic(rgb: Rgb) -> bytes:
        codes = rgb.astype(np.uint16) * 257
        heif = pillow_heif.from_bytes("RGB;16", rgb.shape[1::-1], codes.tobytes())
        return save_heic(heif, enc_params={"preset": "ultrafast"})

    avif_options = cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_SPEED, 10
    return {
        "progressive.jpg": lambda p: jpeg(p, progressive=True, subsampling=0),
        "inks.jpg": lambda p: jpeg(p, "CMYK", 80, icc_profile=icc_files.cmyk_profile()),
        "deep.png": lambda p: opencv(".png", p.astype(np.uint16) * 257),
        "alpha.webp": lambda p: save(Image.fromarray(alpha(p)), "WEBP", method=0, quality=80),
        "deep-alpha.avif": lambda p: opencv(".avif", alpha(p).astype(np.uint16) << 2, *avif_options),
        "deep.heic": deep_heic,
        "colors.gif": lambda p: save(Image.fromarray(p // 32 * 32).quantize(64), "GIF"),
        "deep.tif": lambda p: by_tifffile(p.astype(np.uint16) * 257, "rgb", compression="deflate"),
        "plain.bmp": lambda p: save(Image.fromarray(p), "BMP"),
        "plain.jp2": lambda p: save(Image.fromarray(p), "JPEG2000", quality_layers=[30], irreversible=True),
    }


def photo(megapixels: float) -> Rgb:
    """A photo of so many megapixels, or a little less, with grain."""
    width = int((megapixels * 1e6 * 1.5) ** 0.5) // 8 * 8
    height = int(megapixels * 1e6 / width)
    large = cv2.resize(sample("coffee")[..., ::-1], (width, height), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).integers(-12, 13, (height, width, 1), np.int8)
    for top in range(0, height, 256):
        rows = large[top : top + 256].astype(np.int16) + grain[top : top + 256]
        large[top : top + 256] = np.clip(rows, 0, 255)
    return np.ascontiguousarray(large)


def largest(name: str, memory_mb: int) -> tuple[float, bytes]:
    """The largest photo of a kind that a function of that size takes, in megapixels, and its file."""
    make, megapixels = kinds()[name], megapixels_that_fit(memory_mb)
    room = Settings(memory_mb=memory_mb).decoder_room or 0
    while True:
        data = make(photo(megapixels))
        needed = 2 * len(data) + inspect(data).bytes_per_pixel * megapixels * 1e6
        if len(data) <= MOST_BYTES and needed <= room:
            return megapixels, data
        megapixels *= 0.98 * min(1.0, MOST_BYTES / len(data), room / needed)


def paint_within(cloud: Cloud, memory_mb: int, names: Sequence[str]) -> Iterator[Painted]:
    """Paint a JPEG of the limit, then each of `names` as large as it may be, twice, in one function."""
    with tempfile.TemporaryDirectory() as folder, control_group(memory_mb) as group:
        made: dict[str, tuple[float, int]] = {}
        for name in ("first.jpg", *names):
            plain = megapixels_that_fit(memory_mb)
            megapixels, data = largest(name, memory_mb) if name in names else (plain, _plain(plain))
            made[name] = megapixels, len(data)
            cloud.s3.put_object(Bucket=PHOTOS, Key=name, Body=data)
            del data
        keys = [key for name in names for key in ("first.jpg", name, name)]
        env = os.environ | cloud.environment | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb), "MAX_MEGAPIXELS": ""}
        env |= {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "POWERTOOLS_METRICS_DISABLED": "true"}
        env |= {"PYTHONPATH": str(ROOT), "TMPDIR": folder}
        command = [sys.executable, "-m", "tests.studio.function_memory", "--inside", str(group or memory_mb), *keys]
        with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            told = [json.loads(line) for line in process.stdout if line.startswith(TOLD)]
        for key, fields in zip(keys, told, strict=False):
            yield Painted(key, *made[key], fields["result"], fields["peak"])
        if process.returncode:
            key = keys[len(told)] if len(told) < len(keys) else "the end"
            yield Painted(key, *made.get(key, (0.0, 0)), f"killed, status {process.returncode}", 0)


def _plain(megapixels: float) -> bytes:
    return save(Image.fromarray(photo(megapixels)), "JPEG", quality=85)


@contextmanager
def control_group(memory_mb: int) -> Iterator[Path | None]:
    """A control group of so much memory; None: this user may not make one."""
    for parent in GROUPS:
        limit = {"memory": "memory.limit_in_bytes"}.get(parent.name, "memory.max")
        group = parent / f"function-memory-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(memory_mb * 2**20))
        except OSError:
            group.rmdir()
            continue
        try:
            yield group
        finally:
            group.rmdir()
        return
    yield None


def inside(group: str, keys: Sequence[str]) -> None:
    """The function: joins its group, starts, paints."""
    if group.isdigit():
        resource.setrlimit(resource.RLIMIT_DATA, (int(group) * 2**20, resource.RLIM_INFINITY))
    else:
        Path(group, "cgroup.procs").write_text(str(os.getpid()))
    from importlib import import_module

    import boto3

    from local.event_source_mapping import Context
    from stylize.manifest import manifest_key

    handler, s3 = import_module("stylize.handler").lambda_handler, boto3.client("s3")
    for key in keys:
        s3.delete_object(Bucket=os.environ["PAINTINGS_BUCKET"], Key=manifest_key(key))
        record = {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": os.environ["PHOTOS_BUCKET"]}, "object": {"key": key}},
        }
        Path("/proc/self/clear_refs").write_text("5")
        try:
            handler({"Records": [record]}, Context())
            found = s3.get_object(Bucket=os.environ["PAINTINGS_BUCKET"], Key=manifest_key(key))["Body"].read()
            manifest = json.loads(found)
            result = manifest.get("error", {}).get("message", manifest["status"])
        except Exception as failure:
            result = f"raised {getattr(failure, 'exceptions', [failure])[0]!r}"
        peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) * 1024
        print(json.dumps({"result": result, "peak": peak}), flush=True)  # begins as TOLD


def main(sizes: Sequence[int]) -> int:
    failed = 0
    with local_cloud() as cloud:
        for memory_mb in sizes:
            for painted in paint_within(cloud, memory_mb, list(kinds())):
                failed += painted.result != "done"
                print(
                    f"{memory_mb} MB, {painted.name}: {painted.megapixels:.1f} megapixels, "
                    f"{painted.file_bytes / 1e6:.1f} MB, peak {painted.peak / 2**20:.0f} MB, {painted.result}",
                    flush=True,
                )
    return int(failed > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main([int(size) for size in sys.argv[1:]] or SIZES))
