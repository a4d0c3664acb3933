"""What docs/styles.md says: its text, around the pictures and figures that make_styles.py gives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.engine import Style
from stylize.recipe_fields import FIELDS

INTRODUCTION = """# The styles

This page shows each style, the effect of its parameters on the picture, and their cost. `make styles` generates the
page, its pictures and its figures from the code. Every strip shows the photo `chelsea.jpg` (451 x 300 pixels) painted
with three values of one field of the [recipe](api.md#the-recipe); the other fields have their defaults.
"""

STYLE_TEXTS = {
    "sketch": """## Sketch and color pencil

A stroke is dark where few neighbors of a pixel lie within reach along its row and column: at edges and in texture. The
color pencil has the same strokes, with the colors of the photo.

Source: OpenCV's `pencilSketch` (both of its outputs, byte for byte), which builds on the domain transform of Gastal and
Oliveira, "Domain Transform for Edge-Aware Image and Video Processing", SIGGRAPH 2011.
""",
    "color-pencil": "",
    "oil": """## Oil

Every pixel becomes the mean color of the commonest tone in a square window around it.

Source: `oilPainting` of OpenCV contrib's `xphoto` module (byte for byte).
""",
    "watercolor": """## Watercolor

The photo is smoothed three times along rows and columns, except across edges; the remaining edges are darkened.

Source: OpenCV's `stylization` (at most one level of 255 away), which builds on the same paper.
""",
}


@dataclass(frozen=True)
class Setting:
    """One strip: a field of a recipe at three values; what changes in the look, and what to take."""

    style: str
    field: str
    values: tuple[str, str, str]
    look: str
    advice: str


SETTINGS = (
    Setting(
        "sketch",
        "pencil-sigma-s",
        ("5", "60", "200"),
        "Little: with a short reach, smooth parts get faint strokes as well. Beyond 60 no change is visible.",
        "60",
    ),
    Setting(
        "sketch",
        "pencil-sigma-r",
        ("0.03", "0.07", "0.3"),
        "The strength of an edge that gets a stroke: low values fill fur and shadows, high values leave specks.",
        "0.05 to 0.1",
    ),
    Setting(
        "sketch",
        "pencil-shade",
        ("0.02", "0.05", "0.1"),
        "The darkness of the drawing: low values look like charcoal, 0.1 like a light pencil.",
        "0.05 to 0.1",
    ),
    Setting(
        "oil",
        "oil-size",
        ("4", "10", "40"),
        "The brush: small keeps whiskers and eyes, large leaves patches of color.",
        "4 to 6 for a photo of 500 pixels, 10 for one of 1600",
    ),
    Setting(
        "oil",
        "oil-levels",
        ("4", "10", "40"),
        "Few levels per tone give many small patches, many levels softer and larger ones.",
        "10",
    ),
    Setting(
        "watercolor",
        "watercolor-sigma-s",
        ("5", "60", "200"),
        "The reach of a wash: short keeps texture and its dark edges, long leaves calm areas.",
        "40 to 60",
    ),
    Setting(
        "watercolor",
        "watercolor-sigma-r",
        ("0.15", "0.45", "0.9"),
        "The strength of an edge: low values ink every hair, high values wash most edges away.",
        "0.45",
    ),
    Setting(
        "any",
        "strength",
        ("30", "60", "100"),
        "The share of the painting over the photo; here of oil.",
        "100; 60 to 80 to keep a face recognizable",
    ),
)

ADVICE = """## Values that the article recommends

This project grew from an article that tunes a service with these filters. The article's tiers are the qualities:
`smooth` has its 1200 pixels and oil size 6. The other defaults are OpenCV's. Three of its recommendations do not apply:

- **A smaller brush for speed.** Oil costs about the same with every brush (see the table): choose it for its look.
  `smooth` and `fast` are cheap because they paint fewer pixels.
- **One size for every photo.** Size 10 erases a face in 512 pixels, and is invisible in 24 megapixels. Use
  `brush=picture`, below.
- **Fewer tones for speed.** Only very many tones cost more: in the strips, `oil-levels` 4.
"""

SIZES = """## One look at every size

With `brush=pixels`, the default, lengths are in pixels, as in OpenCV: the same recipe looks different on every size
of photo. With `brush=picture` they are in 1/1600 of the long side, so that a preview and a large print look alike.
In pixels, for a photo of `s` times 1600:

- reaches and the oil brush are `s` times as long, up to 200 and 64 pixels;
- lines are `s` pixels wide, rounded. Pencil and watercolor look for edges in a guide, the photo whose details are
  averaged over the width of a line: grain gets no strokes, and an edge is as wide as a line. Pencil
  counts only neighbors that are a line's width apart, and watercolor looks for edges at the same distance.
- in a photo below 1600 pixels, lines stay one pixel wide, which is relatively wide; strokes are a little darker than
  the shorter reach alone would make them.

The pictures show 0.3, 2, 8 and 24 megapixels of one photo, all reduced to the same width: the upper row with
`brush=pixels`, the lower row with `brush=picture`. In the upper row, lines get finer until the sketch fades and
watercolor loses its edges; in the lower row, they stay.
"""

COMPARED = """The table compares two paintings by SSIM (1 is equal): the painting of 24 megapixels, reduced to 2, and
the painting of the photo that was reduced to 2 first. It also has CPU milliseconds per megapixel for all four styles.
The photos come from Debian's package lomiri-wallpapers-16.04, have 10.7 to 15.9 megapixels, and are enlarged to 24. The
photo in the pictures is by Clemens Engelhardt (CC0). `make styles LARGE="…"` measures others.
"""


def page(costs: Mapping[str, Sequence[float]], sizes: Sequence[Mapping[str, Any]]) -> str:
    """Return the page, from CPU milliseconds per megapixel by field, and from what was compared at two sizes."""
    parts = [INTRODUCTION]
    for style, text in STYLE_TEXTS.items():
        parts += [text] if text else []
        parts.append(f"![{style}, beside its photo](styles/{style}.jpg)\n")
        parts += [_strip(setting) for setting in SETTINGS if _shown_after(setting) == style]
    parts += ["## Strength\n", *(_strip(setting) for setting in SETTINGS if setting.style == "any")]
    parts += ["## What it costs\n", _cost_table(costs), ADVICE, *_sizes(sizes)]
    return "\n".join(parts)


def _shown_after(setting: Setting) -> str:
    """Both drawings share their strips."""
    return "color-pencil" if setting.style == "sketch" else setting.style


def _strip(setting: Setting) -> str:
    field = FIELDS[setting.field]
    values = ", ".join(setting.values)
    return f"`{setting.field}` {values}. {setting.look}\n\n![{field.description}](styles/{setting.field}.jpg)\n"


def _cost_table(costs: Mapping[str, Sequence[float]]) -> str:
    lines = [
        f"CPU milliseconds per megapixel, one thread (processor: {_processor()}), 1920 x 1080 pixels, the least of",
        "five turns; of pencil both drawings together.\n",
        "| style | field | values | ms per megapixel | what changes in the look | recommended |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for setting in SETTINGS:
        style = {"sketch": "pencil", "any": "oil"}.get(setting.style, setting.style)
        figures = ", ".join(f"{cost:.1f}" for cost in costs[setting.field])
        cells = [style, f"`{setting.field}`", ", ".join(setting.values), figures, setting.look, setting.advice]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unnamed processor"
    )


def _sizes(sizes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield SIZES
    for style in ("sketch", "oil", "watercolor"):
        yield f"![{style} at four sizes, with both brushes](styles/sizes-{style}.jpg)\n"
    yield COMPARED
    head = ["photo", "brush", *map(str, Style), "ms at 2", "ms at 24"]
    lines = [f"| {' | '.join(head)} |", "| --- | --- " + "| ---: " * 6 + "|"]
    for row in sizes:
        for brush in ("pixels", "picture"):
            similar = [f"{row[brush][style]:.2f}" for style in Style]
            cells = [row["photo"], brush, *similar, *(f"{ms:.1f}" for ms in row[f"{brush} ms"])]
            lines.append(f"| {' | '.join(cells)} |")
    yield "\n".join([*lines, ""])
