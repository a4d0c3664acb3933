"""Saved files: the engine's own paintings, in files that open."""

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page

from stylize.engine import Style, paint
from tests.page.conftest import Opener, hang, pixels, visit, write_photo
from tests.support.pictures import read_picture


def saved(page: Page, button: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def decoded(content: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def test_saved_paintings_are_those_of_the_cloud(open_page: Opener, tmp_path: Path) -> None:
    """Saved paintings of full size have the engine's pixels, before compression, for a JPEG and a PNG."""
    photos = [write_photo(tmp_path / "boat.png", 1501, 1003), write_photo(tmp_path / "cat.jpg", 1300, 1700, seed=5)]
    page = open_page("?format=png")
    hang(page, *photos)
    name, content = saved(page, "#save-all")
    assert name == "paintings.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = [f"{photo.name}/{style}.png" for photo in photos for style in Style]
        assert sorted(archive.namelist()) == sorted(names)
        for photo in photos:
            for style, painting in paint(read_picture(photo)):
                expected = painting if painting.ndim == 3 else np.repeat(painting[..., None], 3, axis=2)
                assert np.array_equal(decoded(archive.read(f"{photo.name}/{style}.png")), expected), (photo, style)


def test_zip_holds_jpegs(open_page: Opener, tmp_path: Path) -> None:
    """A zip has all four paintings under the command line's names, whatever the photo's name."""
    page = open_page("?long-side=200")
    photo = write_photo(tmp_path / "海边 boat.png", 300, 200)
    hang(page, photo)
    name, content = saved(page, "#save-all")
    assert name == "海边 boat.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(f"{photo.name}/{style}.jpg" for style in Style)
        assert {decoded(archive.read(name)).shape for name in archive.namelist()} == {(133, 200, 3)}


def test_zip_leaves_out_what_cannot_be_painted(open_page: Opener, photo: Path, tmp_path: Path) -> None:
    """An undecodable photo among several is reported, and the others are saved."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    page = open_page()
    hang(page, photo, broken)
    _, content = saved(page, "#save-all")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.namelist()) == 4
    assert "broken.png" in page.locator("#notice").inner_text()


def test_one_is_saved_from_the_wall(open_page: Opener, photo: Path) -> None:
    """The front painting is saved at full size under the photo's name."""
    page = open_page(reduced_motion="reduce")
    hang(page, photo)
    page.click("[data-work=watercolor] button")
    name, content = saved(page, "#save")
    assert name == "boat-watercolor.jpg"
    assert decoded(content).shape == (420, 640, 3)


def test_contact_sheet_shows_all(open_page: Opener, photo: Path) -> None:
    """The contact sheet is one JPEG with the photo and its paintings."""
    page = open_page()
    hang(page, photo)
    name, content = saved(page, "#sheet")
    assert name == "boat-sheet.jpg"
    height, width, _ = decoded(content).shape
    assert width > 1500
    assert height > 1500


def test_full_size_is_painted_here(open_page: Opener, tmp_path: Path) -> None:
    """The card states size and memory before full size is painted in the browser, and the plates show it."""
    page = open_page()
    hang(page, write_photo(tmp_path / "boat.png", 1600, 1000))
    visit(page, "#full")
    assert "1600 × 1000" in page.locator("#full-size").inner_text()
    assert page.locator("#cloud-way").is_hidden()
    page.click("#here")
    page.wait_for_function("() => document.querySelector('#bar-says').textContent.startsWith('All are')")
    page.click("#full-close")
    assert "1600 × 1000 in full" in page.locator(".front small").inner_text()


def test_transparency_becomes_white(open_page: Opener, tmp_path: Path) -> None:
    """A transparent photo is painted on white, as in the cloud."""
    path = tmp_path / "clear.png"
    cv2.imwrite(str(path), np.zeros((40, 60, 4), np.uint8))
    page = open_page()
    hang(page, path)
    assert pixels(page, "[data-work=oil] canvas").min() == 255


def test_display_p3_keeps_its_colors(open_page: Opener) -> None:
    """A Display P3 photo is painted from its own values, shown in its colors, and saved with its profile."""
    page = open_page("?format=png&styles=oil&oil-size=1&oil-levels=1")
    page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(64, 48);
            const context = canvas.getContext('2d', {colorSpace: 'display-p3'});
            context.fillStyle = 'color(display-p3 1 0 0)';
            context.fillRect(0, 0, 64, 48);
            const given = new DataTransfer();
            const blob = await canvas.convertToBlob({type: 'image/jpeg', quality: 1});
            given.items.add(new File([blob], 'p3.jpg', {type: blob.type}));
            dispatchEvent(new DragEvent('drop', {dataTransfer: given}));
        }"""
    )
    page.wait_for_function("() => document.querySelector('.front small').textContent.includes('p3.jpg')")
    page.wait_for_selector("[data-work=oil]:not(.blank)")
    _, content = saved(page, "#save")
    assert b"iCCP" in content or b"cICP" in content
    assert decoded(content)[20, 20, 2] >= 254  # as sRGB it would be clipped and mixed
    assert decoded(content)[20, 20, :2].max() <= 1


def test_commands_carry_the_recipe(open_page: Opener, tmp_path: Path) -> None:
    """The commands for API, command line and S3 have the same recipe, and quote the photo's name for a shell."""
    page = open_page("?brush=picture&oil-size=4")
    hang(page, write_photo(tmp_path / "my cat's.png", 60, 40))
    visit(page, "#command")
    api, cli, s3 = page.locator("pre").all_inner_texts()
    assert '"$URL/paintings?brush=picture&oil-size=4"' in api
    assert cli == "python -m stylize 'my cat'\\''s.png' --out paintings --recipe 'brush=picture&oil-size=4'"
    assert s3.endswith("""--metadata '{"recipe":"brush=picture&oil-size=4"}'""")
