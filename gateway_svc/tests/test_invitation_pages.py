"""The host's pages: the code, what became of it, and codes with other options."""

from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from gateway_svc.tests.conftest import BOB, CHAT, INVITATION, Services, chat, html, invitation, person

PAGE = f"/chats/{CHAT}/invitations/{INVITATION}"
API = f"/api/auth/invitations/{INVITATION}"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h1v1z"/></svg>'
LINK = "http://192.0.2.2:8000/join/abc"
MY_PAGE = f"/me/code/{INVITATION}"
SOON = (timezone.now() + timedelta(hours=23)).isoformat()


@pytest.fixture
def shown(services: Services) -> Services:
    services.answer("auth", "GET", API, invitation())
    services.answer("auth", "GET", f"{API}/qr.svg", SVG)
    services.answer("auth", "GET", f"{API}/link", {"url": LINK})
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    return services


async def test_the_code_stands_in_the_page_itself_with_its_link_and_pictures(ada: AsyncClient, shown: Services) -> None:
    response = await ada.get(PAGE)

    for fact in (SVG, f'data-url="{LINK}"', f'href="{API}/qr.svg"', f'href="{API}/qr.png"', "0 of 1 used", "Tea"):
        assert fact in html(response)


async def test_the_tracker_says_how_far_it_came_and_who_came_in(ada: AsyncClient, shown: Services) -> None:
    use = {"user": person(BOB, "Bob", is_guest=True), "joined_at": "2026-11-22T10:03:00.000Z", "active": True}
    facts = invitation(status="joined", uses=1, max_uses=5, opened_at="2026-11-22T10:02:00.000Z", people=[use])
    shown.answer("auth", "GET", API, facts)

    text = html(await ada.get(PAGE))

    assert 'data-step="opened" data-done="true"' in text
    assert 'data-step="joined" data-done="true"' in text
    assert 'data-step="declined" data-done="false" hidden' in text
    assert "1 of 5 used" in text
    assert "Bob" in text


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        ("expired", "This code has expired"),
        ("revoked", "This code was taken back"),
        ("used_up", "This code is used up"),
    ],
)
async def test_a_dead_code_offers_a_fresh_one(ada: AsyncClient, shown: Services, status: str, heading: str) -> None:
    shown.answer("auth", "GET", API, invitation(status=status))

    text = html(await ada.get(PAGE))

    assert heading in text
    assert "Make a fresh code" in text
    assert 'data-action="copy"' not in text


async def test_a_picture_that_is_no_picture_is_not_put_into_the_page(ada: AsyncClient, shown: Services) -> None:
    shown.answer("auth", "GET", f"{API}/qr.svg", "<svg ><script>alert(1)</script></svg>")

    response = await ada.get(PAGE)

    assert "alert(1)" not in html(response)
    assert f'<img src="{API}/qr.svg"' in html(response)


async def test_a_code_that_cannot_be_drawn_any_more_leaves_the_page(ada: AsyncClient, shown: Services) -> None:
    shown.refuse("auth", "GET", f"{API}/qr.svg", 410, "qr_unavailable")
    shown.refuse("auth", "GET", f"{API}/link", 410, "qr_unavailable")

    response = await ada.get(PAGE)

    assert response.status_code == 200


async def test_a_code_of_another_chat_has_no_page_here(ada: AsyncClient, shown: Services) -> None:
    shown.answer("auth", "GET", API, invitation(chat=INVITATION))

    response = await ada.get(PAGE)

    assert response.status_code == 404


async def test_the_code_alone_fills_the_screen_without_a_script(ada: AsyncClient, shown: Services) -> None:
    response = await ada.get(f"{PAGE}?show=1")

    assert "code--shown" in html(response)
    assert SVG in html(response)


async def test_one_tap_shows_the_living_code_again(ada: AsyncClient, services: Services) -> None:
    dead, living = invitation(id=BOB, status="used_up"), invitation()
    services.answer("auth", "GET", "/api/auth/invitations", {"items": [dead, living]})

    response = await ada.post(f"/chats/{CHAT}/invitations", {"show": "1"})

    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert services.calls("auth", "POST", "/api/auth/invitations") == []


async def test_one_tap_makes_a_code_where_none_lives(ada: AsyncClient, services: Services) -> None:
    about_to_die = invitation(id=BOB, expires_at="2026-01-01T00:00:00.000Z")
    services.answer("auth", "GET", "/api/auth/invitations", {"items": [about_to_die]})
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    response = await ada.post(f"/chats/{CHAT}/invitations", {"show": "1"})

    assert response["Location"] == PAGE


async def test_the_options_reach_the_service(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "604800", "uses": "25", "guests": "1", "label": " table 4 "})
    await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "none", "uses": "none", "label": ""})

    week, endless = [asked.json for asked in services.calls("auth", "POST", "/api/auth/invitations")]
    assert week == {"chat": CHAT, "ttl_s": 604800, "max_uses": 25, "guests": True, "label": "table 4"}
    assert endless == {"chat": CHAT, "ttl_s": None, "max_uses": None, "guests": False, "label": ""}


