"""A chat's picture: set by who manages it, told to all in it, seen by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import storages

from abdre.events import chat_group
from abdre.pictures import HEADERS
from chat_svc import services
from chat_svc.models import Chat, Kind
from chat_svc.services.pictures import folder_of
from chat_svc.tests.conftest import Api, Told
from chat_svc.tests.pictures import picture

if TYPE_CHECKING:
    from user_svc.models import User


def path_of(chat: Chat) -> str:
    return f"/api/chats/{chat.id}/picture"


def put(chat: Chat, user: User | None, content: bytes | None = None, media_type: str = "image/png") -> Any:
    api = Api(user)
    sent = picture(80, 60) if content is None else content
    return api.client.put(path_of(chat), sent, content_type=media_type, headers=api.headers)


def get(chat: Chat, user: User | None, name: str, size: str = "64") -> Any:
    return Api(user)("GET", f"{path_of(chat)}?v={name}&size={size}")


def kept(chat: Chat) -> list[str]:
    try:
        return storages["pictures"].listdir(folder_of(chat.id))[1]
    except FileNotFoundError:
        return []


def test_it_is_set_told_seen_replaced_and_removed(chat: Chat, ada: User, bob: User, told: Told):
    first = put(chat, ada).json()["picture"]
    changed, system = told.to(chat_group(chat.id))
    seen = get(chat, bob, first)
    second = put(chat, ada, picture(60, 80)).json()["picture"]

    assert changed["type"] == "chat.changed"
    assert changed["summary"]["picture"] == first
    assert system["message"]["system"] == {"type": "picture_changed", "picture": first}
    assert (seen.status_code, seen["Content-Type"], seen.content[8:12]) == (200, "image/webp", b"WEBP")
    assert {name: seen[name] for name in HEADERS} == HEADERS
    assert Api(bob)("GET", f"/api/chats/{chat.id}").json()["picture"] == second
    assert get(chat, bob, first).status_code == 404
    assert {name.split("-")[0] for name in kept(chat)} == {second}

    assert Api(ada)("DELETE", path_of(chat)).json()["picture"] == ""

    assert told.to(chat_group(chat.id))[-1]["message"]["system"] == {"type": "picture_changed", "picture": ""}
    assert get(chat, bob, second).status_code == 404
    assert kept(chat) == []


def test_the_same_again_is_no_change(chat: Chat, ada: User, told: Told):
    first = put(chat, ada).json()
    told.items.clear()

    assert put(chat, ada).json() == first

    assert told.items == []
    assert len(kept(chat)) == 2


def test_who_may_not_neither_sets_nor_removes_it_and_nobody_hears(
    chat: Chat, ada: User, bob: User, eve: User, told: Told
):
    name = put(chat, ada).json()["picture"]
    told.items.clear()

    answers = [(put(chat, who).status_code, Api(who)("DELETE", path_of(chat)).status_code) for who in (bob, eve, None)]

    assert answers == [(403, 403), (404, 404), (401, 401)]
    assert told.items == []
    assert get(chat, ada, name).status_code == 200


def test_only_who_is_in_the_chat_sees_it_unless_it_is_public(chat: Chat, ada: User, eve: User, guest: User):
    name = put(chat, ada).json()["picture"]
    assert [get(chat, who, name).status_code for who in (eve, guest, None)] == [404, 404, 401]

    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"is_public": True})

    assert [get(chat, who, name).status_code for who in (eve, guest, None)] == [200, 404, 401]


@pytest.mark.parametrize("query", ["", "?v=", "?v=none", "?v={v}&size=65", "?v={v}&size=-1", "?v={v}&size=x"])
def test_another_name_or_size_is_not_there(chat: Chat, ada: User, query: str):
    name = put(chat, ada).json()["picture"]

    assert Api(ada)("GET", path_of(chat) + query.format(v=name)).status_code == 404


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [(b"", "image/png", 422), (b"<svg/>", "image/svg+xml", 422), (b"{}", "application/json", 415)],
)
def test_what_is_no_picture_is_refused(chat: Chat, ada: User, content: bytes, media_type: str, status: int):
    assert put(chat, ada, content, media_type).status_code == status
    assert kept(chat) == []


def test_a_direct_chat_and_one_that_is_over_take_none(chat: Chat, ada: User, bob: User):
    direct = services.create_chat(creator_id=ada.id, kind=Kind.DIRECT, members=[bob.id])
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    assert (put(direct, ada).status_code, put(chat, ada).status_code) == (403, 410)
    assert kept(direct) == kept(chat) == []
