"""API Gateway between HTTP and the function, on loopback, with the routes, limits and answers of template.yaml.

A stand-in: it requires a key if it is started with one, but has no usage plan.
"""

import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from .event_source_mapping import Context, Handler
from .http_body import LARGEST_REQUEST, BadBody
from .http_server import Answer, Request, served
from .listener import listen, url_of
from .template import load, properties

LARGEST_EVENT = LARGEST_ANSWER = 6 * 1024 * 1024
"""Bytes: Lambda's limit for an event, and for an answer."""

_STATUS = {"DEFAULT_4XX": 400, "DEFAULT_5XX": 502}


class Gateway:
    """Turns requests into REST proxy events for a function that serves one invocation at a time.

    `turn` is a lock, held during an invocation and shared with other callers of the function. `base_path` (`/api`) is
    the base path of a custom domain. `caller` is the identity that API Gateway would add to the request's context.
    `template` replaces template.yaml, `allowed_origin` the default of the parameter.
    """

    def __init__(
        self,
        handler: Handler,
        api_key: str | None = None,
        turn: AbstractContextManager[Any] | None = None,
        base_path: str = "",
        caller: Mapping[str, Any] | None = None,
        template: dict[str, Any] | None = None,
        allowed_origin: str | None = None,
    ) -> None:
        template = template or load()
        api = properties(template, "Api")
        events = properties(template, "StylizeFunction")["Events"].values()
        found = [event["Properties"] for event in events if event["Type"] == "Api"]
        self._routes = [(route["Method"], _pattern(route["Path"]), route["Path"]) for route in found]
        self._binary = tuple(kind.removesuffix("*").removesuffix("*/") for kind in api["BinaryMediaTypes"])
        paths = api["DefinitionBody"]["paths"]
        self._open = {
            (method.upper(), path) for path, item in paths.items() for method in item if "security" not in item[method]
        }
        self._cors = _preflight(api, allowed_origin or template["Parameters"]["AllowedOrigin"]["Default"])
        self._base_path = base_path
        self._caller = dict(caller or {})
        self._answers = api["GatewayResponses"]
        self._handler = handler
        self._api_key = api_key
        self._turn = turn or Lock()

    def answer(self, request: Request) -> Answer:
        path = urlsplit(request.target).path
        if not path.startswith(f"{self._base_path}/"):
            return self._own("MISSING_AUTHENTICATION_TOKEN", request.method)
        path = path.removeprefix(self._base_path)
        matches = [(m, method, template) for method, rule, template in self._routes if (m := rule.fullmatch(path))]
        if request.method == "OPTIONS" and matches:
            return Answer(200, self._cors, b"{}")
        route = next(((match, template) for match, method, template in matches if method == request.method), None)
        if route is None:
            return self._own("MISSING_AUTHENTICATION_TOKEN", request.method)
        is_open = (request.method, route[1]) in self._open
        if not is_open and self._api_key is not None and request.headers.get("x-api-key", [""])[-1] != self._api_key:
            return self._own("INVALID_API_KEY", request.method)
        if len(request.body) > LARGEST_REQUEST:
            return self._own("REQUEST_TOO_LARGE", request.method)
        event = self._event(request, *route)
        if len(json.dumps(event)) > LARGEST_EVENT:
            return self._own("REQUEST_TOO_LARGE", request.method)
        return self._invoke(event, request)

    def _event(self, request: Request, match: re.Match[str], resource: str) -> dict[str, Any]:
        """Build the event: path percent-encoded, query decoded (API Gateway developer guide, "Lambda proxy")."""
        url = urlsplit(request.target)
        query = parse_qs(url.query, keep_blank_values=True)
        content_type = request.headers.get("content-type", [""])[-1]
        is_binary = content_type.lower().startswith(self._binary)
        body = b64encode(request.body).decode() if is_binary else request.body.decode("utf-8", "replace")
        return {
            "resource": resource,
            "path": url.path,
            "httpMethod": request.method,
            "headers": {name: values[-1] for name, values in request.headers.items()},
            "multiValueHeaders": request.headers,
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": match.groupdict() or None,
            "stageVariables": None,
            "requestContext": {
                "requestId": str(uuid4()),
                "stage": "v1",
                "httpMethod": request.method,
                "path": url.path if self._base_path else f"/v1{url.path}",
                "resourcePath": resource,
                "requestTimeEpoch": int(time() * 1000),
                "identity": {"sourceIp": "127.0.0.1", "apiKey": self._api_key},
                **self._caller,
            },
            "body": body or None,
            "isBase64Encoded": is_binary and bool(body),
        }

    def _invoke(self, event: dict[str, Any], request: Request) -> Answer:
        with self._turn:
            try:
                answer = self._handler(event, Context(aws_request_id=str(uuid4())))
            except Exception:
                return self._own("DEFAULT_5XX", request.method, "Internal server error")
        if len(json.dumps(answer)) > LARGEST_ANSWER:
            return self._own("DEFAULT_5XX", request.method, "Internal server error")
        headers = dict(answer.get("headers") or {})
        headers |= {name: ", ".join(values) for name, values in (answer.get("multiValueHeaders") or {}).items()}
        body = (answer.get("body") or "").encode()
        accepted = request.headers.get("accept", [""])[0].split(",")[0].strip().lower()
        if answer.get("isBase64Encoded") and accepted.startswith(self._binary):
            try:
                body = b64decode(body, validate=True)
            except NotBase64:
                return self._own("DEFAULT_5XX", request.method, "Internal server error")
        return Answer(answer["statusCode"], headers, body)

    def refuse(self, method: str, fault: BadBody) -> Answer:
        """Answer a request whose body could not be read."""
        return self._own("REQUEST_TOO_LARGE" if fault.status == 413 else "DEFAULT_4XX", method, str(fault))

    def _own(self, kind: str, method: str, message: str = "Bad") -> Answer:
        """Return an answer of API Gateway itself."""
        text = self._answers[kind]["ResponseTemplates"]["application/json"]
        values = {
            "$context.error.messageString": json.dumps(message),
            "$context.requestId": str(uuid4()),
            "$context.httpMethod": method,
        }
        for name, value in values.items():
            text = text.replace(name, value)
        status = self._answers[kind].get("StatusCode") or _STATUS[kind]
        return Answer(int(status), {"Content-Type": "application/json"} | self._cors, text.encode())


@contextmanager
def local_gateway(gateway: Gateway, port: int = 0) -> Iterator[str]:
    """Serve on 127.0.0.1 until the block ends; yield the URL. Port 0 selects a free port."""
    listener = listen(port)
    with served(listener, gateway.answer, gateway.refuse):
        yield url_of(listener)


def _pattern(path: str) -> re.Pattern[str]:
    """Convert `/paintings/{key+}` to a regular expression; `{key}` is one segment, `{key+}` all that follow."""
    greedy = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", path)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", greedy))


def _preflight(api: dict[str, Any], allowed_origin: str) -> dict[str, str]:
    """Return the headers of API Gateway's answer to a preflight."""
    mock = api["DefinitionBody"]["paths"]["/paintings"]["options"]["x-amazon-apigateway-integration"]
    given = mock["responses"]["default"]["responseParameters"]
    headers = {name.rpartition(".")[2]: value for name, value in given.items()}
    headers["Access-Control-Allow-Origin"] = allowed_origin
    return {name: value.strip("'") for name, value in headers.items()}
