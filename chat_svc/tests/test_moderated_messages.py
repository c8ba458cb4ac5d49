"""Staff deletes what people have said, and takes that back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre import jobs
from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import (
    AttachmentNotFound,
    CannotUndo,
    ChatNotFound,
    InvalidMessage,
    MessageDeleted,
    MessageNotFound,
    NotAllowed,
    TargetProtected,
)
from chat_svc.models import (
    Attachment,
    Chat,
    KeptMessage,
    Kind,
    Membership,
    Mention,
    Message,
    ModerationEntry,
    Pin,
    Reaction,
    SearchBlock,
)
from chat_svc.services import leaving, moderation
from chat_svc.services.moderation import messages as deleting
from chat_svc.services.moderation import restoring
from chat_svc.tests.conftest import Api, Told, kept, say, send_up
from chat_svc.tests.moderators import by, moderator, refused
from chat_svc.tests.pictures import picture
from chat_svc.tests.test_unread import counted
from chat_svc.tests.test_unread import kept as unread
from user_svc.selectors import ADMINISTRATORS, notices_of

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def mira(transactional_db: None) -> User:
    """A moderator, who is not in the chat."""
    return moderator()


def shown(chat: Chat, user: User) -> list[Any]:
    return list(selectors.messages(chat_id=chat.id, user_id=user.id)["items"])


def notices(user: User) -> list[tuple[str, str]]:
    return [(notice.kind, notice.reason) for notice in notices_of(user.id)]


def test_a_message_is_deleted_for_everyone_and_its_author_reads_why(
    chat: Chat, ada: User, bob: User, mira: User, told: Told
):
    said = say(chat, bob, "**salem** @ada").message
    services.react(chat_id=chat.id, actor_id=ada.id, seq=1, emoji="👍", on=True)
    services.pin(chat_id=chat.id, actor_id=ada.id, seq=1, on=True)
    told.items.clear()

    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])

    [event] = told.to(chat_group(chat.id))
    message = event["message"]
    assert event["type"] == "message.changed"
    assert (message["body"], message["deleted_by_staff"], message["client_id"]) == ("", True, said["client_id"])
    assert message["deleted_at"]
    assert (message["reactions"], "pinned_at" in message) == ([], False)
    assert not any(model.objects.exists() for model in (Reaction, Pin, Mention))
    assert unread(chat) == counted(chat)
    assert (entry.deed, entry.person_id, entry.chat_id, entry.seq) == ("messages.deleted", bob.id, chat.id, 1)
    assert entry.details == {"messages": 1, "seqs": [1]}
    assert notices(bob) == [("messages_deleted", "rude")]


def test_several_people_are_told_once_each(chat: Chat, ada: User, bob: User, mira: User):
    for person in (ada, bob, bob):
        say(chat, person)

    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1, 2, 3])

    assert (entry.person_id, entry.seq, entry.details["messages"]) == (None, 0, 3)
    assert [notices(person) for person in (ada, bob)] == [[("messages_deleted", "rude")]] * 2
    assert unread(chat) == counted(chat)


def test_also_where_the_chat_is_closed_and_of_who_has_left(chat: Chat, ada: User, bob: User, mira: User):
    say(chat, bob)
    services.leave_chat(chat_id=chat.id, user_id=bob.id)
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])

    assert shown(chat, ada)[0]["deleted_at"]


def test_a_thread_says_how_many_replies_it_has(chat: Chat, ada: User, bob: User, mira: User):
    say(chat, ada, "root")
    say(chat, bob, thread=1)

    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[2])
    assert "replies" not in shown(chat, ada)[0]

    moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    assert shown(chat, ada)[0]["replies"]["count"] == 1


@pytest.mark.parametrize(
    ("seqs", "problem"),
    [([], InvalidMessage), (range(1, 202), InvalidMessage), ([9], MessageNotFound), ([2], NotAllowed)],
)
def test_what_cannot_be_deleted(chat: Chat, ada: User, mira: User, told: Told, seqs: list[int], problem: type):
    say(chat, ada)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "New"})  # the system says so: number 2
    told.items.clear()

    with pytest.raises(problem):
        moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=seqs)
    with pytest.raises(ChatNotFound):
        moderation.delete_messages(by=by(mira), chat_id=uuid4(), seqs=[1])

    assert told.items == []
    assert not ModerationEntry.objects.exists()


def test_what_is_deleted_stays_so(chat: Chat, bob: User, mira: User):
    say(chat, bob)
    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=1)

    with pytest.raises(MessageDeleted):
        moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])


@pytest.mark.parametrize("which", range(3))
def test_who_may_not_does_nothing_and_nobody_hears_of_it(chat: Chat, bob: User, mira: User, told: Told, which: int):
    say(chat, bob)
    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    say(chat, bob)
    deeds = [
        lambda who: moderation.delete_messages(by=who, chat_id=chat.id, seqs=[2]),
        lambda who: moderation.delete_messages_of(by=who, user_id=bob.id),
        lambda who: moderation.restore_messages(by=who, entry_id=entry.pk),
    ]

    refused(told, deeds[which], member=bob)

    assert Message.objects.filter(deleted_at=None).count() == 1
    assert KeptMessage.objects.count() == 1


def test_of_staff_only_administrators_delete(chat: Chat, ada: User, bob: User, mira: User):
    chief = moderator("chief", ADMINISTRATORS)
    other = moderator("other")
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=other.id)
    say(chat, other)

    with pytest.raises(TargetProtected):
        moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    with pytest.raises(TargetProtected):
        moderation.delete_messages_of(by=by(mira), user_id=other.id)
    entry = moderation.delete_messages(by=by(chief), chat_id=chat.id, seqs=[1])
    for nobody in (mira, other):  # nor is it for them to take back
        with pytest.raises(TargetProtected):
            moderation.restore_messages(by=by(nobody), entry_id=entry.pk)


def test_all_of_a_person_everywhere_goes_with_one_entry_and_one_notice(
    chat: Chat, other: Chat, ada: User, bob: User, mira: User, told: Told, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(deleting, "DELETE_BATCH", 2)
    for place in (chat, chat, chat, other):
        say(place, bob, "@ada")
    say(chat, ada, "mine")
    told.items.clear()

    entry = moderation.delete_messages_of(by=by(mira), user_id=bob.id)

    assert told.types_to(chat_group(chat.id)) == ["message.changed"] * 3
    assert told.types_to(chat_group(other.id)) == ["message.changed"]
    assert [message.body for message in Message.objects.filter(deleted_at=None)] == ["mine"]
    assert entry.details == {"messages": 4, "chats": 2}
    assert not moderation.is_under_way(entry)
    assert notices(bob) == [("messages_deleted", "rude")]
    assert unread(chat) == counted(chat)


def test_in_one_chat_the_others_keep_what_was_said(chat: Chat, other: Chat, bob: User, mira: User):
    for place in (chat, other):
        say(place, bob)

    moderation.delete_messages_of(by=by(mira), user_id=bob.id, chat_id=chat.id)

    assert [message.chat_id for message in Message.objects.filter(deleted_at=None)] == [other.id]
    with pytest.raises(MessageNotFound):
        moderation.delete_messages_of(by=by(mira), user_id=bob.id, chat_id=chat.id)


def test_what_takes_long_is_done_by_the_worker(chat: Chat, bob: User, mira: User, monkeypatch: pytest.MonkeyPatch):
    for module in (deleting, restoring):
        monkeypatch.setattr(module, "AT_ONCE_S", 0)
    say(chat, bob, "before")

    entry = moderation.delete_messages_of(by=by(mira), user_id=bob.id)
    assert moderation.is_under_way(entry)
    say(chat, bob, "after")
    jobs.do_all()

    assert not moderation.is_under_way(entry)
    assert [message.body for message in Message.objects.order_by("seq")] == ["", "after"]

    again = moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    assert moderation.is_under_way(again)
    jobs.do_all()

    assert not moderation.is_under_way(again)
    assert [message.body for message in Message.objects.order_by("seq")] == ["before", "after"]


def test_a_deletion_taken_back_in_its_middle_goes_no_further(
    chat: Chat, other: Chat, bob: User, mira: User, monkeypatch: pytest.MonkeyPatch
):
    for place in (chat, other):
        say(place, bob, "tea")
    monkeypatch.setattr(deleting, "AT_ONCE_S", 0)
    entry = moderation.delete_messages_of(by=by(mira), user_id=bob.id)
    deleting._delete_some(chat.id, entry)

    moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    jobs.do_all()

    assert [message.body for message in Message.objects.all()] == ["tea", "tea"]


def test_what_was_deleted_comes_back_as_it_was_but_for_what_others_did_to_it(
    chat: Chat, ada: User, bob: User, guest: User, mira: User, told: Told
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    file = send_up(chat, bob, "tea.png", picture())
    before = say(chat, bob, "**salem** @ada @gulnara", attachments=[file["id"]]).message
    say(chat, bob, "@all")
    services.react(chat_id=chat.id, actor_id=ada.id, seq=1, emoji="👍", on=True)
    services.mark_read(chat_id=chat.id, user_id=ada.id, seq=1)
    seen = unread(chat)
    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1, 2])
    told.items.clear()

    undone = moderation.restore_messages(by=by(mira, "a mistake"), entry_id=entry.pk)

    events = told.to(chat_group(chat.id))
    assert [event["type"] for event in events] == ["message.changed"] * 2
    assert events[0]["message"] == {**before, "version": events[0]["version"]}
    assert events[0]["version"] > entry.details["seqs"][-1]
    assert unread(chat) == counted(chat) == seen
    assert (undone.deed, undone.undoes, undone.details) == ("messages.restored", entry.pk, {"messages": 2})
    assert notices(bob)[0] == ("messages_restored", "a mistake")
    assert not KeptMessage.objects.exists()


def test_it_is_taken_back_once(chat: Chat, bob: User, mira: User, told: Told):
    say(chat, bob)
    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    again = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    warned = moderation.warn(by=by(mira), user_id=bob.id)
    told.items.clear()

    for other in (entry.pk, warned.pk, 10**9):
        with pytest.raises(CannotUndo):
            moderation.restore_messages(by=by(mira), entry_id=other)

    assert told.items == []
    assert moderation.restore_messages(by=by(mira), entry_id=again.pk).undoes == again.pk


def test_nobody_gets_a_file_of_what_was_deleted_until_it_is_there_again(chat: Chat, ada: User, bob: User, mira: User):
    file = send_up(chat, bob, "tea.png", picture())
    say(chat, bob, attachments=[file["id"]])
    asked = {"chat_id": chat.id, "attachment_id": file["id"]}
    address = selectors.signed_for(**asked, user_id=ada.id, variant="file")
    path = f"/api/chats/{chat.id}/attachments"

    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    services.erase_dropped_files()

    for person in (ada, bob):
        assert Api(person)("GET", path).json()["items"] == []
        with pytest.raises(AttachmentNotFound):
            selectors.signed_for(**asked, user_id=person.id, variant="file")
    with pytest.raises(AttachmentNotFound):
        selectors.served(address, **asked, asker_id=ada.id)
    with pytest.raises(InvalidMessage):  # nor is it sent again
        say(chat, bob, attachments=[file["id"]])

    moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    assert selectors.signed_for(**asked, user_id=ada.id, variant="file")
    assert kept(file["id"], "file")


def test_it_is_kept_for_a_time_and_then_its_files_go_too(chat: Chat, bob: User, mira: User, settings):
    settings.EDITS_KEPT_DAYS = 30
    file = send_up(chat, bob, "tea.png", picture())
    say(chat, bob, attachments=[file["id"]])
    say(chat, bob)
    old = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    fresh = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[2])
    KeptMessage.objects.filter(seq=1).update(kept_at=timezone.now() - timedelta(days=30))

    assert services.forget_kept_messages() == 1
    services.erase_dropped_files()

    assert not Attachment.objects.exists()
    with pytest.raises(CannotUndo):
        moderation.restore_messages(by=by(mira), entry_id=old.pk)
    moderation.restore_messages(by=by(mira), entry_id=fresh.pk)


def test_who_has_their_messages_erased_has_these_erased_too(chat: Chat, ada: User, bob: User, mira: User):
    file = send_up(chat, bob, "tea.png", picture())
    say(chat, bob, attachments=[file["id"]])
    say(chat, ada)
    moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1, 2])

    services.erase_messages(user_id=bob.id)
    services.erase_dropped_files()

    assert [one.sender_id for one in KeptMessage.objects.all()] == [ada.id]
    assert not Attachment.objects.exists()


def test_the_search_finds_it_no_more_and_then_again(chat: Chat, ada: User, bob: User, mira: User):
    say(chat, bob, "zanzibar")

    def hits() -> int:
        return len(Api(ada)("GET", "/api/chats/search?q=zanzibar").json()["items"])

    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    assert hits() == 0
    moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    assert hits() == 1
    assert not SearchBlock.objects.exists()


def test_what_is_restored_while_its_author_erases_all_does_not_stay(
    chat: Chat, other: Chat, bob: User, mira: User, monkeypatch: pytest.MonkeyPatch
):
    for place in (chat, other):
        say(place, bob, "tea")
    entry = moderation.delete_messages_of(by=by(mira), user_id=bob.id)
    monkeypatch.setattr(restoring, "AT_ONCE_S", 0)
    moderation.restore_messages(by=by(mira), entry_id=entry.pk)
    # The worker restores when the first chat is behind the erasing, and the second is not.
    monkeypatch.setattr(leaving, "erase_reactions", lambda **_: jobs.do_all())

    services.erase_messages(user_id=bob.id)

    assert not Message.objects.exclude(body="").exists()
    assert not KeptMessage.objects.exists()


def test_from_whom_it_is_hidden_counts_nothing(chat: Chat, ada: User, eve: User, mira: User):
    say(chat, ada, "secret")
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=eve.id)

    entry = moderation.delete_messages(by=by(mira), chat_id=chat.id, seqs=[1])
    moderation.restore_messages(by=by(mira), entry_id=entry.pk)

    assert shown(chat, eve) == []
    assert Membership.objects.get(chat=chat, user=eve).uncounted == 0


def test_many_are_deleted_by_few_statements(chat: Chat, bob: User, mira: User, django_assert_max_num_queries):
    for _ in range(8):
        say(chat, bob)

    with django_assert_max_num_queries(32):
        moderation.delete_messages_of(by=by(mira), user_id=bob.id)


def test_everywhere_costs_the_same_in_however_many_chats_nothing_was_said(chat: Chat, bob: User, mira: User):
    costs = []
    for others in (1, 6):
        for number in range(others):
            services.create_chat(creator_id=bob.id, kind=Kind.GROUP, title=str(number))
        say(chat, bob)
        with CaptureQueriesContext(connection) as asked:
            entry = moderation.delete_messages_of(by=by(mira), user_id=bob.id)
            assert not moderation.is_under_way(entry)
        costs.append(len(asked))

    assert entry.details == {"messages": 1, "chats": 1}
    assert costs[0] == costs[1]
