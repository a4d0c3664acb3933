"""Small files that want to become large, or to take forever."""

import base64
import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from tests.support.photo_files import save, save_heic
from tests.support.pictures import encoded, picture, png_bomb

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MODEST_AVIF = zlib.decompress(
    base64.b85decode(
        "c-muNV30{GsVqn=%S>Yc0uY^>nP!-qnF!*)%uOvxWPkw0jFg-rD4U@mGr5ET4e%9YmgIt2j6f`xnUkLk;<$kLj1W;qUIqr{Z$P$2W@cU*T"
        "&)z4lgb3;C6*Z&I_Kx)gYC-5EGQ}f(w><G$@xH9B(u066>1+B6a($8$OLQV01`ZjWrog;@-iR+;pF_BqP*ms3I-++Yyb+0XBOnbd<1kB3nNo"
        "A3(!sfa#IpZgc!Iu<iF?L-(9=Z!RR@=0RLCf`~P(QFxZ?wrQ^NB+F32Bxa&a>*SpTbIZP+|?+2wmnfT4@gQo}cHzuo=y*7tiy*uNS9-T>J=u"
        "iD=@^&7->&uy~)eS)1F8yyk_buRm;Ze#MBwYP*|M9bJuWtSO;Vk~)c<f%?zGVs4erF95T3*|kw@4{F=xveK>FI7=pSZs<?g348?|YQaK3kxt"
        "@7mw3+uelczVW(b{j>V}f7>f5=lb1FI}Bo%kNSI%`8&R0AazsXZ2&>@I^6"
    )
)
"""144 megapixels of one gray, by `cv2.imencode(".avif", …, [cv2.IMWRITE_AVIF_SPEED, 10, cv2.IMWRITE_AVIF_QUALITY, 1])`,
with a header that says 10 x 10. To decode it takes 1.9 GB."""
ZEROS = zlib.compress(bytes(30_000_000), 9)  # 29 kB


def bombs() -> Iterator[tuple[str, bytes]]:
    photo = picture("smooth", 30, 40)
    yield from _png_bombs(photo)
    yield from _jpeg_bombs(photo)
    yield from _avif_bombs(photo)
    yield from _gif_bombs()
    yield from _heic_bombs()
    yield from _other_bombs()


