"""Settings from the environment."""

import pytest

from stylize.errors import BadSettings
from stylize.settings import Settings

BUCKETS = {"PHOTOS_BUCKET": "in", "PAINTINGS_BUCKET": "out"}


def test_settings():
    """The environment overrides the defaults."""
    settings = Settings.from_env(BUCKETS | {"MAX_MEGAPIXELS": "12.5", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"})
    assert settings == Settings("in", "out", max_megapixels=12.5, memory_mb=1769)


def test_the_largest_photo_follows_from_the_memory():
    """The limit in megapixels follows from the memory unless it is set; larger photos are refused by their header."""
    small = Settings.from_env(BUCKETS | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"})
    large = Settings.from_env(BUCKETS | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240"})
    assert (small.max_megapixels, large.max_megapixels) == (11.1, 100.0)


def test_all_faults_of_the_settings_are_reported_together():
    """One error reports all faults of the settings."""
    wrong = {"PHOTOS_BUCKET": "in", "MAX_MEGAPIXELS": "many", "DEFAULT_QUALITY": "4k", "WARM_MEGAPIXELS": "-1"}
    with pytest.raises(BadSettings) as fault:
        Settings.from_env(wrong)
    for variable in ("PAINTINGS_BUCKET", "MAX_MEGAPIXELS", "DEFAULT_QUALITY", "WARM_MEGAPIXELS"):
        assert f"{variable}: expected" in str(fault.value)


def test_paintings_are_not_put_where_photos_are():
    """Photos and paintings must be in different buckets, because paintings would be painted without end."""
    with pytest.raises(BadSettings, match="another bucket"):
        Settings.from_env({"PHOTOS_BUCKET": "one", "PAINTINGS_BUCKET": "one"})
