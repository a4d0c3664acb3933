"""The command line: `python -m stylize`."""

from .main import command, main

__all__ = ["command", "main"]
