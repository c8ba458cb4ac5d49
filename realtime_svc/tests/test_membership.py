"""Who comes in hears from then on, who goes out hears nothing more, on every open socket."""

from uuid import UUID, uuid4

from abdre.db import in_thread
from abdre.events import publish, user_group
from chat_svc import services
from chat_svc.events import chat_removed
from realtime_svc.hub import current_hub
from realtime_svc.hub.watch import Watch
from realtime_svc.tests.conftest import Someone, do, say


async def test_a_newcomer_is_told_of_the_chat_and_hears_it_from_then_on(ada: Someone, eve: Someone, chat: UUID) -> None:
    first, second = await eve.socket(), await eve.socket()

    await do(services.enrol, chat_id=chat, user_id=eve.id)
    await say(chat, ada, "welcome")

    for socket in (first, second):
        created = await socket.next("chat.created")
        assert (created["chat"], created["role"], created["summary"]["title"]) == (str(chat), "member", "Tea")
        told = await socket.until(lambda item: item["type"] == "message.created")
        assert told["message"]["body"] == "welcome"
        assert socket.versions(chat) == list(range(created["version"] + 1, told["version"] + 1))


async def test_what_is_said_while_the_newcomer_sits_down_is_not_lost(ada: Someone, eve: Someone, chat: UUID) -> None:
    hers, socket = await ada.socket(), await eve.socket()

    def all_at_once() -> None:
        services.enrol(chat_id=chat, user_id=eve.id)
        for number in range(20):
            services.send_message(chat_id=chat, sender_id=ada.id, client_id=uuid4(), body=f"message {number}")

    await in_thread(all_at_once)

    created = await socket.next("chat.created")
    for number in range(20):
        told = await socket.next("message.created")
        assert told["message"]["body"] == f"message {number}"
    assert socket.versions(chat)[-20:] == list(range(created["version"] + 1, created["version"] + 21))
    assert hers.hello["chats"]


async def test_the_others_are_told_of_a_newcomer(ada: Someone, guest: Someone, chat: UUID) -> None:
    socket = await ada.socket()

    await do(services.enrol, chat_id=chat, user_id=guest.id)

    told = (await socket.next("membership.changed"))["membership"]
    assert (told["user"]["display_name"], told["role"], told["state"]) == ("Gulnara", "guest", "active")


async def test_who_is_removed_is_told_and_hears_nothing_after(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his, also_his = await ada.socket(), await bob.socket(), await bob.socket()

    await do(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=bob.id)
    await say(chat, ada, "secret")

    await hers.until(lambda item: item["type"] == "message.created")
    for socket in (his, also_his):
        assert await socket.next("chat.removed") == {"type": "chat.removed", "chat": str(chat), "reason": "removed"}
        await socket.silent("message.created", "membership.changed", "typing.started", "heads")
        assert "secret" not in str(socket.heard)
        assert (await socket.ask(type="ping"))["type"] == "pong"


async def test_leaving_is_told_to_ones_own_devices(ada: Someone, bob: Someone, chat: UUID) -> None:
    his = await bob.socket()

    await do(services.leave_chat, chat_id=chat, user_id=bob.id)

    assert (await his.next("chat.removed"))["reason"] == "left"


async def test_who_comes_back_hears_again(ada: Someone, bob: Someone, chat: UUID) -> None:
    his = await bob.socket()
    await do(services.leave_chat, chat_id=chat, user_id=bob.id)
    await his.next("chat.removed")

    await do(services.enrol, chat_id=chat, user_id=bob.id)

    await his.next("chat.created")
    await say(chat, ada, "again")
    assert (await his.next("message.created"))["message"]["body"] == "again"


async def test_a_new_chat_is_told_to_all_who_are_in_it(ada: Someone, bob: Someone) -> None:
    hers, his = await ada.socket(), await bob.socket()

    created = await do(services.create_chat, creator_id=ada.id, kind="group", title="New", members=[bob.id])

    for socket in (hers, his):
        assert (await socket.next("chat.created"))["chat"] == str(created.id)
    await hers.send(created.id, "first")
    assert (await his.next("message.created"))["message"]["body"] == "first"


async def test_a_removal_told_too_late_does_not_keep_out_who_is_in_again(
    ada: Someone, bob: Someone, chat: UUID
) -> None:
    """Two processes told it in the other order: the database is right."""
    his = await bob.socket()

    await in_thread(publish, user_group(bob.id), chat_removed(chat, "removed"))

    await his.next("chat.removed")
    await his.next("chat.created")
    await say(chat, ada, "still here")
    assert (await his.next("message.created"))["message"]["body"] == "still here"


async def test_a_chat_joined_between_two_sockets_reaches_both(ada: Someone, eve: Someone, chat: UUID) -> None:
    """`chat.created` was lost: the next socket's hello brings the older one along."""
    older = await eve.socket()
    current_hub().line._groups.clear()
    await current_hub().line._layer.group_discard(user_group(eve.id), current_hub().line._channel)
    await do(services.enrol, chat_id=chat, user_id=eve.id)

    newer = await eve.socket()

    assert str(chat) in newer.hello["chats"]
    assert (await older.next("chat.created"))["chat"] == str(chat)
    await say(chat, ada, "both?")
    assert (await older.next("message.created"))["message"]["body"] == "both?"
    assert (await newer.next("message.created"))["message"]["body"] == "both?"


async def test_rooms_and_people_are_dropped_after_the_last_socket(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()
    hub = current_hub()
    assert len(hub.rooms[str(chat)].sockets) == 2

    await hers.hang_up()
    await his.hang_up()
    await Watch(hub).sweep(before=float("inf"))

    assert (hub.rooms, hub.people) == ({}, {})
    again = await ada.socket()
    await say(chat, bob)
    await again.next("message.created")
