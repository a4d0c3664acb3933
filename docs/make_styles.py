"""Makes docs/styles.md and its pictures from the code as it is: make styles.

With photos of about 24 megapixels (make styles LARGE="a.jpg b.jpg"), it also compares sizes anew: the first of them is
shown, and for each the similarity of large and small paintings is measured and kept in docs/styles/sizes.json.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench.photo import jpeg
from docs.similarity import ssim
from docs.styles_text import SETTINGS, STYLE_TEXTS, Setting, page
from stylize.engine import BufferPool, Image, Style, ThreadPool, blend, decode, paint_each, styles_of
from stylize.recipe import Recipe
from stylize.recipe_fields import FIELDS, ParamField

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "styles"
SIZES = PICTURES / "sizes.json"
PHOTO = HERE.parent / "local" / "samples" / "chelsea.jpg"
WIDTH, GAP = 250, 4
MEGAPIXELS = (0.3, 2, 8, 24)
TURNS = 5


@dataclass(frozen=True)
class Painted:
    """Paintings by style, and the CPU milliseconds per megapixel that all of them took."""

    images: dict[Style, Image]
    cost: float


class Easel:
    """One thread and its buffers, warm from one painting to the next."""

    def __init__(self) -> None:
        self._threads, self._buffers = ThreadPool(1), BufferPool()

    def paint(self, photo: Image, text: str) -> Painted:
        recipe = Recipe.parse(text)
        params = recipe.params_for(photo.shape[1], photo.shape[0])

        def finish(style: Style, image: Image) -> Image:
            return blend(photo, image.copy(), recipe.strength)

        done = list(paint_each(photo, finish, recipe.styles, params, self._threads, self._buffers))
        megapixels = photo.shape[0] * photo.shape[1] / 1e6
        return Painted({p.style: p.result for p in done}, sum(p.seconds for p in done) * 1000 / megapixels)

    def cost(self, photo: Image, text: str) -> float:
        """The least of several turns: what other processes do only adds to it."""
        return min(self.paint(photo, text).cost for _ in range(TURNS))


def main(large: Sequence[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    easel, photo = Easel(), _read(PHOTO.read_bytes())
    yardstick = _read(jpeg(1920, 1080))
    for style in STYLE_TEXTS:
        _write(f"{style}.jpg", [photo, easel.paint(photo, f"styles={style}").images[Style(style)]])
    costs = {}
    for setting in SETTINGS:
        styles = _styles(setting)
        recipes = [f"styles={'+'.join(styles)}&{setting.field}={value}" for value in setting.values]
        painted = [easel.paint(photo, recipe).images for recipe in recipes]
        rows = [[images[style] for images in painted] for style in styles]
        _write(f"{setting.field}.jpg", *rows)
        costs[setting.field] = [easel.cost(yardstick, recipe) for recipe in recipes]
        print(setting.field, *(f"{cost:.1f}" for cost in costs[setting.field]))
    if large:
        SIZES.write_text(json.dumps(_compare_sizes(easel, list(map(Path, large))), indent=2) + "\n", "utf-8")
    sizes = json.loads(SIZES.read_text("utf-8"))
    (HERE / "styles.md").write_text(page(costs, sizes), "utf-8")


def _styles(setting: Setting) -> tuple[Style, ...]:
    field = FIELDS[setting.field]
    return styles_of(field.group) if isinstance(field, ParamField) else (Style.OIL,)


def _compare_sizes(easel: Easel, photos: Sequence[Path]) -> list[dict[str, object]]:
    """Show the first photo at every size with both brushes; measure all at 24 megapixels and reduced to 2."""
    _show_sizes(easel, _of(_read(photos[0].read_bytes()), MEGAPIXELS[-1]))
    measured = []
    for path in photos:
        large = _of(_read(path.read_bytes()), MEGAPIXELS[-1])
        small = _of(large, 2)
        row: dict[str, object] = {"photo": path.name}
        for brush in ("pixels", "picture"):
            here, there = (easel.paint(photo, f"brush={brush}") for photo in (large, small))
            size = small.shape[1], small.shape[0]
            similar = {s: ssim(_resized(here.images[s], *size), there.images[s]) for s in Style}
            row[brush] = {str(s): round(similar[s], 3) for s in Style}
            again = (easel.paint(photo, f"brush={brush}").cost for photo in (small, large))
            costs = zip((there.cost, here.cost), again, strict=True)
            row[f"{brush} ms"] = [round(min(pair), 1) for pair in costs]
        print(row)
        measured.append(row)
    return measured


def _show_sizes(easel: Easel, large: Image) -> None:
    for style in (Style.SKETCH, Style.OIL, Style.WATERCOLOR):
        photos = [_of(large, megapixels) for megapixels in MEGAPIXELS]
        rows = [
            [easel.paint(photo, f"styles={style}&brush={brush}").images[style] for photo in photos]
            for brush in ("pixels", "picture")
        ]
        _write(f"sizes-{style}.jpg", *rows)


def _read(data: bytes) -> Image:
    return decode(data).pixels


def _of(photo: Image, megapixels: float) -> Image:
    scale = (megapixels * 1e6 / (photo.shape[0] * photo.shape[1])) ** 0.5
    return _resized(photo, round(photo.shape[1] * scale), round(photo.shape[0] * scale))


def _resized(image: Image, width: int, height: int) -> Image:
    way = cv2.INTER_AREA if width <= image.shape[1] else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(image, (width, height), interpolation=way))


def _write(name: str, *rows: Sequence[Image]) -> None:
    """Pictures side by side, rows below each other, each picture WIDTH wide."""
    height = WIDTH * rows[0][0].shape[0] // rows[0][0].shape[1]
    across = np.full((height, GAP, 3), 255, np.uint8)
    lines = []
    for row in rows:
        parts = [part for image in row for part in (_resized(_bgr(image), WIDTH, height), across)]
        lines += [np.hstack(parts[:-1]), np.full((GAP, WIDTH * len(row) + GAP * (len(row) - 1), 3), 255, np.uint8)]
    cv2.imwrite(str(PICTURES / name), np.vstack(lines[:-1]), [cv2.IMWRITE_JPEG_QUALITY, 80])


def _bgr(image: Image) -> Image:
    return np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image


if __name__ == "__main__":
    main(sys.argv[1:])
