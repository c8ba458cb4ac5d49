"""A process that was killed between commit and publish has told nobody: rights act on open sockets all the same."""

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps

from auth_svc.services import end_session
from chat_svc import selectors, services
from realtime_svc import selectors as asked
from realtime_svc.hub import current_hub, flusher
from realtime_svc.hub.watch import Watch
from realtime_svc.tests.conftest import Someone, do, say
from realtime_svc.tests.layers import EVENTS, Lossy


@pytest.fixture
def untold(lossy: Lossy) -> Lossy:
    """The layer is well, and no event ever gets to it."""
    lossy.drops = lambda group, message: message["type"] == EVENTS
    return lossy


async def test_who_was_removed_hears_nothing_more(ada: Someone, bob: Someone, chat: UUID, untold: Lossy) -> None:
    hers, his = await ada.socket(), await bob.socket()

    await do(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=bob.id)

    assert (await his.next("chat.removed"))["chat"] == str(chat)
    await say(chat, ada, "secret")
    await hers.next("message.created")
    await his.silent("message.created")


async def test_heads_come_after_the_news_that_led_there(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    hub = current_hub()
    person, room = hub.people[str(bob.id)], hub.rooms[str(chat)]
    monkeypatch.setattr(flusher, "REST", float("inf"))
    tell = room.take

    def take_and_beat(news: Any) -> None:
        tell(news)
        Watch(hub).tell_heads_to(person)  # while the news is not written yet

    monkeypatch.setattr(room, "take", take_and_beat)

    said = await say(chat, ada)

    heads = await his.next("heads")
    assert heads["chats"] == {str(chat): said["version"]}
    assert [item["type"] for item in his.heard if item["type"] in ("message.created", "heads")] == [
        "message.created",
        "heads",
    ]


async def test_an_ended_session_closes_its_socket(ada: Someone, untold: Lossy) -> None:
    socket = await ada.socket()

    await do(end_session, user_id=ada.id, session_id=ada.tokens.session_id)

    assert await socket.closed() == 4504


async def test_a_message_still_arrives(ada: Someone, bob: Someone, chat: UUID, untold: Lossy) -> None:
    his = await bob.socket()

    await say(chat, ada, "salem")

    assert (await his.next("message.created"))["message"]["body"] == "salem"


async def test_who_was_taken_in_is_told(ada: Someone, guest: Someone, chat: UUID, untold: Lossy) -> None:
    theirs = await guest.socket()
    await do(services.enrol, chat_id=chat, user_id=guest.id)

    await Watch(current_hub()).look_at_everything()

    assert (await theirs.next("chat.created"))["chat"] == str(chat)


async def test_an_erased_chat_is_taken_away(ada: Someone, untold: Lossy) -> None:
    brief = await do(services.create_chat, creator_id=ada.id, kind="temporary", ttl_s=3600)
    socket = await ada.socket()

    await do(_erase, chat_id=brief.id)

    assert (await socket.next("chat.removed"))["chat"] == str(brief.id)


def _erase(chat_id: UUID) -> None:
    apps.get_model("chat_svc", "Chat").objects.filter(id=chat_id).delete()


def test_a_look_at_rooms_names_those_alone_that_moved(ada: Someone, chat: UUID) -> None:
    services.send_message(chat_id=chat, sender_id=ada.id, client_id=UUID(int=1), body="salem")
    other = services.create_chat(creator_id=ada.id, kind="group")
    nowhere = UUID(int=2)
    head = selectors.heads([other.id])[other.id]

    moved = selectors.moved_heads({str(chat): 3, str(other.id): head, str(nowhere): 7})

    assert moved == {str(chat): 4, str(nowhere): None}
    assert selectors.moved_heads({}) == {}


def test_looks_are_few_statements_however_many_are_looked_at(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID, django_assert_num_queries: Any
) -> None:
    people = [ada, bob, eve]

    with django_assert_num_queries(1):
        selectors.moved_heads({str(chat): 3, **{str(UUID(int=number)): 1 for number in range(500)}})
    with django_assert_num_queries(2):
        asked.expelled([person.id for person in people], [person.tokens.session_id for person in people])
    with django_assert_num_queries(4):
        asked.admissions([(person.id, person.tokens.session_id) for person in people])
