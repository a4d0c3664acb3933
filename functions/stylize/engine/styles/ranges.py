"""Parameters with a default, a range, a unit and a description."""

from dataclasses import dataclass, field, fields
from math import floor
from typing import Any, Self

LENGTH = "lengths, see brush"
"""Unit of lengths, which the brush decides: pixels, or 1/1600 of the long side."""


def ranged(default: float, low: float, high: float, description: str, unit: str, name: str = "") -> Any:
    """Declare a field of a `Ranged` dataclass, whole if `default` is. `name` is its name in recipes, if different."""
    metadata = {"low": low, "high": high, "description": description, "unit": unit, "name": name}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Ranged:
    """Checks every field against its type and range. Raises ValueError with the expected and the given value."""

    def __post_init__(self) -> None:
        for f in fields(self):
            value, low, high = getattr(self, f.name), f.metadata["low"], f.metadata["high"]
            whole = isinstance(f.default, int)
            number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not (number and low <= value <= high):
                kind = "a whole number" if whole else "a number"
                raise ValueError(f"{f.name}: expected {kind} from {low} to {high}, got {value!r}")

    def scaled(self, **factors: float) -> Self:
        """Return these parameters with some multiplied, limited to their ranges; whole ones round halves up."""
        return type(self)(**{f.name: _scaled(f, getattr(self, f.name), factors.get(f.name, 1)) for f in fields(self)})

    def at_scale(self, scale: float, line_width: int) -> Self:
        """Return these parameters for a picture that is `scale` times as large, with lines `line_width` pixels wide."""
        return self.scaled(**{f.name: scale for f in fields(self) if f.metadata["unit"] == LENGTH})


def _scaled(f: Any, value: float, factor: float) -> float:
    product = value * factor if factor != 1 else value
    if isinstance(f.default, int):
        product = floor(product + 0.5)
    within: float = min(max(product, f.metadata["low"]), f.metadata["high"])
    return within
