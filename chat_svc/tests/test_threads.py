"""Replies hang on a message, stand in the chat like all others, and are counted where they hang."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import InvalidMessage, NotAMember
from chat_svc.models import Chat, Membership, Message
from chat_svc.selectors import Cursors
from chat_svc.tests.conftest import Api, Told, batch, post, say
from user_svc.services import block, create_guest

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def root(chat: Chat, ada: User) -> int:
    return say(chat, ada, "tea?").message["seq"]


def reply(chat: Chat, user: User, body: str = "yes", thread: int = 1, **options: Any) -> services.Sent:
    return say(chat, user, body, thread=thread, **options)


def replies(chat: Chat, user: User, seq: int = 1) -> dict[str, Any] | None:
    page = selectors.thread(chat_id=chat.id, user_id=user.id, seq=seq)
    return page["root"].get("replies")  # type: ignore[return-value]


def read(chat: Chat, user: User, query: str = "") -> Any:
    return Api(user)("GET", f"/api/chats/{chat.id}/messages/1/thread{query}")


def refusal(chat: Chat, user: User, thread: int) -> str:
    with pytest.raises(InvalidMessage) as refused:
        reply(chat, user, thread=thread)
    return str((refused.value.fields or {})["thread"][0])


def test_a_reply_says_where_it_hangs_and_its_root_how_many_there_are(chat: Chat, root: int, ada: User, bob: User):
    first = reply(chat, bob)
    reply(chat, ada, "good")

    page = read(chat, ada).json()

    assert first.message["thread"] == root
    assert page["root"]["replies"] == {"count": 2, "last_seq": 3, "people": [str(bob.id), str(ada.id)]}
    assert [(item["body"], item["thread"]) for item in page["items"]] == [("yes", root), ("good", root)]
    assert page["has_more"] is False


def test_all_are_told_of_the_reply_and_then_of_its_root(chat: Chat, root: int, bob: User, told: Told):
    told.items.clear()

    reply(chat, bob)

    created, changed = told.to(chat_group(chat.id))
    assert (created["type"], created["message"]["thread"]) == ("message.created", root)
    assert (changed["type"], changed["message"]["seq"]) == ("message.changed", root)
    assert changed["version"] == created["version"] + 1
    assert changed["message"]["replies"]["count"] == 1


def test_sent_twice_it_is_one_reply_counted_once_and_told_once(chat: Chat, root: int, bob: User, told: Told):
    told.items.clear()
    client_id = uuid4()

    first, again = (reply(chat, bob, client_id=client_id) for _ in range(2))

    assert (first.created, again.created) == (True, False)
    assert first.message == again.message
    assert (replies(chat, bob) or {})["count"] == 1
    assert told.types_to(chat_group(chat.id)) == ["message.created", "message.changed"]


def test_replies_stand_in_the_chat_and_count_like_all_others(chat: Chat, root: int, ada: User, bob: User):
    reply(chat, bob, "@ada yes")

    detail = selectors.chat_detail(chat_id=chat.id, user_id=ada.id)
    listed = selectors.messages(chat_id=chat.id, user_id=ada.id)["items"]

    assert [item["body"] for item in listed] == ["tea?", "@ada yes"]
    assert (detail["unread"], detail["mentions"], detail["last_seq"]) == (1, 1, 2)


def test_who_replied_first_is_named_and_no_more_than_five(chat: Chat, root: int, ada: User, bob: User):
    people = [bob, *(_newcomer(chat, number) for number in range(6))]
    for person in (*people, bob):
        reply(chat, person)

    shown = replies(chat, ada) or {}

    assert (shown["count"], shown["people"]) == (8, [str(person.id) for person in people[:5]])


def _newcomer(chat: Chat, number: int) -> User:
    guest = create_guest(display_name=f"Guest {number}")
    services.enrol(chat_id=chat.id, user_id=guest.id)
    return guest


def test_a_deleted_reply_counts_no_more_and_keeps_its_place(chat: Chat, root: int, ada: User, bob: User, told: Told):
    reply(chat, ada)
    reply(chat, bob)
    told.items.clear()

    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=2)

    deleted, changed = told.to(chat_group(chat.id))
    assert (deleted["message"]["seq"], deleted["message"]["thread"], deleted["message"]["body"]) == (2, root, "")
    assert changed["message"]["replies"] == {"count": 1, "last_seq": 3, "people": [str(bob.id)]}
    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=3)
    assert replies(chat, bob) is None


def test_a_deleted_root_keeps_its_thread_and_takes_no_more(chat: Chat, root: int, ada: User, bob: User):
    reply(chat, bob)

    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=root)

    page = read(chat, bob).json()
    assert (page["root"]["body"], page["root"]["replies"]["count"]) == ("", 1)
    assert [item["body"] for item in page["items"]] == ["yes"]
    assert refusal(chat, bob, root) == "This message was deleted."


def test_whoever_leaves_for_good_takes_replies_along_and_the_roots_say_so(chat: Chat, root: int, ada: User, bob: User):
    reply(chat, bob)
    reply(chat, ada, "good")
    say(chat, bob, "mine?")
    reply(chat, bob, "yours", thread=4)

    services.erase_messages(user_id=bob.id)

    assert replies(chat, ada) == {"count": 1, "last_seq": 3, "people": [str(ada.id)]}
    assert replies(chat, ada, 4) is None
    extras = dict(Message.objects.filter(chat=chat, sender=bob).values_list("seq", "extras"))
    assert extras == {2: {"thread": 1}, 4: None, 5: {"thread": 4}}
    versions = list(Message.objects.filter(chat=chat).values_list("version", flat=True))
    assert max(versions) == Chat.objects.get(id=chat.id).version


def test_it_hangs_on_no_reply_no_system_message_and_nothing_unknown(chat: Chat, root: int, ada: User, bob: User):
    reply(chat, bob)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Coffee"})

    assert refusal(chat, bob, 2) == "This message is in a thread itself. Reply in that one."
    assert refusal(chat, bob, 3) == refusal(chat, bob, 99) == refusal(chat, bob, 2**63) == "There is no such message."
    assert Message.objects.filter(chat=chat).count() == 3


@pytest.mark.parametrize("thread", [0, -1, "1", 1.5, True, 2**63])
def test_what_is_no_seq_is_refused(chat: Chat, root: int, bob: User, thread: object):
    body = {"client_id": str(uuid4()), "body": "yes", "thread": thread}

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/messages", body)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["thread"])


def test_strangers_and_those_removed_neither_reply_nor_read_and_nobody_hears(
    chat: Chat, root: int, ada: User, bob: User, eve: User, told: Told
):
    reply(chat, bob)
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    told.items.clear()

    for outsider in (eve, bob):
        with pytest.raises(NotAMember):
            reply(chat, outsider)
        assert read(chat, outsider).status_code == 404

    assert told.items == []
    assert (replies(chat, ada) or {})["count"] == 1


def test_a_newcomer_replies_to_nothing_that_is_hidden_and_is_told_nothing_of_it(
    chat: Chat, root: int, ada: User, bob: User, eve: User, told: Told
):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.enrol(chat_id=chat.id, user_id=eve.id)
    told.items.clear()

    assert refusal(chat, eve, root) == "There is no such message."
    reply(chat, bob)

    assert told.types_to(chat_group(chat.id)) == ["message.created", "chat.stale"]
    assert read(chat, eve).status_code == 404
    (hers, his) = selectors.resume([Cursors(user.id, {chat.id: 0}) for user in (eve, bob)])
    assert [event["message"]["seq"] for event in hers.items if "message" in event] == [2]
    assert [event["message"]["seq"] for event in his.items if "message" in event] == [2, 1]


def test_where_one_has_blocked_the_other_or_the_chat_is_over_nothing_is_added(ada: User, bob: User):
    direct = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    say(direct, ada)
    block(user_id=ada.id, other_id=bob.id)
    path, said = f"/api/chats/{direct.id}/messages", {"client_id": str(uuid4()), "body": "yes", "thread": 1}

    blocked = Api(bob)("POST", path, said)
    Chat.objects.filter(id=direct.id).update(closed_at=direct.created_at)
    closed = Api(bob)("POST", path, said)

    assert (blocked.status_code, closed.status_code) == (403, 410)
    assert replies(direct, ada) is None


def test_a_long_thread_comes_in_pages(chat: Chat, root: int, ada: User, bob: User):
    batch([post(chat, bob, str(number))._replace(thread=root) for number in range(5)])

    pages = [read(chat, ada, f"?limit=2{query}").json() for query in ("", "&before=5", "&after=1", "&after=5")]

    assert [[item["body"] for item in page["items"]] for page in pages] == [["3", "4"], ["1", "2"], ["0", "1"], ["4"]]
    assert [page["has_more"] for page in pages] == [True, True, True, False]


def test_it_is_read_in_three_queries(chat: Chat, root: int, ada: User, bob: User, django_assert_num_queries: Any):
    for _ in range(3):
        reply(chat, bob)

    with django_assert_num_queries(3):
        selectors.thread(chat_id=chat.id, user_id=ada.id, seq=root)


def test_a_reply_is_no_root_and_a_system_message_neither(chat: Chat, root: int, ada: User, bob: User):
    reply(chat, bob)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Coffee"})
    path = f"/api/chats/{chat.id}/messages"

    assert [Api(ada)("GET", f"{path}/{seq}/thread").status_code for seq in (1, 2, 3, 99)] == [200, 404, 404, 404]


def test_reading_a_thread_moves_no_mark(chat: Chat, root: int, ada: User, bob: User):
    reply(chat, bob)

    read(chat, ada)

    assert Membership.objects.get(chat=chat, user=ada).read_seq == root
