"""The API, from an HTTP request to its answer: local gateway, handler, S3."""

import json
from base64 import b64decode

import pytest
import requests

from local.cloud import PAINTINGS, PHOTOS
from stylize.settings import Settings
from stylize.stores.presigned import Presigned
from stylize.stores.s3 import S3Store
from tests.support.api import error_of, paint
from tests.support.pictures import SMALL, decoded, encoded, picture, sample_file

PIXELS = picture("smooth", 40, 60)


# -- POST /paintings


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_a_posted_photo_is_painted(deployment, api, kind):
    """The answer is the manifest, with a URL for each painting that needs no key."""
    response = paint(api, encoded(PIXELS, f".{kind}"), "?format=png&styles=oil,sketch", f"image/{kind}")
    manifest = response.json()
    assert (response.status_code, manifest["status"]) == (200, "done")
    assert [painting["style"] for painting in manifest["paintings"]] == ["sketch", "oil"]
    for painting in manifest["paintings"]:
        assert decoded(requests.get(painting["url"], timeout=9).content).shape[:2] == (40, 60)
    assert api("GET", f"/paintings/{manifest['photo']['key']}").json()["paintings"][0]["key"] in deployment.written()


def test_the_event_of_a_posted_photo_finds_it_painted(deployment, api):
    """It asks for the same recipe, so nothing is painted twice."""
    key = paint(api, query="?quality=fast&format=webp&encode-quality=70").json()["photo"]["key"]
    assert deployment.written() == {f"{key}/{name}" for name in ("sketch.webp", "color-pencil.webp", "manifest.json")}
    listed = deployment.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"]
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"] == listed


def test_nobody_guesses_the_key_of_a_photo(deployment, api):
    """The same photo twice lies under two keys that have nothing in common but their ending."""
    keys = [paint(api, query="?styles=sketch").json()["photo"]["key"] for _ in range(2)]
    assert keys[0] != keys[1]
    assert all(len(bytes.fromhex(key.removesuffix(".png"))) == 16 for key in keys)


@pytest.mark.parametrize("accept", ["image/*", "image/webp,image/*;q=0.8"])
def test_one_style_can_be_had_at_once(deployment, api, accept):
    """The painting itself, and the key of the photo in a header."""
    response = paint(api, query="?styles=oil&format=webp", accept=accept)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
    assert response.content == deployment.fetch(f"{response.headers['X-Photo-Key']}/oil.webp")


@pytest.mark.parametrize(
    ("query", "accept"), [("?styles=oil", "*/*"), ("?styles=oil", "image/png"), ("?quality=fast", "image/*")]
)
def test_anything_else_is_answered_with_the_manifest(deployment, api, query, accept):
    """Several styles, a type that the format is not, or no image asked for."""
    response = paint(api, query=query, accept=accept)
    assert (response.headers["Content-Type"], response.json()["status"]) == ("application/json", "done")


@pytest.mark.parametrize(
    ("status", "code", "photo", "query", "kind"),
    [
        (400, "bad_recipe", SMALL, "?quality=best", "image/png"),
        (400, "bad_recipe", SMALL, "?qualty=hd", "image/png"),
        (413, "photo_too_large", bytes(4_800_000), "", "image/png"),
        (413, "photo_too_large", bytes(11_000_000), "", "image/png"),
        (415, "unsupported_format", SMALL, "", "application/x-www-form-urlencoded"),
        (415, "unsupported_format", SMALL, "", "image/tiff"),
        (415, "unsupported_format", b"II*\0" + bytes(100), "", "image/png"),
        (422, "unreadable_photo", b"no photo", "", "image/png"),
        (422, "unreadable_photo", b"", "", "image/png"),
        (422, "unreadable_photo", sample_file()[:20_000], "", "image/jpeg"),
    ],
)
def test_a_photo_that_is_not_painted(deployment, api, status, code, photo, query, kind):
    """Each error has its status, its code, and says what was expected."""
    response = paint(api, photo, query, kind)
    assert (response.status_code, error_of(response)[0]) == (status, code)
    assert "expected" in error_of(response)[1]
    assert not any(key.endswith(".jpg") for key in deployment.written() if key.count("/") == 1)


