"""The codec: decodes every common kind of photo as its owner sees it, and encodes paintings.

`inspect` reads headers, `decode` reads pixels, `encode` writes paintings. One module per format reads its headers and
knows which library decodes it. docs/photos.md lists what is kept, converted and refused for every format.
"""

from .decode import Photo, decode
from .encode import Format, check_encodable, encode
from .header import MEGAPIXEL, check_size
from .inspect import MEDIA_TYPES, SUFFIXES, PhotoInfo, inspect
from .metadata import Credit

__all__ = [
    "MEDIA_TYPES",
    "MEGAPIXEL",
    "SUFFIXES",
    "Credit",
    "Format",
    "Photo",
    "PhotoInfo",
    "check_encodable",
    "check_size",
    "decode",
    "encode",
    "inspect",
]
