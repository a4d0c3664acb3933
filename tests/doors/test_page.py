"""The page as the function serves it: names, caching, policy, bytes."""

import gzip
import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from local.event_source_mapping import Context
from local.gateway import Gateway, local_gateway
from stylize import assets
from tests.support.api import error_of

HTML = """<!doctype html><meta name="atelier-api" content=""><meta name="atelier-api-auth" content="none">
<link rel="stylesheet" href="./style.css"><script type="module" src="./app.js"></script><img src="photo.jpg">"""
APP = 'import { paint } from "./painter.js"; navigator.serviceWorker.register(new URL("./sw.js", import.meta.url));\n'
PAGE = {
    "index.html": HTML.encode(),
    "style.css": b"body { background: url(photo.jpg) }",
    "app.js": APP.encode() * 50,
    "painter.js": b'import "./app.js"; fetch(new URL("kernels.wasm", import.meta.url)); "an app.js.map"',
    "sw.js": b'const names = ["./app.js", "./painter.js", "./kernels.wasm"];',
    "kernels.wasm": b"\0asm\1\0\0\0" + bytes(range(256)),
    "photo.jpg": b"\xff\xd8\xff\xe0 and so on",
    "notes.md": b"not for visitors",
}


@pytest.fixture
def page(tmp_path, monkeypatch) -> Path:
    """A small page in place of the page, of which one file names another in a circle."""
    for name, content in PAGE.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    return tmp_path


def names_in(text: str) -> set[str]:
    return set(re.findall(r"""["'(](?:\./)?([\w./-]+\.(?:js|css|wasm|jpg))["')]""", text))


def test_every_name_leads_to_a_file(page, api):
    """From the page to its assets and on to theirs: each is there under the name that is written in the other."""
    home = api("GET", "/")
    assert (home.status_code, home.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    found, names = {}, [urljoin("/", name) for name in names_in(home.text)]
    while names:
        path = names.pop()
        if path not in found:
            found[path] = api("GET", path, headers={"Accept": "application/wasm" if ".wasm" in path else "image/*"})
            assert found[path].status_code == 200, path
            is_text = path.endswith((".js", ".css"))
            names += [urljoin(path, name) for name in names_in(found[path].text)] if is_text else []
    assert {Path(path).name.split(".")[0] for path in found} == {"style", "app", "photo", "painter", "sw", "kernels"}
    by_stem = {Path(path).name.split(".")[0]: answer for path, answer in found.items()}
    assert by_stem["kernels"].content == PAGE["kernels.wasm"]
    assert by_stem["photo"].content == PAGE["photo.jpg"]
    assert by_stem["kernels"].headers["Content-Type"] == "application/wasm"
    assert '"an app.js.map"' in by_stem["painter"].text


def test_names_change_with_the_page(page):
    """Whatever is changed in it: an asset can be kept for a year, and a page of today never gets one of yesterday."""
    before = assets.read_page(page)
    (page / "style.css").write_bytes(b"body {}")
    assets.read_page.cache_clear()
    after = assets.read_page(page)
    assert before.keys() & after.keys() == {assets.HOME, assets.SERVICE_WORKER}
    assert before[assets.SERVICE_WORKER].body != after[assets.SERVICE_WORKER].body


def test_caching(page, api):
    """Assets for good; the page and its service worker are asked for each time, and answered in a word."""
    home = api("GET", "/")
    asset = next(name for name in names_in(home.text) if "app" in name)
    assert api("GET", f"/{asset}").headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/page/sw.js"):
        answer = api("GET", path)
        assert answer.headers["Cache-Control"] == "no-cache"
        again = api("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert api("GET", path, headers={"If-None-Match": '"another"'}).status_code == 200
    assert api("GET", "/page/sw.js").headers["Service-Worker-Allowed"] == "../"


def test_the_policy_names_the_buckets_and_nothing_else(page, api, deployment):
    """Scripts, workers and styles of its own, pictures and requests of its own and of the stack's S3."""
    home = api("GET", "/")
    script = api("GET", "/" + next(name for name in names_in(home.text) if "app" in name))
    s3 = "{0.scheme}://{0.netloc}".format(urlsplit(deployment.cloud.endpoint))
    for answer in (home, script):
        policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert (policy["connect-src"], policy["img-src"]) == (f"'self' {s3}", f"'self' blob: {s3}")
        assert (answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]) == (
            "nosniff",
            "no-referrer",
        )


def test_the_page_is_told_where_it_is(page, api):
    """That the API is beside it, and asks for a key."""
    html = api("GET", "/").text
    assert '<meta name="atelier-api" content=".">' in html
    assert '<meta name="atelier-api-auth" content="key">' in html


def test_no_key_is_asked_for(page, shared_deployment):
    """For the page and its assets, which need it to ask for one; for everything else it is."""
    with local_gateway(Gateway(shared_deployment.handler, "the-key")) as url:
        home = requests.get(url, timeout=9)
        assert home.status_code == 200
        assert all(requests.get(f"{url}/{name}", timeout=9).status_code == 200 for name in names_in(home.text))
        assert requests.get(f"{url}/health", timeout=9).status_code == 403


@pytest.mark.parametrize("path", ["/page/index.html.bak", "/page/notes.md", "/page/app.js", "/page/..%2Fhandler.py"])
def test_nothing_else_is_served(page, api, path):
    """No file that is not the page's, and no asset under a name that would be kept for good and means another one."""
    answer = api("GET", path)
    assert (answer.status_code, error_of(answer)[0]) == (404, "not_found")


def event(path: str, stage: str, **headers: str) -> dict:
    context = {"stage": stage, "http": {"method": "GET", "path": path, "sourceIp": "203.0.113.7"}, "requestId": "r"}
    return {"version": "2.0", "routeKey": "$default", "rawPath": path, "headers": headers, "requestContext": context}


@pytest.mark.parametrize(("path", "stage"), [("/", "$default"), ("/v1/", "v1")])
def test_senders_that_do_not_compress(page, deployment, path, stage):
    """What comes by an HTTP API or a function URL is compressed here, for whoever takes it."""
    plain = deployment.handler(event(path, stage), Context())
    packed = deployment.handler(event(path, stage, **{"accept-encoding": "gzip, br"}), Context())
    assert "Content-Encoding" not in plain["headers"]
    assert packed["headers"]["Content-Encoding"] == "gzip"
    assert gzip.decompress(b64decode(packed["body"])).decode() == plain["body"]
    assert "style" in plain["body"]


def test_a_stage_without_a_slash(page, deployment):
    """Leads to the one with it: from `/v1`, an asset at `page/app.js` would be looked for at `/page/app.js`."""
    answer = deployment.handler(event("/v1", "v1"), Context())
    assert (answer["statusCode"], answer["headers"]["Location"]) == (308, "v1/")


def test_the_exported_page_needs_no_cloud(page, tmp_path):
    """All files beside each other, names and all, and no API named: any web host will do."""
    out = tmp_path / "out"
    assets.export(out)
    html = (out / "index.html").read_text("utf-8")
    assert '<meta name="atelier-api" content="">' in html
    assert names_in(html) <= {path.name for path in out.iterdir()}
    assert len(list(out.iterdir())) == len(PAGE) - 1
