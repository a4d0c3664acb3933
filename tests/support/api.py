"""Calls of the API, and a reader of its error answers."""

from tests.support.pictures import SMALL


def paint(api, photo=SMALL, query="", kind="image/png", accept="application/json"):
    """Post a photo to be painted; `query` is the recipe, with its question mark."""
    return api("POST", f"/paintings{query}", data=photo, headers={"Content-Type": kind, "Accept": accept})


def error_of(response):
    """Return the code and the message of an error answer, after checking its shape, which is the same for all."""
    content = response.json()
    assert content.keys() == {"error", "request_id"}
    assert content["request_id"]
    assert content["error"].keys() == {"code", "message"}
    return content["error"]["code"], content["error"]["message"]
