"""A job of S3 Batch Operations over photos that are already stored."""

import csv
import io
import json
import re
import shlex
from collections import Counter
from itertools import pairwise
from urllib.parse import quote

import botocore.session
import pytest
from botocore.validate import ParamValidator

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from stylize.recipe import RecipeOverrides
from tests.support import ROOT
from tests.support.events import job
from tests.support.pictures import encoded, picture

PHOTO = encoded(picture("smooth", 24, 32), ".jpg")
RECIPE = {"recipe": "styles=sketch&quality=fast&format=png"}
BAD, GONE = {"old/7.jpg", "old/77.jpg"}, {"old/400.jpg"}


@pytest.fixture
def manifest(deployment):
    """500 photos that never sent an event, two of them no photos, one listed but gone; as CSV, keys URL-encoded."""
    keys = [f"old/{number}.jpg" for number in range(498)] + ["old/a b+c.jpg", "old/100%.jpg"]
    for key in set(keys) - GONE:
        deployment.cloud.s3.put_object(Bucket=PHOTOS, Key=key, Body=b"no photo" if key in BAD else PHOTO)
    text = io.StringIO()
    csv.writer(text).writerows((PHOTOS, quote(key)) for key in keys)
    return text.getvalue()


def run(deployment, manifest):
    """As Batch Operations does: a task per line, and what failed for now once more."""
    answers = {}
    for bucket, key in csv.reader(io.StringIO(manifest)):
        event = job("", RECIPE, bucket)
        event["tasks"][0] |= {"taskId": key, "s3Key": key}
        for _ in range(2):
            (answer,) = deployment.handler(event, Context())["results"]
            if answer["resultCode"] != "TemporaryFailure":
                break
        answers[answer["taskId"]] = answer
    return answers


@pytest.mark.slow
def test_a_backfill(deployment, manifest):
    """Every photo is painted or refused, a temporary error costs one more attempt, and a second job paints nothing."""
    fails = iter([True])

    def hiccup(**_):
        if next(fails, False):
            raise ConnectionResetError("reset by peer")

    events = deployment.s3_of_the_function.meta.events
    events.register("before-call.s3.PutObject", hiccup)
    answers = run(deployment, manifest)
    events.unregister("before-call.s3.PutObject", hiccup)

    assert len(answers) == 500
    assert Counter(a["resultCode"] for a in answers.values()) == {"Succeeded": 497, "PermanentFailure": 3}
    refused = {key: a["resultString"].partition(":")[0] for key, a in answers.items() if a["resultCode"] != "Succeeded"}
    assert refused == dict.fromkeys(BAD, "unreadable_photo") | dict.fromkeys(GONE, "photo_not_found")
    pages = deployment.cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=PAINTINGS)
    written = {listed["Key"]: listed["LastModified"] for page in pages for listed in page["Contents"]}
    assert len(written) == 497 * 2 + len(BAD)
    assert json.loads(deployment.fetch("old/a b+c.jpg/manifest.json"))["recipe"]["styles"] == ["sketch"]

    painted = [key for key in written if key.endswith("sketch.png")]
    puts = []
    events.register("before-call.s3.PutObject", lambda params, **_: puts.append(params), unique_id="count")
    again = run(deployment, manifest)
    events.unregister("before-call.s3.PutObject", unique_id="count")
    assert puts == []
    assert sum(a["resultString"].startswith("painted already") for a in again.values()) == len(painted) == 497


def test_the_documented_command_creates_a_job():
    """The documented command has parameters of S3's CreateJob, and a valid recipe."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (command,) = re.findall(r"^aws s3control create-job.*?^```", text, re.MULTILINE | re.DOTALL)
    words = shlex.split(re.sub(r"\$\w+", "name", command).replace("\\\n", " ").removesuffix("```"))
    options = {word: value for word, value in pairwise(words) if word.startswith("--")}
    given = {name: json.loads(options[f"--{name}"]) for name in ("operation", "manifest-generator", "report")}
    request = {
        "AccountId": options["--account-id"],
        "RoleArn": options["--role-arn"],
        "Priority": int(options["--priority"]),
        "ClientRequestToken": "made by the command line",
        "Operation": given["operation"],
        "ManifestGenerator": given["manifest-generator"],
        "Report": given["report"],
    }
    model = botocore.session.get_session().get_service_model("s3control").operation_model("CreateJob")
    assert model.input_shape
    assert ParamValidator().validate(request, model.input_shape).generate_report() == ""
    assert RecipeOverrides.parse(given["operation"]["LambdaInvoke"]["UserArguments"]["recipe"]) != RecipeOverrides()
