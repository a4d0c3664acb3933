"""What docs/styles.md says: its text, around the pictures and figures that make_styles.py gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One row of strips: a field of a recipe at three values; what changes, and what to take."""

    field: str
    values: tuple[str, str, str]
    look: str
    advice: str


SETTINGS = (
    Setting("pencil-sigma-s", ("5", "60", "200"), "", ""),
    Setting("pencil-sigma-r", ("0.03", "0.07", "0.3"), "", ""),
    Setting("pencil-shade", ("0.02", "0.05", "0.1"), "", ""),
    Setting("oil-size", ("4", "10", "40"), "", ""),
    Setting("oil-levels", ("4", "10", "40"), "", ""),
    Setting("watercolor-sigma-s", ("5", "60", "200"), "", ""),
    Setting("watercolor-sigma-r", ("0.15", "0.45", "0.9"), "", ""),
    Setting("strength", ("30", "60", "100"), "", ""),
)

STYLE_TEXTS = {"sketch": "", "color-pencil": "", "oil": "", "watercolor": ""}


def page(costs: Mapping[str, Sequence[float]], sizes: Sequence[Mapping[str, Any]]) -> str:
    return ""
