"""Two at once: of two keys for one address one wins, and one key works once."""

from collections import Counter
from functools import partial
from itertools import chain

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from abdre import jobs
from auth_svc.tests.invitations.test_races import at_once
from auth_svc.tests.people import Visitor, code_of, key_of, last_letter
from user_svc.selectors import user_by_id

pytestmark = pytest.mark.django_db(transaction=True)

VERIFY = "/api/auth/email/verify"
EMAIL = "shared@example.org"


def test_of_many_who_confirm_one_address_at_once_one_has_it(visitor):
    people = [visitor() for _ in range(5)]
    for number, person in enumerate(people):
        person.signed_in_by(person.register(f"person{number}", email=EMAIL))
    jobs.do_all()
    keys = [key_of(letter) for letter in mail.outbox]

    answers = at_once([partial(person.post, VERIFY, {"key": key}) for person, key in zip(people, keys, strict=True)])

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 4}
    [holder] = EmailAddress.objects.filter(verified=True)
    assert [person.id for person in people if user_by_id(person.id).email] == [holder.user_id]


def test_one_key_pressed_many_times_at_once_confirms_for_all_of_them(visitor):
    carol = visitor()
    carol.signed_in_by(carol.register("carol", email=EMAIL))
    key = key_of(last_letter(EMAIL))

    answers = at_once([partial(visitor().post, VERIFY, {"key": key}) for _ in range(5)])

    assert [answer.status_code for answer in answers] == [200] * 5
    assert EmailAddress.objects.get(user_id=carol.id).verified


def test_one_reset_pressed_many_times_at_once_sets_one_password(ada: Visitor, visitor):
    visitor().post("/api/auth/password/reset", {"email": "ada@example.org"})
    key = key_of(last_letter("ada@example.org"))
    passwords = [f"quite another one, number {number}" for number in range(5)]

    answers = at_once(
        [
            partial(visitor().post, "/api/auth/password/reset/confirm", {"key": key, "password": password})
            for password in passwords
        ]
    )

    refused = [answer for answer in answers if answer.status_code != 204]
    assert {code_of(answer) for answer in refused} == {"link_expired"}
    [won] = [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 204]
    logins = [visitor().login("ada", password).status_code for password in chain([won], set(passwords) - {won})]
    assert logins == [200, 401, 401, 401, 401]


def test_one_address_wished_for_many_times_at_once_waits_once_and_is_written_to_once(ada: Visitor):
    answers = at_once([partial(ada.post, "/api/auth/email", {"email": EMAIL}) for _ in range(5)])

    assert [answer.status_code for answer in answers] == [200] * 5
    assert [row.email for row in EmailAddress.objects.filter(user_id=ada.id, verified=False)] == [EMAIL]
    jobs.do_all()
    assert [letter.to for letter in mail.outbox] == [[EMAIL]]
