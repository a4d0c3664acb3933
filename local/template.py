"""Reads template.yaml, so that the local cloud can't drift away from it."""

from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).resolve().parent.parent / "template.yaml"


class _Loader(yaml.SafeLoader):
    """Reads `!Ref x` as {"Ref": x}, and any other `!Tag x` as {"Fn::Tag": x}."""


def _intrinsic(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag == "Ref" else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(path: Path = TEMPLATE) -> dict[str, Any]:
    """The template as plain data, its intrinsic functions as single-key dictionaries."""
    template: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 (a SafeLoader)
    return template


def properties(template: dict[str, Any], resource: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][resource].get("Properties", {})
    return found


def parameter_or_text(template: dict[str, Any], value: Any) -> Any:
    """A value of the template, a reference to a parameter replaced by its default; None for any other reference."""
    if isinstance(value, dict):
        return template["Parameters"].get(value.get("Ref"), {}).get("Default")
    return value


def function_environment(template: dict[str, Any]) -> dict[str, str]:
    """The function's environment with every parameter at its default; what refers to resources is left out."""
    function = properties(template, "StylizeFunction")
    environment = {}
    given = function["Environment"]["Variables"] | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": function["MemorySize"]}
    for name, value in given.items():
        text = parameter_or_text(template, value)
        if text is not None:
            environment[name] = str(text)
    return environment
