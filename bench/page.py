"""Measures the studio page in Chromium; writes docs/performance.md.

    python -m bench.page [--rounds 9]

Figures are medians of all rounds after the first, except those that measure a first time.
"""

import argparse
import base64
import gzip
import shutil
import statistics
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from stylize.engine import STYLE_GROUPS, Style, ThreadPool, paint
from stylize.page import INDEX, Cloud, load
from stylize.recipe import Recipe
from tests.page.site import served
from tests.support.studio import running_studio

from .photo import jpeg
from .report import fill

SAMPLE = "sample.jpg"

SIDES = {800: 533, 1200: 800, 1920: 1080}
"""Sides of the painted photo in pixels: long side -> short side."""

# Bytes of a photo, painted by `count` workers: milliseconds of every step, for all rounds.
PAINT = """async ([photo, side, count, rounds]) => {
    const {startPool} = await import('./pool.js');
    const {Grammar} = await import('./recipe.js');
    const {GROUPS} = await import('./painter.js');
    const grammar = new Grammar(await (await fetch('./recipe.json')).json());
    const recipe = grammar.resolve(grammar.parse('brush=picture'));
    const file = new Blob([Uint8Array.from(atob(photo), c => c.charCodeAt(0))], {type: 'image/jpeg'});
    const clock = async does => { const start = performance.now(); await does(); return performance.now() - start; };
    let pool;
    const times = {start: [await clock(async () => { pool = await startPool(count); })], all: [], first: []};
    const {preview} = await pool.open(file, side);
    for (let round = 0; round < rounds; round++) {
        const fresh = {bgr: preview.bgr, width: preview.width, height: preview.height};
        const paint = group => pool.paint(fresh, group, grammar.params(recipe, group, side, side), 100);
        let first;
        const start = performance.now();
        times.all.push(await clock(() => Promise.all(Object.keys(GROUPS).map(
            group => paint(group).then(() => { first ??= performance.now() - start; })))));
        times.first.push(first);
        for (const group of Object.keys(GROUPS)) (times[group] ??= []).push(await clock(() => paint(group)));
    }
    pool.workers.forEach(worker => worker.end());
    return times;
}"""

# From dropping a photo to its paintings on the wall.
DROP = """photo => new Promise(resolve => {
    const given = new DataTransfer();
    const bytes = Uint8Array.from(atob(photo), c => c.charCodeAt(0));
    given.items.add(new File([bytes], 'dropped.jpg', {type: 'image/jpeg'}));
    const start = performance.now();
    const seen = [];
    let hung = false;
    new MutationObserver((_, observer) => {
        const blank = document.querySelectorAll('.work.blank').length;
        if (blank === 4) hung = true;
        if (!hung || blank === 4) return;
        while (seen.length < 4 - blank) seen.push(performance.now() - start);
        if (blank === 0) { observer.disconnect(); resolve([seen[0], seen[3]]); }
    }).observe(document.querySelector('#wall'), {subtree: true, attributes: true, attributeFilter: ['class']});
    dispatchEvent(new DragEvent('drop', {dataTransfer: given}));
})"""

# From the button to four paintings of full size, all of them on the wall.
UPLOAD = """() => new Promise(resolve => {
    const start = performance.now();
    const said = document.querySelector('#bar-says');
    said.textContent = '';
    new MutationObserver((_, observer) => {
        if (!said.textContent.startsWith('All are')) return;
        observer.disconnect();
        resolve(performance.now() - start);
    }).observe(said, {childList: true, characterData: true, subtree: true});
    document.querySelector('#cloud').click();
})"""

