"""Fixtures of most tests: a deployment, cold-started once and emptied before every test that uses it, and faults."""

import os
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from local.cloud import PAINTINGS, PHOTOS, local_cloud
from local.event_source_mapping import EventSourceMapping
from local.gateway import Gateway, local_gateway
from stylize.engine import BufferPool, ThreadPool
from stylize.stores.s3 import S3Store
from stylize.studio import Studio
from tests.support.browsers import program
from tests.support.deployment import Deployment, Faults, Stdout, answering, clean_logs

BROWSERS = {"browser", "browser_of_mozilla"}
"""Fixtures that start one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as slow whatever opens a browser."""
    for item in items:
        if BROWSERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def shared_deployment() -> Iterator[Deployment]:
    # A message that failed is visible again at once: the template's twelve minutes are pinned elsewhere.
    with local_cloud(visibility_seconds=0) as cloud, clean_logs():
        # Two threads wherever there are two processors, and a limit that a test can exceed cheaply.
        memory = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3538", "MAX_MEGAPIXELS": "50"}
        os.environ.update(cloud.environment | memory)
        function = import_module("stylize.handler")
        function.logger.handlers[0].setStream(Stdout())
        worker = EventSourceMapping(cloud.sqs, cloud.uploads_url, function.lambda_handler, batch_size=10)
        yield Deployment(cloud, function.studio, function.lambda_handler, worker)


@pytest.fixture
def deployment(shared_deployment: Deployment) -> Deployment:
    shared_deployment.empty()
    return shared_deployment


@pytest.fixture
def new_studio(deployment: Deployment) -> Callable[..., Studio]:
    """Makes studios, each with a client, threads and buffers of its own, as execution environments have them.

    A studio calls `before` before each of its requests to S3, with the name of the operation.
    """

    def make(before: Callable[[str], object] = lambda operation: None) -> Studio:
        def tell(event_name: str, **_: object) -> None:
            before(event_name.removeprefix("before-send.s3."))

        store = S3Store(PAINTINGS)
        store.client.meta.events.register("before-send.s3", tell)
        return Studio(store, deployment.studio.settings, ThreadPool(1), BufferPool())

    return make


@pytest.fixture(scope="session")
def api(shared_deployment: Deployment) -> Iterator[Callable[..., requests.Response]]:
    """Calls the API: `api("GET", "/health")`."""
    with local_gateway(Gateway(shared_deployment.handler)) as url:
        yield lambda method, path, **given: requests.request(method, url + path, timeout=60, **given)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; one for all, since Playwright can be started only once."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore tries again as often as ever, but without waiting in between."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.0)


@pytest.fixture
def unavailable(deployment: Deployment, impatient: None) -> Iterator[Faults]:
    """Makes S3 answer 503 Slow Down to one of the function's operations until the test ends, or calls the result."""
    yield from answering(deployment, 503, "SlowDown")


@pytest.fixture
def forbidden(deployment: Deployment) -> Iterator[Faults]:
    """Makes S3 answer 403 Access Denied to reading a photo, until the test ends."""
    yield from answering(deployment, 403, "AccessDenied", only_in=f"/{PHOTOS}/")
