"""The native kernels behind the functions of the reference: whole photos, one thread, parameters of any value."""

from functools import cache
from typing import Any, TypeVar

import numpy as np

from stylize.engine import BufferPool, OilParams, PencilParams, WatercolorParams, reference
from stylize.engine.kernels.library import Library
from stylize.engine.styles.differences import differences_stages, guide_stages
from stylize.engine.styles.oil import Oil
from stylize.engine.styles.painter import Painter, Stages, cut_stages, stride_of
from stylize.engine.styles.pencil import Pencil
from stylize.engine.styles.planes import DIFFERENCES, Arrays, Differences
from stylize.engine.styles.watercolor import Watercolor

P = TypeVar("P")


class Native:
    """The functions of `reference`, computed by the kernels of one target."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._pool = BufferPool()

    def paint_pencil(
        self, photo: np.ndarray, sigma_s: float, sigma_r: float, shade_factor: float, line_width: int = 1
    ) -> list[np.ndarray]:
        params = unchecked(PencilParams, sigma_s=sigma_s, sigma_r=sigma_r, shade_factor=shade_factor)
        return self.paint(Pencil(params, line_width), photo)

    def paint_oil(self, photo: np.ndarray, size: int, dyn_ratio: int) -> np.ndarray:
        return self.paint(Oil(unchecked(OilParams, size=size, dyn_ratio=dyn_ratio)), photo)[0]

    def paint_watercolor(self, photo: np.ndarray, sigma_s: float, sigma_r: float, line_width: int = 1) -> np.ndarray:
        params = unchecked(WatercolorParams, sigma_s=sigma_s, sigma_r=sigma_r)
        return self.paint(Watercolor(params, line_width), photo)[0]

    def guide(self, photo: np.ndarray, line_width: int) -> np.ndarray:
        if line_width == 1:
            return photo
        guide = np.empty_like(photo)
        run(guide_stages(photo, guide, line_width, self.library, self._pool))
        return guide

    def differences(self, photo: np.ndarray) -> Differences:
        height, width = photo.shape[:2]
        stride = stride_of(DIFFERENCES, width, self.library)
        planes = DIFFERENCES.cut(np.empty(DIFFERENCES.size(height, stride), np.uint8), height, stride)
        differences = Differences(*planes)
        run(differences_stages(photo, differences, self.library, self._pool))
        return differences

    def paint(self, painter: Painter, photo: np.ndarray) -> list[np.ndarray]:
        """Paint all canvases of a style group, in its order."""
        height, width = photo.shape[:2]
        canvases = [np.empty(canvas.shape(height, width), np.uint8) for canvas in painter.canvases]
        planes: list[np.ndarray] = []
        if kind := painter.planes:
            stride = stride_of(kind, width, self.library)
            planes = kind.cut(np.empty(kind.size(height, stride), np.uint8), height, stride)
        line_width = getattr(painter, "line_width", 1)
        differences = self.differences(self.guide(photo, line_width)) if painter.needs_differences else None
        run(cut_stages(painter, Arrays(photo, canvases, planes, differences), self.library, self._pool))
        return canvases


def run(stages: Stages) -> None:
    for stage in stages:
        for band in stage:
            band()


def unchecked(kind: type[P], **values: float) -> P:
    """Make parameters without checking their ranges: the kernels accept some values that callers may not give."""
    params = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(params, name, value)
    return params


def expected(painter: str, photo: np.ndarray, *parameters: float) -> Any:
    """Return what the reference paints. Results are cached: every target of the kernels is compared with them."""
    return _expected(painter, photo.tobytes(), len(photo), *parameters)


@cache
def _expected(painter: str, photo: bytes, height: int, *parameters: float) -> Any:
    pixels = np.frombuffer(photo, np.uint8).reshape(height, -1, 3)
    return getattr(reference, painter)(pixels, *parameters)


def assert_close(painting: np.ndarray, right: np.ndarray, what: str) -> None:
    """Check that no value is more than one level of 255 away."""
    worst = int(np.abs(painting.astype(int) - right).max())
    assert worst <= 1, f"{what}: {worst} levels away"
