"""The use case: photos and recipes -> paintings and manifests. `studio.py` is where to begin."""

from .studio import NewPhoto, Order, Outcome, Studio

__all__ = ["NewPhoto", "Order", "Outcome", "Studio"]
