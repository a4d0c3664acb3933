"""The deployment's promises about the API: callers, pages of other origins, and no secrets in logs."""

import json

import pytest

from local.template import load
from stylize.doors.http.answers import ALLOWED_HEADERS, ALLOWED_METHODS, SECONDS_OF_PREFLIGHT

ORIGIN = {"Fn::Sub": "'${AllowedOrigin}'"}
STUDIO = {"Fn::Sub": "https://*.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
"""The origin of the studio page: any API of the region, as the name of its own is known only after the buckets."""
PAGE = (("get", "/"), ("get", "/page/{asset}"))


@pytest.fixture(scope="module")
def properties():
    return {name: resource.get("Properties", {}) for name, resource in load()["Resources"].items()}


@pytest.fixture(scope="module")
def paths(properties):
    return properties["Api"]["DefinitionBody"]["paths"]


def called_from_elsewhere(paths):
    """Paths that pages of another origin call: the studio page is no such path."""
    return [(path, item) for path, item in paths.items() if ("get", path) not in PAGE]


def operations(paths):
    """Path, method and definition of everything but preflights."""
    for path, item in paths.items():
        for method, operation in item.items():
            if method not in ("options", "parameters"):
                yield path, method, operation


def chosen(value, **conditions):
    """What Fn::If leaves, by conditions that are given; others do not hold."""
    while isinstance(value, dict) and "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        value = then if conditions.get(condition) else otherwise
    return value


@pytest.mark.parametrize(
    ("conditions", "scheme"), [({}, "key"), ({"UsesIam": True}, "iam"), ({"UsesCognito": True}, "cognito")]
)
def test_every_route_but_the_page_asks_who_calls(paths, conditions, scheme):
    """Every route except the page and its assets uses the authorizer that ApiAuth selects."""
    found = {(method, path): operation for path, method, operation in operations(paths)}
    assert {route for route, operation in found.items() if "security" not in operation} == set(PAGE)
    for route in found.keys() - set(PAGE):
        assert chosen(found[route]["security"], **conditions) == [{scheme: []}], route


def test_what_api_gateway_checks(properties):
    """API Gateway checks IAM signatures, tokens of the user pool, or API keys."""
    schemes = properties["Api"]["DefinitionBody"]["securityDefinitions"]
    assert (schemes["key"]["name"], schemes["key"]["in"]) == ("x-api-key", "header")
    assert schemes["iam"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    authorizer = chosen(schemes["cognito"], UsesCognito=True)["x-amazon-apigateway-authorizer"]
    assert authorizer == {"type": "cognito_user_pools", "providerARNs": [{"Ref": "UserPoolArn"}]}
    assert chosen(schemes["cognito"]) == {"Ref": "AWS::NoValue"}  # an authorizer without a pool can't be made


def test_a_pool_is_asked_for():
    """ApiAuth cognito without a user pool is rejected before anything is created; a changed parameter is deployed."""
    rule = load()["Rules"]["CognitoNeedsAUserPool"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "ApiAuth"}, "cognito"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "UserPoolArn"}, ""]}]}
    assert load()["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True


def test_the_definition_has_the_routes_of_the_function(properties, paths):
    """API Gateway may invoke the function for exactly the routes of the definition."""
    events = properties["StylizeFunction"]["Events"].values()
    allowed = {(e["Properties"]["Path"], e["Properties"]["Method"].lower()) for e in events if e["Type"] == "Api"}
    assert {(path, method) for path, method, _ in operations(paths)} == allowed
    for _, _, operation in operations(paths):
        integration = operation["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert "${StylizeFunction.Alias}" in integration["uri"]["Fn::Sub"]


def test_callers_are_limited(properties):
    """Usage plans limit each key, and the stage limits all callers together, also without keys."""
    plan = properties["Api"]["Auth"]["UsagePlan"]
    assert plan["CreateUsagePlan"] == "PER_API"
    assert plan["Throttle"] == {"RateLimit": {"Ref": "ApiRate"}, "BurstLimit": {"Ref": "ApiBurst"}}
    assert plan["Quota"] == {"Limit": {"Ref": "ApiQuotaPerDay"}, "Period": "DAY"}
    all_routes, *of_page = properties["Api"]["MethodSettings"]
    assert all_routes == {
        "HttpMethod": "*",
        "ResourcePath": "/*",
        "ThrottlingRateLimit": {"Ref": "ApiRate"},
        "ThrottlingBurstLimit": {"Ref": "ApiBurst"},
    }
    assert [setting["ResourcePath"] for setting in of_page] == ["/", "/~1page~1{asset}"]
    assert all(s["ThrottlingRateLimit"] <= 50 and s["ThrottlingBurstLimit"] <= 100 for s in of_page)


def test_photos_are_not_listed_unless_asked():
    """The list of recent photos is off by default."""
    parameter = load()["Parameters"]["ListPaintings"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("off", ["off", "on"])


def test_bytes_come_and_go_as_they_are(properties):
    """Bodies are binary for any type, so that API Gateway converts neither photos nor images."""
    assert properties["Api"]["BinaryMediaTypes"] == ["*/*"]


def test_access_logs_hold_no_secrets(properties):
    """Access logs hold no queries, headers or bodies, which may contain keys; execution logs are off."""
    access = json.loads(properties["Api"]["AccessLogSetting"]["Format"])
    assert set(access.values()) <= {
        *("$context.requestId", "$context.requestTime", "$context.identity.sourceIp", "$context.identity.apiKeyId"),
        *("$context.httpMethod", "$context.resourcePath", "$context.status", "$context.responseLength"),
        *("$context.responseLatency", "$context.error.responseType"),
    }
    for settings in properties["Api"]["MethodSettings"]:
        assert not settings.keys() & {"LoggingLevel", "DataTraceEnabled"}


def test_one_origin_is_allowed(properties, paths):
    """Preflights, gateway errors, the function and both buckets allow the same origin."""
    for path, item in called_from_elsewhere(paths):
        mock = item["options"]["x-amazon-apigateway-integration"]
        given = mock["responses"]["default"]["responseParameters"]
        assert given["method.response.header.Access-Control-Allow-Origin"] == ORIGIN, path
        assert "security" not in item["options"]
    for answer in properties["Api"]["GatewayResponses"].values():
        assert answer["ResponseParameters"]["Headers"] == {"Access-Control-Allow-Origin": ORIGIN}
    assert properties["StylizeFunction"]["Environment"]["Variables"]["ALLOWED_ORIGIN"] == {"Ref": "AllowedOrigin"}
    for bucket, methods in (("PhotosBucket", ["PUT"]), ("PaintingsBucket", ["GET", "HEAD"])):
        (rule,) = properties[bucket]["CorsConfiguration"]["CorsRules"]
        assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == ([{"Ref": "AllowedOrigin"}, STUDIO], methods)


def test_preflights_work_where_everything_is_binary(paths):
    """Preflights convert to text, and allow the same as the function's own answers."""
    for _, item in called_from_elsewhere(paths):
        mock = item["options"]["x-amazon-apigateway-integration"]
        assert (mock["type"], mock["contentHandling"]) == ("mock", "CONVERT_TO_TEXT")
        given = mock["responses"]["default"]["responseParameters"]
        told = {name.rpartition("Access-Control-")[2]: value for name, value in given.items()}
        assert told["Allow-Headers"] == f"'{ALLOWED_HEADERS.replace(' ', '')}'"
        assert told["Allow-Methods"] == f"'{ALLOWED_METHODS.replace(' ', '')}'"
        assert told["Max-Age"] == f"'{SECONDS_OF_PREFLIGHT}'"
