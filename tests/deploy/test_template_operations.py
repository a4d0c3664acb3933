"""The deployment's promises to operators: alarms that notify, limits that agree, only photos that can be painted."""

import pytest

from local.template import load
from stylize.stores.base import possible_keys

PAINTABLE = {"STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY"}


@pytest.fixture(scope="module")
def template():
    return load()


@pytest.fixture(scope="module")
def properties(template):
    return {name: resource.get("Properties", {}) for name, resource in template["Resources"].items()}


def statement(properties, policy, sid):
    (found,) = [s for s in properties[policy]["PolicyDocument"]["Statement"] if s.get("Sid") == sid]
    return found


# -- Alarms


def test_every_alarm_tells_somebody(template):
    """Every alarm notifies the address, if there is one; missing data is not an alarm."""
    alarms = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    assert len(alarms) == 6
    for alarm in alarms:
        assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmDescription"]


@pytest.mark.parametrize(
    ("alarm", "metric", "threshold"),
    [
        ("WaitingUploadsAlarm", "ApproximateAgeOfOldestMessage", {"Ref": "AlarmWaitingSeconds"}),
        ("ThrottlesAlarm", "Throttles", 1),
        ("RefusalsAlarm", "PhotosRefused", {"Ref": "AlarmRefusalsPerMinute"}),
        ("FailedUploadsAlarm", "ApproximateNumberOfMessagesVisible", 1),
    ],
)
def test_what_alarms_watch(properties, alarm, metric, threshold):
    """Alarms watch waiting, throttling, refusals and failures per minute."""
    found = properties[alarm]
    assert (found["MetricName"], found["Threshold"], found["Period"]) == (metric, threshold, 60)


def test_an_alarm_rings_again(properties):
    """Every further failed upload notifies again, because the alarm ends by itself."""
    alarm = properties["MoreFailedUploadsAlarm"]
    growth, waiting = alarm["Metrics"]
    assert growth["Expression"] == "DIFF(FILL(waiting, 0))"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    watched = waiting["MetricStat"]["Metric"]
    assert watched["Dimensions"] == properties["FailedUploadsAlarm"]["Dimensions"]


def test_failing_photos_and_invocations_ring(properties):
    """The alarm counts failed photos, which are no errors of Lambda, and failed invocations."""
    counted = {m["MetricStat"]["Metric"]["MetricName"] for m in properties["ErrorsAlarm"]["Metrics"][1:]}
    assert counted == {"Errors", "PhotosFailed"}


def test_a_budget_tells_somebody(template, properties):
    """The budget is off by default, and can't be set without an address."""
    assert template["Parameters"]["MonthlyBudgetDollars"]["Default"] == 0
    assert "BudgetNeedsAnAddress" in template["Rules"]
    assert template["Resources"]["Budget"]["Condition"] == "HasBudget"
    kinds = {n["Notification"]["NotificationType"] for n in properties["Budget"]["NotificationsWithSubscribers"]}
    assert kinds == {"ACTUAL", "FORECASTED"}


# -- Limits that agree


def test_pollers_or_a_limit(properties):
    """The template sets either provisioned pollers or MaximumConcurrency, never both."""
    upload = properties["StylizeFunction"]["Events"]["Upload"]["Properties"]
    none = {"Ref": "AWS::NoValue"}
    condition, with_pollers, without = upload["ScalingConfig"]["Fn::If"]
    assert (condition, with_pollers) == ("HasProvisionedPollers", none)
    assert without == {"MaximumConcurrency": {"Ref": "MaximumConcurrency"}}
    condition, with_pollers, without = upload["ProvisionedPollerConfig"]["Fn::If"]
    assert (condition, without) == ("HasProvisionedPollers", none)
    assert set(with_pollers) == {"MinimumPollers", "MaximumPollers"}


def test_what_is_reserved_is_what_the_queue_may_use(properties):
    """The reserved concurrency equals the queue's limit; less would throttle messages."""
    reserved = properties["StylizeFunction"]["ReservedConcurrentExecutions"]
    assert reserved == {"Fn::If": ["ReservesConcurrency", {"Ref": "MaximumConcurrency"}, {"Ref": "AWS::NoValue"}]}


# -- Only what can be painted, only by whom it may


def allows_put(properties, **keys):
    """Whether the bucket's policy lets a PUT with these condition keys through."""
    for deny in properties["PhotosBucketPolicy"]["PolicyDocument"]["Statement"]:
        if deny["Sid"] != "OnlyOverTls" and all(
            _holds(operator, key, value, keys)
            for operator, conditions in deny["Condition"].items()
            for key, value in conditions.items()
        ):
            return False
    return True


def _holds(operator, key, value, keys):
    """As IAM does it: StringNotEquals holds for a key that is not there (IAM user guide, "Condition operators")."""
    if operator == "Null":
        return (key not in keys) == (value == "true")
    assert operator == "StringNotEquals"
    return keys.get(key) not in (value if isinstance(value, list) else [value])


def test_only_photos_that_can_be_read_are_taken(properties):
    """The photos bucket denies storage classes and encryption that the function can't read."""
    storage, encryption = "s3:x-amz-storage-class", "s3:x-amz-server-side-encryption"
    assert allows_put(properties)
    assert all(allows_put(properties, **{storage: name}) for name in PAINTABLE)
    assert not any(allows_put(properties, **{storage: name}) for name in ("GLACIER", "DEEP_ARCHIVE", "NEW"))
    assert allows_put(properties, **{encryption: "AES256"})
    assert not any(allows_put(properties, **{encryption: name}) for name in ("aws:kms", "aws:kms:dsse"))
    assert not allows_put(properties, **{"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"})


def test_only_buckets_of_this_account(properties):
    """The function reads only buckets of its own account, whatever bucket an event names."""
    own = {"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}
    (policy,) = properties["StylizeRole"]["Policies"]
    granted = [*policy["PolicyDocument"]["Statement"], *properties["ReadExistingBucket"]["PolicyDocument"]["Statement"]]
    on_s3 = [s for s in granted if "s3:" in str(s["Action"])]
    assert len(on_s3) == 6
    assert all(s.get("Condition") == own for s in on_s3)
    assert properties["StylizeFunction"]["Environment"]["Variables"]["ACCOUNT"] == {"Ref": "AWS::AccountId"}


def test_replaced_photos_do_not_stay_long(template):
    """A replaced photo is kept for a few days."""
    assert template["Parameters"]["KeepReplacedPhotosDays"]["Default"] <= 7


# -- Announcing what is done


def test_the_sample_rule_is_about_manifests(template, properties):
    """The sample rule matches manifests of the paintings bucket, not paintings, and exists only with DoneEvents."""
    pattern = properties["DoneRule"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["bucket"] == {"name": [{"Ref": "PaintingsBucket"}]}
    (suffix,) = pattern["detail"]["object"]["key"]
    assert "cat.jpg/manifest.json".endswith(suffix["suffix"])
    assert not any(key.endswith(suffix["suffix"]) for key in possible_keys("cat.jpg"))
    enabled = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    told = properties["PaintingsBucket"]["NotificationConfiguration"]
    assert told == {"Fn::If": ["AnnouncesDone", enabled, {"Ref": "AWS::NoValue"}]}
    for name in ("DoneRule", "DoneQueue", "DoneQueuePolicy"):
        assert template["Resources"][name]["Condition"] == "AnnouncesDone"


def test_only_the_rule_may_send_to_the_queue(properties):
    """Only the sample rule may send to its queue."""
    allow = statement(properties, "DoneQueuePolicy", "DoneRuleSends")
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": "DoneRule.Arn"}}}
