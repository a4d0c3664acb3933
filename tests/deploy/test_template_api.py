"""What the deployment promises about the API: a key for every route, one origin, and no secrets in logs."""

import json

import pytest

from local.template import load


@pytest.fixture(scope="module")
def properties():
    return {name: resource.get("Properties", {}) for name, resource in load()["Resources"].items()}


def test_every_route_needs_a_key(properties):
    """By default, and no route says otherwise; each key has a rate, a burst and a quota."""
    auth = properties["Api"]["Auth"]
    assert auth["ApiKeyRequired"] is True
    assert auth["UsagePlan"]["CreateUsagePlan"] == "PER_API"
    assert auth["UsagePlan"]["Throttle"] == {"RateLimit": {"Ref": "ApiRate"}, "BurstLimit": {"Ref": "ApiBurst"}}
    assert auth["UsagePlan"]["Quota"] == {"Limit": {"Ref": "ApiQuotaPerDay"}, "Period": "DAY"}
    for event in properties["StylizeFunction"]["Events"].values():
        assert "Auth" not in event["Properties"]


def test_photos_reach_the_function_whole(properties):
    """API Gateway would otherwise take their bytes for text."""
    assert properties["Api"]["BinaryMediaTypes"][0] == "image/*"


def test_access_logs_hold_no_secrets(properties):
    """Neither queries nor headers nor bodies: keys and signatures come in them."""
    access = json.loads(properties["Api"]["AccessLogSetting"]["Format"])
    assert set(access.values()) <= {
        *("$context.requestId", "$context.requestTime", "$context.identity.sourceIp", "$context.identity.apiKeyId"),
        *("$context.httpMethod", "$context.resourcePath", "$context.status", "$context.responseLength"),
        *("$context.responseLatency", "$context.error.responseType"),
    }
    assert "MethodSettings" not in properties["Api"]  # execution logs would have them


def test_one_origin_is_allowed(properties):
    """By the API, by its errors, by the function and by the bucket that uploads go to."""
    origin = {"Fn::Sub": "'${AllowedOrigin}'"}
    assert properties["Api"]["Cors"]["AllowOrigin"] == origin
    for answer in properties["Api"]["GatewayResponses"].values():
        assert answer["ResponseParameters"]["Headers"] == {"Access-Control-Allow-Origin": origin}
    assert properties["StylizeFunction"]["Environment"]["Variables"]["ALLOWED_ORIGIN"] == {"Ref": "AllowedOrigin"}
    (rule,) = properties["PhotosBucket"]["CorsConfiguration"]["CorsRules"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == ([{"Ref": "AllowedOrigin"}], ["POST"])
