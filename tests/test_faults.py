"""Whatever goes wrong on the way: no photo is lost, none is `done` by half, no message is acknowledged early."""

import gc
import os
import threading
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from time import monotonic, sleep

import cv2
import pytest
from fault_proxy import Answer, Cut, FaultProxy, LoseAnswer, Slow
from pictures import encoded, picture

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import EventSourceMapping
from stylize.engine import Crew, Kernels
from stylize.errors import OutOfTime

PHOTO = encoded(picture("random", 100, 120), ".png")
SLOW_DOWN, DENIED = Answer(503, "SlowDown"), Answer(403, "AccessDenied")


@pytest.fixture
def proxy(house, monkeypatch, impatient, tmp_path, caplog):
    """The function behind a proxy; at the end it has to be as it was: disk, threads, connections and buffers."""
    with FaultProxy(house.cloud.endpoint).running() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        studio = import_module("stylize.handler").open_studio(os.environ)
        monkeypatch.setattr("stylize.handler.studio", studio)
        buffers, threads, files = studio._bench.kept_bytes, own_threads(), own_files(proxy)
        yield proxy
        assert studio._bench.kept_bytes >= buffers  # more after a larger photo; fewer if one were lost
        assert list(tmp_path.iterdir()) == []
        studio._store._client.close()
        caplog.get_records("call").clear()
        gc.collect()  # an error that was logged holds its answer, and the answer its connection
        assert own_threads() == threads
        assert own_files(proxy) == files
        studio._crew.close()


def own_threads():
    """All but those in which the servers here hold a connection."""
    return {thread for thread in threading.enumerate() if "process_request_thread" not in thread.name}


def own_files(proxy):
    """What is open, by name, and open ends of connections to the proxy; other sockets belong to the servers here."""
    connections = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    to_proxy = [f for f in connections if f[2].endswith(f":{proxy.address[1]:04X}") and f[9] != "0"]
    return sorted(name for name in open_files() if not name.startswith("socket:")), len(to_proxy)


def open_files():
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # a server here has closed a connection since
            yield os.readlink(f"/proc/self/fd/{number}")


def assert_it_comes_back_and_is_painted(house, proxy):
    """The message has not been acknowledged; nothing claims to be done; the next try, without the fault, succeeds."""
    assert house.worker.poll().failed == 1
    assert house.waiting() == (1, 0)
    assert "cat.jpg/manifest.json" not in house.written()
    proxy.plan = lambda request: None
    assert house.worker.poll() == (1, 0)
    assert house.waiting() == (0, 0)
    assert house.is_sound("cat.jpg")


READ_PHOTO, PUT, PUT_MANIFEST = ("GET", PHOTOS, "cat.jpg"), ("PUT", PAINTINGS, ""), ("PUT", PAINTINGS, "manifest.json")


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        (SLOW_DOWN, READ_PHOTO),
        (SLOW_DOWN, PUT),
        (SLOW_DOWN, PUT_MANIFEST),
        (SLOW_DOWN, ("GET", PAINTINGS, "")),
        (DENIED, READ_PHOTO),
        (DENIED, PUT),
        (DENIED, PUT_MANIFEST),
        (Cut(reset=True), READ_PHOTO),
        (Cut(reset=False), READ_PHOTO),
        (LoseAnswer(), READ_PHOTO),
        (LoseAnswer(), PUT),
    ],
    ids=str,
)
def test_a_fault_that_lasts(house, proxy, fault, where):
    """S3 throttles, denies, breaks off or goes silent: the photo is painted when it has recovered."""
    method, bucket, end = where
    house.upload("cat.jpg", PHOTO)
    proxy.plan = lambda r: fault if (r.method, r.bucket) == (method, bucket) and r.key.endswith(end) else None
    assert_it_comes_back_and_is_painted(house, proxy)


@pytest.mark.parametrize("n", range(5))
def test_a_fault_between_any_two_writes(house, proxy, n):
    """However many paintings lie there when it strikes."""
    writes = count()
    house.upload("cat.jpg", PHOTO)
    proxy.plan = lambda r: SLOW_DOWN if (r.method, r.bucket) == ("PUT", PAINTINGS) and next(writes) >= n else None
    assert_it_comes_back_and_is_painted(house, proxy)


