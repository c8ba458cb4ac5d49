"""What is behind a link: looked up once an hour, however often it is posted; seldom for one person, or at one host.

Nobody but the pages' own servers hears of it, and those hear the house, not its people.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from abdre.errors import Unavailable
from abdre.fetching import Answer, FetchFailed, fetch
from abdre.limits import Quota, count, forget, unreadable
from abdre.store import StoreAway, store
from chat_svc.errors import BrokenImage, ImageTooLarge
from chat_svc.files import images
from chat_svc.files.kinds import HEAD_BYTES, IMAGES, FileKind, found_in
from chat_svc.webpages import Described, described

KEPT_S = 3600
# Longer than a look takes: a page and its picture.
ASKED_WITHIN_S = 30
MOMENT_S = 5
PER_PERSON = {"limit": 60, "window_s": 3600}
# Requests: for pages, for pictures that others' pages name, and where a redirect leads.
PER_HOST = {"limit": 60, "window_s": 60}
PAGE_TYPES = ("text/html", "application/xhtml+xml")
PAGE_BYTES = 1024 * 1024
TIMEOUT_S = 8.0
REDIRECTS = 5


class AskLater(Exception):
    """Another job is at it, and what it finds is kept in a moment; or the host has been asked too often just now."""

    def __init__(self, in_s: int) -> None:
        super().__init__(f"in {in_s} s")
        self.in_s = in_s


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


def looked_up(url: str, *, by: UUID, is_counted: bool = False) -> Looked | None:
    """None: there is no page that says what it is, or that person asks too often. Raises AskLater.

    `is_counted`: that person has been, when they came before and were to ask later.
    """
    key, mark = f"link-preview:{unreadable(url)}", ("link-preview-url", unreadable(url))
    with suppress(StoreAway):
        if (kept := store.get(key)) is not None:
            return _unpacked(json.loads(kept))
    # Before all else is counted: who is over their own limit uses up nobody's.
    if not is_counted and _is_over(count("link-preview", str(by), **PER_PERSON)):
        return None
    if _is_over(count(*mark, limit=1, window_s=ASKED_WITHIN_S)):
        raise AskLater(in_s=MOMENT_S)
    try:
        looked = _looked(url)
    except AskLater:
        forget(*mark)
        raise
    with suppress(StoreAway):
        store.put(key, json.dumps(_packed(looked)), ttl_s=KEPT_S)
    return looked


def _is_over(quota: Quota | None) -> bool:
    return quota is not None and quota.is_over


def _count_host(url: str) -> None:
    """Raises AskLater."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    quota = count("link-preview-host", unreadable(host), **PER_HOST)
    if quota and quota.is_over:
        raise AskLater(in_s=quota.left_s)


def _looked(url: str) -> Looked | None:
    """Raises AskLater."""
    page = _page(url)
    return page and Looked(page.title, page.description, page.site_name, _picture(page.picture_url))


def _page(url: str) -> Described | None:
    """Raises AskLater."""
    try:
        answer = _fetched(url, PAGE_TYPES, PAGE_BYTES)
    except FetchFailed:
        return None
    if answer.status != 200:
        return None
    return described(answer.body, answer.headers.get("Content-Type", ""), answer.url)


def _picture(url: str) -> LookedPicture | None:
    """A picture that cannot be had is no reason to show nothing of the page."""
    try:
        answer = _fetched(url, IMAGES, settings.PICTURE_LIMIT_BYTES)
        found = found_in(answer.body[:HEAD_BYTES])
        if answer.status != 200 or answer.is_cut or found.kind != FileKind.IMAGE:
            return None
        made = images.for_card(BytesIO(answer.body), found.content_type)
    except (AskLater, FetchFailed, BrokenImage, ImageTooLarge, Unavailable):
        return None
    return LookedPicture(made.files["file"], made.width, made.height)


def _fetched(url: str, types: Collection[str], limit_bytes: int) -> Answer:
    """Raises AskLater, FetchFailed."""
    return fetch(
        url,
        types=types,
        redirects=REDIRECTS,
        timeout_s=TIMEOUT_S,
        limit_bytes=limit_bytes,
        before_each=_count_host,
    )


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
