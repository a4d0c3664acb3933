"""docs/styles.md, which `make styles` makes."""

import re

from docs.styles_text import SETTINGS, STYLE_TEXTS
from stylize.engine import Style
from stylize.recipe import Recipe
from stylize.recipe_fields import PARAM_FIELDS
from tests.support import ROOT

PAGE = (ROOT / "docs" / "styles.md").read_text("utf-8")


def test_every_style_and_parameter_is_shown() -> None:
    """The page has a picture of every style, and a strip and a table row for every parameter."""
    assert list(STYLE_TEXTS) == [str(style) for style in Style]
    assert {field.name for field in PARAM_FIELDS} <= {setting.field for setting in SETTINGS}
    for name in (*STYLE_TEXTS, *(setting.field for setting in SETTINGS)):
        assert f"(styles/{name}.jpg)" in PAGE
    for setting in SETTINGS:
        assert re.search(rf"^\| \w+ \| `{setting.field}` \| {', '.join(setting.values)} \|", PAGE, re.MULTILINE)


def test_every_picture_is_there() -> None:
    """Every linked picture exists, and every picture is linked."""
    linked = set(re.findall(r"\(styles/([\w.-]+\.jpg)\)", PAGE))
    assert linked == {path.name for path in (ROOT / "docs" / "styles").glob("*.jpg")}


def test_every_value_is_a_recipe() -> None:
    """Every shown value is a valid recipe."""
    for setting in SETTINGS:
        for value in setting.values:
            Recipe.parse(f"{setting.field}={value}")
