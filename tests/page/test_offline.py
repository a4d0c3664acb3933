"""After the first visit the page needs no network."""

from pathlib import Path

from tests.page.conftest import Opener, hang, visit


def test_page_works_offline_and_back(open_page: Opener, photo: Path) -> None:
    """Without a network the page loads, even by a link, and paints; it goes on once the network is back."""
    page = open_page(service_workers="allow")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.wait_for_function("() => caches.open('atelier').then(c => c.keys()).then(k => k.length > 20)")
    page.context.set_offline(True)
    page.goto(page.url.split("?")[0] + "?oil-size=4&brush=picture")
    page.wait_for_selector("html[data-ready]")
    hang(page, photo)
    visit(page, "#enter")
    assert page.input_value("#knob-oil-size") == "4"
    with page.expect_download():
        page.click("#room-save")
    page.context.set_offline(False)
    page.reload()
    page.wait_for_selector("html[data-ready]")


def test_page_can_be_installed(open_page: Opener) -> None:
    """Chromium accepts the manifest for installation."""
    page = open_page(service_workers="allow")
    session = page.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/atelier.webmanifest")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
