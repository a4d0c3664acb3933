"""Request bodies: photos alone and in forms, with a correct, wrong or missing type."""

import json
from base64 import b64encode

import pytest
import requests

from stylize.errors import BadRequest
from tests.support.api import error_of
from tests.support.pictures import SMALL, encoded, picture, sample_file
from tests.support.requests import ask, form, rest_api

JPEG = encoded(picture("random", 24, 32), ".jpg")
QUERY = "?styles=sketch&long-side=32"
FORM = "multipart/form-data; boundary=frontier"


def post(api, body, kind=FORM, query=""):
    return api("POST", f"/paintings{query}", data=body, headers={"Content-Type": kind} if kind else {})


@pytest.mark.parametrize(
    "kind",
    [
        *("image/jpeg", "image/jpg", "image/png", "image/tiff", "application/octet-stream", "text/plain", None),
        *("application/x-www-form-urlencoded", "application/json", "multipart/form-data", "nonsense"),
    ],
)
def test_the_content_decides(deployment, api, kind):
    """The content of a body decides its format, not its Content-Type."""
    answer = post(api, JPEG, kind, QUERY)
    assert (answer.status_code, answer.json()["photo"]["format"]) == (200, "jpeg")
    assert answer.json()["photo"]["key"].endswith(".jpg")


def test_a_form_as_clients_send_it(deployment, api):
    """A form has a file under any name; its other fields and the query together are the recipe."""
    answer = api(
        "POST",
        "/paintings?quality=fast",
        files={"upload[]": ("Cat.HEIC", JPEG, "image/heic")},
        data={"styles": "sketch"},
    )
    assert answer.status_code == 200
    assert [painting["style"] for painting in answer.json()["paintings"]] == ["sketch"]
    assert answer.json()["recipe"]["quality"] == "fast"


@pytest.mark.parametrize(
    "parts",
    [
        [("photo", JPEG, "cat.jpg", "image/jpeg"), ("styles", "sketch"), ("long-side", "32")],
        [("styles", "oil"), ("long-side", "32"), ("styles", "sketch"), ("photo", JPEG, "cat.jpg")],
        [("long-side", "32"), ("file", JPEG, '猫 \\"2\\".jpg', "image/jpeg")],
        [("long-side", "32"), ("file", JPEG, "", "application/octet-stream")],
        [("long-side", "32"), ("file", JPEG)],
        [("long-side", "32"), ("file", JPEG, "cat.jpg"), ("other", b"", "", "application/octet-stream")],
    ],
    ids=["file first", "styles twice", "file name", "file without a name", "field with a photo", "file not chosen"],
)
def test_forms(deployment, api, parts):
    """Forms are read with parts in any order, and file names of any kind or none."""
    answer = post(api, form(*parts))
    assert (answer.status_code, answer.json()["status"]) == (200, "done")


@pytest.mark.parametrize("kind", [None, "multipart/form-data", "text/plain", "multipart/form-data; boundary=other"])
def test_a_form_whose_type_was_lost(deployment, api, kind):
    """A form without a Content-Type is recognized by the boundary in its first line."""
    assert post(api, form(("photo", JPEG, "cat.jpg"), ("long-side", "32")), kind).status_code == 200


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        ('multipart/form-data; boundary="a,b"', b"a,b"),
        ('multipart/form-data; boundary="a;b=c"; charset=utf-8', b"a;b=c"),
        ("multipart/form-data; boundary=front", b"frontier"),
    ],
    ids=["comma", "semicolon", "beginning of another"],
)
def test_a_boundary_of_any_characters(deployment, api, kind, boundary):
    """In quotation marks it may hold commas and semicolons; one that merely begins like the body's is another."""
    body = form(("photo", JPEG, "cat.jpg"), ("long-side", "32")).replace(b"frontier", boundary)
    assert post(api, body, kind).status_code == 200


def test_several_photos_in_one_form(deployment, api):
    """Each photo of a form is listed with its file name, and painted or refused under a key of its own."""
    parts = [("a", JPEG, "one.jpg"), ("b", b"no photo", "two.txt"), ("c", SMALL, "three.png"), ("long-side", "32")]
    answer = post(api, form(*parts, ("styles", "sketch")))
    photos = answer.json()["photos"]
    assert answer.status_code == 200
    assert [(photo["filename"], photo["status"]) for photo in photos] == [
        ("one.jpg", "done"),
        ("two.txt", "refused"),
        ("three.png", "done"),
    ]
    assert photos[1]["error"]["code"] == "unreadable_photo"
    keys = {photo["photo"]["key"] for photo in photos if photo["status"] == "done"}
    assert deployment.written() == {f"{key}/{name}" for key in keys for name in ("sketch.jpg", "manifest.json")}
    assert requests.get(photos[0]["paintings"][0]["url"], timeout=9).status_code == 200


