"""The page with a cloud: uploads, refusals, keys, networks, other origins, and photos of other clients."""

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pillow_heif
import pytest
import requests
from PIL import Image
from playwright.sync_api import Page

from local.gateway import Gateway, local_gateway
from stylize.page import Cloud, export
from tests.page.conftest import Opener, hang, is_painted, pixels, visit, write_photo
from tests.support.deployment import STYLES, Deployment
from tests.support.studio import RunningStudio, running_studio, wait_for

KEY = "the-key-of-this-studio"
ALL_HUNG = "() => document.querySelector('#bar-says').textContent.startsWith('All are')"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    with running_studio(tmp_path_factory.mktemp("studio")) as running:
        running.said("(logs and metrics)")
        yield running


@pytest.fixture
def open_studio(open_page: Opener, studio: RunningStudio) -> Opener:
    return lambda query="", **options: open_page(query, at=f"{studio.url}/", **options)


def send_to_cloud(page: Page) -> None:
    page.click("#full")
    page.wait_for_selector("#full-card[open]")
    page.click("#cloud")


def saved(page: Page) -> dict[str, bytes]:
    """The files that the page saves as one: what it shows, as it is."""
    with page.expect_download() as download:
        page.click("#save-all")
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        return {Path(name).name: archive.read(name) for name in archive.namelist()}


def stored(studio: RunningStudio, photo_key: str) -> dict[str, bytes]:
    paintings = {}
    for style in STYLES:
        found = studio.s3.get_object(Bucket="paintings", Key=f"{photo_key}/{style}.jpg")
        paintings[f"{style}.jpg"] = found["Body"].read()
    return paintings


def uploads(studio: RunningStudio) -> list[str]:
    """The keys of what was sent through the API, the newest last."""
    listed = studio.s3.list_objects_v2(Bucket="photos").get("Contents", [])
    keys = sorted((entry["LastModified"], entry["Key"]) for entry in listed)
    return [key for _, key in keys if len(key.partition(".")[0]) == 32]


def test_a_photo_is_painted_in_the_cloud(open_studio: Opener, studio: RunningStudio, photo: Path) -> None:
    """A photo on the wall gets four paintings of full size, equal to those in the paintings bucket."""
    page = open_studio()
    hang(page, photo)
    send_to_cloud(page)
    page.wait_for_function(ALL_HUNG)
    page.click("#full-close")
    assert page.locator(".front small").inner_text().endswith("in full")
    assert saved(page) == stored(studio, uploads(studio)[-1])


def test_nothing_is_uploaded_before_it_is_asked_for(open_studio: Opener, photo: Path) -> None:
    """Hanging and painting a photo sends none of it to the studio or to S3."""
    page = open_studio()
    hang(page, photo)
    page.click("#full")
    page.wait_for_selector("#full-card[open]")
    assert {request.method for request in page.asked} == {"GET"}
    page.click("#cloud")
    page.wait_for_function(ALL_HUNG)
    assert "PUT" in {request.method for request in page.asked}


def test_a_refusal_is_said_in_plain_words(open_studio: Opener, tmp_path: Path) -> None:
    """A refusal by the cloud is explained, with a remedy."""
    page = open_studio()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    chooser.value.set_files(broken)
    page.wait_for_selector("#notice:visible")
    send_to_cloud(page)
    page.wait_for_selector("#full-notice:visible")
    assert "damaged or is not a photo" in page.locator("#full-notice").inner_text()
    assert page.locator("#cloud").is_enabled()


def test_heic_is_painted_in_the_cloud(open_studio: Opener, studio: RunningStudio, tmp_path: Path) -> None:
    """A photo that the browser can't decode goes to the cloud if asked to; its paintings hang, and can be saved."""
    page = open_studio()
    heic = tmp_path / "IMG_1.HEIC"
    pillow_heif.from_pillow(Image.new("RGB", (320, 200), (40, 90, 160))).save(heic, quality=80)
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    chooser.value.set_files(heic)
    page.wait_for_selector("#notice:visible")
    page.click("#notice button")
    page.wait_for_selector("#full-card[open]")
    assert "can’t decode this photo" in page.locator("#here-says").inner_text()
    page.click("#cloud")
    page.wait_for_function(ALL_HUNG)
    page.click("#full-close")
    assert page.locator(".work.blank small").all_text_contents() == ["IMG_1.HEIC · this browser can’t show it"]
    blue, green, red = pixels(page, ".front canvas").reshape(-1, 3).mean(0)
    assert red < green < blue  # a color painting of the photo
    paintings = stored(studio, uploads(studio)[-1])
    assert saved(page) == paintings
    hang(page, write_photo(tmp_path / "next.png", 60, 40))
    page.locator("#shelf button").first.click()
    page.wait_for_function("() => document.querySelector('.front small').textContent.includes('IMG_1.HEIC')")
    page.wait_for_function("() => document.querySelectorAll('.work.blank').length === 1")
    visit(page, "#enter")
    page.locator("#knob-oil-size").press("ArrowRight")  # another recipe, by which nothing of it is painted
    page.keyboard.press("Escape")
    page.click("#save")
    page.wait_for_selector("#full-card[open]")
    assert page.locator("#notice").is_hidden()


def test_the_cloud_stands_in_for_webassembly(open_studio: Opener, studio: RunningStudio, photo: Path) -> None:
    """Where the kernels can't run, the cloud's fast tier paints the two drawings, and they hang."""
    page = open_studio(init_script="delete globalThis.WebAssembly")
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    chooser.value.set_files(photo)
    page.click("#notice button")
    page.wait_for_selector("#full-card[open]")
    assert page.locator("#here").is_hidden()
    page.click("#cloud")
    page.wait_for_function(ALL_HUNG)
    page.click("#full-close")
    key = uploads(studio)[-1]
    listed = studio.s3.list_objects_v2(Bucket="paintings", Prefix=f"{key}/")["Contents"]
    assert [Path(entry["Key"]).name for entry in listed] == ["color-pencil.jpg", "manifest.json", "sketch.jpg"]
    page.wait_for_function("() => document.querySelectorAll('.work:not(.blank) canvas').length >= 2")


