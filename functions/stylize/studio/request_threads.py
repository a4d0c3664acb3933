"""The threads that wait for the store's answers, for all photos of a studio. They do not paint."""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from math import inf
from time import monotonic
from typing import Any

from ..stores.base import REQUESTS


class RequestThreads:
    """Performs requests on threads, and waits for their results until a deadline."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(REQUESTS, "request")

    def submit(self, call: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        """Schedule a request; it begins when a thread is free."""
        return self._pool.submit(call, *arguments)

    def wait(self, futures: Collection["Future[Any]"], deadline: float) -> "set[Future[Any]]":
        """Return those of `futures` that are done: at least one, unless `deadline` (of `monotonic`) passes first."""
        left = deadline - monotonic()
        return wait(futures, None if left == inf else max(0.0, left), FIRST_COMPLETED).done

    def close(self) -> None:
        """End the threads without waiting for requests in flight."""
        self._pool.shutdown(wait=False, cancel_futures=True)