def test_one_photo_that_fails_takes_no_other_with_it(deployment, api):
    """The keys of those that are painted are answered: nobody could guess them."""
    puts, events = [], deployment.studio.store.client.meta.events

    def fail_once(params, **_):
        puts.append(params["url"])
        if len(puts) == 4:  # of each photo: one painting, the photo, the manifest
            raise ConnectionResetError("reset by peer")

    events.register("before-call.s3.PutObject", fail_once)
    parts = [(name, JPEG, f"{name}.jpg") for name in ("one", "two", "three")]
    answer = post(api, form(*parts, ("styles", "sketch")))
    events.unregister("before-call.s3.PutObject", fail_once)
    photos = answer.json()["photos"]
    assert answer.status_code == 200
    assert [photo["status"] for photo in photos] == ["done", "failed", "done"]
    assert photos[1]["error"]["code"] == "internal_error"
    assert all(deployment.is_sound(photo["photo"]["key"]) for photo in photos if photo["status"] == "done")


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("bad_request", form(("styles", "sketch"))),
        ("bad_request", form(("photo", b"", "", "application/octet-stream"))),
        ("bad_request", form(("photo", JPEG, "cat.jpg"))[:-30]),
        ("bad_request", b"--frontier\r\nno header\r\n\r\n"),
        ("bad_request", b"no form"),
        ("bad_request", form(*[(f"f{i}", JPEG, "cat.jpg") for i in range(21)])),
        ("bad_request", form(("photo", JPEG, "x" * 3000))),
        ("bad_request", form(("photo", JPEG, "cat.jpg"), ("styles", "x" * 2001))),
        ("bad_recipe", form(("photo", JPEG, "cat.jpg"), ("qualty", "fast"))),
        ("bad_recipe", form(("photo", JPEG, "cat.jpg"), ("quality", "fast"), ("quality", "hd"))),
        ("unreadable_photo", form(("photo", b"no photo", "cat.jpg"))),
        ("unsupported_format", form(("photo", b"8BPS" + bytes(100), "cat.psd"))),
    ],
)
def test_a_form_that_is_not_painted(deployment, api, code, body):
    """An invalid form gets an error with a clear message, and nothing is stored."""
    answer = post(api, body)
    assert error_of(answer)[0] == code
    assert "expected" in error_of(answer)[1]
    assert deployment.written() == set()
    assert deployment.waiting() == (0, 0)


def test_refusals_are_counted(deployment, capsys):
    """Refusals of the API are counted for the alarm, alone or in a form."""
    deployment.handler(rest_api("POST", "/paintings", b"no photo"), _context())
    deployment.handler(rest_api("POST", "/paintings", form(("a", b"no", "a.jpg"), ("b", b"no", "b.jpg"))), _context())
    counts = [json.loads(line).get("PhotosRefused", []) for line in capsys.readouterr().out.splitlines()]
    assert sum(map(sum, counts)) == 3


def test_a_hostile_form_takes_no_time(deployment):
    """Forms with thousands of parts or an endless line are refused early."""
    for body in (form(*[("f", "")] * 20_000), b"--frontier\r\n" + b"A" * 3_000_000):
        status, content, _ = ask(deployment, rest_api("POST", "/paintings", body, headers=[("content-type", FORM)]))
        assert (status, content["error"]["code"]) == (400, "bad_request")


# -- Direct invocations


@pytest.mark.parametrize(
    "text",
    [
        b64encode(SMALL).decode(),
        "\n".join(b64encode(SMALL).decode()[i : i + 76] for i in range(0, 1_000_000, 76)).rstrip() + "\n",
        "data:image/png;base64," + b64encode(SMALL).decode(),
        "data:;base64,\r\n" + b64encode(SMALL).decode(),
        b64encode(SMALL).decode().rstrip("="),
        b64encode(SMALL).decode().replace("+", "-").replace("/", "_"),
    ],
    ids=["plain", "lines", "data URL", "data URL and a line", "no padding", "URL-safe"],
)
def test_base64_as_it_is_written(deployment, text):
    """Base64 is read with line breaks, as a `data:` URL, with or without padding, in either alphabet."""
    answer = deployment.handler({"image": text, "recipe": "styles=sketch"}, _context())
    assert answer["status"] == "done"


@pytest.mark.parametrize("image", ["no base64!", "data:image/png,abc", 7, None, ["a"], "AAAAA", {"a": 1}])
def test_what_is_no_base64(deployment, image):
    """Invalid base64 is refused with a message that contains no Python terms."""
    with pytest.raises(BadRequest, match=r"^image: expected base64, got (a |an |null|\d)") as raised:
        deployment.handler({"image": image}, _context())
    assert "NoneType" not in json.dumps(str(raised.value))


def test_a_real_photo_arrives_whole(deployment, api):
    """The bytes of a photo are stored exactly as sent."""
    photo = sample_file()
    answer = post(api, photo, "application/octet-stream", "?quality=fast&styles=sketch")
    key = answer.json()["photo"]["key"]
    assert deployment.cloud.s3.get_object(Bucket="photos", Key=key)["Body"].read() == photo


def _context():
    from local.event_source_mapping import Context

    return Context()
