"""What is done to a chat stands in it as a fact: numbered like all messages, nobody's news, and nobody changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import pytest

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.models import Chat, Message
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from user_svc.models import User


def change(chat: Chat, user: User, **facts: Unpack[services.ChatFacts]) -> None:
    services.change_chat(chat_id=chat.id, actor_id=user.id, facts=facts)


@pytest.mark.parametrize(
    ("facts", "fact"),
    [
        ({"title": "Coffee"}, {"type": "renamed", "title": "Coffee"}),
        ({"topic": "Beans"}, {"type": "topic_changed", "topic": "Beans"}),
        ({"slow_mode_s": 30}, {"type": "slow_mode_changed", "slow_mode_s": 30}),
        ({"announcement_only": True}, {"type": "announcements_changed", "announcement_only": True}),
        ({"keeps_days": 7}, {"type": "keeping_changed", "keeps_days": 7}),
    ],
)
def test_a_change_is_told_in_the_chat(chat: Chat, ada: User, bob: User, told: Told, facts: dict, fact: dict):
    say(chat, ada)

    change(chat, ada, **facts)

    event = told.to(chat_group(chat.id))[-1]
    message = event["message"]
    assert (event["type"], message["seq"], message["kind"], message["body"]) == ("message.created", 2, "system", "")
    assert (message["system"], message["sender"]["display_name"]) == (fact, "Ada")
    assert message == selectors.messages(chat_id=chat.id, user_id=bob.id)["items"][-1]
    assert selectors.chat_detail(chat_id=chat.id, user_id=bob.id)["last_message"] == message


def test_what_was_so_before_is_no_change(chat: Chat, ada: User):
    change(chat, ada, title="Tea", topic="")

    assert not Message.objects.exists()


def test_it_is_nobodys_news(chat: Chat, ada: User, bob: User):
    say(chat, ada)

    change(chat, ada, title="Coffee", topic="Beans")

    unread = {user: selectors.chat_detail(chat_id=chat.id, user_id=user.id)["unread"] for user in (ada, bob)}
    assert unread == {ada: 0, bob: 1}


def test_people_neither_change_it_nor_react_to_it(chat: Chat, ada: User, told: Told):
    change(chat, ada, title="Coffee")
    told.items.clear()
    path = f"/api/chats/{chat.id}/messages/1"

    answers = [
        Api(ada)("PATCH", path, {"body": "no"}),
        Api(ada)("DELETE", path),
        Api(ada)("PUT", f"{path}/reactions/%F0%9F%91%8D"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert told.items == []
    assert Message.objects.get().kind == "system"


def test_who_leaves_for_good_takes_their_words_and_not_what_they_did(chat: Chat, ada: User):
    say(chat, ada)
    change(chat, ada, title="Coffee")

    services.erase_messages(user_id=ada.id)

    assert list(Message.objects.filter(deleted_at=None).values_list("kind", flat=True)) == ["system"]
