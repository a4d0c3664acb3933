"""No permission without a reason: a comment beside it justifies every wildcard in the template."""

import pytest
import yaml

from local.template import TEMPLATE, load

SOURCE = TEMPLATE.read_text("utf-8")


def statements(node):
    """Every policy statement that allows something, as YAML nodes, which know their lines."""
    if isinstance(node, yaml.MappingNode):
        fields = {key.value: value for key, value in node.value}
        if "Action" in fields and fields["Effect"].value == "Allow":
            yield node, fields
        for value in fields.values():
            yield from statements(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from statements(item)


def scalars(node):
    if isinstance(node, yaml.ScalarNode):
        yield node
    else:
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from scalars(part)


def is_argued(lines, first, last):
    """Whether there is a comment right above line `first`, or at or above line `last` within the statement."""
    return lines[first - 1].lstrip().startswith("#") or any(" #" in line for line in lines[first : last + 1])


def unargued(source):
    """Wildcards in actions and resources of what a template allows, without a comment."""
    lines = source.splitlines()
    for node, fields in statements(yaml.compose(source)):
        for name in ("Action", "NotAction", "Resource", "NotResource", "Principal"):
            for scalar in scalars(fields[name]) if name in fields else ():
                if "*" in scalar.value and not is_argued(lines, node.start_mark.line, scalar.start_mark.line):
                    yield f"line {scalar.start_mark.line + 1}: {name} {scalar.value}"


def test_every_wildcard_is_argued_for():
    """Every wildcard in actions and resources of any policy is justified by a comment."""
    assert len(list(statements(yaml.compose(SOURCE)))) >= 7
    assert list(unargued(SOURCE)) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("Action", '"s3:*"'), ("Action", "[s3:Get*]"), ("Resource", '"*"'), ("Resource", '!Sub "${B}/*"')],
)
def test_an_unargued_wildcard_is_found(field, value):
    """This test can fail."""
    fields = {"Action": "s3:GetObject", "Resource": "arn"} | {field: value}
    body = "".join(f"\n    {name}: {text}" for name, text in fields.items())
    assert len(list(unargued(f"Policy:\n  - Effect: Allow{body}"))) == 1
    assert len(list(unargued(f"Policy:\n  # Because.\n  - Effect: Allow{body}"))) == 0
    assert len(list(unargued(f"Policy:\n  - Effect: Deny{body}"))) == 0


def test_sam_makes_no_role():
    """The template defines every role, because SAM's generated roles have more permissions and can't be reviewed."""
    for name, resource in load()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            assert "Role" in resource["Properties"], name
            assert "Policies" not in resource["Properties"], name


def test_managed_policies_are_argued_for():
    """Every managed policy is justified, because AWS can change its permissions."""
    lines = SOURCE.splitlines()
    for i, line in enumerate(lines):
        if "ManagedPolicyArns" in line:
            assert lines[i - 1].lstrip().startswith("#"), f"line {i + 1}"
