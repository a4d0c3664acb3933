"""Every kind of photo that people have, as files, each with the upright sRGB pixels that its owner sees."""

import base64
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from . import icc_files
from .photo_files import (
    HEIGHT,
    STORED,
    TURN,
    WIDTH,
    Rgb,
    alpha,
    by_tifffile,
    chunk,
    deep,
    exif,
    from_ycck,
    gray_picture,
    half_white,
    opencv,
    picture,
    png,
    save,
    save_heic,
    segment,
    to_srgb,
    webp_with_exif,
    with_brand,
    with_nclx,
    with_segments,
)

ARITHMETIC = (
    "|JeWF01!$>Nk#wx0RR9200961|JwjV00RO70|EjA0|NsD0|NvF2n7WM1O*BQ2L=cX3JeSj3JVJj4iXRz4iOFu3lJ6%5fc;@6%`B*7Z?^47!ni}"
    "6#v@*LjeN>1O)^I2?YfS6b%av6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6cqo-"
    "01*fPAOJ7}0U`hb5di}c0sqVZ3IGrg1pyEd1^?Or3<CiG0ucid06zf#0MF;so_QjS?AbMC2mJhhyV05nJ^REat2uGX81lxY5+}`ka|9=#Y`wQz"
    "H+-@?ZeVDLs9YdI3yALoC_|{{ExaZ#`;zCL;WRPw+de(&$x5pOVKaTbeq)u7(n=v*0l;A|?1Fbw@3zACC5z@mCk&;8W!r?F_ttQ(t7rDjXK_-i"
    "P44sE-@87eVQ2?_zxCl>WC{&#XH)T!UuLNI^#k<W7E?%Xtgsx7NE<b1ruM7>D?-?sTMCSJDGU{N+kLS?1-"
    "}tudSl<?)N@=J<+7v;d8VoAb<$H%u`)^o7&->{Y#&df>f-z1@AretFao5S7Yo^)r#_k>|Je"
)
"""`picture(48, 32)` by `cjpeg -quality 90 -arithmetic` of libjpeg-turbo 2.1, in base 85."""

ARITHMETIC_PROGRESSIVE = (
    "|JeWF01!$>Nk#wx0RR9200961|JwjV00RO70|EjA0|NsD0|NvF2n7WM1O*BQ2L=cX3JeSj3JVJj4iXRz4iOFu3lJ6%5fc;@6%`B*7Z?^47!ni}"
    "6#v@*LjeN>1O)^I2?YfS6b%av6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6ciK`6cqo;01*fPAOJ7}0U`hb5di}c"
    "0sqVZ1^^HN5dYc$3<CiG0uTcb000610H1S30q^T2y|q8vVYKM&T>Rh8{{W7|QOtZZ@8e@Vzo&rJ*^a1FOkj5Z%m4%s1^?Or2mt{A0R;l{u?hZL"
    "PXt>~o7KD={{XH*GUg@`s!zOQ*fjTirlO_)%m4%t1^?Or2mu2D0Y3pcdwIj6G;eW}Rp*+8_)8FWh`SBhVK|#12@DlP#~|uj7XQou1Q7-"
    "Q+5iXv0s#R(0dPJ~_2&whWxJ=em7#wNk%hi2E8+~r?3>`PF4!N^qgnsV00a;P|Jncu0RaF8KLYM3g2eyK00a;P|Jncu0RaF3KOyp=M}uezPpOV"
    "pfuoOD$s0QrAM^cZ|Jncy0|5X600RI301(d<aM1Yw%m4%t1^?Or2mu2D0Y4D@kNp!X`a*^ip@;<Ov42LZA?CpU%m4%t1^?Or2mt~C0Y4BP<;zV"
    "z2Vj^)jnCqsng9s@%m4%s1^?Or2mt{A0Y4DH*&RV9^cuw|`vyfS@gKn@f(%n|pDfeEV&m}9Y{gfCfdAP"
)
"""The same with `-progressive`."""


@dataclass(frozen=True)
class File:
    """A photo; `tolerance` is the mean difference in levels that its coding may make."""

    name: str
    data: bytes
    expected: Rgb
    tolerance: float = 0.0


