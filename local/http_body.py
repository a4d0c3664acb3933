"""Reads the body of an HTTP/1.1 request to its last byte, so that the next request starts at the right one."""

import re
from collections.abc import Iterator
from email.message import Message
from io import BufferedIOBase

LARGEST_REQUEST = 10 * 1024 * 1024
"""Bytes of the largest body that API Gateway accepts."""

LONGEST_LINE = 8 * 1024
"""Bytes of a line between chunks, with a chunk size or a trailing header."""


class BadBody(Exception):
    """A malformed or too long body. The connection must be closed, because the next request can't be found."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_body(headers: Message, stream: BufferedIOBase, limit: int) -> bytes:
    """Read the body that `headers` announce, at most `limit` bytes, by the rules of RFC 9112 section 6.

    Raises BadBody with the status of the answer: 400 malformed, 413 longer than `limit`.
    """
    codings = headers.get_all("Transfer-Encoding", [])
    lengths = headers.get_all("Content-Length", [])
    if codings and lengths:
        raise BadBody(400, "expected Content-Length or Transfer-Encoding, got both")
    if codings:
        coding = ", ".join(codings).strip().lower()
        if coding != "chunked":
            raise BadBody(400, f"expected the transfer coding chunked, got {coding!r}")
        return b"".join(_chunks(stream, limit))
    if not lengths:
        return b""
    return _exactly(stream, _length(lengths, limit))


def _length(values: list[str], limit: int) -> int:
    different = {part.strip() for value in values for part in value.split(",")}
    text = different.pop()
    if different or not re.fullmatch("[0-9]+", text):
        raise BadBody(400, f"expected one whole number as Content-Length, got {', '.join(values)!r}")
    if len(text) > len(str(limit)) + 1 or int(text) > limit:
        raise BadBody(413, f"expected a body of at most {limit} bytes, got {text[:20]}")
    return int(text)


def _chunks(stream: BufferedIOBase, limit: int) -> Iterator[bytes]:
    total = 0
    while size := _chunk_size(stream):
        total += size
        if total > limit:
            raise BadBody(413, f"expected a body of at most {limit} bytes, got more")
        yield _exactly(stream, size)
        if _line(stream):
            raise BadBody(400, "expected a line break after a chunk, got more of it")
    while _line(stream):  # trailing headers are ignored
        pass


def _chunk_size(stream: BufferedIOBase) -> int:
    text = _line(stream).split(b";")[0].strip()
    if not re.fullmatch(b"[0-9a-fA-F]{1,15}", text):
        raise BadBody(400, f"expected the size of a chunk in hexadecimal digits, got {text[:20].decode('latin-1')!r}")
    return int(text, 16)


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise BadBody(400, f"expected a line of at most {LONGEST_LINE} bytes, got no end of it")
    return line.rstrip(b"\r\n")


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise BadBody(400, f"expected {size} bytes, got {len(content)}")
    return content
