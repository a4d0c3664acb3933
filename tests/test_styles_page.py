"""docs/styles.md, which `make styles` makes."""

import re

from docs.styles_text import SETTINGS, STYLE_TEXTS
from stylize.engine import Style
from stylize.recipe import Recipe
from stylize.recipe_fields import PARAM_FIELDS
from tests.support import ROOT

PAGE = (ROOT / "docs" / "styles.md").read_text("utf-8")


def test_every_style_and_parameter_is_shown() -> None:
    """A picture of every style, and for every parameter of a style a strip and a row of the table."""
    assert list(STYLE_TEXTS) == [str(style) for style in Style]
    assert {field.name for field in PARAM_FIELDS} <= {setting.field for setting in SETTINGS}
    for name in (*STYLE_TEXTS, *(setting.field for setting in SETTINGS)):
        assert f"(styles/{name}.jpg)" in PAGE
    for setting in SETTINGS:
        assert re.search(rf"^\| \w+ \| `{setting.field}` \| {', '.join(setting.values)} \|", PAGE, re.MULTILINE)


def test_every_picture_is_there() -> None:
    """Links lead somewhere, and nothing lies there that no link leads to."""
    linked = set(re.findall(r"\(styles/([\w.-]+\.jpg)\)", PAGE))
    assert linked == {path.name for path in (ROOT / "docs" / "styles").glob("*.jpg")}


def test_every_value_is_a_recipe() -> None:
    """So that what is shown can be asked for."""
    for setting in SETTINGS:
        for value in setting.values:
            Recipe.parse(f"{setting.field}={value}")
