"""The caller's preferences: an image or JSON, now or later."""

from urllib.parse import urljoin

import pytest
import requests

from local.cloud import PHOTOS
from local.gateway import Gateway, local_gateway
from stylize.doors.http.accept import prefers, prefers_async
from tests.support.api import error_of
from tests.support.pictures import SMALL
from tests.support.requests import SENDERS, ask, form

BROWSER_IMAGE = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
BROWSER_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], False),
        ([""], False),
        (["*/*"], False),
        (["image/webp"], True),
        (["IMAGE/WebP"], True),
        (["image/*"], True),
        (["image/png"], False),
        (["application/json, image/*;q=0.5"], False),
        (["application/json;q=0.5, image/*"], True),
        (["image/*, application/json"], True),
        (["application/json, image/*"], False),
        (["application/json;q=0.1", "image/webp;q=0.2"], True),
        (["text/html", "image/webp"], True),
        (["image/*;q=0"], False),
        (["image/*, image/webp;q=0"], False),
        (["*/*, image/webp;q=0"], False),
        (["image/*;q=0, image/webp"], True),
        (["image/webp;q=0.3, */*;q=0.8"], False),
        (["image/webp; charset=x ; q = 0.9 , */*;q=0.1"], True),
        (["image/webp;q=nan"], False),
        (["image/webp;q=2"], False),
        (["image/webp;q="], False),
        ([";;,,;q=1,"], False),
        ([BROWSER_IMAGE], True),
        ([BROWSER_PAGE], False),
    ],
)
def test_accept(lines, expected):
    """The type with the higher quality wins, by its most specific range; of equals the first; by default JSON."""
    assert prefers(lines, "image/webp") is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], False),
        (["respond-async"], True),
        (["return=minimal, Respond-Async; wait=10"], True),
        (["wait=5", "respond-async"], True),
        (["respond-asynchronously"], False),
        (['x="respond-async"'], False),
    ],
)
def test_prefer(lines, expected):
    """The preference is found among several, in any number of lines."""
    assert prefers_async(lines) is expected


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("accept", ["image/webp", "application/json;q=0.2, text/html, image/*;q=0.9"])
def test_an_image_leaves_as_bytes(deployment, sender, accept):
    """An image answer is an image for every sender."""
    query = [("styles", "sketch"), ("format", "webp")]
    answer = sender("POST", "/paintings", SMALL, query, [("accept", accept)])
    status, _, headers = ask(deployment, answer)
    assert (status, headers["Content-Type"]) == (200, "image/webp")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == 'inline; filename="sketch.webp"'
    assert headers["X-Photo-Key"].endswith(".png")
    assert "X-Photo-Key" in headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("accept", ["application/json;q=0.1, image/*", "text/html, image/jpeg"])
def test_the_gateway_hands_on_what_was_answered(deployment, api, accept):
    """The gateway passes on bytes and not base64, even if the first accepted type is no image."""
    answer = api("POST", "/paintings?styles=sketch", data=SMALL, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content == deployment.fetch(f"{answer.headers['X-Photo-Key']}/sketch.jpg")


# -- Later


def test_who_would_rather_not_wait(deployment, api):
    """An asynchronous request gets 202, the key and a Location; the photo's event paints by the same recipe."""
    answer = api("POST", "/paintings?styles=oil", data=SMALL, headers={"Prefer": "respond-async"})
    assert (answer.status_code, answer.json()["status"], answer.json()["paintings"]) == (202, "painting", [])
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert deployment.written() == set()
    key = answer.json()["photo"]["key"]
    place = urljoin(answer.url, answer.headers["Location"])
    assert requests.get(place, timeout=9).status_code == 202
    assert [poll.failed for poll in deployment.deliver()] == [0]
    done = requests.get(place, timeout=9)
    assert (done.status_code, done.json()["photo"]["key"]) == (200, key)
    assert [painting["style"] for painting in done.json()["paintings"]] == ["oil"]


def test_where_the_paintings_will_be_behind_a_base_path(deployment):
    """Location is relative to the called address, so it is right behind a base path."""
    with local_gateway(Gateway(deployment.handler, base_path="/art/v2")) as url:
        answer = requests.post(f"{url}/art/v2/paintings", SMALL, headers={"Prefer": "respond-async"}, timeout=9)
        place = urljoin(answer.url, answer.headers["Location"])
        assert requests.get(place, timeout=9).status_code == 202


def test_a_photo_that_can_not_be_painted_is_refused_at_once(deployment, api):
    """A photo with unsupported first bytes is refused at once, also when the caller does not wait."""
    answer = api("POST", "/paintings", data=b"no photo", headers={"Prefer": "respond-async"})
    assert error_of(answer)[0] == "unreadable_photo"
    assert deployment.waiting() == (0, 0)


def test_a_photo_that_takes_too_long_is_painted_later(deployment, api, monkeypatch):
    """A photo that takes too long gets 202 before API Gateway times out, and its event paints it."""
    monkeypatch.setattr("stylize.doors.http.api.LONGEST_WAIT", 0.0)
    answer = api("POST", "/paintings?styles=sketch", data=SMALL)
    assert (answer.status_code, answer.json()["status"]) == (202, "painting")
    assert "Preference-Applied" not in answer.headers
    deployment.deliver()
    assert deployment.is_sound(answer.json()["photo"]["key"])


def test_several_photos_are_painted_later(deployment, api):
    """Several photos are answered with 202 as long as one of them is not painted."""
    body = form(("a", SMALL, "a.png"), ("b", SMALL, "b.png"), ("quality", "fast"))
    kind = {"Content-Type": "multipart/form-data; boundary=frontier", "Prefer": "respond-async"}
    answer = api("POST", "/paintings", data=body, headers=kind)
    assert (answer.status_code, len(answer.json()["photos"])) == (202, 2)
    deployment.deliver()
    assert all(deployment.is_sound(photo["photo"]["key"]) for photo in answer.json()["photos"])


# -- Once


@pytest.fixture
def puts(deployment):
    """The names of the objects that the function has put, in order."""
    names: list[str] = []

    def note(params, **_):
        names.append(params["url_path"].rpartition("/")[2])

    events = deployment.s3_of_the_function.meta.events
    events.register("before-call.s3.PutObject", note)
    yield names
    events.unregister("before-call.s3.PutObject", note)


def test_a_posted_photo_is_painted_once(deployment, api, puts):
    """The photo is stored after its paintings, so its event finds everything done."""
    key = api("POST", "/paintings?quality=fast", data=SMALL).json()["photo"]["key"]
    assert puts[-2:] == [key, "manifest.json"]
    assert len(puts) == 4
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert len(puts) == 4
    assert deployment.is_sound(key)
    version = deployment.cloud.s3.head_object(Bucket=PHOTOS, Key=key)["VersionId"]
    assert deployment.manifest(key)["photo"]["version_id"] == version


def test_a_studio_keeps_its_deadline(deployment):
    """A studio never extends its deadline."""
    hurried = deployment.studio.within(5.0)
    assert hurried.within(60.0).deadline == hurried.deadline
    assert hurried.within(1.0).deadline < hurried.deadline
