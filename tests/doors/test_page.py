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
from stylize.page import HERE, MEDIA_TYPES
from tests.support.api import error_of


def names_in(text: str) -> set[str]:
    """The files that a file of the page names."""
    return set(re.findall(r'"\./((?:page/)?[\w-][\w.-]*\.\w+)"', text))


def asset(home: requests.Response, stem: str) -> str:
    """The path of the asset that was called `stem` before names were hashed."""
    return next(f"/{name}" for name in names_in(home.text) if Path(name).name.split(".")[0] == stem)


def test_every_name_leads_to_a_file(api):
    """Every asset that the page or another asset refers to exists under that name."""
    home = api("GET", "/")
    assert (home.status_code, home.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    found, paths = {}, [urljoin("/", name) for name in names_in(home.text)]
    while paths:
        path = paths.pop()
        if path not in found:
            found[path] = api("GET", path, headers={"Accept": "application/wasm" if ".wasm" in path else "image/*"})
            assert found[path].status_code == 200, path
            is_text = path.endswith((".js", ".css", ".webmanifest"))
            paths += [urljoin(path, name) for name in names_in(found[path].text)] if is_text else []
    served = {Path(path).name.split(".")[0] for path in found} | {"index"}
    assert served == {path.stem for path in HERE.iterdir() if path.suffix in MEDIA_TYPES}
    kernels = next(answer for path, answer in found.items() if ".wasm" in path)
    assert kernels.content == (HERE / "kernels.wasm").read_bytes()
    assert kernels.headers["Content-Type"] == "application/wasm"


def test_caching(api):
    """Assets are cached for good; the page and its service worker are revalidated each time."""
    home = api("GET", "/")
    assert api("GET", asset(home, "app")).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/page/sw.js"):
        answer = api("GET", path)
        assert answer.headers["Cache-Control"] == "no-cache"
        again = api("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert api("GET", path, headers={"If-None-Match": '"another"'}).status_code == 200
    assert api("GET", "/page/sw.js").headers["Service-Worker-Allowed"] == "../"


def test_the_policy_names_the_buckets_and_nothing_else(api, deployment):
    """The policy allows scripts, workers and styles of the page, and requests to its host and the stack's S3."""
    home = api("GET", "/")
    script = api("GET", asset(home, "app"))
    s3 = "{0.scheme}://{0.netloc}".format(urlsplit(deployment.cloud.endpoint))
    for answer in (home, script):
        policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert (policy["connect-src"], policy["img-src"]) == (f"'self' {s3}", "'self' blob:")
        assert (answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]) == (
            "nosniff",
            "no-referrer",
        )


def test_the_page_is_told_where_it_is(api):
    """The page knows that the API is on its own host and needs a key."""
    html = api("GET", "/").text
    assert '<meta name="atelier-api" content="./">' in html
    assert '<meta name="atelier-api-auth" content="key">' in html


def test_no_key_is_asked_for(shared_deployment):
    """The page and its assets need no key; every other route does."""
    with local_gateway(Gateway(shared_deployment.handler, "the-key")) as url:
        home = requests.get(url, timeout=9)
        assert home.status_code == 200
        assert requests.get(url + asset(home, "app"), timeout=9).status_code == 200
        assert requests.get(f"{url}/health", timeout=9).status_code == 403


@pytest.mark.parametrize("path", ["/page/__init__.py", "/page/app.js", "/page/..%2Fhandler.py", "/page/"])
def test_nothing_else_is_served(api, path):
    """No other file is served, and no asset under a name that does not match its content."""
    answer = api("GET", path)
    assert (answer.status_code, error_of(answer)[0]) == (404, "not_found")


def event(path: str, stage: str, **headers: str) -> dict:
    context = {"stage": stage, "http": {"method": "GET", "path": path, "sourceIp": "203.0.113.7"}, "requestId": "r"}
    return {"version": "2.0", "routeKey": "$default", "rawPath": path, "headers": headers, "requestContext": context}


@pytest.mark.parametrize(("path", "stage"), [("/", "$default"), ("/v1/", "v1")])
def test_senders_that_do_not_compress(deployment, path, stage):
    """For HTTP APIs and function URLs, the function compresses answers if the client accepts it."""
    plain = deployment.handler(event(path, stage), Context())
    packed = deployment.handler(event(path, stage, **{"accept-encoding": "gzip, br"}), Context())
    assert "Content-Encoding" not in plain["headers"]
    assert packed["headers"]["Content-Encoding"] == "gzip"
    assert gzip.decompress(b64decode(packed["body"])).decode() == plain["body"]
    assert "Atelier" in plain["body"]


def test_a_stage_without_a_slash(deployment):
    """A stage without a trailing slash redirects to the one with it, so that links to assets resolve."""
    answer = deployment.handler(event("/v1", "v1"), Context())
    assert (answer["statusCode"], answer["headers"]["Location"]) == (308, "v1/")
