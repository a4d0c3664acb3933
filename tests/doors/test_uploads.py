"""Signed uploads: one signature accepts one photo, once, and nothing else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.session
import pytest
import requests
from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials

from local.cloud import PHOTOS
from stylize.settings import Settings
from stylize.stores.presigned import Presigned
from stylize.stores.s3 import S3Store
from tests.support.api import error_of, paint
from tests.support.pictures import SMALL, sample_file

ASKED = {"filename": "Cat.PNG", "bytes": len(SMALL), "recipe": "styles=oil&encode-quality=60"}


def put(signed, body=SMALL, **headers):
    return requests.request(signed["method"], signed["url"], data=body, headers=signed["headers"] | headers, timeout=9)


def test_an_upload_is_painted_by_its_recipe(deployment, api):
    """A signed upload to S3 is painted by its recipe, and GET /paintings/{key} answers with it."""
    signed = api("POST", "/uploads", json=ASKED)
    assert signed.status_code == 201
    key = signed.json()["key"]
    assert api("GET", f"/paintings/{key}").status_code == 404
    assert put(signed.json()).status_code == 200
    waiting = api("GET", f"/paintings/{key}")
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["paintings"]) == (202, "painting", [])
    deployment.deliver()
    done = api("GET", f"/paintings/{key}")
    assert (done.status_code, done.json()["recipe"]["encode_quality"]) == (200, 60)
    assert [painting["style"] for painting in done.json()["paintings"]] == ["oil"]


def test_an_upload_is_taken_once(deployment, api):
    """A signature accepts neither a second photo nor the same one again."""
    signed = api("POST", "/uploads", json=ASKED).json()
    assert put(signed).status_code == 200
    for body in (SMALL, SMALL[:-1] + b"\1"):
        assert put(signed, body).status_code == 412
    versions = deployment.cloud.s3.list_object_versions(Bucket=PHOTOS, Prefix=signed["key"])["Versions"]
    assert len(versions) == 1
    assert deployment.waiting() == (1, 0)


def test_what_is_signed(deployment, api):
    """S3 refuses an upload with a changed key, method, type, recipe, length or condition."""
    signed = api("POST", "/uploads", json=ASKED).json()
    url = urlsplit(signed["url"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    covered = set(query["X-Amz-SignedHeaders"].split(";"))
    assert covered == {"content-length", "content-type", "host", "if-none-match", "x-amz-meta-recipe"}
    assert url.path.endswith(signed["key"])
    sent = {name.lower(): value for name, value in signed["headers"].items()}
    assert sent == {"content-type": "image/png", "if-none-match": "*", "x-amz-meta-recipe": ASKED["recipe"]}
    assert signed["method"] == "PUT"
    assert int(query["X-Amz-Expires"]) == signed["expires_in"] == 900


def test_the_length_is_signed(deployment, monkeypatch):
    """A different length has a different signature."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: datetime(2026, 11, 1, tzinfo=UTC))
    presigned = Presigned(deployment.s3_of_the_function, deployment.studio.settings)
    signatures = {
        parse_qs(urlsplit(presigned.upload(key, kind, size, {"recipe": recipe})["url"]).query)["X-Amz-Signature"][0]
        for key, kind, size, recipe in [
            ("a.jpg", "image/jpeg", 1, "a"),
            ("b.jpg", "image/jpeg", 1, "a"),
            ("a.jpg", "image/png", 1, "a"),
            ("a.jpg", "image/jpeg", 2, "a"),
            ("a.jpg", "image/jpeg", 1, "b"),
        ]
    }
    assert len(signatures) == 5


