"""Which photos a command line names: files, folders, patterns."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import engine

SUFFIXES = frozenset(f".{suffix}" for suffix in engine.SUFFIXES)
"""Of what is taken from a folder; a file that is named is taken as it is."""


def gather(named: Sequence[str]) -> dict[str, Path]:
    """Return the photos by file name, each once. Raises ValueError when two would share a folder, or there is none."""
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
        found = [path]  # one that is not there is named when its turn comes
    if not found:
        raise ValueError(f"expected photos at {name}, got none")
    yield from found
