"""Files as people send them, and as nobody should."""

import struct
import zlib
from io import BytesIO

from PIL import Image

HTML = b"<html><script>alert(document.domain)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SOUND = b"OggS\0\x02" + bytes(20) + b"OpusHead" + bytes(2000)
GPS, ORIENTATION = 0x8825, 0x0112


def picture(width: int = 900, height: int = 600, format_name: str = "PNG", **options: object) -> bytes:
    written = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(written, format_name, **options)
    return written.getvalue()


def photo() -> bytes:
    """From a phone held upright, which notes where it is."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by a quarter
    exif.get_ifd(GPS)[2] = (43.0, 15.0, 0.0)
    exif[0x010E] = "secret place"
    return picture(900, 600, "JPEG", exif=exif)


def moving() -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    written = BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=80)
    return written.getvalue()


def gif_of(*sizes: tuple[int, int]) -> bytes:
    """One pixel large by its first words; then frames of these sizes, each of some twenty bytes."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frames = [b"," + struct.pack("<HHHHB", 0, 0, *size, 0) + b"\x02\x02\x44\x01\0" for size in sizes]
    return head + b"".join(b"!\xf9\x04\0\x01\0\0\0" + frame for frame in frames) + b";"


def two_in_one() -> bytes:
    """As phones make photos with a preview in the same file."""
    written = BytesIO()
    preview = Image.new("RGB", (90, 60))
    Image.new("RGB", (900, 600), "red").save(written, "MPO", save_all=True, append_images=[preview])
    return written.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A few bytes that unfold to as many pixels as they claim, or would."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )
