"""Makes an encoded painting differ from every other without a change of its pixels.

A late copy of an older write must never meet the ETag of its condition again. Paintings written under a claim therefore
contain the claim's salt: a comment that every decoder skips.
"""

import struct
from zlib import crc32

from .encode import Format

_PNG_HEADER_BYTES = 8 + 25
"""The bytes of the signature and of IHDR, which must be the first chunk (PNG, third edition, section 5.6)."""


def salted(encoded: bytes, fmt: Format, salt: str) -> bytes:
    """Return an `encoded` painting of format `fmt` with `salt` in it: plain ASCII, the pixels unchanged."""
    text = salt.encode("ascii")
    match fmt:
        case Format.JPEG:
            return _in_jpeg(encoded, text)
        case Format.PNG:
            chunk = _png_chunk(b"tEXt", b"Comment\0" + text)
            return encoded[:_PNG_HEADER_BYTES] + chunk + encoded[_PNG_HEADER_BYTES:]
        case Format.WEBP:
            return _in_webp(encoded, text)
        case Format.AVIF:  # a box at the end keeps offsets in the file valid (ISO/IEC 14496-12, section 8.1.2)
            return encoded + struct.pack(">I4s", 8 + len(text), b"free") + text


def _in_jpeg(encoded: bytes, text: bytes) -> bytes:
    """Insert a COM segment (ITU-T T.81, section B.2.4.5), after the APP0 segment that JFIF requires first."""
    start = 2
    if encoded[2:4] == b"\xff\xe0":
        start = 4 + int.from_bytes(encoded[4:6], "big")
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(text)) + text
    return encoded[:start] + comment + encoded[start:]


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc32(kind + content))


def _in_webp(encoded: bytes, text: bytes) -> bytes:
    """Append an unknown chunk, which readers ignore (RFC 9649, section 2.7); chunks have an even length."""
    chunk = b"SALT" + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    size = int.from_bytes(encoded[4:8], "little") + len(chunk)
    return encoded[:4] + struct.pack("<I", size) + encoded[8:] + chunk
