"""Nothing twice, nothing lost: whatever a client does when it does not know whether it was heard."""

import asyncio
from uuid import uuid4

from deploy.tests.conftest import House
from deploy.tests.people import Item, Person, Socket, Town


async def test_one_client_id_over_two_sockets_and_rest_at_once_is_one_message(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    guest = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    here, there = await town.socket(ada, house.doors[0]), await town.socket(ada, house.doors[-1])
    at_guest = await town.socket(guest)
    client_id = str(uuid4())

    acks = await asyncio.gather(
        here.send(chat, "once", client_id), there.send(chat, "once", client_id), ada.write(chat, "once", client_id)
    )

    assert len({(ack["seq"], ack["version"], ack["created_at"]) for ack in acks}) == 1
    await here.send(chat, "afterwards")
    for socket in (here, there, at_guest):
        await socket.heard("once", "afterwards")
    assert await guest.bodies(chat) == ["once", "afterwards"]


async def test_the_same_client_id_in_another_chat_is_another_message(town: Town):
    ada = await town.guest("Ada")
    lunch, dinner = await ada.start_chat("Lunch"), await ada.start_chat("Dinner")
    client_id = str(uuid4())

    await ada.write(lunch, "hungry", client_id)
    await ada.write(dinner, "hungry", client_id)

    assert await ada.bodies(lunch) == await ada.bodies(dinner) == ["hungry"]


async def test_a_killed_socket_resumes_to_everything_once_and_in_order(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    code = await ada.invite(chat, max_uses=5)
    guest = await town.guest_by_code("Bob", code["token"])
    at_guest = await town.socket(guest, house.doors[-1])
    await ada.write(chat, "seen before the cut")
    await at_guest.heard("seen before the cut")
    seen = max(item["version"] for item in at_guest.items if item.get("chat") == chat and "version" in item)
    await at_guest.kill()

    at_ada = await town.socket(ada, house.doors[0])
    acks = await asyncio.gather(*(at_ada.send(chat, f"missed {number}") for number in range(200)))
    for number, ack in enumerate(acks[:20]):
        await at_ada.command(type="message.edit", chat=chat, seq=ack["seq"], body=f"edited {number}")
    await town.guest_by_code("Carol", code["token"])

    again = await town.socket(guest, house.doors[-1])
    ack = await again.command(type="resume", chats={chat: seen})
    assert resumed(again, chat, since=seen) == await truth(guest, chat, since=seen)
    assert any(item["type"] == "membership.changed" for item in again.items)
    assert ack["chats"][chat] == max(item["version"] for item in again.items if item.get("chat") == chat)


async def test_live_messages_during_a_resume_are_neither_lost_nor_doubled(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    guest = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    at_ada = await town.socket(ada, house.doors[0])
    for number in range(50):
        await at_ada.send(chat, f"before {number}")

    at_guest = await town.socket(guest, house.doors[-1])
    flood = asyncio.create_task(many(at_ada, chat, 100))
    await at_guest.command(type="resume", chats={chat: 0})
    await flood
    await at_ada.send(chat, "the end")

    await at_guest.wait_for(lambda item: item["type"] == "message.created" and item["message"]["body"] == "the end")
    versions = [item["version"] for item in at_guest.items if item["type"] == "message.created"]
    shown = {item["message"]["seq"]: item["message"]["body"] for item in at_guest.items if "message" in item}
    assert versions == sorted(set(versions))
    assert [shown[seq] for seq in sorted(shown)] == await guest.bodies(chat)


async def test_an_idle_socket_is_alive_after_twelve_seconds(town: Town, house: House):
    """A Redis client that gives up on idle connections after 5 s would have made it deaf."""
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    at_ada = await town.socket(ada, house.doors[-1])

    await asyncio.sleep(12)
    await ada.write(chat, "still there?")

    await at_ada.heard("still there?")


async def many(socket: Socket, chat: str, count: int) -> None:
    for number in range(count):
        await socket.send(chat, f"during {number}")


def resumed(socket: Socket, chat: str, *, since: int) -> dict[int, tuple[int, str]]:
    """What the resume told, message by message; each came once, in the order of versions."""
    told: list[Item] = [item for item in socket.items if item.get("chat") == chat and "version" in item]
    assert [item["version"] for item in told] == sorted({item["version"] for item in told})
    assert all(item["version"] > since for item in told)
    messages = [item["message"] for item in told if "message" in item]
    assert len(messages) == len({message["seq"] for message in messages})
    return {message["seq"]: (message["version"], message["body"]) for message in messages}


async def truth(person: Person, chat: str, *, since: int) -> dict[int, tuple[int, str]]:
    page = await person.must("GET", f"/api/chats/{chat}/changes?since={since}&limit=500")
    return {message["seq"]: (message["version"], message["body"]) for message in page["items"]}
