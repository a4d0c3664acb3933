"""Decodes base64 text in events, in all common variants."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TypeGuard

from ..errors import BadRequest
from .events import shape

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")


def is_text(value: object) -> TypeGuard[str]:
    """Return whether a value is text that UTF-8 can encode: JSON may have lone surrogates, which S3's keys can't."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def bytes_of_base64(text: object, field: str) -> bytes:
    """Decode base64: with or without line breaks and padding, in either alphabet, or as a `data:` URL.

    Raises BadRequest, which names `field`.
    """
    if not isinstance(text, str):
        raise BadRequest(f"{field}: expected base64, got {shape(text)}")
    text = text.lstrip()
    if url := _DATA_URL.match(text):
        text = text[url.end() :]
    letters = "".join(text.split()).translate(_URL_SAFE).rstrip("=")
    try:
        return b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (NotBase64, ValueError):
        start = repr(text[:20])
        raise BadRequest(f"{field}: expected base64, got {len(text):,} characters that begin with {start}") from None
