"""ICC profiles (ICC.1:2022): read as far as they are sound, and written from colorimetry alone.

A photo's profile may contain megabytes of anything. The profile of a painting is written here: three primaries, three
curves, the white that every profile has, and nothing that names a person.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HEADER = 128
_MOST_TAGS = 100  # the limit of LittleCMS
_D50 = (0xF6D6, 0x10000, 0xD32D)  # s15Fixed16: the white of the connection space
_COLORANTS, _CURVES = (b"rXYZ", b"gXYZ", b"bXYZ"), (b"rTRC", b"gTRC", b"bTRC")
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
"""The number of parameters of a parametric curve, by its function (section 10.18)."""

_SHARED_POINTS, _OWN_POINTS = 1024, 512
"""The number of points to which a curve's table is reduced: shared by all channels, or one for each."""

SRGB_CURVE = b"para\0\0\0\0\0\3\0\0" + struct.pack(
    ">5i", *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


@dataclass(frozen=True)
class Profile:
    """A profile with a sound header: `space` is its color space, `tags` are those whose data lie inside the file."""

    space: str
    device_class: bytes
    connection: bytes
    tags: dict[bytes, bytes]

    @property
    def has_table(self) -> bool:
        """Whether the profile has a multidimensional table, which a matrix can't replace."""
        return any(tag in self.tags for tag in (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2", b"D2B3"))

    @property
    def cicp(self) -> tuple[int, int] | None:
        """Primaries and transfer as code points of H.273; None without such a tag."""
        tag = self.tags.get(b"cicp", b"")
        return (tag[8], tag[9]) if len(tag) >= 12 and tag[:4] == b"cicp" else None


def read_profile(data: bytes) -> Profile | None:
    """Read the header and the tags that lie inside; None if this is no profile. Bytes after its end are ignored."""
    if len(data) < _HEADER + 4 or data[36:40] != b"acsp":
        return None
    space = {b"RGB ": "rgb", b"GRAY": "gray", b"CMYK": "cmyk", b"Lab ": "lab"}.get(bytes(data[16:20]))
    if space is None:
        return None
    tags = {}
    count = struct.unpack_from(">I", data, _HEADER)[0]
    if count > _MOST_TAGS:
        return None
    for i in range(min(count, (len(data) - _HEADER - 4) // 12)):
        name, at, size = struct.unpack_from(">4sII", data, _HEADER + 4 + 12 * i)
        if at >= _HEADER and size >= 8 and at + size <= len(data):
            tags[name] = bytes(data[at : at + size])
    return Profile(space, bytes(data[12:16]), bytes(data[20:24]), tags)


def rebuilt(profile: Profile) -> bytes:
    """Return an RGB matrix profile of the primaries and curves of `profile` alone; empty if they are not sound."""
    if profile.space != "rgb" or profile.connection != b"XYZ " or profile.has_table:
        return b""
    colorants = [_colorant(profile.tags.get(tag, b"")) for tag in _COLORANTS]
    curves = [_curve(profile.tags.get(tag, b"")) for tag in _CURVES]
    if not all(colorants) or not all(curves) or not _spans_a_gamut(colorants):
        return b""
    return matrix_profile(colorants, curves)


def matrix_profile(colorants: list[bytes], curves: list[bytes]) -> bytes:
    """Return a display profile of three colorants (XYZ of D50 as three s15Fixed16) and three curve tags."""
    points = _SHARED_POINTS if len(set(curves)) == 1 else _OWN_POINTS
    tags = [(b"desc", _text("RGB")), (b"cprt", _text("CC0")), (b"wtpt", _xyz(struct.pack(">3I", *_D50)))]
    tags += [(tag, _xyz(colorant)) for tag, colorant in zip(_COLORANTS, colorants, strict=True)]
    tags += [(tag, _thinned(curve, points)) for tag, curve in zip(_CURVES, curves, strict=True)]
    return _profile(b"RGB ", tags)


def gray_profile(curve: bytes) -> bytes:
    """Return a gray display profile with the curve tag `curve`."""
    tags = [(b"desc", _text("Gray")), (b"cprt", _text("CC0")), (b"wtpt", _xyz(struct.pack(">3I", *_D50)))]
    return _profile(b"GRAY", [*tags, (b"kTRC", _thinned(curve, _SHARED_POINTS))])


def gamma_curve(gamma: float) -> bytes:
    return b"para\0\0\0\0\0\0\0\0" + struct.pack(">i", round(gamma * 65536))


def colorant(xyz: NDArray[np.float64]) -> bytes:
    """Return XYZ of D50 as three s15Fixed16."""
    return struct.pack(">3i", *(round(float(v) * 65536) for v in xyz))


def _profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    begin = _HEADER + 4 + 12 * len(tags)
    table, body, places = struct.pack(">I", len(tags)), b"", {}
    for name, content in tags:
        if content not in places:  # tags with equal contents share them
            places[content] = begin + len(body)
            body += content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", places[content], len(content))
    head = struct.pack(">I", begin + len(body)) + bytes(4) + b"\x04\x30\0\0mntr" + space + b"XYZ "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3I", *_D50)
    return head.ljust(_HEADER, b"\0") + table + body


def _text(text: str) -> bytes:
    raw = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(raw), 28) + raw


def _xyz(raw: bytes) -> bytes:
    return b"XYZ \0\0\0\0" + raw


def _colorant(tag: bytes) -> bytes:
    return tag[8:20] if tag[:4] == b"XYZ " and len(tag) >= 20 else b""


def _spans_a_gamut(colorants: list[bytes]) -> bool:
    """Return whether the colorants are in range and independent of each other, with a sum near white (D50)."""
    matrix = np.array([struct.unpack(">3i", raw) for raw in colorants], np.float64) / 65536
    near_white = np.abs(matrix.sum(0) - np.array(_D50) / 65536).max() < 0.1
    return bool(near_white and np.abs(matrix).max() < 4 and abs(np.linalg.det(matrix)) > 1e-4)


def _curve(tag: bytes) -> bytes:
    """Return the curve's tag, cut to its length; empty if it is no curve, or one that does not rise."""
    if tag[:4] == b"curv" and len(tag) >= 12:
        count = struct.unpack_from(">I", tag, 8)[0]
        if len(tag) < 12 + 2 * count:
            return b""
        values = np.frombuffer(tag, ">u2", count, 12)
        sound = count == 0 or (count == 1 and 25 <= values[0] <= 2560) or (count > 1 and values[-1] > values[0])
        return tag[: 12 + 2 * count] if sound else b""
    if tag[:4] == b"para" and len(tag) >= 16:
        count = _PARAMETERS.get(struct.unpack_from(">H", tag, 8)[0], 0)
        if not count or len(tag) < 12 + 4 * count:
            return b""
        gamma, slope = struct.unpack_from(">2i", tag, 12) if count > 1 else (*struct.unpack_from(">i", tag, 12), 1)
        return tag[: 12 + 4 * count] if 0.1 * 65536 <= gamma <= 10 * 65536 and slope > 0 else b""
    return b""


def _thinned(curve: bytes, points: int) -> bytes:
    """Return the curve with at most `points` points, resampled linearly, as all readers interpolate."""
    if curve[:4] != b"curv" or (len(curve) - 12) // 2 <= points:
        return curve
    values = np.frombuffer(curve, ">u2", offset=12).astype(np.float64)
    at = np.linspace(0, len(values) - 1, points)
    thin = np.rint(np.interp(at, np.arange(len(values)), values)).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">I", points) + thin.tobytes()
