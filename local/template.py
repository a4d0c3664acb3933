"""Reads template.yaml, so that the local cloud can't drift away from it."""

from dataclasses import dataclass
from functools import cache
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
    """Load the template as plain data, with intrinsic functions as single-key dictionaries."""
    template: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 (a SafeLoader)
    return template


def properties(template: dict[str, Any], resource: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][resource].get("Properties", {})
    return found


def function_environment(template: dict[str, Any]) -> dict[str, str]:
    """Return the function's environment with parameters at their defaults, without references to resources."""
    function = properties(template, "StylizeFunction")
    given = function["Environment"]["Variables"] | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": function["MemorySize"]}
    values = {name: with_default(template, value) for name, value in given.items()}
    return {name: str(value) for name, value in values.items() if value is not None}


def with_default(template: dict[str, Any], value: Any) -> Any:
    """Return the default of the parameter that `value` refers to; None for another reference; or `value` itself."""
    if isinstance(value, dict):
        return template["Parameters"].get(value.get("Ref"), {}).get("Default")
    return value


@dataclass(frozen=True)
class Limits:
    """Limits of an invocation in the template: memory, time, and messages of the queue."""

    memory_mb: int
    timeout_seconds: int
    batch_size: int


@cache
def function_limits() -> Limits:
    """Return the limits of the function and its queue, with parameters at their defaults."""
    template = load()
    function = properties(template, "StylizeFunction")
    batch_size = function["Events"]["Upload"]["Properties"]["BatchSize"]
    return Limits(*(int(with_default(template, v)) for v in (function["MemorySize"], function["Timeout"], batch_size)))