def test_a_photo_too_large_to_post_is_shown_the_way(deployment, api):
    """By its error."""
    assert "POST /uploads" in error_of(paint(api, bytes(4_800_000)))[1]


# -- POST /uploads


def test_an_upload_is_painted_by_its_recipe(deployment, api):
    """A form, as a browser sends it to S3; then the queue, and GET /paintings/{key}."""
    asked = {"filename": "Cat.PNG", "bytes": len(SMALL), "recipe": {"styles": ["oil"], "encode-quality": 60}}
    form = api("POST", "/uploads", json=asked)
    assert form.status_code == 201
    key = form.json()["key"]
    sent = requests.post(form.json()["url"], form.json()["fields"], files={"file": SMALL}, timeout=9)
    assert sent.status_code == 204
    waiting = api("GET", f"/paintings/{key}")
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["paintings"]) == (202, "painting", [])
    deployment.deliver()
    done = api("GET", f"/paintings/{key}")
    assert (done.status_code, done.json()["recipe"]["encode_quality"]) == (200, 60)
    assert [painting["style"] for painting in done.json()["paintings"]] == ["oil"]


def test_an_upload_can_be_nothing_else(deployment, api):
    """Key, type, recipe and size are in the policy that S3 checks, and it ends within the hour."""
    form = api("POST", "/uploads", json={"filename": "cat.jpg", "recipe": {"quality": "fast"}}).json()
    policy = json.loads(b64decode(form["fields"]["policy"]))
    exact = {
        name: value
        for condition in policy["conditions"]
        if isinstance(condition, dict)
        for name, value in condition.items()
    }
    assert ["content-length-range", 1, 50_000_000] in policy["conditions"]
    assert (exact["bucket"], exact["key"]) == (PHOTOS, form["key"])
    assert (exact["Content-Type"], exact["x-amz-meta-recipe"]) == ("image/jpeg", "quality=fast")
    assert form["expires_in"] == 3600


@pytest.mark.parametrize(
    ("status", "code", "body"),
    [
        (400, "bad_request", b"no JSON"),
        (400, "bad_request", b"[1]"),
        (400, "bad_request", b"{}"),
        (400, "bad_request", b'{"filename": "a.jpg", "size": 1}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": -1}'),
        (400, "bad_recipe", b'{"filename": "a.jpg", "recipe": {"format": "gif"}}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": 1' + b"0" * 5000 + b"}"),
        (400, "bad_request", b"[" * 100_000),
        (413, "photo_too_large", b'{"filename": "a.jpg", "bytes": 50000001}'),
        (413, "photo_too_large", b'{"filename": "a.jpg", "bytes": 1' + b"0" * 400 + b"}"),
        (415, "unsupported_format", b'{"filename": "a.pdf"}'),
        (415, "unsupported_format", b'{"filename": "jpg"}'),
    ],
)
def test_an_upload_that_is_not_signed(deployment, api, status, code, body):
    """What would be refused later is refused before it is sent."""
    response = api("POST", "/uploads", data=body)
    assert (response.status_code, error_of(response)[0]) == (status, code)


def test_what_is_signed_is_good_at_once(monkeypatch):
    """URLs name the regional host of a bucket, also in us-east-1: the global one redirects while a bucket is new."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
    for region in ("eu-central-1", "us-east-1"):
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
        settings = Settings(photos_bucket="photos", paintings_bucket="paintings")
        presigned = Presigned(S3Store("paintings").client, settings)
        assert presigned.upload_form("cat.jpg", "image/jpeg", {})["url"] == f"https://photos.s3.{region}.amazonaws.com/"
        assert presigned.download_url("a.jpg/oil.jpg").startswith(
            f"https://paintings.s3.{region}.amazonaws.com/a.jpg/oil.jpg?X-Amz-"
        )
