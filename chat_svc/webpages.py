"""Pages on the web: which one a message leads to, and what a page says of itself."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils.http import is_same_domain
from lxml import etree

from abdre.links import addresses, is_plain_web_address

TITLE_LENGTH, DESCRIPTION_LENGTH, SITE_NAME_LENGTH = 200, 300, 80
# As our own renderer writes it; a text has no "<" of its own there.
LINK = re.compile(r'<a href="(https?://[^"]+)"', re.IGNORECASE)
# Where a page may say in which charset it is (WHATWG, HTML, "prescan a byte stream to determine its encoding").
PRESCAN_BYTES = 1024
CHARSET = re.compile(r"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# Control characters, what cannot be stored, and what turns the direction of writing for all that stands behind it.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Of each the first that is there: Open Graph, as most pages have it, then what Twitter made of it.
TITLES = ("og:title", "twitter:title", "title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
SITE_NAMES = ("og:site_name", "host")
PICTURES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")


class Described(NamedTuple):
    title: str
    description: str
    site_name: str
    picture_url: str


def may_lead_out(body: str) -> bool:
    """Asked of each message on its way in."""
    return "://" in body


def first_link(body: str, html: str) -> str:
    """The first address that readers see as a link and that leads out of this house, or nothing.

    `html`: of a body in Markdown, in whose code nothing is a link.
    """
    if not may_lead_out(body):
        return ""
    shown = (unescape(href) for href in LINK.findall(html)) if html else (address for _, address in addresses(body))
    return next((address for address in shown if _leads_out(address)), "")


def _leads_out(address: str) -> bool:
    if not is_plain_web_address(address):
        return False
    host, own = _host(address), (_host(settings.PUBLIC_ORIGIN), *settings.ALLOWED_HOSTS)
    return not any(is_same_domain(host, name) for name in own)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def described(content: bytes, content_type: str, url: str) -> Described | None:
    """What the page at `url` says of itself, as plain text; None where it has no title."""
    root = _parsed(content, content_type)
    said = {"host": _host(url), **_said(() if root is None else root.iter("meta", "title"))}
    title = _first(said, TITLES, TITLE_LENGTH)
    if not title:
        return None
    return Described(
        title,
        _first(said, DESCRIPTIONS, DESCRIPTION_LENGTH),
        _first(said, SITE_NAMES, SITE_NAME_LENGTH),
        _picture_url(said, url),
    )


def _parsed(content: bytes, content_type: str) -> Any:
    """Nothing where there is no element. What is broken or nested too deeply is cut, in linear time."""
    declared = CHARSET.search(content_type) or CHARSET.search(content[:PRESCAN_BYTES].decode("ascii", "replace"))
    try:
        parser = etree.HTMLParser(encoding=declared[1] if declared else "utf-8")
    except LookupError:  # nobody knows that charset
        parser = etree.HTMLParser(encoding="utf-8")
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:  # empty, or comments alone
        return None


def _said(elements: Iterable[Any]) -> Mapping[str, str]:
    """By the name under which it is said, the first one that says anything."""
    said: dict[str, str] = {}
    for element in elements:
        is_title = element.tag == "title"
        name = "title" if is_title else (element.get("property") or element.get("name") or "").strip().lower()
        text = element.text if is_title else element.get("content")
        if name and text and text.strip():
            said.setdefault(name, text)
    return said


def _first(said: Mapping[str, str], names: Iterable[str], length: int) -> str:
    return next((text for name in names if (text := _plain(said.get(name, ""), length))), "")


def _plain(text: str, length: int) -> str:
    seen = UNSEEN.sub("", " ".join(text.split()))
    return seen if len(seen) <= length else f"{seen[: length - 1].rstrip()}…"


def _picture_url(said: Mapping[str, str], url: str) -> str:
    wanted = next((said[name].strip() for name in PICTURES if name in said), "")
    try:
        return urljoin(url, wanted) if wanted else ""
    except ValueError:  # a bracket where no address has one
        return ""
