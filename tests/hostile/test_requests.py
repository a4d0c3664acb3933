"""Hostile keys, metadata and recipes, and logs without secrets."""

import json
import sys
from urllib.parse import quote_plus

import pytest

from local.cloud import PHOTOS
from local.event_source_mapping import Context
from stylize.errors import BadRecipe
from stylize.recipe import RecipeOverrides
from stylize.recipe_fields import FIELDS
from stylize.telemetry import logger
from tests.support.leaks import leaks
from tests.support.pictures import encoded, picture, sample_file

SMALL = encoded(picture("smooth", 24, 32), ".png")
VALUES = [
    "../../../etc/passwd",
    "hd/../../fast",
    "hd\r\nX-Injected: yes",
    "hd\x00",
    "\x1b[31mred",
    "{{7*7}} ${jndi:ldap://x} %s %n",
    "'; DROP TABLE photos; --",
    "<script>alert(1)</script>",
    "\uff48\uff44",
    "\u202efast",
    "9" * 2048,
    "0" * 8 + "199",
    "sketch," * 300,
    "é" * 2048,
]
KEYS = [
    "../../up.png",
    "/etc/passwd",
    "a//b/./c.png",
    "tab\tand\x7f.png",  # a line break would be one more, but moto does not know the way to such a key
    "\x1b[2J\x07bell.png",
    "nul\x01.png",
    "%2e%2e%2f.png",
    "<b>&amp;\"'.png",
    "\u202egnp.exe",
    "long " * 180 + ".png",
]


def notify(deployment, key):
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": PHOTOS}, "object": {"key": quote_plus(key)}},
    }
    return deployment.handler({"Records": [record]}, Context())


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_a_hostile_recipe_is_refused(field, value):
    """The refusal names the field and quotes the value, escaped and truncated for logs and manifests."""
    with pytest.raises(BadRecipe, match=f"^{field}: expected .*, got ") as refused:
        RecipeOverrides.from_json({field: value})
    message = str(refused.value)
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize("value", [v for v in VALUES if v.isascii() and v.isprintable()], ids=ascii)
def test_hostile_metadata(deployment, value):
    """Hostile metadata that S3 accepts is refused; other names in metadata are ignored."""
    deployment.upload("cat.png", SMALL, recipe=f"quality={value}")
    deployment.upload("dog.png", SMALL, title=value[:1500])
    deployment.deliver()
    assert deployment.manifest("cat.png")["error"]["code"] == "bad_recipe"
    assert deployment.manifest("dog.png")["status"] == "done"


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_hostile_keys(deployment, key):
    """Paintings are stored under the literal key and nowhere else; the key takes one line in the log."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key=key, Body=SMALL)
    notify(deployment, key)
    assert all(written.startswith(f"{key}/") for written in deployment.written())
    assert len(deployment.written()) == 5
    assert deployment.is_sound(key)
    for written in deployment.written():
        deployment.cloud.s3.delete_object(Bucket="paintings", Key=written)
    deployment.cloud.s3.delete_object(Bucket=PHOTOS, Key=key)


def test_logs_tell_no_secrets(deployment, unavailable, capsys, monkeypatch):
    """A painted, a refused and a failed photo leave one log line each, without secrets or contents."""
    monkeypatch.setattr(logger.handlers[0], "stream", sys.stdout)
    key = "bell\x07 \x1b[31m.png"
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key=key, Body=SMALL)
    deployment.upload("cat.jpg", sample_file())
    deployment.upload("bad.jpg", sample_file()[:5000])
    deployment.upload("odd.jpg", SMALL, recipe="quality=" + "x" * 1900)
    for each in (key, "cat.jpg", "bad.jpg", "odd.jpg"):
        notify(deployment, each)
    unavailable("PutObject")
    deployment.upload("new.jpg", SMALL)
    with pytest.raises(ExceptionGroup):
        notify(deployment, "new.jpg")
    deployment.worker.poll()
    log = capsys.readouterr().out
    assert leaks(log) == []
    for line in log.splitlines():
        json.loads(line)
    assert log.count('"message":"painted"') == 2


@pytest.mark.parametrize(
    "line",
    [
        "GET https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Signature=0123",
        '{"headers": {"x-api-key": "abcdefghij0123456789"}}',
        repr(SMALL),
        json.dumps({"image": "iVBORw0KGgoAAAANSUhEUg"}),
    ],
)
def test_leaks_are_found(line):
    """The search for leaks finds one, so the test above can fail."""
    assert leaks(line) != []
