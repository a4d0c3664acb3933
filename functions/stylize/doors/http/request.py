"""Requests of five kinds of senders: REST API, HTTP API (payload 1.0 or 2.0), function URL, ALB.

The senders differ in the encoding of path and query, and in the place of repeated values (API Gateway
developer guide, "Lambda proxy integrations"; Lambda developer guide, "Function URLs" and "Application Load Balancer"):

| sender | path | query | repeated query values |
| --- | --- | --- | --- |
| REST API | encoded | decoded | multiValueQueryStringParameters |
| HTTP API 1.0, `sam local start-api` | decoded | decoded | multiValueQueryStringParameters |
| HTTP API 2.0 | decoded | rawQueryString is encoded | rawQueryString |
| function URL | encoded | rawQueryString is encoded | rawQueryString |
| ALB | encoded | encoded | multiValueQueryStringParameters, if the target group sends them |
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from ...errors import BadRequest
from ..events import Event, shape
from ..text import bytes_of_base64
from .routes import Route, match


class Sender(Enum):
    """The kind of gateway that sent a request."""

    REST_API = auto()
    HTTP_API_1 = auto()
    HTTP_API_2 = auto()
    FUNCTION_URL = auto()
    ALB = auto()

    @property
    def encodes_path(self) -> bool:
        return self in (Sender.REST_API, Sender.FUNCTION_URL, Sender.ALB)

    @property
    def is_version_2(self) -> bool:
        return self in (Sender.HTTP_API_2, Sender.FUNCTION_URL)


@dataclass(frozen=True)
class Request:
    """One request. `key` comes from the path, decoded; `route` is None if none matches. Header names are lowercase."""

    sender: Sender
    method: str
    path: str
    route: Route | None
    key: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, tuple[str, ...]]
    context: Mapping[str, Any]
    event: Event

    @property
    def id(self) -> str:
        return str(self.context.get("requestId") or self.header("x-amzn-trace-id") or "unknown")

    def header(self, name: str) -> str:
        """Return the last value of a header; empty if it is missing."""
        return self.headers.get(name, ("",))[-1]

    def body(self) -> bytes:
        """Return the decoded body. Raises BadRequest."""
        body = self.event.get("body") or ""
        if not isinstance(body, str):
            raise BadRequest(f"body: expected text, got {shape(body)}")
        return bytes_of_base64(body, "body") if self.event.get("isBase64Encoded") else body.encode("utf-8", "replace")


def read_request(event: Event) -> Request:
    """Read an event of any sender. Missing or invalid fields do not raise."""
    context = _mapping(event.get("requestContext"))
    sender = _sender(event, context)
    http = _mapping(context.get("http")) if sender.is_version_2 else event
    path = str((event.get("rawPath") if sender.is_version_2 else event.get("path")) or http.get("path") or "/")
    method = str(http.get("method") or http.get("httpMethod") or "GET").upper()
    resource, parameters = _resource(event, sender), _mapping(event.get("pathParameters"))
    stage = str(context.get("stage") or "")
    route, raw = match(method, resource, parameters, path, stage)
    key = unquote(raw) if sender.encodes_path and _is_as_in_path(raw, path) else raw
    query = tuple(_query(event, sender))
    return Request(sender, method, path, route, key, query, _headers(event), context, event)


def _sender(event: Event, context: Mapping[str, Any]) -> Sender:
    if "elb" in context:
        return Sender.ALB
    if event.get("version") == "2.0":
        is_url = ".lambda-url." in str(context.get("domainName"))
        return Sender.FUNCTION_URL if is_url else Sender.HTTP_API_2
    return Sender.HTTP_API_1 if event.get("version") == "1.0" else Sender.REST_API


def _resource(event: Event, sender: Sender) -> str:
    """Return the route that the gateway matched, without its method; empty without a gateway."""
    matched = event.get("routeKey") if sender.is_version_2 else event.get("resource")
    return str(matched or "").rpartition(" ")[2]


def _is_as_in_path(key: str, path: str) -> bool:
    """Return whether the path contains the key unchanged; otherwise the gateway has decoded the key."""
    return path.endswith(key) or not unquote(path).endswith(key)


def _query(event: Event, sender: Sender) -> Iterator[tuple[str, str]]:
    """Yield decoded names and values, with every value of a repeated name."""
    if sender.is_version_2 and event.get("rawQueryString"):
        yield from parse_qsl(str(event["rawQueryString"]), keep_blank_values=True)
        return
    decode = unquote_plus if sender is Sender.ALB else str
    single, several = (
        _mapping(event.get(name)) for name in ("queryStringParameters", "multiValueQueryStringParameters")
    )
    for name in {**single, **several}:
        values = several.get(name) or [single.get(name)]
        for value in values if isinstance(values, list) else [values]:
            yield decode(str(name)), decode("" if value is None else str(value))


def _headers(event: Event) -> dict[str, tuple[str, ...]]:
    """Return every value of every header; multiValueHeaders has precedence."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in _mapping(event.get("headers")).items():
        found[str(name).lower()] = (str(value),)
    for name, values in _mapping(event.get("multiValueHeaders")).items():
        if isinstance(values, list) and values:
            found[str(name).lower()] = tuple(map(str, values))
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
