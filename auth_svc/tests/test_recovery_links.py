"""A guest, who has no password, moves to another device by a link of the old one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from auth_svc.models import RecoveryLink, Session
from auth_svc.services import ban, bring_along, forget_recovery_links
from auth_svc.tests.invitations.test_races import at_once
from auth_svc.tests.people import PASSWORD, Browser, Visitor, assert_refused, code_of, set_back

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

LINKS = "/api/auth/recovery-links"
PRESS = "0123456789abcdef"

Link = dict[str, Any]


def make(guest: Visitor) -> Link:
    response = guest.post(LINKS)
    assert response.status_code == 201, response.content
    link: Link = response.json()
    return link


def token_of(link: Link) -> str:
    return str(link["url"].rpartition("/")[2])


def look(who: Visitor, link: Link) -> Response:
    return who.post(f"{LINKS}/preview", {"token": token_of(link)})


def claim(who: Visitor, link: Link, **headers: str) -> Response:
    return who.post(f"{LINKS}/claim", {"token": token_of(link)}, **headers)


def let_time_pass(**span: float) -> None:
    set_back(RecoveryLink, "created_at", "expires_at", "used_at", **span)


def assert_dead(who: Visitor, link: Link, status: int, code: str) -> None:
    for answer in (look(who, link), claim(who, link)):
        assert_refused(answer, status, code)


@pytest.fixture
def phone(visitor) -> Visitor:
    """The guest's other device."""
    other: Visitor = visitor()
    return other


@pytest.fixture
def link(guest: Visitor) -> Link:
    return make(guest)


def test_a_link_lives_for_a_day_and_is_kept_as_a_hash_only(guest: Visitor):
    response = guest.post(LINKS)

    link = response.json()
    row = RecoveryLink.objects.get()
    assert row.expires_at - row.created_at == timedelta(hours=24)
    assert link["url"].startswith("http://testserver/recover/")
    assert link["qr_svg"].startswith("<svg ")
    assert response["Cache-Control"] == "no-store"
    assert token_of(link) not in str(list(RecoveryLink.objects.values()))


def test_whoever_opens_it_sees_whose_it_is_and_uses_nothing_up(guest: Visitor, phone: Visitor, link: Link):
    for _ in range(3):
        shown = look(phone, link).json()

    assert shown == {"display_name": "Гость", "own": False, "expires_at": link["expires_at"]}
    assert look(guest, link).json()["own"]
    assert guest.is_signed_in()


def test_it_moves_the_guest(guest: Visitor, phone: Visitor, link: Link, told):
    told.clear()

    phone.signed_in_by(claim(phone, link))

    assert phone.id == guest.id
    assert not guest.is_signed_in()
    assert guest.refresh().status_code == 401
    assert [(group, event["type"]) for group, event in told] == [(f"user.{guest.id}", "session.ended")]


def test_a_browser_gets_cookies_and_never_sees_a_token(browser, link: Link):
    new: Browser = browser()

    assert set(claim(new, link).json()) == {"user"}
    assert new.is_signed_in()


def test_it_works_once(phone: Visitor, eve: Visitor, link: Link):
    phone.signed_in_by(claim(phone, link))

    assert_dead(eve, link, 410, "recovery_link_used")
    assert phone.is_signed_in()


def test_the_same_press_within_two_minutes_is_the_same_move(guest: Visitor, phone: Visitor, link: Link):
    """Its answer was lost: the old device is signed out, and nobody would be the guest any more."""
    claim(phone, link, Idempotency_Key=PRESS)

    phone.signed_in_by(claim(phone, link, Idempotency_Key=PRESS))

    assert phone.id == guest.id
    assert phone.is_signed_in()


def test_a_browser_s_own_cookie_makes_two_presses_one(browser, guest: Visitor, link: Link):
    new: Browser = browser()
    new.client.cookies["join_attempt"] = PRESS
    claim(new, link)
    new.client.cookies["abdre_access"] = new.client.cookies["abdre_refresh"] = ""

    assert claim(new, link).json()["user"]["id"] == str(guest.id)


@pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "another-press-of-eve"}])
def test_another_s_press_is_no_repeat(phone: Visitor, eve: Visitor, link: Link, key: dict[str, str]):
    claim(phone, link, Idempotency_Key=PRESS)

    answer = claim(eve, link, **key)

    assert (answer.status_code, code_of(answer)) == (410, "recovery_link_used")


def test_without_a_key_nothing_is_a_repeat(phone: Visitor, link: Link):
    claim(phone, link)

    assert code_of(claim(phone, link)) == "recovery_link_used"


