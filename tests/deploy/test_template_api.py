"""What the deployment promises about the API: a key for every route, one origin, and no secrets in logs."""

import json

import pytest

from local.template import load


@pytest.fixture(scope="module")
def properties():
    return {name: resource.get("Properties", {}) for name, resource in load()["Resources"].items()}


def test_every_route_but_the_page_needs_a_key(properties):
    """By default, and only the page and its assets say otherwise; each key has a rate, a burst and a quota."""
    auth = properties["Api"]["Auth"]
    assert auth["ApiKeyRequired"] is True
    assert auth["UsagePlan"]["CreateUsagePlan"] == "PER_API"
    assert auth["UsagePlan"]["Throttle"] == {"RateLimit": {"Ref": "ApiRate"}, "BurstLimit": {"Ref": "ApiBurst"}}
    assert auth["UsagePlan"]["Quota"] == {"Limit": {"Ref": "ApiQuotaPerDay"}, "Period": "DAY"}
    events = [event["Properties"] for event in properties["StylizeFunction"]["Events"].values()]
    own = {(event["Method"], event["Path"]): event["Auth"] for event in events if "Auth" in event}
    assert own == {("GET", path): {"ApiKeyRequired": False} for path in ("/", "/page/{asset}")}


def test_routes_without_a_key_have_a_rate_of_their_own(properties):
    """Or whoever finds the page could have the function run as often as Lambda allows."""
    settings = {setting["ResourcePath"]: setting for setting in properties["Api"]["MethodSettings"]}
    assert settings.keys() == {"/", "/~1page~1{asset}"}
    assert all(s["ThrottlingRateLimit"] <= 50 and s["ThrottlingBurstLimit"] <= 100 for s in settings.values())


def test_photos_reach_the_function_whole(properties):
    """API Gateway would otherwise take their bytes for text."""
    assert properties["Api"]["BinaryMediaTypes"][0] == "image/*"
    assert "application/wasm" in properties["Api"]["BinaryMediaTypes"]  # the page gets it whole, too


def test_access_logs_hold_no_secrets(properties):
    """Neither queries nor headers nor bodies: keys and signatures come in them."""
    access = json.loads(properties["Api"]["AccessLogSetting"]["Format"])
    assert set(access.values()) <= {
        *("$context.requestId", "$context.requestTime", "$context.identity.sourceIp", "$context.identity.apiKeyId"),
        *("$context.httpMethod", "$context.resourcePath", "$context.status", "$context.responseLength"),
        *("$context.responseLatency", "$context.error.responseType"),
    }
    settings = [name for setting in properties["Api"]["MethodSettings"] for name in setting]
    assert not {"LoggingLevel", "DataTraceEnabled"} & set(settings)  # execution logs would have them


def test_one_origin_is_allowed(properties):
    """By the API, by its errors, by the function, and by both buckets, which let the studio page in as well."""
    origin = {"Fn::Sub": "'${AllowedOrigin}'"}
    assert properties["Api"]["Cors"]["AllowOrigin"] == origin
    for answer in properties["Api"]["GatewayResponses"].values():
        assert answer["ResponseParameters"]["Headers"] == {"Access-Control-Allow-Origin": origin}
    assert properties["StylizeFunction"]["Environment"]["Variables"]["ALLOWED_ORIGIN"] == {"Ref": "AllowedOrigin"}
    page = {"Fn::Sub": "https://*.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
    for bucket, methods in {"PhotosBucket": ["POST", "PUT"], "PaintingsBucket": ["GET", "HEAD"]}.items():
        (rule,) = properties[bucket]["CorsConfiguration"]["CorsRules"]
        assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == ([{"Ref": "AllowedOrigin"}, page], methods)
