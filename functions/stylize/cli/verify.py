"""Verifies paintings against photo and manifest: the manifest is a receipt that anyone can check."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ..engine import salted
from ..errors import Refusal
from ..manifest import Manifest, PaintingFacts
from ..protocol.facts import ClaimId
from ..recipe import Recipe
from ..studio.painting import Encoded, Paintings
from ..studio.records import salt_of
from ..studio.stopwatch import Stopwatch
from .workshop import Workshop


def verify(photo: bytes, receipt: bytes, folder: Path, shop: Workshop) -> tuple[list[str], bool]:
    """Paint `photo` by the recipe of `receipt`, a manifest.json, and compare; paintings in `folder` are compared, too.

    Return a line for each painting, and whether everything is as recorded.
    """
    try:
        manifest = Manifest.from_json(receipt)
        recipe = Recipe.from_json(manifest.recipe or {})
        faults = list(_faults(manifest, photo))
        if faults:
            return faults, False
        painted = Paintings(photo, recipe, shop.studio, Stopwatch())
        while not painted.is_finished:
            painted.paint_next()
    except (Refusal, ValueError) as error:
        return [f"can't be checked: {error}"], False
    lines = list(_engine_line(manifest, shop.studio.engine))
    is_true = {painting.key.rpartition("/")[2] for painting in manifest.paintings} == painted.encoded.keys()
    for painting in manifest.paintings:
        name = painting.key.rpartition("/")[2]
        verdict, is_same = _verdict(manifest, recipe, painting, painted.encoded.get(name), folder / name)
        lines.append(f"{name}: {verdict}")
        is_true &= is_same
    return [*lines, "as recorded" if is_true else "not as recorded"], is_true


def _faults(manifest: Manifest, photo: bytes) -> Iterator[str]:
    """Yield the reasons why the photo can't be compared at all."""
    got = hashlib.sha256(photo).hexdigest()
    if not manifest.is_done:
        yield f"expected a manifest of status done, got {manifest.status}"
    elif manifest.photo.sha256 != got:
        yield f"another photo: expected SHA-256 {manifest.photo.sha256}, got {got}"


def _engine_line(manifest: Manifest, engine: dict[str, str]) -> Iterator[str]:
    """Yield a warning if another engine painted: it may encode the same pixels as different bytes."""
    if manifest.engine != engine:
        yield f"another engine: expected {_versions(dict(manifest.engine))}, got {_versions(engine)}"


def _versions(engine: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(engine.items()))


def _verdict(
    manifest: Manifest, recipe: Recipe, painting: PaintingFacts, encoded: Encoded | None, file: Path
) -> tuple[str, bool]:
    if encoded is None:
        return "not one of the recipe's paintings", False
    if painting.sha256 not in _possible_sha256s(manifest, recipe, encoded.content):
        return f"painted again it is another: expected SHA-256 {painting.sha256}", False
    if not file.exists():
        return "the same, painted again (no such file beside the manifest)", True
    if hashlib.sha256(file.read_bytes()).hexdigest() != painting.sha256:
        return "painted again it is the same, but the file beside the manifest is another", False
    return "the same, painted again and beside the manifest", True


def _possible_sha256s(manifest: Manifest, recipe: Recipe, content: bytes) -> set[str]:
    """Return the possible hashes: of the file as encoded, and of the file with the salt of the run's claim."""
    run = manifest.run or {}
    salts = [salt_of(ClaimId(str(run.get("id")), turn)) for turn in range(int(run.get("turn", 0)) + 1)]
    contents = [content, *(salted(content, recipe.format, salt) for salt in salts)]
    return {hashlib.sha256(each).hexdigest() for each in contents}
