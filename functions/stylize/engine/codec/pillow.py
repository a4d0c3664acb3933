"""Rows of pixels from Pillow. Each format is opened by its own loader, without a search for others."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image

from ...errors import Refusal, UnreadablePhoto
from .raster import ROWS, Codes, with_alpha

Image.MAX_IMAGE_PIXELS = None  # sizes are checked before Pillow is called
warnings.filterwarnings("ignore", module=r"PIL\.")  # the refusal of a photo that can't be decoded has the reason

_SPACES = {"L": "gray", "LA": "gray", "I;16": "gray", "RGB": "rgb", "RGBA": "rgb", "CMYK": "cmyk", "LAB": "lab"}
_SIMPLER = {"1": "L", "I;16B": "I;16", "I;16L": "I;16", "I;16N": "I;16", "YCbCr": "RGB", "RGBX": "RGB"}
_SIMPLER |= {"La": "LA", "RGBa": "RGBA", "PA": "RGBA", "HSV": "RGB"}


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn a decoder's errors into UnreadablePhoto, except MemoryError and refusals."""
    try:
        yield
    except (MemoryError, Refusal):
        raise
    except Exception as error:
        if "memory" in str(error).lower():
            raise MemoryError(str(error)) from error
        raise UnreadablePhoto(
            f"expected a whole {name}, got one that is cut off or damaged ({str(error)[:100]})"
        ) from error


class PillowRaster:
    """A raster of a Pillow image whose pixels are loaded.

    `transparent` is the one code that means transparency; `depth` applies to pixels of more than 8 bits.
    """

    def __init__(self, image: Any, transparent: tuple[int, ...] | None = None, depth: int = 16) -> None:
        self._image, self._transparent = image, transparent
        self._mode = _mode_of(image)
        if self._mode not in _SPACES:
            raise ValueError(f"pixels of kind {image.mode}")
        self.width, self.height = image.size
        self.space = _SPACES[self._mode]
        self.alpha = self._mode in ("LA", "RGBA") or transparent is not None
        self.max_value = 2**depth - 1 if self._mode == "I;16" else 255

    def rows(self) -> Iterator[tuple[int, Codes]]:
        for top in range(0, self.height, ROWS):
            band = self._image.crop((0, top, self.width, min(top + ROWS, self.height)))
            codes = np.asarray(band if band.mode == self._mode else band.convert(self._mode))
            codes = codes if codes.ndim == 3 else codes[..., None]
            yield top, codes if self._transparent is None else with_alpha(codes, self._transparent, self.max_value)


def _mode_of(image: Any) -> str:
    """Return the mode to which the rows of `image` are converted."""
    if image.mode == "P":
        return "RGBA" if "transparency" in image.info or image.palette.mode == "RGBA" else "RGB"
    return _SIMPLER.get(image.mode, str(image.mode))
