"""Color profiles: kept, converted or ignored, and never a reason to refuse a photo."""

import io
import random
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from stylize.engine import Format, decode, encode, inspect
from tests.support import icc_files
from tests.support.photo_files import (
    chunk,
    gray_picture,
    icc_segments,
    picture,
    png,
    save,
    save_heic,
    segment,
    to_srgb,
    with_nclx,
    with_segments,
)

RGB, IMAGE = picture(), Image.fromarray(picture())
JPEG = save(IMAGE, "JPEG", quality=95)
P3 = icc_files.matrix_profile()
MPF = segment(0xE2, b"MPF\0MM\0*\0\0\0\x08\0\0\0\0\0\0")


def difference(data: bytes, expected: np.ndarray) -> float:
    """Mean, in levels, between what a viewer that manages colors shows and `expected`."""
    photo = decode(data)
    seen = Image.fromarray(np.ascontiguousarray(photo.pixels[..., ::-1]))
    shown = to_srgb(seen, photo.profile) if photo.profile else np.asarray(seen)
    return float(np.abs(shown.astype(int) - expected).mean())


@pytest.mark.parametrize("colorants", [icc_files.P3, icc_files.ADOBE_RGB, icc_files.PROPHOTO])
@pytest.mark.parametrize("curve", [b"", icc_files.table_curve(1024), icc_files.table_curve(4096, 1.8)])
def test_a_matrix_profile_travels(colorants, curve) -> None:
    """A matrix profile is rewritten with the same colors, within a level, in less than 4 kB."""
    profile = icc_files.matrix_profile(colorants, curve=curve)
    photo = decode(save(IMAGE, "PNG", icc_profile=profile))
    np.testing.assert_array_equal(photo.pixels[..., ::-1], RGB)
    assert 128 < len(photo.profile) < 4096
    assert np.abs(to_srgb(IMAGE, photo.profile).astype(int) - to_srgb(IMAGE, profile)).max() <= 1


def test_three_curves_of_their_own() -> None:
    """A profile with three different curves keeps all of them."""
    names = (b"rTRC", b"gTRC", b"bTRC")
    curves = [(name, icc_files.table_curve(4096, gamma)) for name, gamma in zip(names, (1.8, 2.0, 2.4), strict=True)]
    profile = icc_files.matrix_profile(more=curves)
    photo = decode(save(IMAGE, "PNG", icc_profile=profile))
    assert 3000 < len(photo.profile) < 4096


def test_nothing_but_colorimetry_travels() -> None:
    """A rewritten profile contains no names, no private tags and no other bytes of the original."""
    secret = b"<script>alert(1)</script>GPS:52.5,13.4"
    more = [(b"zzzz", b"data\0\0\0\0" + 1000 * secret)]
    photo = decode(save(IMAGE, "JPEG", icc_profile=icc_files.matrix_profile(more=more)))
    assert photo.profile == decode(save(IMAGE, "JPEG", icc_profile=P3)).profile
    for fmt in Format:
        painting = encode(photo.pixels, fmt, 90, photo.profile)
        assert secret not in painting
        assert b"SECRET" not in photo.profile
        assert b"acsp" in painting or fmt is Format.PNG


@pytest.mark.parametrize("fmt", list(Format))
def test_paintings_in_every_format_carry_the_profile(fmt: Format) -> None:
    """Other decoders read the profile of a painting in every format; gray paintings get a gray one."""
    profile = decode(save(IMAGE, "PNG", icc_profile=icc_files.matrix_profile(icc_files.PROPHOTO, 1.8))).profile
    color = Image.open(io.BytesIO(encode(np.ascontiguousarray(RGB[..., ::-1]), fmt, 95, profile)))
    assert color.info["icc_profile"] == profile
    gray = Image.open(io.BytesIO(encode(gray_picture(), fmt, 95, profile)))
    embedded = gray.info.get("icc_profile", b"")
    if gray.mode == "L":
        expected = to_srgb(Image.fromarray(gray_picture()), icc_files.gray_profile(1.8))
        assert np.abs(to_srgb(gray.convert("L"), embedded).astype(int) - expected).mean() < 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(save(IMAGE, "JPEG", quality=95, icc_profile=P3 + b"\0"), id="padded.jpg"),
        pytest.param(save(IMAGE, "PNG", icc_profile=P3 + b"\0\0\0"), id="padded.png"),
        pytest.param(save(IMAGE, "WEBP", lossless=True, icc_profile=P3 + b"\0\0"), id="padded.webp"),
        pytest.param(with_segments(JPEG, MPF, *icc_segments(P3)), id="behind-other-app2.jpg"),
        pytest.param(with_segments(JPEG, *icc_segments(P3), MPF), id="before-other-app2.jpg"),
        pytest.param(with_segments(JPEG, *icc_segments(P3, 100)), id="in-parts.jpg"),
        pytest.param(with_segments(JPEG, *reversed(icc_segments(P3, 100))), id="out-of-order.jpg"),
        pytest.param(save(IMAGE, "PNG", icc_profile=P3[:4] + b"\0\0\0\0" + P3[8:]), id="other-version.png"),
    ],
)
def test_a_profile_in_disorder_counts(data: bytes) -> None:
    """Padding, other segments and unordered parts do not hide a profile."""
    assert difference(data, to_srgb(IMAGE, P3)) < 3


