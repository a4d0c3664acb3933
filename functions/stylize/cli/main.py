"""The command line: paints photos in the file system, writes contact sheets, verifies manifests."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from ..errors import BadRecipe
from ..recipe import Recipe, RecipeOverrides
from ..recipe_fields import FIELDS
from .paint_files import paint_files
from .photos import gather
from .sheet import FORMATS, Sweep, write_sheet
from .verify import verify
from .workshop import workshop

INTERRUPTED = 130
"""Exit status of a command that Ctrl-C ends, by the convention of shells."""

EPILOG = """\
stylize verify PHOTO MANIFEST   paints again and says whether the paintings are what photo and manifest lead to
stylize erase NAME…             deletes photos of a stack and all that was made of them
exit status                     0 all painted, 1 some refused or not as recorded, 2 bad usage, 130 interrupted"""


def command() -> int:
    """Run the command with the arguments of the process; see `main`."""
    return main(sys.argv[1:])


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 all painted, 1 some refused (each named on stderr), 2 bad usage, 130 interrupted."""
    try:
        if arguments[:1] == ["verify"]:
            return _verify(arguments[1:])
        if arguments[:1] == ["erase"]:
            from .erase import main as erase  # imported here for its boto3, which no other command needs

            return erase(arguments[1:])
        return _paint(arguments)
    except KeyboardInterrupt:
        print("interrupted: what was begun is not kept, what was finished is", file=sys.stderr)
        return INTERRUPTED


def _paint(arguments: Sequence[str]) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    with _usage(parser):
        photos = gather(asked.photos)
        overrides = _overrides(asked)
        sweep = Sweep.parse(asked.sweep) if asked.sweep else None
        if sweep:
            sweep.recipes(overrides)
        _check_outputs(asked)
    with closing(workshop(asked.jobs)) as shop:
        status = paint_files(photos, asked.out, overrides, shop) if asked.out else 0
        if asked.sheet:
            recipes = sweep.recipes(overrides) if sweep else [Recipe.resolve(overrides)]
            status = max(status, write_sheet(list(photos.values()), recipes, asked.sheet, shop))
    return status


def _verify(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="stylize verify", description="Paints again and compares, byte for byte.")
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("manifest", type=Path, metavar="MANIFEST", help="manifest.json; files beside it are checked")
    asked = parser.parse_args(arguments)
    with _usage(parser):
        photo, manifest = _content(asked.photo), _content(asked.manifest)
    with closing(workshop(None)) as shop:
        lines, is_true = verify(photo, manifest, asked.manifest.parent, shop)
    print("\n".join(lines))
    return 0 if is_true else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stylize",
        description="Turns photos into paintings.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="files, folders, or patterns such as '*.jpg'")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a folder per photo is made here")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="a contact sheet of photos and paintings, .html or .jpg"
    )
    parser.add_argument("--sweep", metavar="FIELD=A..B", help="on the sheet a row of variants; or FIELD=A,B,C")
    parser.add_argument("--jobs", type=_positive, metavar="N", help="threads; default: one per processor")
    recipe = parser.add_argument_group("recipe", "one text, or its fields one by one, which go before the text")
    recipe.add_argument("--recipe", default="", metavar="TEXT", help="such as 'quality=smooth&styles=oil&oil-size=4'")
    for field in FIELDS.values():
        recipe.add_argument(f"--{field.name}", metavar=field.kind.placeholder, help=field.help.replace("%", "%%"))
    return parser


def _overrides(asked: argparse.Namespace) -> RecipeOverrides:
    """Return the overrides of --recipe, overridden by the options of single fields. Raises BadRecipe."""
    single = {name: value for name, field in FIELDS.items() if (value := getattr(asked, field.attribute)) is not None}
    return RecipeOverrides.parse(asked.recipe) | RecipeOverrides.from_json(single)


def _check_outputs(asked: argparse.Namespace) -> None:
    """Raise ValueError when the options of outputs do not fit together."""
    if not asked.out and not asked.sheet:
        raise ValueError("expected --out DIR or --sheet FILE, got neither")
    if asked.sweep and not asked.sheet:
        raise ValueError("expected --sheet FILE with --sweep, got none")
    if asked.sheet and asked.sheet.suffix.lower() not in FORMATS:
        raise ValueError(f"--sheet: expected a file that ends in {' or '.join(FORMATS)}, got {str(asked.sheet)!r}")


def _content(path: Path) -> bytes:
    """Return the content of a file. Raises ValueError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"expected a file at {path}, got: {error.strerror}") from error


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)


@contextmanager
def _usage(parser: argparse.ArgumentParser) -> Iterator[None]:
    """Turn a usage error inside the block into exit status 2."""
    try:
        yield
    except (BadRecipe, ValueError) as fault:
        parser.error(str(fault))
