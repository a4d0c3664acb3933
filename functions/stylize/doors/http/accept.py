"""The caller's preferences: `Accept` (RFC 9110, 12.5.1) and `Prefer` (RFC 7240), in any number of lines."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class _Range(NamedTuple):
    """A media range, its quality (0..1), and its position among all ranges."""

    kind: str
    quality: float
    place: int

    def specificity(self, media_type: str) -> int:
        """Return how specific the range is for a type; 0 if it does not match."""
        if self.kind == media_type:
            return 3
        if self.kind == f"{media_type.partition('/')[0]}/*":
            return 2
        return 1 if self.kind == "*/*" else 0


def prefers(lines: Iterable[str], media_type: str, over: str = "application/json") -> bool:
    """Return whether the caller prefers `media_type` to `over`, the default.

    At equal quality the type whose range is named first wins; a range that matches both prefers neither.
    """
    ranges = list(_ranges(lines))
    wanted, other = _best(ranges, media_type), _best(ranges, over)
    if wanted is None or wanted.quality == 0:
        return False
    if other is None or other.quality != wanted.quality:
        return other is None or wanted.quality > other.quality
    return wanted.place < other.place


def prefers_async(lines: Iterable[str]) -> bool:
    """Return whether the caller asks for an asynchronous response."""
    return any(preference.partition(";")[0].strip().lower() == "respond-async" for preference in _items(lines))


def _best(ranges: list[_Range], media_type: str) -> _Range | None:
    """Return the most specific range that matches a type."""
    described = [each for each in ranges if each.specificity(media_type)]
    return max(described, key=lambda each: each.specificity(media_type), default=None)


def _ranges(lines: Iterable[str]) -> Iterator[_Range]:
    for place, item in enumerate(_items(lines)):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((value.strip() for name, _, value in map(_pair, parameters) if name.strip() == "q"), "1")
        yield _Range(kind, _quality(quality), place)


def _items(lines: Iterable[str]) -> Iterator[str]:
    return (item for line in lines for item in line.split(",") if item.strip())


def _pair(parameter: str) -> tuple[str, str, str]:
    return parameter.partition("=")


def _quality(text: str) -> float:
    """Return a quality value; 0 for text that is not a number."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0
