"""The fields of a recipe: names, ranges, units, defaults. Doors, command line and docs all follow this table."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any

from .engine import DEFAULTS, Format, Params, Style
from .errors import BadRecipe

LARGEST_SIDE = 65_535
"""Pixels: the largest side that any format can store."""


class Quality(StrEnum):
    """Tiers of size and styles."""

    HD = "hd"
    SMOOTH = "smooth"
    FAST = "fast"


class Brush(StrEnum):
    """The unit of lengths: pixels, as in OpenCV, or 1/1600 of the long side of the picture."""

    PIXELS = "pixels"
    PICTURE = "picture"


class Metadata(StrEnum):
    """Metadata of the photo in the files of its paintings: none, or artist, copyright, date and title."""

    NONE = "none"
    CREDIT = "credit"


class Kind(ABC):
    """The set of values that a field accepts."""

    @property
    @abstractmethod
    def expected(self) -> str:
        """Description of the accepted values, for messages."""

    @abstractmethod
    def read(self, value: object) -> Any:
        """Convert `value`, a text or a JSON value. Raises ValueError when it is not accepted."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the accepted values as JSON Schema."""

    def write(self, value: Any) -> str:
        """Return the text that `read` converts to `value`."""
        return str(value)

    @property
    def placeholder(self) -> str:
        """Placeholder of a value in a usage line."""
        return "A"


@dataclass(frozen=True)
class OneOf(Kind):
    """A member of an enumeration."""

    members: type[StrEnum]

    @property
    def expected(self) -> str:
        *others, last = self.members
        return f"{', '.join(others)} or {last}"

    def read(self, value: object) -> Any:
        return self.members(_text(value).strip().lower())

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [str(member) for member in self.members]}


@dataclass(frozen=True)
class SomeOf(OneOf):
    """One or more members, separated by space, plus or comma; returned in the order of the enumeration, each once."""

    def read(self, value: object) -> Any:
        names = value if isinstance(value, list) else [value]
        asked = {self.members(name.lower()) for text in names for name in re.split(r"[ ,+]+", _text(text).strip())}
        if not asked:
            raise ValueError
        return tuple(member for member in self.members if member in asked)

    def write(self, value: Any) -> str:
        return "+".join(value)

    @property
    def placeholder(self) -> str:
        return "A+B"

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": super().schema()}


@dataclass(frozen=True)
class Number(Kind):
    """A number from `low` to `high`, written with a decimal point and without an exponent."""

    low: float
    high: float

    @property
    def expected(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def read(self, value: object) -> Any:
        text = repr(value) if type(value) in (int, float) else _text(value).strip()
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,20})?", text):
            raise ValueError
        return self._within(float(text))

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.low, "maximum": self.high}

    def write(self, value: Any) -> str:
        return repr(value).removesuffix(".0")

    @property
    def placeholder(self) -> str:
        return "N"

    def _within(self, value: float) -> float:
        if not self.low <= value <= self.high:
            raise ValueError
        return value


@dataclass(frozen=True)
class Whole(Number):
    """A whole number from `low` to `high`."""

    @property
    def expected(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def read(self, value: object) -> Any:
        text = str(value) if type(value) is int else _text(value).strip()
        if not re.fullmatch("[0-9]{1,9}", text):
            raise ValueError
        return self._within(int(text))

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"type": "integer"}


@dataclass(frozen=True)
class Field:
    """One field of a recipe. `default` is its value in an `hd` recipe (None: see the description)."""

    name: str
    kind: Kind
    default: Any
    description: str
    unit: str = ""

    @property
    def attribute(self) -> str:
        """The name of the field in Python."""
        return self.name.replace("-", "_")

    @property
    def help(self) -> str:
        """Description, accepted values and default, for `--help`."""
        unit = f", {self.unit}" if self.unit else ""
        default = "" if self.default is None else f"; default: {self.kind.write(self.default)}"
        return f"{self.description} {self.kind.expected}{unit}{default}"

    def read(self, value: object) -> Any:
        """Convert a value of the field. Raises BadRecipe with field, accepted values and the given value."""
        try:
            return self.kind.read(value)
        except ValueError:
            raise BadRecipe(f"{self.name}: expected {self.kind.expected}, got {shown(value)}") from None


@dataclass(frozen=True)
class ParamField(Field):
    """A field that is a parameter of a style group: attribute `param` of `Params.group`."""

    group: str = ""
    param: str = ""

    def get(self, params: Params) -> float:
        """Return the value of the field in `params`."""
        value: float = getattr(getattr(params, self.group), self.param)
        return value

    def set(self, params: Params, value: float) -> Params:
        """Return a copy of `params` with `value` in the field."""
        return replace(params, **{self.group: replace(getattr(params, self.group), **{self.param: value})})


GENERAL_FIELDS = (
    Field(
        "quality",
        OneOf(Quality),
        Quality.HD,
        "hd: as it came. smooth: at most 1200 pixels along the long side, oil-size 6. fast: at most 800, and only the "
        "two pencil drawings. What other fields say goes first.",
    ),
    Field("styles", SomeOf(Style), tuple(Style), "Which paintings; without it, those of the quality."),
    Field("format", OneOf(Format), Format.JPEG, "Of the files."),
    Field("encode-quality", Whole(1, 100), 90, "Of the files; without effect on png."),
    Field("long-side", Whole(1, LARGEST_SIDE), None, "A larger photo is reduced to it; none is enlarged.", "pixels"),
    Field(
        "brush",
        OneOf(Brush),
        Brush.PIXELS,
        "The unit of sigma-s and oil-size. pixels: as OpenCV has it. picture: 1/1600 of the long side, so that a "
        "painting looks the same at every size.",
    ),
    Field("strength", Whole(0, 100), 100, "How much of the painting there is over the photo.", "percent"),
    Field(
        "metadata",
        OneOf(Metadata),
        Metadata.NONE,
        "What the files say of the photo. none: nothing. credit: artist, copyright, date and title, where it has them.",
    ),
)


def _param_fields() -> Iterator[ParamField]:
    """Yield a field for every parameter of every style group."""
    for group in fields(DEFAULTS):
        params = getattr(DEFAULTS, group.name)
        for f in fields(params) if is_dataclass(params) else ():
            low, high, named = f.metadata["low"], f.metadata["high"], f.metadata["name"] or f.name
            kind = Whole(low, high) if isinstance(f.default, int) else Number(low, high)
            name = f"{group.name}-{named}".replace("_", "-")
            about = f.metadata["description"], f.metadata["unit"]
            yield ParamField(name, kind, f.default, *about, group=group.name, param=f.name)


PARAM_FIELDS = tuple(_param_fields())

FIELDS: dict[str, Field] = {field.name: field for field in (*GENERAL_FIELDS, *PARAM_FIELDS)}
"""All fields, by name."""


def field_of(name: str) -> Field:
    """Return the field with that name. Raises BadRecipe for an unknown name."""
    if name not in FIELDS:
        raise BadRecipe(f"recipe: expected fields {', '.join(FIELDS)}, got {shown(name)}")
    return FIELDS[name]


def shown(value: object) -> str:
    """Return `value` quoted, escaped and truncated: it comes from outside and is logged.

    A value that is not text is written as JSON, as it came.
    """
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return repr(text if len(text) <= 60 else text[:60] + "…")


def _text(value: object) -> str:
    """Return `value`. Raises ValueError unless it is a string."""
    if not isinstance(value, str):
        raise ValueError
    return value
