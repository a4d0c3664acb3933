"""Paints photos in the file system into folders, with a progress bar and a table of results."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from ..manifest import Manifest, PhotoFacts
from ..recipe import RecipeOverrides
from ..stores.files import FileStore
from .workshop import Workshop

HEAD = ("photo", "size", "seconds", "where")


def paint_files(photos: Mapping[str, Path], out: Path, overrides: RecipeOverrides, shop: Workshop) -> int:
    """Paint `photos` into `out` and print a table. Return the exit status: 1 if some were refused, else 0.

    A photo that has been painted by the same recipe is not painted again. After an interrupt all files are complete,
    and the table has the finished photos.
    """
    studio, rows, refused = shop.studio.working_on(FileStore(photos, out)), list[Sequence[str]](), 0
    try:
        with tqdm(photos.items(), unit="photo", disable=None) as bar:
            for name, path in bar:
                bar.set_postfix_str(name)
                began = monotonic()
                outcome = studio.paint(PhotoFacts(bucket=None, key=name), overrides, explicit=True)
                error = outcome.manifest.error
                if error:
                    refused += 1
                    tqdm.write(f"{path}: {error['code']}: {error['message']}", file=sys.stderr)
                rows.append(_row(path, out, outcome.manifest, f"{monotonic() - began:.2f}" if outcome.fresh else "-"))
    finally:
        _print_table(rows)
        print(f"{len(rows) - refused} of {len(photos)} painted, in {out}")
    return 1 if refused else 0


def _row(path: Path, out: Path, manifest: Manifest, seconds: str) -> Sequence[str]:
    if manifest.error:
        return path.name, "-", "-", f"refused: {manifest.error['code']}"
    return path.name, f"{manifest.photo.width} x {manifest.photo.height}", seconds, str(out / path.name)


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with aligned seconds; `-`: painted before, or not at all."""
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    for name, size, seconds, where in (HEAD, *rows):
        print(f"{name:<{widths[0]}}  {size:<{widths[1]}}  {seconds:>{widths[2]}}  {where}")
