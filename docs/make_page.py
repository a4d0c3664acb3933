"""Makes the pictures of docs/page.md from the screenshots that the tests of the page leave in build/screenshots."""

from pathlib import Path

import cv2

DOCS = Path(__file__).parent
SCREENSHOTS = DOCS.parent / "build" / "screenshots"

PICTURES = {
    "wall": ("wall-1440-light-en.png", 900),
    "room": ("room-1440-light-en.png", 900),
    "night": ("wall-1440-dark-zh.png", 900),
    "phone": ("wall-360-light-en.png", 360),
}
"""Of each picture the screenshot, and the width in pixels."""


def main() -> None:
    for name, (screenshot, width) in PICTURES.items():
        image = cv2.imread(str(SCREENSHOTS / screenshot))
        if image is None:
            raise FileNotFoundError(f"expected {SCREENSHOTS / screenshot}: run .venv/bin/python -m pytest tests/page")
        height = round(image.shape[0] * width / image.shape[1])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(DOCS / "page" / f"{name}.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
