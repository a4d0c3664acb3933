"""Calls of the API, and what its answers have in common."""

from tests.support.pictures import SMALL


def paint(api, photo=SMALL, query="", kind="image/png", accept="application/json"):
    return api("POST", f"/paintings{query}", data=photo, headers={"Content-Type": kind, "Accept": accept})


def error_of(response):
    """Its code and message; the shape is the same for all."""
    content = response.json()
    assert content.keys() == {"error", "request_id"}
    assert content["request_id"]
    assert content["error"].keys() == {"code", "message"}
    return content["error"]["code"], content["error"]["message"]
