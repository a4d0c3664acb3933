"""The API, from an HTTP request to its answer: local gateway, handler, S3."""

import json
import sys
import time
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from pictures import decoded, encoded, picture, sample_file
from test_upload import SMALL

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from local.gateway import Gateway, local_gateway
from stylize.telemetry import logger

PIXELS = picture("smooth", 40, 60)


@pytest.fixture(scope="module")
def api(furnished_house):
    with local_gateway(Gateway(furnished_house.handler)) as url:
        yield lambda method, path, **given: requests.request(method, url + path, timeout=60, **given)


def paint(api, photo=SMALL, query="", kind="image/png", accept="application/json"):
    return api("POST", f"/paintings{query}", data=photo, headers={"Content-Type": kind, "Accept": accept})


def error_of(response):
    """Its code and message; the shape is the same for all."""
    content = response.json()
    assert content.keys() == {"error", "request_id"}
    assert content["request_id"]
    assert content["error"].keys() == {"code", "message"}
    return content["error"]["code"], content["error"]["message"]


# -- POST /paintings


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_a_posted_photo_is_painted(house, api, kind):
    """The answer is the manifest, with a URL for each painting that needs no key."""
    response = paint(api, encoded(PIXELS, f".{kind}"), "?format=png&styles=oil,sketch", f"image/{kind}")
    manifest = response.json()
    assert (response.status_code, manifest["status"]) == (200, "done")
    assert [painting["style"] for painting in manifest["paintings"]] == ["sketch", "oil"]
    for painting in manifest["paintings"]:
        assert decoded(requests.get(painting["url"], timeout=9).content).shape[:2] == (40, 60)
    assert api("GET", f"/paintings/{manifest['photo']['key']}").json()["paintings"][0]["key"] in house.written()


def test_the_event_of_a_posted_photo_finds_it_painted(house, api):
    """It asks for the same recipe, so nothing is painted twice."""
    paint(api, query="?quality=fast&format=webp&encode-quality=70")
    listed = house.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"]
    assert [poll.failed for poll in house.deliver()] == [0]
    assert house.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"] == listed


def test_nobody_guesses_the_key_of_a_photo(house, api):
    """The same photo twice lies under two keys that have nothing in common but their ending."""
    keys = [paint(api, query="?styles=sketch").json()["photo"]["key"] for _ in range(2)]
    assert keys[0] != keys[1]
    assert all(len(bytes.fromhex(key.removesuffix(".png"))) == 16 for key in keys)


@pytest.mark.parametrize("accept", ["image/*", "image/webp,image/*;q=0.8"])
def test_one_style_can_be_had_at_once(house, api, accept):
    """The painting itself, and the key of the photo in a header."""
    response = paint(api, query="?styles=oil&format=webp", accept=accept)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
    assert response.content == house.fetch(f"{response.headers['X-Photo-Key']}/oil.webp")


@pytest.mark.parametrize(
    ("query", "accept"), [("?styles=oil", "*/*"), ("?styles=oil", "image/png"), ("?quality=fast", "image/*")]
)
def test_anything_else_is_answered_with_the_manifest(house, api, query, accept):
    """Several styles, a type that the format is not, or no wish for an image."""
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
def test_a_photo_that_is_not_painted(house, api, status, code, photo, query, kind):
    """Each error has its status, its code, and says what was expected."""
    response = paint(api, photo, query, kind)
    assert (response.status_code, error_of(response)[0]) == (status, code)
    assert "expected" in error_of(response)[1]
    assert not any(key.endswith(".jpg") for key in house.written() if key.count("/") == 1)


def test_a_photo_too_large_to_post_is_shown_the_way(house, api):
    """By its error."""
    assert "POST /uploads" in error_of(paint(api, bytes(4_800_000)))[1]


# -- POST /uploads


