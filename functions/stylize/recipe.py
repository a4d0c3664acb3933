"""The recipe: quality, styles, their parameters and the format of files. It is one query string at every door."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import reduce
from typing import Any
from urllib.parse import parse_qsl, quote

from .engine import DEFAULTS, Format, OilParams, Params, Style
from .errors import BadRecipe
from .recipe_fields import FIELDS, GENERAL_FIELDS, PARAM_FIELDS, Brush, Metadata, Quality, field_of, shown

METADATA_NAME = "recipe"
"""Name in a photo's metadata that holds the recipe: `x-amz-meta-recipe`."""

PICTURE_SIDE = 1600
"""Pixels of the long side at which both brushes give the same painting."""

LONGEST_TEXT = 2000
"""Characters of a recipe: about the size limit of S3 metadata, and ten times the longest useful recipe."""


@dataclass(frozen=True)
class Tier:
    """The values that a quality stands for; explicit fields of a recipe override them."""

    long_side: int | None  # in pixels; None: the size of the photo
    styles: tuple[Style, ...]
    params: Params = DEFAULTS


TIERS = {
    Quality.HD: Tier(None, tuple(Style)),
    Quality.SMOOTH: Tier(1200, tuple(Style), Params(oil=OilParams(size=6))),
    Quality.FAST: Tier(800, (Style.SKETCH, Style.COLOR_PENCIL)),
}


