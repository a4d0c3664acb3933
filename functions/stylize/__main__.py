"""The command line: `python -m stylize PHOTO… --out DIR`."""

import sys

from .cli import command

sys.exit(command())
