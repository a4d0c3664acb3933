"""Hypothesis strategies for recipes, made from the table of fields."""

from hypothesis import strategies as st

from stylize.recipe import RecipeOverrides
from stylize.recipe_fields import GENERAL_FIELDS, PARAM_FIELDS, OneOf, SomeOf, Whole


def values(field):
    """Draw any value that a field can hold."""
    if isinstance(field.kind, SomeOf):
        return st.lists(st.sampled_from(list(field.kind.members)), min_size=1).map(
            lambda asked: tuple(style for style in field.kind.members if style in asked)
        )
    if isinstance(field.kind, OneOf):
        return st.sampled_from(list(field.kind.members))
    if isinstance(field.kind, Whole):
        return st.integers(int(field.kind.low), int(field.kind.high))
    return st.floats(field.kind.low, field.kind.high)


def overrides():
    """Draw any overrides, of any number of fields."""
    general = {field.attribute: st.none() | values(field) for field in GENERAL_FIELDS}
    params = st.fixed_dictionaries({}, optional={field.name: values(field) for field in PARAM_FIELDS})
    in_order = params.map(
        lambda asked: tuple((field.name, asked[field.name]) for field in PARAM_FIELDS if field.name in asked)
    )
    return st.builds(RecipeOverrides, **general, params=in_order)
