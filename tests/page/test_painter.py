"""kernels.wasm, driven by the page's own module in Node, gives the same bytes as the native kernels."""

import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from stylize.engine import OilParams, Params, PencilParams, WatercolorParams, paint
from stylize.engine.kernels import build
from stylize.page import HERE as PAGE
from tests.page.node import run_in_node

PHOTOS = 120
"""Random photos, with random parameters, that are painted by both."""


def random_photo(random: Random) -> np.ndarray:
    """Of any shape up to some 200 pixels, narrow ones often: noise, flat, smooth, or dark with bright spots."""
    height, width = (random.choice([1, 2, 7, 8, 9, random.randint(1, 40), random.randint(1, 220)]) for _ in range(2))
    noise = np.random.default_rng(random.getrandbits(32))
    kind = random.choice(["noise", "flat", "smooth", "spots"])
    if kind == "noise":
        return noise.integers(0, 256, (height, width, 3), np.uint8)
    if kind == "flat":
        return np.full((height, width, 3), noise.integers(0, 256, 3), np.uint8)
    if kind == "spots":
        return np.where(noise.random((height, width, 1)) < 0.05, 250, 4).astype(np.uint8).repeat(3, 2)
    walk = noise.normal(0, 4, (height, width, 3)).cumsum(0).cumsum(1)
    return np.abs(walk % 510 - 255).astype(np.uint8)


def random_groups(random: Random) -> dict[str, dict[str, float]]:
    reach = random.choice([1.0, 200.0, random.uniform(1, 200)])
    line = random.choice([1, 1, 2, 3, random.randint(1, 64)])
    return {
        "watercolor": {"sigmaS": reach, "sigmaR": random.choice([0.01, 1.0, random.uniform(0.01, 1)]), "line": line},
        "oil": {"size": random.choice([1, 64, random.randint(1, 30)]), "levels": random.randint(1, 127)},
        "pencil": {"sigmaS": reach, "sigmaR": random.uniform(0.01, 1), "shade": random.uniform(0.01, 1), "line": line},
    }


def hashes_of_the_library(photo: np.ndarray, groups: dict[str, dict[str, float]]) -> dict[str, str]:
    pencil, oil, watercolor = groups["pencil"], groups["oil"], groups["watercolor"]
    params = Params(
        PencilParams(pencil["sigmaS"], pencil["sigmaR"], pencil["shade"]),
        OilParams(int(oil["size"]), int(oil["levels"])),
        WatercolorParams(watercolor["sigmaS"], watercolor["sigmaR"]),
        int(pencil["line"]),
    )
    paintings = paint(photo, params=params)
    return {str(style): hashlib.sha256(painting.tobytes()).hexdigest() for style, painting in paintings}


def hashes_of_the_page(photos: list[tuple[np.ndarray, dict[str, dict[str, float]]]]) -> list[dict[str, Any]]:
    given = b"".join(
        json.dumps({"width": photo.shape[1], "height": photo.shape[0], "groups": groups}).encode()
        + b"\n"
        + photo.tobytes()
        for photo, groups in photos
    )
    return [json.loads(line) for line in run_in_node("paint.mjs", given).splitlines()]


def test_page_paints_the_bytes_of_the_library() -> None:
    """For any photo and parameters, the page's four paintings equal the native kernels' in every byte."""
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print("seed", seed)  # pytest shows it when the test fails: Random(seed) makes the same photos
    random = Random(seed)
    photos = [(random_photo(random), random_groups(random)) for _ in range(PHOTOS)]
    for photo, (pixels, groups), painted in zip(range(PHOTOS), photos, hashes_of_the_page(photos), strict=True):
        assert painted == hashes_of_the_library(pixels, groups), (photo, pixels.shape, groups)


def test_module_is_the_same_bytes_wherever_it_is_built(tmp_path: Path) -> None:
    """Building in other folders gives kernels.wasm byte for byte."""
    again = build.build("wasm32", tmp_path / "out", tmp_path / "work", None, False)
    assert again.read_bytes() == (PAGE / "kernels.wasm").read_bytes()
