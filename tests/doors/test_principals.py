"""With IAM and Cognito every principal has a prefix of their own, and no access to others."""

import pytest
import requests

from local.event_source_mapping import Context
from local.gateway import Gateway, local_gateway
from stylize.doors import enter
from stylize.settings import ApiAuth
from tests.support.api import error_of
from tests.support.deployment import configured
from tests.support.pictures import SMALL
from tests.support.requests import ask, function_url, http_api_2, rest_api

ANNA, BEN = "0d9ae0b2-3a1c-4e2e-9d5c-2f0e5c7a1b11", "7f3c1c58-77b5-4a0b-8c8e-0a5e3a7d9c22"


def cognito(sub):
    """What API Gateway tells of a token that it has checked."""
    return {"authorizer": {"claims": {"sub": sub, "iss": "https://cognito-idp.eu-central-1.amazonaws.com/pool"}}}


def iam(caller, pooled=None):
    return {"identity": {"caller": caller, "userArn": "arn:aws:iam::1:user/x", "cognitoIdentityId": pooled}}


@pytest.fixture
def serve(deployment):
    """Serves the API to one caller: `with serve(auth, context) as call`."""
    from contextlib import contextmanager

    @contextmanager
    def serving(auth, context, **settings):
        studio = configured(deployment.studio, api_auth=auth, list_paintings=True, **settings)
        gateway = Gateway(lambda event, _: enter(event, studio.within(60)), caller=context)
        with local_gateway(gateway) as url:
            yield lambda method, path, **given: requests.request(method, url + path, timeout=60, **given)

    return serving


@pytest.mark.parametrize(
    ("auth", "anna", "ben", "prefix"),
    [
        (ApiAuth.COGNITO, cognito(ANNA), cognito(BEN), f"cognito-{ANNA}/"),
        (ApiAuth.IAM, iam("AIDAANNA"), iam("AIDABEN"), "iam-AIDAANNA/"),
        (ApiAuth.IAM, iam("AROAROLE:anna"), iam("AROAOTHER:anna"), "iam-AROAROLE/"),
        (
            ApiAuth.IAM,
            iam("AROAPOOL:CognitoIdentityCredentials", f"eu-central-1:{ANNA}"),
            iam("AROAPOOL:CognitoIdentityCredentials", f"eu-central-1:{BEN}"),
            f"iam-eu-central-1-{ANNA}/",
        ),
    ],
    ids=["cognito", "users", "roles", "identity pool"],
)
def test_nobody_gets_across(deployment, serve, auth, anna, ben, prefix):
    """A principal's photos are stored under their prefix, and no other principal can find or list them."""
    with serve(auth, anna) as call:
        painted = call("POST", "/paintings?styles=sketch", data=SMALL).json()["photo"]["key"]
        later = call("POST", "/paintings", data=SMALL, headers={"Prefer": "respond-async"}).json()["photo"]["key"]
        signed = call("POST", "/uploads", json={"filename": "a.png", "bytes": len(SMALL)}).json()
        assert all(key.startswith(prefix) for key in (painted, later, signed["key"]))
        assert call("GET", f"/paintings/{painted}").status_code == 200
        assert [p["photo"]["key"] for p in call("GET", "/paintings").json()["photos"]] == [painted]
    with serve(auth, ben) as call:
        assert call("GET", "/paintings").json() == {"photos": [], "complete": True}
        for path in (painted, later, f"{prefix}../{painted}", f"./{painted}", f"%2e%2e/{painted}", prefix):
            answer = call("GET", f"/paintings/{path}")
            assert (answer.status_code, error_of(answer)[0]) == (404, "not_found")
        unknown = error_of(call("GET", "/paintings/nothing.jpg"))
        assert error_of(call("GET", f"/paintings/{painted}")) == unknown  # not even whether there is such a photo


