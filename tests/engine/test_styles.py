"""The registry: what each style group is made of, and the ranges of its parameters."""

from collections import Counter
from dataclasses import fields

import numpy as np
import pytest

from stylize.engine import DEFAULTS, OilParams, Style
from stylize.engine.styles import STYLE_GROUPS, StyleGroup

GROUPS = pytest.mark.parametrize("group", STYLE_GROUPS, ids=lambda group: "+".join(group.styles))


def test_every_style_is_in_one_group() -> None:
    """None is missing, and none is painted twice."""
    assert Counter(style for group in STYLE_GROUPS for style in group.styles) == Counter(Style)


@GROUPS
def test_every_style_has_a_canvas(group: StyleGroup) -> None:
    """Which has the shape of what the reference paints."""
    painter, photo = group.painter(DEFAULTS), np.zeros((5, 7, 3), np.uint8)
    painted = painter.paint_by_reference(photo)
    assert len(painter.canvases) == len(group.styles)
    assert [canvas.shape(5, 7) for canvas in painter.canvases] == [painting.shape for painting in painted]


@pytest.mark.parametrize("kind", [type(getattr(DEFAULTS, group.name)) for group in STYLE_GROUPS])
def test_parameters_have_ranges(kind: type) -> None:
    """What lies outside is refused, and so is what is no number; the bounds themselves are not."""
    for f in fields(kind):
        low, high = f.metadata["low"], f.metadata["high"]
        for good in (low, high):
            kind(**{f.name: good})
        for bad in (low - 0.001, high + 0.001, float("nan"), "1", True):
            with pytest.raises(ValueError, match=f"^{f.name}: expected a .*number from {low} to {high}, got "):
                kind(**{f.name: bad})


def test_a_parameter_out_of_range_is_explained() -> None:
    """Which, what was expected and what came."""
    with pytest.raises(ValueError, match="size: expected a whole number from 1 to 64, got 65"):
        OilParams(size=65)