@pytest.mark.parametrize(
    ("status", "code", "body"),
    [
        (400, "bad_request", b"no JSON"),
        (400, "bad_request", b"[1]"),
        (400, "bad_request", b"{}"),
        (400, "bad_request", b'{"filename": "a.jpg"}'),
        (400, "bad_request", b'{"filename": 7, "bytes": 1}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": 1, "size": 1}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": -1}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": null}'),
        (400, "bad_recipe", b'{"filename": "a.jpg", "bytes": 1, "recipe": {"format": "gif"}}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": 1' + b"0" * 5000 + b"}"),
        (400, "bad_request", b"[" * 100_000),
        (400, "bad_request", b'{"bytes": 1}'),
        (400, "bad_request", b'{"filename": null, "bytes": 1}'),
        (400, "bad_request", b'{"filename": "a.jpg", "bytes": true}'),
        (400, "bad_recipe", b'{"filename": "a.jpg", "bytes": 1, "recipe": null}'),
        (400, "bad_recipe", b'{"filename": "a.jpg", "bytes": 1, "recipe": {"quality": [true, null]}}'),
        (413, "photo_too_large", b'{"filename": "a.jpg", "bytes": 50000001}'),
        (413, "photo_too_large", b'{"filename": "a.jpg", "bytes": 1' + b"0" * 400 + b"}"),
        (415, "unsupported_format", b'{"filename": "a.pdf", "bytes": 1}'),
        (415, "unsupported_format", b'{"filename": "jpg", "bytes": 1}'),
    ],
)
def test_an_upload_that_is_not_signed(deployment, api, status, code, body):
    """The API signs no upload that would be refused later."""
    response = api("POST", "/uploads", data=body)
    assert (response.status_code, error_of(response)[0]) == (status, code)
    assert not any(word in error_of(response)[1] for word in ("None", "True", "dict", "int ", "str "))


@pytest.fixture
def presigned(monkeypatch):
    """Signs in a region, with credentials of one's own."""

    def make(region="eu-central-1", client=None, **given):
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
        settings = Settings(photos_bucket="photos", paintings_bucket="paintings")
        return Presigned(client or S3Store("paintings").client, settings, **given)

    return make


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_what_is_signed_is_good_at_once(presigned, region):
    """URLs name the bucket's regional host, because the global one redirects while a bucket is new."""
    signed = presigned(region)
    upload = signed.upload("cat.jpg", "image/jpeg", 1, {})["url"]
    assert upload.startswith(f"https://photos.s3.{region}.amazonaws.com/cat.jpg?X-Amz-")
    download = signed.download("a.jpg/oil.jpg", "image/jpeg")["url"]
    assert download.startswith(f"https://paintings.s3.{region}.amazonaws.com/a.jpg/oil.jpg?")


# -- Downloads


def test_a_painting_is_handed_out_as_a_file(deployment, api):
    """A signed URL downloads a file with the painting's type, named after photo and style; all of it is signed."""
    deployment.upload('trip/cat "2" 猫.jpg', sample_file(), recipe="quality=fast&format=webp")
    deployment.deliver()
    found = api("GET", "/paintings/trip/cat%20%222%22%20%E7%8C%AB.jpg").json()["paintings"][0]
    answer = requests.get(found["url"], timeout=9)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"cat _2_ _-sketch.webp\"; filename*=UTF-8''cat%20%222%22%20%E7%8C%AB-sketch.webp"
    )
    assert "response-content-disposition" in found["url"]


def test_a_link_says_when_it_ends(deployment, api):
    """`expires_at` is the time at which the signature expires."""
    found = paint(api, query="?styles=sketch").json()["paintings"][0]
    left = datetime.fromisoformat(found["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


class Role(CredentialProvider):
    """Gives credentials of a role, whose session ends in forty minutes."""

    METHOD = "role of the test"

    def __init__(self) -> None:
        super().__init__()
        self.ends = datetime.now(UTC) + timedelta(minutes=40)

    def load(self):
        return RefreshableCredentials("key", "secret", "token", self.ends, dict, self.METHOD)


def test_a_link_does_not_outlive_its_session(presigned):
    """`expires_at` is not later than the end of the role's session."""
    role, session = Role(), botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([role]))
    client = boto3.Session(botocore_session=session).client("s3", region_name="eu-central-1")
    told = presigned(client=client).download("a.jpg/oil.jpg", "image/jpeg")["expires_at"]
    assert datetime.fromisoformat(told) == role.ends.replace(microsecond=0)


def test_a_session_that_does_not_tell_its_end(monkeypatch, presigned):
    """Without a known expiry, the function's credentials count as valid for twelve hours from their start."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    started = datetime.now(UTC).timestamp() - 12 * 3600 + 60
    told = presigned(started=started).download("a.jpg/oil.jpg", "image/jpeg")["expires_at"]
    assert datetime.fromisoformat(told) - datetime.now(UTC) <= timedelta(seconds=60)
