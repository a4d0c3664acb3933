"""The page in Firefox: it paints the engine's pixels there as well."""

import base64
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from stylize.engine import Style, paint
from tests.page.conftest import SCREENSHOTS, write_photo
from tests.page.firefox import Firefox, firefox
from tests.support.pictures import read_picture

READY = "document.querySelector('html[data-ready]')"
PAINTED = "document.querySelector('.front small').textContent.includes('{name}') && !document.querySelector('.blank')"
CANVAS = """(() => {{
    const canvas = document.querySelector('{selector}');
    const {{data}} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
    return [canvas.width, canvas.height, btoa(text)];
}})()"""


@pytest.fixture(scope="module")
def browser_of_mozilla() -> Iterator[Firefox]:
    with firefox() as browser:
        yield browser


def shown(browser: Firefox, selector: str) -> np.ndarray:
    width, height, rgba = browser.run(CANVAS.format(selector=selector))
    return np.frombuffer(base64.b64decode(rgba), np.uint8).reshape(height, width, 4)[..., 2::-1]


def test_photos_are_painted(browser_of_mozilla: Firefox, address: str, tmp_path: Path) -> None:
    """Two photos, one after the other, give the engine's paintings, every pixel; nothing is complained of."""
    browser = browser_of_mozilla
    browser.open(address + "?brush=pixels")
    browser.wait_for(READY)
    for seed, name in ((1, "boat.png"), (2, "cat.png")):
        photo = write_photo(tmp_path / name, 300, 210 + 20 * seed, seed=seed)
        browser.choose_files("#files", photo)
        browser.wait_for(PAINTED.format(name=name))
        for style, painting in paint(read_picture(photo)):
            expected = painting if style is not Style.SKETCH else np.repeat(painting[..., None], 3, axis=2)
            assert np.array_equal(shown(browser, f"[data-work={style}] canvas"), expected), (name, style)
    assert browser.complaints == []


def test_dark_room_opens_and_saves(browser_of_mozilla: Firefox, address: str) -> None:
    """The wipe, a knob and the loupe work, and a file of full size is painted."""
    browser = browser_of_mozilla
    browser.open(address)
    browser.wait_for(READY)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "wall-firefox.png").write_bytes(browser.screenshot())
    browser.run("document.querySelector('#enter').click()")
    browser.wait_for("document.querySelector('#room[open]')")
    before = shown(browser, "#over")
    turn = "(knob => { knob.value = 30; knob.dispatchEvent(new Event('input')); })"
    browser.run(f"{turn}(document.querySelector('#knob-oil-size'))")
    browser.wait_for("location.search.includes('oil-size=30')")
    deadline = monotonic() + 20
    while np.array_equal(shown(browser, "#over"), before) and monotonic() < deadline:
        pass
    assert not np.array_equal(shown(browser, "#over"), before)
    browser.run("document.querySelector('#loupe').click()")
    browser.wait_for("document.querySelector('#glass').height > 200")  # a canvas begins with 150
    (SCREENSHOTS / "room-firefox.png").write_bytes(browser.screenshot())
    browser.run("document.querySelector('#loupe').click()")
    browser.run("document.querySelector('#leave').click()")
    browser.run("document.querySelector('#full').click()")
    browser.wait_for("document.querySelector('#full-card[open]')")
    browser.run("document.querySelector('#here').click()")
    browser.wait_for("document.querySelector('#bar-says').textContent.startsWith('All are')")
    assert browser.complaints == []
