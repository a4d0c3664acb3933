"""The API's answers about stored photos, and about errors."""

import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import requests
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from local.cloud import PAINTINGS, PHOTOS
from local.gateway import Gateway, local_gateway
from tests.support.api import error_of, paint
from tests.support.deployment import Raw, configured
from tests.support.pictures import SMALL, sample_file
from tests.support.requests import ask, rest_api

# -- GET


def test_paintings_can_be_seen_while_the_others_are_painted(deployment):
    """Paintings become visible one by one; the manifest comes last."""
    seen = []
    with ThreadPoolExecutor(1) as onlooker, local_gateway(Gateway(deployment.handler)) as url:

        def look(**_):
            answer = onlooker.submit(requests.get, f"{url}/paintings/cat.jpg", timeout=9).result()
            seen.append((answer.status_code, len(answer.json()["paintings"])))

        deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="cat.jpg", Body=SMALL)
        deployment.s3_of_the_function.meta.events.register("before-call.s3.PutObject", look)
        deployment.deliver()
        deployment.s3_of_the_function.meta.events.unregister("before-call.s3.PutObject", look)
    assert {status for status, _ in seen} == {202}
    assert seen[0] == (202, 0)
    assert seen[-1] == (202, 4)


@pytest.mark.slow
def test_paintings_are_found_among_a_thousand_neighbors(deployment, api):
    """Paintings are found under a prefix with more keys than a page of S3's listing."""
    for i in range(1001):
        deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key=f"cat.jpg/manifest.{i:04}.x", Body=b"")
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="cat.jpg", Body=SMALL)
    deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key="cat.jpg/oil.jpg", Body=b"painted")
    answer = api("GET", "/paintings/cat.jpg")
    assert (answer.status_code, [ready["style"] for ready in answer.json()["paintings"]]) == (202, ["oil"])


def test_paintings_of_a_photo_that_was_replaced_are_not_shown(deployment, api):
    """Paintings of a replaced photo are shown neither as done nor as ready."""
    deployment.upload("cat.jpg", SMALL)
    deployment.deliver()
    assert api("GET", "/paintings/cat.jpg").status_code == 200
    time.sleep(1.1)  # S3 tells whole seconds
    deployment.upload("cat.jpg", sample_file())
    answer = api("GET", "/paintings/cat.jpg")
    assert (answer.status_code, answer.json()["paintings"]) == (202, [])


@pytest.mark.parametrize("key", ["a b.jpg", "a+b.jpg", "100%.jpg", "猫/&?#.jpg", "holiday/2026/cat.jpg"])
def test_every_key_can_be_asked_for(deployment, api, key):
    """Every key is found when it is percent-encoded as by clients and browsers."""
    deployment.upload(key, SMALL, recipe="quality=fast")
    deployment.deliver()
    answer = api("GET", "/paintings/" + quote(key))
    assert (answer.status_code, answer.json()["photo"]["key"]) == (200, key)


def test_a_photo_with_a_new_recipe_waits(deployment, api):
    """A photo with a new recipe in its metadata is 202 until it is painted again, even with the same bytes."""
    deployment.upload("cat.jpg", SMALL, recipe="styles=oil")
    deployment.deliver()
    deployment.cloud.s3.copy_object(
        Bucket=PHOTOS,
        Key="cat.jpg",
        CopySource={"Bucket": PHOTOS, "Key": "cat.jpg"},
        MetadataDirective="REPLACE",
        Metadata={"recipe": "styles=sketch"},
    )
    assert api("GET", "/paintings/cat.jpg").status_code == 202
    deployment.deliver()
    assert [p["style"] for p in api("GET", "/paintings/cat.jpg").json()["paintings"]] == ["sketch"]
    deployment.upload("cat.jpg", SMALL, recipe="styles=sketch")
    deployment.deliver()
    assert api("GET", "/paintings/cat.jpg").status_code == 200


def test_a_refused_photo_says_why(deployment, api):
    """A refused photo is answered with 200 and its manifest, which has the reason."""
    deployment.upload("bad.jpg", b"no photo")
    deployment.deliver()
    answer = api("GET", "/paintings/bad.jpg")
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "unreadable_photo")


