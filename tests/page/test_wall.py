"""The wall: the first visit, the ways to hang a photo, and accessibility."""

import base64
from pathlib import Path
from typing import Any

import axe_playwright_python
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.page.conftest import SCREENSHOTS, Opener, hang, is_painted, pixels, visit, write_photo

STYLES = ("sketch", "color-pencil", "oil", "watercolor")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")


def hangs(page: Page, style: str) -> bool:
    return bool(np.ptp(pixels(page, f"[data-work={style}] canvas")) > 50)


def test_first_visit_finds_a_sample_painted(open_page: Opener) -> None:
    """A first visit shows the sample and its four paintings without any action."""
    page = open_page()
    assert all(hangs(page, style) for style in ("photo", *STYLES))


def test_nothing_is_sent_and_nobody_else_is_asked(open_page: Opener, address: str, photo: Path) -> None:
    """Hanging, painting, tuning and saving request only the page's own files from its host."""
    page = open_page()
    hang(page, photo)
    visit(page, "#enter")
    page.locator("#knob-oil-size").fill("20")
    with page.expect_download():
        page.click("#room-save")
    asked = [(request.method, request.url, request.post_data) for request in page.asked]
    local = [url for method, url, body in asked if url.startswith("blob:") or (method, body) == ("GET", None)]
    assert len(local) == len(asked)
    assert {url for _, url, _ in asked if not url.startswith(("blob:", address))} == set()


def test_photos_are_chosen_several_at_once_and_again(open_page: Opener, tmp_path: Path) -> None:
    """Of several chosen photos the first is shown and the others are a click away; more can be added."""
    page = open_page()
    shapes = [(120, 90), (90, 130), (64, 64)]
    first, second, third = (write_photo(tmp_path / f"{n}.png", *shape, seed=n) for n, shape in enumerate(shapes))
    hang(page, first, second)
    assert page.locator("#shelf li").count() == 2
    assert pixels(page, "[data-work=oil] canvas").shape == (90, 120, 3)
    page.click(f"[aria-label='{second.name}']")
    is_painted(page, second.name)
    assert pixels(page, "[data-work=oil] canvas").shape == (130, 90, 3)
    hang(page, third)
    assert page.locator("#shelf li").count() == 3
    page.click(".remove >> nth=2")
    is_painted(page, second.name)
    assert page.locator("#shelf li").count() == 2


GIVE = """([name, event, bytes]) => {
    const given = new DataTransfer();
    given.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name, {type: 'image/png'}));
    const body = document.body;
    if (event === 'paste') body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: given, bubbles: true}));
    else for (const type of ['dragenter', 'dragover', 'drop'])
        body.dispatchEvent(new DragEvent(type, {dataTransfer: given, bubbles: true, cancelable: true}));
}"""


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_photo_is_hung_by(event: str, open_page: Opener, photo: Path) -> None:
    """A photo that is dropped or pasted is painted."""
    page = open_page()
    page.evaluate(GIVE, [photo.name, event, base64.b64encode(photo.read_bytes()).decode()])
    is_painted(page, photo.name)
    assert page.locator("#veil").is_hidden()
    assert all(hangs(page, style) for style in STYLES)


def test_reload_while_painting(open_page: Opener, tmp_path: Path) -> None:
    """A page that is reloaded during a painting starts again with its sample."""
    page = open_page()
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    chooser.value.set_files(write_photo(tmp_path / "large.png", 3000, 2000))
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert all(hangs(page, style) for style in STYLES)


def test_any_work_comes_to_the_front(open_page: Opener) -> None:
    """A click or key enlarges a small painting; on the large one it opens the dark room."""
    page = open_page(reduced_motion="reduce")
    page.click("[data-work=watercolor] button")
    assert page.locator(".front").get_attribute("data-work") == "watercolor"
    page.locator("[data-work=sketch] button").press("Enter")
    assert page.locator(".front").get_attribute("data-work") == "sketch"
    page.locator("[data-work=sketch] button").press("Enter")
    page.wait_for_selector("#room[open]")
    assert page.locator("#room-title").inner_text() == "Sketch"
    page.keyboard.press("Escape")
    assert page.locator("#room").is_hidden()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.png", b"not a picture at all", "notes.png can’t be decoded here"),
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "this browser can’t decode HEIC"),
    ],
)
def test_what_cannot_be_painted_is_said(
    name: str, content: bytes, said: str, open_page: Opener, tmp_path: Path
) -> None:
    """A file that the browser can't decode is reported with a remedy, and the next photo is painted."""
    page = open_page()
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    (tmp_path / name).write_bytes(content)
    chooser.value.set_files(tmp_path / name)
    page.wait_for_selector("#notice:visible")
    assert said in page.locator("#notice").inner_text()
    hang(page, write_photo(tmp_path / "next.png", 60, 40))
    assert page.locator("#notice").is_hidden()