def test_painting_goes_on_while_the_page_is_reloaded(open_studio: Opener, studio: RunningStudio, photo: Path) -> None:
    """An uploaded photo is painted although the page is reloaded, and the page starts as on a first visit."""
    page = open_studio()
    hang(page, photo)
    before = len(uploads(studio))
    with page.expect_response(lambda response: response.request.method == "PUT"):
        send_to_cloud(page)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.complaints.clear()  # of requests that the reload broke off
    (key,) = uploads(studio)[before:]
    wait_for(lambda: requests.get(f"{studio.url}/paintings/{key}", timeout=30).json()["status"] == "done")
    hang(page, photo)


def test_a_slow_network_shows_how_far_it_is(open_studio: Opener, tmp_path: Path) -> None:
    """The progress bar follows the uploaded bytes."""
    page = open_studio()
    hang(page, write_photo(tmp_path / "large.png", 900, 700))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": 400_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.evaluate(
        """() => {
            window.seen = new Set();
            new MutationObserver(() => seen.add(document.querySelector('#bar-says').textContent))
                .observe(document.querySelector('#bar-says'), {childList: true, characterData: true, subtree: true});
        }"""
    )
    send_to_cloud(page)
    page.wait_for_function(ALL_HUNG)
    percents = {text for text in page.evaluate("[...seen]") if text.startswith("Uploading")}
    assert len(percents - {"Uploading: 0 %", "Uploading: 100 %"}) > 0


def test_a_network_that_is_gone(open_studio: Opener, photo: Path) -> None:
    """A lost network is reported, and the same photo is uploaded once the network is back."""
    page = open_studio()
    hang(page, photo)
    page.click("#full")
    page.wait_for_selector("#full-card[open]")
    page.context.set_offline(True)
    page.click("#cloud")
    page.wait_for_selector("#full-notice:visible")
    assert "reached" in page.locator("#full-notice").inner_text()
    page.context.set_offline(False)
    page.complaints.clear()
    page.click("#cloud")
    page.wait_for_function(ALL_HUNG)


def test_a_wrong_key_is_asked_for_again(open_page: Opener, tmp_path: Path, photo: Path) -> None:
    """The page asks for the key once, reports a wrong key, and stores the right one."""
    with running_studio(tmp_path, STUDIO_API_KEY=KEY) as guarded:
        guarded.said("(logs and metrics)")
        page = open_page(at=f"{guarded.url}/")
        hang(page, photo)
        page.click("#full")
        page.fill("#key", "another key")
        page.click("#cloud")
        page.wait_for_selector("#full-notice:visible")
        assert "not accepted" in page.locator("#full-notice").inner_text()
        page.complaints.clear()  # of the 403
        page.fill("#key", KEY)
        page.click("#cloud")
        page.wait_for_function(ALL_HUNG)
        page.reload()
        page.wait_for_selector("html[data-ready]")
        page.click("#full")
        page.wait_for_selector("#full-card[open]")
        assert page.locator("#key").is_hidden()
        page.close()  # it would look for photos where no studio is any more


@contextmanager
def plain_host(folder: Path) -> Iterator[str]:
    """A web host that knows nothing of the page."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_a_page_of_another_origin(open_page: Opener, tmp_path: Path, photo: Path) -> None:
    """The exported page paints in a cloud that allows its origin, and reports one that does not."""
    site = tmp_path / "site"
    site.mkdir()
    with plain_host(site) as origin:
        for allowed in (origin, "https://example.org"):
            with running_studio(tmp_path, WORKERS="1", ALLOWED_ORIGIN=allowed) as cloud:
                cloud.said("(logs and metrics)")
                export(site, Cloud(f"{cloud.url}/", s3=(cloud.s3.meta.endpoint_url,)))
                page = open_page(at=f"{origin}/")
                hang(page, photo)
                send_to_cloud(page)
                if allowed == origin:
                    page.wait_for_function(ALL_HUNG)
                else:
                    page.wait_for_selector("#full-notice:visible")
                    assert "reached" in page.locator("#full-notice").inner_text()
                    page.complaints.clear()  # the browser's word for it


def test_a_photo_of_any_s3_client_is_hung(open_studio: Opener, studio: RunningStudio, tmp_path: Path) -> None:
    """A photo of another S3 client appears on the wall with its paintings; a file that is no photo is reported."""
    page = open_studio()
    content = write_photo(tmp_path / "lake.png", 320, 240, seed=int(time.time())).read_bytes()
    studio.s3.put_object(Bucket="photos", Key="a folder/a lake.png", Body=content)
    is_painted(page, "a lake.png")
    page.wait_for_function("() => document.querySelector('.front small').textContent.includes('in full')")
    page.wait_for_load_state("networkidle")
    assert saved(page) == stored(studio, "a folder/a lake.png")
    studio.s3.put_object(Bucket="photos", Key="notes.jpg", Body=b"nothing to paint")
    page.wait_for_selector("#notice:visible")
    assert "notes.jpg" in page.locator("#notice").inner_text()


def test_the_page_as_the_function_serves_it(open_page: Opener, shared_deployment: Deployment, photo: Path) -> None:
    """The page starts and paints when it is served through API Gateway."""
    with local_gateway(Gateway(shared_deployment.handler)) as url:
        page = open_page(at=f"{url}/", service_workers="allow")
        hang(page, photo)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
