"""The use case: photos and recipes -> paintings and manifests. Start reading in `studio.py`."""

from .studio import NewPhoto, Order, Outcome, Studio

__all__ = ["NewPhoto", "Order", "Outcome", "Studio"]