async def test_locks_are_named_where_they_are_wanted(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    await ada.post(
        f"/chats/{CHAT}/invitations", {"guests": "1", "approval": "1", "rotating": "1", "password": "open sesame"}
    )

    asked = services.call("auth", "POST", "/api/auth/invitations").json
    assert (asked["approval"], asked["rotating"], asked["password"]) == (True, True, "open sesame")


async def test_a_refused_password_is_not_sent_back(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("auth", "GET", "/api/auth/invitations", {"items": []})
    services.refuse("auth", "POST", "/api/auth/invitations", 422, "invalid", fields={"password": ["Too short."]})

    response = await ada.post(f"/chats/{CHAT}/invitations", {"password": "hop"})

    assert response.status_code == 422
    assert "Too short." in html(response)
    assert "hop" not in html(response).replace("hope", "")
    assert '<details class="disclosure" open>' in html(response)


async def test_a_rotating_code_shows_the_picture_that_belongs_to_its_link(ada: AsyncClient, shown: Services) -> None:
    now = SVG.replace("M0", "M7")
    link = {"url": LINK, "rotates_at": "2099-11-22T10:00:30.000Z", "svg": now}
    shown.answer("auth", "GET", f"{API}/link", link)
    shown.answer("auth", "GET", API, invitation(rotating=True))

    page = html(await ada.get(PAGE))

    assert now in page
    assert 'data-rotates-at="2099-11-22T10:00:30.000Z"' in page
    assert "Copy link" not in page
    assert "qr.svg" not in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert '<meta http-equiv="refresh"' in html(await ada.get(f"{PAGE}?show=1"))


async def test_the_numbers_and_who_waits_stand_by_the_code(ada: AsyncClient, shown: Services) -> None:
    waiting = {"user": person(BOB, "Bob"), "knocked_at": "2026-11-22T10:03:00.000Z"}
    facts = invitation(opens=12, uses=3, max_uses=5, declined=2, waiting=1, approval=True, knocks=[waiting])
    shown.answer("auth", "GET", API, facts)

    page = html(await ada.get(PAGE))

    for fact in (
        '<dd data-number="opens">12</dd>',
        '<dd data-number="uses">3</dd>',
        '<dd data-number="waiting">1</dd>',
        '<dd data-number="declined">2</dd>',
        "you let people in",
        f'action="/knocks/{INVITATION}/refuse"',
    ):
        assert fact in page


async def test_the_list_tells_how_each_code_does(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    items = [invitation(opens=7, waiting=2, declined=1, has_password=True)]
    services.answer("auth", "GET", "/api/auth/invitations", {"items": items})

    page = html(await ada.get(f"/chats/{CHAT}/invitations"))

    for fact in ("opened 7", "waiting 2", "said no 1", "with a password"):
        assert fact in page


class TestMyCode:
    async def test_the_living_one_is_shown(self, ada: AsyncClient, services: Services) -> None:
        services.answer("auth", "GET", "/api/auth/invitations", {"items": [invitation(chat=None)]})

        response = await ada.get("/me/code")

        assert response["Location"] == MY_PAGE
        assert services.call("auth", "GET", "/api/auth/invitations").query == {"direct": "true"}

    async def test_without_one_it_is_made_by_a_press_and_by_nothing_else(
        self, ada: AsyncClient, services: Services
    ) -> None:
        services.answer("auth", "GET", "/api/auth/invitations", {"items": [invitation(chat=None, status="revoked")]})
        services.answer("auth", "POST", "/api/auth/invitations", invitation(chat=None), status=201)

        assert "Make my code" in html(await ada.get("/me/code"))
        assert services.calls("auth", "POST", "/api/auth/invitations") == []
        response = await ada.post("/me/code", {"ttl": "none", "uses": "none", "guests": "1"})

        assert response["Location"] == MY_PAGE
        asked = services.call("auth", "POST", "/api/auth/invitations").json
        assert asked == {"ttl_s": None, "max_uses": None, "guests": True, "label": ""}

    async def test_a_guest_is_told_what_it_takes(self, guest: AsyncClient, services: Services) -> None:
        services.answer("auth", "GET", "/api/auth/invitations", {"items": []})

        page = html(await guest.get("/me/code"))

        assert "/register?next=/me/code" in page
        assert "Make my code" not in page

    async def test_it_is_shown_like_the_others_and_has_nobody_to_remove(
        self, ada: AsyncClient, shown: Services
    ) -> None:
        shown.answer("auth", "GET", API, invitation(chat=None))

        page = html(await ada.get(MY_PAGE))

        assert SVG in page
        assert f'action="{MY_PAGE}/revoke"' in page
        assert "/evict" not in page
        assert "Each who scans it gets a chat with you" in page

    async def test_a_chats_code_is_not_shown_as_mine_nor_mine_as_a_chats(
        self, ada: AsyncClient, shown: Services
    ) -> None:
        assert (await ada.get(MY_PAGE)).status_code == 404
        shown.answer("auth", "GET", API, invitation(chat=None))
        assert (await ada.get(PAGE)).status_code == 404

    async def test_it_is_taken_back_and_renewed(self, ada: AsyncClient, services: Services) -> None:
        services.answer("auth", "DELETE", API, status=204)
        services.answer("auth", "POST", f"{API}/renew", invitation(id=BOB, chat=None), status=201)

        assert (await ada.post(f"{MY_PAGE}/revoke"))["Location"] == MY_PAGE
        assert (await ada.post(f"{MY_PAGE}/renew"))["Location"] == f"/me/code/{BOB}"


async def test_the_list_says_in_words_how_long_each_code_works(ada: AsyncClient, services: Services) -> None:
    week = (timezone.now() + timedelta(days=7)).isoformat()
    codes = [invitation(expires_at=None), invitation(expires_at=week), invitation(status="expired")]
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("auth", "GET", "/api/auth/invitations", {"items": codes})

    page = html(await ada.get(f"/chats/{CHAT}/invitations"))

    assert all(f" · {words}" in page for words in ("Until revoked", "For another 7 days", "Expired"))


class TestPoster:
    async def test_it_holds_what_hangs_on_the_wall(self, ada: AsyncClient, shown: Services) -> None:
        facts = invitation(max_uses=None, label="<b>Table 4</b>", expires_at="2099-11-22T10:15:00.000Z")
        shown.answer("auth", "GET", API, facts)

        page = html(await ada.get(f"{PAGE}/poster?size=a6"))

        for fact in (SVG, "Tea", "&lt;b&gt;Table 4&lt;/b&gt;", "192.0.2.2:8000", "22 November 2099", "poster--a6"):
            assert fact in page
        assert "notice--warning" not in page

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"status": "revoked"}, "opens nothing any more"),
            ({"max_uses": 1}, "for one person"),
            ({"expires_at": SOON}, "ends in less than a day"),
        ],
    )
    async def test_what_is_no_good_on_paper_says_so(
        self, ada: AsyncClient, shown: Services, facts: dict[str, object], words: str
    ) -> None:
        shown.answer("auth", "GET", API, invitation(**{"max_uses": None, **facts}))

        assert words in html(await ada.get(f"{PAGE}/poster"))

    async def test_of_my_code_it_says_to_whom_one_talks(self, ada: AsyncClient, shown: Services) -> None:
        shown.answer("auth", "GET", API, invitation(chat=None, max_uses=None, expires_at=None))

        page = html(await ada.get(f"{MY_PAGE}/poster?size=enormous"))

        assert "Talk to Ada" in page
        assert "poster--a4" in page
        assert "Until" not in page