def test_an_upload_is_painted_by_its_recipe(house, api):
    """A form, as a browser sends it to S3; then the queue, and GET /paintings/{key}."""
    asked = {"filename": "Cat.PNG", "bytes": len(SMALL), "recipe": {"styles": ["oil"], "encode-quality": 60}}
    form = api("POST", "/uploads", json=asked)
    assert form.status_code == 201
    key = form.json()["key"]
    sent = requests.post(form.json()["url"], form.json()["fields"], files={"file": SMALL}, timeout=9)
    assert sent.status_code == 204
    waiting = api("GET", f"/paintings/{key}")
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["paintings"]) == (202, "painting", [])
    house.deliver()
    done = api("GET", f"/paintings/{key}")
    assert (done.status_code, done.json()["recipe"]["encode_quality"]) == (200, 60)
    assert [painting["style"] for painting in done.json()["paintings"]] == ["oil"]


def test_an_upload_can_be_nothing_else(house, api):
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
    assert (exact["Content-Type"], exact["x-amz-meta-quality"]) == ("image/jpeg", "fast")
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
        (413, "photo_too_large", b'{"filename": "a.jpg", "bytes": 50000001}'),
        (415, "unsupported_format", b'{"filename": "a.pdf"}'),
        (415, "unsupported_format", b'{"filename": "jpg"}'),
    ],
)
def test_an_upload_that_is_not_signed(house, api, status, code, body):
    """What would be refused later is refused before it is sent."""
    response = api("POST", "/uploads", data=body)
    assert (response.status_code, error_of(response)[0]) == (status, code)


# -- GET


def test_paintings_can_be_seen_while_the_others_are_painted(house):
    """One after the other becomes ready; the manifest comes last."""
    seen = []
    with ThreadPoolExecutor(1) as onlooker, local_gateway(Gateway(house.handler)) as url:

        def look(**_):
            answer = onlooker.submit(requests.get, f"{url}/paintings/cat.jpg", timeout=9).result()
            seen.append((answer.status_code, len(answer.json()["paintings"])))

        house.cloud.s3.put_object(Bucket=PHOTOS, Key="cat.jpg", Body=SMALL)
        house.studio.store.client.meta.events.register("before-call.s3.PutObject", look)
        house.deliver()
        house.studio.store.client.meta.events.unregister("before-call.s3.PutObject", look)
    assert {status for status, _ in seen} == {202}
    assert seen[0] == (202, 0)
    assert seen[-1] == (202, 4)


def test_paintings_of_a_photo_that_was_replaced_are_not_shown(house, api):
    """Neither as done nor as ready: the new photo waits."""
    house.upload("cat.jpg", SMALL)
    house.deliver()
    assert api("GET", "/paintings/cat.jpg").status_code == 200
    time.sleep(1.1)  # S3 tells whole seconds
    house.upload("cat.jpg", sample_file())
    answer = api("GET", "/paintings/cat.jpg")
    assert (answer.status_code, answer.json()["paintings"]) == (202, [])


@pytest.mark.parametrize("key", ["a b.jpg", "a+b.jpg", "100%.jpg", "猫/&?#.jpg", "holiday/2026/cat.jpg"])
def test_every_key_can_be_asked_for(house, api, key):
    """Percent-encoded, as requests and browsers do it."""
    house.upload(key, SMALL, quality="fast")
    house.deliver()
    answer = api("GET", "/paintings/" + requests.utils.quote(key))
    assert (answer.status_code, answer.json()["photo"]["key"]) == (200, key)


def test_a_refused_photo_says_why(house, api):
    """In the manifest: that it is known is no error."""
    house.upload("bad.jpg", b"no photo")
    house.deliver()
    answer = api("GET", "/paintings/bad.jpg")
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "unreadable_photo")


@pytest.mark.parametrize("path", ["/paintings/nothing.jpg", "/paintings/" + "x" * 1100, "/nowhere", "/paintings/a%08b"])
def test_what_is_not_there(house, api, path):
    """Is not found."""
    answer = api("GET", path)
    assert (answer.status_code, error_of(answer)[0]) == (404, "not_found")


