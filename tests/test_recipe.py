"""Recipes from settings, metadata and callers."""

from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylize.engine import Kernels, Style, ThreadPool, blend, paint
from stylize.errors import BadRecipe
from stylize.recipe import Recipe, RecipeOverrides
from stylize.recipe_fields import FIELDS, Brush, Quality
from tests.support.native import assert_close
from tests.support.pictures import KINDS, picture
from tests.support.recipes import overrides


@given(overrides())
def test_overrides_are_one_text(asked):
    """Overrides and their query string convert to each other, in plain ASCII without spaces."""
    assert RecipeOverrides.parse(str(asked)) == asked
    assert str(asked).isascii()
    assert " " not in str(asked)


@given(overrides())
def test_a_recipe_is_one_text(asked):
    """A recipe and its shortest query string convert to each other, and every field in it is necessary."""
    recipe = Recipe.resolve(asked)
    text = str(recipe)
    assert Recipe.parse(text) == recipe
    assert str(Recipe.parse(text)) == text
    parts = text.split("&") if text else []
    for left_out in parts:
        assert Recipe.parse("&".join(part for part in parts if part != left_out)) != recipe


@given(overrides(), overrides(), overrides())
def test_overrides_are_applied_in_order(settings, metadata, call):
    """The call overrides the metadata, and the metadata the settings, in any grouping."""
    assert (settings | metadata) | call == settings | (metadata | call)
    assert Recipe.resolve(settings, metadata, call) == Recipe.resolve(settings | metadata | call)
    assert RecipeOverrides() | call == call | RecipeOverrides() == call | call == call


def test_tiers():
    """hd, smooth and fast have the values of the README's table."""
    hd, smooth, fast = (Recipe.parse(f"quality={quality}") for quality in ("hd", "smooth", "fast"))
    assert (hd.long_side, hd.styles, hd.params.oil.size) == (None, tuple(Style), 10)
    assert (smooth.long_side, smooth.styles, smooth.params.oil.size) == (1200, tuple(Style), 6)
    assert (fast.long_side, fast.styles) == (800, (Style.SKETCH, Style.COLOR_PENCIL))


def test_later_overrides_win_field_by_field():
    """Settings, then metadata, then the caller: later fields win, and explicit fields override the tier's."""
    recipe = Recipe.resolve(
        *map(RecipeOverrides.parse, ("quality=fast&format=png", "styles=oil,sketch", "format=webp"))
    )
    assert str(recipe) == "quality=fast&styles=sketch+oil&format=webp"
    assert recipe.long_side == 800
    assert Recipe.parse("quality=smooth&oil-size=10&long-side=2000").params.oil.size == 10


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("", ""),
        ("quality=hd&format=jpeg&strength=100", ""),
        ("quality=smooth&oil-size=6&long-side=1200", "quality=smooth"),
        ("styles=oil%20sketch", "styles=sketch+oil"),
        ("styles=oil, sketch", "styles=sketch+oil"),
        ("styles=oil&styles=Sketch", "styles=sketch+oil"),
        ("format=WebP&quality= smooth", "quality=smooth&format=webp"),
        ("watercolor-sigma-s=30.0&pencil-sigma-r=0.070", "watercolor-sigma-s=30"),
    ],
)
def test_the_shortest_form(text, shortest):
    """Defaults and values of the quality are left out; plus, comma or space separates styles."""
    assert str(Recipe.parse(text)) == shortest


def test_equal_recipes_have_equal_hashes():
    """Equal recipes have equal hashes, and every field changes the hash."""
    assert Recipe.parse("styles=oil,sketch").hash == Recipe.parse("styles=sketch+oil+oil").hash
    asked = ["", "quality=smooth", "styles=oil", "format=png", "encode-quality=80", "brush=picture", "strength=50"]
    asked += ["long-side=900", "metadata=credit", "oil-size=9", "pencil-shade=0.05"]
    assert len({Recipe.parse(text).hash for text in asked}) == len(asked)


def test_other_metadata_is_ignored():
    """Other metadata, such as `quality` and `format` of other tools, is ignored."""
    metadata = {"camera": "Leica", "quality": "85", "format": "jpg", "recipe": "quality=fast"}
    assert RecipeOverrides.from_metadata(metadata) == RecipeOverrides(quality=Quality.FAST)
    assert RecipeOverrides.from_metadata({}) == RecipeOverrides()


