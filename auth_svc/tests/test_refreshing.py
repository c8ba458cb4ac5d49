"""A refresh secret is used once; used again it ends the session, unless two tabs of one browser made the picture."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from auth_svc.errors.sessions import SignedOut
from auth_svc.models import RefreshToken, Session
from auth_svc.services import Tokens, open_session, rotate
from auth_svc.tests.people import Browser, Visitor, code_of
from user_svc.services import create_guest


def test_a_refresh_gives_a_new_pair_for_the_same_session(ada: Visitor):
    before = ada.get("/api/auth/sessions").json()["items"][0]

    response = ada.refresh()

    assert response.status_code == 200
    assert response.json()["user"]["id"] == str(ada.id)
    assert response.json()["refresh_token"] != ada.refresh_token
    after = ada.signed_in_by(response).get("/api/auth/sessions").json()["items"]
    assert [session["id"] for session in after] == [before["id"]]
    assert after[0]["expires_at"] > before["expires_at"]


def test_strangers_of_ones_network_use_up_their_deeds_and_nobodys_renewal(ada: Visitor, somebody: Visitor, settings):
    settings.STRANGERS_DEEDS_PER_MINUTE = 2
    somebody.address = ada.address

    guests = [somebody.post("/api/auth/guest", {"display_name": "Eve"}).status_code for _ in range(3)]

    assert guests[-1] == 429
    assert ada.signed_in_by(ada.refresh()).post("/api/auth/logout").status_code == 204


def test_a_used_secret_ends_the_session_and_closes_its_sockets(ada: Visitor, told):
    stolen = ada.refresh_token
    ada.signed_in_by(ada.refresh())
    session = ada.get("/api/auth/sessions").json()["items"][0]["id"]

    response = ada.refresh(stolen)

    assert (response.status_code, code_of(response)) == (401, "signed_out")
    assert ada.refresh().status_code == 401
    assert not ada.is_signed_in()
    assert told == [(f"user.{ada.id}", {"type": "session.ended", "session": session})]


def test_another_session_of_the_person_outlives_the_stolen_one(ada: Visitor, visitor):
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))
    stolen = ada.refresh_token
    ada.signed_in_by(ada.refresh())

    ada.refresh(stolen)

    assert phone.is_signed_in()
    assert phone.refresh().status_code == 200


@pytest.mark.parametrize("secret", ["", "nonsense", "a" * 43, "\N{SNOWMAN}"])
def test_an_unknown_secret_is_nobody(ada: Visitor, somebody: Visitor, secret: str):
    response = somebody.post("/api/auth/refresh", {"refresh_token": secret})

    assert response.status_code == (422 if secret == "" else 401)
    assert ada.is_signed_in()


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(ada: Visitor, somebody: Visitor):
    assert somebody.refresh(ada.token).status_code == 401
    assert somebody.get("/api/auth/sessions", Authorization=f"Bearer {ada.refresh_token}").status_code == 401


@pytest.mark.parametrize(
    "ended", [{"ended_at": timezone.now()}, {"expires_at": timezone.now() + timedelta(microseconds=1)}]
)
def test_a_session_that_is_over_cannot_be_renewed(ada: Visitor, ended: dict[str, object]):
    Session.objects.filter(user_id=ada.id).update(created_at=timezone.now() - timedelta(days=31), **ended)

    assert ada.refresh().status_code == 401


def test_a_banned_person_cannot_renew(ada: Visitor):
    get_user_model().objects.filter(id=ada.id).update(banned_at=timezone.now())

    assert ada.refresh().status_code == 401


def test_the_database_holds_no_secret(ada: Visitor):
    stored = list(RefreshToken.objects.values_list("token_hash", flat=True))

    assert ada.refresh_token not in stored
    assert all(len(text) == 64 for text in stored)


# By cookie


@pytest.fixture
def tab(browser) -> Browser:
    tab: Browser = browser()
    assert tab.post("/api/auth/guest", {"display_name": "Ada"}).status_code == 201
    return tab


def test_a_browser_renews_by_cookie_and_sees_no_token(tab: Browser):
    used = tab.secret

    response = tab.post("/api/auth/refresh")

    assert response.status_code == 200
    assert set(response.json()) == {"user"}
    assert tab.secret not in ("", used)
    assert tab.is_signed_in()


def test_a_second_tab_within_moments_gets_the_same_successor(tab: Browser, browser):
    second: Browser = browser()
    second.client.cookies.load(tab.client.cookies.output(header=""))

    tab.post("/api/auth/refresh")
    repeat = second.post("/api/auth/refresh")

    assert repeat.status_code == 200
    assert second.secret == tab.secret
    assert second.is_signed_in()


def test_a_second_tab_that_is_two_steps_behind_gets_the_newest(tab: Browser, browser):
    second: Browser = browser()
    second.client.cookies.load(tab.client.cookies.output(header=""))

    tab.post("/api/auth/refresh")
    tab.post("/api/auth/refresh")
    second.post("/api/auth/refresh")

    assert second.secret == tab.secret


def test_a_used_cookie_that_comes_later_ends_the_session_and_is_forgotten(tab: Browser, browser):
    thief: Browser = browser()
    thief.client.cookies.load(tab.client.cookies.output(header=""))
    tab.post("/api/auth/refresh")
    RefreshToken.objects.filter(used_at__isnull=False).update(used_at=timezone.now() - timedelta(seconds=11))

    response = thief.post("/api/auth/refresh")

    assert response.status_code == 401
    assert thief.secret == ""
    assert not tab.is_signed_in()


def test_by_body_there_is_no_grace(tab: Browser, somebody: Visitor):
    stolen = tab.secret
    tab.post("/api/auth/refresh")

    assert somebody.refresh(stolen).status_code == 401
    assert not tab.is_signed_in()


def test_another_sites_page_cannot_renew(tab: Browser):
    response = tab.post("/api/auth/refresh", Sec_Fetch_Site="cross-site", Origin="https://evil.example")

    assert response.status_code == 403
    assert tab.post("/api/auth/refresh").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_renewals_by_cookie_all_get_the_one_successor():
    tokens = open_session(user_id=create_guest(display_name="Ada").id)

    renewed = all_at_once(8, lambda: rotate(secret=tokens.refresh, by_cookie=True))

    assert {outcome.refresh for outcome in renewed if isinstance(outcome, Tokens)} == {renewed[0].refresh}
    assert len(renewed) == 8
    assert RefreshToken.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_parallel_renewals_by_body_one_wins_and_the_session_ends():
    tokens = open_session(user_id=create_guest(display_name="Ada").id)

    outcomes = all_at_once(4, lambda: rotate(secret=tokens.refresh, by_cookie=False))

    assert sum(isinstance(outcome, Tokens) for outcome in outcomes) == 1
    assert not Session.objects.alive().exists()


def all_at_once(number: int, deed) -> list:
    """What each of `number` threads got, an answer or SignedOut, all let go at the same moment."""
    barrier, outcomes = threading.Barrier(number), []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(deed())
        except SignedOut as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
