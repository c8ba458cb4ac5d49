"""Images made anew from their pixels: whatever else stood in the file (where it was taken, a page in disguise) is gone.

What a stranger sends is decoded here, so all has a bound: the pixels, the decoders, how many are decoded at once.
"""

import base64
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageCms, ImageSequence

from abdre.errors import Unavailable
from abdre.pictures import TROUBLE, upright
from chat_svc.errors import BrokenImage, ImageTooLarge
from chat_svc.files.kinds import IMAGES

# All frames of an animation together. 50 million take 200 MB while they are decoded; phones make 12 to 50.
PIXELS = 50_000_000
# Of one pixel each, a million of them fit into a file; each takes its time and a kilobyte.
FRAMES = 1_500
MOVING = ("GIF", "WEBP")  # of an animated PNG the first frame stays, and of a photo the one that is no preview
# No screen shows more, and a photo of it is some 3 MB. A JPEG is decoded by halves: to between this and twice as much.
SIDE, DECODED_SIDE = 4096, 3072
LARGE, THUMB = 1200, 400
CARD = 320  # of a picture in the card below a message, at two pixels to a point
SMALLER_TYPE = "image/webp"
# Sixteen pixels across tell what colours will be where, in some hundred bytes.
PLACEHOLDER_SIDE = 16
PLACEHOLDER_LIMIT = 1_000
QUALITY = {"JPEG": {"quality": 88}, "WEBP": {"quality": 85}, "PNG": {}, "GIF": {}}
AT_ONCE = 1
WAIT_S = 6.0

# Pillow's own bounds, which it looks at before a pixel is read, as we do.
BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)

_turn = threading.BoundedSemaphore(AT_ONCE)
_srgb = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Remade:
    width: int
    height: int
    animated: bool
    placeholder: str  # a `data:` address of a tiny image
    files: dict[str, bytes] = field(repr=False)  # by name: `file`, `thumb`, and `large` unless it moves


def remade(source: IO[bytes], content_type: str) -> Remade:
    """Raises BrokenImage, ImageTooLarge, and Unavailable while others are at it."""
    return _made(_remade, source, content_type)


def for_card(source: IO[bytes], content_type: str) -> Remade:
    """Small, and still: one file in WebP. Raises as `remade`."""
    return _made(_card, source, content_type)


def _made(make: Callable[[IO[bytes], str], Remade], source: IO[bytes], content_type: str) -> Remade:
    with _in_turn():
        try:
            return make(source, IMAGES[content_type])
        except BOMBS as problem:
            raise ImageTooLarge from problem
        except TROUBLE as problem:
            raise BrokenImage from problem


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _turn.acquire(timeout=WAIT_S):
        raise Unavailable(retry_after_s=2)
    try:
        yield
    finally:
        _turn.release()


def _remade(source: IO[bytes], format_name: str) -> Remade:
    with _opened(source, format_name) as image:
        moves = format_name in MOVING and getattr(image, "is_animated", False)
        return (_moving if moves else _still)(image, format_name)


def _card(source: IO[bytes], format_name: str) -> Remade:
    with _opened(source, format_name) as image:
        image.draft(None, (CARD, CARD))
        plain = _plain(_shrunk(image, CARD))
        return Remade(plain.width, plain.height, False, "", {"file": _written(plain, "WEBP")})


@contextmanager
def _opened(source: IO[bytes], format_name: str) -> Iterator[Any]:
    # All the while: a frame may be larger than what its file says at the beginning.
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(source, formats=[format_name]) as image:
            if image.width * image.height > PIXELS:
                raise ImageTooLarge
            yield image


def _still(image: Any, format_name: str) -> Remade:
    image.draft(None, (DECODED_SIDE, DECODED_SIDE))
    plain = _plain(_shrunk(image, SIDE))
    files = {
        "file": _written(plain, format_name),
        "large": _written(_shrunk(plain.copy(), LARGE), "WEBP"),
        "thumb": _written(_shrunk(plain.copy(), THUMB), "WEBP"),
    }
    return Remade(plain.width, plain.height, False, _placeholder(plain), files)


def _moving(image: Any, format_name: str) -> Remade:
    """Its thumbnail stands still: a page full of moving ones is nobody's wish."""
    frames, durations = [], []
    for frame in _frames(image):
        frames.append(_shrunk(frame.convert("RGBA"), SIDE))
        durations.append(int(frame.info.get("duration", 100)) or 100)
    for frame in frames:
        frame.info.clear()
    first, *rest = frames
    moves = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0}
    files = {
        "file": _written(first, format_name, **moves, **({"disposal": 2} if format_name == "GIF" else {})),
        "thumb": _written(_shrunk(first.copy(), THUMB), "WEBP"),
    }
    return Remade(first.width, first.height, True, _placeholder(first), files)


def _frames(image: Any) -> Iterator[Any]:
    """Counted one by one, each before it is decoded: to be told their number, all would have to be read."""
    pixels = 0
    for count, frame in enumerate(ImageSequence.Iterator(image), start=1):
        pixels += frame.width * frame.height
        if count > FRAMES or pixels > PIXELS:
            raise ImageTooLarge
        yield frame


def _shrunk(image: Any, side: int) -> Any:
    if image.mode == "P":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((side, side))
    return image


def _plain(image: Any) -> Any:
    """Upright, in the colours that every screen knows, and with nothing beside its pixels."""
    turned = upright(image)
    mode = "RGBA" if turned.has_transparency_data else "RGB"
    coloured = _in_srgb(turned, mode)
    plain = coloured.convert(mode) if coloured.mode != mode else coloured.copy()
    plain.info.clear()
    return plain


def _in_srgb(image: Any, mode: str) -> Any:
    """A profile is a stranger's bytes too: it is used, and not kept."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    try:
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, theirs, _srgb, outputMode=mode)
    except (ImageCms.PyCMSError, *TROUBLE):  # a profile that does not fit its pixels: the colours are a little off
        return image


def _written(image: Any, format_name: str, **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, format_name, **QUALITY[format_name], **options)
    return written.getvalue()


def _placeholder(image: Any) -> str:
    tiny = _shrunk(image.copy(), PLACEHOLDER_SIDE)
    written = BytesIO()
    tiny.save(written, "WEBP", quality=30)
    text = f"data:{SMALLER_TYPE};base64,{base64.b64encode(written.getvalue()).decode()}"
    return text if len(text) <= PLACEHOLDER_LIMIT else ""