def test_a_prefix_can_not_be_chosen(deployment, serve):
    """Headers, file names, queries and other claims do not change the prefix."""
    claims = cognito(BEN)
    claims["authorizer"]["claims"] |= {"cognito:username": ANNA, "username": ANNA}
    with serve(ApiAuth.COGNITO, claims) as call:
        headers = {"X-Amzn-Oidc-Identity": ANNA, "Authorization": ANNA}
        signed = call("POST", "/uploads", json={"filename": f"cognito-{ANNA}/a.png", "bytes": 1}, headers=headers)
        assert signed.json()["key"].startswith(f"cognito-{BEN}/")
        assert call("GET", f"/paintings?prefix=cognito-{ANNA}/").status_code == 400


@pytest.mark.parametrize(
    ("auth", "context"),
    [
        (ApiAuth.COGNITO, {}),
        (ApiAuth.COGNITO, iam("AIDAANNA")),
        (ApiAuth.COGNITO, {"authorizer": {"claims": {"sub": ""}}}),
        (ApiAuth.COGNITO, {"authorizer": None}),
        (ApiAuth.IAM, {}),
        (ApiAuth.IAM, cognito(ANNA)),
        (ApiAuth.IAM, {"identity": {"caller": None, "sourceIp": "203.0.113.7"}}),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/paintings"), ("GET", "/paintings/a.jpg"), ("GET", "/paintings"), ("POST", "/uploads")],
)
def test_nobody_in_particular_gets_nothing(deployment, auth, context, method, path):
    """A request without a verified identity, or with one of the other kind, is refused."""
    studio = configured(deployment.studio, api_auth=auth, list_paintings=True)
    body = b'{"filename": "a.png", "bytes": 1}' if path == "/uploads" else SMALL if method == "POST" else b""
    status, content, _ = ask(deployment, rest_api(method, path, body, **context), studio)
    assert (status, content["error"]["code"]) == (403, "not_authorized")
    who = {ApiAuth.IAM: "IAM", ApiAuth.COGNITO: "Cognito"}[auth]
    assert content["error"]["message"] == f"expected a caller whom {who} knows, got none"
    assert deployment.written() == set()


@pytest.mark.parametrize(
    ("auth", "event", "prefix"),
    [
        (ApiAuth.COGNITO, http_api_2("POST", "/paintings", SMALL, authorizer={"jwt": {"claims": {"sub": ANNA}}}), ANNA),
        (ApiAuth.IAM, http_api_2("POST", "/paintings", SMALL, authorizer={"iam": {"callerId": "AIDAX"}}), "AIDAX"),
        (ApiAuth.IAM, function_url("POST", "/paintings", SMALL, authorizer={"iam": {"userId": "AROAX:s"}}), "AROAX"),
    ],
    ids=["HTTP API, Cognito", "HTTP API, IAM", "function URL, IAM"],
)
def test_other_gateways_tell_it_elsewhere(deployment, auth, event, prefix):
    """Identities are found in the events of HTTP APIs and function URLs as well."""
    status, content, _ = ask(deployment, event, configured(deployment.studio, api_auth=auth))
    assert status == 200
    assert content["photo"]["key"].startswith(f"{auth}-{prefix}/")


@pytest.mark.parametrize("name", ["a/b", "..", "a b", "x" * 65, "é", "a\n"])
def test_a_name_of_any_kind_is_one_segment(deployment, serve, name):
    """Any identity becomes one segment of the key; unsafe characters are replaced."""
    with serve(ApiAuth.COGNITO, cognito(name)) as call:
        key = call("POST", "/uploads", json={"filename": "a.png", "bytes": 1}).json()["key"]
    own, _, rest = key.partition("/")
    assert own.removeprefix("cognito-").isalnum()
    assert "/" not in rest


def test_the_list_is_off(deployment, api):
    """The list is off unless a parameter turns it on, because a key would see everyone's photos."""
    answer = api("GET", "/paintings")
    assert (answer.status_code, error_of(answer)[0]) == (404, "not_found")
    assert "ListPaintings" in error_of(answer)[1]
    assert deployment.handler(rest_api("GET", "/paintings"), Context())["statusCode"] == 404
