"""Paints the inputs beside this file with OpenCV contrib's `oilPainting`; `make golden` runs it.

Each golden is a column of pictures, one for each pair of SIZES and DYN_RATIOS, in that order.
"""

from itertools import product
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).parent
SIZES = (6, 7, 10)
DYN_RATIOS = (1, 5, 7, 10)


def main() -> None:
    oil_painting = cv2.xphoto.oilPainting  # type: ignore[attr-defined]  # the headless build has no xphoto
    for name, picture in inputs().items():
        cv2.imwrite(str(HERE / f"{name}.png"), picture)
        painted = [oil_painting(picture, size, ratio) for size, ratio in product(SIZES, DYN_RATIOS)]
        cv2.imwrite(str(HERE / f"{name}-oil.png"), np.vstack(painted))
    print(f"made with OpenCV contrib {cv2.__version__}, NumPy {np.__version__}")


def inputs() -> dict[str, np.ndarray]:
    """A detail of a photo, noise, near black, and a row of pixels."""
    chance = np.random.default_rng(2011)
    photo = cv2.imread(str(HERE.parent.parent / "local" / "samples" / "chelsea.jpg"))
    assert photo is not None
    return {
        "photo": photo[60:160, 120:260].copy(),
        "noise": chance.integers(0, 256, (33, 57, 3), dtype=np.uint8),
        "black": chance.integers(0, 6, (40, 31, 3), dtype=np.uint8),
        "row": chance.integers(0, 256, (1, 64, 3), dtype=np.uint8),
    }


if __name__ == "__main__":
    main()
