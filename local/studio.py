"""The whole studio: page, S3, SQS, execution environments, gateway, and the first photos on the wall."""

import os
import signal
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from socket import socket
from threading import Event, Thread
from time import sleep
from typing import Any

from .front import Front
from .http_server import served
from .listener import url_of


def run(page: socket, s3: socket, arguments: list[str]) -> None:
    """Serve until Ctrl-C or SIGTERM, which raise KeyboardInterrupt. The page is served while other parts start."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    url = url_of(page)
    front = Front(url.removeprefix("http://"), url_of(s3), "key" if os.environ.get("STUDIO_API_KEY") else "none")
    with served(page, front.answer, front.refuse):
        if has_display(os.environ, sys.platform):
            Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        with _cloud(front, url, s3, arguments):
            Event().wait()


@contextmanager
def _cloud(front: Front, url: str, s3: socket, arguments: list[str]) -> Iterator[None]:
    """Start all parts behind the page; their modules are imported only here."""
    from .cloud import local_cloud
    from .event_source_mapping import EventSourceMapping
    from .function import Function
    from .gateway import Gateway
    from .photos import LOG, OUT, chosen

    photos = chosen(arguments)
    OUT.mkdir(exist_ok=True)
    LOG.write_bytes(b"")
    template = _template(url)
    with ExitStack() as stack:
        cloud = stack.enter_context(local_cloud(listener=s3, template=template))
        print(f"S3 and SQS listen at {cloud.endpoint}; to hang a photo: curl -T cat.jpg {cloud.endpoint}/photos/")
        function = Function(_workers(), cloud.environment, LOG, _tell_cold_start)
        stack.callback(function.end)
        front.open(Gateway(function, os.environ.get("STUDIO_API_KEY"), nullcontext(), template=template), cloud)
        mapping = EventSourceMapping(cloud.sqs, cloud.uploads_url, function)
        for _ in range(_workers()):
            Thread(target=_poll, args=(mapping,), daemon=True).start()
        _hang(cloud, photos)
        yield


def _template(url: str) -> dict[str, Any]:
    """Return template.yaml with this studio's parameters: recent photos are listed, other origins are refused."""
    from .cloud import BUCKETS
    from .template import load, properties

    template = load()
    template["Parameters"]["ListPaintings"]["Default"] = "on"
    # Foreign web pages must not read the photos on this machine.
    template["Parameters"]["AllowedOrigin"]["Default"] = os.environ.get("ALLOWED_ORIGIN") or url
    for bucket in BUCKETS:
        for rule in properties(template, bucket)["CorsConfiguration"]["CorsRules"]:
            rule["AllowedOrigins"][1:] = [url]  # instead of the host of the API
    return template


def _poll(mapping: Any) -> None:
    while True:
        if mapping.poll(wait_seconds=1).failed:
            print("the function failed, and its log says why; on AWS the photo would be tried again", file=sys.stderr)


def _tell_cold_start(seconds: float) -> None:
    print(f"cold start of the function: {seconds:.2f} s", flush=True)


def _hang(cloud: Any, photos: list[Path]) -> None:
    """Put the first photos, wait for their paintings, and print a line for each."""
    from .photos import LOG, fetch, tell, upload

    upload(cloud, photos)
    while cloud.waiting(cloud.uploads_url):
        sleep(0.1)
    for photo in photos:
        tell(fetch(cloud, photo.name))
    print(f"\nlogs and metrics of the function: {LOG}", flush=True)


def _workers() -> int:
    """Return WORKERS, or the number of processors available to this process."""
    given = os.environ.get("WORKERS")
    if given:
        return max(1, int(given))
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Return whether a graphical browser can be opened; Python would otherwise start one in the terminal."""
    if environment.get("SSH_CONNECTION") or environment.get("CI"):
        return False
    return platform in ("darwin", "win32") or any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
