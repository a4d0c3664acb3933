"""`make run`: the studio on a laptop, from its first line to Ctrl-C."""

import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from local.photos import SAMPLE
from local.studio import has_display
from tests.support.pictures import encoded, picture
from tests.support.studio import running_studio, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running_studio(tmp_path_factory.mktemp("studio"), WORKERS="2") as running:
        yield running


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_page_is_there_before_the_cloud(tmp_path):
    """The address is printed and answers before S3 has started; a request for the API waits."""
    with running_studio(tmp_path) as running:
        home = requests.get(running.url, timeout=30)
        assert (home.status_code, home.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert not any("S3 and SQS" in line for line in running.lines)
        assert requests.get(f"{running.url}/health", timeout=60).status_code == 200


def test_the_sample_is_painted_and_told(studio):
    """The sample's paintings are in the folder, and their seconds are printed."""
    studio.said("(logs and metrics)")
    manifest = json.loads((studio.folder / "paintings" / SAMPLE.name / "manifest.json").read_text("utf-8"))
    files = {path.name for path in (studio.folder / "paintings" / SAMPLE.name).iterdir()}
    assert files >= {"sketch.jpg", "color-pencil.jpg", "oil.jpg", "watercolor.jpg"}
    assert manifest["status"] == "done"
    assert any("watercolor.jpg" in line and "s of CPU" in line for line in studio.lines)


def test_a_photo_of_any_s3_client_is_listed(studio):
    """A photo that an S3 client puts is painted, listed, and readable for the page."""
    content = encoded(picture("smooth", 40, 60), ".png")
    studio.s3.put_object(Bucket="photos", Key="holiday/my cat.png", Body=content)

    def listed() -> set[str]:
        photos = requests.get(f"{studio.url}/paintings?limit=50", timeout=30).json()["photos"]
        return {photo["photo"]["key"] for photo in photos if photo["status"] == "done"}

    wait_for(lambda: "holiday/my cat.png" in listed())
    assert requests.get(f"{studio.url}/photos/holiday/my%20cat.png", timeout=30).content == content
    assert requests.get(f"{studio.url}/photos/no%20such.png", timeout=30).status_code == 404


def test_a_worker_that_dies_is_replaced(studio):
    """A worker that dies is replaced, and an invocation in the meantime gets another worker."""
    wait_for(lambda: len(studio.workers) == 2)
    before = set(studio.workers)
    os.kill(min(before), signal.SIGKILL)
    assert requests.get(f"{studio.url}/health", timeout=30).status_code == 200
    wait_for(lambda: len(studio.workers) == 2 and set(studio.workers) != before)
    assert requests.get(f"{studio.url}/health", timeout=30).status_code == 200


def test_a_worker_that_dies_with_an_event_unread(studio):
    """An invocation is passed on if its worker died before it began, although its pipe had taken the event."""
    wait_for(lambda: len(studio.workers) == 2)
    requests.get(f"{studio.url}/health", timeout=30)
    held, _ = studio.workers
    os.kill(held, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as callers:
        calls = [callers.submit(requests.get, f"{studio.url}/health", timeout=60) for _ in range(2)]
        wait_for(lambda: any(call.done() for call in calls))
        os.kill(held, signal.SIGKILL)
        assert [call.result().status_code for call in calls] == [200, 200]
    wait_for(lambda: len(studio.workers) == 2)


def test_environments_work_side_by_side(studio):
    """While one environment is busy, another one answers the API or the queue."""
    wait_for(lambda: len(studio.workers) == 2)
    requests.get(f"{studio.url}/health", timeout=30)
    held, _ = studio.workers
    os.kill(held, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as callers:
            calls = [callers.submit(requests.get, f"{studio.url}/health", timeout=60) for _ in range(2)]
            wait_for(lambda: any(call.done() for call in calls))
            assert not all(call.done() for call in calls)
            os.kill(held, signal.SIGCONT)
            assert [call.result().status_code for call in calls] == [200, 200]
    finally:
        os.kill(held, signal.SIGCONT)


def test_pages_of_others_can_not_read_what_is_here(studio):
    """The API and S3 refuse other origins, and foreign host names that resolve to this machine."""
    evil = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    health = requests.get(f"{studio.url}/health", headers=evil, timeout=30)
    assert health.headers["Access-Control-Allow-Origin"] == studio.url
    bucket = studio.s3.meta.endpoint_url + "/paintings"
    assert requests.options(bucket, headers=evil, timeout=30).status_code == 403
    assert "Access-Control-Allow-Origin" not in requests.get(bucket, headers=evil, timeout=30).headers
    own = requests.options(bucket, headers=evil | {"Origin": studio.url}, timeout=30)
    assert (own.status_code, own.headers["Access-Control-Allow-Origin"]) == (200, studio.url)
    assert requests.get(f"{studio.url}/health", headers={"Host": "example.org"}, timeout=30).status_code == 421


def test_another_port_where_one_is_taken(studio, tmp_path):
    """Two studios at once have different addresses."""
    with running_studio(tmp_path, WORKERS="1") as other:
        assert other.url != studio.url
        assert requests.get(other.url, timeout=30).status_code == 200


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_it(tmp_path, ended_by):
    """After Ctrl-C, SIGTERM or SIGKILL no process is left, and the ports are free."""
    with running_studio(tmp_path, WORKERS="2") as running:
        url = running.url
        running.said("(logs and metrics)")
        workers = running.workers
        assert len(workers) == 2
        running.process.send_signal(ended_by)
        status = running.process.wait(20)
        assert status == (-signal.SIGKILL if ended_by == signal.SIGKILL else 0), "".join(running.lines)
        wait_for(lambda: not any(map(is_alive, workers)))
    assert "Traceback" not in "".join(running.lines)
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "203.0.113.7 1 203.0.113.8 22", "DISPLAY": "localhost:10.0"}, "linux", False),
        ({"SSH_CONNECTION": "203.0.113.7 1 203.0.113.8 22"}, "darwin", False),
        ({"CI": "true", "DISPLAY": ":0"}, "linux", False),
    ],
)
def test_a_browser_opens_where_somebody_sees_it(environment, platform, expected):
    """A browser opens only with a display: not over SSH, not in CI, and never one in the terminal."""
    assert has_display(environment, platform) is expected