@pytest.mark.parametrize(
    "profile",
    [
        P3[:200],
        b"\0" * 500,
        b"",
        random.Random(2).randbytes(3000),
        P3[:36] + b"xxxx" + P3[40:],
        P3[:128] + b"\xff\xff\xff\xff" + P3[132:],
        icc_files.profile(b"RGB ", []),
        icc_files.profile(b"CMYK", []),
        icc_files.profile(b"RGB ", [(b"A2B0", b"mft1" + bytes(200))], b"Lab "),
        icc_files.matrix_profile(((0, 0, 0),) * 3),
        icc_files.matrix_profile(curve=b"curv\0\0\0\0\xff\xff\xff\xff\0\0"),
        icc_files.matrix_profile(curve=b"para\0\0\0\0\0\x63\0\0" + bytes(40)),
        icc_files.cmyk_profile(),
        icc_files.gray_profile(1.8),
    ],
    ids=range(14),
)
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_broken_profile_never_fails_a_photo(profile: bytes, name: str) -> None:
    """A photo with a broken or unsuitable profile is painted as if it had none."""
    faithful: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}, "PNG": {}}
    data = save(IMAGE, name, icc_profile=profile or None, **faithful[name])
    assert difference(data, RGB) < 3


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
@pytest.mark.parametrize("profile", [icc_files.profile(b"CMYK", []), icc_files.cmyk_profile()[:500], b"\0" * 300, P3])
def test_a_broken_profile_of_inks(name: str, profile: bytes) -> None:
    """A CMYK photo with a broken profile is converted as if it had none."""
    inks = IMAGE.convert("CMYK")
    expected = decode(save(inks, name)).pixels
    np.testing.assert_array_equal(decode(save(inks, name, icc_profile=profile)).pixels, expected)


@pytest.mark.parametrize("size", [65_519, 65_520, 500_000, 9_000_000])
@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_size_matters_to_nobody(size: int, name: str) -> None:
    """A profile that is too large for a painting is dropped, and the photo is painted."""
    more = [(b"zzzz", b"data\0\0\0\0" + random.Random(1).randbytes(size))]
    profile = icc_files.matrix_profile(more=more)
    data = save(IMAGE, "PNG", icc_profile=profile) if name == "PNG" else with_segments(JPEG, *icc_segments(profile))
    assert difference(data, to_srgb(IMAGE, P3)) < 3
    photo = decode(data)
    for fmt in Format:
        assert len(encode(photo.pixels, fmt, 90, photo.profile)) < 60_000


def test_a_profile_that_inflates_without_end() -> None:
    """A decompression bomb in iCCP does not count as a profile."""
    bomb = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000)))
    photo = decode(png(RGB, 8, 2, bomb))
    assert photo.profile == b""
    np.testing.assert_array_equal(photo.pixels[..., ::-1], RGB)


def test_gray_with_an_rgb_profile() -> None:
    """A gray photo with an RGB profile keeps the profile."""
    gray = Image.fromarray(gray_picture())
    data = save(gray, "PNG", icc_profile=icc_files.matrix_profile(icc_files.PROPHOTO, 1.8))
    expected = to_srgb(gray.convert("RGB"), icc_files.matrix_profile(icc_files.PROPHOTO, 1.8))
    assert difference(data, expected) < 1


# -- code points


def test_code_points_count_before_a_profile_in_png_and_behind_it_in_avif() -> None:
    """CICP code points override a profile in PNG, and are overridden by one in AVIF."""
    cicp = chunk(b"cICP", bytes([1, 13, 0, 1]))
    icc = chunk(b"iCCP", b"x\0\0" + zlib.compress(P3))
    assert decode(png(RGB, 8, 2, icc, cicp)).profile == b""
    both = with_nclx(save(IMAGE, "AVIF", quality=95), 9, 13)
    assert difference(save(IMAGE, "AVIF", quality=98, icc_profile=P3), to_srgb(IMAGE, P3)) < 4
    assert len(decode(both).profile) > 128


@pytest.mark.parametrize("primaries", [4, 5, 6, 7, 8, 9, 10, 11, 12, 22])
def test_primaries_agree_with_others(primaries: int) -> None:
    """LittleCMS finds the white point and primaries of a written profile at their defined places."""
    profile = decode(png(RGB, 8, 2, chunk(b"cICP", bytes([primaries, 13, 0, 1])))).profile
    white = np.full((1, 1, 3), 255, np.uint8)
    assert np.abs(to_srgb(Image.fromarray(white), profile).astype(int) - 255).max() <= 1
    read = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    assert read.is_matrix_shaper


