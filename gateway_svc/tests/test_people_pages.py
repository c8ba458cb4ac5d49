"""Somebody's profile, one's own, and the settings: what the pages make of the services' answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from abdre.appearance import Appearance, appearance_of
from gateway_svc.tests.conftest import ADA, BOB, CHAT, Services, chat, html, message, person

ME = "/api/users/me"
THEIRS = f"/api/users/{BOB}"
PREFERENCES: dict[str, Any] = {
    "language": "",
    "time_zone": "",
    "theme": "system",
    "accent": "petrol",
    "text_size": "normal",
    "enter_sends": True,
    "sounds": True,
}
STATUS = {"emoji": "🌿", "text": "On leave", "until": None}


def profile(user_id: str = BOB, name: str = "Bob", **facts: Any) -> dict[str, Any]:
    return {
        **person(user_id, name),
        "picture": None,
        "username": name.lower(),
        "about": "",
        "status": None,
        "date_joined": "2026-01-02T03:04:05.000Z",
        "time_zone": None,
        "is_blocked": False,
        **facts,
    }


def own(**facts: Any) -> dict[str, Any]:
    return {**profile(ADA, "Ada"), "email": None, "preferences": PREFERENCES, "blocked": [], **facts}


def preferring(**facts: Any) -> dict[str, Any]:
    return own(preferences={**PREFERENCES, **facts})


async def test_a_profile_shows_what_somebody_says_of_themselves(ada: AsyncClient, services: Services):
    services.answer("user", "GET", THEIRS, profile(status=STATUS, about="<b>Hi</b>", picture="abc"))
    services.answer("chat", "GET", "/api/chats", {"items": [chat(title="Tea")], "next": None})

    text = html(await ada.get(f"/people/{BOB}"))

    assert "🌿 On leave" in text
    assert "&lt;b&gt;Hi&lt;/b&gt;" in text
    assert f'src="/api/users/{BOB}/picture?v=abc&amp;size=256"' in text
    assert f'href="/chats/{CHAT}"' in text
    assert services.call("chat", "GET", "/api/chats").query == {"with": BOB}
    assert f'action="/people/{BOB}/write"' in text
    assert f'action="/people/{BOB}/block"' in text


async def test_who_is_blocked_is_offered_to_be_let_go_and_no_letter(ada: AsyncClient, services: Services):
    services.answer("user", "GET", THEIRS, profile(is_blocked=True))

    text = html(await ada.get(f"/people/{BOB}"))

    assert f'action="/people/{BOB}/unblock"' in text
    assert "/write" not in text


async def test_ones_own_profile_is_led_to_its_change(ada: AsyncClient, services: Services):
    services.answer("user", "GET", f"/api/users/{ADA}", profile(ADA, "Ada"))

    text = html(await ada.get(f"/people/{ADA}"))

    assert 'href="/profile"' in text
    assert "/block" not in text


async def test_who_cannot_be_seen_is_not_there(ada: AsyncClient, services: Services):
    services.refuse("user", "GET", THEIRS, 404, "user_not_found")

    assert (await ada.get(f"/people/{BOB}")).status_code == 404


async def test_strangers_are_led_to_the_login(stranger: AsyncClient):
    for path in (f"/people/{BOB}", "/settings/privacy", "/settings/blocked"):
        assert (await stranger.get(path))["Location"].startswith("/login?")


async def test_writing_leads_into_the_chat_and_a_refusal_is_said_kindly(ada: AsyncClient, services: Services):
    services.answer("chat", "POST", "/api/chats", chat(), status=201)
    assert (await ada.post(f"/people/{BOB}/write"))["Location"] == f"/chats/{CHAT}"

    services.answer("user", "GET", THEIRS, profile())
    services.refuse("chat", "POST", "/api/chats", 403, "may_not_write", message="You cannot write to this person.")
    refused = await ada.post(f"/people/{BOB}/write")

    assert refused.status_code == 403
    assert "You cannot write to this person." in html(refused)


async def test_blocking_and_letting_go(ada: AsyncClient, services: Services):
    path = f"/api/users/blocks/{BOB}"
    services.answer("user", "PUT", path, status=204)
    services.answer("user", "DELETE", path, status=204)

    answers = [
        (await ada.post(f"/people/{BOB}/block"))["Location"],
        (await ada.post(f"/people/{BOB}/unblock"))["Location"],
        (await ada.post(f"/people/{BOB}/unblock", {"list": "1"}))["Location"],
    ]

    assert answers == [f"/people/{BOB}", f"/people/{BOB}", "/settings/blocked"]
    assert len(services.calls("user", "PUT", path)) == 1


async def test_messages_of_somebody_blocked_are_folded_away(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, own(blocked=[BOB]))
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    theirs = message(2, "theirs", sender=person(BOB, "Bob"))
    said = {"items": [message(1, "mine"), theirs], "has_more": False}
    services.answer("chat", "GET", f"/api/chats/{CHAT}/messages", said)
    listed = [chat(last_message=theirs)]
    services.answer("chat", "GET", "/api/chats", {"items": listed, "next": None})

    text = html(await ada.get(f"/chats/{CHAT}"))

    assert text.count("message--blocked") == 1
    assert "Bob: " not in text  # nor in the list of chats
    assert f'data-blocked="{BOB}"' in text


# One's own


async def test_the_profile_form_says_all_of_it_at_once(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, own())
    services.answer("user", "PATCH", ME, own())
    sent = {"display_name": "Ada", "status_emoji": "🌿", "status_text": "On leave", "until": "60", "about": "a\r\nb"}

    response = await ada.post("/profile", sent)

    asked = services.call("user", "PATCH", ME).json
    assert response.status_code == 303
    assert (asked["display_name"], asked["about"]) == ("Ada", "a\nb")
    left = datetime.fromisoformat(asked["status"].pop("until")) - datetime.now(UTC)
    assert asked["status"] == {"emoji": "🌿", "text": "On leave"}
    assert 3500 < left.total_seconds() <= 3600


async def test_an_empty_status_is_taken_back(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, own(status=STATUS))
    services.answer("user", "PATCH", ME, own())

    await ada.post("/profile", {"display_name": "Ada", "status_emoji": "", "status_text": "", "about": ""})

    assert services.call("user", "PATCH", ME).json["status"] is None


async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, own())
    services.refuse("user", "PATCH", ME, 422, "invalid", fields={"status": ["One emoji, or none."]})

    response = await ada.post(
        "/profile", {"display_name": "Ada", "status_emoji": "x", "status_text": "hm", "about": "me"}
    )

    assert response.status_code == 422
    assert 'id="error-status_text">One emoji, or none.' in html(response)
    assert 'value="hm"' in html(response)


async def test_a_picture_goes_to_the_user_service_as_it_is(ada: AsyncClient, services: Services):
    services.answer("user", "PUT", f"{ME}/picture", own(picture="abc"))
    file = SimpleUploadedFile("me.png", b"\x89PNG", "image/png")

    response = await ada.post("/profile/picture", {"picture": file})

    assert response["Location"] == "/profile?saved=picture"
    assert services.call("user", "PUT", f"{ME}/picture").json == b"\x89PNG"


async def test_no_picture_and_no_such_picture_are_said(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, own())
    services.refuse("user", "PUT", f"{ME}/picture", 422, "no_picture", message="This is no picture.")

    nothing = await ada.post("/profile/picture", {})
    wrong = await ada.post("/profile/picture", {"picture": SimpleUploadedFile("a.png", b"x")})

    assert "Please choose a picture first." in html(nothing)
    assert (wrong.status_code, "This is no picture." in html(wrong)) == (422, True)


async def test_a_picture_is_removed(ada: AsyncClient, services: Services):
    services.answer("user", "DELETE", f"{ME}/picture", own())

    assert (await ada.post("/profile/picture", {"remove": "1"})).status_code == 303


# Settings


async def test_a_strangers_browser_keeps_how_pages_look(stranger: AsyncClient):
    response = await stranger.post("/settings/appearance", {"theme": "dark", "accent": "violet", "text_size": "large"})
    text = html(await stranger.get("/login"))

    assert response["Location"] == "/settings/appearance?saved=1"
    assert 'data-theme="dark" data-accent="violet" data-text-size="large"' in text
    assert 'media="all"' in text


async def test_a_strangers_wrong_word_is_the_usual_one(stranger: AsyncClient):
    await stranger.post("/settings/appearance", {"theme": "pink", "accent": '"><script>', "text_size": ""})

    assert 'data-theme="system" data-accent="petrol" data-text-size="normal"' in html(await stranger.get("/login"))


async def test_a_persons_choice_is_kept_with_them_and_by_the_browser(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, preferring(theme="dark"))
    services.answer("user", "PATCH", f"{ME}/preferences", {**PREFERENCES, "theme": "dark", "sounds": False})

    response = await ada.post("/settings/appearance", {"theme": "dark", "accent": "petrol", "text_size": "normal"})

    facts = {"theme": "dark", "accent": "petrol", "text_size": "normal", "enter_sends": False, "sounds": False}
    assert services.call("user", "PATCH", f"{ME}/preferences").json == facts
    assert response.cookies["appearance"].value == "dark.petrol.normal.1.0"
    assert response.cookies["appearance"]["httponly"]


async def test_what_was_chosen_elsewhere_holds_from_the_first_page(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, preferring(theme="contrast"))

    response = await ada.get("/settings")

    assert 'data-theme="contrast"' in html(response)
    assert response.cookies["appearance"].value.startswith("contrast.")


async def test_a_page_in_another_zone_is_asked_for_once_more(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, preferring(time_zone="Asia/Almaty"))
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", f"/api/chats/{CHAT}/messages", {"items": [message(1)], "has_more": False})

    first = await ada.get(f"/chats/{CHAT}")
    second = await ada.get(first["Location"])

    assert (first.status_code, first["Location"]) == (302, f"/chats/{CHAT}")
    assert second.status_code == 200
    assert ">15:00</time>" in html(second)  # ten o'clock in UTC
    assert 'data-time-zone="Asia/Almaty"' in html(second)


@pytest.mark.parametrize("is_guest", [False, True])
async def test_settings_lead_to_all_that_one_may_set(ada: AsyncClient, services: Services, is_guest: bool):
    services.answer("user", "GET", ME, own(is_guest=is_guest))

    text = html(await ada.get("/settings"))

    for page in ("/profile", "/settings/appearance", "/settings/privacy", "/settings/blocked", "/security"):
        assert f'class="lines__link" href="{page}"' in text
    for page in ("/settings/tokens", "/settings/bots"):
        assert (f'href="{page}"' in text) is not is_guest


async def test_the_language_of_the_page_is_that_of_the_services_words(ada: AsyncClient, services: Services):
    services.answer("user", "GET", ME, own())

    shown = html(await ada.get("/settings", headers={"Accept-Language": "ru, en;q=0.5"}))

    assert services.calls("user", "GET", ME)[0].headers["accept-language"] == "ru"
    assert '<html lang="ru"' in shown
    assert "Настройки" in shown


async def test_privacy_is_shown_and_changed(ada: AsyncClient, services: Services):
    shown = {"shows_presence": True, "shows_receipts": False, "shows_local_time": False, "is_findable": True}
    services.answer("user", "GET", f"{ME}/privacy", {**shown, "who_may_write": "peers"})
    services.answer("user", "PATCH", f"{ME}/privacy", {})

    text = html(await ada.get("/settings/privacy"))
    await ada.post("/settings/privacy", {"shows_receipts": "1", "who_may_write": "nobody"})

    assert 'value="peers" checked' in text
    assert text.count(' checked aria-describedby="hint-') == 2
    assert services.call("user", "PATCH", f"{ME}/privacy").json == {
        **dict.fromkeys(shown, False),
        "shows_receipts": True,
        "who_may_write": "nobody",
    }


async def test_blocked_people_are_listed(ada: AsyncClient, services: Services):
    services.answer("user", "GET", "/api/users/blocks", {"items": [person(BOB, "Bob")]})

    assert f'action="/people/{BOB}/unblock"' in html(await ada.get("/settings/blocked"))


@pytest.mark.parametrize("cookie", ["", "dark", "dark.violet.large.0.0.more", "....", "\x00", "a" * 5000])
def test_any_cookie_is_read(cookie: str):
    shown = appearance_of({"appearance": cookie, "time_zone": "../../etc/passwd", "language": "tlh"})

    assert (shown.time_zone, shown.language) == ("", "")
    assert isinstance(shown, Appearance)


@pytest.mark.parametrize("is_staff", [False, True])
async def test_staff_alone_have_a_way_to_the_reports(ada: AsyncClient, services: Services, is_staff: bool):
    services.answer("user", "GET", ME, own(is_staff=is_staff))
    services.answer("chat", "GET", "/api/chats", {"items": [], "next": None})

    page = html(await ada.get("/chats"))

    assert ('href="/admin/chat_svc/report/" data-controller="reports"' in page) is is_staff
