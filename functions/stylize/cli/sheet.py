"""The contact sheet: photos and their paintings side by side, each with the recipe that paints it."""

import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import cv2
import numpy as np

from ..engine import Format, Image, blend, decode, encode, paint_each, styles_of
from ..errors import BadRecipe, Refusal
from ..recipe import Recipe, RecipeOverrides
from ..recipe_fields import Number, ParamField, Whole, field_of
from .workshop import Workshop

FORMATS = (".html", ".jpg")

SIDE = 480
"""Pixels along the long side of a picture on the sheet."""

STEPS = 5
"""Variants between the ends of a range, both included."""

COLUMNS, GAP, LINE = 6, 16, 18
"""Layout of a JPEG sheet: pictures per row, pixels between them, pixels of a line of text."""

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Contact sheet</title>
<style>
body {{ margin: 1.5rem; font: 14px/1.4 system-ui, sans-serif; color-scheme: light dark }}
section {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)) }}
section {{ gap: 1rem; margin-bottom: 2rem }}
figure {{ margin: 0 }} img {{ width: 100%; height: auto; display: block }}
code {{ user-select: all; overflow-wrap: anywhere }}
</style>
{sections}
</html>
"""


@dataclass(frozen=True)
class Picture:
    """One picture of a sheet, in BGR, with its caption."""

    image: Image
    title: str
    recipe: str = ""


@dataclass(frozen=True)
class Sweep:
    """The values of one field that a sheet compares."""

    field: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Sweep":
        """Read `oil-size=4..40` or `brush=pixels,picture`. Raises BadRecipe."""
        name, _, values = text.partition("=")
        kind = field_of(name).kind
        low, dots, high = values.partition("..")
        if not dots:
            return cls(name, tuple(values.split(",")))
        if not isinstance(kind, Number):
            raise BadRecipe(f"--sweep: expected values such as {name}=A,B, got a range of what is no number")
        ends = field_of(name).read(low), field_of(name).read(high)
        steps = [float(step) for step in np.linspace(*ends, STEPS).round(3)]
        numbers = dict.fromkeys(round(step) if isinstance(kind, Whole) else step for step in steps)
        return cls(name, tuple(str(number) for number in numbers))

    def recipes(self, overrides: RecipeOverrides) -> list[Recipe]:
        """Return one recipe for each value, with the styles that the field affects. Raises BadRecipe."""
        field = field_of(self.field)
        if isinstance(field, ParamField) and overrides.styles is None:
            overrides = replace(overrides, styles=styles_of(field.group))
        return [Recipe.resolve(overrides | RecipeOverrides.from_pairs([(self.field, value)])) for value in self.values]


def write_sheet(photos: Sequence[Path], recipes: Sequence[Recipe], sheet: Path, shop: Workshop) -> int:
    """Write photos and paintings into one file. Return the exit status: 1 if some photos were refused, else 0."""
    rows, refused = list[list[Picture]](), 0
    for path in photos:
        try:
            rows.append(list(_pictures(path, recipes, shop)))
        except (OSError, Refusal) as error:
            refused += 1
            print(f"{path}: {error}", file=sys.stderr)
    content = _html(rows) if sheet.suffix.lower() == ".html" else encode(_page(rows), Format.JPEG, 90)
    unfinished = sheet.with_name(sheet.name + ".part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(sheet)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{sum(map(len, rows))} pictures of {len(rows)} photos, in {sheet}")
    return 1 if refused else 0


def _pictures(path: Path, recipes: Sequence[Recipe], shop: Workshop) -> Iterator[Picture]:
    """Yield the photo and its paintings. Raises OSError and Refusal."""
    data, studio = path.read_bytes(), shop.studio
    for number, recipe in enumerate(recipes):
        photo = decode(data, max_megapixels=studio.settings.max_megapixels, long_side=recipe.long_side).pixels
        height, width = photo.shape[:2]
        if number == 0:
            yield Picture(_shrunk(photo), f"{path.name}, {width} x {height}")
        params = recipe.params_for(width, height)

        def finish(_: object, image: Image, photo: Image = photo, recipe: Recipe = recipe) -> Image:
            return _shrunk(blend(photo, image, recipe.strength))

        painted = paint_each(photo, finish, recipe.styles, params, studio.thread_pool, studio.buffer_pool)
        pictures = {style: image for style, image, _ in painted}
        for style in recipe.styles:
            yield Picture(pictures[style], str(style), str(replace(recipe, styles=(style,))))


def _shrunk(image: Image) -> Image:
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shrunk: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return shrunk


def _html(rows: Sequence[Sequence[Picture]]) -> bytes:
    sections = ("<section>\n" + "\n".join(map(_figure, row)) + "\n</section>" for row in rows)
    return PAGE.format(sections="\n".join(sections)).encode()


def _figure(picture: Picture) -> str:
    data = b64encode(encode(picture.image, Format.JPEG, 85)).decode()
    height, width = picture.image.shape[:2]
    title, size = escape(picture.title), f'width="{width}" height="{height}"'
    recipe = f"<br><code>{escape(picture.recipe)}</code>" if picture.recipe else ""
    image = f'<img src="data:image/jpeg;base64,{data}" {size} alt="{title}">'
    return f"<figure>{image}<figcaption>{title}{recipe}</figcaption></figure>"


def _page(rows: Sequence[Sequence[Picture]]) -> Image:
    """Return all rows in one image on white, at most COLUMNS pictures wide."""
    lines = [row[start : start + COLUMNS] for row in rows for start in range(0, len(row), COLUMNS)]
    width = max((len(line) for line in lines), default=1) * (SIDE + GAP) + GAP
    bands = [_band(line, width) for line in lines]
    return np.vstack([*bands, np.full((GAP, width, 3), 255, np.uint8)])


def _band(line: Sequence[Picture], width: int) -> Image:
    captions = [[picture.title, *_wrapped(picture.recipe)] for picture in line]
    tallest = max(picture.image.shape[0] for picture in line)
    band = np.full((GAP + tallest + LINE * (1 + max(map(len, captions))), width, 3), 255, np.uint8)
    for column, (picture, texts) in enumerate(zip(line, captions, strict=True)):
        x = GAP + column * (SIDE + GAP)
        height, own_width = picture.image.shape[:2]
        band[GAP : GAP + height, x : x + own_width] = picture.image
        for number, text in enumerate(texts):
            at = (x, GAP + tallest + LINE * (number + 1))
            cv2.putText(band, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
    return band


def _wrapped(text: str, characters: int = 56) -> list[str]:
    return [text[start : start + characters] for start in range(0, len(text), characters)]
