"""The page about a chat: what one wants of it, what it demands of everybody, who is let in again."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.utils import timezone

from gateway_svc.tests.conftest import ADA, BOB, CHAT, Services, chat, html, person

PAGE = f"/chats/{CHAT}/settings"
API = f"/api/chats/{CHAT}"
FOR_GOOD = "9999-12-31T00:00:00.000Z"


@pytest.fixture
def about(services: Services) -> Services:
    mine = {"user": person(ADA, "Ada"), "role": "owner", "state": "active", "read_seq": 0}
    services.answer("chat", "GET", API, chat(topic="Leaves", slow_mode_s=45, guest_links="refused"))
    services.answer("chat", "GET", f"{API}/members", {"items": [mine]})
    services.answer("chat", "GET", f"{API}/banned", {"items": [{"user": person(BOB, "Bob"), "state": "banned"}]})
    services.answer("chat", "PATCH", API, chat())
    services.answer("chat", "PATCH", f"{API}/mine", {})
    return services


async def test_what_is_so_is_shown(ada: AsyncClient, about: Services) -> None:
    text = html(await ada.get(PAGE))

    assert 'value="Leaves"' in text
    assert '<option value="45" selected>45</option>' in text
    assert '<option value="refused" selected>No</option>' in text
    assert text.count('<option value="allowed" selected>Yes</option>') == 1
    assert 'value="all" checked' in text
    assert "Who may not come back" in text


@pytest.mark.parametrize(
    ("muted_until", "chosen"), [(None, 'value="" selected'), (FOR_GOOD, 'value="forever" selected')]
)
async def test_a_mute_is_shown_as_it_is(
    ada: AsyncClient, about: Services, muted_until: str | None, chosen: str
) -> None:
    about.answer("chat", "GET", API, chat(muted_until=muted_until))

    assert chosen in html(await ada.get(PAGE))


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ({"notify": "mentions", "mute": "forever", "pinned": "1"}, {"notify": "mentions", "muted_until": FOR_GOOD}),
        ({"notify": "nothing", "mute": ""}, {"notify": "nothing", "muted_until": None}),
        ({"notify": "all", "mute": "keep", "archived": "1"}, {"notify": "all"}),
        ({"notify": "all", "mute": "7", "favourite": "1"}, {"notify": "all", "muted_until": None}),
    ],
)
async def test_wishes_are_handed_on(
    ada: AsyncClient, about: Services, sent: dict[str, str], asked: dict[str, Any]
) -> None:
    answer = await ada.post(f"/chats/{CHAT}/mine", sent)

    flags = {name: name in sent for name in ("pinned", "favourite", "archived")}
    assert answer["Location"] == PAGE
    assert about.call("chat", "PATCH", f"{API}/mine").json == {**asked, **flags}


async def test_an_hour_of_quiet_is_a_moment(ada: AsyncClient, about: Services) -> None:
    await ada.post(f"/chats/{CHAT}/mine", {"notify": "all", "mute": "3600"})

    assert about.call("chat", "PATCH", f"{API}/mine").json["muted_until"] > "2026"


@pytest.mark.parametrize(
    ("sent", "until"),
    [
        ({"mute": "tomorrow", "zone": "Asia/Almaty"}, "2026-11-27T04:00:00.000Z"),
        ({"mute": "pick", "at": "2026-12-24T18:30", "zone": "Asia/Almaty"}, "2026-12-24T13:30:00.000Z"),
        ({"mute": "pick", "at": "2026-12-24T18:30", "zone": "nowhere"}, "2026-12-24T18:30:00.000Z"),
    ],
)
async def test_quiet_lasts_until_a_moment_of_one_s_own_clock(
    ada: AsyncClient, about: Services, monkeypatch: pytest.MonkeyPatch, sent: dict[str, str], until: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC))

    await ada.post(f"/chats/{CHAT}/mine", {"notify": "all", **sent})

    assert about.call("chat", "PATCH", f"{API}/mine").json["muted_until"] == until


@pytest.mark.parametrize(
    ("at", "said"), [("", "Choose a day and a time."), ("2020-01-01T09:00", "This moment has passed.")]
)
async def test_no_moment_or_one_that_has_passed_is_asked_for_again_and_the_form_is_kept(
    ada: AsyncClient, about: Services, at: str, said: str
) -> None:
    answer = await ada.post(f"/chats/{CHAT}/mine", {"notify": "nothing", "mute": "pick", "at": at, "pinned": "1"})

    text = html(answer)
    assert (answer.status_code, said in text) == (422, True)
    assert all(kept in text for kept in ('value="nothing" checked', 'value="pick" selected', f'name="at" value="{at}"'))
    assert 'name="pinned" value="1" checked' in text
    assert about.calls("chat", "PATCH", f"{API}/mine") == []


async def test_rules_are_handed_on(ada: AsyncClient, about: Services) -> None:
    sent = {"title": "Coffee", "topic": "Beans", "slow_mode_s": "30", "guest_links": "held", "guest_files": "allowed"}

    answer = await ada.post(PAGE, {**sent, "keeps_days": "7", "is_public_offered": "1", "is_public": "1"})

    assert answer["Location"] == PAGE
    assert about.call("chat", "PATCH", API).json == {
        "title": "Coffee",
        "topic": "Beans",
        "slow_mode_s": 30,
        "keeps_days": 7,
        "announcement_only": False,
        "history_for_newcomers": False,
        "guest_links": "held",
        "guest_files": "allowed",
        "is_public": True,
        "guests_may_join": False,
    }


@pytest.mark.parametrize(
    ("house", "own", "said", "offered"),
    [
        (0, 0, "", ["For ever", "For a day", "For a week", "For 30 days", "For 90 days", "For a year"]),
        (0, 1, "Messages here are deleted after 1 day.", ["For ever", "For a day", "For a week"]),
        (30, 0, "Messages here are deleted after 30 days.", ["For 30 days, as everywhere here", "For a day"]),
        (30, 7, "Messages here are deleted after 7 days.", ["For 30 days, as everywhere here", "For a week"]),
        (7, 90, "Messages here are deleted after 7 days.", ["90", "For 7 days, as everywhere here"]),
    ],
)
async def test_everybody_is_told_how_long_messages_are_kept_and_who_manages_chooses(
    ada: AsyncClient, about: Services, settings: Any, house: int, own: int, said: str, offered: list[str]
) -> None:
    settings.MESSAGES_KEPT_DAYS = house
    about.answer("chat", "GET", API, chat(keeps_days=own))
    mine = html(await ada.get(PAGE))
    about.answer("chat", "GET", API, chat(keeps_days=own, role="member"))
    members = html(await ada.get(PAGE))

    assert f'<option value="{own}" selected>' in mine
    assert all(f">{text}</option>" in mine for text in offered)
    assert (">For a year</option>" in mine) == (house == 0)
    for page in (mine, members):
        assert said in page
        assert ("Messages here are deleted" in page) == bool(said)
    assert 'name="keeps_days"' not in members


async def test_a_refusal_is_said_on_the_page(ada: AsyncClient, about: Services) -> None:
    about.refuse("chat", "PATCH", API, 403, "not_allowed")

    answer = await ada.post(PAGE, {"title": "Mine"})

    assert answer.status_code == 403
    assert "The service said not_allowed." in html(answer)


async def test_who_does_not_manage_the_chat_is_offered_their_own_wishes_alone(
    ada: AsyncClient, about: Services
) -> None:
    about.answer("chat", "GET", API, chat(role="member"))

    text = html(await ada.get(PAGE))

    assert "For you" in text
    for part in ("For everybody", "Who may not come back", "Add somebody by name"):
        assert part not in text
    assert about.calls("chat", "GET", f"{API}/banned") == []


async def test_where_nothing_is_public_it_is_not_offered(ada: AsyncClient, about: Services, settings: Any) -> None:
    settings.PUBLIC_CHATS = False

    assert 'name="is_public"' not in html(await ada.get(PAGE))


async def test_somebody_is_looked_for_and_added(ada: AsyncClient, about: Services) -> None:
    about.answer("user", "GET", "/api/users", {"items": [person(BOB, "Bob")]})
    about.answer("chat", "POST", f"{API}/members", {}, status=201)

    text = html(await ada.get(f"{PAGE}?person=bob"))
    added = await ada.post(f"/chats/{CHAT}/people", {"user": BOB})

    assert f'name="user" value="{BOB}"' in text
    assert added["Location"] == PAGE
    assert about.call("chat", "POST", f"{API}/members").json == {"user": BOB}


async def test_a_ban_is_ended(ada: AsyncClient, about: Services) -> None:
    about.answer("chat", "DELETE", f"{API}/banned/{BOB}", status=204)

    answer = await ada.post(f"/chats/{CHAT}/banned/{BOB}")

    assert answer["Location"] == PAGE
    assert about.call("chat", "DELETE", f"{API}/banned/{BOB}")


async def test_members_of_a_chat_for_announcements_find_no_place_to_write(ada: AsyncClient, about: Services) -> None:
    about.answer("chat", "GET", f"{API}/messages", {"items": [], "has_more": False})
    for role, is_hidden in (("owner", False), ("member", True)):
        about.answer("chat", "GET", API, chat(role=role, announcement_only=True))
        text = html(await ada.get(f"/chats/{CHAT}"))
        assert (f'action="/chats/{CHAT}/messages" hidden' in text) == is_hidden


@pytest.mark.parametrize(
    ("facts", "may_manage"),
    [({}, True), ({"role": "member"}, False), ({"kind": "direct", "partner": person(BOB)}, False)],
)
async def test_the_further_pages_are_one_step_away(
    ada: AsyncClient, about: Services, facts: dict[str, Any], may_manage: bool
) -> None:
    about.answer("chat", "GET", API, chat(**facts))

    text = html(await ada.get(PAGE))

    assert all(f'href="/chats/{CHAT}/{page}"' in text for page in ("files", "pins", "export"))
    assert (f'href="/chats/{CHAT}/integrations"' in text) is may_manage
    assert 'name="date" type="date"' in text


async def test_a_picture_goes_to_the_chat_service_as_it_is(ada: AsyncClient, about: Services) -> None:
    about.answer("chat", "PUT", f"{API}/picture", chat(picture="abc"))
    about.answer("chat", "DELETE", f"{API}/picture", chat())

    sent = await ada.post(f"/chats/{CHAT}/picture", {"picture": SimpleUploadedFile("a.png", b"\x89PNG", "image/png")})
    removed = await ada.post(f"/chats/{CHAT}/picture", {"remove": "1"})

    assert sent["Location"] == removed["Location"] == PAGE
    assert about.call("chat", "PUT", f"{API}/picture").json == b"\x89PNG"
    assert about.calls("chat", "DELETE", f"{API}/picture")


async def test_no_picture_and_no_such_picture_are_said(ada: AsyncClient, about: Services) -> None:
    about.refuse("chat", "PUT", f"{API}/picture", 422, "no_picture", message="This is no picture.")

    nothing = await ada.post(f"/chats/{CHAT}/picture", {})
    wrong = await ada.post(f"/chats/{CHAT}/picture", {"picture": SimpleUploadedFile("a.png", b"x")})

    assert (nothing.status_code, "Please choose a picture first." in html(nothing)) == (422, True)
    assert (wrong.status_code, "This is no picture." in html(wrong)) == (422, True)


async def test_a_picture_is_shown_with_the_way_to_remove_it_to_who_manages_the_chat(
    ada: AsyncClient, about: Services
) -> None:
    about.answer("chat", "GET", API, chat(picture="abc"))
    managed = html(await ada.get(PAGE))
    about.answer("chat", "GET", API, chat(picture="abc", role="member"))
    visited = html(await ada.get(PAGE))

    assert f'src="/api/chats/{CHAT}/picture?v=abc&amp;size=256"' in managed
    assert "Remove the picture" in managed
    assert "Use this picture" not in visited