def test_srgb_by_code_points_needs_no_profile() -> None:
    """sRGB, television curves and unspecified code points need no profile."""
    for primaries, transfer in ((1, 13), (1, 1), (1, 6), (2, 2), (1, 2)):
        assert decode(png(RGB, 8, 2, chunk(b"cICP", bytes([primaries, transfer, 0, 1])))).profile == b""


def test_gamma_of_a_png() -> None:
    """gAMA and cHRM are used if nothing better is there; values that stand for sRGB are ignored."""
    linear = png(RGB, 8, 2, chunk(b"gAMA", struct.pack(">I", 100_000)))
    expected = np.clip((RGB / 255.0) ** (1 / 2.2) * 255, 0, 255)
    assert difference(linear, expected) < 4
    usual = chunk(b"gAMA", struct.pack(">I", 45_455))
    points = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    assert decode(png(RGB, 8, 2, usual, chunk(b"cHRM", points))).profile == b""
    assert decode(png(RGB, 8, 2, chunk(b"sRGB", b"\0"), chunk(b"gAMA", bytes(4)))).profile == b""
    for absurd in (bytes(32), struct.pack(">8I", *[50_000] * 8), b"\xff" * 32):
        assert decode(png(RGB, 8, 2, usual, chunk(b"cHRM", absurd))).pixels.shape == (80, 120, 3)


# -- PQ and HLG


def pq(nits: np.ndarray) -> np.ndarray:
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    y = (nits / 10_000) ** m1
    return ((c1 + c2 * y) / (1 + c3 * y)) ** m2


def hlg(scene: np.ndarray) -> np.ndarray:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def linear(rgb: np.ndarray) -> np.ndarray:
    v = rgb / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def test_pq_up_to_reference_white_looks_as_it_did() -> None:
    """sRGB content up to 203 nits, encoded as 16-bit PQ, keeps its look."""
    codes = np.rint(pq(linear(RGB) * 203) * 65535).astype(np.uint16)
    data = png(codes, 16, 2, chunk(b"cICP", bytes([1, 16, 0, 1])))
    photo = decode(data)
    assert (photo.profile, inspect(data).profile) == (b"", "pq")
    assert np.abs(photo.pixels[..., ::-1].astype(int) - RGB).max() <= 1


def test_hlg_up_to_reference_white_looks_as_it_did() -> None:
    """HLG content up to reference white keeps its look; the system gamma is undone on luminance."""
    light = linear(RGB) * 203 / 1000
    luminance = light @ np.array([0.2126, 0.7152, 0.0722])
    scene = light * np.maximum(luminance, 1e-9)[..., None] ** (1 / 1.2 - 1)
    codes = np.rint(hlg(scene) * 65535).astype(np.uint16)
    data = png(codes, 16, 2, chunk(b"cICP", bytes([1, 18, 0, 1])))
    assert inspect(data).profile == "hlg"
    assert np.abs(decode(data).pixels[..., ::-1].astype(int) - RGB).max() <= 2


def test_highlights_are_compressed_not_clipped() -> None:
    """A ramp to 1000 nits rises up to white, and its shadows stay."""
    nits = np.linspace(0, 1000, 512)
    codes = np.rint(pq(nits) * 65535).astype(np.uint16)
    ramp = np.repeat(codes[None, :, None], 3, axis=2)
    tones = decode(png(ramp, 16, 2, chunk(b"cICP", bytes([9, 16, 0, 1])))).pixels[0, :, 1].astype(int)
    assert (np.diff(tones) >= 0).all()
    assert tones[-1] == 255
    assert 200 < tones[np.searchsorted(nits, 203)] < 240
    plain = 255 * np.interp(nits / 203, linear(np.arange(256)), np.arange(256) / 255)
    dark = nits < 95
    assert np.abs(tones[dark] - plain[dark]).max() <= 1


def test_wide_gamut_pq_keeps_its_hues() -> None:
    """Rec. 2020 colors are converted to sRGB, not reinterpreted."""
    wide = cv2.transform(linear(RGB).astype(np.float32), np.linalg.inv(REC2020_TO_SRGB).astype(np.float32))
    codes = np.rint(pq(np.clip(wide, 0, 1) * 203) * 65535).astype(np.uint16)
    photo = decode(png(codes, 16, 2, chunk(b"cICP", bytes([9, 16, 0, 1]))))
    assert np.abs(photo.pixels[..., ::-1].astype(int) - RGB).mean() < 1.5


REC2020_TO_SRGB = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_in_avif_and_heic(transfer: int) -> None:
    """HDR in AVIF and HEIC is recognized by the color box and converted at any depth."""
    codes = (RGB.astype(np.uint16)) << 2
    written, data = cv2.imencode(".avif", codes[..., ::-1].copy(), [cv2.IMWRITE_AVIF_DEPTH, 10])
    assert written
    for photo in (
        with_nclx(data.tobytes(), 9, transfer),
        with_nclx(save_heic(IMAGE), 9, transfer),
    ):
        assert inspect(photo).profile == {16: "pq", 18: "hlg"}[transfer]
        assert decode(photo).profile == b""
