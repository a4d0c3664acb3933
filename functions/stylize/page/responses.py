"""Answers requests for the page, with headers for caching and the content security policy.

Imports only the standard library: `make run` uses it before other modules are imported.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from . import INDEX, SERVICE_WORKER, TEXTS, Asset, Cloud, load, policy

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
PACKED_ALREADY = (".jpg", ".png")


@dataclass(frozen=True)
class Site:
    """The host of the page and its cloud."""

    cloud: Cloud
    s3_origins: tuple[str, ...]  # hosts of uploads and paintings


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str | bytes  # text if the file is text and sent uncompressed


def respond(name: str, site: Site, headers: Mapping[str, str]) -> Response | None:
    """Answer a request for a file of the page, or return None if there is no such file.

    `name` is INDEX or the name of an asset; `headers` are the request's, with lowercase names.
    """
    asset = _files(site.cloud).get(name)
    if asset is None:
        return None
    given = _headers(name, asset, site)
    if given["ETag"] in headers.get("if-none-match", ""):
        return Response(304, given, "")
    if "gzip" in headers.get("accept-encoding", "") and not name.endswith(PACKED_ALREADY):
        return Response(200, given | {"Content-Encoding": "gzip"}, _gzipped(asset.content))
    is_text = Path(name).suffix in TEXTS
    return Response(200, given, asset.content.decode("utf-8") if is_text else asset.content)


def _headers(name: str, asset: Asset, site: Site) -> dict[str, str]:
    headers = {
        "Content-Type": asset.media_type,
        "Cache-Control": IMMUTABLE if asset.is_immutable else REVALIDATED,
        "ETag": f'"{sha256(asset.content).hexdigest()[:32]}"',
        "Vary": "Accept-Encoding",
        # The last of these has no <meta> form for the exported page.
        "Content-Security-Policy": f"{policy(*site.s3_origins)}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if name == SERVICE_WORKER:
        headers["Service-Worker-Allowed"] = "../"  # the page is above its assets
    return headers


@lru_cache(4)
def _files(cloud: Cloud) -> dict[str, Asset]:
    return load(cloud, hashed=True)


@lru_cache(64)
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


__all__ = ["IMMUTABLE", "INDEX", "REVALIDATED", "Response", "Site", "respond"]
