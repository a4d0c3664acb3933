"""The registry: the styles, their parameters, and the painter of each style group."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import floor

from .oil import Oil, OilParams
from .painter import Painter
from .pencil import Pencil, PencilParams
from .watercolor import Watercolor, WatercolorParams

WIDEST_LINE = 64
"""Pixels: KERNEL_MAX_LINE in kernels.h."""


class Style(StrEnum):
    """The four paintings; the value is the slug in keys, file names and queries."""

    SKETCH = "sketch"
    COLOR_PENCIL = "color-pencil"
    OIL = "oil"
    WATERCOLOR = "watercolor"


@dataclass(frozen=True)
class Params:
    """One set of parameters for each style group; both pencil drawings share a set."""

    pencil: PencilParams = field(default_factory=PencilParams)
    oil: OilParams = field(default_factory=OilParams)
    watercolor: WatercolorParams = field(default_factory=WatercolorParams)
    line_width: int = 1  # of pencil lines and watercolor edges, in pixels; 1 as in OpenCV

    def at_scale(self, scale: float) -> "Params":
        """Return the parameters that give the same look to a picture `scale` times as large."""
        line_width = min(max(floor(scale + 0.5), 1), WIDEST_LINE)
        groups = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "line_width"}
        scaled = {name: params.at_scale(scale, line_width) for name, params in groups.items()}
        return Params(**scaled, line_width=line_width)


DEFAULTS = Params()


@dataclass(frozen=True)
class StyleGroup:
    """Styles that one painter paints together, one per canvas; `name` is the attribute of `Params`."""

    name: str
    styles: tuple[Style, ...]
    painter: Callable[[Params], Painter]


STYLE_GROUPS = (
    StyleGroup("watercolor", (Style.WATERCOLOR,), lambda params: Watercolor(params.watercolor, params.line_width)),
    StyleGroup("oil", (Style.OIL,), lambda params: Oil(params.oil)),
    StyleGroup("pencil", (Style.SKETCH, Style.COLOR_PENCIL), lambda params: Pencil(params.pencil, params.line_width)),
)
"""The longest chain of stages first, so that it does not continue alone on one thread at the end."""


def styles_of(name: str) -> tuple[Style, ...]:
    """Return the styles of the group whose parameters are the attribute `name` of `Params`."""
    return next(group.styles for group in STYLE_GROUPS if group.name == name)
