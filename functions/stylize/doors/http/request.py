"""A request as one of five senders hands it over: REST API, HTTP API (payload 1.0 or 2.0), function URL, ALB.

They differ in whether the path and the query come percent-encoded, and in where repeated values are (API Gateway
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
    """Who hands a request over."""

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
    """`key` is that of the path, decoded; `route` is None where no route fits. Names of headers are in lower case."""

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
        """The last value of a header; empty without one."""
        return self.headers.get(name, ("",))[-1]

    def body(self) -> bytes:
        """Raises BadRequest."""
        body = self.event.get("body") or ""
        if not isinstance(body, str):
            raise BadRequest(f"body: expected text, got {shape(body)}")
        return bytes_of_base64(body, "body") if self.event.get("isBase64Encoded") else body.encode("utf-8", "replace")


def read_request(event: Event) -> Request:
    """Read an event of any of the senders. Nothing that is missing or odd in it raises."""
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
    """The route that the gateway has matched, without its method; empty where there is no gateway."""
    matched = event.get("routeKey") if sender.is_version_2 else event.get("resource")
    return str(matched or "").rpartition(" ")[2]


def _is_as_in_path(key: str, path: str) -> bool:
    """Whether the key stands in the path as it is; a path parameter that does not has been decoded already."""
    return path.endswith(key) or not unquote(path).endswith(key)


def _query(event: Event, sender: Sender) -> Iterator[tuple[str, str]]:
    """Names and values, decoded, every value of a repeated name."""
    if sender.is_version_2 and event.get("rawQueryString"):
        yield from parse_qsl(str(event["rawQueryString"]), keep_blank_values=True, max_num_fields=100)
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
    """Every value of every header; those of multiValueHeaders where both are given."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in _mapping(event.get("headers")).items():
        found[str(name).lower()] = (str(value),)
    for name, values in _mapping(event.get("multiValueHeaders")).items():
        if isinstance(values, list) and values:
            found[str(name).lower()] = tuple(map(str, values))
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
