"""Applies the CORS rules of the template like S3; moto alone allows every web page, whatever the rules are."""

from collections.abc import Callable, Iterable
from typing import Any

from .template import properties, with_default

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_cors(application: Application, template: dict[str, Any], buckets: dict[str, str]) -> Application:
    """Wrap moto's application; `buckets` maps the template's logical ids to names."""
    rules = {name: properties(template, logical)["CorsConfiguration"]["CorsRules"] for logical, name in buckets.items()}

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        is_preflight = environ["REQUEST_METHOD"] == "OPTIONS" and origin is not None
        method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD") if is_preflight else environ["REQUEST_METHOD"]
        bucket = environ["PATH_INFO"].lstrip("/").partition("/")[0]
        rule = _rule(rules.get(bucket, ()), template, origin, method)
        headers = _headers(rule, origin or "") if rule else []
        if is_preflight:
            start_response("200 OK" if rule else "403 Forbidden", [*headers, ("Content-Length", "0")])
            return [b""]

        def start(status: str, given: list[tuple[str, str]], *more: Any) -> Any:
            kept = [(name, value) for name, value in given if not name.lower().startswith("access-control-")]
            return start_response(status, kept + headers, *more)

        return application(environ, start)

    return answer


def _rule(
    rules: Iterable[dict[str, Any]], template: dict[str, Any], origin: str | None, method: str | None
) -> dict[str, Any] | None:
    """Return the first rule that allows the method to pages of this origin."""
    for rule in rules:
        origins = [with_default(template, allowed) for allowed in rule["AllowedOrigins"]]
        if origin is not None and method in rule["AllowedMethods"] and ("*" in origins or origin in origins):
            return rule
    return None


def _headers(rule: dict[str, Any], origin: str) -> list[tuple[str, str]]:
    return [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", ", ".join(rule["AllowedMethods"])),
        ("Access-Control-Allow-Headers", ", ".join(rule["AllowedHeaders"])),
        ("Access-Control-Expose-Headers", ", ".join(rule["ExposedHeaders"])),
        ("Access-Control-Max-Age", str(rule["MaxAge"])),
        ("Vary", "Origin"),
    ]
