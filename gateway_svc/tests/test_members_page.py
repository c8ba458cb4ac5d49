"""Who is in a chat, and what may be done about it."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import ADA, BOB, CHAT, GUEST, Services, chat, html, person

PAGE = f"/chats/{CHAT}/members"
ABOUT = f"/chats/{CHAT}/settings"
API = f"/api/chats/{CHAT}/members"


def membership(user_id: str, name: str, role: str) -> dict[str, Any]:
    user = person(user_id, name, is_guest=role == "guest")
    return {"user": user, "role": role, "state": "active", "joined_at": "2026-11-22T10:00:00.000Z", "read_seq": 0}


@pytest.fixture
def people(services: Services) -> Services:
    items = [membership(ADA, "Ada", "owner"), membership(BOB, "Bob", "member"), membership(GUEST, "Gulnara", "guest")]
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", API, {"items": items})
    services.answer("chat", "GET", f"/api/chats/{CHAT}/banned", {"items": []})
    return services


async def test_everybody_is_listed_with_role_and_guest_badge(ada: AsyncClient, people: Services) -> None:
    text = html(await ada.get(ABOUT))

    for fact in ("Bob", "Gulnara", "Owner", "guest</span>", "(you)"):
        assert fact in text


async def test_the_people_are_read_after_the_version_that_is_said_to_cover_them(
    ada: AsyncClient, people: Services
) -> None:
    await ada.get(ABOUT)

    assert people.was_asked_after(API, f"/api/chats/{CHAT}")


async def test_the_owner_is_offered_deeds_about_others_and_none_about_herself(
    ada: AsyncClient, people: Services
) -> None:
    text = html(await ada.get(ABOUT))

    assert f"{PAGE}/{BOB}" in text
    assert "Make admin" in text
    assert f"{PAGE}/{ADA}" not in text


async def test_the_script_finds_a_line_for_whoever_may_come_with_what_the_viewer_may_do_about_them(
    ada: AsyncClient, people: Services
) -> None:
    text = html(await ada.get(ABOUT))

    blank = text.split('<template data-template="member">')[1].split("</template>")[0]
    guest, member, bot = (
        'data-role="guest" data-guest="true" data-bot="false"',
        'data-role="member" data-guest="false" data-bot="false"',
        'data-role="member" data-guest="false" data-bot="true"',
    )
    for kind in (guest, member, bot):
        assert blank.count(kind) == 1
    assert f'action="{PAGE}/{{id}}"' in blank
    assert "What to do about {name}" in blank


async def test_a_member_is_offered_none(ada: AsyncClient, people: Services) -> None:
    people.answer("chat", "GET", f"/api/chats/{CHAT}", chat(role="member"))

    text = html(await ada.get(ABOUT))

    assert "Remove from the chat" not in text
    assert "Remove and ban" not in text
    assert "Name of the chat" not in text


async def test_removing_and_promoting_say_so_to_the_service(ada: AsyncClient, people: Services) -> None:
    people.answer("chat", "DELETE", f"{API}/{BOB}", status=204)
    people.answer("chat", "PATCH", f"{API}/{BOB}", membership(BOB, "Bob", "admin"))

    removed = await ada.post(f"{PAGE}/{BOB}", {"deed": "remove"})
    promoted = await ada.post(f"{PAGE}/{BOB}", {"deed": "admin"})

    assert (removed["Location"], promoted["Location"]) == (ABOUT, ABOUT)
    assert people.call("chat", "PATCH", f"{API}/{BOB}").json == {"role": "admin"}


async def test_removing_for_good_bars_the_way_back_and_is_offered_beside_removing(
    ada: AsyncClient, people: Services
) -> None:
    people.answer("chat", "DELETE", f"{API}/{BOB}", status=204)

    shown = html(await ada.get(ABOUT))
    banned = await ada.post(f"{PAGE}/{BOB}", {"deed": "ban"})
    await ada.post(f"{PAGE}/{BOB}", {"deed": "remove"})

    assert "Remove and ban" in shown
    assert banned["Location"] == ABOUT
    assert [asked.query for asked in people.calls("chat", "DELETE", f"{API}/{BOB}")] == [{"ban": "true"}, {}]


@pytest.mark.parametrize(
    ("deed", "title"), [("transfer", "Hand the chat over to Bob?"), ("ban", "Remove Bob for good?")]
)
async def test_what_is_hard_to_take_back_is_asked_first(
    ada: AsyncClient, people: Services, deed: str, title: str
) -> None:
    listed, asked = html(await ada.get(ABOUT)), html(await ada.get(f"{PAGE}/{BOB}?deed={deed}"))

    assert f'href="{PAGE}/{BOB}?deed={deed}"' in listed
    assert f'value="{deed}"' not in listed
    assert title in asked
    assert f'name="deed" value="{deed}"' in asked
    assert f'href="{ABOUT}"' in asked
    assert {call.method for call in people.asked} == {"GET"}


@pytest.mark.parametrize(
    ("user_id", "deed", "role"),
    [
        (BOB, "remove", "owner"),
        (BOB, "", "owner"),
        (GUEST, "transfer", "owner"),
        (ADA, "ban", "owner"),
        (CHAT, "ban", "owner"),
        (BOB, "transfer", "admin"),
        (BOB, "ban", "member"),
    ],
)
async def test_what_may_not_be_done_is_not_asked(
    ada: AsyncClient, people: Services, user_id: str, deed: str, role: str
) -> None:
    people.answer("chat", "GET", f"/api/chats/{CHAT}", chat(role=role))

    assert (await ada.get(f"{PAGE}/{user_id}?deed={deed}")).status_code == 404


async def test_a_deed_that_nobody_offered_is_refused(ada: AsyncClient, people: Services) -> None:
    response = await ada.post(f"{PAGE}/{BOB}", {"deed": "guest"})

    assert response.status_code == 400


async def test_leaving_leads_to_the_list_and_the_last_owner_is_told_why_not(ada: AsyncClient, people: Services) -> None:
    people.answer("chat", "DELETE", f"{API}/{ADA}", status=204)
    left = await ada.post(f"/chats/{CHAT}/leave")
    people.refuse("chat", "DELETE", f"{API}/{ADA}", 409, "last_owner")
    refused = await ada.post(f"/chats/{CHAT}/leave")

    assert left["Location"] == "/chats"
    assert refused.status_code == 409
    assert "The service said last_owner." in html(refused)


async def test_closing(ada: AsyncClient, people: Services) -> None:
    people.answer("chat", "DELETE", f"/api/chats/{CHAT}", status=204)

    closed = await ada.post(f"/chats/{CHAT}/close")

    assert closed["Location"] == f"/chats/{CHAT}"


async def test_the_former_address_leads_there(ada: AsyncClient, people: Services) -> None:
    assert (await ada.get(PAGE))["Location"] == ABOUT


async def test_handing_over_is_offered_to_the_owner_about_others(ada: AsyncClient, people: Services) -> None:
    people.answer("chat", "POST", f"/api/chats/{CHAT}/transfer", membership(BOB, "Bob", "owner"))

    shown = html(await ada.get(ABOUT))
    await ada.post(f"{PAGE}/{BOB}", {"deed": "transfer"})

    assert shown.count("Hand the chat over") == 1 + 2  # Bob, and the script's blanks of a member and an admin
    assert people.call("chat", "POST", f"/api/chats/{CHAT}/transfer").json == {"user": BOB}


async def test_members_that_do_not_come_leave_the_rest_of_the_page(ada: AsyncClient, people: Services) -> None:
    people.refuse("chat", "GET", API, 500)

    response = await ada.get(ABOUT)

    assert response.status_code == 200
    assert "not available right now" in html(response)


async def test_a_chat_is_cleared_for_oneself_and_one_stays_in_it(ada: AsyncClient, people: Services) -> None:
    people.answer("chat", "POST", f"/api/chats/{CHAT}/clear", status=204)

    response = await ada.post(f"/chats/{CHAT}/clear")

    assert response["Location"] == f"/chats/{CHAT}"
    assert people.calls("chat", "POST", f"/api/chats/{CHAT}/clear")
