"""Atelier: every photo that lands in a bucket becomes four paintings."""

__version__ = "0.2.0"
