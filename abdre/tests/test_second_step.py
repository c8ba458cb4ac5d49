"""The challenge between two steps of logging in is kept where only the login pages see it."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from abdre.second_step import COOKIE, Challenge, drop_challenge, keep_challenge, kept_challenge

CHALLENGE = Challenge("WyJh:b-c_d", ["totp", "passkey"], 300, remember=False)


@pytest.fixture
def answer() -> HttpResponse:
    answer = HttpResponse()
    keep_challenge(answer, CHALLENGE)
    return answer


def kept(value: str) -> Challenge | None:
    request = RequestFactory().get("/login/second-factor")
    request.COOKIES[COOKIE] = value
    return kept_challenge(request)


def test_what_is_kept_is_found_again(answer: HttpResponse) -> None:
    assert kept(answer.cookies[COOKIE].value) == CHALLENGE


@pytest.mark.parametrize("secure", [True, False])
def test_no_script_and_no_other_page_sees_it_and_it_ends_by_itself(settings: Settings, secure: bool) -> None:
    settings.SECURE_ORIGIN = secure
    answer = HttpResponse()
    keep_challenge(answer, CHALLENGE)

    cookie = answer.cookies[COOKIE]
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == ("/login", 300, "Lax")
    assert cookie["httponly"]
    assert bool(cookie["secure"]) is secure


@pytest.mark.parametrize("value", ["", "x", "é", "bnVsbA==", "e30=", "WzFd"])
def test_nonsense_is_none(value: str) -> None:
    assert kept(value) is None


def test_it_is_dropped_where_it_was_kept() -> None:
    answer = HttpResponse()
    drop_challenge(answer)

    assert (answer.cookies[COOKIE]["path"], answer.cookies[COOKIE]["max-age"]) == ("/login", 0)
