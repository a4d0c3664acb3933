"""Writes the fields of a recipe, from the table that the code reads, into docs/openapi.json and docs/api.md.

The tests ask `documents` whether the two files are as they would be written.
"""

import json
from pathlib import Path
from typing import Any

from stylize.recipe_fields import FIELDS, Field

DOCS = Path(__file__).parent
BEGIN, END = "<!-- fields of a recipe: made by make fields -->\n", "<!-- end -->\n"

TEXT = {
    "type": "string",
    "format": "recipe",
    "description": "The fields as a query string.",
    "examples": ["quality=smooth&styles=oil+watercolor&oil-size=4"],
}

NOTHING = {"const": "", "description": "Nothing is asked for."}


def documents() -> dict[Path, str]:
    """Return what each file says when it is up to date."""
    openapi, api = DOCS / "openapi.json", DOCS / "api.md"
    return {
        openapi: _with_fields(json.loads(openapi.read_text("utf-8"))),
        api: _with_table(api.read_text("utf-8")),
    }


def _with_fields(document: dict[str, Any]) -> str:
    paint = document["paths"]["/paintings"]["post"]
    others = [parameter for parameter in paint["parameters"] if parameter["in"] != "query"]
    paint["parameters"] = [*map(_parameter, FIELDS.values()), *others]
    schemas = document["components"]["schemas"]
    properties = {field.name: _schema(field) for field in FIELDS.values()}
    schemas["Recipe"] = {
        "description": "What is left out is decided by the settings of the function.",
        "anyOf": [TEXT, NOTHING, {"type": "object", "additionalProperties": False, "properties": properties}],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _parameter(field: Field) -> dict[str, Any]:
    schema = _schema(field)
    parameter = {"name": field.name, "in": "query", "description": schema.pop("description"), "schema": schema}
    return parameter | ({"explode": False} if schema["type"] == "array" else {})


def _schema(field: Field) -> dict[str, Any]:
    text = field.description + (f" In {field.unit}." if field.unit else "")
    default = {} if field.default is None else {"default": json.loads(json.dumps(field.default))}
    return {"description": text} | field.kind.schema() | default


def _with_table(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    rows = ["| field | values | default | |", "| --- | --- | --- | --- |", *map(_row, FIELDS.values())]
    return before + BEGIN + "\n".join(rows) + "\n" + END + rest.partition(END)[2]


def _row(field: Field) -> str:
    values = field.kind.expected.replace(" or ", ", ").removeprefix("a ") + (f" ({field.unit})" if field.unit else "")
    default = "" if field.default is None else f"`{field.kind.write(field.default)}`"
    return f"| `{field.name}` | {values} | {default} | {field.description} |"


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, "utf-8")
