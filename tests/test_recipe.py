"""What can be asked for, by the settings, an object's metadata or a caller."""

import pytest

from stylize.engine import Style
from stylize.engine.codec.decode import Format
from stylize.errors import BadRecipe, BadSettings
from stylize.recipe import Quality, Recipe
from stylize.settings import Settings

BUCKETS = {"PHOTOS_BUCKET": "in", "PAINTINGS_BUCKET": "out"}


def test_tiers():
    """hd, smooth and fast, after the table of the README."""
    hd, smooth, fast = (Recipe.read({"quality": quality}) for quality in ("hd", "smooth", "fast"))
    assert (hd.long_side, hd.styles, hd.params.oil.size) == (None, tuple(Style), 10)
    assert (smooth.long_side, smooth.styles, smooth.params.oil.size) == (1200, tuple(Style), 6)
    assert (fast.long_side, fast.styles) == (800, (Style.SKETCH, Style.COLOR_PENCIL))


def test_later_layers_win_field_by_field():
    """Settings, then metadata, then the caller; explicit styles override the tier's."""
    recipe = Recipe.read({"quality": "fast", "format": "png"}, {"styles": "oil, sketch"}, {"format": "webp"})
    assert recipe == Recipe((Style.SKETCH, Style.OIL), Quality.FAST, Format.WEBP)


def test_equal_recipes_have_equal_hashes():
    """However they were asked for; every field counts."""
    assert Recipe.read({"styles": "oil,sketch"}).hash == Recipe.read({"styles": "sketch,oil,oil"}).hash
    asked = [{}, {"quality": "smooth"}, {"styles": "oil"}, {"format": "png"}, {"encode-quality": "80"}]
    assert len({Recipe.read(layer).hash for layer in asked}) == len(asked)


def test_other_metadata_is_ignored():
    """An object may have metadata of its own."""
    assert Recipe.read({"camera": "Leica", "shutter": "1/500"}) == Recipe()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"quality": "best"}, "quality: expected hd, smooth or fast, got 'best'"),
        ({"styles": "oil,fresco"}, "styles: expected sketch, color-pencil, oil or watercolor, got 'fresco'"),
        ({"styles": ""}, "styles: expected sketch, color-pencil, oil or watercolor, got ''"),
        ({"format": "bmp"}, "format: expected jpeg, png, webp or avif, got 'bmp'"),
        ({"encode-quality": "101"}, "encode-quality: expected a whole number from 1 to 100, got '101'"),
        ({"encode-quality": "²"}, "encode-quality: expected a whole number from 1 to 100, got '²'"),
        ({"quality": "a\nb" + "x" * 2000}, r"quality: expected hd, smooth or fast, got 'a\\nbx+…'"),
    ],
)
def test_a_recipe_that_can_not_be_read(layer, message):
    """Refused with the field, what was expected and what came, cut and without control characters."""
    with pytest.raises(BadRecipe, match=f"^{message}$"):
        Recipe.read(layer)


def test_settings():
    """Defaults, then the environment."""
    settings = Settings.from_env(BUCKETS | {"MAX_MEGAPIXELS": "12.5", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"})
    assert settings == Settings("in", "out", max_megapixels=12.5, memory_mb=1769)


def test_the_largest_photo_follows_from_the_memory():
    """Unless it is set; a photo that does not fit is refused from its header instead of killing the function."""
    small = Settings.from_env(BUCKETS | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"})
    large = Settings.from_env(BUCKETS | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240"})
    assert (small.max_megapixels, large.max_megapixels) == (13.5, 100.0)


def test_all_faults_of_the_settings_are_reported_together():
    """Nobody wants to deploy four times to hear of four mistakes."""
    wrong = {"PHOTOS_BUCKET": "in", "MAX_MEGAPIXELS": "many", "DEFAULT_QUALITY": "4k", "WARM_MEGAPIXELS": "-1"}
    with pytest.raises(BadSettings) as fault:
        Settings.from_env(wrong)
    for variable in ("PAINTINGS_BUCKET", "MAX_MEGAPIXELS", "DEFAULT_QUALITY", "WARM_MEGAPIXELS"):
        assert f"{variable}: expected" in str(fault.value)


def test_paintings_are_not_put_where_photos_are():
    """They would be painted in turn, for ever."""
    with pytest.raises(BadSettings, match="another bucket"):
        Settings.from_env({"PHOTOS_BUCKET": "one", "PAINTINGS_BUCKET": "one"})
