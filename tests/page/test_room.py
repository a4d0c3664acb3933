"""The dark room: the wipe, the knobs and the loupe."""

from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from stylize.engine import OilParams, Params, Style, paint
from stylize.recipe_fields import FIELDS
from tests.page.conftest import Opener, hang, pixels, visit, wait_for, write_photo
from tests.support.pictures import read_picture


def wiped_to(page: Page) -> float:
    """Percent of the width from which on the painting shows."""
    path = page.evaluate("getComputedStyle(document.querySelector('#over')).clipPath")
    return float(path.rstrip("%)").rsplit(" ", 1)[1])


def shows(page: Page, canvas: str, expected: np.ndarray) -> bool:
    return np.array_equal(pixels(page, canvas), expected)


def shows_another(page: Page, canvas: str, before: np.ndarray) -> bool:
    return not shows(page, canvas, before)


def test_wipe_follows_mouse_touch_and_keyboard(open_page: Opener) -> None:
    """The line between photo and painting follows mouse, touch and arrow keys."""
    page = open_page()
    visit(page, "#enter")
    assert wiped_to(page) == 50
    box = page.locator("#print").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, middle, steps=5)
    page.mouse.up()
    assert abs(wiped_to(page) - 20) < 1
    page.mouse.click(box["x"] + box["width"] * 0.8, middle)
    assert abs(wiped_to(page) - 80) < 1
    page.focus("#wipe")
    page.keyboard.press("Home")
    assert wiped_to(page) == 0
    page.keyboard.press("ArrowRight")
    assert wiped_to(page) == 0.5

    phone = open_page(phone=True)
    visit(phone, "#enter")
    box = phone.locator("#print").bounding_box()
    assert box
    phone.touchscreen.tap(box["x"] + box["width"] * 0.3, box["y"] + 40)
    assert abs(wiped_to(phone) - 30) < 2


def test_every_knob_repaints(open_page: Opener, photo: Path) -> None:
    """Each slider of each style changes the painting and the address."""
    page = open_page()
    hang(page, photo)
    visit(page, "#enter")
    seen = set()
    for tab in range(4):
        page.locator(".tab").nth(tab).click()
        for knob in page.locator("#knobs input").all():
            name = (knob.get_attribute("id") or "").removeprefix("knob-")
            low, high = (float(knob.get_attribute(end) or 0) for end in ("min", "max"))
            before = pixels(page, "#over")
            knob.fill(str(round(low + 0.4 * (high - low))))
            wait_for(page, partial(shows_another, page, "#over", before))
            assert f"{name}=" in page.url
            page.click("#reset")
            wait_for(page, partial(shows, page, "#over", before))
            seen.add(name)
    assert seen == {name for name in FIELDS if "-sigma-" in name or "oil-" in name} | {"pencil-shade", "strength"}


def test_drag_of_a_slider_ends_with_its_last_value(open_page: Opener, photo: Path) -> None:
    """After a drag through many values the painting has the last value, and the page stays responsive."""
    page = open_page("?brush=pixels")
    hang(page, photo)
    visit(page, "#enter")
    page.evaluate(
        """() => {
            window.long = [];
            new PerformanceObserver(list => long.push(...list.getEntries().map(e => e.duration)))
                .observe({type: 'longtask'});
        }"""
    )
    drags = []
    for _ in range(5):
        page.evaluate("long.length = 0")
        drag(page, "#knob-oil-size", 0.15, 0.5)
        page.wait_for_timeout(100)
        drags.append(page.evaluate("long"))
    size = int(page.input_value("#knob-oil-size"))
    assert size > 20
    image = read_picture(photo)
    expected = dict(paint(image, [Style.OIL], Params(oil=OilParams(size=size))))[Style.OIL]
    wait_for(page, partial(shows, page, "#over", expected))
    assert [] in drags  # on a machine with other work any task can get long; where painting were one, all would have it


def drag(page: Page, slider: str, start: float, end: float) -> None:
    box = page.locator(slider).bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, middle, steps=30)
    page.mouse.up()


def test_link_gives_the_same_brush(open_page: Opener, photo: Path) -> None:
    """A copied link has the recipe, and gives the same painting of the same photo elsewhere."""
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    hang(page, photo)
    visit(page, "#enter")
    page.locator("#knob-oil-size").fill("23")
    page.locator("#knob-strength").fill("70")
    page.wait_for_timeout(300)
    painted = pixels(page, "#over")
    page.click("#leave")
    page.click("#link")
    page.wait_for_function("() => document.querySelector('#said').textContent !== ''")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/?brush=picture&strength=70&oil-size=23")
    other = open_page(link.partition("/?")[1].lstrip("/") + link.partition("/?")[2])
    hang(other, photo)
    assert np.array_equal(painted, pixels(other, "[data-work=oil] canvas"))


def test_bad_link_is_said_and_painted_as_usual(open_page: Opener) -> None:
    """An unreadable recipe in a link is reported with what was expected; the sample is painted all the same."""
    page = open_page("?oil-size=900")
    assert "oil-size: expected a whole number from 1 to 64" in page.locator("#notice").inner_text()
    assert page.locator(".work.blank").count() == 0


def test_loupe_shows_the_finished_painting(open_page: Opener, tmp_path: Path) -> None:
    """The loupe shows pixels of the full size, and arrow keys move it."""
    photo = write_photo(tmp_path / "large.png", 2000, 1300)
    page = open_page("?brush=pixels&oil-size=7")
    hang(page, photo)
    assert pixels(page, "[data-work=oil] canvas").shape == (780, 1200, 3)
    visit(page, "#enter")
    page.click("#loupe")
    page.wait_for_function(
        "() => document.querySelector('#glass').height > 200 && !document.querySelector('#lens').hidden"
    )
    expected = dict(paint(read_picture(photo), [Style.OIL], Params(oil=OilParams(size=7))))[Style.OIL]
    side = pixels(page, "#glass").shape[0]
    for x, y in ((0.5, 0.5), (0.54, 0.5)):
        left, top = round(x * 2000 - side / 2), round(y * 1300 - side / 2)
        there = expected[top : top + side, left : left + side]
        wait_for(page, partial(shows, page, "#glass", there))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    page.click("#loupe")
    assert page.locator("#lens").is_hidden()


def test_tier_and_styles_decide_what_hangs(open_page: Opener, photo: Path) -> None:
    """The fast tier shows its two drawings; a style that is switched off disappears, except the last one."""
    page = open_page("?quality=fast&brush=picture")
    assert page.locator(".work:not([hidden])").count() == 3
    visit(page, "#enter")
    page.evaluate("document.querySelector('#sizes').open = true")
    choose(page, "quality", "hd")
    assert page.locator(".tab").count() == 4
    for style in ("sketch", "color-pencil", "watercolor"):
        choose(page, "styles", style)
    assert page.locator(".tab").all_inner_texts() == ["Oil"]
    choose(page, "styles", "oil")
    assert page.locator("[name=styles][value=oil]").is_checked()
    assert page.evaluate("location.search") == "?styles=oil&brush=picture"


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}][value={value}]").evaluate("choice => choice.click()")
