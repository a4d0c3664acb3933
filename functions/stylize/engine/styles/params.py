"""The styles and their strengths: the defaults, the ranges, the units."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Style(StrEnum):
    """The four paintings; the value is the slug in keys, file names and queries."""

    SKETCH = "sketch"
    COLOR_PENCIL = "color-pencil"
    OIL = "oil"
    WATERCOLOR = "watercolor"


def _ranged(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


class _Ranged:
    """Checks every field of a dataclass against its type and range when one is made."""

    def __post_init__(self) -> None:
        for f in fields(self):  # type: ignore[arg-type]
            value, low, high = getattr(self, f.name), f.metadata["low"], f.metadata["high"]
            whole = isinstance(f.default, int)
            number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not (number and low <= value <= high):
                kind = "a whole number" if whole else "a number"
                raise ValueError(f"{f.name}: expected {kind} from {low} to {high}, got {value!r}")


@dataclass(frozen=True)
class PencilParams(_Ranged):
    """OpenCV's `pencilSketch`, from which both the sketch and the color-pencil drawing come."""

    sigma_s: float = _ranged(60.0, 1.0, 200.0)  # reach of a stroke, in pixels
    sigma_r: float = _ranged(0.07, 0.01, 1.0)  # difference between neighbors that ends a stroke, of 0..1
    shade_factor: float = _ranged(0.1, 0.01, 0.1)  # brightness per pixel that a stroke reaches


@dataclass(frozen=True)
class OilParams(_Ranged):
    """OpenCV contrib's `oilPainting`."""

    size: int = _ranged(10, 1, 64)  # half the side of the brush, in pixels: it is 2 size + 1 wide
    dyn_ratio: int = _ranged(10, 1, 127)  # gray levels per tone


@dataclass(frozen=True)
class WatercolorParams(_Ranged):
    """OpenCV's `stylization`."""

    sigma_s: float = _ranged(60.0, 1.0, 200.0)  # reach of a wash, in pixels
    sigma_r: float = _ranged(0.45, 0.01, 1.0)  # difference between neighbors that stops a wash, of 0..1


@dataclass(frozen=True)
class Params:
    """One set of strengths for each way of painting; both pencil drawings share theirs."""

    pencil: PencilParams = PencilParams()
    oil: OilParams = OilParams()
    watercolor: WatercolorParams = WatercolorParams()


DEFAULTS = Params()
