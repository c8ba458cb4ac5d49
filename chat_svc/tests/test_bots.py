"""Bots in chats: added by who manages them; they write and read, and let nobody in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_svc import selectors, services
from chat_svc.errors import InvalidChat, LastOwner, NotAllowed
from chat_svc.models import Chat, Role
from chat_svc.tests.conftest import Told, batch, post, say
from user_svc.services import create_bot

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def bot(ada: User, chat: Chat) -> User:
    """In ada's chat."""
    bot = create_bot(owner_id=ada.id, username="helper", display_name="Helper")
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=bot.id)
    return bot


def test_what_a_bot_says_bears_its_badge_however_it_is_written_and_read(chat: Chat, bot: User, bob: User):
    card = {"id": str(bot.id), "display_name": "Helper", "is_guest": False, "is_bot": True, "picture": None}
    alone = say(chat, bot).message

    together = [outcome.message for outcome in batch([post(chat, bot), post(chat, bob)])]
    ((resumed,), listed) = (
        selectors.resume([selectors.Cursors(bob.id, {chat.id: 1})]),
        selectors.messages(chat_id=chat.id, user_id=bob.id)["items"],
    )

    assert alone["sender"] == together[0]["sender"] == card
    assert "is_bot" not in together[1]["sender"]
    assert [item["sender"] for item in listed[:2]] == [card, card]
    assert [e["message"]["sender"] for e in resumed.items if "message" in e][:2] == [card, card]
    assert card in [e["membership"]["user"] for e in resumed.items if "membership" in e]


def test_a_bot_starts_no_chat_and_lets_nobody_in(chat: Chat, bot: User, ada: User, eve: User):
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bot.id, role=Role.ADMIN)

    with pytest.raises(NotAllowed):
        services.create_chat(creator_id=bot.id, kind="temporary")
    with pytest.raises(NotAllowed):
        services.add_member(chat_id=chat.id, actor_id=bot.id, user_id=eve.id)
    with pytest.raises(NotAllowed):
        selectors.may_invite(chat_id=chat.id, user_id=bot.id)


def test_a_bot_comes_into_no_public_chat_by_itself(other: Chat, chat: Chat, bot: User, ada: User, told: Told):
    services.change_chat(chat_id=other.id, actor_id=ada.id, facts={"is_public": True})
    told.items.clear()

    with pytest.raises(NotAllowed):
        services.join_chat(chat_id=other.id, user_id=bot.id)

    assert told.items == []
    assert services.add_member(chat_id=other.id, actor_id=ada.id, user_id=bot.id)


def test_the_bot_of_a_webhook_goes_into_no_other_chat(other: Chat, ada: User):
    hooks = create_bot(owner_id=None, display_name="Hook")

    with pytest.raises(InvalidChat):
        services.add_member(chat_id=other.id, actor_id=ada.id, user_id=hooks.id)
    with pytest.raises(InvalidChat):
        services.create_chat(creator_id=ada.id, kind="group", members=[hooks.id])


def test_a_bot_owns_no_chat(chat: Chat, bot: User, ada: User, bob: User):
    with pytest.raises(NotAllowed):
        services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bot.id, role=Role.OWNER)
    with pytest.raises(LastOwner):
        services.leave_chat(chat_id=chat.id, user_id=ada.id)
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bot.id, role=Role.ADMIN)

    services.leave_chats(user_id=ada.id)

    assert chat.memberships.get(user_id=bob.id).role == Role.OWNER


def test_bots_keep_no_chat_open(chat: Chat, bot: User, ada: User, bob: User):
    services.leave_chat(chat_id=chat.id, user_id=bob.id)

    services.leave_chat(chat_id=chat.id, user_id=ada.id)

    chat.refresh_from_db()
    assert chat.closed_at is not None
