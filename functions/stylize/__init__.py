"""Atelier: every photo that lands in a bucket becomes four paintings."""

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

__all__ = ["paint"]

if TYPE_CHECKING:
    from .engine import paint


def __getattr__(name: str) -> Any:
    """Import `paint` when it is asked for: a cold start imports this package long before it paints."""
    if name != "paint":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .engine import paint

    return paint
