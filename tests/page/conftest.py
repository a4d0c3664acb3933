"""Chromium, and the page in it. A test fails when the page breaks its own policy or throws."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.page.site import served
from tests.support.pictures import scene

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
"""What the page looked like in the last run, to be looked at."""


class WatchedPage(Page):
    """A page with what it has asked the network for and what it has complained of."""

    asked: list[Request]
    complaints: list[str]


Opener = Callable[..., WatchedPage]
"""Opens the page: `open_page("?oil-size=4", locale="zh-CN")`; the keywords are those of a browser context.

`init_script` runs before the page's own, and makes another browser of this one.
"""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Opener]:
    """Pages in contexts of their own; the complaints of all are in one list, which has to be empty at the end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_page(
        query: str = "", *, ready: bool = True, at: str = address, init_script: str = "", **options: Any
    ) -> WatchedPage:
        mobile = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
        if options.pop("phone", False):
            options |= mobile
        # A worker of the last page would answer what this one asks for, out of the test's sight.
        context = browser.new_context(**({"service_workers": "block"} | options))
        context.set_default_timeout(20_000)
        contexts.append(context)
        if init_script:
            context.add_init_script(init_script)
        page = cast(WatchedPage, context.new_page())
        page.asked, page.complaints = [], complaints
        page.on("request", lambda request: page.asked.append(request))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", note)
        page.goto(at + query)
        if ready:
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A PNG of 640 x 420 pixels."""
    return write_photo(tmp_path / "boat.png", 640, 420)


def write_photo(path: Path, width: int, height: int, seed: int = 1) -> Path:
    cv2.imwrite(str(path), scene(np.random.default_rng(seed), height, width))
    return path


def hang(page: Page, *paths: Path) -> None:
    """Chooses photos by the button, and waits until the first is painted."""
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    chooser.value.set_files([str(path) for path in paths])
    is_painted(page, paths[0].name)


def visit(page: Page, button: str) -> None:
    """Clicks a button that opens a dialog, and waits until it is open."""
    page.click(button)
    page.wait_for_selector("dialog[open]")


def wait_for(page: Page, is_so: Callable[[], bool], seconds: float = 10) -> None:
    """Asks until it is so."""
    for _ in range(int(seconds * 20)):
        if is_so():
            return
        page.wait_for_timeout(50)
    assert is_so()


def is_painted(page: Page, name: str) -> None:
    """Waits until the photo of that name hangs with all its paintings."""
    page.wait_for_function(
        """name => document.querySelector('.work.front small').textContent.includes(name)
                   && !document.querySelector('.work.blank:not([hidden])')""",
        arg=name,
    )


def pixels(page: Page, selector: str) -> np.ndarray:
    """What a canvas shows: (height, width, 3) BGR."""
    width, height, rgba = page.evaluate(
        """selector => {
            const canvas = document.querySelector(selector);
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            let text = '';
            for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
            return [canvas.width, canvas.height, btoa(text)];
        }""",
        selector,
    )
    flat = np.frombuffer(base64.b64decode(rgba), np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(flat[..., 2::-1])