async def test_the_scanner_knows_which_codes_are_ours_and_is_there_for_everybody(stranger: AsyncClient) -> None:
    page = html(await stranger.get("/scan"))

    assert 'data-origin="http://testserver"' in page


async def test_options_that_nobody_offered_become_the_usual_ones(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "1e9", "uses": "-5"})

    asked = services.call("auth", "POST", "/api/auth/invitations").json
    assert (asked["ttl_s"], asked["max_uses"]) == (900, 1)


async def test_a_refused_label_comes_back_with_the_reason(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("auth", "GET", "/api/auth/invitations", {"items": [invitation(label="door")]})
    services.refuse("auth", "POST", "/api/auth/invitations", 422, "invalid", fields={"label": ["Too long."]})

    response = await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "3600", "label": "much"})

    assert response.status_code == 422
    assert "Too long." in html(response)
    assert 'value="3600" checked' in html(response)
    assert "door" in html(response)


async def test_revoke_evict_and_renew_say_so_to_the_service(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "DELETE", API, status=204)
    services.answer("auth", "POST", f"{API}/renew", invitation(id=BOB), status=201)

    revoked = await ada.post(f"{PAGE}/revoke")
    evicted = await ada.post(f"{PAGE}/evict")
    renewed = await ada.post(f"{PAGE}/renew")

    assert [asked.query for asked in services.calls("auth", "DELETE", API)] == [{}, {"evict": "true"}]
    assert (revoked["Location"], evicted["Location"]) == (PAGE, PAGE)
    assert renewed["Location"] == f"/chats/{CHAT}/invitations/{BOB}"


async def test_the_deeds_are_not_done_by_opening_their_addresses(ada: AsyncClient, services: Services) -> None:
    for deed in ("revoke", "evict", "renew"):
        assert (await ada.get(f"{PAGE}/{deed}")).status_code == 405
    assert services.calls("auth", "DELETE", API) == []
