"""The studio page as it is served: its files without comments, under names that change with their content.

    python -m stylize.page FOLDER [--api URL] [--auth none|key] [--bucket NAME] [--s3 URL]

writes the page into a folder for any web host. The files beside this module run as they are; only kernels.wasm must be
built.

Files refer to each other in one way only, `"./name"`, so that `load` finds and rewrites every reference. `"./"` alone
is the page itself.
"""

import argparse
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".wasm": "application/wasm",
}
TEXTS = {".html", ".js", ".css", ".json", ".webmanifest", ".svg"}

INDEX = "index.html"
SERVICE_WORKER = "sw.js"
"""The service worker keeps its name, because browsers look for updates at the old address. It must be served with
`no-cache` and, since its folder is below the page, with the header `Service-Worker-Allowed` for the page's folder."""

ASSETS_FOLDER = "page/"
"""Folder of the files with hashed names, relative to the page."""

REFERENCE = re.compile(r'"\./([\w.-]+)"')


@dataclass(frozen=True)
class Cloud:
    """The page's cloud. Without an address, the page paints in the browser only."""

    api: str = ""  # address of the API, absolute or relative to the page: "./" where it serves the page
    auth: str = "none"  # "key": the page asks the visitor for an API key
    photos_bucket: str = ""  # shown in the command for the AWS CLI
    photos: str = ""  # address of the bucket's photos, followed by a key; the page shows new ones
    s3: tuple[str, ...] = ()  # addresses for uploads and paintings, for the page's policy


@dataclass(frozen=True)
class Asset:
    """One file of the page."""

    content: bytes
    media_type: str
    is_immutable: bool  # the name changes with the content


def load(cloud: Cloud, *, hashed: bool) -> dict[str, Asset]:
    """Return the page's files by the names in requests; the page itself is `index.html`.

    With `hashed`, names contain a hash of the content and the index names them in ASSETS_FOLDER.
    Raises FileNotFoundError when kernels.wasm has not been built.
    """
    files = {path.name: path.read_bytes() for path in sorted(HERE.iterdir()) if path.suffix in MEDIA_TYPES}
    if "kernels.wasm" not in files:
        raise FileNotFoundError(f"expected kernels.wasm in {HERE}, found none; see engine/kernels/build.py")
    files = {name: lighter(name, content) for name, content in files.items()}
    files[INDEX] = _with_cloud(files[INDEX].decode(), cloud).encode()
    return dict(_named(files, hashed))


def lighter(name: str, content: bytes) -> bytes:
    """Remove comments and indentation. A comment beside code has a space before and after its slashes."""
    if not name.endswith((".js", ".css", ".html")):
        return content
    text = content.decode()
    if not name.endswith(".html"):
        text = re.sub(r"^\s*/\*.*?\*/\n", "", text, flags=re.M | re.S)
        text = re.sub(r"^\s*//.*\n", "", text, flags=re.M)
    if name.endswith(".js"):
        text = re.sub(r" +// .*", "", text)
    return re.sub(r"\s*\n\s*", "\n", text).lstrip().encode()


def _with_cloud(index: str, cloud: Cloud) -> str:
    said = {"api": cloud.api, "api-auth": cloud.auth, "photos-bucket": cloud.photos_bucket, "photos": cloud.photos}
    for name, value in said.items():
        empty = f'<meta name="atelier-{name}" content="'
        before, _, after = index.partition(empty)
        index = before + empty + escape(value) + after[after.index('"') :]
    return index


def _named(files: dict[str, bytes], hashed: bool) -> Iterator[tuple[str, Asset]]:
    """Name every file by a hash of its content, which includes the names of the files that it refers to."""
    named: dict[str, str] = {}
    contents = dict(files)

    def name_of(name: str) -> str:
        if not hashed or name in (INDEX, SERVICE_WORKER):
            return name
        if name not in named:
            contents[name] = rewritten(name)
            stem, _, ending = name.rpartition(".")
            named[name] = f"{stem}.{hashlib.sha256(contents[name]).hexdigest()[:10]}.{ending}"
        return named[name]

    def rewritten(name: str) -> bytes:
        if Path(name).suffix not in TEXTS:
            return files[name]
        folder = ASSETS_FOLDER if name == INDEX else ""
        text = REFERENCE.sub(lambda m: f'"./{folder}{name_of(m[1])}"' if m[1] in files else m[0], files[name].decode())
        if name.endswith(".webmanifest"):
            text = text.replace('"./"', '"../"')  # the page, relative to the folder of its files
        return text.encode()

    for name in files:
        served = name_of(name)
        if hashed and served == name:
            contents[name] = rewritten(name)
        yield served, Asset(contents[name], MEDIA_TYPES[Path(name).suffix], served != name)


def export(folder: Path, cloud: Cloud) -> None:
    """Write the page into `folder` for a plain web host, with its policy inside, because such a host sends none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, asset in load(cloud, hashed=False).items():
        content = asset.content
        if name == INDEX:
            meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(cloud.api, *cloud.s3)}">'
            content = content.replace(b'<meta charset="utf-8">', f'<meta charset="utf-8">\n{meta}'.encode())
        (folder / name).write_bytes(content)


def policy(*connect: str) -> str:
    """Return the page's Content-Security-Policy; `connect` are the hosts of its API and S3, if any.

    The response for the worker needs the policy as well, because the worker instantiates WebAssembly.
    """
    hosts = " ".join(("'self'", *(escape(host) for host in connect if "//" in host)))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"connect-src {hosts}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the studio page into a folder.", prog="python -m stylize.page")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--api", default="", help="address of the API; without it the page only paints locally")
    parser.add_argument("--auth", choices=("none", "key"), default="none", help="whether the API asks for a key")
    parser.add_argument("--bucket", default="", help="the photos bucket, for the command that the page shows")
    parser.add_argument(
        "--s3", nargs="*", default=[], metavar="ORIGIN", help="of each bucket: https://NAME.s3.REGION.amazonaws.com"
    )
    given = parser.parse_args(arguments)
    export(given.folder, Cloud(given.api, given.auth, given.bucket, s3=tuple(given.s3)))
    return 0
