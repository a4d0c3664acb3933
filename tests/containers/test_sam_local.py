"""`sam local`, in containers with Lambda's memory: `make test-sam`. engine.sh has started what runs them."""

import json
import os
import platform
import shutil
import socket
import subprocess
import time

import pytest
import requests
import yaml

from local.cloud import PAINTINGS, PHOTOS, local_cloud
from tests.support import ROOT

ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
BUILD = ROOT / ".aws-sam" / f"build-{ARCHITECTURE}"
SAM = ROOT / "build" / "sam" / "bin" / "sam"

SAMPLE = ROOT / "local" / "samples" / "chelsea.jpg"
SAMPLE_KEY = "holiday/cat and dog.jpg"  # of events/
IN_THE_CLOUD = sorted(path.stem for path in (ROOT / "events").glob("*.json") if path.stem != "direct")


def sam_local(*arguments, memory=1769, template=BUILD / "template.yaml"):
    overrides = [f"Architecture={ARCHITECTURE}", f"MemorySize={memory}"]
    told = os.environ.get("SAM_LOCAL_ARGUMENTS", "").split()
    return [SAM, "local", *arguments, "--template", template, *told, "--parameter-overrides", *overrides]


def invoke(*arguments, **options):
    command = sam_local("invoke", "StylizeFunction", *arguments, **options)
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def furnished_cloud():
    with local_cloud(host=os.environ["HOST_ADDRESS"]) as cloud:
        yield cloud


@pytest.fixture
def cloud(furnished_cloud):
    for bucket in (PHOTOS, PAINTINGS):
        for listed in furnished_cloud.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            furnished_cloud.s3.delete_object(Bucket=bucket, Key=listed["Key"])
    furnished_cloud.s3.put_object(
        Bucket=PHOTOS, Key=SAMPLE_KEY, Body=SAMPLE.read_bytes(), Metadata={"recipe": "quality=fast"}
    )
    return furnished_cloud


@pytest.fixture(scope="module")
def template(furnished_cloud):
    """The template of the build, for a function that finds S3 on this machine."""
    content = yaml.safe_load((BUILD / "template.yaml").read_text("utf-8"))
    variables = content["Resources"]["StylizeFunction"]["Properties"]["Environment"]["Variables"]
    variables |= {"AWS_ENDPOINT_URL": furnished_cloud.endpoint, "PHOTOS_BUCKET": PHOTOS, "PAINTINGS_BUCKET": PAINTINGS}
    changed = BUILD / "template-local.yaml"
    changed.write_text(yaml.safe_dump(content), "utf-8")
    yield changed
    changed.unlink()


@pytest.mark.parametrize("memory", [1769, 512])
def test_the_sample_is_painted_without_any_cloud(memory):
    """The sample is painted in a container with half a gigabyte and no cloud."""
    answer = invoke("--event", "events/direct.json", memory=memory)
    assert answer["status"] == "done"
    assert [painting["style"] for painting in answer["paintings"]] == ["sketch", "color-pencil"]
    assert all(painting["image"] for painting in answer["paintings"])


def test_plain_invoke_paints_the_sample(tmp_path):
    """After `sam build`, `sam local invoke` without options uses the event that samconfig.toml names."""
    shutil.copytree(BUILD, tmp_path / ".aws-sam" / "build")
    shutil.copytree(ROOT / "events", tmp_path / "events")
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, tmp_path)
    chosen = [] if ARCHITECTURE == "arm64" else ["--config-env", ARCHITECTURE]
    command = [str(SAM), "local", "invoke", *chosen, *os.environ.get("SAM_LOCAL_ARGUMENTS", "").split()]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["status"] == "done"


@pytest.mark.parametrize("name", IN_THE_CLOUD)
def test_every_other_event(cloud, template, name):
    """Every other sample event is accepted by its door, and paints the photos in S3."""
    answer = invoke("--event", f"events/{name}.json", template=template)
    if name.startswith("http"):
        assert (answer["statusCode"], json.loads(answer["body"])["photo"]["key"]) == (202, SAMPLE_KEY)
        return
    if name in ("eventbridge-deleted", "s3-folder"):
        assert answer == {"photos": 0}
        return
    told = json.loads(cloud.s3.get_object(Bucket=PAINTINGS, Key=f"{SAMPLE_KEY}/manifest.json")["Body"].read())
    assert (told["status"], told["engine"]["kernels"]) == ("done", "native")


@pytest.fixture(scope="module")
def api(template, tmp_path_factory):
    """`sam local start-api`, up and warm."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = tmp_path_factory.mktemp("api") / "log"
    arguments = ["start-api", "--host", "127.0.0.1", "--port", port, "--warm-containers", "EAGER"]
    with log.open("w") as lines:
        server = subprocess.Popen(sam_local(*arguments, template=template), cwd=ROOT, stdout=lines, stderr=lines)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and server.poll() is None:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            time.sleep(0.2)
        else:
            pytest.fail(f"expected the API to listen on port {port}\n{log.read_text('utf-8')}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def test_health(api, cloud):
    """The API answers with the native kernels in use."""
    answer = requests.get(f"{api}/health", timeout=60)
    assert (answer.status_code, answer.json()["kernels"]) == (200, "native")


def test_a_binary_photo_is_painted(api, cloud):
    """A binary body arrives unchanged: the stored photo equals the posted one."""
    headers = {"Content-Type": "image/jpeg"}
    photo = SAMPLE.read_bytes()
    answer = requests.post(f"{api}/paintings?quality=fast", photo, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["status"]) == (200, "done")
    assert [painting["style"] for painting in answer.json()["paintings"]] == ["sketch", "color-pencil"]
    kept = cloud.s3.get_object(Bucket=PHOTOS, Key=answer.json()["photo"]["key"])["Body"].read()
    assert kept == photo


@pytest.mark.parametrize(
    ("path", "kind", "body", "status", "code"),
    [
        ("/paintings", "text/plain", b"hello", 422, "unreadable_photo"),
        ("/paintings", "image/jpeg", b"\xff\xd8\xff not a photo", 422, "unreadable_photo"),
        ("/paintings?quality=splendid", "image/jpeg", b"\xff\xd8\xff", 400, "bad_recipe"),
        ("/uploads", "application/json", b"[]", 400, "bad_request"),
    ],
)
def test_errors(api, cloud, path, kind, body, status, code):
    """Every refusal has its status and its code."""
    answer = requests.post(f"{api}{path}", body, headers={"Content-Type": kind}, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_unknown_photo(api, cloud):
    """An unknown photo is 404 with a code."""
    answer = requests.get(f"{api}/paintings/nothing.jpg", timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
