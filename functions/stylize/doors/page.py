"""The studio page: `GET /` and `GET /page/{asset}`, the only routes that need no key."""

from urllib.parse import urlsplit

from ..errors import NotFound
from ..page import Cloud
from ..page.responses import INDEX, REVALIDATED, Site, respond
from ..settings import ApiAuth
from ..stores.presigned import Presigned
from ..stores.s3 import S3Store
from ..studio import Studio
from .http.answers import Answer
from .http.request import Request
from .http.routes import Route


def answer_page(request: Request, studio: Studio) -> Answer:
    """Return the page or an asset, without a body if the browser has it cached. Raises NotFound."""
    if request.route is Route.PAGE and not (seen := _path_seen(request)).endswith("/"):
        # Without the slash, the browser would resolve the page's links outside the stage.
        return Answer(308, headers={"Location": f"{seen.rpartition('/')[2]}/", "Cache-Control": REVALIDATED})
    headers = {name: ", ".join(values) for name, values in request.headers.items()}
    found = respond(request.key or INDEX, _site(studio), headers)
    if found is None:
        raise NotFound("expected the page or an asset that it names, got another name")
    return Answer(found.status, body=found.body, headers=found.headers)


def _path_seen(request: Request) -> str:
    """Return the path in the browser's address, with the stage."""
    return str(request.context.get("path") or request.path)


def _site(studio: Studio) -> Site:
    """Return the site of this API, with the S3 addresses that the API signs URLs for."""
    if not isinstance(studio.store, S3Store):
        raise TypeError(f"expected a studio over S3, got one over {type(studio.store).__name__}")
    presigned, settings = Presigned(studio.store.client, studio.settings), studio.settings
    urls = presigned.upload("photo", "image/jpeg", 1, {})["url"], presigned.download("painting", "image/jpeg")["url"]
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls}
    # The page can ask for a key, but has no user pool token and can't sign. Then it paints only in the browser.
    cloud = Cloud("./", "key", settings.photos_bucket) if settings.api_auth is ApiAuth.KEY else Cloud()
    return Site(cloud, tuple(sorted(origins)))
