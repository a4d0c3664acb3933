"""The registry: painters of the style groups, and the ranges of their parameters."""

from collections import Counter
from dataclasses import fields

import numpy as np
import pytest

from stylize.engine import DEFAULTS, OilParams, Style
from stylize.engine.styles import STYLE_GROUPS, StyleGroup

GROUPS = pytest.mark.parametrize("group", STYLE_GROUPS, ids=lambda group: "+".join(group.styles))


def test_every_style_is_in_one_group() -> None:
    """Every style is in exactly one group."""
    assert Counter(style for group in STYLE_GROUPS for style in group.styles) == Counter(Style)


@GROUPS
def test_every_style_has_a_canvas(group: StyleGroup) -> None:
    """Every style has a canvas in the shape of the reference's painting."""
    painter, photo = group.painter(DEFAULTS), np.zeros((5, 7, 3), np.uint8)
    painted = painter.paint_by_reference(photo)
    assert len(painter.canvases) == len(group.styles)
    assert [canvas.shape(5, 7) for canvas in painter.canvases] == [painting.shape for painting in painted]


@pytest.mark.parametrize("kind", [type(getattr(DEFAULTS, group.name)) for group in STYLE_GROUPS])
def test_parameters_have_ranges(kind: type) -> None:
    """Values outside a range and non-numbers are refused; the bounds are accepted."""
    for f in fields(kind):
        low, high = f.metadata["low"], f.metadata["high"]
        for good in (low, high):
            kind(**{f.name: good})
        for bad in (low - 0.001, high + 0.001, float("nan"), "1", True):
            with pytest.raises(ValueError, match=f"^{f.name}: expected a .*number from {low} to {high}, got "):
                kind(**{f.name: bad})


def test_a_parameter_out_of_range_is_explained() -> None:
    """The error names the parameter, the range and the value."""
    with pytest.raises(ValueError, match="size: expected a whole number from 1 to 64, got 65"):
        OilParams(size=65)
