"""Which pages there are: found in the site's own addresses, so that a new one is measured without being named here."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

# Answers that are no pages, files, and pages that only say no: nothing is added or deleted by a form.
NO_PAGES = ("logout", "jsi18n", "view_on_site", "autocomplete", "chat_svc_report_deed")
NEVER_OPEN = ("_add", "_delete", "_export", "_file")
# Frequent in names, the beginning of many, and said by nobody.
WORDS = ("а", "bench-1", "Table 77", "zzzz")
ROW = re.compile(r'href="([^"]*/change/)')
LAST_PAGE = re.compile(r"page 1 of (\d+)")


# Of the same chat, which moderators may look at.
A_MEMBER = """
    FROM chat_svc_membership JOIN chat_svc_chat chat ON chat.id = chat_id
    WHERE is_public AND closed_at IS NULL AND role = 'member' AND state = 'active' ORDER BY chat_id, user_id LIMIT 1
"""


class Page(NamedTuple):
    name: str
    path: str


class Unknown(Exception):
    """An address that cannot be filled in, or a list that leads nowhere: the bench is no longer complete."""


class Known(NamedTuple):
    """By the names that addresses give their parts, one of each in a large house."""

    parts: dict[str, str]
    deeds: list[str]


def known() -> Known:
    from django.db import connection

    from auth_svc.admin.deeds import SCREENS

    asked = {
        "person": f"SELECT user_id {A_MEMBER}",
        "chat": f"SELECT chat_id {A_MEMBER}",
        "report": "SELECT id FROM chat_svc_report WHERE state = 'open' AND target_kind = 'message' LIMIT 1",
        "invitation": "SELECT id FROM auth_svc_invitation WHERE chat_id IS NOT NULL LIMIT 1",
        "session": "SELECT id FROM auth_svc_session LIMIT 1",
        "rule": "SELECT id FROM chat_svc_filterrule WHERE removed_at IS NULL LIMIT 1",
        "entry": "SELECT max(id) FROM chat_svc_moderationentry WHERE deed = 'messages.deleted'",
    }
    parts = {"seq": "1"}
    with connection.cursor() as cursor:
        for name, statement in asked.items():
            cursor.execute(statement)
            parts |= dict.fromkeys((name, f"{name}_id"), str(cursor.fetchone()[0]))
    return Known(parts | {"user_id": parts["person"], "code_id": parts["invitation"]}, list(SCREENS))


def found(site: Any, client: Any, known: Known) -> Iterator[Page]:
    """Every page, as it is reached by whoever sits at `client`; they may not open all of them. Raises Unknown."""
    for address in _addresses(site.get_urls()):
        name = address.name or ""
        if name.endswith("_changelist"):
            yield from _of_list(client, _path(address, {}))
        elif name and not name.endswith(("_change", *NEVER_OPEN)) and name not in NO_PAGES:
            yield from _of_its_own(client, site, address, known)


class Address(NamedTuple):
    name: str | None
    route: str
    parts: tuple[str, ...]


def _addresses(patterns: list[Any], before: str = "/admin/") -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _addresses(pattern.url_patterns, route)
        else:
            yield Address(pattern.name, route, tuple(pattern.pattern.regex.groupindex))


def _path(address: Address, parts: dict[str, str]) -> str:
    if missing := [part for part in address.parts if part not in parts]:
        raise Unknown(f"{address.route}: nothing is known for {', '.join(missing)}; see pages.known")
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts[part[1]], address.route)
    return re.sub(r"\(\?P(\w+)[^)]*\)|[\^$]", lambda part: parts[part[1]] if part[1] else "", filled)


def _of_list(client: Any, path: str) -> Iterator[Page]:
    answer = client.get(path)
    text = answer.content.decode()
    name = path.removeprefix("/admin/").strip("/")
    yield Page(name, path)
    if answer.status_code == 403:
        return
    if last := LAST_PAGE.search(text):
        yield Page(f"{name}, last page", f"{path}?p={last[1]}")
    for words in WORDS if 'name="q"' in text else ():
        yield Page(f"{name}, {words!r}", f"{path}?{urlencode({'q': words})}")
    for select in re.finditer(r'<select[^>]*name="(\w+)".*?</select>', text, re.DOTALL):
        for value in re.findall(r'<option value="([^"]+)"', select[0]):
            yield Page(f"{name}, {select[1]}: {value}", f"{path}?{urlencode({select[1]: value})}")
    row = ROW.search(text)
    if row is None:
        raise Unknown(f"{path} leads to no row's page; seed rows for it in deploy/bench/admin/rows.sql")
    yield Page(f"{name}, a row", row[1] if row[1].startswith("/") else path + row[1])


def _of_deed(client: Any, deed: str, known: Known) -> Page:
    """Asked about all that there is; else about one thing alone, where it takes no other beside."""
    tries = [known.parts, *({name: part} for name, part in known.parts.items())]
    for asked in tries:
        page = Page(f"deed {deed}", f"/admin/deeds/{deed}/?{urlencode(asked)}")
        if client.get(page.path).status_code in (200, 403):
            return page
    raise Unknown(f"/admin/deeds/{deed}/ is about nothing that is known; see pages.known")


def _of_its_own(client: Any, site: Any, address: Address, known: Known) -> Iterator[Page]:
    if address.name == "app_list":
        labels = sorted({model._meta.app_label for model in site._registry})
        yield from (Page(f"{label}, all lists", f"/admin/{label}/") for label in labels)
    elif address.name == "deed":
        yield from (_of_deed(client, deed, known) for deed in known.deeds)
    else:
        path = _path(address, known.parts)
        yield Page(path.removeprefix("/admin/").strip("/") or "the first page", path)
