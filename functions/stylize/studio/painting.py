"""The paintings of one photo by one recipe. They are painted one by one, and kept encoded until they are stored."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..engine import (
    Image,
    Painted,
    Style,
    blend,
    check_encodable,
    decode,
    encode,
    paint_each,
)
from ..recipe import Recipe
from ..recipe_fields import Metadata
from .stopwatch import Stopwatch

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True)
class Encoded:
    """An encoded painting, without a salt; `seconds` are the CPU seconds of painting it."""

    style: Style
    content: bytes
    width: int
    height: int
    seconds: float


class Paintings:
    """Paints on the threads of a studio. `encoded` has the finished paintings by file name."""

    def __init__(self, data: bytes, recipe: Recipe, studio: "Studio", watch: Stopwatch) -> None:
        """Decode the photo. Raises Refusal."""
        self.recipe = recipe
        self.encoded: dict[str, Encoded] = {}
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._watch = watch
        with watch.time("decode"):
            photo = decode(
                data,
                max_megapixels=studio.settings.max_megapixels,
                long_side=recipe.long_side,
                room=studio.settings.decoder_room,
                beside=studio.settings.bytes_in_flight,
                buffer_pool=studio.buffer_pool,
            )
            check_encodable(recipe.format, photo.pixels.shape[1], photo.pixels.shape[0])
        self.width, self.height, self.format = photo.width, photo.height, photo.format
        self._profile = photo.profile
        self._credit = photo.credit if recipe.metadata is Metadata.CREDIT else None
        height, width = photo.pixels.shape[:2]
        self._painted: Iterator[Painted[Encoded]] | None = paint_each(
            photo.pixels,
            partial(self._encode, photo.pixels),
            recipe.styles,
            recipe.params_for(width, height),
            studio.thread_pool,
            studio.buffer_pool,
            studio.deadline,
        )

    @property
    def is_finished(self) -> bool:
        return len(self.encoded) == len(self.recipe.styles)

    def paint_next(self) -> int:
        """Wait for the next painting, and return its size in bytes. Raises OutOfTime."""
        assert self._painted is not None
        style, encoded, seconds = next(self._painted)
        self._watch.add("paint", seconds)
        name = f"{style}.{self.recipe.format.extension}"
        self.encoded[name] = Encoded(style, encoded.content, encoded.width, encoded.height, seconds)
        if self.is_finished:  # run the iterator to its end, so that no frame keeps a buffer
            next(self._painted, None)
            self.close()
        return len(encoded.content)

    def close(self) -> None:
        """Stop painting, and release threads and buffers."""
        if self._painted is not None:
            painted, self._painted = self._painted, None
            painted.close()  # type: ignore[attr-defined]

    def _encode(self, photo: Image, style: Style, image: Image) -> Encoded:
        image = blend(photo, image, self.recipe.strength)
        with self._watch.time("encode"):
            content = encode(image, self.recipe.format, self.recipe.encode_quality, self._profile, self._credit)
        return Encoded(style, content, image.shape[1], image.shape[0], 0.0)
