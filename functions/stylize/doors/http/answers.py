"""Answers: status, headers, and their conversion to the response format of each sender."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from json import dumps
from typing import Any

from ...errors import AtelierError, Refusal
from ...telemetry import count_failure, logger, report_refusal
from .request import Request, Sender

STATUS = {
    "bad_request": 400,
    "bad_recipe": 400,
    "key_too_long": 400,
    "own_painting": 400,
    "not_authorized": 403,
    "not_found": 404,
    "photo_not_found": 404,
    "photo_too_large": 413,
    "unsupported_format": 415,
    "unreadable_photo": 422,
    "archived_photo": 422,
    "encrypted_photo": 422,
}
"""The HTTP status of every error code; any other error is 500 internal_error."""

EXPOSED = "X-Photo-Key, Location, Preference-Applied, Content-Disposition"
"""Headers that a page of another origin may read."""

ALLOWED_HEADERS = "Content-Type, Prefer, X-Api-Key, Authorization, X-Amz-Date, X-Amz-Security-Token"
ALLOWED_METHODS = "GET, POST, OPTIONS"
SECONDS_OF_PREFLIGHT = 600


@dataclass(frozen=True)
class Answer:
    """One answer. `body` is text, or bytes that must arrive unchanged."""

    status: int
    content_type: str = ""
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(status: int, content: Mapping[str, Any], **headers: str) -> Answer:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(status, "application/json", dumps(content), named)


def error_answer(code: str, message: str, request_id: str) -> Answer:
    """Return an error answer; all errors have this shape."""
    content = {"error": {"code": code, "message": message}, "request_id": request_id}
    return json_answer(STATUS.get(code, 500), content)


def told(error: Exception) -> dict[str, str]:
    """Count and log an error that is being handled, and return its code and message for the caller."""
    if isinstance(error, Refusal):
        report_refusal(error)
    if isinstance(error, AtelierError) and error.code in STATUS:
        return {"code": error.code, "message": str(error)}
    logger.exception("request failed")
    count_failure(error)
    return {"code": "internal_error", "message": "expected an answer, got an error of the server; it is in the logs"}


def image_answer(content_type: str, image: bytes, name: str, photo_key: str) -> Answer:
    headers = {"X-Photo-Key": photo_key, "Content-Disposition": f'inline; filename="{name}"'}
    return Answer(200, content_type, image, headers)


def preflight_answer() -> Answer:
    headers = {
        "Access-Control-Allow-Methods": ALLOWED_METHODS,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(SECONDS_OF_PREFLIGHT),
    }
    return Answer(204, headers=headers)


def to_event(answer: Answer, request: Request, allowed_origin: str) -> dict[str, Any]:
    """Return the answer in the response format of the sender. Bytes become base64, which the sender decodes."""
    headers = _headers(answer, allowed_origin)
    is_binary = isinstance(answer.body, bytes)
    body = b64encode(answer.body).decode() if isinstance(answer.body, bytes) else answer.body
    if request.method == "HEAD":
        body, is_binary = "", False
    event: dict[str, Any] = {"statusCode": answer.status, "body": body, "isBase64Encoded": is_binary}
    if request.sender is Sender.ALB:
        event["statusDescription"] = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    # An ALB expects response headers in the same form as in its requests.
    if request.sender.is_version_2 or (request.sender is Sender.ALB and "multiValueHeaders" not in request.event):
        return event | {"headers": headers}
    return event | {"multiValueHeaders": {name: [value] for name, value in headers.items()}}


def _headers(answer: Answer, allowed_origin: str) -> dict[str, str]:
    """Return the headers: no caching, because signed URLs expire and results change; no sniffing of types."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **answer.headers}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if allowed_origin:
        headers |= {"Access-Control-Allow-Origin": allowed_origin, "Access-Control-Expose-Headers": EXPOSED}
    if allowed_origin not in ("", "*"):
        headers["Vary"] = ", ".join(filter(None, ("Origin", answer.headers.get("Vary"))))
    return headers
