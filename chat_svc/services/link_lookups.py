"""What is behind a link: looked up once an hour, however often it is posted; seldom for one person, or at one host.

Nobody but the pages' own servers hears of it, and those hear the house, not its people.
"""

import json
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from abdre.errors import Unavailable
from abdre.fetching import FetchFailed, fetch
from abdre.limits import count, unreadable
from abdre.store import StoreAway, store
from chat_svc.errors import BrokenImage, ImageTooLarge
from chat_svc.files import images
from chat_svc.files.kinds import HEAD_BYTES, IMAGES, FileKind, found_in
from chat_svc.webpages import Described, described

KEPT_S = 3600
# Longer than a look takes: a page and its picture.
ASKED_WITHIN_S = 30
PER_PERSON = {"limit": 60, "window_s": 3600}
# Whoever has many accounts has many addresses of one host, too.
PER_HOST = {"limit": 60, "window_s": 60}
PAGE_TYPES = ("text/html", "application/xhtml+xml")
PAGE_BYTES = 1024 * 1024
TIMEOUT_S = 8.0
REDIRECTS = 5


class BeingAsked(Exception):
    """Another job is at it: what it finds is kept in a moment."""


@dataclass(frozen=True)
class LookedPicture:
    """A WebP image that we have drawn ourselves."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Looked:
    title: str
    description: str
    site_name: str
    picture: LookedPicture | None


def looked_up(url: str, *, by: UUID) -> Looked | None:
    """None: there is no page that says what it is, or it is asked for too often. Raises BeingAsked."""
    key = f"link-preview:{unreadable(url)}"
    with suppress(StoreAway):
        if (kept := store.get(key)) is not None:
            return _unpacked(json.loads(kept))
    at_once = count("link-preview-url", unreadable(url), limit=1, window_s=ASKED_WITHIN_S)
    if at_once and at_once.is_over:
        raise BeingAsked
    if _is_too_often(url, by):
        return None
    looked = _looked(url)
    with suppress(StoreAway):
        store.put(key, json.dumps(_packed(looked)), ttl_s=KEPT_S)
    return looked


def _is_too_often(url: str, by: UUID) -> bool:
    of_person = count("link-preview", str(by), **PER_PERSON)
    of_host = count("link-preview-host", unreadable(urlsplit(url).hostname or ""), **PER_HOST)
    return any(quota is not None and quota.is_over for quota in (of_person, of_host))


def _looked(url: str) -> Looked | None:
    page = _page(url)
    return page and Looked(page.title, page.description, page.site_name, _picture(page.picture_url))


def _page(url: str) -> Described | None:
    try:
        answer = fetch(url, types=PAGE_TYPES, redirects=REDIRECTS, timeout_s=TIMEOUT_S, limit_bytes=PAGE_BYTES)
    except FetchFailed:
        return None
    if answer.status != 200:
        return None
    return described(answer.body, answer.headers.get("Content-Type", ""), answer.url)


def _picture(url: str) -> LookedPicture | None:
    """A picture that cannot be had is no reason to show nothing of the page."""
    limit_bytes = settings.PICTURE_LIMIT_BYTES
    try:
        answer = fetch(url, types=[*IMAGES], redirects=REDIRECTS, timeout_s=TIMEOUT_S, limit_bytes=limit_bytes)
        found = found_in(answer.body[:HEAD_BYTES])
        if answer.status != 200 or answer.is_cut or found.kind != FileKind.IMAGE:
            return None
        made = images.for_card(BytesIO(answer.body), found.content_type)
    except (FetchFailed, BrokenImage, ImageTooLarge, Unavailable):
        return None
    return LookedPicture(made.files["file"], made.width, made.height)


def _packed(looked: Looked | None) -> Any:
    if looked is None:
        return None
    picture = looked.picture and {**vars(looked.picture), "data": b64encode(looked.picture.data).decode()}
    return {**vars(looked), "picture": picture}


def _unpacked(kept: Any) -> Looked | None:
    if kept is None:
        return None
    picture = kept["picture"] and LookedPicture(**{**kept["picture"], "data": b64decode(kept["picture"]["data"])})
    return Looked(**{**kept, "picture": picture})
