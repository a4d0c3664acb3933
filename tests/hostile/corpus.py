"""Seven thousand hostile files, made the same on every machine from a few sound ones of every accepted format."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from PIL import Image

from tests.support.photo_files import by_tifffile, save, save_heic
from tests.support.pictures import animated_gif, encoded, exif_orientation, picture, rgb_profile

from . import bombs

File = tuple[str, bytes]
SIDES = (0, 1, 2, 255, 16_383, 16_384, 30_000, 65_535, 65_536, 0x7FFFFFFF, 0xFFFFFFFF)
BOXES = (
    *(b"ftyp", b"meta", b"hdlr", b"pitm", b"iloc", b"iinf", b"infe", b"iref", b"iprp", b"ipco", b"ipma", b"ispe"),
    *(b"colr", b"av1C", b"hvcC", b"irot", b"auxC", b"mdat", b"jP  ", b"jp2h", b"ihdr", b"jp2c"),
)
LIES = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\xff\xff", b"\x00\x01", b"\xff\xfe")


def corpus() -> Iterator[File]:
    """Every file with a name that says what is wrong with it."""
    sound = seeds()
    for family in (bit_flips, truncations, length_lies, box_lies, polyglots, sides, absurd_exif):
        yield from family(sound)
    yield from thin_photos()
    yield from stubs(sound)
    yield from bombs.bombs()


def seeds() -> dict[str, bytes]:
    """Sound files: every format, with and without what some of them can hold."""
    photo = picture("smooth", 40, 56)
    see_through = np.dstack([photo, picture("random", 40, 56)[..., 0]])
    exif, profile = exif_orientation(6), rgb_profile()
    progressive = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2])[1]
    return {
        "plain.jpg": encoded(photo, ".jpg", exif, profile),
        "progressive.jpg": progressive.tobytes(),
        "gray.jpg": encoded(photo[..., 0], ".jpg"),
        "plain.png": encoded(photo, ".png", exif, profile),
        "alpha.png": encoded(see_through, ".png"),
        "deep.png": encoded(photo.astype(np.uint16) * 257, ".png"),
        "bilevel.png": cv2.imencode(".png", photo[..., 0] & 128, [cv2.IMWRITE_PNG_BILEVEL, 1])[1].tobytes(),
        "lossy.webp": encoded(photo, ".webp", exif, profile),
        "lossless.webp": cv2.imencode(".webp", photo, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes(),
        "alpha.webp": encoded(see_through, ".webp"),
        "plain.avif": encoded(photo, ".avif", exif),
        "alpha.avif": encoded(see_through, ".avif"),
        "moving.gif": animated_gif([photo, 255 - photo]),
        "plain.heic": save_heic(Image.fromarray(photo), exif=exif),
        "alpha.heic": save_heic(Image.fromarray(see_through)),
        "plain.tif": save(Image.fromarray(photo), "TIFF", compression="tiff_lzw", tiffinfo={0x112: 6}),
        "jpeg.tif": save(Image.fromarray(photo), "TIFF", compression="jpeg"),
        "deep.tif": by_tifffile(photo.astype(np.uint16) * 257, "rgb"),
        "plain.bmp": save(Image.fromarray(photo), "BMP"),
        "plain.jp2": save(Image.fromarray(photo), "JPEG2000"),
        "deep.jp2": cv2.imencode(".jp2", photo.astype(np.uint16) * 257)[1].tobytes(),
        "codestream.j2k": save(Image.fromarray(see_through), "JPEG2000", no_jp2=True),
    }


def bit_flips(sound: dict[str, bytes]) -> Iterator[File]:
    """One to forty bits, in the first hundred bytes, where the headers are, or anywhere."""
    for name, data in sound.items():
        chance = random.Random(f"flips {name}")
        for i in range(60):
            damaged = bytearray(data)
            reach = min(len(data), 100 if i % 2 else len(data))
            for _ in range(1 + i * 2 // 3):
                damaged[chance.randrange(reach)] ^= 1 << chance.randrange(8)
            yield f"flip-{i}-{name}", bytes(damaged)


def truncations(sound: dict[str, bytes]) -> Iterator[File]:
    """Cut off early, in the middle, and by a few bytes; or with a hole in the middle."""
    for name, data in sound.items():
        for i in range(20):
            yield f"cut-{i}-{name}", data[: len(data) * i // 20]
        for i in range(1, 6):
            yield f"short-by-{i}-{name}", data[:-i]
            yield f"hole-{i}-{name}", data[: len(data) // 3] + data[len(data) // 3 + 10 * i :]


def length_lies(sound: dict[str, bytes]) -> Iterator[File]:
    """Numbers of two and four bytes overwritten, wherever a length, an offset or a count may be."""
    for name, data in sound.items():
        chance = random.Random(f"lengths {name}")
        for i in range(36):
            lie = LIES[i % len(LIES)]
            at = chance.randrange(4, min(len(data), 600) - 4)
            yield f"lie-{i}-at-{at}-{name}", data[:at] + lie + data[at + len(lie) :]


def box_lies(sound: dict[str, bytes]) -> Iterator[File]:
    """Boxes that are shorter than their heads or longer than the file, and counts that have no end."""
    for name, data in sound.items():
        if data[4:8] not in (b"ftyp", b"jP  "):
            continue
        for kind in BOXES:
            at = data.find(kind) - 4
            if at < 0:
                continue
            for size in (0, 1, 2, 7, 8, 9, 12, len(data), 0x7FFFFFFF, 0xFFFFFFFF):
                yield f"box-{kind.decode()}-of-{size}-{name}", data[:at] + struct.pack(">I", size) + data[at + 4 :]
            for offset in (8, 10, 12, 14, 16, 20, 24):
                for lie in (b"\xff\xff\xff\xff", bytes(4)):
                    place = at + offset
                    yield f"box-{kind.decode()}-{offset}-{lie[0]}-{name}", data[:place] + lie + data[place + 4 :]
            yield f"box-{kind.decode()}-gone-{name}", data[: at + 4] + b"free" + data[at + 8 :]


def polyglots(sound: dict[str, bytes]) -> Iterator[File]:
    """Two kinds of file in one, under the extension of either."""
    others = {
        "zip": b"PK\x05\x06" + bytes(18),
        "html": b"<script>alert(document.domain)</script>",
        "pdf": b"%PDF-1.7\n%%EOF",
        "php": b"<?php system($_GET[0]); ?>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "elf": b"\x7fELF\x02\x01\x01" + bytes(57),
    }
    names = list(sound)
    for name, data in sound.items():
        for kind, other in others.items():
            yield f"{name}.{kind}", data + other
            yield f"{kind}-first-{name}", other + data
        for second in names[::3]:
            yield f"{name}-then-{second}", data + sound[second]
            yield f"start-of-{name}-rest-of-{second}", data[:16] + sound[second][16:]


def sides(sound: dict[str, bytes]) -> Iterator[File]:
    """Sound files whose headers claim other sides, all checksums right."""
    for name, data in sound.items():
        liar = _LIARS[name.rpartition(".")[2]]
        for width in SIDES:
            for height in SIDES[1::3]:
                yield f"claims-{width}x{height}-{name}", liar(data, width, height)


def absurd_exif(sound: dict[str, bytes]) -> Iterator[File]:
    """Directories that point outside, at themselves, or claim to be endless; orientations that there are none of."""
    photo = picture("smooth", 20, 30)
    chance = random.Random("exif")
    directories = [exif_orientation(value) for value in (0, 9, 255, 65_535)]
    directories += [b"II*\0" + struct.pack("<I", at) + bytes(20) for at in (0, 4, 8, 9, 27, 0xFFFFFFFF)]
    directories += [b"MM\0*\0\0\0\x08" + struct.pack(">H", entries) + bytes(24) for entries in (0, 2, 65_535)]
    directories += [b"II*\0\x08\0\0\0\x01\0\x12\x01" + struct.pack("<HII", *f) for f in _absurd_fields()]
    directories += [b"II*\0", b"II", b"XX*\0" + bytes(20), chance.randbytes(2_000), b"II*\0" + b"\xff" * 60_000]
    for i, absurd in enumerate(directories):
        proper = exif_orientation(6).ljust(len(absurd), b"\0")  # an encoder takes no other
        absurd = absurd.ljust(len(proper), b"\0")
        for suffix in (".jpg", ".webp", ".avif"):
            yield f"exif-{i}{suffix}", encoded(photo, suffix, proper).replace(proper, absurd)
        png = encoded(photo, ".png")
        yield f"exif-{i}.png", png[:33] + bombs.chunk("eXIf", absurd) + png[33:]


def thin_photos() -> Iterator[File]:
    """Sound, but one pixel wide or high, up to the longest side that a format can hold."""
    for suffix, longest in (
        (".jpg", 65_500),
        (".png", 65_535),
        (".webp", 16_383),
        (".avif", 3_000),
        (".gif", 65_535),
        (".bmp", 65_535),
        (".tiff", 65_535),
    ):
        for length in (1, 2, 3, 63, 64, 65, 255, 256, 257, 1_000, longest):
            for height, width in ((1, length), (length, 1)):
                yield f"{width}x{height}{suffix}", encoded(np.full((height, width, 3), 90, np.uint8), suffix)


def stubs(sound: dict[str, bytes]) -> Iterator[File]:
    """Nothing at all, next to nothing, only one byte over and over, and sound files under wrong names."""
    yield "empty.jpg", b""
    for name, data in sound.items():
        for length in (1, 2, 3, 4, 8, 11, 12, 13, 16, 24):
            yield f"first-{length}-bytes-of-{name}", data[:length]
        yield f"{name}.exe", data
        yield f"signature-and-zeros-{name}", data[:12] + bytes(5_000)
        yield f"signature-and-noise-{name}", data[:12] + random.Random(name).randbytes(5_000)
    for byte in (0x00, 0x20, 0x7F, 0xFF):
        yield f"all-{byte:02x}.png", bytes([byte]) * 10_000


def _absurd_fields() -> list[tuple[int, int, int]]:
    """Type, count and value of an orientation tag."""
    return [(3, 0, 6), (3, 0xFFFFFFFF, 6), (4, 1, 6), (2, 5, 0xFFFFFFF0), (0, 0, 0), (65_535, 1, 6)]


def _png_sides(data: bytes, width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def _jpeg_sides(data: bytes, width: int, height: int) -> bytes:
    at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return data[: at + 5] + struct.pack(">HH", height & 0xFFFF, width & 0xFFFF) + data[at + 9 :]


def _tiff_sides(data: bytes, width: int, height: int) -> bytes:
    """Of a little-endian file; the values of tags 256 and 257."""
    (at,) = struct.unpack_from("<I", data, 4)
    changed = bytearray(data)
    for i in range(struct.unpack_from("<H", data, at)[0]):
        entry = at + 2 + 12 * i
        tag = struct.unpack_from("<H", data, entry)[0]
        if tag in (256, 257):
            struct.pack_into("<HII", changed, entry + 2, 4, 1, width if tag == 256 else height)
    return bytes(changed)


def _bmp_sides(data: bytes, width: int, height: int) -> bytes:
    return data[:18] + struct.pack("<II", width, height) + data[26:]


def _jp2_sides(data: bytes, width: int, height: int) -> bytes:
    at = data.find(b"\xff\x51") + 6
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def _gif_sides(data: bytes, width: int, height: int) -> bytes:
    return data[:6] + struct.pack("<HH", width & 0xFFFF, height & 0xFFFF) + data[10:]


def _webp_sides(data: bytes, width: int, height: int) -> bytes:
    canvas = struct.pack("<I", (width - 1) & 0xFFFFFF)[:3] + struct.pack("<I", (height - 1) & 0xFFFFFF)[:3]
    if data[12:16] == b"VP8X":
        return data[:24] + canvas + data[30:]
    if data[12:16] == b"VP8L":
        bits = (width - 1) & 0x3FFF | ((height - 1) & 0x3FFF) << 14
        return data[:21] + struct.pack("<I", bits) + data[25:]
    return data[:26] + struct.pack("<HH", width & 0x3FFF, height & 0x3FFF) + data[30:]


def _avif_sides(data: bytes, width: int, height: int) -> bytes:
    parts = data.split(b"ispe")
    return b"ispe".join([parts[0], *(p[:4] + struct.pack(">II", width, height) + p[12:] for p in parts[1:])])


_LIARS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "jpg": _jpeg_sides,
    "png": _png_sides,
    "gif": _gif_sides,
    "webp": _webp_sides,
    "avif": _avif_sides,
    "heic": _avif_sides,
    "tif": _tiff_sides,
    "bmp": _bmp_sides,
    "jp2": _jp2_sides,
    "j2k": _jp2_sides,
}
