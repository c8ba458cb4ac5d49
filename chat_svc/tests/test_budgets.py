"""What each operation of the chats' API asks of the database, however much the chat holds.

One walk over all of them, in this order: what takes something away comes after what needs it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.utils import timezone

from abdre.wire import utc
from chat_svc import services
from chat_svc.models import Chat, ChatExport, Kind
from chat_svc.tests.conftest import Api, member, say, send_up, sent_or_held
from chat_svc.tests.pictures import picture
from deploy.tests.budgets import Asked, Places, assert_budgets, operations

if TYPE_CHECKING:
    from user_svc.models import User

CHAT = "/api/chats/{chat_id}"
MESSAGE = f"{CHAT}/messages/{{seq}}"
ATTACHMENT = f"{CHAT}/attachments/{{attachment_id}}"
LATER = utc(timezone.now() + timedelta(hours=1))


WALK = [
    Asked("GET /api/chats", 3),
    Asked("POST /api/chats", 9, {"kind": "group", "title": "Another", "members": ["{bob}", "{eve}"]}),
    Asked("GET /api/chats/public", 2),
    Asked("GET /api/chats/search", 4, query="?q=hello"),
    Asked("GET /api/chats/scheduled", 1),
    Asked("GET /api/chats/reminders", 3),
    Asked("GET /api/chats/reports/waiting", 1, status=403),  # for staff
    Asked("POST /api/chats/reports", 9, {"kind": "person", "id": "{bob}", "reason": "spam"}),
    Asked(f"GET {CHAT}", 3),
    Asked(f"PUT {CHAT}/picture", 13, picture(8, 8)),
    Asked(f"GET {CHAT}/picture", 1, query="?v={picture}"),
    Asked(f"DELETE {CHAT}/picture", 12),
    Asked(f"PATCH {CHAT}/mine", 2, {"favourite": True}),
    Asked(f"GET {CHAT}/members", 3),
    Asked(f"GET {CHAT}/messages", 3),
    Asked(f"GET {CHAT}/membership-log", 2),
    Asked(f"GET {CHAT}/messages/at", 2, query="?date=2026-01-01"),
    Asked(f"GET {CHAT}/changes", 5, query="?since=1"),
    Asked(f"POST {CHAT}/messages", 0, {"client_id": "{uuid}", "body": "@bob hello"}),
    Asked(f"DELETE {MESSAGE}/link-preview", 4),  # there is none; with one: test_link_previews.py
    Asked(f"GET {MESSAGE}/edits", 2, status=403),  # for staff who have shown a second factor
    Asked(f"POST {MESSAGE}/forward", 10, {"to": "{chat_id}", "client_id": "{uuid}"}),
    Asked(f"GET {MESSAGE}/thread", 3),
    Asked(f"PUT {MESSAGE}/reactions/{{emoji}}", 5),
    Asked(f"GET {MESSAGE}/reactions", 3),
    Asked(f"DELETE {MESSAGE}/reactions/{{emoji}}", 8),
    Asked(f"POST {MESSAGE}/reminder", 5, {"at": LATER}),
    Asked("DELETE /api/chats/reminders/{reminder_id}", 1),
    Asked(f"POST {MESSAGE}/report", 11, {"reason": "spam"}),
    Asked(f"PUT {CHAT}/draft", 2, {"body": "half"}),
    Asked(f"DELETE {CHAT}/draft", 2),
    Asked(f"GET {CHAT}/scheduled", 2),
    Asked(f"DELETE {CHAT}/scheduled/{{scheduled_id}}", 2),
    Asked(f"POST {CHAT}/scheduled", 5, {"client_id": "{uuid}", "body": "later", "send_at": LATER}),
    Asked(f"PATCH {CHAT}/scheduled/{{scheduled_id}}", 3, {"body": "even later"}),
    Asked(f"POST {CHAT}/scheduled/{{scheduled_id}}/send", 3, {}),
    Asked(f"GET {CHAT}/held", 2),
    Asked(f"GET {CHAT}/held/own", 2, who="guest"),
    Asked(f"DELETE {CHAT}/held/{{held_id}}", 4, who="guest"),
    Asked(f"POST {CHAT}/held/{{held_id}}/approve", 3, {}),
    Asked(f"POST {CHAT}/held/{{held_id}}/reject", 5, {}),
    Asked(f"GET {CHAT}/attachments", 2),
    Asked(f"GET {ATTACHMENT}/content", 2, query="?variant=file"),
    Asked(f"GET {ATTACHMENT}/file", 2, query="?{signed}"),
    Asked(f"POST {CHAT}/attachments", 3, {"name": "a.txt", "size": 3}),
    Asked(f"GET {ATTACHMENT}", 2),
    Asked(f"PATCH {ATTACHMENT}", 4, b"abc"),
    Asked(f"DELETE {ATTACHMENT}", 2),
    Asked(f"PUT {MESSAGE}/pin", 5),
    Asked(f"GET {CHAT}/pins", 3),
    Asked(f"DELETE {MESSAGE}/pin", 8),
    Asked(f"GET {CHAT}/exports", 2),
    Asked(f"GET {CHAT}/exports/{{export_id}}/archive", 2),
    Asked(f"POST {CHAT}/exports", 5, {"format": "json"}),
    Asked(f"GET {CHAT}/incoming-hooks", 3),
    Asked(f"POST {CHAT}/incoming-hooks", 17, {"name": "CI"}),
    Asked(f"POST {CHAT}/incoming-hooks/{{hook_id}}/secret", 4, {}),
    Asked("POST /api/chats/hooks/{token}", 2, {"text": "built"}),
    Asked(f"DELETE {CHAT}/incoming-hooks/{{hook_id}}", 13),
    Asked(f"GET {CHAT}/outgoing-hooks", 3),
    Asked(f"POST {CHAT}/outgoing-hooks", 17, {"name": "CRM", "url": "https://hooks.example.org/"}),
    Asked(f"POST {CHAT}/outgoing-hooks/{{hook_id}}/secret", 4, {}),
    Asked(f"POST {CHAT}/outgoing-hooks/{{hook_id}}/on", 4, {}),
    Asked(f"DELETE {CHAT}/outgoing-hooks/{{hook_id}}", 14),
    Asked(f"POST {CHAT}/read", 3, {"seq": 1}, who="bob"),
    Asked(f"POST {CHAT}/unread", 6, {"seq": 1}, who="bob"),
    Asked(f"PATCH {MESSAGE}", 11, {"body": "@ada **changed**"}, who="bob"),
    Asked(f"DELETE {MESSAGE}", 14),
    Asked(f"POST {CHAT}/clear", 4, {}, who="bob"),
    Asked(f"POST {CHAT}/members", 16, {"user": "{eve}"}),
    Asked(f"PATCH {CHAT}/members/{{user_id}}", 7, {"role": "admin"}),
    Asked(f"DELETE {CHAT}/members/{{user_id}}", 8, query="?ban=true"),
    Asked(f"GET {CHAT}/banned", 2),
    Asked(f"DELETE {CHAT}/banned/{{user_id}}", 6),
    Asked(f"PATCH {CHAT}", 15, {"title": "Coffee", "topic": "Beans", "is_public": True}),
    Asked(f"POST {CHAT}/join", 19, {}, who="eve"),
    Asked(f"POST {CHAT}/transfer", 10, {"user": "{bob}"}),
    Asked(f"DELETE {CHAT}", 6, who="bob"),
]


def learnt(asked: Asked, answer: Any) -> dict[str, str]:
    """What an answer says that a later operation names."""
    if "Location" in answer:
        return {"signed": answer["Location"].partition("?")[2]}
    told = answer.json() if answer.headers.get("Content-Type") == "application/json" and answer.content else {}
    thing = asked.operation.rpartition("/")[2]
    one = told["items"][0] if told.get("items") else told
    named = {
        "reminder": "reminder_id",
        "scheduled": "scheduled_id",
        "attachments": "attachment_id",
        "exports": "export_id",
        "incoming-hooks": "hook_id",
        "outgoing-hooks": "hook_id",
    }
    found = {named[thing]: str(one["id"])} if thing in named and "id" in one else {}
    return found | {new: told[name] for name, new in (("picture", "picture"), ("secret", "token")) if told.get(name)}


def send(api: Api, method: str, target: str, body: Any) -> Any:
    if not isinstance(body, bytes):
        return api(method, target, body)
    kind = "image/png" if method == "PUT" else "application/octet-stream"
    headers = {**api.headers, "Upload-Offset": "0"}
    return api.client.generic(method, target, body, content_type=kind, headers=headers)


def full(ada: User, bob: User, others: list[User]) -> Chat:
    """A chat with as many of everything as there are others, and as many other chats of the same people."""
    for number in range(len(others)):
        services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title=f"Other {number}", members=[bob.id])
        services.create_chat(creator_id=others[number].id, kind=Kind.DIRECT, members=[ada.id])
    people = [bob.id, *(user.id for user in others)]
    chat = services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title="Tea", members=people)
    path = f"/api/chats/{chat.id}"
    for number in range(1, len(others) + 1):
        file = send_up(chat, bob, "tea.txt", b"abc")
        seq = say(chat, bob, f"**hello** @ada {number}", attachments=[file["id"]]).message["seq"]
        say(chat, others[number - 1], "a reply", reply_to=seq)
        for user in (ada, *others[:number]):
            Api(user)("PUT", f"{path}/messages/{seq}/reactions/👍")
        Api(ada)("PUT", f"{path}/messages/{seq}/pin")
        Api(bob)("PATCH", f"{path}/messages/{seq}", {"body": f"@ada hello {number}"})
        Api(ada)("POST", f"{path}/messages/{seq}/reminder", {"at": LATER})
        Api(ada)("POST", f"{path}/scheduled", {"client_id": str(uuid4()), "body": "later", "send_at": LATER})
        Api(ada)("POST", f"{path}/incoming-hooks", {"name": f"CI {number}"})
        Api(ada)("POST", f"{path}/outgoing-hooks", {"name": f"CRM {number}", "url": "https://hooks.example.org/"})
        ChatExport.objects.create(chat=chat, user=ada, format="json", archive=b"{}", made_at=timezone.now())
    say(chat, ada, "mine")
    return chat


def _hold(chat: Chat, guest: User, many: int) -> str:
    """Links of a guest that wait; answers the id of one."""
    Chat.objects.filter(id=chat.id).update(guest_links="held")
    services.enrol(chat_id=chat.id, user_id=guest.id)
    held = [sent_or_held(chat, guest, "https://example.org") for _ in range(many)]
    assert isinstance(held[0], services.Held)
    return held[0].held["id"]


def test_every_operation_stands_here():
    assert {asked.operation for asked in WALK} == operations("chat_svc")


@pytest.mark.parametrize("many", [2, 5])
def test_every_operation_keeps_to_its_budget(ada: User, bob: User, eve: User, guest: User, settings: Any, many: int):
    settings.PUBLIC_CHATS = True
    chat = full(ada, bob, [member(f"other{number}") for number in range(many)])
    apis = {"ada": Api(ada), "bob": Api(bob), "eve": Api(eve), "guest": Api(guest)}
    _hold(chat, guest, many)
    places = Places(chat_id=str(chat.id), user_id=str(eve.id), bob=str(bob.id), eve=str(eve.id), seq="1", emoji="👍")
    places["uuid"] = lambda: str(uuid4())
    places["held_id"] = lambda: _hold(chat, guest, 1)

    assert_budgets(WALK, places, lambda asked, *request: send(apis[asked.who], *request), learnt)