# Two seconds of a moving slider: paintings per second, and the page's tasks of more than 50 ms.
SLIDE = """async name => {
    const knob = document.querySelector(`#knob-${name}`);
    const context = document.querySelector('#over').getContext('2d');
    const put = context.putImageData;
    let paints = 0, long = 0;
    context.putImageData = function (...given) { paints++; return put.apply(this, given); };
    const watch = new PerformanceObserver(list => { long += list.getEntries().length; });
    watch.observe({type: 'longtask'});
    const until = performance.now() + 2000;
    for (let step = 0; performance.now() < until; step++) {
        knob.value = Number(knob.min) + (step % (knob.max - knob.min) || 1);
        knob.dispatchEvent(new Event('input'));
        await new Promise(requestAnimationFrame);
    }
    watch.disconnect();
    context.putImageData = put;
    return [paints / 2, long];
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args(arguments).rounds
    chromium = shutil.which("chromium")
    if not chromium:
        parser.error("expected Chromium on PATH, found none: apt-get install chromium")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, service_workers="block")
        visited: list[str] = []
        page.on("request", lambda request: visited.append(request.url.rpartition("/")[2] or INDEX))
        page.goto(url)
        page.wait_for_selector("html[data-ready]")
        sizes = _sizes(set(visited))
        text = "\n\n".join((_painting(page, rounds), _hand(page, url, rounds), _cloud(browser, rounds), sizes))
        version = browser.version
        browser.close()
    fill("make bench-page", f"Chromium {version}, {rounds} rounds.\n\n{text}")
    print(text)
    return 0


def _painting(page: Page, rounds: int) -> str:
    """Measure previews with one and three workers, and each style group beside the native kernels, one thread each."""
    rows, starts = [], []
    for side, other in SIDES.items():
        photo = jpeg(side, other)
        encoded = base64.b64encode(photo).decode()
        one, three = (page.evaluate(PAINT, [encoded, side, count, rounds + 1]) for count in (1, 3))
        starts.append(three["start"][0])
        native = _native(photo, rounds)
        groups = [f"{_warm(one[name]):.0f} ({_warm(one[name]) / native[name]:.2f})" for name in native]
        cells = [
            f"{side} x {other}",
            f"{one['first'][0]:.0f}",
            f"{_warm(one['all']):.0f}",
            f"{_warm(three['all']):.0f}",
        ]
        rows.append([*cells, *groups])
    header = ["ms", "first painting, cold", "all four, 1 worker", "3 workers", *_native_names()]
    kernels = f"Kernels compiled and three workers ready after {statistics.median(starts):.0f} ms."
    return f"{_table(header, rows)}\n\nIn brackets: times the native kernels, one thread each. {kernels}"


def _native_names() -> list[str]:
    return [group.name for group in STYLE_GROUPS]


def _native(photo: bytes, rounds: int) -> dict[str, float]:
    """Return the milliseconds of each style group in the native library, with one thread."""
    image = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    pixels = image.astype(np.uint8)
    params = Recipe.parse("brush=picture").params_for(pixels.shape[1], pixels.shape[0])
    pool = ThreadPool(1)

    def once(styles: tuple[Style, ...]) -> float:
        start = time.perf_counter()
        dict(paint(pixels, styles, params, pool))
        return 1000 * (time.perf_counter() - start)

    try:
        return {g.name: statistics.median(once(g.styles) for _ in range(rounds)) for g in STYLE_GROUPS}
    finally:
        pool.close()


def _hand(page: Page, url: str, rounds: int) -> str:
    """Measure the times that a visitor waits."""
    photo = base64.b64encode(jpeg(1920, 1080)).decode()
    drops = [page.evaluate(DROP, photo) for _ in range(rounds)]
    first, fourth = (statistics.median(drop[k] for drop in drops) for k in (0, 1))
    page.goto(url)
    page.wait_for_selector("html[data-ready]")
    page.click("#enter")
    page.wait_for_selector("#room[open]")
    slides = {}
    for tab, name in ((0, "pencil-sigma-s"), (2, "oil-size"), (3, "watercolor-sigma-s")):
        page.locator(".tab").nth(tab).click()
        slides[name] = page.evaluate(SLIDE, name)
    rows = [[name, f"{paints:.0f}", f"{long}"] for name, (paints, long) in slides.items()]
    waits = f"From the drop of a 1920 x 1080 photo to its first painting {first:.0f} ms, to its fourth {fourth:.0f} ms."
    return f"{waits}\n\n{_table(['slider, 1200 x 800', 'paintings a second', 'tasks over 50 ms in 2 s'], rows)}"


def _cloud(browser: Browser, rounds: int) -> str:
    """Measure from the button to four paintings of full size, with the cloud of `make run` on this machine."""
    photo = base64.b64encode(jpeg(1920, 1080)).decode()
    with TemporaryDirectory() as folder, running_studio(Path(folder)) as studio:
        studio.said("(logs and metrics)")
        page = browser.new_page(viewport={"width": 1440, "height": 900}, service_workers="block")
        page.goto(f"{studio.url}/")
        page.wait_for_selector("html[data-ready]")
        page.evaluate(DROP, photo)
        page.click("#full")
        times = []
        for _ in range(rounds + 1):
            page.wait_for_selector("#cloud:enabled")
            times.append(page.evaluate(UPLOAD))
        page.close()
    return f"""From the button "Upload and paint" to the fourth painting of full size, from the cloud of `make run` on
this machine, {_warm(times):.0f} ms (the first time {times[0]:.0f} ms)."""


def _sizes(visited: Collection[str]) -> str:
    """Weigh all files; `visited` are those that a first visit asks for, until four paintings hang."""
    files = {name: asset.content for name, asset in load(Cloud(), hashed=False).items()}
    zipped = {name: len(gzip.compress(content, 9)) for name, content in files.items()}
    rows = [
        [name, f"{len(content):,}", f"{zipped[name]:,}", "yes" if name in visited else ""]
        for name, content in files.items()
    ]
    total, first = (sum(zipped[name] for name in names if name != SAMPLE) for names in (files, files.keys() & visited))
    return f"""{_table(["file", "bytes", "gzipped", "first visit"], rows)}

Gzipped one by one and without the sample, a first visit takes {first:,} bytes, until four paintings hang; everything,
which the service worker then keeps for the days without a network, {total:,}."""


def _warm(times: Sequence[float]) -> float:
    return statistics.median(times[1:])


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