@dataclass(frozen=True)
class RecipeOverrides:
    """The fields that one source sets; None leaves a field to other sources. FIELDS has ranges and units."""

    quality: Quality | None = None
    styles: tuple[Style, ...] | None = None
    format: Format | None = None
    encode_quality: int | None = None
    long_side: int | None = None
    brush: Brush | None = None
    strength: int | None = None
    metadata: Metadata | None = None
    params: tuple[tuple[str, float], ...] = ()  # name of the field and value, in the order of PARAM_FIELDS

    @classmethod
    def parse(cls, text: str) -> "RecipeOverrides":
        """Read a query string such as `quality=smooth&styles=oil+watercolor`. Raises BadRecipe."""
        if len(text) > LONGEST_TEXT:
            raise BadRecipe(f"recipe: expected at most {LONGEST_TEXT:,} characters, got {len(text):,}")
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
        except ValueError:
            raise BadRecipe(f"recipe: expected a query string, got {shown(text)}") from None
        return cls.from_pairs(pairs)

    @classmethod
    def from_json(cls, given: object) -> "RecipeOverrides":
        """Read a text, as `parse` does, or an object with the same fields; styles may be a list. Raises BadRecipe."""
        if isinstance(given, str):
            return cls.parse(given)
        if not isinstance(given, Mapping):
            raise BadRecipe(f"recipe: expected a text or an object, got {shown(given)}")
        return cls.from_pairs(given.items())

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "RecipeOverrides":
        """Read the recipe in an object's metadata; names other than `recipe` are ignored. Raises BadRecipe."""
        return cls.parse(metadata.get(METADATA_NAME, ""))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, object]]) -> "RecipeOverrides":
        """Read names and values; only the name `styles` may be repeated. Raises BadRecipe."""
        given: dict[str, list[object]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        values = {
            name: field_of(name).read(all_of[0] if len(all_of) == 1 else all_of) for name, all_of in given.items()
        }
        general = {field.attribute: values[field.name] for field in GENERAL_FIELDS if field.name in values}
        params = tuple((field.name, values[field.name]) for field in PARAM_FIELDS if field.name in values)
        return cls(**general, params=params)

    def __or__(self, later: "RecipeOverrides") -> "RecipeOverrides":
        """Combine both; `later` overrides field by field."""
        both = dict(self.params) | dict(later.params)
        asked = {f.name: value for f in fields(later) if (value := getattr(later, f.name)) is not None}
        params = tuple((field.name, both[field.name]) for field in PARAM_FIELDS if field.name in both)
        return replace(self, **asked | {"params": params})

    def __str__(self) -> str:
        """Return the query string, in the order of FIELDS and in plain ASCII; empty when no field is set."""
        asked = {field.name: getattr(self, field.attribute) for field in GENERAL_FIELDS} | dict(self.params)
        return "&".join(
            f"{name}={quote(FIELDS[name].kind.write(value), safe='+')}"
            for name, value in asked.items()
            if value is not None
        )

    def to_metadata(self) -> dict[str, str]:
        """Return the metadata that `from_metadata` reads."""
        return {METADATA_NAME: str(self)} if str(self) else {}


@dataclass(frozen=True)
class Recipe:
    """Everything that determines the paintings of a given photo. `resolve` and `parse` create recipes."""

    styles: tuple[Style, ...] = tuple(Style)
    quality: Quality = Quality.HD
    format: Format = Format.JPEG
    encode_quality: int = 90  # 1..100; PNG ignores it
    long_side: int | None = None  # largest long side of a painting in pixels; None: the size of the photo
    brush: Brush = Brush.PIXELS
    strength: int = 100  # percent of the painting over the photo
    metadata: Metadata = Metadata.NONE
    params: Params = DEFAULTS  # lengths in the unit of `brush`

    @classmethod
    def resolve(cls, *overrides: RecipeOverrides) -> "Recipe":
        """Return the recipe of all `overrides`; later ones override earlier ones field by field.

        The order is settings, then the photo's metadata, then the call. A field that none of them sets follows from
        the quality, and otherwise from the defaults.
        """
        asked = reduce(RecipeOverrides.__or__, overrides, RecipeOverrides())
        tier = TIERS[asked.quality or cls.quality]
        whole = RecipeOverrides(long_side=tier.long_side, styles=tier.styles) | asked
        general = {field.attribute: getattr(whole, field.attribute) for field in GENERAL_FIELDS}
        given = {name: value for name, value in general.items() if value is not None}
        return cls(**given, params=_with_params(tier.params, dict(asked.params)))

    @classmethod
    def parse(cls, text: str) -> "Recipe":
        """Return the recipe of a query string alone; the inverse of `str`. Raises BadRecipe."""
        return cls.resolve(RecipeOverrides.parse(text))

    @property
    def overrides(self) -> RecipeOverrides:
        """The smallest set of overrides that gives this recipe."""
        plain = self.resolve(RecipeOverrides(quality=self.quality))
        general: dict[str, Any] = {
            field.attribute: value
            for field in GENERAL_FIELDS
            if (value := getattr(self, field.attribute)) != getattr(plain, field.attribute)
        }
        if self.quality is not Quality.HD:
            general["quality"] = self.quality
        params = tuple(
            (field.name, value)
            for field in PARAM_FIELDS
            if (value := field.get(self.params)) != field.get(plain.params)
        )
        return RecipeOverrides(**general, params=params)

    def __str__(self) -> str:
        """Return the shortest query string, without fields that follow from the quality or the defaults."""
        return str(self.overrides)

    def params_for(self, width: int, height: int) -> Params:
        """Return the parameters for a photo of `width` x `height` pixels, with lengths in pixels."""
        if self.brush is Brush.PIXELS:
            return self.params
        return self.params.at_scale(max(width, height) / PICTURE_SIDE)

    @property
    def hash(self) -> str:
        """16 hexadecimal digits, equal for equal recipes."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]

    @property
    def file_names(self) -> tuple[str, ...]:
        """File names of the paintings, such as `oil.jpg`."""
        return tuple(f"{style}.{self.format.extension}" for style in self.styles)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Recipe":
        """Read the recipe in a manifest. Raises ValueError when its text no longer gives the same recipe."""
        try:
            recipe = cls.parse(content["text"])
        except (BadRecipe, KeyError, TypeError) as error:
            raise ValueError(f"expected a recipe, got something else ({error})") from error
        if recipe.hash != content.get("hash"):
            raise ValueError(f"expected a recipe of hash {recipe.hash}, got {content.get('hash')!r}")
        return recipe

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as manifests record it."""
        return asdict(self) | {"text": str(self), "hash": self.hash}


def _with_params(params: Params, values: Mapping[str, float]) -> Params:
    for field in PARAM_FIELDS:
        if field.name in values:
            params = field.set(params, values[field.name])
    return params
