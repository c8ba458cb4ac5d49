"""Whatever somebody sends becomes a square in WebP that we have drawn, or is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from django.conf import settings
from PIL import Image

from abdre import pictures
from abdre.pictures import NoPicture, PictureNotFound, drawn

HTML = b"<!doctype html><script>alert(1)</script>"


def image(file_format: str = "PNG", left: str = "blue", mode: str = "RGB", **options: object) -> bytes:
    file = BytesIO()
    picture = Image.new(mode, (300, 200), "red")
    picture.paste(left, (0, 0, 150, 200))
    picture.save(file, file_format, **options)
    return file.getvalue()


def shown(content: bytes, size: int = 256) -> Image.Image:
    return Image.open(BytesIO(drawn(content).sizes[size]))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_two_squares_of_webp(file_format: str):
    picture = drawn(image(file_format))

    opened = [Image.open(BytesIO(content)) for content in picture.sizes.values()]
    assert [(file.format, file.size) for file in opened] == [("WEBP", (64, 64)), ("WEBP", (256, 256))]


def test_the_same_picture_has_the_same_name_and_another_one_another():
    assert drawn(image()).hash == drawn(image()).hash != drawn(image(left="green")).hash


def test_where_and_by_what_it_was_taken_is_dropped_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x010F] = "A phone"
    exif[0x0112] = 6  # turned by a quarter
    exif[0x8825] = {1: "N", 2: (51.0, 10.0, 0.0)}

    square = shown(image("JPEG", exif=exif, comment=b"at home"))

    assert not dict(square.getexif())
    assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(square.info)
    red, _green, blue = square.convert("RGB").split()
    # By the turn, red has come to the bottom.
    assert [red.getpixel((10, 250)), blue.getpixel((250, 10))] == pytest.approx([255, 255], abs=8)


def test_a_camera_that_notes_odd_things_takes_pictures_all_the_same():
    odd = bytes.fromhex(  # to be turned by a quarter; and of the place a text where numbers belong
        "4578696600004d4d002a0000000800020112000300000001000600008825000400000001000000260000000010010002"
        "0005000000030000003800000000000000010000000100000002000000010000000300000001"
    )

    red, _green, blue = shown(image("JPEG", exif=odd)).convert("RGB").split()

    assert [red.getpixel((10, 250)), blue.getpixel((250, 10))] == pytest.approx([255, 255], abs=8)


def test_what_was_transparent_stays_so():
    assert shown(image(mode="RGBA", left="#00000000")).mode == "RGBA"


def test_nothing_that_hides_behind_the_image_is_kept():
    polyglot = image() + HTML

    assert all(HTML not in content for content in drawn(polyglot).sizes.values())


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HTML,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        image("BMP"),
        image("TIFF"),
        image()[:60],
        image("JPEG")[:300],
        image("WEBP")[:40],
        png_that_claims(100_000, 100_000),
        png_that_claims(8_000, 8_000),
        png_that_claims(10_000, 10_000),
        png_that_claims(0, 10),
        bytes(settings.PICTURE_LIMIT_BYTES + 1),
    ],
)
def test_what_cannot_be_drawn_is_refused(content: bytes):
    with pytest.raises(NoPicture):
        drawn(content)


def test_a_picture_is_kept_until_it_is_forgotten():
    picture = drawn(image())
    pictures.keep("people/1", picture)
    pictures.keep("people/1", picture)

    assert pictures.kept("people/1", picture.hash, 64) == picture.sizes[64]

    pictures.forget("people/1", picture.hash)
    pictures.forget("people/1", picture.hash)
    with pytest.raises(PictureNotFound):
        pictures.kept("people/1", picture.hash, 64)


def test_all_pictures_of_a_folder_are_forgotten_at_once():
    kept = [drawn(image()), drawn(image(left="green"))]
    for picture in kept:
        pictures.keep("people/2", picture)

    pictures.forget_all("people/2")
    pictures.forget_all("people/nobody")

    for picture in kept:
        with pytest.raises(PictureNotFound):
            pictures.kept("people/2", picture.hash, 64)


@pytest.mark.parametrize("size", [0, 65, 4096])
def test_other_sizes_are_not_there(size: int):
    picture = drawn(image())
    pictures.keep("people/1", picture)

    with pytest.raises(PictureNotFound):
        pictures.kept("people/1", picture.hash, size)
