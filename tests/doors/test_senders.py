"""The API behind every kind of gateway gives the same answers."""

import pytest

from local.gateway import Gateway, local_gateway
from tests.support.api import error_of
from tests.support.pictures import SMALL
from tests.support.requests import SENDERS, alb, ask, function_url, http_api_2, rest_api

KEYS = [
    *("cat.jpg", "a b.jpg", "a+b.jpg", "100%.jpg", "50%25 off.jpg", "%2541.jpg", "猫/🐈.jpg", "a//b.jpg", "/first.jpg"),
    *("paintings/cat.jpg", "uploads", "health", "trip/2026/", "&?#;=.jpg", "..%2f..jpg"),
]


@pytest.fixture
def painted(deployment):
    """A function to which every key of a photo is known."""

    def upload(key):
        deployment.upload(key, SMALL, recipe="styles=sketch&long-side=32")
        deployment.deliver()

    return upload


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_every_key_is_found(deployment, painted, sender, key):
    """A key is decoded exactly once, for every sender."""
    painted(key)
    status, content, _ = ask(deployment, sender("GET", f"/paintings/{key}"))
    assert (status, content["photo"]["key"]) == (200, key)


@pytest.mark.parametrize(
    "event",
    [
        rest_api("GET", "/paintings/a b.jpg", base="/art"),
        rest_api("GET", "/paintings/a b.jpg", base="/paintings"),
        rest_api("GET", "/paintings/a b.jpg") | {"pathParameters": {"key": "a b.jpg"}},
        rest_api("GET", "/paintings/a b.jpg")
        | {"resource": "/{proxy+}", "pathParameters": {"proxy": "paintings/a%20b.jpg"}},
        http_api_2("GET", "/paintings/a b.jpg", stage="beta"),
        http_api_2("GET", "/paintings/a b.jpg", stage="beta", matched=False),
        http_api_2("GET", "/paintings/a b.jpg") | {"rawPath": "/art/v1/paintings/a b.jpg"},
        function_url("GET", "/art/paintings/a b.jpg"),
        alb("GET", "/art/paintings/a b.jpg"),
        alb("HEAD", "/paintings/a b.jpg"),
    ],
)
def test_a_base_path_or_a_stage_changes_nothing(deployment, painted, event):
    """The gateway's matched route decides, or else the path below the base path."""
    painted("a b.jpg")
    status, content, _ = ask(deployment, event)
    assert status == 200
    assert content is None or content["photo"]["key"] == "a b.jpg"


@pytest.mark.parametrize("key", ["50%25 off.jpg", "%2541.jpg", "a%20b.jpg"])
def test_a_parameter_may_be_decoded_already(deployment, painted, key):
    """A key is decoded exactly once, whether or not the gateway has decoded the path parameter."""
    painted(key)
    for event in (rest_api("GET", f"/paintings/{key}", base="/art"), http_api_2("GET", f"/paintings/{key}")):
        _, content, _ = ask(deployment, event | {"pathParameters": {"key": key}})
        assert content["photo"]["key"] == key


def test_the_gateway_of_a_custom_domain(deployment, painted):
    """A custom domain works end to end with a base path that is also the name of a route."""
    import requests

    painted("a b.jpg")
    with local_gateway(Gateway(deployment.handler, base_path="/paintings")) as url:
        found = requests.get(f"{url}/paintings/paintings/a%20b.jpg", timeout=9)
        assert (found.status_code, found.json()["photo"]["key"]) == (200, "a b.jpg")
        assert error_of(requests.get(f"{url}/health", timeout=9))[0] == "not_found"


@pytest.mark.parametrize("sender", SENDERS)
def test_a_photo_is_painted_for_everybody(deployment, sender):
    """For every sender the body arrives whole, and repeated styles are painted together."""
    query = [("styles", "oil"), ("styles", "sketch"), ("long-side", "32")]
    if sender is alb:  # of a repeated name a target group sends the last value, unless it is told otherwise
        query[:2] = [("styles", "oil+sketch")]
    status, content, _ = ask(deployment, sender("POST", "/paintings", SMALL, query))
    assert status == 200
    assert [painting["style"] for painting in content["paintings"]] == ["sketch", "oil"]


