"""Finds the photos that a command line names by files, folders and patterns."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import engine

SUFFIXES = frozenset(f".{suffix}" for suffix in engine.SUFFIXES)
"""Suffixes of the files that are taken from a folder; a file that is named is taken with any suffix."""


def gather(named: Sequence[str]) -> dict[str, Path]:
    """Return the photos by file name, each once. Raises ValueError when two share a name, or there are none."""
    photos: dict[str, Path] = {}
    for path in (path for name in named for path in _matches(name)):
        other = photos.setdefault(path.name, path)
        if other.resolve() != path.resolve():
            raise ValueError(
                f"expected photos of different file names, got {other} and {path}: they would share a folder"
            )
    return photos


def _matches(name: str) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in SUFFIXES)
    elif not path.exists() and any(sign in name for sign in "*?["):
        anchor = Path(path.anchor)
        found = sorted(file for file in anchor.glob(str(path.relative_to(anchor))) if file.is_file())
    else:
        found = [path]  # a missing file is reported when it is read
    if not found:
        raise ValueError(f"expected photos at {name}, got none")
    yield from found
