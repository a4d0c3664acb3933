"""The first to answer at the studio's address: the page at once, the API as soon as it is there."""

from concurrent.futures import Future
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from stylize.page import Cloud as PageCloud
from stylize.page.responses import INDEX, Site, respond

from .http_body import BadBody
from .http_server import Answer, Request

if TYPE_CHECKING:
    from .cloud import Cloud
    from .gateway import Gateway


class Front:
    """Holds requests for the API, and for photos, until `open` has been called."""

    def __init__(self, host: str, s3_origin: str, auth: str) -> None:
        """`host` is the name and port that browsers know the studio by, `auth` what its page is told of keys."""
        self._hosts = {host, host.replace("127.0.0.1", "localhost")}
        self._site = Site(PageCloud("./", auth, "photos", photos="photos/"), (s3_origin,))
        self._rest: Future[tuple[Gateway, Cloud]] = Future()

    def open(self, gateway: "Gateway", cloud: "Cloud") -> None:
        self._rest.set_result((gateway, cloud))

    def answer(self, request: Request) -> Answer:
        # A web page elsewhere could have its own name resolve to this machine, and read what is here.
        if not self._hosts.intersection(request.headers.get("host", ())):
            return Answer(421, {"Content-Type": "text/plain"}, f"expected the host {min(self._hosts)}".encode())
        path = urlsplit(request.target).path
        if request.method in ("GET", "HEAD") and (path == "/" or path.startswith("/page/")):
            return self._asset(path.rpartition("/")[2] or INDEX, request)
        gateway, cloud = self._rest.result()
        if request.method == "GET" and path.startswith("/photos/"):
            return _photo(cloud, unquote(path.removeprefix("/photos/")))
        return gateway.answer(request)

    def refuse(self, method: str, fault: BadBody) -> Answer:
        return self._rest.result()[0].refuse(method, fault)

    def _asset(self, name: str, request: Request) -> Answer:
        headers = {name: values[-1] for name, values in request.headers.items()}
        found = respond(name, self._site, headers)
        if found is None:
            return Answer(404, {"Content-Type": "text/plain"}, b"expected the page or an asset that it names")
        return Answer(found.status, found.headers, found.body.encode() if isinstance(found.body, str) else found.body)


def _photo(cloud: "Cloud", key: str) -> Answer:
    """A photo as whoever put it: the page hangs it. The API has no such route, and S3 wants a signature."""
    try:
        found = cloud.s3.get_object(Bucket="photos", Key=key)
    except cloud.s3.exceptions.ClientError:
        return Answer(404, {"Content-Type": "text/plain"}, b"expected the key of a photo")
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Answer(200, headers, found["Body"].read())
