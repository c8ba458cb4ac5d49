"""Eve has an account and a chat of her own, and nothing to do with Ada's."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from deploy.tests.conftest import House
from deploy.tests.people import SUBPROTOCOL, Person, Refused, Town


async def test_eve_cannot_tell_ada_s_chat_from_one_that_does_not_exist(town: Town):
    ada, eve = await town.member("ada"), await town.guest("Eve")
    chat = await ada.start_chat()
    await ada.write(chat, "between us")
    invitation = await ada.invite(chat)

    for method, path, body in deeds(chat, invitation["id"]):
        real = await eve.ask(method, path, body)
        made_up = await eve.ask(method, path.replace(chat, str(uuid4())).replace(invitation["id"], str(uuid4())), body)
        assert (real.status, real.code) == (made_up.status, made_up.code), f"{method} {path}: {real} {made_up}"
        assert real.status in (403, 404), f"{method} {path}: {real}"
        assert (await town.nobody().ask(method, path, body)).status == 401, f"{method} {path}"
    assert await ada.bodies(chat) == ["between us"]


def deeds(chat: str, invitation: str) -> list[tuple[str, str, object]]:
    """Everything that can be done to a chat or its code."""
    base = f"/api/chats/{chat}"
    code = f"/api/auth/invitations/{invitation}"
    return [
        ("GET", base, None),
        ("PATCH", base, {"title": "Eve's"}),
        ("DELETE", base, None),
        ("GET", f"{base}/members", None),
        ("POST", f"{base}/members", {"user": str(uuid4())}),
        ("PATCH", f"{base}/members/{uuid4()}", {"role": "owner"}),
        ("DELETE", f"{base}/members/{uuid4()}", None),
        ("GET", f"{base}/messages", None),
        ("GET", f"{base}/messages/at?date=2026-11-26", None),
        ("GET", f"{base}/changes?since=0", None),
        ("POST", f"{base}/messages", {"client_id": str(uuid4()), "body": "hello from Eve"}),
        ("PATCH", f"{base}/messages/1", {"body": "changed by Eve"}),
        ("DELETE", f"{base}/messages/1", None),
        ("POST", f"{base}/read", {"seq": 1}),
        ("GET", f"{base}/banned", None),
        ("DELETE", f"{base}/banned/{uuid4()}", None),
        ("POST", f"{base}/transfer", {"user": str(uuid4())}),
        ("POST", f"{base}/join", {}),
        ("POST", f"{base}/unread", {"seq": 1}),
        ("GET", f"{base}/pins", None),
        ("PUT", f"{base}/messages/1/pin", None),
        ("DELETE", f"{base}/messages/1/pin", None),
        ("DELETE", f"{base}/messages/1/link-preview", None),
        ("POST", f"{base}/clear", None),
        ("PATCH", f"{base}/mine", {"pinned": True}),
        ("POST", "/api/auth/invitations", {"chat": chat}),
        ("GET", code, None),
        ("DELETE", code, None),
        ("POST", f"{code}/renew", {}),
        ("POST", f"{code}/approve", {"user": str(uuid4())}),
        ("POST", f"{code}/refuse", {"user": str(uuid4())}),
        ("GET", f"{code}/knock", None),
        ("DELETE", f"{code}/knock", None),
        ("GET", f"{code}/link", None),
        ("GET", f"{code}/qr.svg", None),
        ("GET", f"{code}/qr.png", None),
    ]


async def test_eve_s_socket_can_neither_do_nor_hear_anything_in_ada_s_chat(town: Town, house: House):
    ada, eve = await town.guest("Ada"), await town.guest("Eve")
    chat = await ada.start_chat()
    guest = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    await ada.write(chat, "between us")
    at_guest = await town.socket(guest, house.doors[0])
    at_eve = await town.socket(eve, house.doors[-1])
    assert chat not in at_eve.hello["chats"]

    for command in (
        {"type": "message.send", "client_id": str(uuid4()), "body": "hello from Eve"},
        {"type": "message.edit", "seq": 1, "body": "changed by Eve"},
        {"type": "message.delete", "seq": 1},
    ):
        with pytest.raises(Refused) as real:
            await at_eve.command(chat=chat, **command)
        with pytest.raises(Refused) as made_up:
            await at_eve.command(chat=str(uuid4()), **command)
        assert real.value.code == made_up.value.code
    await at_eve.say(type="typing.start", chat=chat)
    await at_eve.say(type="chat.read", chat=chat, seq=1)
    with suppress(Refused):
        await at_eve.command(type="resume", chats={chat: 0})
    await ada.write(chat, "and still between us")

    await at_guest.heard("and still between us")
    await at_eve.quiet()
    assert "between us" not in str(at_eve.items)
    assert eve.id not in str(at_guest.items)


async def test_a_removed_member_hears_and_posts_nothing_any_more(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    bob = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    at_bob = await town.socket(bob, house.doors[-1])

    posting = asyncio.create_task(post_until_refused(bob, chat))
    await asyncio.sleep(0.3)
    await ada.must("DELETE", f"/api/chats/{chat}/members/{bob.id}")
    after_removal = len(await ada.bodies(chat))
    await posting
    await ada.write(chat, "he is gone")

    assert (await ada.bodies(chat))[after_removal:] == ["he is gone"]
    await at_bob.wait_for(lambda item: item["type"] == "chat.removed")
    with pytest.raises(Refused):
        await at_bob.send(chat, "let me in")
    await at_bob.quiet()
    assert "he is gone" not in str(at_bob.items)
    assert (await bob.get(f"/api/chats/{chat}")).status == 404


async def post_until_refused(person: Person, chat: str) -> None:
    with suppress(AssertionError):
        while True:
            await person.write(chat, "posting on")


@pytest.mark.parametrize("door", [0, -1])
async def test_a_page_of_another_site_gets_no_socket(town: Town, house: House, door: int):
    ada = await town.guest("Ada")

    with pytest.raises(InvalidStatus) as refused:
        await connect(
            house.doors[door].replace("http", "ws") + "/ws",
            subprotocols=[SUBPROTOCOL],
            origin="https://evil.example",
            additional_headers={"Authorization": f"Bearer {ada.token}"},
            proxy=None,
        )

    assert refused.value.response.status_code == 403


async def test_a_socket_without_a_person_is_told_to_sign_in_and_an_unknown_path_to_stay_away(house: House):
    for path, code in (("/ws", 4501), ("/ws/elsewhere", 4505)):
        async with connect(house.url.replace("http", "ws") + path, subprotocols=[SUBPROTOCOL], proxy=None) as nobody:
            await asyncio.wait_for(nobody.wait_closed(), 5)
        assert nobody.close_code == code, path


async def test_malformed_frames_get_an_answer_and_never_end_the_socket(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    at_ada = await town.socket(ada, house.doors[-1])

    for frame in (
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"type": 7}',
        '{"type": "no.such"}',
        '{"type": "message.send"}',
    ):
        await at_ada.connection.send(frame)
    await at_ada.connection.send(b"\xff\xfe")
    await at_ada.send(chat, "still here")

    await at_ada.heard("still here")


async def test_every_answer_carries_a_request_id_and_wrong_bodies_are_named(town: Town):
    ada = await town.guest("Ada")

    malformed = await town.http.post(
        town.base + "/api/chats",
        data="{",
        headers={"Authorization": f"Bearer {ada.token}", "Content-Type": "application/json"},
    )
    form = await town.http.post(
        town.base + "/api/chats",
        data=aiohttp.FormData({"kind": "group"}),
        headers={"Authorization": f"Bearer {ada.token}"},
    )
    unknown = await ada.get("/api/no/such/path")

    assert (malformed.status, form.status, unknown.status) == (400, 415, 404)
    for headers in (malformed.headers, form.headers, unknown.headers):
        assert "X-Request-ID" in headers
