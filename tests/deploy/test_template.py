"""The deployment's promises: nothing lost, nothing public, no excessive permission, no wrong processor."""

import re

import pytest

from local.template import load
from tests.support import ROOT


@pytest.fixture(scope="module")
def template():
    return load()


@pytest.fixture(scope="module")
def properties(template):
    return {name: resource.get("Properties", {}) for name, resource in template["Resources"].items()}


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements(properties, name):
    return properties[name]["PolicyDocument"]["Statement"]


def rights(properties, role):
    """The actions that a role may take, by resource of this stack."""
    granted: dict[str, set[str]] = {}
    for policy in properties[role]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            for resource in as_list(statement["Resource"]):
                ((kind, value),) = resource.items()
                assert kind in ("Fn::GetAtt", "Fn::Sub")
                granted.setdefault(value, set()).update(as_list(statement["Action"]))
    return granted


# -- Nothing is lost


def test_a_photo_is_not_handed_out_twice_while_it_is_painted(properties):
    """The queue hides a message for at least six times the function's timeout."""
    assert properties["UploadsQueue"]["VisibilityTimeout"] >= 6 * properties["StylizeFunction"]["Timeout"]


def test_a_failing_upload_is_kept(properties):
    """An upload that fails five times stays dead-lettered for at least 7 and at most 14 days."""
    uploads, failed = properties["UploadsQueue"], properties["FailedUploadsQueue"]
    assert uploads["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": "FailedUploadsQueue.Arn"},
        "maxReceiveCount": 5,
    }
    variables = properties["StylizeFunction"]["Environment"]["Variables"]
    assert variables["UPLOAD_TRIES"] == uploads["RedrivePolicy"]["maxReceiveCount"]
    assert variables["FAILED_UPLOADS_QUEUE_URL"] == {"Ref": "FailedUploadsQueue"}
    assert failed["MessageRetentionPeriod"] == 14 * 86400
    assert failed["MessageRetentionPeriod"] - uploads["MessageRetentionPeriod"] >= 7 * 86400


