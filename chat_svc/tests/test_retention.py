"""Messages are kept as long as the rules say: then nothing of them is left, and everything else is as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import MessageNotFound, NotAllowed
from chat_svc.models import (
    MESSAGES_PER_BLOCK,
    Attachment,
    Chat,
    Kind,
    Membership,
    MembershipEntry,
    Mention,
    Message,
    Reaction,
    SearchBlock,
)
from chat_svc.selectors import Cursors
from chat_svc.selectors.retention import due_chats, due_messages, kept_days
from chat_svc.services import moderation
from chat_svc.tests.conftest import Api, Told, say, send_up
from chat_svc.tests.moderators import by, moderator
from chat_svc.tests.pictures import photo
from chat_svc.tests.test_erasing import everything, files, hanging_on_chats

if TYPE_CHECKING:
    from user_svc.models import User

SECRET = "zanzibar"
SOON = (timezone.now() + timedelta(hours=1)).isoformat()


def age(chat: Chat, *, up_to: int, days: float = 10) -> None:
    """As if the messages up to that one had been said so long ago."""
    Message.objects.filter(chat=chat, seq__lte=up_to).update(created_at=timezone.now() - timedelta(days=days))


def keep(chat: Chat, days: int = 7) -> None:
    Chat.objects.filter(id=chat.id).update(keeps_days=days)


def talk(chat: Chat, user: User, *bodies: str) -> None:
    for body in bodies:
        say(chat, user, body)


def shown(chat: Chat, user: User, **options: Any) -> list[str]:
    page = selectors.messages(chat_id=chat.id, user_id=user.id, **options)
    return [item["body"] for item in page["items"]]


def found(user: User, text: str) -> list[str]:
    return [hit["message"]["body"] for hit in selectors.search(user_id=user.id, text=text)["items"]]


def unread(chat: Chat, user: User) -> tuple[int, int]:
    item = selectors.chat_detail(chat_id=chat.id, user_id=user.id)
    return item["unread"], item["mentions"]


@pytest.mark.parametrize(("installation", "own", "days"), [(0, 0, 0), (30, 0, 30), (0, 7, 7), (30, 7, 7), (7, 30, 7)])
def test_the_shorter_of_two_rules_wins(chat: Chat, ada: User, settings: Any, installation: int, own: int, days: int):
    settings.MESSAGES_KEPT_DAYS = installation
    keep(chat, own)
    talk(chat, ada, "old", "new")
    chat.refresh_from_db()
    assert kept_days(chat) == days

    age(chat, up_to=1, days=(days or 3650) - 0.5)
    assert services.prune_messages() == 0

    age(chat, up_to=1, days=(days or 3650) + 0.5)
    assert services.prune_messages() == (1 if days else 0)
    assert shown(chat, ada) == (["new"] if days else ["old", "new"])


def test_nothing_is_left_of_what_goes_and_the_rest_stays(chat: Chat, other: Chat, ada: User, bob: User):
    api, path = Api(bob), f"/api/chats/{chat.id}"
    said = send_up(chat, bob, f"{SECRET}.jpg", photo())
    say(chat, bob, f"**{SECRET}** @ada", attachments=[said["id"]])
    for answer in (
        api("PATCH", f"{path}/messages/1", {"body": f"{SECRET} @ada, edited"}),
        api("PUT", f"{path}/messages/1/reactions/👍"),
        Api(ada)("PUT", f"{path}/messages/1/pin"),
        Api(ada)("POST", f"{path}/messages/1/reminder", {"at": SOON}),
        api("PUT", f"{path}/draft", {"body": "half", "reply_to": 1}),
        api("POST", f"{path}/scheduled", {"client_id": str(uuid4()), "body": "x", "send_at": SOON, "reply_to": 1}),
    ):
        assert answer.status_code < 300, answer.content
    talk(chat, bob, *(f"{SECRET} {number}" for number in range(MESSAGES_PER_BLOCK)), *("now",) * MESSAGES_PER_BLOCK)
    talk(other, bob, "old as well")
    moderation.delete_messages(by=by(moderator()), chat_id=chat.id, seqs=[3])  # which is kept, to be restored
    services.seal_search_blocks()
    last = MESSAGES_PER_BLOCK + 2  # with the system's word of the pin
    age(chat, up_to=last)
    age(other, up_to=1)
    keep(chat)
    elsewhere = list(Message.objects.filter(chat=other).values())
    assert SECRET in everything()

    assert services.prune_messages() == last
    while services.erase_dropped_files():
        pass

    assert [line for line in everything().splitlines() if SECRET in line] == []
    assert not any(name.startswith("attachments/") and not name.endswith("/") for name in files())
    assert shown(chat, ada) == ["now"] * MESSAGES_PER_BLOCK
    assert list(Message.objects.filter(chat=other).values()) == elsewhere
    assert {draft["reply_to"] for draft in (api("GET", path).json()["draft"], *scheduled(bob, chat))} == {None}
    for model in hanging_on_chats() & {Reaction, Mention, Attachment}:
        assert not model._default_manager.exists()


def scheduled(user: User, chat: Chat) -> list[Any]:
    items: list[Any] = Api(user)("GET", f"/api/chats/{chat.id}/scheduled").json()["items"]
    return items


def test_what_has_not_been_read_and_goes_counts_as_nobodys_news(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    talk(chat, ada, "one", "@bob two", "three", "@bob four", "five")
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"topic": "Leaves"})
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=3)
    services.mark_read(chat_id=chat.id, user_id=guest.id, seq=1)
    services.mark_read(chat_id=chat.id, user_id=ada.id, seq=6)
    services.mark_unread(chat_id=chat.id, user_id=ada.id, seq=1)
    assert (unread(chat, bob), unread(chat, guest), unread(chat, ada)) == ((4, 2), (3, 0), (0, 0))
    age(chat, up_to=3)
    keep(chat)

    services.prune_messages()

    assert (unread(chat, bob), unread(chat, guest), unread(chat, ada)) == ((2, 1), (2, 0), (0, 0))
    for own in Membership.objects.filter(chat=chat):
        counts = selectors.counts_after(chat_id=chat.id, user_id=own.user_id, seq=own.read_seq)
        assert (own.read_seq, own.uncounted, own.mentions) == (3, counts["uncounted"], counts["mentions"])


def test_who_has_read_further_keeps_their_mark(chat: Chat, ada: User, bob: User):
    talk(chat, ada, "one", "two", "three")
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=2)
    age(chat, up_to=1)
    keep(chat)

    services.prune_messages()

    assert (Membership.objects.get(chat=chat, user=bob).read_seq, unread(chat, bob)) == (2, (1, 0))


def test_all_are_told_once_and_whoever_was_away_hears_it(chat: Chat, ada: User, bob: User, eve: User, told: Told):
    talk(chat, ada, "one", "two", "three")
    since = selectors.heads_of(bob.id)[chat.id]
    age(chat, up_to=2)
    keep(chat)
    told.items.clear()

    services.prune_messages()
    services.prune_messages()

    assert [group for group, _ in told.items] == [chat_group(chat.id)]
    event = told.items[0][1]
    assert (event["type"], event["summary"]["pruned_below"]) == ("chat.changed", 3)
    resumed = selectors.resume([Cursors(bob.id, {chat.id: since}), Cursors(bob.id, {chat.id: 0})])
    assert [item["type"] for item in resumed[0].items] == ["chat.changed"]
    assert resumed[0].items[0]["summary"]["pruned_below"] == 3
    assert [item["message"]["body"] for item in resumed[1].items if "message" in item] == ["three"]
    assert selectors.changes(chat_id=chat.id, user_id=bob.id, since=since).items == list(resumed[0].items)
    assert selectors.room_changes(chat_id=chat.id, since=since).items == list(resumed[0].items)


@pytest.mark.parametrize("is_sealed_again", [False, True])
def test_the_search_finds_what_stays_and_nothing_else(chat: Chat, ada: User, is_sealed_again: bool):
    talk(chat, ada, *(f"word {number}" for number in range(2 * MESSAGES_PER_BLOCK)))
    services.seal_search_blocks()
    cut = MESSAGES_PER_BLOCK + 5
    age(chat, up_to=cut)
    keep(chat)

    services.prune_messages()
    if is_sealed_again:
        assert services.seal_search_blocks() == 1
        assert not SearchBlock.objects.filter(folded=None).exists()

    assert found(ada, "word") == [f"word {number}" for number in reversed(range(cut, 2 * MESSAGES_PER_BLOCK))]
    assert found(ada, f"word {cut}") == [f"word {cut}"]
    assert found(ada, f"word {cut - 1}") == []


def test_blocks_of_what_was_pruned_before_it_was_sealed_are_none(chat: Chat, ada: User):
    talk(chat, ada, *("old",) * (MESSAGES_PER_BLOCK + 3), *("new",) * MESSAGES_PER_BLOCK)
    age(chat, up_to=MESSAGES_PER_BLOCK + 3)
    keep(chat)
    services.prune_messages()

    services.seal_search_blocks()

    assert list(SearchBlock.objects.values_list("number", flat=True)) == [1]
    assert len(found(ada, "new")) == MESSAGES_PER_BLOCK


def test_whoever_is_cut_off_goes_on_from_there(chat: Chat, ada: User, bob: User, told: Told, monkeypatch: Any):
    monkeypatch.setattr(import_module("chat_svc.services.retention"), "BATCH", 2)
    talk(chat, ada, "one", "two", "three", "four", "five", "six")
    age(chat, up_to=5)
    keep(chat)
    told.items.clear()

    assert next(services.prune(due_chats())) == 2

    assert shown(chat, bob) == ["three", "four", "five", "six"]
    assert (unread(chat, bob), told.items, due_messages()) == ((4, 0), [], 3)
    assert list(services.prune(due_chats())) == [2, 1]
    assert (shown(chat, bob), due_messages()) == (["six"], 0)
    assert told.types_to(chat_group(chat.id)) == ["chat.changed"]


def test_what_goes_wrong_in_the_middle_of_a_batch_leaves_everything(chat: Chat, ada: User, monkeypatch: Any):
    def broken(*args: Any, **options: Any) -> None:
        raise ConnectionError

    talk(chat, ada, "one", "two")
    age(chat, up_to=1)
    keep(chat)
    before = everything()
    monkeypatch.setattr(import_module("chat_svc.services.retention"), "_move_to", broken)

    with pytest.raises(ConnectionError):
        services.prune_messages()

    assert everything() == before


def test_a_chat_of_which_all_is_gone_goes_on_with_the_next_number(chat: Chat, ada: User, bob: User):
    talk(chat, ada, "one", "two")
    age(chat, up_to=2)
    keep(chat)

    services.prune_messages()

    item = selectors.chat_detail(chat_id=chat.id, user_id=bob.id)
    assert (item["last_message"], item["unread"], item["pruned_below"]) == (None, 0, 3)
    with pytest.raises(MessageNotFound):
        selectors.first_of_day(chat_id=chat.id, user_id=bob.id, day=date(2026, 1, 1))
    assert say(chat, ada, "three").message["seq"] == 3
    assert (shown(chat, bob), unread(chat, bob)) == (["three"], (1, 0))


def test_what_is_gone_is_looked_for_where_the_rest_begins(chat: Chat, ada: User, bob: User):
    talk(chat, ada, "one", "two", "three", "four")
    age(chat, up_to=2)
    keep(chat)
    services.prune_messages()

    page = selectors.messages(chat_id=chat.id, user_id=bob.id, around=1, limit=2)
    assert ([item["seq"] for item in page["items"]], page["has_more"], page["has_later"]) == ([3], False, True)
    assert selectors.first_of_day(chat_id=chat.id, user_id=bob.id, day=datetime(2020, 1, 1, tzinfo=UTC).date()) == 3
    for seq in (1, 2):
        with pytest.raises(MessageNotFound):
            services.mark_unread(chat_id=chat.id, user_id=bob.id, seq=seq)
    assert Api(bob)("PUT", f"/api/chats/{chat.id}/messages/2/reactions/👍").status_code == 404


def test_replies_outlive_the_message_that_their_thread_hangs_on(chat: Chat, ada: User, bob: User):
    say(chat, ada, "root")
    for body in ("reply", "another"):
        say(chat, bob, body, thread=1)
    age(chat, up_to=1)
    keep(chat)
    services.prune_messages()

    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=2)
    services.erase_messages(user_id=bob.id)

    assert shown(chat, ada) == ["", ""]
    assert Api(ada)("GET", f"/api/chats/{chat.id}/messages/1/thread").status_code == 404


def test_what_happened_to_memberships_goes_with_the_messages_around_it(chat: Chat, ada: User, bob: User, eve: User):
    talk(chat, ada, "one")
    services.enrol(chat_id=chat.id, user_id=eve.id)
    talk(chat, ada, "two")
    services.leave_chat(chat_id=chat.id, user_id=eve.id)
    talk(chat, ada, "three")
    age(chat, up_to=2)
    keep(chat)

    services.prune_messages()

    assert list(MembershipEntry.objects.values_list("after_seq", "kind")) == [(2, "left")]
    log = selectors.messages(chat_id=chat.id, user_id=bob.id)["membership_log"]
    assert [entry["kind"] for entry in log] == ["left"]


def test_a_draft_that_answers_what_goes_is_told_to_its_person_alone(chat: Chat, ada: User, bob: User, told: Told):
    say(chat, ada, "one")
    services.save_draft(chat_id=chat.id, user_id=bob.id, body="half", reply_to=1)
    age(chat, up_to=1)
    keep(chat)
    told.items.clear()

    services.prune_messages()

    (event,) = told.to(user_group(bob.id))
    assert (event["type"], event["draft"]["body"], event["draft"]["reply_to"]) == ("draft.changed", "half", None)
    assert told.to(user_group(ada.id)) == []


def test_who_has_not_come_yet_or_left_is_not_in_the_way(chat: Chat, ada: User, bob: User, guest: User):
    talk(chat, ada, "one", "two")
    services.leave_chat(chat_id=chat.id, user_id=bob.id)
    age(chat, up_to=1)
    keep(chat)
    services.prune_messages()

    for user in (bob, guest):
        services.enrol(chat_id=chat.id, user_id=user.id)

    talk(chat, ada, "three")
    assert (unread(chat, bob), unread(chat, guest)) == ((1, 0), (1, 0))


def test_in_a_direct_chat_nobody_sets_a_rule_and_that_of_the_installation_holds(ada: User, bob: User, settings: Any):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.DIRECT, members=[bob.id])
    with pytest.raises(NotAllowed):
        services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"keeps_days": 1})
    talk(chat, ada, "one", "two")
    age(chat, up_to=1)
    settings.MESSAGES_KEPT_DAYS = 7

    services.prune_messages()

    assert shown(chat, bob) == ["two"]


def test_where_people_talk_all_day_something_goes_once_an_hour(chat: Chat, ada: User, monkeypatch: Any):
    talk(chat, ada, "one", "two")
    keep(chat)
    now = datetime(2026, 11, 26, 8, 59, tzinfo=UTC)
    Message.objects.filter(seq=1).update(created_at=now - timedelta(days=7, minutes=30))
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert services.prune_messages() == 0

    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=1))
    assert services.prune_messages() == 1


@pytest.mark.parametrize("many", [3, 30])
def test_a_batch_asks_the_same_of_the_database_however_large_it_is(chat: Chat, ada: User, many: int):
    talk(chat, ada, *("@bob old",) * many, "new")
    age(chat, up_to=many)
    keep(chat)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        services.prune_messages()

    began = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = [query["sql"] for query in asked if not query["sql"].startswith(began)]
    # Two looks for chats; the lock, the first that stays, 15 for what goes, 2 for the chat, its members counted; and
    # once more the lock and a look, which finds nothing left.
    assert len(statements) == 24, "\n".join(statements)
