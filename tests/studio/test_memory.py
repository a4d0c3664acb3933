"""The largest accepted photo fits into the function's memory, after any other photo."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stylize.settings import BYTES_PER_PIXEL
from tests.support.pictures import encoded, picture

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 4000, 2500
MEGABYTE = 1_000_000

PAINT_THEM = """
import re, sys
from pathlib import Path
from stylize.engine import ThreadPool, BufferPool
from stylize.manifest import PhotoFacts
from stylize.stores.memory import MemoryStore
from stylize.settings import Settings
from stylize.studio import Studio

def told(name):
    return int(re.findall(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[0]) * 1024

def paint(photo):
    store = MemoryStore(photo)
    assert Studio(store, settings, thread_pool, buffer_pool).paint(PhotoFacts(None, "photo")).manifest.is_done

small, *photos = (Path(path).read_bytes() for path in sys.argv[2:])
settings, thread_pool, buffer_pool = Settings(), ThreadPool(1), BufferPool(int(sys.argv[1]))
paint(small)
before = told("VmRSS") - buffer_pool.kept_bytes
for photo in photos:
    paint(photo)
print(told("VmHWM") - before)
"""


def test_whatever_photo_came_before(tmp_path: Path) -> None:
    """Free buffers are dropped for a decoder that needs as much memory as painting does."""
    plain = picture("flat", HEIGHT, WIDTH)  # so that the files themselves hardly count
    deep = np.dstack([plain, np.full((HEIGHT, WIDTH), 200, np.uint8)]).astype(np.uint16) * 257
    photos = {"small.png": encoded(deep[:20, :20], ".png"), "plain.jpg": encoded(plain, ".jpg")}
    photos["deep.png"] = encoded(deep, ".png")
    for name, content in photos.items():
        (tmp_path / name).write_bytes(content)
    room = BYTES_PER_PIXEL * WIDTH * HEIGHT
    given = [tmp_path / name for name in ("small.png", "plain.jpg", "deep.png", "plain.jpg", "deep.png")]
    command = [sys.executable, "-c", PAINT_THEM, str(room), *map(str, given)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    # What the function takes by itself is counted with as much to spare.
    assert int(ended.stdout) < room + 30 * MEGABYTE
