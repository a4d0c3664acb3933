"""Where one request to the local gateway ends and the next begins."""

import json
import re
import socket
from base64 import b64decode
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.gateway import Gateway, local_gateway
from local.http_body import LARGEST_REQUEST
from tests.support.deployment import Deployment

PHOTO = b"not a photo, but with\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\nin it"
POST = b"POST /paintings HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    sized = b"".join(b"%x;name=value\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"Transfer-Encoding: chunked\r\n\r\n" + sized + b"0\r\n" + trailer + b"\r\n"


@pytest.fixture(scope="module")
def seen() -> list[dict]:
    """The events that the function has been given."""
    return []


@pytest.fixture(scope="module")
def address(seen: list[dict]) -> Iterator[tuple[str, int]]:
    def handler(event: dict, context: object) -> dict:
        seen.append(event)
        return {"statusCode": 200, "body": "{}"}

    with local_gateway(Gateway(handler)) as url:
        yield urlsplit(url).hostname or "", urlsplit(url).port or 0


@pytest.fixture
def send(address: tuple[str, int], seen: list[dict]) -> Callable[[bytes], list[int]]:
    """Sends bytes over one connection; returns the statuses of all answers."""

    def exchange(sent: bytes) -> list[int]:
        seen.clear()
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(sent)
            received = b""
            while piece := connection.recv(65536):
                received += piece
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", received)]

    return exchange


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n%s" % (len(PHOTO), PHOTO),
        chunked(PHOTO),
        chunked(PHOTO[:1], PHOTO[1:40], PHOTO[40:]),
        chunked(PHOTO, trailer=b"X-Checksum: 1\r\nX-Other: 2\r\n"),
    ],
    ids=["length", "one chunk", "chunks", "trailer"],
)
def test_a_body_is_read_whole(send, seen, body):
    """The function gets every byte of a body, and the next request on the connection is answered as well."""
    assert send(POST + body + HEALTH) == [200, 200]
    assert [event["httpMethod"] for event in seen] == ["POST", "GET"]
    assert b64decode(seen[0]["body"]) == PHOTO


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 4\r\n" + chunked(PHOTO),
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: +5\r\n\r\nhello",
        b"Content-Length: five\r\n\r\nhello",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 20_000,
    ],
    ids=[
        "both",
        "negative",
        "signed",
        "words",
        "two lengths",
        "gzip",
        "no size",
        "minus",
        "longer chunk",
        "endless line",
    ],
)
def test_a_body_of_unclear_end_is_refused(send, seen, body):
    """A body without a clear end gets 400, without an invocation, and the connection is closed."""
    assert send(POST + body + HEALTH) == [400]
    assert seen == []


@pytest.mark.parametrize("announced", [True, False], ids=["length", "chunked"])
def test_a_body_too_large_is_refused_with_an_answer(address, seen, announced):
    """A client that is still sending a too large body gets 413 in the common shape of errors."""
    seen.clear()
    host, port = address
    connection = HTTPConnection(host, port, timeout=10)
    pieces = [b"x" * 1_000_000] * (LARGEST_REQUEST // 1_000_000 + 2)
    body = b"".join(pieces) if announced else iter(pieces)
    connection.request("POST", "/paintings", body, {"Content-Type": "image/png"}, encode_chunked=not announced)
    answer: HTTPResponse = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["error"]["code"] == "photo_too_large"
    assert seen == []


def test_a_chunked_photo_is_painted(deployment: Deployment):
    """A photo in a chunked body is painted like any other."""
    photo = (Path(__file__).parents[2] / "local" / "samples" / "chelsea.jpg").read_bytes()
    with local_gateway(Gateway(deployment.handler)) as url:
        connection = HTTPConnection(urlsplit(url).hostname or "", urlsplit(url).port, timeout=60)
        pieces = (photo[start : start + 4000] for start in range(0, len(photo), 4000))
        headers = {"Content-Type": "image/jpeg", "Transfer-Encoding": "chunked"}
        connection.request("POST", "/paintings?styles=sketch", pieces, headers, encode_chunked=True)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.request("GET", "/health")
        answer.read()
        assert connection.getresponse().status == 200
