"""Bytes to pixels and back: every kind of photo that people have, decoded as its owner sees it.

`inspect` reads headers, `decode` pixels, `encode` writes paintings. One module per format reads its headers and knows
which library decodes it. docs/photos.md says for every format what is kept, converted and refused.
"""

from .decode import Photo, decode
from .encode import Format, check_encodable, encode
from .header import MEGAPIXEL
from .inspect import ACCEPTED, SUFFIXES, PhotoInfo, format_of, inspect
from .metadata import Credit

__all__ = [
    "ACCEPTED",
    "MEGAPIXEL",
    "SUFFIXES",
    "Credit",
    "Format",
    "Photo",
    "PhotoInfo",
    "check_encodable",
    "decode",
    "encode",
    "format_of",
    "inspect",
]