def test_browser_without_webassembly_is_told(open_page: Opener) -> None:
    """A browser that can't run the kernels gets a message, and the page still shows its frames."""
    page = open_page(init_script="delete globalThis.WebAssembly")
    assert "no WebAssembly" in page.locator("#notice").inner_text()
    visit(page, "#full")
    assert page.locator("#here").is_hidden()


def test_camera_hangs_its_shot(open_page: Opener, photo: Path) -> None:
    """On a device with a touch screen, the camera's button takes a photo, which is painted."""
    page = open_page(phone=True)
    with page.expect_file_chooser() as chooser:
        page.click("#camera")
    assert page.locator("#shot").get_attribute("capture") == "environment"
    chooser.value.set_files(photo)
    is_painted(page, photo.name)


def test_painting_is_shared(open_page: Opener, photo: Path) -> None:
    """Where the browser can share files, it is given the painting in front, as it would be saved."""
    page = open_page(
        init_script="""navigator.canShare = () => true;
        navigator.share = async ({files: [file]}) => { globalThis.shared = [file.name, file.type]; };"""
    )
    hang(page, photo)
    page.click("#share")
    page.wait_for_function("() => globalThis.shared")
    name, media_type = page.evaluate("() => globalThis.shared")
    assert name.rpartition("-")[0] == "boat"
    assert (Path(name).suffix, media_type) == (".jpg", "image/jpeg")


def test_frames_hang_before_the_kernels_have_come(open_page: Opener, photo: Path) -> None:
    """On a slow network the wall appears at once, and a photo chosen meanwhile is painted later."""
    page = open_page()
    waiting: list[Any] = []
    page.route("**/kernels.wasm", lambda route: waiting.append(route))
    page.reload(wait_until="commit")
    page.wait_for_selector("#wall .blank, #wall .work")
    with page.expect_file_chooser() as chooser:
        page.click("#hang")
    chooser.value.set_files(photo)
    page.wait_for_timeout(100)
    for route in waiting:
        route.continue_()
    is_painted(page, photo.name)
    assert all(hangs(page, style) for style in STYLES)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_page_speaks(locale: str, open_page: Opener) -> None:
    """The language follows the browser until the visitor chooses the other one; both have every text."""
    page = open_page(locale=locale)
    texts = {"en": "Hang a photo", "zh-Hans": "挂上照片"}
    first, second = ("en", "zh-Hans") if locale.startswith("en") else ("zh-Hans", "en")
    assert (page.locator("html").get_attribute("lang"), page.locator("#hang").inner_text()) == (first, texts[first])
    page.click("#language")
    assert (page.locator("html").get_attribute("lang"), page.locator("#hang").inner_text()) == (second, texts[second])
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator("#hang").inner_text() == texts[second]
    missing = page.evaluate(
        """async () => {
            const {say, hasWords} = await import('./words.js');
            return [...document.querySelectorAll('[data-word], [data-label]')]
                .map(e => e.dataset.word ?? e.dataset.label).filter(name => !hasWords(name));
        }"""
    )
    assert missing == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_view_is_accessible_and_fits(theme: str, locale: str, phone: bool, open_page: Opener) -> None:
    """In every theme, language and size, axe finds no fault, and nothing scrolls sideways."""
    options = {"phone": True} if phone else {"viewport": {"width": 1440, "height": 900}}
    page = open_page(color_scheme=theme, locale=locale, reduced_motion="reduce", **options)
    page.evaluate(AXE.read_text())
    views = {"wall": None, "room": "#enter", "full": "#full", "command": "#command"}
    for view, button in views.items():
        if button:
            visit(page, button)
        if view == "room":
            page.evaluate("document.querySelector('#sizes').open = true")
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert found == [], view
        wide = page.evaluate(
            """[document.documentElement, ...document.querySelectorAll('dialog[open], .panel')]
               .filter(e => e.scrollWidth > e.clientWidth).map(e => e.id || e.tagName)"""
        )
        assert wide == [], view
        page.screenshot(path=SCREENSHOTS / f"{view}-{360 if phone else 1440}-{theme}-{locale[:2]}.png")
        page.keyboard.press("Escape")
