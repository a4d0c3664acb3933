"""The page's modules in Node: that of Playwright, so that none has to be installed."""

import subprocess
from pathlib import Path

import playwright

from stylize.page import HERE

NODE = Path(playwright.__file__).with_name("driver") / "node"


def run_in_node(script: str, given: bytes) -> bytes:
    """Runs a script of this folder with the page's folder as argument; returns what it prints."""
    command = [str(NODE), str(Path(__file__).with_name(script)), HERE.as_uri()]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout
