"""What the deployment promises about the API: who may call, what pages may do, and no secrets in logs."""

import json

import pytest

from local.template import load
from stylize.doors.http.answers import ALLOWED_HEADERS, ALLOWED_METHODS, SECONDS_OF_PREFLIGHT

ORIGIN = {"Fn::Sub": "'${AllowedOrigin}'"}


@pytest.fixture(scope="module")
def properties():
    return {name: resource.get("Properties", {}) for name, resource in load()["Resources"].items()}


@pytest.fixture(scope="module")
def paths(properties):
    return properties["Api"]["DefinitionBody"]["paths"]


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
def test_every_route_asks_who_calls(paths, conditions, scheme):
    """By the one way that ApiAuth chooses: none is open."""
    found = list(operations(paths))
    assert found
    for path, _, operation in found:
        assert chosen(operation["security"], **conditions) == [{scheme: []}], path


def test_what_api_gateway_checks(properties):
    """Signatures by IAM, tokens of the one user pool, or keys."""
    schemes = properties["Api"]["DefinitionBody"]["securityDefinitions"]
    assert (schemes["key"]["name"], schemes["key"]["in"]) == ("x-api-key", "header")
    assert schemes["iam"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    authorizer = chosen(schemes["cognito"], UsesCognito=True)["x-amazon-apigateway-authorizer"]
    assert authorizer == {"type": "cognito_user_pools", "providerARNs": [{"Ref": "UserPoolArn"}]}
    assert chosen(schemes["cognito"]) == {"Ref": "AWS::NoValue"}  # an authorizer without a pool can't be made


def test_a_pool_is_asked_for():
    """With ApiAuth cognito, before anything is made; and a parameter that changes is deployed."""
    rule = load()["Rules"]["CognitoNeedsAUserPool"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "ApiAuth"}, "cognito"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "UserPoolArn"}, ""]}]}
    assert load()["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True


def test_the_definition_has_the_routes_of_the_function(properties, paths):
    """What API Gateway may invoke the function for is what it does invoke it for."""
    events = properties["StylizeFunction"]["Events"].values()
    allowed = {(e["Properties"]["Path"], e["Properties"]["Method"].lower()) for e in events if e["Type"] == "Api"}
    assert {(path, method) for path, method, _ in operations(paths)} == allowed
    for _, _, operation in operations(paths):
        integration = operation["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert "${StylizeFunction.Alias}" in integration["uri"]["Fn::Sub"]


def test_callers_are_limited(properties):
    """Each key by its usage plan, and all callers together, also where there are no keys."""
    plan = properties["Api"]["Auth"]["UsagePlan"]
    assert plan["CreateUsagePlan"] == "PER_API"
    assert plan["Throttle"] == {"RateLimit": {"Ref": "ApiRate"}, "BurstLimit": {"Ref": "ApiBurst"}}
    assert plan["Quota"] == {"Limit": {"Ref": "ApiQuotaPerDay"}, "Period": "DAY"}
    (settings,) = properties["Api"]["MethodSettings"]
    assert settings == {
        "HttpMethod": "*",
        "ResourcePath": "/*",
        "ThrottlingRateLimit": {"Ref": "ApiRate"},
        "ThrottlingBurstLimit": {"Ref": "ApiBurst"},
    }


def test_photos_are_not_listed_unless_asked():
    """The list is off by default."""
    parameter = load()["Parameters"]["ListPaintings"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("off", ["off", "on"])


def test_bytes_come_and_go_as_they_are(properties):
    """Whatever type a request states or accepts: API Gateway would otherwise take bytes for text, or leave base64."""
    assert properties["Api"]["BinaryMediaTypes"] == ["*/*"]


def test_access_logs_hold_no_secrets(properties):
    """Neither queries nor headers nor bodies: keys and signatures come in them. No execution logs, which have them."""
    access = json.loads(properties["Api"]["AccessLogSetting"]["Format"])
    assert set(access.values()) <= {
        *("$context.requestId", "$context.requestTime", "$context.identity.sourceIp", "$context.identity.apiKeyId"),
        *("$context.httpMethod", "$context.resourcePath", "$context.status", "$context.responseLength"),
        *("$context.responseLatency", "$context.error.responseType"),
    }
    for settings in properties["Api"]["MethodSettings"]:
        assert not settings.keys() & {"LoggingLevel", "DataTraceEnabled"}


def test_one_origin_is_allowed(properties, paths):
    """By the API's preflights and errors, by the function, and by the buckets of uploads and of paintings."""
    for path, item in paths.items():
        mock = item["options"]["x-amazon-apigateway-integration"]
        given = mock["responses"]["default"]["responseParameters"]
        assert given["method.response.header.Access-Control-Allow-Origin"] == ORIGIN, path
        assert "security" not in item["options"]
    for answer in properties["Api"]["GatewayResponses"].values():
        assert answer["ResponseParameters"]["Headers"] == {"Access-Control-Allow-Origin": ORIGIN}
    assert properties["StylizeFunction"]["Environment"]["Variables"]["ALLOWED_ORIGIN"] == {"Ref": "AllowedOrigin"}
    for bucket, methods in (("PhotosBucket", ["PUT"]), ("PaintingsBucket", ["GET", "HEAD"])):
        (rule,) = properties[bucket]["CorsConfiguration"]["CorsRules"]
        assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == ([{"Ref": "AllowedOrigin"}], methods)


def test_preflights_work_where_everything_is_binary(paths):
    """A template is read from text alone. They allow what the function allows where it answers them itself."""
    for item in paths.values():
        mock = item["options"]["x-amazon-apigateway-integration"]
        assert (mock["type"], mock["contentHandling"]) == ("mock", "CONVERT_TO_TEXT")
        given = mock["responses"]["default"]["responseParameters"]
        told = {name.rpartition("Access-Control-")[2]: value for name, value in given.items()}
        assert told["Allow-Headers"] == f"'{ALLOWED_HEADERS.replace(' ', '')}'"
        assert told["Allow-Methods"] == f"'{ALLOWED_METHODS.replace(' ', '')}'"
        assert told["Max-Age"] == f"'{SECONDS_OF_PREFLIGHT}'"
