"""What to paint: the quality, the styles, their strengths, the files. A recipe is one query string at every door."""

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
"""Of a photo's own metadata, what holds its recipe: `x-amz-meta-recipe`."""

PICTURE_SIDE = 1600
"""Pixels along the long side of a photo on which both brushes are the same."""

LONGEST_TEXT = 2000
"""Characters of a recipe: about what S3 takes as metadata, and ten times what any recipe needs."""


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
class RecipeOverrides:
    """What somebody asks for, field by field; None is what is left to others. FIELDS has ranges and units."""

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
        """Read what an object's own metadata asks for; any other name than `recipe` is ignored. Raises BadRecipe."""
        return cls.parse(metadata.get(METADATA_NAME, ""))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, object]]) -> "RecipeOverrides":
        """Read names and values; of the names only `styles` may come more than once. Raises BadRecipe."""
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
        """Both together; `later` wins field by field."""
        both = dict(self.params) | dict(later.params)
        asked = {f.name: value for f in fields(later) if (value := getattr(later, f.name)) is not None}
        params = tuple((field.name, both[field.name]) for field in PARAM_FIELDS if field.name in both)
        return replace(self, **asked | {"params": params})

    def __str__(self) -> str:
        """The query string, in the order of FIELDS and in plain ASCII; empty when nothing is asked for."""
        asked = {field.name: getattr(self, field.attribute) for field in GENERAL_FIELDS} | dict(self.params)
        return "&".join(
            f"{name}={quote(FIELDS[name].kind.write(value), safe='+')}"
            for name, value in asked.items()
            if value is not None
        )

    def to_metadata(self) -> dict[str, str]:
        """Return what `from_metadata` reads."""
        return {METADATA_NAME: str(self)} if str(self) else {}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what the paintings of a given photo look like. `resolve` and `parse` make one."""

    styles: tuple[Style, ...] = tuple(Style)
    quality: Quality = Quality.HD
    format: Format = Format.JPEG
    encode_quality: int = 90  # 1..100; PNG ignores it
    long_side: int | None = None  # the most pixels along the longer side of a painting; None: as the photo came
    brush: Brush = Brush.PIXELS
    strength: int = 100  # percent of the painting over the photo
    metadata: Metadata = Metadata.NONE
    params: Params = DEFAULTS  # lengths in the unit of `brush`

    @classmethod
    def resolve(cls, *layers: RecipeOverrides) -> "Recipe":
        """Return the recipe that `layers` ask for, a later one overriding an earlier one field by field.

        The order is settings, then the photo's own metadata, then the call. What nobody asks for follows from the
        quality, and then from the defaults.
        """
        asked = reduce(RecipeOverrides.__or__, layers, RecipeOverrides())
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
        """The fewest overrides that lead to this recipe."""
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
        """The shortest query string: what follows from the quality or is a default is left out."""
        return str(self.overrides)

    def params_for(self, width: int, height: int) -> Params:
        """Return the parameters for a photo of that size, with lengths in pixels."""
        if self.brush is Brush.PIXELS:
            return self.params
        return self.params.at_scale(max(width, height) / PICTURE_SIDE)

    @property
    def hash(self) -> str:
        """16 hexadecimal digits, equal for equal recipes."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of its paintings, such as `oil.jpg`."""
        return tuple(f"{style}.{self.format.extension}" for style in self.styles)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that a manifest holds. Raises ValueError when its text does not mean the same any more."""
        try:
            recipe = cls.parse(content["text"])
        except (BadRecipe, KeyError, TypeError) as error:
            raise ValueError(f"expected a recipe, got something else ({error})") from error
        if recipe.hash != content.get("hash"):
            raise ValueError(f"expected a recipe of hash {recipe.hash}, got {content.get('hash')!r}")
        return recipe

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in a manifest."""
        return asdict(self) | {"text": str(self), "hash": self.hash}


def _with_params(params: Params, values: Mapping[str, float]) -> Params:
    for field in PARAM_FIELDS:
        if field.name in values:
            params = field.set(params, values[field.name])
    return params
