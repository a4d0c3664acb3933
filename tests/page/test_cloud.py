"""Painting in the cloud, from a page of another origin: the real API, the real function, and S3 on this machine."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import cv2
import pytest
from playwright.sync_api import Browser, Page

from local.gateway import Gateway, local_gateway
from stylize.doors import enter
from stylize.page import Cloud, export
from stylize.stores.s3 import S3Store
from tests.page.conftest import Opener, hang, visit, write_photo
from tests.page.site import served
from tests.support.deployment import configured
from tests.support.origins import s3_with_rules

KEY = "the-key"


@pytest.fixture
def studio_page(deployment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The page on a web host of its own, with an API that asks for a key and paints what is uploaded."""
    connect: list[str] = []
    site = tmp_path / "site"
    site.mkdir()
    with served(site, connect) as page, s3_with_rules(deployment.cloud.endpoint, page.rstrip("/")) as s3:
        origin = page.rstrip("/")
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
        studio = configured(deployment.studio, allowed_origin=origin).working_on(S3Store("paintings"))
        monkeypatch.undo()
        gateway = Gateway(lambda event, _: enter(event, studio.within(60)), KEY, allowed_origin=origin)
        with local_gateway(gateway) as api, painting(deployment):
            connect += [api, s3]
            export(site, Cloud(f"{api}/", "key", "photos", (s3,)))
            yield page


class painting:  # noqa: N801 (a context)
    """Paints what is uploaded, for as long as the context lasts."""

    def __init__(self, deployment: Any) -> None:
        self._deployment, self._over = deployment, Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.1):
            self._deployment.deliver()


def opened(browser: Browser, url: str) -> Page:
    """The page, where what the browser complains of is what the test is about."""
    page = browser.new_page(service_workers="block")
    page.goto(url)
    page.wait_for_selector("html[data-ready]")
    return page


def paint_in_cloud(page: Page, key: str = KEY) -> None:
    visit(page, "#full")
    page.fill("#key", key)
    page.click("#cloud")


def test_photo_is_painted_in_the_cloud(studio_page: str, open_page: Opener, deployment: Any, tmp_path: Path) -> None:
    """From the drop to four paintings, whose files are the API's, byte for byte; the key is asked for once."""
    page = open_page(at=studio_page)
    hang(page, write_photo(tmp_path / "boat.png", 320, 240))
    sent = [request.url for request in page.requests if request.method != "GET"]  # type: ignore[attr-defined]
    assert sent == []
    paint_in_cloud(page)
    page.wait_for_function("() => document.querySelector('#bar-says').textContent.startsWith('All are')")
    page.click("#full-close")
    assert "320 × 240 in full" in page.locator(".front small").inner_text()
    painted = {key for key in deployment.written() if key.endswith("/oil.jpg")}
    assert len(painted) == 1
    with page.expect_download() as saved:
        page.click("#save")
    assert Path(saved.value.path()).read_bytes() == deployment.fetch(painted.pop())
    visit(page, "#full")
    assert page.locator("#key-field").is_hidden()


def test_wrong_key_is_said_and_asked_for_again(studio_page: str, browser: Browser, tmp_path: Path) -> None:
    """A key that the API does not know leads to plain words and to the field, empty again."""
    page = opened(browser, studio_page)
    paint_in_cloud(page, "another")
    page.wait_for_selector("#full-notice:visible")
    assert "API key was not accepted" in page.locator("#full-notice").inner_text()
    assert page.locator("#key").is_visible()
    page.context.close()


def test_refused_photo_is_said(studio_page: str, browser: Browser, tmp_path: Path) -> None:
    """What the cloud refuses is said with what to do: a photo that browsers read and the engine does not."""
    path = tmp_path / "drawing.bmp"
    cv2.imwrite(str(path), cv2.imread(str(write_photo(tmp_path / "boat.png", 60, 40))))
    page = opened(browser, studio_page)
    hang(page, path)
    paint_in_cloud(page)
    page.wait_for_selector("#full-notice:visible")
    assert "Save the photo as JPEG or PNG" in page.locator("#full-notice").inner_text()
    page.context.close()


def test_cloud_out_of_reach_is_said(studio_page: str, browser: Browser, photo: Path) -> None:
    """Without a network the page says so, and paints on."""
    page = opened(browser, studio_page)
    visit(page, "#full")
    page.context.set_offline(True)
    page.fill("#key", KEY)
    page.click("#cloud")
    page.wait_for_selector("#full-notice:visible")
    assert "can’t be reached" in page.locator("#full-notice").inner_text()
    page.click("#here")
    page.wait_for_function("() => document.querySelector('#bar-says').textContent.startsWith('All are')")
    page.context.close()
