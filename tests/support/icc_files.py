"""ICC profiles made by hand: matrices, tables, gray, CMYK, and what is wrong with some."""

import struct
from collections.abc import Callable
from itertools import product

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
PROPHOTO = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))
SRGB_IN_XYZ = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])


def profile(space: bytes, tags: list[tuple[bytes, bytes]], connection: bytes = b"XYZ ", kind: bytes = b"mntr") -> bytes:
    """Header, table and tags, one after the other."""
    at, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags:
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    head = struct.pack(">I", at + len(body)) + b"\0\0\0\0\x02\x20\0\0" + kind + space + connection
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(D50)
    return head.ljust(128, b"\0") + table + body


def matrix_profile(
    colorants=P3, gamma: float = 2.2, curve: bytes = b"", more: list[tuple[bytes, bytes]] | None = None
) -> bytes:
    """RGB by primaries and one curve; `more` tags stand beside these, or for them."""
    curve = curve or gamma_curve(gamma)
    tags = _described()
    tags += [(n, b"XYZ \0\0\0\0" + _fixed(c)) for n, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)]
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve) | dict(more or [])
    return profile(b"RGB ", [*tags, *curves.items()])


def gray_profile(gamma: float) -> bytes:
    return profile(b"GRAY", [*_described(), (b"kTRC", gamma_curve(gamma))])


def gamma_curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def table_curve(points: int, gamma: float = 2.2) -> bytes:
    values = np.rint(np.linspace(0, 1, points) ** gamma * 65535).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">I", points) + values.tobytes()


def rgb_table_profile() -> bytes:
    """RGB by a table alone: sRGB with red and blue exchanged, which nothing but the table says."""
    return profile(b"RGB ", [*_described(), (b"A2B0", _table(3, lambda v: srgb_to_lab(v[::-1])))], b"Lab ")


def cmyk_profile() -> bytes:
    """CMYK by a table: inks that are cleaner than they are, so that a plain conversion is told from it."""

    def to_lab(inks: np.ndarray) -> np.ndarray:
        return srgb_to_lab((1 - 0.8 * inks[:3]) * (1 - 0.9 * inks[3]))

    return profile(b"CMYK", [*_described(), (b"A2B0", _table(4, to_lab))], b"Lab ", b"prtr")


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    ratio = SRGB_IN_XYZ @ linear / D50
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _table(channels: int, to_lab: Callable[[np.ndarray], np.ndarray], points: int = 9) -> bytes:
    """A lut8Type (ICC.1:2022, section 10.11) with straight curves."""
    straight = bytes(range(256))
    labs = np.array([to_lab(np.array(v) / (points - 1)) for v in product(range(points), repeat=channels)])
    codes = np.clip(np.rint(labs * (2.55, 1, 1) + (0, 128, 128)), 0, 255).astype(np.uint8)
    head = b"mft1\0\0\0\0" + bytes([channels, 3, points, 0]) + _fixed((1, 0, 0, 0, 1, 0, 0, 0, 1))
    return head + straight * channels + codes.tobytes() + straight * 3


def _described() -> list[tuple[bytes, bytes]]:
    text = b"desc\0\0\0\0" + struct.pack(">I", 7) + b"SECRET\0" + bytes(78)
    return [(b"desc", text), (b"cprt", b"text\0\0\0\0SECRET\0"), (b"wtpt", b"XYZ \0\0\0\0" + _fixed(D50))]


def _fixed(values) -> bytes:
    return b"".join(struct.pack(">i", round(float(v) * 65536)) for v in values)
