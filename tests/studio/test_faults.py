"""Faults on the way: no photo is lost, none is half `done`, and no message is acknowledged early."""

import gc
import os
import threading
from contextlib import closing, suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from time import monotonic

import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import EventSourceMapping
from stylize.engine import Kernels, ThreadPool
from tests.support.fault_proxy import Answer, Cut, FaultProxy, LoseAnswer, Slow
from tests.support.pictures import encoded, picture

PHOTO = encoded(picture("random", 100, 120), ".png")
SLOW_DOWN, DENIED = Answer(503, "SlowDown"), Answer(403, "AccessDenied")


@pytest.fixture
def proxy(deployment, monkeypatch, impatient, tmp_path, caplog):
    """The function behind a proxy; at the end it has to be as it was: disk, threads, connections and buffers."""
    with FaultProxy(deployment.cloud.endpoint).running() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        studio = import_module("stylize.handler").open_studio(os.environ)
        monkeypatch.setattr("stylize.handler.studio", studio)
        buffers, threads, files = studio.buffer_pool.kept_bytes, own_threads(), own_files(proxy)
        yield proxy
        assert studio.buffer_pool.kept_bytes >= buffers  # more after a larger photo; fewer if one were lost
        assert list(tmp_path.iterdir()) == []
        studio.store.client.close()
        caplog.get_records("call").clear()
        gc.collect()  # an error that was logged holds its answer, and the answer its connection
        assert own_threads() == threads
        assert own_files(proxy) == files
        studio.close()


def own_threads():
    """All but those in which the servers here hold a connection, and those that wait for S3, which are kept."""
    kept = ("process_request_thread", "request_", "reader_", "finisher_")
    return {t for t in threading.enumerate() if not any(name in t.name for name in kept)}


def own_files(proxy):
    """What is open, by name, and open ends of connections to the proxy; other sockets belong to the servers here."""
    connections = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    to_proxy = [f for f in connections if f[2].endswith(f":{proxy.address[1]:04X}") and f[9] != "0"]
    return sorted(name for name in open_files() if not name.startswith("socket:")), len(to_proxy)


def open_files():
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # a server here has closed a connection since
            yield os.readlink(f"/proc/self/fd/{number}")


def assert_it_comes_back_and_is_painted(deployment, proxy):
    """The message has not been acknowledged; nothing claims to be done; the next try, without the fault, succeeds."""
    assert deployment.worker.poll().failed == 1
    assert deployment.waiting() == (1, 0)
    assert "cat.jpg/manifest.json" not in deployment.written()
    proxy.plan = lambda request: None
    assert deployment.worker.poll() == (1, 0)
    assert deployment.waiting() == (0, 0)
    assert deployment.is_sound("cat.jpg")


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
def test_a_fault_that_lasts(deployment, proxy, fault, where):
    """While S3 throttles, denies, resets or does not answer, the photo waits; it is painted once S3 recovers."""
    method, bucket, end = where
    deployment.upload("cat.jpg", PHOTO)
    proxy.plan = lambda r: fault if (r.method, r.bucket) == (method, bucket) and r.key.endswith(end) else None
    assert_it_comes_back_and_is_painted(deployment, proxy)


@pytest.mark.parametrize("n", range(5))
def test_a_fault_between_any_two_writes(deployment, proxy, n):
    """A photo is painted in the end, however many of its paintings are stored when the fault begins."""
    writes = count()
    deployment.upload("cat.jpg", PHOTO)
    proxy.plan = lambda r: SLOW_DOWN if (r.method, r.bucket) == ("PUT", PAINTINGS) and next(writes) >= n else None
    assert_it_comes_back_and_is_painted(deployment, proxy)


@pytest.mark.parametrize("fault", [SLOW_DOWN, LoseAnswer()], ids=str)
def test_a_hiccup_is_bridged(deployment, proxy, fault):
    """If every request fails once, the photo is painted; a manifest whose answer was lost counts as the run's own."""
    struck = set()

    def once(request):
        if request.bucket not in (PHOTOS, PAINTINGS) or request in struck:
            return None
        struck.add(request)
        return fault

    deployment.upload("cat.jpg", PHOTO)
    proxy.plan = once
    assert deployment.worker.poll() == (1, 0)
    assert len(struck) >= 7
    assert deployment.is_sound("cat.jpg")
    assert deployment.waiting() == (0, 0)


def hurried(deployment, seconds):
    """The event source mapping of a function that has `seconds` to paint in."""
    function, url = import_module("stylize.handler"), deployment.cloud.uploads_url
    return EventSourceMapping(deployment.cloud.sqs, url, function.lambda_handler, 1, function.SPARE_SECONDS + seconds)


@pytest.mark.slow
def test_a_slow_read_does_not_outlast_the_invocation(deployment, proxy, caplog):
    """The function stops in time by itself, with an error that says so; the message is redelivered."""
    large = encoded(picture("random", 1000, 1000), ".png")
    deployment.upload("cat.jpg", large, recipe="quality=fast")
    proxy.plan = lambda r: Slow(40, 0.1) if (r.method, r.bucket) == ("GET", PHOTOS) else None
    begin = monotonic()
    assert hurried(deployment, 0.5).poll().failed == 1
    assert monotonic() - begin < 2.5  # all of it would take 4 s
    assert "OutOfTime" in caplog.text
    assert deployment.written() == set()
    assert deployment.worker.poll() == (1, 0)  # slow as it is
    assert deployment.is_sound("cat.jpg")


@pytest.mark.slow
def test_time_that_runs_out_while_painting(deployment, proxy, monkeypatch):
    """Nothing is recorded when time runs out, whichever styles are finished by then."""
    deployment.upload("cat.jpg", encoded(picture("random", 600, 800), ".png"))
    with monkeypatch.context() as slowly, closing(ThreadPool(2, Kernels.REFERENCE)) as slow_pool:
        slowly.setattr(import_module("stylize.handler").studio, "thread_pool", slow_pool)
        assert hurried(deployment, 0.3).poll().failed == 1
    assert "cat.jpg/manifest.json" not in deployment.written()
    assert deployment.worker.poll() == (1, 0)
    assert deployment.is_sound("cat.jpg")


def test_no_memory_for_painting(deployment, proxy, monkeypatch):
    """A photo is not refused when memory is temporarily short."""

    def full(*_):
        raise MemoryError

    deployment.upload("cat.jpg", PHOTO)
    with monkeypatch.context() as now:
        now.setattr("stylize.engine.buffer_pool.BufferPool.acquire", full)
        assert deployment.worker.poll().failed == 1
    assert_it_comes_back_and_is_painted_now(deployment)


@pytest.mark.parametrize("failure", [MemoryError(), ValueError("Insufficient memory (case 4)")])
def test_no_memory_for_decoding(deployment, proxy, monkeypatch, failure):
    """When a decoder reports no memory, the photo is refused only if it can never fit, and otherwise retried."""

    def full(*_, **__):
        raise failure

    def none_left(*_):
        raise MemoryError

    deployment.upload("cat.jpg", PHOTO)
    with monkeypatch.context() as now:
        now.setattr("stylize.engine.codec.jpeg.simplejpeg.decode_jpeg", full)
        now.setattr("stylize.engine.codec.memory.np.empty", none_left)
        assert deployment.worker.poll().failed == 1
    assert_it_comes_back_and_is_painted_now(deployment)


def assert_it_comes_back_and_is_painted_now(deployment):
    assert deployment.waiting() == (1, 0)
    assert deployment.written() == set()
    assert deployment.worker.poll() == (1, 0)
    assert deployment.is_sound("cat.jpg")
