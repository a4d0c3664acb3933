"""Reads request bodies: a photo, a form with photos, or JSON. The content decides, not the headers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from json import loads
from typing import TYPE_CHECKING, Any

from ...engine import inspect
from ...errors import BadRequest, Refusal, UnsupportedFormat
from ..events import shape
from .request import Request

if TYPE_CHECKING:
    from multipart import MultipartPart

MOST_PARTS = 20
"""Parts of a form: photos and fields of a recipe."""

LONGEST_HEADER = 2000
"""Bytes of one header in a part of a form."""

LONGEST_FIELD = 2000
"""Bytes of a form field that is not a photo."""

_BOUNDARY = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])\r?\n")


@dataclass(frozen=True)
class SentPhoto:
    """A photo of a request; `name` is its file name in the form, or empty."""

    content: bytes
    name: str = ""


def read_body(request: Request) -> tuple[list[SentPhoto], list[tuple[str, str]]]:
    """Return the photos of a request and the other fields of its form. Raises BadRequest."""
    body = request.body()
    boundary = _boundary(request.header("content-type"), body)
    if not boundary:
        return [SentPhoto(body)], []
    photos, fields = [], []
    for part in _parts(body, boundary):
        if _is_photo(part):
            photos.append(SentPhoto(part.raw, part.filename or ""))
        elif not part.filename and part.filename != "":
            fields.append((part.name or "", _text(part)))
    if not photos:
        raise BadRequest("body: expected a form with a file, got one without")
    return photos, fields


def read_json(request: Request, *names: str) -> dict[str, Any]:
    """Return the JSON object of a request, whose fields must be among `names`. Raises BadRequest."""
    try:
        content = loads(request.body().decode("utf-8", "replace"), parse_float=_number)
    except (ValueError, RecursionError):  # not JSON; a number with thousands of digits; too deeply nested lists
        raise BadRequest("body: expected a JSON object, got something else") from None
    if not isinstance(content, dict):
        raise BadRequest(f"body: expected a JSON object, got {shape(content)}")
    unknown = content.keys() - set(names)
    if unknown:
        raise BadRequest(f"body: expected {', '.join(names)}, got {min(unknown)[:60]!r}")
    return content


def _number(text: str) -> float:
    """Convert a number; 80.0 is a whole number in JSON."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _boundary(content_type: str, body: bytes) -> str:
    """Return the boundary of a form; empty if the body is not a form.

    Without a Content-Type header, which proxies and some clients drop, the body itself shows the boundary.
    """
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() == "multipart/form-data":
        told = re.search(r'boundary=(?:"([^"]{1,70})"|([^";,]{1,70}))', parameters, re.IGNORECASE)
        boundary = (told[1] or told[2]).strip() if told else ""
        if boundary and _begins_with(body, boundary):
            return boundary
        if not _is_image(body) and not _BOUNDARY.match(body):
            raise BadRequest("body: expected a form with a boundary, got none")
    first = _BOUNDARY.match(body)
    if first and b"form-data" in body[: first.end() + LONGEST_HEADER].lower():
        return first[1].decode("ascii")
    return ""


def _begins_with(body: bytes, boundary: str) -> bool:
    """Return whether the first line of a form is this boundary, and not a longer one with the same beginning."""
    line = b"--" + boundary.encode("latin-1", "replace")
    begin = body.lstrip(b"\r\n")
    return begin.startswith(line) and begin[len(line) : len(line) + 2].strip() in (b"", b"--")


def _parts(body: bytes, boundary: str) -> Iterator["MultipartPart"]:
    from multipart import MultipartError, MultipartParser, ParserLimitReached

    try:
        yield from MultipartParser(
            BytesIO(body),
            boundary,
            header_limit=8,
            headersize_limit=LONGEST_HEADER,
            part_limit=MOST_PARTS,
            spool_limit=len(body),  # photos are never written to disk
            memory_limit=len(body) or 1,
        )
    except ParserLimitReached:
        limits = f"{MOST_PARTS} parts with headers of at most {LONGEST_HEADER} bytes"
        raise BadRequest(f"body: expected a form of at most {limits}, got more") from None
    except MultipartError:
        raise BadRequest("body: expected a form as RFC 7578 has it, got one that is damaged or cut short") from None


def _is_photo(part: "MultipartPart") -> bool:
    """Return whether a part is a photo. A form without a chosen file sends an empty part without a name."""
    return bool(part.filename or (part.filename == "" and part.size) or _is_image(part.raw))


def _text(part: "MultipartPart") -> str:
    if part.size > LONGEST_FIELD:
        expected = f"expected at most {LONGEST_FIELD:,} bytes, got {part.size:,}"
        raise BadRequest(f"{(part.name or 'field')[:60]}: {expected}")
    content: bytes = part.raw
    return content.decode("utf-8", "replace")


def _is_image(content: bytes) -> bool:
    """Return whether the first bytes are of an image, of a supported format or not."""
    try:
        inspect(content)
    except UnsupportedFormat:
        return True
    except Refusal:
        return False
    return True
