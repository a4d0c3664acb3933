"""Which route a request is for: by what the gateway has matched, and only without that by the path.

A custom domain puts a base path in front of the path, and a stage of an HTTP API its name; what was matched does not
change with them.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any


class Route(Enum):
    """Method and path, as template.yaml has them."""

    PAINT = ("POST", "/paintings")
    RECENT = ("GET", "/paintings")
    FIND = ("GET", "/paintings/{key+}")
    UPLOAD = ("POST", "/uploads")
    HEALTH = ("GET", "/health")
    PREFLIGHT = ("OPTIONS", "")  # of any of them


_PATHS = {route.value[1] for route in Route} - {""}
_WITH_PARAMETER = {path.partition("{")[0]: path for path in _PATHS if "{" in path}
"""Paths that end in a parameter, by what stands before it."""

_PARAMETER = re.compile(r".*?(/\w+/)\{(\w+)\+?\}")
_REST_OF_PATH = re.compile(r".*/\{(\w+)\+\}")


def match(method: str, resource: str, parameters: Mapping[str, Any], path: str, stage: str) -> tuple[Route | None, str]:
    """Return the route, and the parameter of its path, as encoded as it came.

    `resource` is the path that the gateway has matched, and `parameters` what it has found in it.
    """
    if resource in _PATHS and "{" not in resource:
        return _route(method, resource), ""
    found = _PARAMETER.fullmatch(resource)
    if found and found[1] in _WITH_PARAMETER and (given := parameters.get(found[2])):
        return _route(method, _WITH_PARAMETER[found[1]]), str(given)
    rest = _REST_OF_PATH.fullmatch(resource)
    if rest and (remainder := parameters.get(rest[1])):
        path = f"/{remainder}"
    for shorter in _below_base_path(path.removeprefix(f"/{stage}") if path.startswith(f"/{stage}/") else path):
        plain = shorter.rstrip("/") or "/"
        if plain in _PATHS:
            return _route(method, plain), ""
        for before, whole in _WITH_PARAMETER.items():
            if shorter.startswith(before):
                return _route(method, whole), shorter.removeprefix(before)
    return None, ""


def _route(method: str, path: str) -> Route | None:
    if method == "OPTIONS":
        return Route.PREFLIGHT
    asked = ("GET" if method == "HEAD" else method, path)
    return next((route for route in Route if route.value == asked), None)


def _below_base_path(path: str) -> Iterator[str]:
    """The path itself, then without its first segment, and so on."""
    yield path
    starts = [found.start() for found in re.finditer("/", path)]
    for start in starts[1:]:
        yield path[start:]
