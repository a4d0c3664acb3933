"""The memory of decoding is estimated beforehand and limited."""

import resource
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from stylize.engine import BufferPool, decode, inspect
from stylize.errors import PhotoTooLarge, UnreadablePhoto
from tests.hostile.bombs import MODEST_AVIF
from tests.support import ROOT
from tests.support.photo_corpus import File, files
from tests.support.photo_files import save, save_heic

FILES: dict[str, File] = {file.name: file for file in files()}


def test_a_header_that_is_too_modest():
    """A file of 1.3 kB with a header of 10 x 10 that needs 1.9 GB is refused, and the limit is lifted afterwards."""
    limits, peak = resource.getrlimit(resource.RLIMIT_DATA), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadablePhoto):
        decode(MODEST_AVIF)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 100_000  # kB
    assert resource.getrlimit(resource.RLIMIT_DATA) == limits


@pytest.mark.parametrize("name", ["AVIF", "HEIC"])
def test_a_modest_header_in_a_process_of_its_own(name, tmp_path):
    """3000 x 3000 that say 10 x 10: no decoder ends the process, or takes more than is spared.

    AV1's scales the picture to what the header says, HEVC's is refused.
    """
    image = Image.fromarray(np.full((3000, 3000, 3), 90, np.uint8))
    data = save_heic(image) if name == "HEIC" else save(image, "AVIF", speed=10)
    parts = data.split(b"ispe")
    lies = [part[:4] + struct.pack(">II", 10, 10) + part[12:] for part in parts[1:]]
    (tmp_path / "photo").write_bytes(b"ispe".join([parts[0], *lies]))
    look = f"""
import resource, sys
from pathlib import Path
from stylize.engine import decode
from stylize.errors import UnreadablePhoto
from tests.support.photo_corpus import files
for file in files():
    if file.name in ("plain.avif", "plain.heic"):
        decode(file.data)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decoded = decode(Path({str(tmp_path / "photo")!r}).read_bytes()).pixels.size
except UnreadablePhoto:
    decoded = 0
if decoded in (0, 300):
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    ended = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 80_000  # kB


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_what_decoding_is_given_is_enough(file):
    """No sound photo exceeds the limit, however small it is."""
    decode(file.data, room=inspect(file.data).bytes_per_pixel * 120 * 80 + 2 * len(file.data))


def test_a_photo_that_does_not_fit_is_refused_before_it_is_decoded():
    """A photo whose file and decoder do not fit is refused with the size that would have fit."""
    data = FILES["plain.jp2"].data
    with pytest.raises(PhotoTooLarge, match=r"expected at most 0.0 megapixels in a jp2 of 0.0 MB, as there is memory"):
        decode(data, room=100_000)
    with pytest.raises(PhotoTooLarge):
        decode(data, room=inspect(data).bytes_per_pixel * 120 * 80 + len(data))


def test_buffers_make_room_for_a_decoder():
    """Free buffers are dropped for a decoder's memory, and only as many as needed."""
    pool = BufferPool(keep_bytes=1_100_000)
    pool.reserve([400_000, 500_000])
    decode(FILES["plain.png"].data, buffer_pool=pool)
    assert pool.kept_bytes == 900_000
    decode(FILES["deep.jp2"].data, buffer_pool=pool)
    assert pool.kept_bytes == 400_000


def test_a_second_photo_finds_its_memory_warm():
    """Decoding a second photo faults in almost no page, in a process of its own."""
    look = """
import resource, sys
from stylize.engine import BufferPool, Format, decode, encode
import numpy as np

BufferPool()
data = encode(np.zeros((2160, 3840, 3), np.uint8), Format.JPEG, 90)
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    decode(data)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    ended = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)
    assert int(ended.stdout) < 600  # of the 6,075 pages that the pixels fill


def test_a_jpeg_needs_no_other_library():
    """Decoding a JPEG imports no library of other formats."""
    look = """
import sys
from stylize.engine import Format, decode, encode
import numpy as np

decode(encode(np.zeros((20, 30, 3), np.uint8), Format.JPEG, 90))
print([name for name in sys.modules if name.split(".")[0] in ("PIL", "pi_heif", "_pi_heif")])
"""
    ended = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "[]"
