"""The first to answer at the studio's address: the page at once, the API as soon as it is there."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import urlsplit

from stylize import assets

from .http_server import Answer, Request


class Front:
    """Holds requests for the API until `open_api` has been called."""

    def __init__(self, host: str, s3_origin: str, page: Path = assets.FOLDER) -> None:
        """`host` is the name and port that browsers know the studio by."""
        self._hosts = {host, host.replace("127.0.0.1", "localhost")}
        told = {"atelier-api": ".", "atelier-api-auth": "none", "atelier-photos-bucket": "photos"}
        self._site = assets.Site((s3_origin,), told)
        self._page = page
        self._api: Future[Callable[[Request], Answer]] = Future()

    def open_api(self, answer: Callable[[Request], Answer]) -> None:
        self._api.set_result(answer)

    def answer(self, request: Request) -> Answer:
        # A web page elsewhere could have its own name resolve to this machine, and read what is here.
        if not self._hosts.intersection(request.headers.get("host", ())):
            return Answer(421, {"Content-Type": "text/plain"}, f"expected the host {min(self._hosts)}".encode())
        path = urlsplit(request.target).path
        if request.method in ("GET", "HEAD") and (path == "/" or path.startswith("/page/")):
            return self._asset(path.rpartition("/")[2] or assets.HOME, request)
        return self._api.result()(request)

    def _asset(self, name: str, request: Request) -> Answer:
        page = assets.read_page(self._page)
        if name not in page:
            return Answer(404, {"Content-Type": "text/plain"}, b"expected the page or an asset that it names")
        headers = {name: values[-1] for name, values in request.headers.items()}
        return Answer(*assets.respond(page[name], self._site, headers, may_gzip=False))
