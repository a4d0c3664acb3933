"""The tone map from PQ and HLG (ITU-R BT.2100) to sRGB.

Reference white is 203 nits (BT.2408), and becomes the white of sRGB if nothing in the photo is brighter. Light up to
half of reference white is unchanged. From there to the brightest light of the photo, highlights are compressed so that
none is lost. With x the largest of red, green and blue, k the knee and p the brightest light,

    f(x) = k + (1 - k) t (1 + t / T^2) / (1 + t),   t = (x - k) / (1 - k),   T = (p - k) / (1 - k),

which is Reinhard's extended operator above the knee: f(k) = k, f'(k) = 1, f(p) = 1. All three channels are scaled
alike, which keeps the hue. Colors outside sRGB are clipped.
"""

import numpy as np
from numpy.typing import NDArray

from .cicp import HLG, PQ, luminances, to_linear_srgb

F32 = NDArray[np.float32]
Codes = NDArray[np.unsignedinteger]

REFERENCE_WHITE = 203.0  # nits
KNEE = 0.5
"""The end of unchanged tones, in linear light with reference white as 1: sRGB 188."""

_HLG_PEAK = 1000.0  # nits, with a system gamma of 1.2
_STEPS = 4096


class ToneMap:
    """Converts pixels of PQ or HLG to sRGB. Pass all pixels to `look_at` first."""

    def __init__(self, primaries: int, transfer: int, max_value: int) -> None:
        signal = np.arange(max_value + 1) / max_value
        self._is_hlg = transfer == HLG
        self._light = (_hlg_scene(signal) if self._is_hlg else _pq_nits(signal) / REFERENCE_WHITE).astype(np.float32)
        self._luminances = luminances(primaries).astype(np.float32)
        self._matrix = to_linear_srgb(primaries).astype(np.float32)
        self._peak = 0.0
        self._encoded = _srgb_bytes()

    def look_at(self, pixels: Codes) -> None:
        """Record the light of the brightest pixel."""
        brightest = self._displayed(pixels).max() if self._is_hlg else self._light[pixels.max()]
        self._peak = max(self._peak, float(brightest))

    def __call__(self, pixels: Codes) -> NDArray[np.uint8]:
        """Convert RGB codes (..., 3) to sRGB uint8 (..., 3)."""
        light = self._displayed(pixels)
        if self._peak > 1:
            light *= self._compression(light.max(axis=-1))[..., None]
        linear = np.clip(light @ self._matrix.T, 0, 1)
        return np.asarray(self._encoded[np.rint(np.sqrt(linear) * (_STEPS - 1)).astype(np.uint16)])

    def _displayed(self, pixels: Codes) -> F32:
        """Return the linear light of a display, with reference white as 1."""
        light = self._light[pixels]
        if self._is_hlg:  # HLG's system gamma applies to luminance
            luminance = np.maximum(light @ self._luminances, 1e-6)
            light *= (luminance**0.2 * np.float32(_HLG_PEAK / REFERENCE_WHITE))[..., None]
        return np.asarray(light)

    def _compression(self, brightest: F32) -> F32:
        """Return the factor by which each pixel's light is scaled, from the largest of its channels."""
        above = np.maximum(brightest - KNEE, 0) / (1 - KNEE)
        top = (self._peak - KNEE) / (1 - KNEE)
        compressed = KNEE + (1 - KNEE) * above * (1 + above / top**2) / (1 + above)
        return np.asarray(np.where(brightest > KNEE, compressed / np.maximum(brightest, KNEE), 1), np.float32)


def is_hdr(transfer: int) -> bool:
    return transfer in (PQ, HLG)


def _pq_nits(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply the electro-optical transfer function of SMPTE ST 2084: signal 0..1 to nits."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    return np.asarray(10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1))


def _hlg_scene(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply the inverse of HLG's opto-electronic transfer function: signal 0..1 to scene light 0..1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)


def _srgb_bytes() -> NDArray[np.uint8]:
    """Return sRGB (uint8) for the squares of 0..1 in even steps; squares are dense where the eye sees steps."""
    linear = (np.arange(_STEPS) / (_STEPS - 1)) ** 2
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), np.uint8)
