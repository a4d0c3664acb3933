"""What to paint: the quality tier, the styles, the format and the strengths."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

from .engine import DEFAULTS, OilParams, Params, Style
from .engine.codec.decode import Format
from .errors import BadRecipe

E = TypeVar("E", bound=StrEnum)

FIELDS = ("quality", "styles", "format", "encode-quality")
"""What can be asked for; in an object's own metadata as `x-amz-meta-quality` and so on."""


class Quality(StrEnum):
    """How large and how much."""

    HD = "hd"
    SMOOTH = "smooth"
    FAST = "fast"


@dataclass(frozen=True)
class Tier:
    """What a quality stands for unless the recipe says otherwise."""

    long_side: int | None  # in pixels; None: as the photo came
    styles: tuple[Style, ...]
    params: Params = DEFAULTS


TIERS = {
    Quality.HD: Tier(None, tuple(Style)),
    Quality.SMOOTH: Tier(1200, tuple(Style), Params(oil=OilParams(size=6))),
    Quality.FAST: Tier(800, (Style.SKETCH, Style.COLOR_PENCIL)),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what the paintings of a given photo look like."""

    styles: tuple[Style, ...] = tuple(Style)
    quality: Quality = Quality.HD
    format: Format = Format.JPEG
    encode_quality: int = 90  # 1..100; PNG ignores it
    params: Params = DEFAULTS

    @classmethod
    def read(cls, *layers: Mapping[str, str]) -> "Recipe":
        """The recipe that `layers` ask for, a later one overriding an earlier one field by field.

        Fields: `quality`, `styles` (comma-separated), `format`, `encode-quality`. Anything else is ignored: an object's
        metadata may hold what it likes. Raises BadRecipe.
        """
        wish = {name: layer[name] for layer in layers for name in FIELDS if name in layer}
        quality = _one_of(Quality, "quality", wish.get("quality", cls.quality))
        tier = TIERS[quality]
        return cls(
            styles=_styles(wish["styles"]) if "styles" in wish else tier.styles,
            quality=quality,
            format=_one_of(Format, "format", wish.get("format", cls.format)),
            encode_quality=_whole("encode-quality", wish.get("encode-quality", cls.encode_quality), 1, 100),
            params=tier.params,
        )

    def wish(self, fields: Iterable[str]) -> dict[str, str]:
        """`fields` of this recipe, as a layer that asks for them again, in plain ASCII."""
        texts = {
            "quality": str(self.quality),
            "styles": ",".join(self.styles),
            "format": str(self.format),
            "encode-quality": str(self.encode_quality),
        }
        return {name: texts[name] for name in FIELDS if name in fields}

    @property
    def long_side(self) -> int | None:
        """The most pixels along the longer side of a painting; None: as the photo came."""
        return TIERS[self.quality].long_side

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of its paintings."""
        return tuple(f"{style}.{self.format.extension}" for style in self.styles)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that a manifest holds. Raises ValueError when it does not mean the same any more."""
        try:
            recipe = cls.read({name: _text(name, content[name.replace("-", "_")]) for name in FIELDS})
        except (BadRecipe, KeyError) as error:
            raise ValueError(f"expected a recipe, got something else ({error})") from error
        if recipe.hash != content.get("hash"):
            raise ValueError(f"expected a recipe of hash {recipe.hash}, got {content.get('hash')!r}")
        return recipe

    def to_json(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        return asdict(self) | {"hash": self.hash}

    @property
    def hash(self) -> str:
        """16 hexadecimal digits, equal for equal recipes."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def wish_from(given: object) -> dict[str, str]:
    """The layer that a caller gives as an object: texts, a whole number, or a list of styles.

    Unlike metadata it holds fields of a recipe and nothing else: a misspelled one is not ignored. Raises BadRecipe.
    """
    if not isinstance(given, Mapping):
        raise BadRecipe(f"recipe: expected an object, got {_shown(str(given))}")
    unknown = next((str(name) for name in given if name not in FIELDS), None)
    if unknown is not None:
        raise BadRecipe(f"recipe: expected fields {', '.join(FIELDS)}, got {_shown(unknown)}")
    return {name: _text(name, value) for name, value in given.items()}


def _text(name: str, value: object) -> str:
    if name == "styles" and isinstance(value, list) and all(isinstance(style, str) for style in value):
        return ",".join(value)
    if isinstance(value, str) or (name == "encode-quality" and type(value) is int):
        return str(value)
    raise BadRecipe(f"{name}: expected text, got {_shown(str(value))}")


def _one_of(kind: type[E], name: str, value: str) -> E:
    try:
        return kind(value.strip().lower())
    except ValueError:
        raise BadRecipe(f"{name}: expected {_either(kind)}, got {_shown(value)}") from None


def _styles(value: str) -> tuple[Style, ...]:
    """In the order of `Style`, each once."""
    asked = {_one_of(Style, "styles", name) for name in value.split(",")}
    return tuple(style for style in Style if style in asked)


def _whole(name: str, value: str | int, low: int, high: int) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
        raise BadRecipe(f"{name}: expected a whole number from {low} to {high}, got {_shown(text)}")
    return int(text)


def _either(kind: type[StrEnum]) -> str:
    *others, last = kind
    return f"{', '.join(others)} or {last}"


def _shown(value: str) -> str:
    """Quoted, control characters escaped, and cut: it comes from outside and goes into logs and manifests."""
    return repr(value if len(value) <= 60 else value[:60] + "…")