def test_a_refusal_is_told_even_of_a_photo_that_can_not_be_looked_at(deployment, api):
    """Who may not read a photo may be denied its HEAD, too; the manifest that stands says why."""
    deployment.upload("bad.jpg", b"no photo")
    deployment.deliver()
    events = deployment.studio.store.client.meta.events
    denied = AWSResponse("", 403, HTTPHeaders(), Raw(b""))
    events.register_first("before-send.s3.HeadObject", deny := lambda **_: denied)
    try:
        answer = api("GET", "/paintings/bad.jpg")
    finally:
        events.unregister("before-send.s3.HeadObject", deny)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "unreadable_photo")


@pytest.mark.parametrize("path", ["/paintings/nothing.jpg", "/paintings/" + "x" * 1100, "/nowhere", "/paintings/a%08b"])
def test_what_is_not_there(deployment, api, path):
    """An unknown photo or route is 404."""
    answer = api("GET", path)
    assert (answer.status_code, error_of(answer)[0]) == (404, "not_found")


def test_the_most_recent_photos(deployment):
    """Recent photos are listed newest first, whatever their keys, up to the limit."""
    for key in ("a.jpg", "c.jpg", "b.jpg"):
        deployment.upload(key, SMALL, recipe="quality=fast")
        deployment.deliver()
        time.sleep(1.1)  # S3 tells whole seconds
    studio = configured(deployment.studio, list_paintings=True)
    _, content, _ = ask(deployment, rest_api("GET", "/paintings", query=[("limit", "2")]), studio)
    assert [manifest["photo"]["key"] for manifest in content["photos"]] == ["b.jpg", "c.jpg"]
    assert content["complete"]
    for limit in ("0", "51", "x", "-1", "1.5", ""):
        _, content, _ = ask(deployment, rest_api("GET", "/paintings", query=[("limit", limit)]), studio)
        assert content["error"]["code"] == "bad_request"


def test_health(deployment, api):
    """Health answers with versions, vCPUs and kernels in use."""
    answer = api("GET", "/health").json()
    assert answer["versions"].keys() == {"atelier", "opencv", "python"}
    assert (answer["vcpus"], answer["kernels"]) == (deployment.studio.vcpus, deployment.studio.engine["kernels"])


# -- All routes


def test_an_unexpected_error_has_the_same_shape(deployment, api, unavailable):
    """An unexpected error has the common shape, and reveals no internals."""
    unavailable("PutObject")
    response = paint(api)
    assert response.status_code == 500
    assert error_of(response) == ("internal_error", "expected an answer, got an error of the server; it is in the logs")


def test_pages_of_the_allowed_origin_may_call(deployment, api):
    """Answers, errors and preflights carry the CORS headers of the allowed origin."""
    for path in ("/health", "/paintings/none", "/nowhere"):
        response = api("GET", path, headers={"Origin": "https://example.org"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    preflight = api("OPTIONS", "/paintings")
    assert preflight.status_code == 200
    assert "X-Api-Key" in preflight.headers["Access-Control-Allow-Headers"]


def test_a_key_is_asked_for(deployment):
    """Without a key, API Gateway answers without invoking the function."""
    with local_gateway(Gateway(deployment.handler, "secret")) as url:
        for headers in ({}, {"x-api-key": "another"}):
            response = requests.get(url + "/health", headers=headers, timeout=9)
            assert (response.status_code, error_of(response)[0]) == (403, "not_authorized")
        assert requests.get(url + "/health", headers={"x-api-key": "secret"}, timeout=9).status_code == 200


def test_logs_hold_no_secrets(deployment, capsys, unavailable):
    """Logs hold no API key, no signature and no contents of photos, on success and on errors."""
    with local_gateway(Gateway(deployment.handler, "secret-key")) as url:

        def call(method, path, **given):
            given["headers"] = {"x-api-key": "secret-key"} | given.get("headers", {})
            return requests.request(method, url + path, timeout=60, **given)

        key = paint(call).json()["photo"]["key"]
        assert "X-Amz-Signature" in call("GET", f"/paintings/{key}").text
        call("POST", "/uploads", json={"filename": "cat.jpg", "bytes": 1})
        unavailable("PutObject")
        assert paint(call).status_code == 500
    logs = capsys.readouterr()
    assert "request failed" in logs.out
    for secret in ("secret-key", "X-Amz-", "x-amz-signature", "policy", b64encode(SMALL).decode()[:60]):
        assert secret not in logs.out + logs.err
