"""The page as it is served: every file of page/ under a name that changes when the page does.

Nothing but the standard library is imported: the page has to be there before anything else is.
`python -m stylize.assets FOLDER` writes the page for any web host, with no cloud behind it.
"""

import gzip
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "page"

HOME, SERVICE_WORKER = "index.html", "sw.js"
"""The two files that keep their names: browsers look for a new version of the page behind them."""

PREFIX = "page/"
"""Where assets are, as seen from the page."""

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"

_TEXTS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
}
_TYPES = _TEXTS | {
    ".wasm": "application/wasm",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/vnd.microsoft.icon",
}
_PACKED_ALREADY = (".jpg", ".png", ".webp")


@dataclass(frozen=True)
class Asset:
    """One file, as a response has it."""

    name: str
    content_type: str
    cache_control: str
    body: bytes

    @cached_property
    def etag(self) -> str:
        return _etag(self.body)

    @property
    def is_text(self) -> bool:
        return Path(self.name).suffix in _TEXTS


@cache
def read_page(folder: Path, prefix: str = PREFIX) -> dict[str, Asset]:
    """Read the page: assets by the names that they are served under, the page itself under HOME.

    Files name each other in quotes or parentheses, as siblings: "./painter.js". These names are replaced. One digest
    of all files stands in every name, so that files may name each other in circles, and the service worker, which
    lists them, differs whenever the page does.
    """
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
    digest = sha256()
    for name, body in files.items():
        digest.update(f"{name} {len(body)} ".encode() + body)
    version = digest.hexdigest()[:10]
    renamed = {name: _versioned(name, version) for name in files if name not in (HOME, SERVICE_WORKER)}
    page = {}
    for name, body in files.items():
        path = Path(name)
        if path.suffix in _TEXTS:
            text = _with_names(body.decode("utf-8"), renamed, prefix if name == HOME else "")
            if path.suffix == ".webmanifest" and prefix:
                text = text.replace('"./"', '"../"')  # the page, which the manifest starts, is not beside it
            body = text.encode()
        caching = IMMUTABLE if name in renamed else REVALIDATED
        served = renamed.get(name, name)
        page[served] = Asset(served, _TYPES[path.suffix], caching, body)
    return page


def _versioned(name: str, version: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{version}.{suffix}"


def _with_names(text: str, renamed: Mapping[str, str], prefix: str) -> str:
    names = "|".join(map(re.escape, sorted(renamed, key=len, reverse=True)))
    if not names:
        return text
    return re.sub(
        rf"""(["'(])(\./)?({names})(?=["')])""",
        lambda found: f"{found[1]}{found[2] or ''}{prefix}{renamed[found[3]]}",
        text,
    )


@dataclass(frozen=True)
class Site:
    """What differs between the places that the page is served from."""

    s3_origins: tuple[str, ...]  # photos go there, paintings come from there
    told: Mapping[str, str]  # to the page: contents of its <meta> elements by their names


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def respond(asset: Asset, site: Site, headers: Mapping[str, str], may_gzip: bool = True) -> Response:
    """Answer a request for an asset. `headers` are those of the request, names in lower case."""
    body, etag = asset.body, asset.etag
    if asset.name == HOME:
        body = _telling(body.decode("utf-8"), site.told).encode()
        etag = _etag(body)
    given = {
        "Content-Type": asset.content_type,
        "Cache-Control": asset.cache_control,
        "ETag": etag,
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": content_security_policy(site.s3_origins),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if asset.name == SERVICE_WORKER:  # lies beside the assets, and is for the page above them
        given["Service-Worker-Allowed"] = "../"
    if etag in headers.get("if-none-match", ""):
        return Response(304, given, b"")
    if may_gzip and "gzip" in headers.get("accept-encoding", "") and not asset.name.endswith(_PACKED_ALREADY):
        return Response(200, given | {"Content-Encoding": "gzip"}, _gzipped(body))
    return Response(200, given, body)


def content_security_policy(s3_origins: Iterable[str]) -> str:
    """The policy of the page and of its workers: its own code, its own cloud, nothing else."""
    s3 = "".join(f" {origin}" for origin in sorted(s3_origins))
    rules = {
        "default-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "worker-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob:{s3}",
        "connect-src": f"'self'{s3}",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _telling(html: str, told: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        return f'<meta name="{found[1]}" content="{escape(told.get(found[1], found[2]))}">'

    return re.sub(r'<meta name="(atelier-[\w-]+)" content="([^"]*)">', fill, html)


def _etag(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'


@lru_cache(64)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def export(out: Path) -> None:
    """Write the page so that it works from any web host: all files beside each other."""
    out.mkdir(parents=True, exist_ok=True)
    for asset in read_page(FOLDER, prefix="").values():
        (out / asset.name).write_bytes(asset.body)


if __name__ == "__main__":
    export(Path(sys.argv[1]))
