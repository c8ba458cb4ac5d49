"""The demo's rows keep what chat_svc promises, as if each had been written by itself."""

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from chat_svc.models import MESSAGES_PER_BLOCK, Chat, Kind, Membership, Message, SearchBlock, State
from chat_svc.models.search import Entry, entries_of
from chat_svc.selectors import changes, chat_list, messages, search
from chat_svc.selectors.resuming import Cursors, resume
from chat_svc.selectors.searching.blocks import Span, messages_in
from user_svc.selectors import user_by_login

if TYPE_CHECKING:
    from user_svc.models import User

MESSAGES, CHATS = 500, 8


@pytest.fixture
def town(transactional_db, capsys) -> dict[str, UUID]:
    call_command("seed_demo", messages=MESSAGES, chats=CHATS, people=12, verbosity=0)
    return {name: member(name).id for name in ("demo", "demo-everywhere")}


def member(name: str) -> "User":
    found = user_by_login(name)
    assert found is not None
    return found


def test_the_demo_keeps_all_promises(town, capsys):
    me, everywhere = town["demo"], town["demo-everywhere"]
    connection.check_constraints()
    assert Message.objects.count() == MESSAGES
    assert Membership.objects.filter(user_id=everywhere).count() == CHATS
    for chat in Chat.objects.all():
        history = list(Message.objects.filter(chat=chat).order_by("seq"))
        members = list(Membership.objects.filter(chat=chat))
        assert [message.seq for message in history] == list(range(1, chat.last_seq + 1))
        assert max(message.version for message in history) <= chat.version
        assert {message.sender_id for message in history} <= {member.user_id for member in members}
        assert history[-1].created_at == chat.last_message_at
        assert all(message.reply_to is None or message.reply_to < message.seq for message in history)
        assert [m.created_at for m in history] == sorted(m.created_at for m in history)
        if chat.kind == Kind.DIRECT:
            assert chat.direct_key == ":".join(sorted(str(member.user_id) for member in members))
        for member in members:
            unread = [message for message in history if message.seq > member.read_seq]
            assert all(message.sender_id != member.user_id for message in unread)
            assert member.uncounted == sum(message.deleted_at is not None for message in unread)
        check_blocks(chat, history)
        check_answers(chat, everywhere, history, len(members))
    assert {m.state for m in Membership.objects.all()} == {State.ACTIVE}
    own = Chat.objects.filter(memberships__user_id=me).count()
    assert len(chat_list(user_id=me)["items"]) == own
    assert search(user_id=everywhere, text="ok")["items"]


def check_blocks(chat: Chat, history: list[Message]) -> None:
    """The very ones that sealing would have made."""
    blocks = SearchBlock.objects.filter(chat=chat).order_by("number")
    assert len(blocks) == chat.last_seq // MESSAGES_PER_BLOCK
    assert chat.sealed_seq == len(blocks) * MESSAGES_PER_BLOCK
    kept: list[Entry] = []
    for block in blocks:
        kept += entries_of(block.number, block.folded or "", block.senders, block.facts)
    assert kept == sorted(entry for _, entry in messages_in([Span(chat.id, 1, chat.sealed_seq)], ()))


def check_answers(chat: Chat, user_id, history: list[Message], members: int) -> None:
    """By history, by `changes` and by a resume: all of it, and nothing without its version."""
    page = messages(chat_id=chat.id, user_id=user_id, limit=len(history))
    assert [item["seq"] for item in page["items"]] == [message.seq for message in history]
    told = changes(chat_id=chat.id, user_id=user_id, since=0)
    assert not told.reset
    assert not told.is_cut
    assert told.version == chat.version
    versions = [event["version"] for event in told.items]
    assert len(versions) == len(set(versions)) == len(history) + members + 1
    [resumed] = resume([Cursors(user_id, {chat.id: 0})])
    assert resumed.heads == {chat.id: chat.version}
    assert [event["version"] for event in resumed.items] == versions


def test_where_people_live_it_is_refused(ada):
    with pytest.raises(CommandError, match="--force"):
        call_command("seed_demo", messages=10, chats=1, people=3, verbosity=0)

    assert not Chat.objects.exists()


def test_one_can_log_in_with_what_it_prints(transactional_db, capsys):
    call_command("seed_demo", messages=10, chats=2, people=3, verbosity=0)

    password = capsys.readouterr().out.split()[-1]
    assert member("demo").check_password(password)