@pytest.mark.parametrize("fault", [SLOW_DOWN, LoseAnswer()], ids=str)
def test_a_hiccup_is_bridged(house, proxy, fault):
    """Every request fails once: nobody notices. A manifest whose answer was lost is recognized as the run's own."""
    struck = set()

    def once(request):
        if request.bucket not in (PHOTOS, PAINTINGS) or request in struck:
            return None
        struck.add(request)
        return fault

    house.upload("cat.jpg", PHOTO)
    proxy.plan = once
    assert house.worker.poll() == (1, 0)
    assert len(struck) >= 8
    assert house.is_sound("cat.jpg")
    assert house.waiting() == (0, 0)


def hurried(house, seconds):
    """The event source mapping of a function that has `seconds` to paint in."""
    function, url = import_module("stylize.handler"), house.cloud.uploads_url
    return EventSourceMapping(house.cloud.sqs, url, function.lambda_handler, 1, function.SPARE_SECONDS + seconds)


def test_a_slow_read_does_not_outlast_the_invocation(house, proxy, caplog):
    """The function stops in time by itself, and says so; the message comes back."""
    large = encoded(picture("random", 1000, 1000), ".png")
    house.upload("cat.jpg", large, quality="fast")
    proxy.plan = lambda r: Slow(40, 0.1) if (r.method, r.bucket) == ("GET", PHOTOS) else None
    begin = monotonic()
    assert hurried(house, 0.5).poll().failed == 1
    assert monotonic() - begin < 2.5  # all of it would take 4 s
    assert "OutOfTime" in caplog.text
    assert house.written() == set()
    assert house.worker.poll() == (1, 0)  # slow as it is
    assert house.is_sound("cat.jpg")


def test_time_that_runs_out_while_painting(house, proxy, monkeypatch):
    """Whichever style is finished by then, nothing is recorded."""
    house.upload("cat.jpg", encoded(picture("random", 600, 800), ".png"))
    with monkeypatch.context() as slowly:
        slowly.setattr(import_module("stylize.handler").studio._crew, "kernels", Kernels.REFERENCE)
        assert hurried(house, 0.3).poll().failed == 1
    assert "cat.jpg/manifest.json" not in house.written()
    assert house.worker.poll() == (1, 0)
    assert house.is_sound("cat.jpg")


def test_time_that_runs_out_in_the_crew():
    """Bands that have begun end; no other begins."""
    done = []

    def band():
        sleep(0.02)
        done.append(True)

    def stages():
        yield [band] * 100

    crew = Crew(2)
    with pytest.raises(OutOfTime, match="expected to have painted"):
        list(crew.run([stages()], deadline=monotonic() + 0.2))
    assert 0 < len(done) < 60
    crew.close()


def test_no_memory_for_painting(house, proxy, monkeypatch):
    """A photo that memory does not suffice for now is not refused for it."""

    def full(*_):
        raise MemoryError

    house.upload("cat.jpg", PHOTO)
    with monkeypatch.context() as now:
        now.setattr("stylize.engine.workbench.Workbench.check_out", full)
        assert house.worker.poll().failed == 1
    assert_it_comes_back_and_is_painted_now(house)


def no_memory():
    error = cv2.error("Failed to allocate 36000000 bytes")
    error.code = cv2.Error.StsNoMem
    return error


@pytest.mark.parametrize("failure", [no_memory(), None])
def test_no_memory_for_decoding(house, proxy, monkeypatch, failure):
    """OpenCV says so, or only that it could not decode: then it is asked whether the memory would have been there."""

    def full(*_):
        if failure:
            raise failure
        return None, (), ()

    def none_left(*_):
        raise MemoryError

    house.upload("cat.jpg", PHOTO)
    with monkeypatch.context() as now:
        now.setattr("stylize.engine.codec.cv2.imdecodeWithMetadata", full)
        now.setattr("stylize.engine.codec.np.empty", none_left)
        assert house.worker.poll().failed == 1
    assert_it_comes_back_and_is_painted_now(house)


def assert_it_comes_back_and_is_painted_now(house):
    assert house.waiting() == (1, 0)
    assert house.written() == set()
    assert house.worker.poll() == (1, 0)
    assert house.is_sound("cat.jpg")
