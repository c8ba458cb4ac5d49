"""What each operation of the people's API asks of the database, however many people, chats and blocks somebody has.

One walk over all of them, in this order: what takes something away comes after what needs it.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.module_loading import import_string
from PIL import Image

from abdre.tests.browsers import Browser
from abdre.tests.signing import bearer
from deploy.tests.budgets import FEW_AND_MANY, Asked, Places, assert_budgets, operations
from user_svc import services
from user_svc.selectors import notices_of

if TYPE_CHECKING:
    from user_svc.models import User

ME = "/api/users/me"
PUSH = f"{ME}/push-subscriptions"
PERSON = "/api/users/{user_id}"
BLOCK = "/api/users/blocks/{user_id}"
DEVICES = 15  # of the twenty that one may have

WALK = [
    Asked("GET /api/users", 3, query="?q=other"),
    Asked(f"GET {ME}", 3),
    Asked(f"PATCH {ME}", 8, {"display_name": "Ada L.", "about": "Tea", "status": {"emoji": "🌴"}}),
    Asked(f"PUT {ME}/picture", 6, "{image}"),
    Asked(f"DELETE {ME}/picture", 6),
    Asked(f"GET {ME}/privacy", 1),
    Asked(f"PATCH {ME}/privacy", 3, {"shows_presence": True}),
    Asked(f"GET {ME}/preferences", 1),
    Asked(f"PATCH {ME}/preferences", 3, {"theme": "dark"}),
    Asked(f"GET {ME}/notices", 1),
    Asked(f"POST {ME}/notices/{{notice_id}}/seen", 1),
    Asked("GET /api/users/push-key", 0),
    Asked(f"POST {PUSH}", 6, "{subscription}"),
    Asked(f"GET {PUSH}", 1),
    Asked(f"POST {PUSH}/test", 2, {}),
    Asked(f"DELETE {PUSH}", 3),
    Asked("GET /api/users/presence", 4, query="?ids={others}"),
    Asked(f"GET {PERSON}", 3),
    Asked(f"GET {PERSON}", 4, who="guest"),  # that they share a chat
    Asked(f"GET {PERSON}/picture", 2, query="?v={picture}"),
    Asked(f"GET {PERSON}/picture", 3, query="?v={picture}", who="guest"),
    Asked(f"PUT {BLOCK}", 10),
    Asked("GET /api/users/blocks", 1),
    Asked(f"DELETE {BLOCK}", 8),
]


def full(ada: User, guest: User, many: int) -> list[User]:
    """As many others, each in a group with ada and guest, and in a direct chat with her; some are blocked."""
    create_chat = import_string("chat_svc.services.create_chat")
    enrol = import_string("chat_svc.services.enrol")
    others = [services.create_member(username=f"other{number}", password=None) for number in range(many)]
    for number, other in enumerate(others):
        create_chat(creator_id=ada.id, kind="direct", members=[other.id])
        group = create_chat(creator_id=ada.id, kind="group", title=f"Tea {number}", members=[other.id])
        enrol(chat_id=group.id, user_id=guest.id)
        if number % 2:
            services.block(user_id=ada.id, other_id=other.id)
            services.block(user_id=other.id, other_id=guest.id)
    for _ in range(many):
        services.tell_staff_notice(user_id=ada.id, kind=services.NoticeKind.WARNED, reason="Rude")
    for number in range(min(many, DEVICES)):
        services.subscribe(user_id=ada.id, session_id=uuid4(), target=Browser(f"https://push.example/{number}").target)
    return others


def image() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def test_every_operation_stands_here():
    assert {asked.operation for asked in WALK} == operations("user_svc")


@pytest.mark.parametrize("many", FEW_AND_MANY)
def test_every_operation_keeps_to_its_budget(ada: User, guest: User, many: int):
    others = full(ada, guest, many)
    services.change_privacy(user_id=others[0].id, facts={"shows_local_time": True})
    services.change_preferences(user_id=others[0].id, facts={"time_zone": "Asia/Almaty"})
    picture = services.set_picture(user_id=others[0].id, content=image()).picture
    headers = {"ada": bearer(ada.id), "guest": bearer(guest.id)}
    places = Places(user_id=str(others[0].id), picture=picture, image=image())
    places["notice_id"] = notices_of(ada.id)[0].id
    places["others"] = ",".join(str(other.id) for other in others)
    places["subscription"] = Browser("https://push.example/mine").subscription

    def send(asked: Asked, method: str, target: str, body: Any) -> Any:
        is_file = isinstance(body, bytes)
        sent = body if is_file else json.dumps(body).encode() if body is not None else b""
        kind = "image/png" if is_file else "application/json"
        return Client().generic(method, target, sent, content_type=kind, headers=headers[asked.who])

    assert_budgets(WALK, places, send)
