"""Paints photos of the file system: no cloud, the same studio."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from .engine import BufferPool, ThreadPool
from .errors import BadRecipe
from .manifest import PhotoFacts
from .recipe import RecipeOverrides
from .recipe_fields import FIELDS
from .settings import Settings, vcpus
from .stores.files import FileStore
from .studio import Studio

LAPTOP = Settings(max_upload_mb=1000.0)


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status: 0 all painted, 1 some refused (each named on stderr), 2 bad usage."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    photos = {path.name: path for path in asked.photos}
    if len(photos) < len(asked.photos):
        parser.error("expected photos of different file names, got two alike: they would share a folder")
    try:
        overrides = _overrides(asked)
    except BadRecipe as fault:
        parser.error(str(fault))
    refused = _paint(photos, asked.out, overrides, asked.jobs)
    print(f"{len(photos) - refused} of {len(photos)} painted, in {asked.out}")
    return 1 if refused else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stylize", description="Turns photos into paintings.")
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a folder per photo is made here")
    parser.add_argument("--recipe", default="", metavar="TEXT", help="such as 'quality=smooth&styles=oil&oil-size=4'")
    for field in FIELDS.values():
        parser.add_argument(f"--{field.name}", metavar=field.kind.placeholder, help=field.help)
    parser.add_argument("--jobs", type=_positive, metavar="N", help="threads; default: one per processor")
    return parser


def _overrides(asked: argparse.Namespace) -> RecipeOverrides:
    """--recipe, and what the option of a field says before it. Raises BadRecipe."""
    single = {name: value for name, field in FIELDS.items() if (value := getattr(asked, field.attribute)) is not None}
    return RecipeOverrides.parse(asked.recipe) | RecipeOverrides.from_json(single)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)


def _paint(photos: Mapping[str, Path], out: Path, overrides: RecipeOverrides, jobs: int | None) -> int:
    """Returns how many were refused."""
    refused = 0
    with closing(ThreadPool(jobs or vcpus(None))) as thread_pool:
        studio = Studio(FileStore(photos, out), LAPTOP, thread_pool, BufferPool())
        for name in tqdm(photos, unit="photo", disable=None):
            error = studio.paint(PhotoFacts(bucket=None, key=name), overrides).manifest.error
            if error:
                refused += 1
                tqdm.write(f"{photos[name]}: {error['code']}: {error['message']}", file=sys.stderr)
    return refused
