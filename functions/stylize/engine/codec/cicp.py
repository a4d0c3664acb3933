"""Colors by code points of ITU-T H.273, from cICP of a PNG and nclx of AVIF and HEIF: matrices and curves."""

import struct

import numpy as np
from numpy.typing import NDArray

from .icc import SRGB_CURVE, colorant, gamma_curve, matrix_profile

F64 = NDArray[np.float64]

PQ, HLG = 16, 18

_D65, _C, _E, _DCI = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
_D50_XYZ = np.array([0.9642, 1.0, 0.8249])

_BT709 = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_SMPTE170M = (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
PRIMARIES = {
    1: _BT709,
    4: (_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _SMPTE170M,
    7: _SMPTE170M,
    8: (_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: (_E, (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: (_DCI, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: (_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
"""White, red, green and blue, as x and y. Code point 2 (unspecified) and reserved ones stand for those of sRGB."""

_SMPTE240M_CURVE = b"para\0\0\0\0\0\3\0\0" + struct.pack(
    ">5i", *(round(v * 65536) for v in (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0912))
)
_CURVES = {
    4: gamma_curve(2.2),
    5: gamma_curve(2.8),
    7: _SMPTE240M_CURVE,
    8: gamma_curve(1.0),
    17: gamma_curve(2.6),
}
"""Curves by transfer characteristics. Those of television (1, 6, 14, 15) are treated as sRGB's, as browsers do."""


def profile_of(primaries: int, transfer: int) -> bytes:
    """Return the matrix profile that the code points stand for; empty if they stand for sRGB or nothing."""
    curve = _CURVES.get(transfer, SRGB_CURVE)
    white_and_primaries = PRIMARIES.get(primaries, _BT709)
    if white_and_primaries == _BT709 and curve == SRGB_CURVE:
        return b""
    return profile_from(white_and_primaries, curve)


def profile_from_gamma(gamma: float, chromaticities: tuple[float, ...] | None) -> bytes:
    """Return the profile of a PNG's gAMA (the value in the file, such as 0.45455) and cHRM; empty if they mean sRGB."""
    primaries = _BT709
    if chromaticities is not None and not _is_near(chromaticities, _BT709):
        white, red, green, blue = ((chromaticities[i], chromaticities[i + 1]) for i in range(0, 8, 2))
        primaries = (white, red, green, blue)
    is_srgb_gamma = abs(gamma - 1 / 2.2) < 0.01
    if not 0.1 <= gamma <= 10 or (primaries == _BT709 and is_srgb_gamma):
        return b""
    try:
        return profile_from(primaries, SRGB_CURVE if is_srgb_gamma else gamma_curve(1 / gamma))
    except (np.linalg.LinAlgError, ArithmeticError, ValueError, struct.error):
        return b""  # the primaries lie on a line, or are no points at all


def profile_from(primaries: tuple[tuple[float, float], ...], curve: bytes) -> bytes:
    """Return the profile of white, red, green and blue (x and y each), with the same `curve` for all channels.

    Raises ValueError when the primaries span no gamut.
    """
    matrix = _adaptation(_white(primaries), _D50_XYZ) @ to_xyz(primaries)
    if not np.isfinite(matrix).all() or np.abs(matrix).max() > 4:
        raise ValueError("expected primaries that span a gamut, got none")
    return matrix_profile([colorant(column) for column in matrix.T], [curve] * 3)


def to_linear_srgb(primaries: int) -> F64:
    """Return the matrix from linear light of `primaries` to that of sRGB; it maps white to white."""
    source = PRIMARIES.get(primaries, _BT709)
    adapted = _adaptation(_white(source), _white(_BT709)) @ to_xyz(source)
    return np.asarray(np.linalg.inv(to_xyz(_BT709)) @ adapted)


def luminances(primaries: int) -> F64:
    """Return the share of red, green and blue in the luminance."""
    return np.asarray(to_xyz(PRIMARIES.get(primaries, _BT709))[1])


def to_xyz(primaries: tuple[tuple[float, float], ...]) -> F64:
    """Return the matrix from linear light to XYZ whose white has Y = 1 (SMPTE RP 177)."""
    columns = np.array([_xyz(*xy) for xy in primaries[1:]]).T
    return np.asarray(columns * np.linalg.solve(columns, _white(primaries)))


def _white(primaries: tuple[tuple[float, float], ...]) -> F64:
    x, y = primaries[0]
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _xyz(x: float, y: float) -> tuple[float, float, float]:
    return (x, y, 1 - x - y)


def _adaptation(source: F64, target: F64) -> F64:
    """Return the linear Bradford transform from one white to another (ICC.1:2022, annex E)."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    scale = np.diag((bradford @ target) / (bradford @ source))
    return np.asarray(np.linalg.inv(bradford) @ scale @ bradford)


def _is_near(chromaticities: tuple[float, ...], primaries: tuple[tuple[float, float], ...]) -> bool:
    return all(abs(a - b) < 0.002 for a, b in zip(chromaticities, (v for xy in primaries for v in xy), strict=True))