@pytest.mark.parametrize("sender", [sender for sender in SENDERS if sender is not alb])
@pytest.mark.parametrize("name", ["quality", "format", "long-side"])
def test_a_field_that_comes_twice_is_refused(deployment, sender, name):
    """A repeated field is refused instead of one value being chosen."""
    status, content, _ = ask(deployment, sender("POST", "/paintings", SMALL, [(name, "64"), (name, "65")]))
    assert (status, content["error"]["code"]) == (400, "bad_recipe")
    assert content["error"]["message"] == f"{name}: expected one value, got 2"


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(("method", "path"), [("GET", "/nope"), ("DELETE", "/paintings/a.jpg"), ("PATCH", "/uploads")])
def test_what_is_no_route(deployment, sender, method, path):
    """An unknown route is 404 in the common shape of errors."""
    status, content, _ = ask(deployment, sender(method, path))
    assert (status, content["error"]["code"]) == (404, "not_found")
    assert content.keys() == {"error", "request_id"}


def test_half_a_character_is_no_key(deployment):
    """JSON can hold one, UTF-8 can't: nothing lies under it."""
    status, content, _ = ask(deployment, http_api_2("GET", "/paintings/a.jpg") | {"pathParameters": {"key": "\ud83d"}})
    assert (status, content["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("sender", SENDERS)
def test_a_query_of_hundreds_of_fields_is_refused(deployment, sender):
    """As any field is that no recipe has; whoever sends it gets an answer."""
    status, content, _ = ask(deployment, sender("POST", "/paintings", SMALL, [(f"f{i}", "1") for i in range(300)]))
    assert (status, content["error"]["code"]) == (400, "bad_recipe")


@pytest.mark.parametrize("sender", SENDERS)
def test_a_preflight_is_answered(deployment, sender):
    """The function answers preflights where no gateway does."""
    status, _, headers = ask(deployment, sender("OPTIONS", "/paintings/cat.jpg"))
    assert status == 204
    assert {"Content-Type", "Prefer", "X-Api-Key"} <= set(headers["Access-Control-Allow-Headers"].split(", "))
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_a_load_balancer_gets_headers_as_it_sends_them(deployment):
    """A load balancer gets single or multi-value headers as in its request, and a status description."""
    from tests.support.requests import alb_with_several

    for sender, expected in ((alb, "headers"), (alb_with_several, "multiValueHeaders")):
        answer = deployment.handler(sender("GET", "/health"), None or _context())
        assert {"headers", "multiValueHeaders"} & answer.keys() == {expected}
        assert answer["statusDescription"] == "200 OK"


@pytest.mark.parametrize(
    "damage",
    [
        {"headers": None, "multiValueHeaders": None},
        {"headers": ["odd"], "queryStringParameters": "odd"},
        {"body": {"no": "text"}},
        {"body": "%%%", "isBase64Encoded": True},
        {"pathParameters": None, "requestContext": {}},
        {"requestContext": None},
        {"path": None, "rawPath": None, "resource": None, "routeKey": None},
        {"multiValueQueryStringParameters": {"styles": None}},
        {"queryStringParameters": {"styles": None}},
    ],
    ids=str,
)
@pytest.mark.parametrize("sender", SENDERS)
def test_an_odd_event_is_answered_in_words(deployment, sender, damage):
    """A request with missing or mistyped fields gets a status and a message without Python terms."""
    status, content, _ = ask(deployment, sender("POST", "/paintings", b"no photo") | damage)
    assert 400 <= status < 500
    told = content["error"]["message"]
    assert told.startswith(("body", "expected", "styles", "query"))
    assert not any(word in told for word in ("Error", "NoneType", "dict", "object has no", "'str'", "Traceback"))


def _context():
    from local.event_source_mapping import Context

    return Context()
