"""The heart of it: somebody shows a code, another one scans it, and they talk."""

import asyncio
from uuid import uuid4

from deploy.tests.conftest import House
from deploy.tests.people import Town


async def test_a_scanned_code_brings_two_people_into_one_conversation(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat("Lunch")
    invitation = await ada.invite(chat)
    at_ada = await town.socket(ada, house.doors[0])

    preview = await town.nobody().must("POST", "/api/auth/invitations/preview", {"token": invitation["token"]})
    guest = await town.guest_by_code("Гүлнар 🌷", invitation["token"])
    await at_ada.wait_for(lambda item: item["type"] == "invitation.joined" and item["invitation"] == invitation["id"])
    at_guest = await town.socket(guest, house.doors[-1])
    await at_ada.send(chat, "Hello!")
    await at_guest.send(chat, "Сәлем! مرحبا <script>")
    await at_ada.send(chat, "Table 4?")

    assert "Ada" in str(preview)
    assert chat in at_guest.hello["chats"]
    everything = ["Hello!", "Сәлем! مرحبا <script>", "Table 4?"]
    await at_ada.heard(*everything)
    await at_guest.heard(*everything)
    assert await ada.bodies(chat) == await guest.bodies(chat) == everything


async def test_many_messages_from_both_sides_arrive_once_and_in_one_order(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    guest = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    at_ada, at_guest = await town.socket(ada, house.doors[0]), await town.socket(guest, house.doors[-1])

    await asyncio.gather(
        *(at_ada.send(chat, f"ada {number}") for number in range(40)),
        *(at_guest.send(chat, f"bob {number}") for number in range(40)),
    )

    stored = await ada.bodies(chat)
    assert sorted(stored) == sorted([f"{name} {number}" for name in ("ada", "bob") for number in range(40)])
    await at_ada.heard(*stored)
    await at_guest.heard(*stored)


async def test_the_host_hears_of_a_declined_code_and_a_revoked_one_is_dead(town: Town):
    ada = await town.guest("Ada")
    at_ada = await town.socket(ada)
    invitation = await ada.invite(await ada.start_chat())

    await town.nobody().must("POST", "/api/auth/invitations/opened", {"token": invitation["token"]})
    await town.nobody().must("POST", "/api/auth/invitations/decline", {"token": invitation["token"]})
    await at_ada.wait_for(lambda item: item["type"] == "invitation.opened")
    await at_ada.wait_for(lambda item: item["type"] == "invitation.declined")
    await ada.must("DELETE", f"/api/auth/invitations/{invitation['id']}")

    late = await town.nobody().post(
        "/api/auth/invitations/accept",
        {"token": invitation["token"], "display_name": "Late"},
        Idempotency_Key=str(uuid4()),
    )
    assert (late.status, late.code) == (410, "invitation_revoked")


async def test_a_lost_answer_to_join_costs_no_second_use(town: Town):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    invitation = await ada.invite(chat, max_uses=1)
    newcomer, attempt = town.nobody(), str(uuid4())
    wish = {"token": invitation["token"], "display_name": "Bob"}

    first = await newcomer.must("POST", "/api/auth/invitations/accept", wish, Idempotency_Key=attempt)
    second = await newcomer.must("POST", "/api/auth/invitations/accept", wish, Idempotency_Key=attempt)

    assert first["user"]["id"] == second["user"]["id"]
    assert (await ada.must("GET", f"/api/auth/invitations/{invitation['id']}"))["uses"] == 1
    newcomer.signed_in_by(second)
    await newcomer.must("GET", f"/api/chats/{chat}")


async def test_a_hundred_people_at_once_on_a_code_for_five_make_five_members(town: Town):
    ada = await town.member("ada")
    chat = await ada.must("POST", "/api/chats", {"kind": "group", "title": "Five only"})
    invitation = await ada.invite(chat["id"], max_uses=5)

    async def press(number: int) -> int:
        answer = await town.nobody().post(
            "/api/auth/invitations/accept",
            {"token": invitation["token"], "display_name": f"Guest {number}"},
            Idempotency_Key=str(uuid4()),
        )
        return answer.status

    statuses = await asyncio.gather(*(press(number) for number in range(100)))

    assert sorted(statuses) == [200] * 5 + [410] * 95
    assert (await ada.must("GET", f"/api/auth/invitations/{invitation['id']}"))["uses"] == 5
    assert len((await ada.must("GET", f"/api/chats/{chat['id']}/members"))["items"]) == 6


async def test_people_stay_signed_in_by_refreshing_and_a_used_refresh_token_ends_the_session(town: Town):
    ada = await town.guest("Ada")
    used = ada.refresh_token

    await ada.renew()
    await ada.must("GET", "/api/users/me")

    again = await town.nobody().post("/api/auth/refresh", {"refresh_token": used})
    assert again.status == 401
    assert (await ada.post("/api/auth/refresh", {"refresh_token": ada.refresh_token})).status == 401
