"""Letters about somebody's account."""

import pytest
from django.core import mail
from django.db import transaction
from django.utils.translation import override

from abdre import jobs
from abdre.device import Device
from auth_svc.services.mail import Change, tell_of_change
from auth_svc.tests.people import FIREFOX, Visitor
from user_svc.services import change_preferences, rename


@pytest.fixture
def letters(ada: Visitor) -> list[mail.EmailMessage]:
    """What is sent from now on."""
    jobs.do_all()
    mail.outbox.clear()
    return mail.outbox


@pytest.mark.parametrize("change", Change)
def test_a_person_is_told_in_text_and_in_html_what_changed_and_from_where(letters, ada: Visitor, change: Change):
    tell_of_change(user_id=ada.id, change=change, device=Device(FIREFOX, "10.0.0.0/24"))
    jobs.do_all()

    [letter] = letters
    [(html, kind)] = letter.alternatives
    assert letter.to == ["ada@example.org"]
    assert letter.subject == str(change.label)
    assert kind == "text/html"
    for text in (letter.body, html):
        for said in (str(change.label), "Hello ada", "Firefox on Linux", "10.0.0.0/24"):
            assert said in text


def test_a_letter_names_the_house_that_writes(letters, ada: Visitor, settings):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"

    tell_of_change(user_id=ada.id, change=Change.PASSWORD)
    jobs.do_all()

    [letter] = letters
    for text in (letter.body, letter.alternatives[0][0]):
        assert "ABDRE Chat on chat.example.org" in text


@pytest.mark.parametrize("change", Change)
def test_a_subject_is_a_headline_and_ends_without_a_full_stop(change: Change):
    assert not str(change.label).endswith(".")


def test_what_did_not_happen_is_not_told(letters, ada: Visitor):
    with transaction.atomic():
        tell_of_change(user_id=ada.id, change=Change.PASSWORD)
        transaction.set_rollback(True)
    jobs.do_all()

    assert letters == []


def test_a_guest_without_an_address_is_told_nothing(letters, guest: Visitor):
    tell_of_change(user_id=guest.id, change=Change.SIGNED_IN)
    jobs.do_all()

    assert letters == []


def test_a_name_cannot_write_html_into_a_letter(letters, ada: Visitor):
    rename(user_id=ada.id, display_name="<b>Ada")
    tell_of_change(user_id=ada.id, change=Change.PASSWORD)
    jobs.do_all()

    [letter] = letters
    assert "Hello <b>Ada" in letter.body
    assert "&lt;b&gt;Ada" in letter.alternatives[0][0]


def test_a_letter_is_in_the_language_that_its_reader_has_chosen(letters, ada: Visitor):
    change_preferences(user_id=ada.id, facts={"language": "ru"})

    with override("kk"):
        tell_of_change(user_id=ada.id, change=Change.PASSWORD, device=Device(FIREFOX, "10.0.0.0/24"))
    jobs.do_all()

    [letter] = letters
    assert letter.subject == "Ваш пароль изменён"
    for text in (letter.body, letter.alternatives[0][0]):
        for said in ("Здравствуйте, ada!", "Устройство: Firefox на Linux", "Если это были вы, ничего делать не нужно."):
            assert said in text


def test_who_has_chosen_no_language_is_written_to_in_that_of_the_page(letters, ada: Visitor, somebody: Visitor):
    with override("en"):  # what a request spoke would be left behind for the jobs, and for other tests
        asked = somebody.post("/api/auth/password/reset", {"email": "ada@example.org"}, Accept_Language="ru")
    jobs.do_all()

    [letter] = letters
    assert asked.status_code == 204, asked.content
    assert letter.subject == "Выбрать новый пароль"
    assert '<html lang="ru">' in letter.alternatives[0][0]
