"""How many calls to the services each page takes, and how many of them one after the other, whatever it shows.

With nothing kept of its visitor, as on the first page of a minute; on the others a call less for those that may take
their card from the store (`abdre/cache.py`).
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import URLPattern

from abdre.cache import own_card
from abdre.second_step import Challenge, keep_challenge
from abdre.service_client import calls
from abdre.service_client.transports import Call, Received
from abdre.store import store
from deploy.tests.budgets import FEW_AND_MANY, PLACE
from gateway_svc.tests.conftest import (
    ADA,
    BOB,
    CHAT,
    GUEST,
    INVITATION,
    TOKEN,
    Services,
    chat,
    invitation,
    message,
    person,
    preview,
    security,
)
from gateway_svc.tests.test_chat_export_page import EXPORT
from gateway_svc.tests.test_factor_pages import ENROLMENT, PASSKEY
from gateway_svc.tests.test_file_pages import sent
from gateway_svc.tests.test_held_page import held
from gateway_svc.tests.test_hook_pages import INCOMING, OUTGOING
from gateway_svc.tests.test_knock_pages import a_knock, standing
from gateway_svc.tests.test_later_pages import scheduled
from gateway_svc.tests.test_leaving_pages import export
from gateway_svc.tests.test_linked_pages import ACCOUNT, PROVIDERS
from gateway_svc.tests.test_notice_pages import notice
from gateway_svc.tests.test_notification_page import PREFERENCES
from gateway_svc.tests.test_other_devices import ENDS
from gateway_svc.tests.test_other_devices import preview as device_preview
from gateway_svc.tests.test_people_pages import own, profile
from gateway_svc.tests.test_program_pages import BOT
from gateway_svc.tests.test_program_pages import TOKEN as PERSONAL
from gateway_svc.tests.test_search_page import hit
from gateway_svc.urls import urlpatterns

OWN_CODE = "55555555-5555-4555-8555-555555555555"  # without a chat
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>'
SHOWN = ("shows_presence", "shows_receipts", "shows_local_time", "is_findable")
PRIVACY = {**dict.fromkeys(SHOWN, True), "who_may_write": "everybody"}
# As long as a call takes, in turns of the loop; what a page does between two of them is far below that.
CALL_TAKES = 200


class Page(NamedTuple):
    path: str
    calls: int
    in_turn: int  # so many of them one after the other
    query: str = ""
    who: str = "ada"
    status: int = 200
    code: str = INVITATION


CHAT_PAGE = "/chats/{chat_id}"
MESSAGE = f"{CHAT_PAGE}/messages/{{seq}}"
CODE = f"{CHAT_PAGE}/invitations/{{invitation_id}}"
MY_CODE = "/me/code/{invitation_id}"

PAGES = [
    Page("/", 0, 0, who="nobody"),
    Page("/start", 0, 0, who="nobody", status=303),
    Page("/login", 1, 1, who="nobody"),
    Page("/login/device", 1, 1, who="nobody"),
    Page("/device/{device_token}", 2, 1),
    Page("/digest/off/{digest_token}", 0, 0, who="nobody"),
    Page("/recover/{recovery_token}", 1, 1, who="nobody"),
    Page("/recover/{recovery_token}", 2, 1, who="guest"),
    Page("/login/second-factor", 0, 0, who="nobody"),
    Page("/register", 1, 1, who="nobody"),
    Page("/logout", 1, 1),
    Page("/profile", 1, 1),
    Page("/people/{user_id}", 3, 1),
    Page("/settings", 1, 1),
    Page("/settings/appearance", 1, 1),
    Page("/settings/language", 1, 1),
    Page("/settings/notifications", 4, 1),
    Page("/settings/privacy", 2, 1),
    Page("/settings/blocked", 2, 1),
    Page("/notices", 2, 1),
    Page("/security", 4, 1),
    Page("/security/another-device", 1, 1),
    Page("/security/recovery-link", 1, 1, who="guest"),
    Page("/security/email", 2, 1),
    Page("/security/password", 2, 1),
    Page("/verify/{key}", 1, 1, who="nobody"),
    Page("/forgot", 0, 0, who="nobody"),
    Page("/reset/{key}", 0, 0, who="nobody"),
    Page("/security/two-step", 2, 1),
    Page("/security/two-step/app", 2, 2),
    Page("/security/two-step/app/remove", 2, 1),
    Page("/security/two-step/codes", 0, 0, status=303),
    Page("/security/passkeys", 2, 1),
    Page("/security/data", 3, 1),
    Page("/security/data/archives/{export_id}", 1, 1, status=303),
    Page("/security/data/delete", 2, 1),
    Page("/settings/tokens", 2, 1),
    Page("/settings/bots", 2, 1),
    Page("/welcome-back", 2, 1),
    Page("/goodbye", 0, 0),
    Page("/reauthenticate", 4, 1),
    Page("/security/linked", 3, 1),
    Page("/security/linked/confirm", 2, 1),
    Page("/sessions", 2, 1),
    Page("/people/{user_id}/report", 3, 1),
    Page("/scheduled", 3, 1),  # and one more for each chat that the list beside it does not show
    Page("/reminders", 3, 1),
    Page("/search", 2, 1),
    Page("/search", 3, 1, query="?q=tea"),
    Page("/discover", 3, 1),
    Page("/chats", 2, 1),
    Page(CHAT_PAGE, 5, 2),
    Page(f"{MESSAGE}/react", 4, 1),
    Page(f"{CHAT_PAGE}/files", 4, 1),
    Page(f"{MESSAGE}/reply", 4, 1),
    Page(f"{MESSAGE}/edit", 4, 1),
    Page(f"{MESSAGE}/delete", 4, 1),
    Page(f"{MESSAGE}/unread", 4, 1),
    Page(f"{MESSAGE}/pin", 4, 1),
    Page(f"{MESSAGE}/unpin", 4, 1),
    Page(f"{MESSAGE}/remind", 3, 1),
    Page(f"{MESSAGE}/report", 3, 1),
    Page(f"{CHAT_PAGE}/pins", 4, 1),
    Page(f"{MESSAGE}/forward", 5, 1),
    Page(f"{CHAT_PAGE}/threads/{{seq}}", 4, 2),
    Page(f"{CHAT_PAGE}/held", 4, 1),
    Page(f"{CHAT_PAGE}/scheduled", 4, 1),
    Page(f"{CHAT_PAGE}/scheduled/{{scheduled_id}}", 3, 1),
    Page(f"{CHAT_PAGE}/settings", 6, 2),
    Page(f"{CHAT_PAGE}/settings", 7, 2, query="?person=bob"),
    Page(f"{CHAT_PAGE}/members/{{user_id}}", 4, 1, query="?deed=transfer"),
    Page(f"{CHAT_PAGE}/export", 4, 1),
    Page(f"{CHAT_PAGE}/integrations", 5, 1),
    Page(f"{CHAT_PAGE}/invitations", 4, 1),
    Page(CODE, 5, 1),
    Page(f"{CODE}/poster", 5, 1),
    Page("/me/code", 1, 1, status=303),
    Page(MY_CODE, 4, 1, code=OWN_CODE),
    Page(f"{MY_CODE}/poster", 4, 1, code=OWN_CODE),
    Page("/waiting/{invitation_id}", 2, 1),
    Page("/waiting/{invitation_id}/report", 3, 1),
    Page("/scan", 1, 1),
    Page("/join/{token}", 1, 1, who="nobody"),
    Page("/join/{token}", 2, 1),
    Page("/join/{token}/report", 3, 1),
    Page("/status", 6, 2),
    Page("/offline", 0, 0, who="nobody"),
    Page("/service-worker.js", 0, 0, who="nobody"),
    Page("/api/docs/", 0, 0),
    Page("/api/schema/", 0, 0),
    Page("/api/schema/socket/", 0, 0),
]


@dataclass
class Line:
    """Every call takes as long as any other, by a clock that goes with the turns of the loop: so no page waits."""

    services: Services
    turn: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    async def __call__(self, call: Call) -> Received:
        begun = self.turn
        while self.turn < begun + CALL_TAKES:
            await asyncio.sleep(0)
        received = await self.services(call)
        self.spans.append((begun, self.turn))
        return received

    async def tick(self) -> None:
        while True:
            self.turn += 1
            await asyncio.sleep(0)

    def taken(self) -> tuple[int, int]:
        """How many calls there were since it was last asked, and how many of them in turn."""
        spans, self.spans = self.spans, []
        if not spans:
            return 0, 0
        lasted = max(end for _, end in spans) - min(begun for begun, _ in spans)
        return len(spans), round(lasted / CALL_TAKES)


@pytest.fixture
def line(services: Services, monkeypatch: pytest.MonkeyPatch) -> Line:
    async def at_once(ask: Any, *args: Any) -> Any:
        return ask(*args)

    monkeypatch.setattr("abdre.cache.in_thread", at_once)  # while another thread looks, the loop turns on
    line = Line(services)
    monkeypatch.setattr(calls, "_transport", lambda: line)
    return line


def answer_all(services: Services, many: int) -> None:
    """Whatever a page may ask, with so many of each."""
    every = range(1, many + 1)
    of_chat, code = f"/api/chats/{CHAT}", f"/api/auth/invitations/{INVITATION}"
    people = [{"user": person(f"{BOB[:-2]}{number:02}"), "role": "member", "state": "active"} for number in every]
    said = [message(number, f"tea {number}") for number in every]
    mine = {"user": person(ADA), "role": "owner", "state": "active", "read_seq": 0}
    bob = {"user": person(BOB, "Bob"), "role": "member", "state": "active", "read_seq": 0}
    use = {"user": person(BOB, "Bob"), "joined_at": ENDS, "active": True}
    session = {"id": ADA, "device": "Firefox", "address": "192.0.2.0/24", "place": "", "current": False}
    session |= {"created_at": ENDS, "last_used_at": ENDS, "expires_at": ENDS}
    reminder = {"id": ADA, "at": ENDS, "chat": CHAT, "title": "Tea", "seq": 2, "text": "tea", "told_at": None}
    lists: dict[tuple[str, str], list[Any]] = {
        ("chat", "/api/chats"): [chat(), *(chat(id=f"{CHAT[:-2]}{number:02}") for number in every if number != 11)],
        ("chat", "/api/chats/public"): [{**chat(), "picture": "", "joined": False}] * many,
        ("chat", "/api/chats/search"): [hit()] * many,
        ("chat", "/api/chats/scheduled"): [scheduled(id=BOB) for _ in every],
        ("chat", "/api/chats/reminders"): [reminder] * many,
        ("chat", f"{of_chat}/members"): [mine, bob, *people],
        ("chat", f"{of_chat}/banned"): people,
        ("chat", f"{of_chat}/messages"): said,
        ("chat", f"{of_chat}/pins"): [message(number, pinned_at=ENDS, pinned_by=ADA) for number in every],
        ("chat", f"{of_chat}/attachments"): [sent() for _ in every],
        ("chat", f"{of_chat}/held"): [held() for _ in every],
        ("chat", f"{of_chat}/scheduled"): [scheduled(id=BOB) for _ in every],
        ("chat", f"{of_chat}/exports"): [EXPORT] * many,
        ("chat", f"{of_chat}/incoming-hooks"): [INCOMING] * many,
        ("chat", f"{of_chat}/outgoing-hooks"): [OUTGOING] * many,
        ("auth", "/api/auth/invitations"): [invitation(id=f"{BOB[:-2]}{number:02}") for number in every],
        ("auth", "/api/auth/knocks"): [a_knock() for _ in every],
        ("auth", "/api/auth/sessions"): [session] * many,
        ("auth", "/api/auth/passkeys"): [PASSKEY] * many,
        ("auth", "/api/auth/tokens"): [PERSONAL] * many,
        ("auth", "/api/auth/bots"): [BOT] * many,
        ("auth", "/api/auth/exports"): [export("ready") for _ in every],
        ("user", "/api/users"): [person(BOB, "Bob")] * many,
        ("user", "/api/users/blocks"): [person(BOB, "Bob")] * many,
        ("user", "/api/users/me/push-subscriptions"): [],
        ("user", "/api/users/me/notices"): [notice()] * many,
        ("oauth", "/api/oauth/accounts"): [ACCOUNT] * many,
        ("oauth", "/api/oauth/providers"): PROVIDERS,
    }
    for (service, path), items in lists.items():
        services.answer(service, "GET", path, {"items": items, "next": None, "has_more": False})
    shown: dict[tuple[str, str], Any] = {
        ("chat", of_chat): chat(last_seq=many),
        ("chat", f"{of_chat}/messages/2/thread"): {"root": message(2), "items": said, "has_more": False},
        ("chat", f"{of_chat}/messages/at"): {"seq": 2},
        ("auth", code): invitation(people=[use] * many),
        ("auth", f"{code}/link"): {"url": f"http://testserver/join/{TOKEN}"},
        ("auth", f"{code}/qr.svg"): SVG,
        ("auth", f"{code}/knock"): standing(),
        ("auth", f"/api/auth/invitations/{OWN_CODE}"): invitation(id=OWN_CODE, chat=None),
        ("auth", f"/api/auth/invitations/{OWN_CODE}/link"): {"url": f"http://testserver/join/{TOKEN}"},
        ("auth", f"/api/auth/invitations/{OWN_CODE}/qr.svg"): SVG,
        ("auth", "/api/auth/security"): security(totp=True),
        ("auth", "/api/auth/email"): {"email": "ada@example.org", "verified": True, "pending": None},
        ("user", "/api/users/me/preferences"): PREFERENCES,
        ("user", "/api/users/me/privacy"): PRIVACY,
        ("user", f"/api/users/{BOB}"): profile(),
    }
    for (service, path), answer in shown.items():
        services.answer(service, "GET", path, answer)
    posts: dict[tuple[str, str], Any] = {
        ("auth", "/api/auth/invitations/preview"): preview(),
        ("auth", "/api/auth/device-codes/preview"): device_preview(),
        ("auth", "/api/auth/recovery-links/preview"): {"display_name": "Tom", "own": False, "expires_at": ENDS},
        ("auth", "/api/auth/email/verify/preview"): {"email": "a@b.c", "username": "ada", "verified": False},
        ("auth", "/api/auth/totp/options"): ENROLMENT,
        ("oauth", "/api/oauth/pending"): {"provider": "google", "provider_name": "Google", "name": "ada@example.org"},
    }
    code_to_show = {"id": ADA, "secret": "s", "url": "http://testserver/device/t", "check": "47", "expires_at": ENDS}
    posts["auth", "/api/auth/device-codes"] = {**code_to_show, "qr_svg": "<svg viewBox='0 0 1 1'></svg>"}
    for (service, path), answer in posts.items():
        services.answer(service, "POST", path, answer)


PLACES = {
    **dict.fromkeys(("device_token", "digest_token", "recovery_token", "key"), "token"),
    "chat_id": CHAT,
    "user_id": BOB,
    "invitation_id": INVITATION,
    "scheduled_id": BOB,
    "held_id": BOB,
    "seq": 2,
    "token": TOKEN,
    **dict.fromkeys(("session_id", "export_id", "token_id", "bot_id", "account_id", "hook_id", "reminder_id"), ADA),
    "passkey_id": 7,
    "notice_id": 7,
}


def routes() -> list[str]:
    """Of functions; the classes among the views send on to another address."""
    own = [one for one in urlpatterns if isinstance(one, URLPattern) and not hasattr(one.callback, "view_class")]
    return ["/" + PLACE.sub(r"{\1}", str(one.pattern)) for one in own]


@pytest.fixture
def browsers(browser_of: Any, services: Services) -> dict[str, AsyncClient]:
    found = {"nobody": AsyncClient(), "guest": browser_of(GUEST, name="Gulnara", is_guest=True), "ada": browser_of(ADA)}
    asked = Challenge(challenge="signed", factors=["totp"], expires_in=300, remember=True)
    answer = HttpResponse()
    keep_challenge(answer, asked)
    found["nobody"].cookies.update(answer.cookies)
    services.answer("user", "GET", "/api/users/me", own(is_staff=True))
    return found


async def test_every_page_stands_here(browsers: dict[str, AsyncClient], services: Services):
    listed = {page.path for page in PAGES}

    others = {path for path in routes() if path not in listed}

    assert listed <= set(routes())
    assert [path for path in others if (await browsers["ada"].get(path.format(**PLACES))).status_code != 405] == []


@pytest.mark.parametrize("many", FEW_AND_MANY)
async def test_every_page_keeps_to_its_budget(
    browsers: dict[str, AsyncClient], services: Services, line: Line, many: int
):
    answer_all(services, many)
    clock = asyncio.create_task(line.tick())
    strays = []

    for page in PAGES:
        store.delete_many([own_card(user_id) for user_id in (ADA, GUEST)])
        services.asked.clear()
        response = await browsers[page.who].get(
            (page.path + page.query).format(**{**PLACES, "invitation_id": page.code})
        )
        taken = line.taken()
        if (*taken, response.status_code) != (page.calls, page.in_turn, page.status):
            asked = [f"    {one.method} {one.path}" for one in services.asked]
            strays += [f"{page.path} {page.who}: {taken} {response.status_code}, not {page[1:3]} {page.status}", *asked]

    clock.cancel()
    assert not strays, "\n".join(strays)
