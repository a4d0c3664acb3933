"""The page's files as they are served."""

import gzip
import re
from pathlib import Path

import pytest

from stylize.page import HERE, INDEX, MEDIA_TYPES, REFERENCE, SERVICE_WORKER, Cloud, load
from tests.page.conftest import Opener, hang, visit
from tests.page.site import served

LIMIT = 45_000
"""Bytes of the page, compressed, without its sample."""


def test_first_visit_is_small(open_page: Opener) -> None:
    """A first visit loads less than 45 kB for the painted sample, each file compressed by itself."""
    page = open_page()
    asked = {request.url.rsplit("/", 1)[1] or INDEX for request in page.asked}
    assert "kernels.wasm" in asked
    files = load(Cloud(), hashed=False)
    sizes = {name: len(gzip.compress(files[name].content, 9)) for name in asked if name in files}
    del sizes["sample.jpg"]
    assert sum(sizes.values()) < LIMIT, sizes


def test_whole_page_is_small() -> None:
    """All files of the page are less than 45 kB as one compressed stream."""
    files = sorted(load(Cloud(), hashed=False).items(), key=lambda file: file[1].media_type)
    whole = b"".join(asset.content for name, asset in files if name != "sample.jpg")
    assert len(gzip.compress(whole, 9)) < LIMIT


def test_service_worker_keeps_every_file() -> None:
    """The service worker caches every file that the page can request."""
    kept = set(REFERENCE.findall((HERE / SERVICE_WORKER).read_text()))
    there = {path.name for path in HERE.iterdir() if path.suffix in MEDIA_TYPES}
    assert kept == there - {INDEX, SERVICE_WORKER}


def test_names_change_with_content_and_are_named_everywhere() -> None:
    """With hashed names, every reference leads to a file, and none uses an original name."""
    files = load(Cloud("./", "key", "photos"), hashed=True)
    for name, asset in files.items():
        if asset.media_type.startswith(("image", "application/wasm")):
            continue
        for found in re.findall(
            r'"\./((?:page/)?[\w.-]+\.(?:js|css|wasm|json|jpg|svg|png|webmanifest))"', asset.content.decode()
        ):
            assert found.removeprefix("page/") in files, (name, found)
    assert {name for name, asset in files.items() if not asset.is_immutable} == {INDEX, SERVICE_WORKER}
    assert b'<meta name="atelier-api" content="./">' in files[INDEX].content


@pytest.mark.parametrize("hashed", [False, True])
def test_served_page_paints(hashed: bool, open_page: Opener, tmp_path: Path, photo: Path) -> None:
    """The page without comments paints like its source, on a static host and under hashed names."""
    for name, asset in load(Cloud(), hashed=hashed).items():
        path = tmp_path / "site" / ("page" if hashed and name != INDEX else "") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(asset.content)
    with served(tmp_path / "site") as url:
        page = open_page(at=url)
        hang(page, photo)
        visit(page, "#enter")
        with page.expect_download() as saved:
            page.click("#room-save")
        assert saved.value.suggested_filename == "boat-oil.jpg"
