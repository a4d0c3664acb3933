"""HTTP requests as the events of gateways, function URLs and load balancers."""

import json
from base64 import b64encode
from urllib.parse import quote, urlencode

from local.event_source_mapping import Context
from stylize.doors import enter

DOMAIN = "api.execute-api.eu-central-1.amazonaws.com"


def _body(content):
    return {"body": b64encode(content).decode() if content else None, "isBase64Encoded": bool(content)}


def rest_api(method, path, body=b"", query=(), headers=(), base="", version=None, **context):
    """Return the event of a REST API, whose path stays encoded. `base` is the base path of a domain.

    With `version` "1.0" it is the event of an HTTP API in that payload format, whose path is decoded.
    """
    path = path if version else quote(path)
    route, parameters = _route(path)
    values: dict[str, list[str]] = {}
    for name, value in query:
        values.setdefault(name, []).append(value)
    lines: dict[str, list[str]] = {}
    for name, value in headers:
        lines.setdefault(name, []).append(value)
    event = {
        "resource": route,
        "path": base + path,
        "httpMethod": method,
        "headers": {name: found[-1] for name, found in lines.items()} or None,
        "multiValueHeaders": lines or None,
        "queryStringParameters": {name: found[-1] for name, found in values.items()} or None,
        "multiValueQueryStringParameters": values or None,
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": {"requestId": "r", "stage": "v1", "domainName": DOMAIN, "resourcePath": route, **context},
        **_body(body),
    }
    return event | ({"version": version} if version else {})


def http_api_1(method, path, body=b"", query=(), headers=(), **context):
    return rest_api(method, path, body, query, headers, version="1.0", **context)


def http_api_2(method, path, body=b"", query=(), headers=(), stage="$default", matched=True, **context):
    """Return the event of an HTTP API in payload format 2.0. Its path is decoded, and begins with a named stage."""
    route, parameters = _route(path)
    raw = path if stage == "$default" else f"/{stage}{path}"
    event = {
        "version": "2.0",
        "routeKey": f"{method} {route}" if matched else "$default",
        "rawPath": raw,
        "rawQueryString": urlencode(query),
        "headers": _joined(headers),
        "requestContext": {
            "http": {"method": method, "path": raw},
            **{"requestId": "r", "stage": stage, "domainName": DOMAIN, **context},
        },
        **_body(body),
    }
    if query:
        event["queryStringParameters"] = _joined(query)
    if matched and parameters:
        event["pathParameters"] = parameters
    return event


def function_url(method, path, body=b"", query=(), headers=(), **context):
    """Return the event of a function URL: payload format 2.0, with the path encoded as the client sent it."""
    domain = {"domainName": "xyz.lambda-url.eu-central-1.on.aws"}
    return http_api_2(method, quote(path), body, query, headers, matched=False, **domain, **context)


def alb(method, path, body=b"", query=(), headers=(), several=False, **context):
    """Return the event of a load balancer. `several` is the setting of its target group for multi-value headers."""
    event = {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/t/1"}},
        "httpMethod": method,
        "path": quote(path),
        **_body(body),
    }
    encoded = [(quote(name, ""), quote(value, "")) for name, value in query]
    for name, pairs in (("headers", headers), ("queryStringParameters", encoded)):
        if several:
            lines: dict[str, list[str]] = {}
            for key, value in pairs:
                lines.setdefault(key, []).append(value)
            event["multiValue" + name[0].upper() + name[1:]] = lines
        else:
            event[name] = dict(pairs)
    return event


def alb_with_several(method, path, body=b"", query=(), headers=()):
    return alb(method, path, body, query, headers, several=True)


SENDERS = [rest_api, http_api_1, http_api_2, function_url, alb, alb_with_several]


def ask(deployment, event, studio=None):
    """Send an event to the function, or to a studio, and return status, content and headers of the answer."""
    answer = enter(event, studio) if studio else deployment.handler(event, Context())
    headers = answer.get("headers") or {name: value[-1] for name, value in answer["multiValueHeaders"].items()}
    assert isinstance(answer["statusCode"], int)
    body = answer["body"]
    if headers.get("Content-Type") == "application/json":
        body = json.loads(body or "null")
    return answer["statusCode"], body, headers


def form(*parts, boundary="frontier"):
    """Return a body of multipart/form-data. A part is (field, content) or (field, content, file name or None, type)."""
    lines = []
    for name, content, *rest in parts:
        filename, kind = (*rest, None, None)[:2]
        told = f'; filename="{filename}"' if filename is not None else ""
        typed = f"Content-Type: {kind}\r\n" if kind else ""
        lines.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{told}\r\n{typed}\r\n'.encode())
        lines.append((content.encode() if isinstance(content, str) else content) + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode()


def _route(path):
    if path.startswith("/paintings/"):
        return "/paintings/{key+}", {"key": path.removeprefix("/paintings/")}
    return path, None


def _joined(pairs):
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name.lower()] = f"{found[name.lower()]},{value}" if name.lower() in found else value
    return found
