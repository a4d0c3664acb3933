"""The front of the studio: it answers for the page at once, and for the API as soon as it is ready."""

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
    """Holds requests for the API and for photos until `open` is called."""

    def __init__(self, host: str, s3_origin: str, auth: str) -> None:
        """Create the front. `host` is the studio's name and port in browsers, `auth` the page's setting for keys."""
        self._hosts = {host, host.replace("127.0.0.1", "localhost")}
        self._site = Site(PageCloud("./", auth, "photos", photos="photos/"), (s3_origin,))
        self._rest: Future[tuple[Gateway, Cloud]] = Future()

    def open(self, gateway: "Gateway", cloud: "Cloud") -> None:
        self._rest.set_result((gateway, cloud))

    def answer(self, request: Request) -> Answer:
        # A foreign web page could resolve its own name to this machine (DNS rebinding) and read photos.
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
    """Return a stored photo for the page, because the API has no such route and S3 requires a signature."""
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