def files() -> Iterator[File]:
    """Every kind once; names say what is special."""
    yield from jpegs()
    yield from pngs()
    yield from webps()
    yield from avifs()
    yield from heics()
    yield from tiffs()
    yield from others()
    yield from turned()
    yield from colors()


def jpegs() -> Iterator[File]:
    rgb, image = picture(), Image.fromarray(picture())
    plain = save(image, "JPEG", quality=95)
    yield File("plain.jpg", plain, rgb, 3)
    yield File("progressive.jpg", save(image, "JPEG", quality=95, progressive=True), rgb, 3)
    for name in ("4:4:4", "4:2:2", "4:2:0"):
        yield File(f"sampled-{name.replace(':', '')}.jpg", save(image, "JPEG", quality=95, subsampling=name), rgb, 3)
    for factor in (0x411111, 0x121111, 0x221111):
        options = cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor, cv2.IMWRITE_JPEG_QUALITY, 95
        yield File(f"sampled-{factor:x}.jpg", opencv(".jpg", rgb, *options), rgb, 4)
    restarts = opencv(".jpg", rgb, cv2.IMWRITE_JPEG_RST_INTERVAL, 2, cv2.IMWRITE_JPEG_QUALITY, 95)
    yield File("restarts.jpg", restarts, rgb, 3)
    gray = np.dstack([gray_picture()] * 3)
    yield File("gray.jpg", save(image.convert("L"), "JPEG", quality=95), gray, 2)
    yield File("rgb-components.jpg", save(image, "JPEG", quality=95, keep_rgb=True), rgb, 2)
    left = 255 - np.asarray(image.convert("CMYK")).astype(np.uint16)
    inks = ((left[..., :3] * left[..., 3:] + 127) // 255).astype(np.uint8)
    yield File("cmyk.jpg", save(image.convert("CMYK"), "JPEG", quality=95), inks, 3)
    ycck = bytearray(save(image.convert("CMYK"), "JPEG", quality=95))
    ycck[ycck.index(b"Adobe") + 11] = 2
    yield File("ycck.jpg", bytes(ycck), from_ycck(255 - np.asarray(image.convert("CMYK"))), 3)
    for name, text in (("arithmetic.jpg", ARITHMETIC), ("arithmetic-progressive.jpg", ARITHMETIC_PROGRESSIVE)):
        yield File(name, base64.b85decode(text), picture(48, 32), 4)
    tail = np.random.default_rng(1).bytes(300_000) + 700 * b"\xff\xda"
    yield File("motion-photo.jpg", plain + tail, rgb, 3)
    mpf = segment(0xE2, b"MPF\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    yield File("multi-picture.jpg", with_segments(plain, mpf) + save(image.resize((30, 20)), "JPEG"), rgb, 3)
    gain_map = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x hdrgm:Version='1.0'/>")
    yield File("ultra-hdr.jpg", with_segments(plain, gain_map) + save(image.convert("L"), "JPEG"), rgb, 3)
    yield File("fill-bytes.jpg", plain[:2] + b"\xff" * 40 + plain[2:], rgb, 3)


def pngs() -> Iterator[File]:
    rgb, image, gray = picture(), Image.fromarray(picture()), gray_picture()
    see_through = np.dstack([rgb, alpha()])
    yield File("plain.png", save(image, "PNG"), rgb)
    yield File("interlaced.png", opencv(".png", rgb), rgb)
    for depth in (1, 2, 4, 8):
        codes = gray >> (8 - depth)
        levels = np.dstack([(codes.astype(np.uint16) * 255 // (2**depth - 1)).astype(np.uint8)] * 3)
        yield File(f"gray-{depth}.png", png(codes, depth, 0), levels)
        code, key = codes[0, -1], struct.pack(">H", codes[0, -1])
        seen = np.where((codes == code)[..., None], 255, levels).astype(np.uint8)
        yield File(f"gray-{depth}-trns.png", png(codes, depth, 0, chunk(b"tRNS", key)), seen)
        palette = np.random.default_rng(depth).integers(0, 255, (2**depth, 3), np.uint8)
        plte, alphas = chunk(b"PLTE", palette.tobytes()), chunk(b"tRNS", b"\0\x80")
        yield File(f"palette-{depth}.png", png(codes, depth, 3, plte), palette[codes])
        opacity = np.full(2**depth, 255, np.uint16)
        opacity[:2] = 0, 128
        blended = (palette * opacity[:, None] + 255 * (255 - opacity[:, None]) + 127) // 255
        yield File(f"palette-{depth}-trns.png", png(codes, depth, 3, plte, alphas), blended.astype(np.uint8)[codes])
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b" " * 70_000)
    yield File("trns-far.png", png(codes, 8, 3, text, plte, text, alphas), blended.astype(np.uint8)[codes])
    key = struct.pack(">3H", *rgb[0, 0])
    seen = np.where((rgb == rgb[0, 0]).all(axis=2)[..., None], 255, rgb).astype(np.uint8)
    yield File("rgb-8-trns.png", png(rgb, 8, 2, chunk(b"tRNS", key)), seen)
    yield File("gray-alpha-8.png", png(np.dstack([gray, alpha()]), 8, 4), half_white(np.dstack([gray] * 3)))
    yield File("rgb-alpha-8.png", png(see_through, 8, 6), half_white(rgb))
    yield File("gray-16.png", png(deep(gray), 16, 0), np.dstack([gray] * 3))
    yield File("rgb-16.png", png(deep(rgb), 16, 2), rgb)
    deep_alpha = alpha().astype(np.uint16) * 257
    yield File("gray-alpha-16.png", png(np.dstack([deep(gray), deep_alpha]), 16, 4), half_white(np.dstack([gray] * 3)))
    yield File("rgb-alpha-16.png", png(np.dstack([deep(rgb), deep_alpha]), 16, 6), half_white(rgb))
    exact = rgb.astype(np.uint16) * 257
    key = struct.pack(">3H", *exact[0, 0])
    yield File("rgb-16-trns.png", png(exact, 16, 2, chunk(b"tRNS", key)), seen)
    wide = gray.astype(np.uint16) * 257
    seen = np.where((gray == gray[0, -1])[..., None], 255, np.dstack([gray] * 3)).astype(np.uint8)
    yield File("gray-16-trns.png", png(wide, 16, 0, chunk(b"tRNS", struct.pack(">H", wide[0, -1]))), seen)
    moving = save(image, "PNG", save_all=True, append_images=[Image.fromarray(255 - rgb)], duration=100)
    yield File("moving.png", moving, rgb)
    bad = chunk(b"tEXt", b"Comment\0hi")[:-1] + b"?"
    yield File("bad-checksum-of-text.png", png(rgb, 8, 2, bad), rgb)
    yield File("text-bomb.png", png(rgb, 8, 2, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(9_000_000)))), rgb)


def webps() -> Iterator[File]:
    rgb, image = picture(), Image.fromarray(picture())
    see_through = Image.fromarray(np.dstack([rgb, alpha()]))
    yield File("lossy.webp", save(image, "WEBP", quality=95), rgb, 4)
    yield File("lossless.webp", save(image, "WEBP", lossless=True), rgb)
    yield File("lossy-alpha.webp", save(see_through, "WEBP", quality=95, exact=True), half_white(rgb), 4)
    yield File("lossless-alpha.webp", save(see_through, "WEBP", lossless=True), half_white(rgb))
    no_flag = bytearray(save(see_through, "WEBP", quality=95, exact=True))
    no_flag[20] &= ~0x10
    yield File("alpha-no-flag.webp", bytes(no_flag), half_white(rgb), 4)
    second = Image.fromarray(255 - rgb)
    moving = save(image, "WEBP", save_all=True, append_images=[second], duration=100, lossless=True)
    yield File("moving.webp", moving, rgb)
    yield File("moving-cut.webp", moving[:-100], rgb)


def avifs() -> Iterator[File]:
    rgb, image, gray = picture(), Image.fromarray(picture()), gray_picture()
    plain = save(image, "AVIF", quality=95)
    yield File("plain.avif", plain, rgb, 3)
    yield File("full-color.avif", save(image, "AVIF", quality=95, subsampling="4:4:4"), rgb, 3)
    yield File("mif1.avif", with_brand(plain, b"mif1"), rgb, 3)
    see_through = np.dstack([rgb, alpha()])
    yield File("alpha.avif", save(Image.fromarray(see_through), "AVIF", quality=95), half_white(rgb), 3)
    for depth in (10, 12):
        most = 2**depth - 1
        codes = (see_through.astype(np.uint32) * most // 255).astype(np.uint16)
        options = cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 95
        yield File(f"deep-{depth}.avif", opencv(".avif", codes[..., :3], *options), rgb, 3)
        yield File(f"deep-{depth}-alpha.avif", opencv(".avif", codes, *options), half_white(rgb), 3)
    for reach in ("full", "limited"):
        data = save(Image.fromarray(gray), "AVIF", quality=95, subsampling="4:0:0", range=reach)
        yield File(f"gray-{reach}.avif", data, np.dstack([gray] * 3), 2)
    gray_alpha = Image.fromarray(np.dstack([gray, alpha()]), "LA")
    data = save(gray_alpha, "AVIF", quality=95, subsampling="4:0:0")
    yield File("gray-alpha.avif", data, half_white(np.dstack([gray] * 3)), 3)
    second = Image.fromarray(255 - rgb)
    yield File("moving.avif", save(image, "AVIF", quality=95, save_all=True, append_images=[second]), rgb, 3)
    # A grid: whoever encodes in tiles writes one.
    yield File("tiled.avif", save(image, "AVIF", quality=95, tile_rows=1, tile_cols=1), rgb, 3)


def heics() -> Iterator[File]:
    rgb, image, gray = picture(), Image.fromarray(picture()), gray_picture()
    see_through = np.dstack([rgb, alpha()])
    yield File("plain.heic", save_heic(image), rgb, 3)
    yield File("alpha.heic", save_heic(Image.fromarray(see_through)), half_white(rgb), 3)
    yield File("gray.heic", save_heic(Image.fromarray(gray)), np.dstack([gray] * 3), 2)
    size = (WIDTH, HEIGHT)
    yield File("deep.heic", save_heic(pillow_heif.from_bytes("RGB;16", size, deep(rgb).tobytes())), rgb, 3)
    codes = see_through.astype(np.uint16) * 257
    yield File(
        "deep-alpha.heic", save_heic(pillow_heif.from_bytes("RGBA;16", size, codes.tobytes())), half_white(rgb), 3
    )
    several = pillow_heif.from_pillow(image)
    several.add_from_pillow(Image.fromarray(255 - rgb))
    yield File("several.heic", save_heic(several, primary_index=0), rgb, 3)
    yield File("mif1.heic", with_brand(save_heic(image), b"mif1"), rgb, 3)


def tiffs() -> Iterator[File]:
    rgb, image, gray = picture(), Image.fromarray(picture()), gray_picture()
    for method in ("raw", "tiff_lzw", "tiff_deflate", "packbits"):
        yield File(f"{method}.tif", save(image, "TIFF", compression=method), rgb)
    yield File("jpeg-inside.tif", save(image, "TIFF", compression="jpeg", quality=95), rgb, 3)
    yield File("gray.tif", save(Image.fromarray(gray), "TIFF"), np.dstack([gray] * 3))
    yield File("bilevel.tif", save(Image.fromarray(gray > 127), "TIFF"), np.dstack([(gray > 127) * np.uint8(255)] * 3))
    palette = image.quantize(50)
    yield File("palette.tif", save(palette, "TIFF"), np.asarray(palette.convert("RGB")))
    see_through = np.dstack([rgb, alpha()])
    yield File("alpha.tif", save(Image.fromarray(see_through), "TIFF"), half_white(rgb))
    for byte_order in "<>":
        name = {"<": "little", ">": "big"}[byte_order]
        for codes, kind in ((deep(rgb), "rgb"), (deep(gray), "minisblack")):
            seen = rgb if kind == "rgb" else np.dstack([gray] * 3)
            yield File(f"{kind}-16-{name}.tif", by_tifffile(codes, kind, byteorder=byte_order), seen)
        yield File(
            f"white-is-zero-{name}.tif", by_tifffile(65535 - deep(gray), "miniswhite", byteorder=byte_order), seen
        )
    yield File(
        "deep-alpha.tif", by_tifffile(see_through.astype(np.uint16) * 257, "rgb", extrasamples=[2]), half_white(rgb)
    )
    yield File("tiles.tif", by_tifffile(rgb, "rgb", tile=(32, 32)), rgb)
    yield File("planes.tif", by_tifffile(np.moveaxis(rgb, 2, 0), "rgb", planarconfig="separate"), rgb)
    yield File("big.tif", by_tifffile(rgb, "rgb", bigtiff=True), rgb)
    yield File("pages.tif", save(image, "TIFF", save_all=True, append_images=[Image.fromarray(255 - rgb)]), rgb)


def others() -> Iterator[File]:
    rgb, image, gray = picture(), Image.fromarray(picture()), gray_picture()
    yield File("plain.bmp", save(image, "BMP"), rgb)
    yield File("gray.bmp", save(Image.fromarray(gray), "BMP"), np.dstack([gray] * 3))
    palette = image.quantize(63)
    shown = np.asarray(palette.convert("RGB"))
    yield File("palette.bmp", save(palette, "BMP"), shown)
    top_down = bytearray(save(image.transpose(TURN.FLIP_TOP_BOTTOM), "BMP"))
    top_down[22:26] = struct.pack("<i", -HEIGHT)
    yield File("top-down.bmp", bytes(top_down), rgb)
    yield File("plain.gif", save(palette, "GIF"), shown)
    yield File("moving.gif", save(palette, "GIF", save_all=True, append_images=[image.rotate(180)]), shown)
    index = np.asarray(palette).copy()
    index[:, WIDTH // 2 :] = 63
    clear = Image.fromarray(index, "P")
    clear.putpalette([*(palette.getpalette() or [])[:189], 0, 0, 0])
    yield File("transparent.gif", save(clear, "GIF", transparency=63), half_white(shown))
    yield File("plain.jp2", save(image, "JPEG2000"), rgb)
    yield File("codestream.j2k", save(image, "JPEG2000", no_jp2=True), rgb)
    yield File("gray.jp2", save(Image.fromarray(gray), "JPEG2000"), np.dstack([gray] * 3))
    yield File("alpha.jp2", save(Image.fromarray(np.dstack([rgb, alpha()])), "JPEG2000"), half_white(rgb))
    lossless = cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000
    yield File("deep.jp2", opencv(".jp2", deep(rgb), *lossless), rgb)
    yield File("deep-gray.jp2", opencv(".jp2", deep(gray), *lossless), np.dstack([gray] * 3))


def turned() -> Iterator[File]:
    """All eight orientations of every format that has any, in all ways to say so."""
    rgb = picture()
    broken = struct.pack("<HHII", 0x10F, 2, 200, 0xFFFFFF) + struct.pack("<HHII", 0x110, 77, 1, 0)
    for value in range(1, 9):
        image = Image.fromarray(rgb)
        image = image.transpose(STORED[value]) if value > 1 else image
        pixels = np.asarray(image)
        short, long = exif(value), exif(value, kind=4, order=">")
        for kind, block in (("short", short), ("long", long), ("behind-broken", exif(value, before=broken))):
            name = f"turned-{value}-{kind}"
            yield File(f"{name}.jpg", save(image, "JPEG", quality=95, exif=b"Exif\0\0" + block), rgb, 3)
            yield File(f"{name}.png", png(pixels, 8, 2, chunk(b"eXIf", block)), rgb)
            simple = save(image, "WEBP", lossless=True)
            yield File(f"{name}.webp", webp_with_exif(simple, block, image.width, image.height), rgb)
        prefixed = b"Exif\0\0" + short
        yield File(f"turned-{value}-prefix.png", png(pixels, 8, 2, chunk(b"eXIf", prefixed)), rgb)
        yield File(f"turned-{value}-prefix.webp", webp_with_exif(simple, prefixed, image.width, image.height), rgb)
        yield File(f"turned-{value}-behind.png", png(pixels, 8, 2, behind=chunk(b"eXIf", short)), rgb)
        yield File(f"turned-{value}.avif", save(image, "AVIF", quality=95, exif=prefixed), rgb, 3)
        written, data = cv2.imencodeWithMetadata(
            ".avif", pixels[..., ::-1].copy(), [cv2.IMAGE_METADATA_EXIF], [np.frombuffer(short, np.uint8)]
        )
        assert written
        yield File(f"turned-{value}-exif.avif", data.tobytes(), rgb, 4)
        yield File(f"turned-{value}.heic", save_heic(image, exif=short), rgb, 3)
        upright_exif = save_heic(image, exif=exif(1))
        by_exif = upright_exif.replace(exif(1), short)
        yield File(f"turned-{value}-exif.heic", by_exif, rgb, 3)
        yield File(f"turned-{value}.tif", save(image, "TIFF", tiffinfo={0x112: value}), rgb)


def colors() -> Iterator[File]:
    """Profiles of every kind in every format that holds one."""
    rgb, image, gray = picture(), Image.fromarray(picture()), Image.fromarray(gray_picture())
    for name, primaries, gamma in (("p3", icc_files.P3, 2.2), ("prophoto", icc_files.PROPHOTO, 1.8)):
        profile = icc_files.matrix_profile(primaries, gamma)
        seen = to_srgb(image, profile)
        yield File(f"{name}.jpg", save(image, "JPEG", quality=95, icc_profile=profile), seen, 5)
        yield File(f"{name}.png", save(image, "PNG", icc_profile=profile), seen, 1)
        yield File(f"{name}.webp", save(image, "WEBP", lossless=True, icc_profile=profile), seen, 1)
        yield File(f"{name}.avif", save(image, "AVIF", quality=98, icc_profile=profile), seen, 5)
        yield File(f"{name}.tif", save(image, "TIFF", icc_profile=profile), seen, 1)
        image.info["icc_profile"] = profile
        yield File(f"{name}.heic", save_heic(image), seen, 5)
        image.info.clear()
    profile = icc_files.rgb_table_profile()
    seen = to_srgb(image, profile)
    yield File("table.jpg", save(image, "JPEG", quality=95, icc_profile=profile), seen, 3)
    yield File("table.png", save(image, "PNG", icc_profile=profile), seen)
    for gamma in (1.0, 1.8):
        profile = icc_files.gray_profile(gamma)
        seen = to_srgb(gray, profile)
        yield File(f"gray-{gamma}.jpg", save(gray, "JPEG", quality=98, icc_profile=profile), seen, 2)
        yield File(f"gray-{gamma}.png", save(gray, "PNG", icc_profile=profile), seen)
        yield File(f"gray-{gamma}.tif", save(gray, "TIFF", icc_profile=profile), seen)
    inks, profile = image.convert("CMYK"), icc_files.cmyk_profile()
    seen = to_srgb(inks, profile)
    yield File("cmyk-profile.jpg", save(inks, "JPEG", quality=98, icc_profile=profile), seen, 4)
    yield File("cmyk-profile.tif", save(inks, "TIFF", icc_profile=profile), seen)
    lab: Any = ImageCms.profileToProfile(
        image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    yield File("lab.tif", save(lab, "TIFF"), rgb, 2)
    p3 = to_srgb(image, icc_files.matrix_profile(icc_files.P3, 2.2))
    yield File("cicp-p3.png", png(rgb, 8, 2, chunk(b"cICP", bytes([12, 13, 0, 1]))), p3, 4)
    yield File("nclx-p3.avif", with_nclx(save(image, "AVIF", quality=95), 12, 13), p3, 5)
    yield File("nclx-p3.heic", save_heic(image, color_primaries=12, transfer_characteristic=13), p3, 5)
