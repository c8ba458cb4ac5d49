"""Public chats: anybody with an account finds them and comes in without a code; the banned do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import Banned, ChatFull, ChatNotFound
from chat_svc.models import Chat, Membership
from chat_svc.services import members
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def public(chat: Chat, ada: User) -> Chat:
    facts: services.ChatFacts = {"is_public": True, "topic": "Сад и чай"}
    return services.change_chat(chat_id=chat.id, actor_id=ada.id, facts=facts)


def found(user: User, **options: Any) -> list[str]:
    return [item["title"] for item in selectors.public_chats(user_id=user.id, **options)["items"]]


def join(chat: Chat, user: User) -> bool:
    return services.join_chat(chat_id=chat.id, user_id=user.id)[1]


def test_a_stranger_finds_a_public_chat_and_comes_in(public: Chat, other: Chat, eve: User, told: Told):
    item = Api(eve)("GET", "/api/chats/public").json()["items"][0]
    assert item == {
        "id": str(public.id),
        "title": "Tea",
        "topic": "Сад и чай",
        "picture": "",
        "member_count": 2,
        "joined": False,
    }

    first, again = (Api(eve)("POST", f"/api/chats/{public.id}/join") for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["role"] == "member"
    assert first.json()["member_count"] == 3
    assert told.types_to(chat_group(public.id)) == ["membership.changed"]
    assert told.types_to(user_group(eve.id)) == ["chat.created"]
    assert Api(eve)("GET", "/api/chats/public").json()["items"][0]["joined"] is True
    assert found(eve) == ["Tea"]


@pytest.mark.parametrize(
    ("words", "titles"), [("tea", ["Tea"]), ("ЧАЙ сад", ["Tea"]), ("coffee", []), ("tea coffee", [])]
)
def test_it_is_found_by_words_of_its_title_and_topic(public: Chat, eve: User, words: str, titles: list[str]):
    assert found(eve, words=words) == titles


def test_a_chat_that_is_not_public_is_not_there(chat: Chat, eve: User, told: Told):
    assert found(eve) == []
    with pytest.raises(ChatNotFound):
        join(chat, eve)
    assert told.items == []


def test_nor_is_one_that_is_public_no_more_or_over(public: Chat, ada: User, eve: User):
    services.change_chat(chat_id=public.id, actor_id=ada.id, facts={"is_public": False})
    with pytest.raises(ChatNotFound):
        join(public, eve)

    services.change_chat(chat_id=public.id, actor_id=ada.id, facts={"is_public": True})
    services.close_chat(chat_id=public.id, actor_id=ada.id)
    assert found(eve) == []
    with pytest.raises(ChatNotFound):
        join(public, eve)


def test_guests_find_it_where_they_may_join(public: Chat, ada: User, guest: User):
    assert found(guest) == []
    with pytest.raises(ChatNotFound):
        join(public, guest)

    services.change_chat(chat_id=public.id, actor_id=ada.id, facts={"guests_may_join": True})

    assert found(guest) == ["Tea"]
    assert join(public, guest)
    assert Membership.objects.get(chat=public, user=guest).role == "guest"


def test_the_operator_may_have_none(public: Chat, eve: User, settings):
    settings.PUBLIC_CHATS = False

    assert found(eve) == []
    with pytest.raises(ChatNotFound):
        join(public, eve)


def test_a_ban_holds(public: Chat, ada: User, bob: User, told: Told):
    services.remove_member(chat_id=public.id, actor_id=ada.id, user_id=bob.id, ban=True)
    told.items.clear()

    with pytest.raises(Banned):
        join(public, bob)
    assert told.items == []


def test_who_was_removed_or_left_comes_in_again(public: Chat, ada: User, bob: User):
    services.remove_member(chat_id=public.id, actor_id=ada.id, user_id=bob.id)

    assert join(public, bob)


def test_a_full_chat_is_full(public: Chat, eve: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(members, "MEMBERS_LIMIT", 2)

    with pytest.raises(ChatFull):
        join(public, eve)


def test_pages_hold_each_once_the_newest_message_first_in_three_queries(
    ada: User, eve: User, django_assert_num_queries
):
    chats = [services.create_chat(creator_id=ada.id, kind="group", title=str(number)) for number in range(5)]
    Chat.objects.update(is_public=True)
    say(chats[1], ada)

    with django_assert_num_queries(3):
        first = selectors.public_chats(user_id=eve.id, limit=2)
    seen, page = [*first["items"]], first
    while page["next"]:
        page = selectors.public_chats(user_id=eve.id, limit=2, before=page["next"])
        seen += page["items"]

    assert [item["title"] for item in seen] == ["1", "4", "3", "2", "0"]


def test_looking_for_words_has_a_limit_of_each_person_and_leafing_has_none(
    eve: User, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chat_svc.api.discovering.SEARCHES_PER_MINUTE", 1)
    named, listed = "/api/chats/public?q=tea", "/api/chats/public"

    assert [Api(eve)("GET", path).status_code for path in (named, named, listed)] == [200, 429, 200]
    assert Api(bob)("GET", named).status_code == 200
