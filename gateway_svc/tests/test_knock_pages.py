"""Asking to be let in: the page of who waits, and a host's answer."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import (
    BOB,
    CHAT,
    GUEST,
    INVITATION,
    TOKEN,
    Services,
    chat,
    html,
    person,
    preview,
    tokens,
)

JOIN = f"/join/{TOKEN}"
WAITING = f"/waiting/{INVITATION}"
INVITATIONS = "/api/auth/invitations"
ENDS = "2099-11-22T10:15:00.000Z"
KNOCK = f"{INVITATIONS}/{INVITATION}/knock"


def standing(**facts: object) -> dict[str, object]:
    inviter = {"display_name": "Ada", "is_guest": False}
    shown = {"invitation": INVITATION, "state": "waiting", "code": "active", "expires_at": ENDS, "inviter": inviter}
    return {**shown, "title": "Tea", **facts}


def a_knock(**facts: object) -> dict[str, object]:
    shown = {"invitation": INVITATION, "chat": CHAT, "title": "Tea", "label": "", "user": person(BOB, "Bob")}
    return {**shown, "knocked_at": "2026-11-22T10:03:00.000Z", **facts}


async def test_the_join_page_says_that_somebody_decides(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{INVITATIONS}/preview", preview(approval=True))

    shown = html(await stranger.get(JOIN))

    assert "They let you in" in shown
    assert "Ask to come in" in shown
    assert "Join as guest" not in shown


async def test_who_presses_is_signed_in_and_waits(stranger: AsyncClient, services: Services) -> None:
    user = person(GUEST, "Gulnara", is_guest=True)
    body = {"state": "waiting", "invitation": INVITATION, "user": user, "tokens": tokens(user)}
    services.answer("auth", "POST", f"{INVITATIONS}/accept", body, status=202)

    response = await stranger.post(JOIN, {"display_name": "Gulnara", "deed": "join"})

    assert (response.status_code, response["Location"]) == (303, WAITING)
    assert response.cookies["abdre_access"].value == "new-access"


async def test_who_waits_can_report_the_invitation(guest: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", KNOCK, standing())
    services.answer("chat", "POST", "/api/chats/reports", {}, status=201)

    waiting, asked = html(await guest.get(WAITING)), html(await guest.get(f"{WAITING}/report"))
    done = await guest.post(f"{WAITING}/report", {"reason": "spam", "note": "who?"})
    thanked = html(await guest.get(done["Location"]))

    assert f'href="{WAITING}/report"' in waiting
    assert ("Ada: Tea" in asked, "Thank you." in thanked, f'href="{WAITING}"' in thanked) == (True, True, True)
    sent = {"kind": "invitation", "id": INVITATION, "reason": "spam", "note": "who?"}
    assert services.call("chat", "POST", "/api/chats/reports").json == sent


async def test_who_waits_already_is_led_to_where_they_wait(guest: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{INVITATIONS}/preview", preview(approval=True, knock=INVITATION))

    assert (await guest.get(JOIN))["Location"] == WAITING


class TestWaiting:
    async def test_it_is_told_who_has_heard_it_and_looks_again_by_itself(
        self, guest: AsyncClient, services: Services
    ) -> None:
        services.answer("auth", "GET", KNOCK, standing())

        shown = html(await guest.get(WAITING))

        for fact in ("You have knocked", "Ada has heard it", "Tea", f'data-expires-at="{ENDS}"'):
            assert fact in shown
        assert '<noscript><meta http-equiv="refresh"' in shown

    async def test_who_was_let_in_goes_to_the_chat(self, guest: AsyncClient, services: Services) -> None:
        services.answer("auth", "GET", KNOCK, standing(state="approved", chat=CHAT))

        response = await guest.get(WAITING)

        assert (response.status_code, response["Location"]) == (303, f"/chats/{CHAT}")

    @pytest.mark.parametrize(
        ("facts", "status", "words"),
        [
            ({"state": "refused"}, 403, "Not this time"),
            ({"state": "ended", "code": "revoked"}, 410, "This code was taken back"),
            ({"state": "ended", "code": "used_up"}, 410, "This code is used up"),
            ({"state": "ended", "code": "expired"}, 410, "This code has expired"),
            ({"state": "ended", "code": "chat_over"}, 410, "This chat is over"),
            ({"state": "ended", "code": "active"}, 200, "You are not waiting any more"),
        ],
    )
    async def test_each_end_has_its_page_with_a_way_on(
        self, guest: AsyncClient, services: Services, facts: dict[str, str], status: int, words: str
    ) -> None:
        services.answer("auth", "GET", KNOCK, standing(**facts))

        response = await guest.get(WAITING)

        assert response.status_code == status
        assert words in html(response)
        assert 'class="button button--wide' in html(response)

    async def test_what_is_not_known_looks_like_no_code(self, guest: AsyncClient, services: Services) -> None:
        services.refuse("auth", "GET", KNOCK, 404, "knock_unknown")

        response = await guest.get(WAITING)

        assert response.status_code == 404
        assert "There is no such code" in html(response)

    async def test_waiting_ends_by_a_press(self, guest: AsyncClient, services: Services) -> None:
        services.answer("auth", "DELETE", KNOCK, status=204)

        response = await guest.post(WAITING)

        assert response["Location"] == WAITING
        assert len(services.calls("auth", "DELETE", KNOCK)) == 1

    async def test_nobody_waits_who_is_not_signed_in(self, stranger: AsyncClient) -> None:
        assert (await stranger.get(WAITING))["Location"].startswith("/login?")


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("knock_refused", 403, "Not this time"),
        ("waiting_room_full", 409, "Many are waiting"),
        ("may_not_write", 403, "No talk by this code"),
    ],
)
async def test_who_may_not_wait_is_told_why(
    stranger: AsyncClient, services: Services, code: str, status: int, words: str
) -> None:
    services.refuse("auth", "POST", f"{INVITATIONS}/accept", status, code)

    response = await stranger.post(JOIN, {"display_name": "Gulnara"})

    assert response.status_code == status
    assert words in html(response)


class TestTheHost:
    @pytest.mark.parametrize("deed", ["approve", "refuse"])
    async def test_the_answer_reaches_the_service_and_leads_back(
        self, ada: AsyncClient, services: Services, deed: str
    ) -> None:
        services.answer("auth", "POST", f"{INVITATIONS}/{INVITATION}/{deed}", status=204)

        response = await ada.post(f"/knocks/{INVITATION}/{deed}", {"user": BOB, "next": f"/chats/{CHAT}/settings"})

        assert response["Location"] == f"/chats/{CHAT}/settings"
        assert services.call("auth", "POST", f"{INVITATIONS}/{INVITATION}/{deed}").json == {"user": BOB}

    async def test_the_way_back_leads_nowhere_else(self, ada: AsyncClient, services: Services) -> None:
        services.answer("auth", "POST", f"{INVITATIONS}/{INVITATION}/approve", status=204)

        response = await ada.post(f"/knocks/{INVITATION}/approve", {"user": BOB, "next": "//evil.example"})

        assert response["Location"] == "/chats"

    @pytest.mark.parametrize(("status", "code"), [(404, "knock_unknown"), (409, "already_in"), (410, "chat_over")])
    async def test_who_was_answered_or_gone_meanwhile_is_no_error(
        self, ada: AsyncClient, services: Services, status: int, code: str
    ) -> None:
        services.refuse("auth", "POST", f"{INVITATIONS}/{INVITATION}/refuse", status, code)

        assert (await ada.post(f"/knocks/{INVITATION}/refuse", {"user": BOB})).status_code == 303

    async def test_a_strangers_answer_is_refused(self, ada: AsyncClient, services: Services) -> None:
        services.refuse("auth", "POST", f"{INVITATIONS}/{INVITATION}/approve", 404, "invitation_unknown")

        assert (await ada.post(f"/knocks/{INVITATION}/approve", {"user": BOB})).status_code == 404

    async def test_it_is_not_done_by_opening_its_address(self, ada: AsyncClient) -> None:
        for deed in ("approve", "refuse"):
            assert (await ada.get(f"/knocks/{INVITATION}/{deed}")).status_code == 405

    async def test_who_waits_stands_on_the_page_of_the_people(self, ada: AsyncClient, services: Services) -> None:
        services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
        services.answer("chat", "GET", f"/api/chats/{CHAT}/members", {"items": []})
        services.answer("chat", "GET", f"/api/chats/{CHAT}/banned", {"items": []})
        services.answer("auth", "GET", "/api/auth/knocks", {"items": [a_knock(user=person(BOB, "<b>Bob</b>"))]})

        shown = html(await ada.get(f"/chats/{CHAT}/settings"))

        assert "&lt;b&gt;Bob&lt;/b&gt;" in shown
        assert f'action="/knocks/{INVITATION}/approve"' in shown
        assert services.call("auth", "GET", "/api/auth/knocks").query == {"chat": CHAT}

    async def test_the_page_of_the_people_comes_without_the_auth_service(
        self, ada: AsyncClient, services: Services
    ) -> None:
        services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
        services.answer("chat", "GET", f"/api/chats/{CHAT}/members", {"items": []})
        services.answer("chat", "GET", f"/api/chats/{CHAT}/banned", {"items": []})
        services.away("auth")

        assert (await ada.get(f"/chats/{CHAT}/settings")).status_code == 200
