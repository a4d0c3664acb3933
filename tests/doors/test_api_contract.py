"""The API keeps the contract of docs/openapi.json for requests of every kind."""

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import unsupported_method

from docs.make_recipe import documents
from local.gateway import Gateway, local_gateway
from local.template import load, properties
from stylize.doors import enter
from stylize.doors.http import STATUS
from tests.support import ROOT
from tests.support.deployment import configured
from tests.support.pictures import encoded, picture
from tests.support.recipes import overrides
from tests.support.requests import form

KEY = "the-key-of-the-test"
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
PHOTOS = [encoded(picture("random", 5, 7), suffix) for suffix in (".jpg", ".png", ".webp", ".avif")]

FORMS = [form(*(("photo", photo, "cat") for photo in PHOTOS[:count]), ("styles", "sketch")) for count in (1, 3)]

for content_type in DOCUMENT["paths"]["/paintings"]["post"]["requestBody"]["content"]:
    bodies = FORMS if content_type == "multipart/form-data" else PHOTOS
    schemathesis.openapi.media_type(content_type, st.sampled_from(bodies))

schemathesis.openapi.format("recipe", overrides().map(str))


@schemathesis.hook
def filter_query(context, query):
    """Leave out empty objects and lists: written as a query they are nothing, which is no violation."""
    return not query or not any(value in ({}, []) for value in query.values())


# The largest photo is a setting, of which the document knows nothing: 413 is an answer to a valid request, too.
ACCEPTING = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 413]}}}
api = schemathesis.openapi.from_path(
    str(ROOT / "docs" / "openapi.json"), config=schemathesis.Config.from_dict(ACCEPTING)
)


@pytest.fixture(scope="module")
def url(shared_deployment):
    """With the list of photos turned on."""
    shared_deployment.empty()
    studio = configured(shared_deployment.studio, list_paintings=True)
    with local_gateway(Gateway(lambda event, _: enter(event, studio.within(60)), KEY)) as address:
        yield address


@pytest.mark.slow
@api.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_requests_of_every_kind(case, url):
    """Answers have documented status, type and shape; invalid requests and missing keys are refused."""
    case.call_and_validate(
        base_url=url,
        headers={"x-api-key": KEY},
        # API Gateway answers 404 for a method that a path does not have.
        excluded_checks=[unsupported_method],
    )


def test_the_document_has_every_route():
    """The document has exactly the routes of the template and of the local gateway."""
    events = properties(load(), "StylizeFunction")["Events"].values()
    routes = {(e["Properties"]["Method"], e["Properties"]["Path"]) for e in events if e["Type"] == "Api"}
    documented = {
        (method.upper(), path.replace("{key}", "{key+}")) for path, item in DOCUMENT["paths"].items() for method in item
    }
    assert documented == routes


def test_the_documents_have_every_field_of_a_recipe():
    """The documents have every field with range, unit and default of the code; `make fields` writes them."""
    for path, text in documents().items():
        assert path.read_text("utf-8") == text


def test_the_document_has_every_error():
    """The document has every code that the function maps to a status, and those of API Gateway itself."""
    own = properties(load(), "Api")["GatewayResponses"].values()
    texts = [answer["ResponseTemplates"]["application/json"] for answer in own]
    codes = {*STATUS, *(code for text in texts for code in re.findall(r'"code": "(\w+)"', text))}
    assert set(DOCUMENT["components"]["schemas"]["Reason"]["properties"]["code"]["enum"]) == codes


def test_the_gateway_errors_have_the_shape_of_all():
    """Errors that API Gateway answers itself have the common shape."""
    for answer in properties(load(), "Api")["GatewayResponses"].values():
        text = answer["ResponseTemplates"]["application/json"].replace("$context.error.messageString", '"why"')
        content = json.loads(text)
        assert content.keys() == {"error", "request_id"}
        assert content["error"].keys() == {"code", "message"}
