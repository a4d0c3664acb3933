"""The registry: the styles, their parameters, and what each style group is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from .oil import Oil, OilParams
from .painter import Painter
from .pencil import Pencil, PencilParams
from .watercolor import Watercolor, WatercolorParams


class Style(StrEnum):
    """The four paintings; the value is the slug in keys, file names and queries."""

    SKETCH = "sketch"
    COLOR_PENCIL = "color-pencil"
    OIL = "oil"
    WATERCOLOR = "watercolor"


@dataclass(frozen=True)
class Params:
    """One set of strengths for each style group; both pencil drawings share theirs."""

    pencil: PencilParams = field(default_factory=PencilParams)
    oil: OilParams = field(default_factory=OilParams)
    watercolor: WatercolorParams = field(default_factory=WatercolorParams)


DEFAULTS = Params()


@dataclass(frozen=True)
class StyleGroup:
    """Styles that are painted together, one for each canvas of their painter."""

    styles: tuple[Style, ...]
    painter: Callable[[Params], Painter]


STYLE_GROUPS = (
    StyleGroup((Style.WATERCOLOR,), lambda params: Watercolor(params.watercolor)),
    StyleGroup((Style.OIL,), lambda params: Oil(params.oil)),
    StyleGroup((Style.SKETCH, Style.COLOR_PENCIL), lambda params: Pencil(params.pencil)),
)
"""The longest chain of stages first, so that it does not end alone when the others are done."""
