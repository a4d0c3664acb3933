"""What people post: a photo as it is, or a form with one or several. The content decides, not what is said of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ...engine import inspect
from ...errors import BadRequest, Refusal, UnsupportedFormat
from .request import Request

if TYPE_CHECKING:
    from multipart import MultipartPart

MOST_PARTS = 20
"""Of a form: photos and fields of a recipe."""

LONGEST_HEADER = 2000
"""Bytes of one header of a part."""

LONGEST_FIELD = 2000
"""Bytes of a field that is no photo."""

_BOUNDARY = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])\r?\n")


@dataclass(frozen=True)
class SentPhoto:
    """A photo of a request; `name` is that of its file, where a form has told one."""

    content: bytes
    name: str = ""


def read_body(request: Request) -> tuple[list[SentPhoto], list[tuple[str, str]]]:
    """Return the photos of a request and the fields beside them. Raises BadRequest."""
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


def _boundary(content_type: str, body: bytes) -> str:
    """What stands between the parts of a form; empty when the body is none.

    The body knows it as well as its header, which proxies and forgetful clients lose.
    """
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() == "multipart/form-data":
        told = re.search(r'boundary="?([^";,]{1,70})', parameters, re.IGNORECASE)
        if told and body.lstrip(b"\r\n").startswith(b"--" + told[1].strip().encode("latin-1", "replace")):
            return told[1].strip()
        if not _is_image(body) and not _BOUNDARY.match(body):
            raise BadRequest("body: expected a form with a boundary, got none")
    first = _BOUNDARY.match(body)
    if first and b"form-data" in body[: first.end() + LONGEST_HEADER].lower():
        return first[1].decode("ascii")
    return ""


def _parts(body: bytes, boundary: str) -> Iterator["MultipartPart"]:
    from multipart import MultipartError, MultipartParser, ParserLimitReached

    try:
        yield from MultipartParser(
            BytesIO(body),
            boundary,
            header_limit=8,
            headersize_limit=LONGEST_HEADER,
            part_limit=MOST_PARTS,
            spool_limit=len(body),  # nothing of a photo goes to the disk
            memory_limit=len(body) or 1,
        )
    except ParserLimitReached:
        limits = f"{MOST_PARTS} parts with headers of at most {LONGEST_HEADER} bytes"
        raise BadRequest(f"body: expected a form of at most {limits}, got more") from None
    except MultipartError:
        raise BadRequest("body: expected a form as RFC 7578 has it, got one that is damaged or cut short") from None


def _is_photo(part: "MultipartPart") -> bool:
    """A file, or a field that holds one; a form whose file was not chosen sends an empty one without a name."""
    return bool(part.filename or (part.filename == "" and part.size) or _is_image(part.raw))


def _text(part: "MultipartPart") -> str:
    if part.size > LONGEST_FIELD:
        expected = f"expected at most {LONGEST_FIELD:,} bytes, got {part.size:,}"
        raise BadRequest(f"{(part.name or 'field')[:60]}: {expected}")
    content: bytes = part.raw
    return content.decode("utf-8", "replace")


def _is_image(content: bytes) -> bool:
    """Whether the first bytes are those of an image, painted or not."""
    try:
        inspect(content)
    except UnsupportedFormat:
        return True
    except Refusal:
        return False
    return True
