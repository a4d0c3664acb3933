"""The command line: `python -m stylize PHOTO… --out DIR`."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
