"""What everybody in a chat hears beside messages: typing, reading, presence, and where the chats stand."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from abdre.store import store
from chat_svc import selectors, services
from realtime_svc.hub import close_hub, current_hub
from realtime_svc.hub import presence as hub_presence
from realtime_svc.hub.watch import Watch
from realtime_svc.tests.conftest import Someone, database_threads_rest, do, say
from user_svc import presence
from user_svc.services import block, change_privacy


async def test_typing_is_told_to_the_others_and_not_to_oneself(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, also_hers, his = await ada.socket(), await ada.socket(), await bob.socket()

    await hers.say(type="typing.start", chat=str(chat))

    assert await his.next("typing.started") == {"type": "typing.started", "chat": str(chat), "user": str(ada.id)}
    await hers.silent("typing.started")
    await also_hers.silent("typing.started")


async def test_typing_on_is_told_once(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()

    for _ in range(10):
        await hers.say(type="typing.start", chat=str(chat))

    await his.next("typing.started")
    await his.silent("typing.started")


async def test_reading_is_told_to_the_others_and_to_ones_own_devices(ada: Someone, bob: Someone, chat: UUID) -> None:
    await say(chat, ada)
    hers, his, also_his = await ada.socket(), await bob.socket(), await bob.socket()

    await his.say(type="chat.read", chat=str(chat), seq=1)

    receipt = {"type": "receipt.read", "chat": str(chat), "user": str(bob.id), "seq": 1}
    assert await hers.next("receipt.read") == receipt
    assert await also_his.next("receipt.read") == receipt


async def test_a_mark_never_goes_back(ada: Someone, bob: Someone, chat: UUID) -> None:
    await say(chat, ada)
    await say(chat, ada)
    hers, his = await ada.socket(), await bob.socket()
    await his.say(type="chat.read", chat=str(chat), seq=2)
    await hers.next("receipt.read")

    await his.say(type="chat.read", chat=str(chat), seq=1)

    await hers.silent("receipt.read")


async def test_marked_unread_it_is_so_on_ones_own_devices_and_nobody_else_hears(
    ada: Someone, bob: Someone, chat: UUID
) -> None:
    await say(chat, ada)
    hers, his, also_his = await ada.socket(), await bob.socket(), await bob.socket()
    await his.say(type="chat.read", chat=str(chat), seq=1)
    await hers.next("receipt.read")

    await do(services.mark_unread, chat_id=chat, user_id=bob.id, seq=1)

    numbers = {"last_seq": 1, "read_seq": 0, "unread": 1, "mentions": 0}
    for socket in (his, also_his):
        assert await socket.next("unread.changed") == {"type": "unread.changed", "chat": str(chat), **numbers}
    await hers.silent("unread.changed", "receipt.read")


async def test_many_marks_of_a_moment_are_written_as_one(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        await say(chat, ada)
    hers, his = await ada.socket(), await bob.socket()
    writes = []
    writing = services.mark_read_all

    def noted(marks: Any) -> Any:
        writes.append(marks)
        return writing(marks)

    monkeypatch.setattr(services, "mark_read_all", noted)

    for seq in range(1, 21):
        await his.say(type="chat.read", chat=str(chat), seq=seq)
    await hers.until(lambda item: item["type"] == "receipt.read" and item["seq"] == 20)

    assert len(writes) <= 2  # the first at once, the rest together
    assert writes[-1] == {(chat, bob.id): 20}


async def test_what_was_marked_is_not_lost_when_the_process_stops(ada: Someone, bob: Someone, chat: UUID) -> None:
    for _ in range(3):
        await say(chat, ada)
    hers, his = await ada.socket(), await bob.socket()
    await his.say(type="chat.read", chat=str(chat), seq=1)
    await hers.next("receipt.read")
    await his.say(type="chat.read", chat=str(chat), seq=3)
    await his.ask(type="ping")

    await close_hub()
    await database_threads_rest()

    members = await do(selectors.members, chat_id=chat, user_id=bob.id)
    assert {item["user"]["id"]: item["read_seq"] for item in members}[str(bob.id)] == 3


async def test_a_strangers_signals_are_refused_and_nobody_is_told(ada: Someone, eve: Someone, chat: UUID) -> None:
    await say(chat, ada)
    hers, strangers = await ada.socket(), await eve.socket()

    read = await strangers.ask(type="chat.read", chat=str(chat), seq=1)
    typed = await strangers.ask(type="typing.start", chat=str(chat))

    assert (read["code"], typed["code"]) == ("chat_not_found", "chat_not_found")
    await hers.silent("receipt.read", "typing.started")


async def test_receipts_of_a_chat_do_not_reach_strangers(ada: Someone, bob: Someone, eve: Someone, chat: UUID) -> None:
    await say(chat, ada)
    hers, his, strangers = await ada.socket(), await bob.socket(), await eve.socket()

    await his.say(type="chat.read", chat=str(chat), seq=1)
    await hers.next("receipt.read")
    await his.say(type="typing.start", chat=str(chat))
    await hers.next("typing.started")

    await strangers.silent("receipt.read", "typing.started")


async def test_ping_is_answered(ada: Someone) -> None:
    socket = await ada.socket()

    await socket.say(type="ping")

    assert await socket.next() == {"type": "pong"}


async def test_coming_and_going_is_told_in_shared_chats(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_presence, "PAUSE_S", 0.1)
    monkeypatch.setattr(hub_presence, "ANSWER_S", 0.1)
    hers, strangers = await ada.socket(), await eve.socket()
    await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(ada.id))

    his = await bob.socket()
    came = await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(bob.id))
    await his.hang_up()
    went = await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(bob.id))

    assert (came["online"], went["online"]) == (True, False)
    assert went["last_seen"] is not None
    assert not [item for item in strangers.heard if item["type"] == "presence.changed" and item["user"] != str(eve.id)]


def _hide(user_id: UUID, _other: UUID) -> None:
    change_privacy(user_id=user_id, facts={"shows_presence": False})


def _block(user_id: UUID, other: UUID) -> None:
    block(user_id=user_id, other_id=other)


def _be_blocked(user_id: UUID, other: UUID) -> None:
    block(user_id=other, other_id=user_id)


@pytest.mark.parametrize("part", [_hide, _block, _be_blocked])
async def test_who_hides_it_and_who_is_apart_comes_untold(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID, part: Callable[[UUID, UUID], None]
) -> None:
    await do(services.enrol, chat_id=chat, user_id=eve.id)
    await do(lambda: part(ada.id, bob.id))
    his = await bob.socket()

    await ada.socket()
    await eve.socket()
    await his.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(eve.id))

    assert str(ada.id) not in {item["user"] for item in his.heard if item["type"] == "presence.changed"}


async def test_a_reload_is_no_coming_and_going(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers = await ada.socket()
    his = await bob.socket()
    await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(bob.id))

    await his.hang_up()
    await bob.socket()

    await do(_second_tick)
    await hers.silent("presence.changed")


def _second_tick() -> None:
    """Nothing but a hop: by then the hub has had a turn."""


async def test_somebody_here_elsewhere_has_not_gone(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_presence, "PAUSE_S", 0.1)
    monkeypatch.setattr(hub_presence, "ANSWER_S", 1.5)
    hers, his = await ada.socket(), await bob.socket()
    await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(bob.id))

    await his.hang_up()
    # Another process hears the question and says that bob is there.
    await do(_when_gone, person_id=bob.id)

    await hers.silent("presence.changed")


def _when_gone(person_id: UUID) -> None:
    import time

    key = f"presence:{person_id}"
    while store.get(key) is not None:
        time.sleep(0.02)
    store.put(key, "1", ttl_s=60)


async def test_whoever_was_held_by_a_process_that_died_has_gone(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers, strangers = await ada.socket(), await eve.socket()
    await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(ada.id))
    with monkeypatch.context() as soon:
        soon.setattr(presence, "PRESENCE_TTL_S", 0.2)
        await do(_hold, person_id=bob.id)
    while await do(presence.online, user_ids=[bob.id]):
        pass

    await current_hub().presence.beat()

    gone = await hers.next("presence.changed")
    assert (gone["user"], gone["online"]) == (str(bob.id), False)
    await strangers.silent("presence.changed")


def _hold(person_id: UUID) -> None:
    """As another process does for the sockets that it has."""
    holder = uuid4().hex
    presence.beat([person_id], holder=holder)
    presence.arrive([person_id], held=[person_id], holder=holder)


async def test_marks_that_ran_out_are_made_and_told_anew(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, _his = await ada.socket(), await bob.socket()
    await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(bob.id))
    await do(_forget, people=[ada.id, bob.id])

    await current_hub().presence.beat()

    again = await hers.until(lambda item: item["type"] == "presence.changed" and item["user"] == str(bob.id))
    assert again["online"]
    assert await do(presence.online, user_ids=[ada.id, bob.id]) == {ada.id, bob.id}


def _forget(people: list[UUID]) -> None:
    """The store was away for longer than the marks last."""
    holders = (store.get(presence.HOLDERS) or "").split(",")
    store.delete_many([f"presence:{person}" for person in people] + [f"presence.holder:{one}" for one in holders])


async def test_heads_name_the_chats_that_moved(ada: Someone, bob: Someone, chat: UUID) -> None:
    await do(services.create_chat, creator_id=ada.id, kind="group", title="Quiet")
    socket = await ada.socket()
    await say(chat, bob)
    created = await socket.next("message.created")

    _beat_now(ada)

    assert await socket.next("heads") == {"type": "heads", "chats": {str(chat): created["version"]}}


async def test_no_heads_when_nothing_moved(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()
    await say(chat, ada)
    await socket.next("message.created")
    _beat_now(ada)
    await socket.next("heads")

    _beat_now(ada)

    await socket.silent("heads")


def _beat_now(someone: Someone) -> None:
    """As the watch does when the heartbeat is due."""
    hub = current_hub()
    person = hub.people[str(someone.id)]
    Watch(hub).tell_heads_to(person)
