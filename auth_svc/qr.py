"""A link as a QR code, black on white: SVG for screens and print, PNG for what takes no SVG."""

from collections.abc import Iterator
from io import BytesIO
from itertools import groupby

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from qrcode.main import QRCode

QUIET_ZONE = 4  # modules; ISO/IEC 18004 asks for four, and scanners at a distance need them
MODULE_PX = 16  # a link of 60 characters gives a picture of about 700 px, enough for a poster

# Trying all eight masks takes ten times as long; random text looks alike under each, so any one of them reads as well.
MASK = 2


def svg(link: str) -> bytes:
    """One path and no style, so that it stands inline under a content security policy without `unsafe-inline`."""
    rows = _code(link).get_matrix()
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{_path(rows)}"/></svg>'
    ).encode()


def png(link: str) -> bytes:
    image = _code(link).make_image()
    file = BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def _code(link: str) -> QRCode[PilImage]:
    code = QRCode(
        error_correction=ERROR_CORRECT_M,
        border=QUIET_ZONE,
        box_size=MODULE_PX,
        mask_pattern=MASK,
        image_factory=PilImage,
    )
    code.add_data(link)
    return code


def _path(rows: list[list[bool]]) -> str:
    """The dark modules, each run of a row as one rectangle."""
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _runs(row))


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    x = 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            yield x, length
        x += length
