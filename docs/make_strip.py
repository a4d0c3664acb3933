"""Makes docs/strip.jpg: a photo and its four paintings side by side, each painted by `python -m stylize`."""

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "local" / "samples" / "coffee.jpg"
STYLES = ("sketch", "color-pencil", "oil", "watercolor")
WIDTH, GAP = 300, 6

with tempfile.TemporaryDirectory() as out:
    subprocess.run([sys.executable, "-m", "stylize", PHOTO, "--out", out, "--format", "png"], check=True)
    files = [str(PHOTO), *(f"{out}/{PHOTO.name}/{style}.png" for style in STYLES)]
    pictures = [picture for file in files if (picture := cv2.imread(file)) is not None]

height = WIDTH * pictures[0].shape[0] // pictures[0].shape[1]
gap = np.full((height, GAP, 3), 255, np.uint8)
row = [
    part for picture in pictures for part in (cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA), gap)
]
cv2.imwrite(str(HERE / "strip.jpg"), np.hstack(row[:-1]), [cv2.IMWRITE_JPEG_QUALITY, 88])
