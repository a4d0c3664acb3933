"""The metadata of Exif that is used: orientation and credit. Paintings get nothing else of it."""

import struct
from dataclasses import dataclass

from .tiff_tags import Directory, read_directory, read_layout

ORIENTATION, TITLE, DATE, ARTIST, COPYRIGHT = 0x0112, 0x010E, 0x0132, 0x013B, 0x8298
_EXIF_DIRECTORY, _DATE_TAKEN, _WINDOWS_TITLE = 0x8769, 0x9003, 0x9C9B
_EXIF_VERSION = 0x9000

_MOST_CHARACTERS = 1000
"""The most characters of each text of a credit."""

_PREFIX = b"Exif\0\0"


@dataclass(frozen=True)
class Credit:
    """The author and related texts of a photo, the only metadata that paintings get, on request. Empty: unknown."""

    artist: str = ""
    copyright: str = ""
    date: str = ""  # in the format of Exif: 2026:01:31 12:00:00
    title: str = ""

    def __bool__(self) -> bool:
        return any((self.artist, self.copyright, self.date, self.title))


def without_prefix(exif: bytes) -> bytes:
    """Return Exif from its byte order on: some writers keep the prefix that belongs only in a JPEG segment."""
    return exif[len(_PREFIX) :] if exif.startswith(_PREFIX) else exif


def orientation_of(exif: bytes) -> int:
    """Return the orientation, 1..8 as in Exif 2.32, section 4.6.4; 1 (upright) if it is missing or invalid."""
    directory = _first_directory(exif)
    value = directory.number(ORIENTATION, 1) if directory else 1
    return value if 1 <= value <= 8 else 1


def credit_of(exif: bytes) -> Credit:
    """Return artist, copyright, date and title, each on one line."""
    directory = _first_directory(exif)
    if directory is None:
        return Credit()
    taken = _exif_directory(exif, directory)
    return Credit(
        artist=_line(directory.text(ARTIST)),
        copyright=_line(_copyright(directory)),
        date=_line((taken.text(_DATE_TAKEN) if taken else "") or directory.text(DATE)),
        title=_line(directory.text(TITLE) or _windows_title(directory)),
    )


def exif_of(credit: Credit) -> bytes:
    """Return Exif with `credit` and nothing else; empty if `credit` is empty."""
    if not credit:
        return b""
    fields = [(TITLE, credit.title), (DATE, credit.date), (ARTIST, credit.artist), (COPYRIGHT, credit.copyright)]
    entries = [(tag, 2, text.encode("utf-8") + b"\0") for tag, text in fields if text]
    dated = 1 if credit.date else 0
    begin = 8 + 2 + 12 * (len(entries) + dated) + 4
    table, values = b"", b""
    for tag, kind, raw in entries:
        table += struct.pack("<HHI", tag, kind, len(raw)) + _placed(raw, begin + len(values))
        values += b"" if len(raw) <= 4 else raw + b"\0" * (len(raw) % 2)
    directory = struct.pack("<H", len(entries) + dated) + table
    if dated:
        directory += struct.pack("<HHII", _EXIF_DIRECTORY, 4, 1, begin + len(values))
        values += _date_taken(credit.date, begin + len(values))
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + values


def _placed(raw: bytes, outside: int) -> bytes:
    return raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<I", outside)


def _date_taken(date: str, at: int) -> bytes:
    """Return the Exif directory with the time when the photo was taken; its position will be `at`."""
    raw = date.encode("utf-8") + b"\0"
    value = _placed(raw, at + 2 + 24 + 4)
    entries = struct.pack("<HHI", _EXIF_VERSION, 7, 4) + b"0232" + struct.pack("<HHI", _DATE_TAKEN, 2, len(raw)) + value
    return struct.pack("<H", 2) + entries + bytes(4) + (b"" if len(raw) <= 4 else raw)


def _first_directory(exif: bytes) -> Directory | None:
    layout = read_layout(exif)
    return read_directory(exif, layout, layout.first) if layout else None


def _exif_directory(exif: bytes, directory: Directory) -> Directory | None:
    layout, at = read_layout(exif), directory.number(_EXIF_DIRECTORY)
    return read_directory(exif, layout, at) if layout and at else None


def _copyright(directory: Directory) -> str:
    """Return the photographer's copyright, or else the editor's: the tag has both, separated by a NUL."""
    value = directory.text(COPYRIGHT)
    rest = directory.raw(COPYRIGHT).split(b"\0")[1:2]
    return value or (rest[0].decode("latin-1") if rest else "")


def _windows_title(directory: Directory) -> str:
    return directory.raw(_WINDOWS_TITLE).decode("utf-16-le", "ignore").split("\0")[0]


def _line(text: str) -> str:
    """Return `text` printable, on one line and truncated, because it comes from outside."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MOST_CHARACTERS]