def test_a_recipe_as_json():
    """A recipe in JSON is a text, or an object with numbers as numbers and styles as a list."""
    asked = {"styles": ["oil", "sketch"], "encode-quality": 60, "watercolor-sigma-s": 30, "format": "png"}
    text = "styles=sketch+oil&format=png&encode-quality=60&watercolor-sigma-s=30"
    assert str(RecipeOverrides.from_json(asked)) == text
    assert RecipeOverrides.from_json(asked) == RecipeOverrides.from_json(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quality=best", "quality: expected hd, smooth or fast, got 'best'"),
        ("quality=hd&quality=fast", """quality: expected hd, smooth or fast, got '\\["hd", "fast"\\]'"""),
        ("styles=oil,fresco", "styles: expected sketch, color-pencil, oil or watercolor, got 'oil,fresco'"),
        ("styles=", "styles: expected sketch, color-pencil, oil or watercolor, got ''"),
        ("format=bmp", "format: expected jpeg, png, webp or avif, got 'bmp'"),
        ("encode-quality=101", "encode-quality: expected a whole number from 1 to 100, got '101'"),
        ("encode-quality=²", "encode-quality: expected a whole number from 1 to 100, got '²'"),
        ("strength=1e1", "strength: expected a whole number from 0 to 100, got '1e1'"),
        ("oil-size=65", "oil-size: expected a whole number from 1 to 64, got '65'"),
        ("pencil-sigma-r=nan", "pencil-sigma-r: expected a number from 0.01 to 1, got 'nan'"),
        ("brush=thick", "brush: expected pixels or picture, got 'thick'"),
        ("qualty=hd", "recipe: expected fields quality, styles, format, .*, got 'qualty'"),
        ("smooth", "recipe: expected a query string, got 'smooth'"),
        ("format=%ff", "recipe: expected a query string, got 'format=%ff'"),
        ("format=png&" * 300, "recipe: expected at most 2,000 characters, got 3,300"),
        ("quality=a\nb" + "x" * 900, r"quality: expected hd, smooth or fast, got 'a\\nbx+…'"),
    ],
)
def test_a_recipe_that_can_not_be_read(text, message):
    """An invalid recipe is refused with field, accepted values and the given value, escaped and truncated."""
    with pytest.raises(BadRecipe, match=f"^{message}$"):
        Recipe.parse(text)


@pytest.mark.parametrize("value", [None, True, [], {}, ["hd", 1], 1e9, "1" * 5000], ids=lambda value: ascii(value)[:20])
@pytest.mark.parametrize("name", FIELDS)
def test_json_that_no_field_holds(name, value):
    """JSON values other than texts, numbers and lists of styles are refused, not converted."""
    with pytest.raises(BadRecipe, match=f"^{name}: expected .*, got "):
        RecipeOverrides.from_json({name: value})


def test_lengths_follow_the_picture():
    """At 1600 pixels both brushes are equal; at other sizes only reaches, brush and lines scale."""
    recipe = Recipe.parse("brush=picture&oil-size=8&watercolor-sigma-s=40&pencil-shade=0.05")
    assert recipe.params_for(1600, 900) == recipe.params == Recipe.parse(str(recipe)).params
    large = recipe.params_for(4000, 6400)
    assert (large.oil.size, large.watercolor.sigma_s, large.pencil.sigma_s, large.line_width) == (32, 160, 200, 4)
    assert (large.oil.dyn_ratio, large.pencil.sigma_r, large.pencil.shade_factor) == (10, 0.07, 0.05)
    small = recipe.params_for(400, 300)
    assert (small.oil.size, small.watercolor.sigma_s, small.line_width) == (2, 10, 1)
    assert 0.05 < small.pencil.shade_factor < 0.2
    assert Recipe.parse("").params_for(6000, 4000) == Recipe.parse("").params


@given(overrides(), st.integers(1, 65_535), st.integers(1, 65_535))
def test_any_recipe_suits_any_size(asked, width, height):
    """Scaled parameters stay in their ranges."""
    params = Recipe.resolve(asked).params_for(width, height)
    assert 1 <= params.line_width <= 64


@settings(max_examples=40, deadline=None, derandomize=True)
@given(overrides(), st.sampled_from(KINDS), st.integers(1, 30), st.integers(1, 40), st.floats(0.05, 10))
def test_every_recipe_gives_the_bytes_of_the_law(asked, kind, height, width, scale):
    """Native kernels and reference paint the same bytes for any recipe at any picture size."""
    photo, recipe = picture(kind, height, width), Recipe.resolve(asked)
    params = recipe.params.at_scale(scale) if recipe.brush is Brush.PICTURE else recipe.params
    with closing(ThreadPool(1, Kernels.NATIVE)) as native_pool, closing(ThreadPool(1, Kernels.REFERENCE)) as slow_pool:
        native, law_of = (dict(paint(photo, recipe.styles, params, pool)) for pool in (native_pool, slow_pool))
    for style in recipe.styles:
        ours, law = (blend(photo, images[style], recipe.strength) for images in (native, law_of))
        if style is Style.WATERCOLOR:
            assert_close(ours, law, f"{recipe}")
        else:
            np.testing.assert_array_equal(ours, law, f"{style} by {recipe}")