def test_the_most_recent_photos(house, api):
    """Newest first, whatever their keys, and as many as are asked for."""
    for key in ("a.jpg", "c.jpg", "b.jpg"):
        house.upload(key, SMALL, quality="fast")
        house.deliver()
        time.sleep(1.1)  # S3 tells whole seconds
    answer = api("GET", "/paintings?limit=2").json()
    assert [manifest["photo"]["key"] for manifest in answer["photos"]] == ["b.jpg", "c.jpg"]
    assert answer["complete"]
    for limit in ("0", "51", "x", "-1", "1.5", ""):
        assert error_of(api("GET", f"/paintings?limit={limit}"))[0] == "bad_request"


def test_health(house, api):
    """Versions, vCPUs and kernels in use."""
    answer = api("GET", "/health").json()
    assert answer["versions"].keys() == {"atelier", "opencv", "python"}
    assert (answer["vcpus"], answer["kernels"]) == (house.studio.vcpus, "opencv")


# -- All routes


def test_an_unexpected_error_has_the_same_shape(house, api, unavailable):
    """It tells nobody outside what happened inside."""
    unavailable("PutObject")
    response = paint(api)
    assert response.status_code == 500
    assert error_of(response) == ("internal_error", "expected an answer, got an error of the server; it is in the logs")


def test_pages_of_the_allowed_origin_may_call(house, api):
    """Answers, errors and preflights say so."""
    for path in ("/health", "/paintings/none", "/nowhere"):
        response = api("GET", path, headers={"Origin": "https://example.org"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    preflight = api("OPTIONS", "/paintings")
    assert preflight.status_code == 200
    assert "X-Api-Key" in preflight.headers["Access-Control-Allow-Headers"]


def test_a_key_is_asked_for(house):
    """Without it API Gateway does not ask the function."""
    with local_gateway(Gateway(house.handler, "secret")) as url:
        for headers in ({}, {"x-api-key": "another"}):
            response = requests.get(url + "/health", headers=headers, timeout=9)
            assert (response.status_code, error_of(response)[0]) == (403, "not_authorized")
        assert requests.get(url + "/health", headers={"x-api-key": "secret"}, timeout=9).status_code == 200


def test_an_http_api_does_as_well(house):
    """Events of payload format 2.0: the path is decoded, the answer the same."""
    house.upload("a b+c.png", SMALL, quality="fast")
    house.deliver()
    found = house.handler(http_event("GET", "/paintings/a b+c.png"), Context())
    assert (found["statusCode"], json.loads(found["body"])["photo"]["key"]) == (200, "a b+c.png")
    asked = http_event("POST", "/paintings", SMALL, {"styles": "oil,sketch"}, {"content-type": "image/png"})
    painted = house.handler(asked, Context())
    assert [painting["style"] for painting in json.loads(painted["body"])["paintings"]] == ["sketch", "oil"]
    lost = house.handler(http_event("DELETE", "/paintings"), Context())
    assert (lost["statusCode"], json.loads(lost["body"])["request_id"]) == (404, "the-request")


def http_event(method, path, body=None, query=None, headers=None):
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": headers or {},
        "queryStringParameters": query or {},
        "requestContext": {"http": {"method": method, "path": path}, "requestId": "the-request", "stage": "$default"},
        "body": b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


def test_logs_hold_no_secrets(house, capsys, unavailable):
    """No key of the API, no signature, and nothing of a photo, whether all goes well or not."""
    logger.handlers[0].setStream(sys.stdout)
    with local_gateway(Gateway(house.handler, "secret-key")) as url:

        def call(method, path, **given):
            given["headers"] = {"x-api-key": "secret-key"} | given.get("headers", {})
            return requests.request(method, url + path, timeout=60, **given)

        key = paint(call).json()["photo"]["key"]
        assert "X-Amz-Signature" in call("GET", f"/paintings/{key}").text
        call("POST", "/uploads", json={"filename": "cat.jpg"})
        unavailable("PutObject")
        assert paint(call).status_code == 500
    logs = capsys.readouterr()
    assert "request failed" in logs.out
    for secret in ("secret-key", "X-Amz-", "x-amz-signature", "policy", b64encode(SMALL).decode()[:60]):
        assert secret not in logs.out + logs.err
