"""Finds the route of a request: the route that the gateway matched, or else a match of the path.

A custom domain adds a base path to the path, and an HTTP API the name of its stage. The matched route contains neither.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any


class Route(Enum):
    """The routes: method and path, as in template.yaml."""

    PAINT = ("POST", "/paintings")
    RECENT = ("GET", "/paintings")
    FIND = ("GET", "/paintings/{key+}")
    UPLOAD = ("POST", "/uploads")
    HEALTH = ("GET", "/health")
    PAGE = ("GET", "/")
    ASSET = ("GET", "/page/{asset}")
    PREFLIGHT = ("OPTIONS", "")  # of any route


_PATHS = {route.value[1] for route in Route} - {""}
_WITH_PARAMETER = {path.partition("{")[0]: path for path in _PATHS if "{" in path}
"""Paths that end in a parameter, by the part before the parameter."""

_PARAMETER = re.compile(r".*?(/\w+/)\{(\w+)\+?\}")
_REST_OF_PATH = re.compile(r".*/\{(\w+)\+\}")


def match(method: str, resource: str, parameters: Mapping[str, Any], path: str, stage: str) -> tuple[Route | None, str]:
    """Return the route, and the parameter of its path in its original encoding.

    `resource` is the path that the gateway matched, and `parameters` are its path parameters.
    """
    if resource in _PATHS and "{" not in resource:
        return _route(method, resource), ""
    found = _PARAMETER.fullmatch(resource)
    if found and found[1] in _WITH_PARAMETER and (given := parameters.get(found[2])):
        return _route(method, _WITH_PARAMETER[found[1]]), str(given)
    rest = _REST_OF_PATH.fullmatch(resource)
    if rest and (remainder := parameters.get(rest[1])):
        path = f"/{remainder}"
    if path in ("", "/", f"/{stage}", f"/{stage}/"):
        return _route(method, Route.PAGE.value[1]), ""
    for shorter in _below_base_path(path.removeprefix(f"/{stage}") if path.startswith(f"/{stage}/") else path):
        plain = shorter.rstrip("/")
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
    """Yield the path, then the path without its first segment, and so on."""
    yield path
    starts = [found.start() for found in re.finditer("/", path)]
    for start in starts[1:]:
        yield path[start:]
