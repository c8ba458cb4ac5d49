"""What happens at the same moment twice: one outcome, and nobody locked out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from pytest_django import Settings

from abdre.db import close_connections
from abdre.device import NOWHERE
from abdre.errors import AppError
from auth_svc.errors.sessions import LastWayIn
from auth_svc.services import open_session, register
from auth_svc.services.passkeys import remove_passkey
from oauth_svc.errors import LinkedElsewhere
from oauth_svc.selectors import linked_to, public_id
from oauth_svc.services import Claims, arrive, link, unlink
from oauth_svc.tests.conftest import PASSWORD, offer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
GOOGLE = Claims(provider="google", issuer="https://g.example.org", subject="1", username="gulnara")


@pytest.fixture(autouse=True)
def offered(settings: Settings) -> None:
    offer(settings, "https://nobody.asks.example.org")


def at_once(*deeds: Callable[[], object]) -> list[Any]:
    """What each has answered, or raised."""
    start = Barrier(len(deeds))

    def done(deed: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return deed()
        except AppError as problem:
            return problem
        finally:
            close_connections()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(done, deeds))


def unlinking(user_id: UUID, account: SocialAccount) -> Callable[[], None]:
    session_id = open_session(user_id=user_id).session_id
    return lambda: unlink(account_id=public_id(account), user_id=user_id, session_id=session_id)


def test_two_unlinked_at_once_leave_one_way_in():
    for number in range(5):
        user = arrive(claims=Claims("google", "https://g.example.org", f"two-{number}"), guest_id=None)
        link(user_id=user.id, claims=Claims("example", "https://e.example.org", f"two-{number}"))

        outcomes = at_once(*(unlinking(user.id, account) for account in linked_to(user.id)))

        assert {type(outcome) for outcome in outcomes} == {LastWayIn, type(None)}
        assert len(linked_to(user.id)) == 1


def test_a_passkey_removed_while_the_provider_is_unlinked_leaves_one_way_in():
    for number in range(5):
        user = arrive(claims=Claims("google", "https://g.example.org", f"key-{number}"), guest_id=None)
        session_id = open_session(user_id=user.id, by_second_factor=True).session_id
        passkey = Authenticator.objects.create(user_id=user.id, type=Authenticator.Type.WEBAUTHN, data={})
        [account] = linked_to(user.id)
        who: dict[str, Any] = {"user_id": user.id, "session_id": session_id, "device": NOWHERE}

        outcomes = at_once(
            partial(unlink, account_id=public_id(account), **who),
            partial(remove_passkey, passkey_id=passkey.pk, **who),
        )

        assert {type(outcome) for outcome in outcomes} == {LastWayIn, type(None)}
        assert len(linked_to(user.id)) + Authenticator.objects.filter(user_id=user.id).count() == 1


def test_an_account_that_two_people_link_at_once_is_one_persons():
    people = [
        register(username=name, password=PASSWORD, address="10.0.0.0/24", origin="").id for name in ("ada", "bob")
    ]

    outcomes = at_once(*(lambda user_id=user_id: link(user_id=user_id, claims=GOOGLE) for user_id in people))

    [account] = SocialAccount.objects.all()
    assert account.user_id in people
    assert {type(outcome) for outcome in outcomes} == {LinkedElsewhere, SocialAccount}


def test_who_comes_for_the_first_time_twice_at_once_is_one_person():
    outcomes = at_once(*[lambda: arrive(claims=GOOGLE, guest_id=None)] * 2)

    assert {outcome.id for outcome in outcomes} == {SocialAccount.objects.get().user_id}
