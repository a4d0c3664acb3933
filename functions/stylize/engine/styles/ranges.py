"""Parameters with a default and a range; units stand in a comment beside them."""

from dataclasses import dataclass, field, fields
from typing import Any


def ranged(default: float, low: float, high: float) -> Any:
    """A field of a `Ranged` dataclass; a whole number if `default` is one."""
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True)
class Ranged:
    """Checks every field against its type and range. Raises ValueError with what was expected and what came."""

    def __post_init__(self) -> None:
        for f in fields(self):
            value, low, high = getattr(self, f.name), f.metadata["low"], f.metadata["high"]
            whole = isinstance(f.default, int)
            number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not (number and low <= value <= high):
                kind = "a whole number" if whole else "a number"
                raise ValueError(f"{f.name}: expected {kind} from {low} to {high}, got {value!r}")