def _png_bombs(photo: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """Compressed chunks that inflate to much more than the picture."""
    png = encoded(photo, ".png")
    begin, rest = png[:33], png[33:]
    texts = {
        "zTXt": b"Comment\0\0" + ZEROS,
        "iTXt": b"Comment\0\1\0\0\0" + ZEROS,
        "iCCP": b"sRGB\0\0" + ZEROS,
        "eXIf": b"II*\0" + bytes(1_000_000),
        "tEXt": b"Comment\0" + b"x" * 1_000_000,
    }
    for name, content in texts.items():
        for times in (1, 10, 200) if len(content) < 100_000 else (1, 30):
            yield f"bomb-{name}-{times}-times.png", begin + times * chunk(name, content) + rest
    for sides in ((100, 100), (10_000, 6_000), (65_535, 65_535), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1)):
        yield f"bomb-IDAT-{sides[0]}x{sides[1]}.png", png_bomb(*sides)
    header = chunk("IHDR", struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0))
    yield "bomb-IDAT-too-much.png", SIGNATURE + header + 20 * chunk("IDAT", ZEROS) + chunk("IEND", b"")
    yield "many-empty-IDAT.png", begin + 50_000 * chunk("IDAT", b"") + rest
    yield "many-chunks.png", begin + 50_000 * chunk("prVt", b"x") + rest
    yield "two-headers.png", begin + chunk("IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)) + rest
    control = chunk("acTL", struct.pack(">II", 0xFFFFFFFF, 0))
    yield "bomb-frames.png", begin + control + rest
    for sides in ((40, 30), (30_000, 30_000), (2**31 - 1, 2**31 - 1)):
        frame = chunk("fcTL", struct.pack(">IIIIIHHBB", 0, *sides, 0, 0, 1, 1, 0, 0))
        yield f"bomb-frame-{sides[0]}.png", begin + control + frame + rest


def _jpeg_bombs(photo: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """Scans over scans, restarts without end, a second header that is larger than the first."""
    jpeg = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    scan = jpeg[jpeg.rfind(b"\xff\xda") : -2]
    for times in (10, 400, 20_000):
        yield f"bomb-scans-{times}.jpg", jpeg[:-2] + times * scan + jpeg[-2:]
    large = cv2.imencode(".jpg", np.zeros((700, 700, 3), np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    scan = large[large.rfind(b"\xff\xda") : -2]
    yield "bomb-scans-of-a-larger-one.jpg", large[:-2] + 450 * scan + large[-2:]
    at = jpeg.find(b"\xff\xc2")
    frame = jpeg[at : at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]]
    huge = frame[:5] + struct.pack(">HH", 60_000, 60_000) + frame[9:]
    yield "two-frames.jpg", jpeg[:at] + frame + huge + jpeg[at + len(frame) :]
    yield "huge-frame-first.jpg", jpeg[:at] + huge + jpeg[at:]
    hidden = b"\xff\xe2" + struct.pack(">H", 2 + len(frame)) + frame  # a marker segment that looks like a small frame
    yield "frame-in-a-segment.jpg", jpeg[:2] + hidden + jpeg[2:at] + huge + jpeg[at + len(frame) :]
    yield "fill-bytes.jpg", jpeg[:2] + b"\xff" * 100_000 + jpeg[2:]
    comment = b"\xff\xfe\xff\xff" + bytes(0xFFFD)
    yield "many-comments.jpg", jpeg[:2] + 30 * comment + jpeg[2:]
    profile = b"ICC_PROFILE\0"
    segments = b"".join(
        b"\xff\xe2" + struct.pack(">H", 65_533) + profile + bytes([i, 255]) + bytes(65_517) for i in range(1, 90)
    )
    yield "many-profile-segments.jpg", jpeg[:2] + segments + jpeg[2:]


def _avif_bombs(photo: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """A header that is modest about what lies in the file."""
    yield "modest-12000.avif", MODEST_AVIF
    for side in (1_200, 3_000):
        large = encoded(np.full((side, side, 3), 90, np.uint8), ".avif")
        parts = large.split(b"ispe")
        small = b"ispe".join([parts[0], *(part[:4] + struct.pack(">II", 10, 10) + part[12:] for part in parts[1:])])
        yield f"modest-{side}.avif", small
    plain = encoded(photo, ".avif")
    at = plain.find(b"meta") - 4
    yield "late-header.avif", plain[:at] + struct.pack(">I", 70_008) + b"free" + bytes(70_000) + plain[at:]
    fake = struct.pack(">I", 28) + b"free" + b"ispe" + bytes(4) + struct.pack(">II", 10, 10) + bytes(4)
    yield "decoy-header.avif", plain[:at] + fake + plain[at:]


def _gif_bombs() -> Iterator[tuple[str, bytes]]:
    """Frames larger than the screen, and more of them than anybody wants."""
    for screen, frame in (((10, 10), (65_535, 65_535)), ((10, 10), (2_000, 2_000)), ((700, 700), (1, 1))):
        head = b"GIF89a" + struct.pack("<HH", *screen) + b"\x80\0\0" + bytes(6)
        image = b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x44\x01\0"
        yield f"frame-{frame[0]}-on-{screen[0]}.gif", head + image + b";"
        yield f"frames-{frame[0]}-on-{screen[0]}.gif", head + 5_000 * image + b";"
    head = b"GIF89a" + struct.pack("<HH", 500, 500) + b"\x80\0\0" + bytes(6)
    clear = b"," + struct.pack("<HHHHB", 0, 0, 500, 500, 0) + b"\x02" + 4_000 * (b"\xff" + b"\x44" * 255) + b"\0"
    yield "endless-codes.gif", head + clear + b";"


def _heic_bombs() -> Iterator[tuple[str, bytes]]:
    """A header that is modest about what lies in the file, or immodest."""
    for side in (1_200, 3_000):
        large = save_heic(Image.fromarray(np.full((side, side, 3), 90, np.uint8)))
        for says in (10, 20_000, 65_535):
            parts = large.split(b"ispe")
            lies = [part[:4] + struct.pack(">II", says, says) + part[12:] for part in parts[1:]]
            yield f"says-{says}-is-{side}.heic", b"ispe".join([parts[0], *lies])


def _other_bombs() -> Iterator[tuple[str, bytes]]:
    """Strips and tiles that inflate, run-length codes without end, tiles without number."""
    tiff = save(Image.fromarray(np.zeros((700, 700, 3), np.uint8)), "TIFF", compression="tiff_deflate")
    yield "strips-in-strips.tif", tiff.replace(struct.pack("<HHI", 278, 3, 1), struct.pack("<HHI", 278, 4, 1))
    loop = bytearray(tiff)
    (at,) = struct.unpack_from("<I", tiff, 4)
    end = at + 2 + 12 * struct.unpack_from("<H", tiff, at)[0]
    struct.pack_into("<I", loop, end, at)
    yield "pages-in-a-ring.tif", bytes(loop)
    pages = b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HI", 0, 8 + 6 * i) for i in range(1, 100_000))
    yield "empty-pages.tif", pages
    head = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 0, 0, 0, 54 + 1024, 40, 700, 700, 1, 8, 1, 0, 0, 0, 0, 0)
    yield "run-length.bmp", head + bytes(1024) + b"\xff\x01" * 200_000
    yield "jumps.bmp", head + bytes(1024) + b"\0\2\xff\xff" * 100_000
    j2k = save(Image.fromarray(np.zeros((700, 700, 3), np.uint8)), "JPEG2000", no_jp2=True)
    size = j2k.find(b"\xff\x51") + 4
    for side in (1, 2, 0xFFFFFFFF):
        tiles = struct.pack(">IIII", side, side, 0, 0)
        yield f"tiles-of-{side}.j2k", j2k[: size + 18] + tiles + j2k[size + 34 :]


def chunk(name: str, content: bytes) -> bytes:
    tagged = name.encode() + content
    return struct.pack(">I", len(content)) + tagged + struct.pack(">I", zlib.crc32(tagged))
