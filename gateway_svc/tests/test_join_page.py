"""The page behind the code: one for each state, and every state with a way on."""

from collections.abc import Callable

import pytest
from django.test import AsyncClient

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from gateway_svc.tests.conftest import ADA, CHAT, GUEST, TOKEN, Services, html, person, preview, tokens

PREVIEW = "/api/auth/invitations/preview"
ACCEPT = "/api/auth/invitations/accept"
DECLINE = "/api/auth/invitations/decline"
PAGE = f"/join/{TOKEN}"


@pytest.fixture
def alive(services: Services) -> Services:
    services.answer("auth", "POST", PREVIEW, preview())
    return services


async def test_a_stranger_sees_who_invites_to_what_where_and_may_join_by_name(
    stranger: AsyncClient, alive: Services
) -> None:
    response = await stranger.get(PAGE)

    assert response.status_code == 200
    for fact in ("Ada", "Tea", "2 people", "chat.example.org", "Your name", "Join as guest"):
        assert fact in html(response)


async def test_opening_the_page_asks_the_preview_and_nothing_else_of_the_invitation(
    stranger: AsyncClient, alive: Services
) -> None:
    await stranger.get(PAGE)
    await stranger.head(PAGE)

    assert {asked.path for asked in alive.asked if asked.service == "auth"} == {PREVIEW}


