"""Oil is OpenCV contrib's `oilPainting`, which the headless build lacks: goldens stand in for it."""

from itertools import product

import numpy as np
import pytest

from stylize.engine import OilParams, Params, Style, paint, reference
from tests.goldens.make import DYN_RATIOS, HERE, SIZES
from tests.support.pictures import read_picture


@pytest.mark.parametrize("name", ["photo", "noise", "black", "row"])
def test_oil_is_opencv_contrib_oil_painting(name: str) -> None:
    """Engine and reference equal the goldens in every byte, at every size and dynRatio."""
    photo = read_picture(HERE / f"{name}.png")
    column = read_picture(HERE / f"{name}-oil.png").reshape(-1, *photo.shape)
    for golden, (size, ratio) in zip(column, product(SIZES, DYN_RATIOS), strict=True):
        oil = dict(paint(photo, [Style.OIL], Params(oil=OilParams(size, ratio))))[Style.OIL]
        where = f"{name}, size {size}, dynRatio {ratio}: see {HERE / name}-oil.png; `make golden` makes it again"
        np.testing.assert_array_equal(oil, golden, err_msg=where)
        np.testing.assert_array_equal(reference.paint_oil(photo, size, ratio), golden, err_msg=where)
