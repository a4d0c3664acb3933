"""The API, from an HTTP request to its answer: local gateway, handler, S3."""

import pytest
import requests

from local.cloud import PAINTINGS
from tests.support.api import error_of, paint
from tests.support.pictures import SMALL, decoded, encoded, picture, sample_file

PIXELS = picture("smooth", 40, 60)


# -- POST /paintings


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_a_posted_photo_is_painted(deployment, api, kind):
    """A posted photo is answered with its manifest, with a URL for each painting that needs no key."""
    response = paint(api, encoded(PIXELS, f".{kind}"), "?format=png&styles=oil,sketch", f"image/{kind}")
    manifest = response.json()
    assert (response.status_code, manifest["status"]) == (200, "done")
    assert [painting["style"] for painting in manifest["paintings"]] == ["sketch", "oil"]
    for painting in manifest["paintings"]:
        assert decoded(requests.get(painting["url"], timeout=9).content).shape[:2] == (40, 60)
    assert api("GET", f"/paintings/{manifest['photo']['key']}").json()["paintings"][0]["key"] in deployment.written()


def test_the_event_of_a_posted_photo_finds_it_painted(deployment, api):
    """The event of a posted photo has the same recipe, so nothing is painted twice."""
    key = paint(api, query="?quality=fast&format=webp&encode-quality=70").json()["photo"]["key"]
    assert deployment.written() == {f"{key}/{name}" for name in ("sketch.webp", "color-pencil.webp", "manifest.json")}
    listed = deployment.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"]
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"] == listed


def test_nobody_guesses_the_key_of_a_photo(deployment, api):
    """The same photo, posted twice, is stored under two unrelated keys."""
    keys = [paint(api, query="?styles=sketch").json()["photo"]["key"] for _ in range(2)]
    assert keys[0] != keys[1]
    assert all(len(bytes.fromhex(key.removesuffix(".png"))) == 16 for key in keys)


@pytest.mark.parametrize("accept", ["image/*", "image/webp,image/*;q=0.8"])
def test_one_style_can_be_had_at_once(deployment, api, accept):
    """A request for one style as an image gets the painting itself, and the photo's key in a header."""
    response = paint(api, query="?styles=oil&format=webp", accept=accept)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
    assert response.content == deployment.fetch(f"{response.headers['X-Photo-Key']}/oil.webp")


@pytest.mark.parametrize(
    ("query", "accept"), [("?styles=oil", "*/*"), ("?styles=oil", "image/png"), ("?quality=fast", "image/*")]
)
def test_anything_else_is_answered_with_the_manifest(deployment, api, query, accept):
    """Several styles, an unaccepted type, or no Accept for images are answered with the manifest."""
    response = paint(api, query=query, accept=accept)
    assert (response.headers["Content-Type"], response.json()["status"]) == ("application/json", "done")


@pytest.mark.parametrize(
    ("status", "code", "photo", "query", "kind"),
    [
        (400, "bad_recipe", SMALL, "?quality=best", "image/png"),
        (400, "bad_recipe", SMALL, "?qualty=hd", "image/png"),
        (413, "photo_too_large", bytes(4_800_000), "", "image/png"),
        (413, "photo_too_large", bytes(11_000_000), "", "image/png"),
        (415, "unsupported_format", b"8BPS" + bytes(100), "", "image/png"),
        (422, "unreadable_photo", b"no photo", "", "image/png"),
        (422, "unreadable_photo", b"", "", "image/png"),
        (422, "unreadable_photo", sample_file()[:20_000], "", "image/jpeg"),
    ],
)
def test_a_photo_that_is_not_painted(deployment, api, status, code, photo, query, kind):
    """Each error has its status, its code, and a message with what was expected."""
    response = paint(api, photo, query, kind)
    assert (response.status_code, error_of(response)[0]) == (status, code)
    assert "expected" in error_of(response)[1]
    assert not any(key.endswith(".jpg") for key in deployment.written() if key.count("/") == 1)


def test_a_photo_too_large_to_post_is_shown_the_way(deployment, api):
    """The error for a photo too large to post names the upload route."""
    assert "POST /uploads" in error_of(paint(api, bytes(4_800_000)))[1]