def test_a_failed_upload_raises_the_alarm(properties):
    """One message in the failed-uploads queue sets off the alarm."""
    alarm = properties["FailedUploadsAlarm"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": "FailedUploadsQueue.QueueName"}}]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert alarm["TreatMissingData"] == "notBreaching"


def test_one_failing_photo_does_not_bring_back_the_others(properties):
    """Only the failed messages of a batch are redelivered."""
    source = properties["StylizeFunction"]["Events"]["Upload"]["Properties"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("bucket", ["PhotosBucket", "PaintingsBucket", "BackfillBucket"])
def test_a_bucket_outlives_the_stack(template, bucket):
    """Deleting or replacing the stack keeps the buckets and their contents."""
    resource = template["Resources"][bucket]
    assert resource["DeletionPolicy"] in ("Retain", "RetainExceptOnCreate")
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize(
    ("bucket", "parameter"), [("PhotosBucket", "KeepPhotosDays"), ("PaintingsBucket", "KeepPaintingsDays")]
)
def test_nothing_expires_unless_asked(template, properties, bucket, parameter):
    """Photos and paintings are kept by default; unfinished uploads expire."""
    rules = properties[bucket]["LifecycleConfiguration"]["Rules"]
    assert template["Parameters"][parameter]["Default"] == 0
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    assert not any("ExpirationInDays" in rule for rule in rules)
    (condition, expiry, otherwise) = next(rule["Fn::If"] for rule in rules if "Fn::If" in rule)
    assert template["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, 0]}]}
    assert expiry["ExpirationInDays"] == {"Ref": parameter}
    assert otherwise == {"Ref": "AWS::NoValue"}


# -- Nothing is public


@pytest.mark.parametrize("bucket", ["PhotosBucket", "PaintingsBucket", "BackfillBucket"])
def test_a_bucket_is_private_and_encrypted(properties, bucket):
    """Buckets have no public access and no access lists, and are encrypted at rest."""
    assert set(properties[bucket]["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties[bucket]["PublicAccessBlockConfiguration"]) == 4
    assert properties[bucket]["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = properties[bucket]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize("queue", ["UploadsQueue", "FailedUploadsQueue", "DoneQueue"])
def test_a_queue_is_encrypted(properties, queue):
    """Queues are encrypted at rest, because messages name photos."""
    assert properties[queue]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize(
    "name", ["PhotosBucket", "PaintingsBucket", "BackfillBucket", "UploadsQueue", "FailedUploadsQueue", "DoneQueue"]
)
def test_plain_http_is_refused(properties, name):
    """Requests without TLS are denied, to each bucket and all objects in it."""
    (deny,) = [s for s in statements(properties, f"{name}Policy") if s["Sid"] == "OnlyOverTls"]
    assert deny["Effect"] == "Deny"
    assert (deny["Principal"], deny["Condition"]) == ("*", {"Bool": {"aws:SecureTransport": "false"}})
    covered = [{"Fn::GetAtt": f"{name}.Arn"}]
    if name.endswith("Bucket"):
        covered.append({"Fn::Sub": f"${{{name}.Arn}}/*"})
    assert as_list(deny["Resource"]) == covered
    assert deny["Action"] == ("s3:*" if name.endswith("Bucket") else "sqs:*")


def test_only_the_photos_bucket_may_send(properties):
    """The queue accepts messages only from this bucket in this account."""
    (allow,) = [s for s in statements(properties, "UploadsQueuePolicy") if s["Effect"] == "Allow"]
    bucket_name = properties["PhotosBucket"]["BucketName"]["Fn::Sub"]
    assert allow["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allow["Action"] == "sqs:SendMessage"
    assert allow["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{bucket_name}"}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }


# -- No right too many


def test_the_function_may_do_what_it_does_and_no_more(properties):
    """The function has named permissions on resources of this stack; it can add photos but not destroy them."""
    assert properties["PhotosBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rights(properties, "StylizeRole") == {
        "${PhotosBucket.Arn}/*": {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"},
        "${PaintingsBucket.Arn}/*": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"},
        "PhotosBucket.Arn": {"s3:ListBucket"},
        "PaintingsBucket.Arn": {"s3:ListBucket"},
        "UploadsQueue.Arn": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
        "FailedUploadsQueue.Arn": {"sqs:SendMessage"},
        "StylizeLogGroup.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
    }


def test_a_backfill_may_list_invoke_and_report(template, properties):
    """The backfill role reads no photo and writes no painting; access to an outside bucket is the owner's choice."""
    assert rights(properties, "BackfillRole") == {
        "StylizeFunction.Arn": {"lambda:InvokeFunction"},
        "PhotosBucket.Arn": {"s3:PutInventoryConfiguration"},
        "${BackfillBucket.Arn}/*": {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"},
    }
    (trust,) = properties["BackfillRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "batchoperations.s3.amazonaws.com"}
    assert template["Parameters"]["ExistingBucket"]["Default"] == ""
    for policy in ("ReadExistingBucket", "ListExistingBucket"):
        assert template["Resources"][policy]["Condition"] == "HasExistingBucket"


def test_no_wildcard_is_allowed(template):
    """No policy in the template allows every action of a service, or any action on everything."""

    def allowed(node):
        if isinstance(node, dict):
            if node.get("Effect") == "Allow":
                yield node
            for child in node.values():
                yield from allowed(child)
        elif isinstance(node, list):
            for child in node:
                yield from allowed(child)

    found = list(allowed(template["Resources"]))
    assert found
    for statement in found:
        assert not any("*" in action for action in as_list(statement["Action"]))
        assert "*" not in as_list(statement.get("Resource"))
        assert statement.get("Principal") != "*"


# -- A change takes effect


def test_every_change_is_published(template, properties):
    """Events go to the newest version, and every change of code, layer or parameter publishes one."""
    function = properties["StylizeFunction"]
    assert function["AutoPublishAlias"]
    assert function["AutoPublishAliasAllProperties"] is True
    assert properties["OpenCvLayer"]["PublishLambdaVersion"] is True
    unpublished = ("Events", "VersionDescription", "ReservedConcurrentExecutions")
    published = {name: value for name, value in function.items() if name not in unpublished}
    told = set(re.findall(r"\$\{(\w+)\}", function["VersionDescription"]["Fn::Sub"]))
    assert told == set(parameters_of(published, template))


def parameters_of(node, template):
    """The parameters that a part of the template depends on, through conditions as well."""
    if isinstance(node, dict):
        if node.get("Ref") in template["Parameters"]:
            yield node["Ref"]
        if "Fn::If" in node:
            yield from parameters_of(template["Conditions"][node["Fn::If"][0]], template)
        for child in node.values():
            yield from parameters_of(child, template)
    elif isinstance(node, list):
        for child in node:
            yield from parameters_of(child, template)


# -- Nothing is built for the wrong processor


@pytest.mark.parametrize(("resource", "folder"), [("OpenCvLayer", "layers/opencv"), ("StylizeFunction", "functions")])
def test_the_template_decides_what_is_built(template, resource, folder):
    """Every architecture has a build folder, and the template's parameter alone selects it."""
    metadata = template["Resources"][resource]["Metadata"]
    assert metadata["BuildMethod"] == "makefile"
    assert metadata["WorkingDirectory"] == {"Fn::Sub": folder + "/${Architecture}"}
    for architecture in template["Parameters"]["Architecture"]["AllowedValues"]:
        assert (ROOT / folder / architecture / "target.mk").is_file()