async def test_the_address_goes_to_no_other_site_into_no_index_and_into_no_cache(
    stranger: AsyncClient, alive: Services
) -> None:
    response = await stranger.get(PAGE)

    assert response["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


async def test_who_is_signed_in_can_report_a_code_without_following_it(
    ada: AsyncClient, stranger: AsyncClient, alive: Services
) -> None:
    report = "/api/auth/invitations/report"
    alive.answer("auth", "POST", report, status=204)

    joining, asked = html(await ada.get(PAGE)), await ada.get(f"{PAGE}/report")
    done = await ada.post(f"{PAGE}/report", {"reason": "abuse"})

    assert f'href="{PAGE}/report"' in joining
    assert ("Ada: Tea" in html(asked), asked["Referrer-Policy"]) == (True, "strict-origin")
    assert done["Location"] == f"{PAGE}/report?done=1"
    assert alive.call("auth", "POST", report).json == {"token": TOKEN, "reason": "abuse", "note": ""}
    assert f'href="{PAGE}/report"' not in html(await stranger.get(PAGE))  # nobody would answer for it


async def test_a_code_that_died_meanwhile_can_be_reported_still(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", PREVIEW, {"state": "revoked"})

    assert "This invitation" in html(await ada.get(f"{PAGE}/report"))


async def test_a_report_of_no_known_code_is_refused(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", PREVIEW, 404, "invitation_unknown")

    assert (await ada.get(f"{PAGE}/report")).status_code == 404


async def test_the_attempt_cookie_is_random_hidden_from_scripts_and_kept_over_a_reload(
    stranger: AsyncClient, alive: Services
) -> None:
    first = await stranger.get(PAGE)
    again = await stranger.get(PAGE)

    cookie = first.cookies["join_attempt"]
    assert len(cookie.value) >= 22
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
    assert "join_attempt" not in again.cookies


async def test_the_attempt_cookie_is_secure_on_an_https_origin(
    stranger: AsyncClient, alive: Services, settings: pytest.FixtureRequest
) -> None:
    settings.SECURE_ORIGIN = True  # type: ignore[attr-defined]

    response = await stranger.get(PAGE)

    assert response.cookies["join_attempt"]["secure"]


async def test_joining_signs_the_guest_in_and_leads_to_the_chat(stranger: AsyncClient, alive: Services) -> None:
    alive.answer("auth", "POST", ACCEPT, tokens(person(GUEST, "Gulnara", is_guest=True), chat={"id": CHAT}))
    attempt = (await stranger.get(PAGE)).cookies["join_attempt"].value

    response = await stranger.post(PAGE, {"deed": "join", "display_name": "Gulnara"})

    assert (response.status_code, response["Location"]) == (303, f"/chats/{CHAT}")
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    assert response.cookies[REFRESH_COOKIE].value == "new-refresh"
    asked = alive.call("auth", "POST", ACCEPT)
    assert asked.json == {"token": TOKEN, "display_name": "Gulnara"}
    assert asked.headers["idempotency-key"] == attempt


async def test_pressing_twice_is_the_same_attempt(stranger: AsyncClient, alive: Services) -> None:
    alive.answer("auth", "POST", ACCEPT, tokens(person(GUEST), chat={"id": CHAT}))
    await stranger.get(PAGE)

    for _ in range(2):
        await stranger.post(PAGE, {"deed": "join", "display_name": "Gulnara"})

    first, second = alive.calls("auth", "POST", ACCEPT)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_forged_attempt_cookie_is_replaced(stranger: AsyncClient, alive: Services) -> None:
    stranger.cookies["join_attempt"] = "short"

    response = await stranger.get(PAGE)

    assert len(response.cookies["join_attempt"].value) >= 22


async def test_a_signed_in_person_joins_as_who_they_are(ada: AsyncClient, alive: Services) -> None:
    alive.answer("auth", "POST", ACCEPT, {"chat": {"id": CHAT}, "user": person()})

    shown = await ada.get(PAGE)
    response = await ada.post(PAGE, {"deed": "join", "display_name": "Somebody else"})  # a name nobody asked for

    assert "Join as Ada" in html(shown)
    assert response["Location"] == f"/chats/{CHAT}"
    assert ACCESS_COOKIE not in response.cookies
    assert alive.call("auth", "POST", ACCEPT).json == {"token": TOKEN}


async def test_a_name_that_cannot_be_used_is_said_beside_the_field_and_kept(
    stranger: AsyncClient, alive: Services
) -> None:
    alive.refuse("auth", "POST", ACCEPT, 422, "invalid", fields={"display_name": ["Somebody here has this name."]})

    response = await stranger.post(PAGE, {"deed": "join", "display_name": "Ada <3"})

    assert response.status_code == 422
    assert "Somebody here has this name." in html(response)
    assert 'value="Ada &lt;3"' in html(response)


async def test_a_guest_whose_name_is_taken_in_the_chat_may_come_in_by_another(
    guest: AsyncClient, alive: Services
) -> None:
    alive.refuse("auth", "POST", ACCEPT, 422, "invalid", fields={"display_name": ["Somebody here has this name."]})
    refused = await guest.post(PAGE, {"deed": "join"})
    alive.answer("user", "PATCH", "/api/users/me", person(GUEST, "Other", is_guest=True))
    alive.answer("auth", "POST", ACCEPT, {"chat": {"id": CHAT}})

    response = await guest.post(PAGE, {"deed": "join", "display_name": "Other"})

    assert 'name="display_name"' in html(refused)
    assert "Somebody here has this name." in html(refused)
    assert alive.call("user", "PATCH", "/api/users/me").json == {"display_name": "Other"}
    assert response["Location"] == f"/chats/{CHAT}"


async def test_a_member_goes_straight_to_the_chat(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", PREVIEW, preview(already_member=CHAT))

    response = await ada.get(PAGE)

    assert (response.status_code, response["Location"]) == (303, f"/chats/{CHAT}")


async def test_the_host_is_told_whose_code_it_is_and_led_to_the_chat(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", PREVIEW, preview(own=True, already_member=CHAT))

    response = await ada.get(PAGE)

    assert "This is your own code" in html(response)
    assert f'href="/chats/{CHAT}"' in html(response)


@pytest.mark.parametrize(
    ("facts", "status", "title"),
    [
        ({"state": "expired"}, 410, "This code has expired"),
        ({"state": "revoked"}, 410, "This code was taken back"),
        ({"state": "used_up"}, 410, "This code is used up"),
        ({"state": "chat_over"}, 410, "This chat is over"),
        ({"own": True}, 200, "This is your own code"),
    ],
)
async def test_each_state_has_its_page_with_a_way_on(
    ada: AsyncClient, services: Services, facts: dict[str, object], status: int, title: str
) -> None:
    services.answer("auth", "POST", PREVIEW, preview(**facts))

    response = await ada.get(PAGE)

    assert response.status_code == status
    assert title in html(response)
    assert "button--primary" in html(response)


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (410, "invitation_expired", "This code has expired"),
        (410, "invitation_revoked", "This code was taken back"),
        (410, "invitation_used_up", "This code is used up"),
        (410, "chat_over", "This chat is over"),
        (409, "own_invitation", "This is your own code"),
        (409, "chat_full", "This chat is full"),
        (403, "banned", "You cannot enter this chat"),
        (403, "account_required", "This code asks for an account"),
        (404, "invitation_unknown", "There is no such code"),
    ],
)
async def test_a_refused_join_shows_the_page_of_the_refusal(
    ada: AsyncClient, alive: Services, status: int, code: str, title: str
) -> None:
    alive.refuse("auth", "POST", ACCEPT, status, code)

    response = await ada.post(PAGE, {"deed": "join"})

    assert title in html(response)
    assert response.status_code == (200 if code == "own_invitation" else status)


async def test_an_unknown_code_says_so(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", PREVIEW, 404, "invitation_unknown")

    response = await stranger.get("/join/nonsense")

    assert response.status_code == 404
    assert "There is no such code" in html(response)


async def test_a_code_for_accounts_offers_the_login_and_the_way_back(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", PREVIEW, preview(guests=False))

    response = await stranger.get(PAGE)

    assert f"/login?next={PAGE}" in html(response)
    assert f"/register?next={PAGE}" in html(response)
    assert "Join as guest" not in html(response)


async def test_a_guest_at_a_code_for_accounts_is_asked_to_make_one(guest: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", PREVIEW, preview(guests=False))

    response = await guest.get(PAGE)

    assert response.status_code == 403
    assert "This code asks for an account" in html(response)


async def test_declining_tells_the_host_and_can_be_thought_over(stranger: AsyncClient, alive: Services) -> None:
    alive.answer("auth", "POST", DECLINE, status=204)

    response = await stranger.post(PAGE, {"deed": "decline"})
    after = await stranger.get(response["Location"])

    assert response.status_code == 303
    assert alive.call("auth", "POST", DECLINE).json == {"token": TOKEN}
    assert "You said no" in html(after)
    assert f'href="{PAGE}"' in html(after)


async def test_who_guesses_codes_is_asked_to_wait(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", PREVIEW, 429, "too_many", retry_after="30")

    response = await stranger.get(PAGE)

    assert (response.status_code, response["Retry-After"]) == (429, "30")


async def test_an_ended_session_is_nobody_and_may_join_as_guest(
    browser_of: Callable[..., AsyncClient], alive: Services
) -> None:
    browser = browser_of(ADA)
    alive.refuse("user", "GET", "/api/users/me", 401, "not_signed_in")

    response = await browser.get(PAGE)

    assert "Join as guest" in html(response)


async def test_titles_and_names_are_escaped(stranger: AsyncClient, services: Services) -> None:
    hostile = "<script>alert(1)</script>"
    facts = preview(inviter={"display_name": hostile, "is_guest": True})
    services.answer("auth", "POST", PREVIEW, facts | {"chat": {**facts["chat"], "title": hostile}})

    response = await stranger.get(PAGE)

    assert hostile not in html(response)
    assert "&lt;script&gt;" in html(response)


async def test_a_form_without_the_csrf_token_is_refused_on_a_page(alive: Services) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)

    response = await strict.post(PAGE, {"deed": "join", "display_name": "Gulnara"})

    assert response.status_code == 403
    assert "This form could not be trusted" in html(response)
    assert alive.calls("auth", "POST", ACCEPT) == []


class TestPassword:
    async def test_it_is_asked_for_by_its_field_in_no_address(self, stranger: AsyncClient, services: Services) -> None:
        services.answer("auth", "POST", PREVIEW, preview(has_password=True))

        shown = html(await stranger.get(f"/join/{TOKEN}"))

        assert 'name="password" type="password"' in shown
        assert 'method="get"' not in shown

    async def test_it_goes_to_the_service_as_typed(self, stranger: AsyncClient, services: Services) -> None:
        services.refuse("auth", "POST", ACCEPT, 410, "invitation_revoked")

        await stranger.post(f"/join/{TOKEN}", {"display_name": "Tom", "password": " open sesame "})

        assert services.call("auth", "POST", ACCEPT).json["password"] == " open sesame "

    @pytest.mark.parametrize("code", ["wrong_password", "password_required"])
    async def test_a_wrong_one_is_asked_for_again_and_the_name_is_kept(
        self, stranger: AsyncClient, services: Services, code: str
    ) -> None:
        services.answer("auth", "POST", PREVIEW, preview(has_password=True))
        services.refuse("auth", "POST", ACCEPT, 403, code)

        response = await stranger.post(f"/join/{TOKEN}", {"display_name": "Tom", "password": "guess"})

        assert response.status_code == 403
        assert f"The service said {code}." in html(response)
        assert 'value="Tom"' in html(response)
        assert "guess" not in html(response)


class TestTurningCode:
    HOLD = "h" * 60

    async def test_what_was_opened_in_time_is_held_for_its_own_address(
        self, stranger: AsyncClient, services: Services
    ) -> None:
        services.answer("auth", "POST", PREVIEW, preview(hold=self.HOLD))
        response = await stranger.get(f"/join/{TOKEN}")

        kept = response.cookies["join_hold"]
        assert (kept.value, kept["path"], kept["max-age"]) == (self.HOLD, f"/join/{TOKEN}", 600)
        assert (kept["httponly"], kept["samesite"]) == (True, "Lax")
        assert f'data-token="{self.HOLD}"' in html(response)
        assert f'action="/join/{TOKEN}"' in html(response)

        services.refuse("auth", "POST", ACCEPT, 410, "invitation_revoked")
        await stranger.get(f"/join/{TOKEN}")  # back from the login
        await stranger.post(f"/join/{TOKEN}", {"display_name": "Tom"})

        assert [asked.json["token"] for asked in services.calls("auth", "POST", PREVIEW)] == [TOKEN, self.HOLD]
        assert services.call("auth", "POST", ACCEPT).json["token"] == self.HOLD

    async def test_an_old_picture_has_its_own_page(self, stranger: AsyncClient, services: Services) -> None:
        services.refuse("auth", "POST", PREVIEW, 410, "invitation_moved_on")

        response = await stranger.get(f"/join/{TOKEN}")

        assert response.status_code == 410
        assert "This code has moved on" in html(response)
        assert 'href="/scan"' in html(response)


async def test_a_code_for_a_talk_of_two_says_with_whom(stranger: AsyncClient, services: Services) -> None:
    chat = {"title": "", "kind": "direct", "member_count": 1, "expires_at": None}
    services.answer("auth", "POST", PREVIEW, preview(chat=chat))

    shown = html(await stranger.get(f"/join/{TOKEN}"))

    assert "wants to talk with you" in shown
    assert "A chat of the two of you" in shown
    assert "1 person" not in shown
