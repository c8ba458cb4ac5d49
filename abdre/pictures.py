"""Pictures of people and things: whatever somebody sends becomes squares in WebP that we have drawn ourselves.

Nothing of the file itself is kept: no metadata (where a phone took it), no second frame, nothing that hides behind the
end of the image. What cannot be drawn is refused before it is unpacked.
"""

import hashlib
import struct
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageOps

from abdre.errors import Invalid, NotFound

# What phones take; four bytes for each of them are held while the picture is drawn, by one thread of a process.
PIXELS_LIMIT = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# In a list, and on a page of its own.
SIZES = (64, 256)
QUALITY = 82
HASH_LENGTH = 32
MEDIA_TYPE = "image/webp"
# Its address names its content, so it never changes; who may see it is asked of each browser once. It may be opened as
# a page: nothing runs in it, and no other site shows it.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# What Pillow's readers are known to raise of a file that is cut short, or made to mislead them.
TROUBLE = (OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, EOFError, struct.error)
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_drawing = threading.Lock()


class NoPicture(Invalid):
    code, message = "no_picture", gettext_lazy("This is no picture that can be shown: JPEG, PNG, WebP or GIF.")


class PictureNotFound(NotFound):
    code, message = "picture_not_found", gettext_lazy("There is no such picture.")


@dataclass(frozen=True)
class Picture:
    """`hash` names the content; `sizes`: by edge in pixels, each a file in WebP."""

    hash: str
    sizes: Mapping[int, bytes]


def drawn(content: bytes) -> Picture:
    """The middle of the image in `content`, upright. Raises NoPicture."""
    if len(content) > settings.PICTURE_LIMIT_BYTES:
        raise NoPicture(_("A picture has at most 5 MB."))
    with _drawing:
        square = _square(content)
        sizes = {size: _webp(square, size) for size in SIZES}
    return Picture(hashlib.sha256(sizes[max(SIZES)]).hexdigest()[:HASH_LENGTH], sizes)


def _square(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content), formats=FORMATS)
        return _cropped(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as problem:
        raise _too_many_pixels() from problem
    except TROUBLE as problem:
        raise NoPicture from problem


def _cropped(image: Any) -> Image.Image:
    if image.width * image.height > PIXELS_LIMIT:
        raise _too_many_pixels()
    largest = max(SIZES)
    image.draft("RGB", (2 * largest, 2 * largest))  # a JPEG is unpacked no larger than it has to be
    shown = upright(image)
    return ImageOps.fit(shown.convert("RGBA" if shown.has_transparency_data else "RGB"), (largest, largest))


def upright(image: Any) -> Any:
    """As its camera was held. ImageOps would write all else that stands there anew, and choke on what is odd."""
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION))
    except TROUBLE:
        turn = None
    return image if turn is None else image.transpose(turn)


def _webp(square: Image.Image, size: int) -> bytes:
    file = BytesIO()
    shown = square.resize((size, size), Image.Resampling.LANCZOS) if size != square.width else square
    # Made of the pixels alone: a copy carries the profile and the metadata of what it was made of.
    bare = Image.frombytes(shown.mode, shown.size, shown.tobytes())
    bare.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()


def _too_many_pixels() -> NoPicture:
    return NoPicture(_("This picture has too many pixels. Please choose a smaller one."))


def keep(folder: str, picture: Picture) -> None:
    """`folder`: of whose picture it is, such as `people/<id>`. Kept twice, it is the same files."""
    for size, content in picture.sizes.items():
        name = _name(folder, picture.hash, size)
        if not _storage().exists(name):
            _storage().save(name, ContentFile(content))


def kept(folder: str, picture_hash: str, size: int) -> bytes:
    """Raises PictureNotFound."""
    if size not in SIZES:
        raise PictureNotFound
    try:
        with _storage().open(_name(folder, picture_hash, size)) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError as problem:
        raise PictureNotFound from problem


def forget(folder: str, picture_hash: str) -> None:
    """Nothing is left of it; again is no harm."""
    for size in SIZES:
        _storage().delete(_name(folder, picture_hash, size))


def forget_all(folder: str) -> None:
    """Nothing is left of what was ever kept there; again is no harm."""
    try:
        _folders, names = _storage().listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        _storage().delete(f"{folder}/{name}")
    _storage().delete(folder)  # a bucket has no folders, and takes it in good part


def _storage() -> Storage:
    return storages["pictures"]


def _name(folder: str, picture_hash: str, size: int) -> str:
    return f"{folder}/{picture_hash}-{size}.webp"