def test_after_two_minutes_the_same_press_opens_nothing(phone: Visitor, link: Link):
    claim(phone, link, Idempotency_Key=PRESS)

    let_time_pass(seconds=121)
    assert code_of(claim(phone, link, Idempotency_Key=PRESS)) == "recovery_link_used"


def test_a_newer_link_replaces_the_one_before(guest: Visitor, phone: Visitor, link: Link):
    newer = make(guest)

    assert_dead(phone, link, 410, "recovery_link_revoked")
    assert claim(phone, newer).status_code == 200


def test_after_a_day_it_is_dead(phone: Visitor, guest: Visitor, link: Link):
    let_time_pass(hours=24)

    assert_dead(phone, link, 410, "recovery_link_expired")
    assert guest.is_signed_in()
    assert make(guest)["url"] != link["url"]


def test_an_unknown_one_says_nothing(phone: Visitor):
    assert_dead(phone, {"url": "/recover/nothing"}, 404, "recovery_link_unknown")


def test_a_guest_who_became_a_member_is_signed_in_by_the_password_alone(guest: Visitor, phone: Visitor, link: Link):
    guest.signed_in_by(guest.post("/api/auth/register", {"username": "gulnara", "password": PASSWORD}))

    assert_dead(phone, link, 410, "guest_is_member")
    assert guest.is_signed_in()


def test_not_even_the_same_press_opens_a_member_s_account(guest: Visitor, phone: Visitor, link: Link):
    phone.signed_in_by(claim(phone, link, Idempotency_Key=PRESS))
    phone.signed_in_by(phone.post("/api/auth/register", {"username": "gulnara", "password": PASSWORD}))

    answer = claim(guest, link, Idempotency_Key=PRESS, Authorization="")

    assert (answer.status_code, code_of(answer)) == (410, "guest_is_member")


def test_a_guest_who_signed_in_to_an_account_leaves_no_link_behind(
    guest: Visitor, ada: Visitor, phone: Visitor, link: Link
):
    bring_along(guest_id=guest.id, user_id=ada.id)

    assert_dead(phone, link, 410, "recovery_link_revoked")


def test_a_banned_guest_comes_back_by_no_link(guest: Visitor, phone: Visitor, link: Link):
    ban(user_id=guest.id)

    assert_dead(phone, link, 403, "account_closed")


def test_members_are_told_that_they_have_an_account(ada: Visitor, somebody: Visitor):
    answer = ada.post(LINKS)

    assert (answer.status_code, code_of(answer)) == (409, "not_a_guest")
    assert somebody.post(LINKS).status_code == 401
    assert not RecoveryLink.objects.exists()


def test_eve_makes_links_of_nobody_but_herself(guest: Visitor, visitor, phone: Visitor):
    eve: Visitor = visitor()
    eve.signed_in_by(eve.post("/api/auth/guest", {"display_name": "Eve"}))
    for body in ({"user": str(guest.id)}, {"user_id": str(guest.id)}, {"id": str(guest.id)}):
        eve.post(LINKS, body)

    assert set(RecoveryLink.objects.values_list("user_id", flat=True)) == {eve.id}


def test_making_one_by_cookie_takes_the_csrf_token(browser):
    guest: Browser = browser()
    guest.post("/api/auth/guest", {"display_name": "Гость"})

    assert guest.post(LINKS, X_CSRFToken="").status_code == 403
    assert guest.post(LINKS).status_code == 201


def test_a_foreign_page_moves_nobody(browser, guest: Visitor, link: Link):
    assert claim(browser(), link, Sec_Fetch_Site="cross-site").status_code == 403
    assert guest.is_signed_in()


def test_links_are_not_made_without_end_and_guesses_are_slowed_down(guest: Visitor, phone: Visitor):
    made = [guest.post(LINKS).status_code for _ in range(21)]
    guessed = [look(phone, {"url": f"/recover/{number}"}).status_code for number in range(31)]

    assert made == [201] * 20 + [429]
    assert guessed == [404] * 30 + [429]


def test_what_ended_a_week_ago_is_forgotten(link: Link):
    let_time_pass(days=7)
    forget_recovery_links()
    assert RecoveryLink.objects.exists()

    let_time_pass(days=2)
    forget_recovery_links()
    assert not RecoveryLink.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_open_it_at_once_one_is_the_guest(guest: Visitor, visitor, link: Link):
    answers = at_once([partial(claim, visitor(), link) for _ in range(20)])

    assert Counter(answer.status_code for answer in answers) == {200: 1, 410: 19}
    assert Session.objects.of(guest.id).alive().count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_links_made_at_once_one_lives(guest: Visitor, phone: Visitor):
    links = at_once([partial(make, guest)] * 8)

    alive = [link for link in links if look(phone, link).status_code == 200]
    assert len(alive) == 1
