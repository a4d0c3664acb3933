"""The page's grammar of recipes equals the API's."""

import json
from random import Random
from typing import Any

import numpy as np

from stylize.errors import BadRecipe
from stylize.recipe import Recipe
from stylize.recipe_fields import FIELDS
from tests.page.node import run_in_node

RECIPES = 3000


WRONG_OR_NOT = (
    *("hd", "SMOOTH", "fast", "oil", "oil+sketch", "watercolor,oil", "color-pencil sketch oil", "png", "avif"),
    *("picture", "credit", "", "x", "0", "1", "6", "60", "64", "65", "0.1", "0.07", "1e2", "-1", "1.50", "200.0"),
)


def random_recipe(random: Random) -> str:
    """A query string of fields with values that are right, nearly right or wrong."""
    pairs = []
    for name in random.sample([*FIELDS, "size"], random.randint(0, 4)):
        value = random.choice(WRONG_OR_NOT) if random.random() < 0.3 else _right(random, name)
        pairs.append(f"{name}={value}")
    return "&".join(pairs + (pairs[:1] if random.random() < 0.05 else []))


def _right(random: Random, name: str) -> str:
    schema: dict[str, Any] = FIELDS[name].kind.schema() if name in FIELDS else {"enum": ["x"]}
    if "minimum" in schema:
        value = random.uniform(schema["minimum"], schema["maximum"])
        return str(round(value)) if schema["type"] == "integer" else f"{value:.3g}"
    choices = schema.get("enum") or schema["items"]["enum"]
    if "items" in schema:
        return "+".join(random.sample(choices, random.randint(1, len(choices))))
    return str(random.choice(choices))


def told_by_the_api(text: str, side: int) -> list[object] | None:
    try:
        recipe = Recipe.parse(text)
    except BadRecipe:
        return None
    params = recipe.params_for(side, 1)
    pencil, oil, watercolor, line = params.pencil, params.oil, params.watercolor, params.line_width
    return [
        str(recipe),
        {"sigmaS": pencil.sigma_s, "sigmaR": pencil.sigma_r, "line": line, "shade": pencil.shade_factor},
        {"size": oil.size, "levels": oil.dyn_ratio, "line": line},
        {"sigmaS": watercolor.sigma_s, "sigmaR": watercolor.sigma_r, "line": line},
    ]


def test_page_reads_and_writes_recipes_as_the_api_does() -> None:
    """For any text, both give the same shortest recipe and the same numbers for the painter, or both refuse it."""
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print("seed", seed)
    random = Random(seed)
    asked = [(random_recipe(random), random.choice([1600, random.randint(1, 12_000)])) for _ in range(RECIPES)]
    lines = "\n".join(json.dumps(recipe) for recipe in asked).encode()
    answers = [json.loads(line) for line in run_in_node("read_recipes.mjs", lines).splitlines()]
    assert sum(answer is not None for answer in answers) > RECIPES / 4
    for recipe, answer in zip(asked, answers, strict=True):
        assert answer == told_by_the_api(*recipe), recipe
