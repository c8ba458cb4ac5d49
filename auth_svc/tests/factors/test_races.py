"""The same code twice in the same moment, each on a thread and connection of its own."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Row

from abdre.device import NOWHERE, Device
from abdre.tests.authenticator import Authenticator
from abdre.tokens import read
from auth_svc.errors.factors import PasskeyRefused, WrongCode
from auth_svc.models import Session
from auth_svc.services import codes, note_authentication, passkeys
from auth_svc.services.factors import first_codes
from auth_svc.tests.factors.conftest import ORIGIN, Held
from auth_svc.tests.factors.ways import App, Clock, answer_of
from auth_svc.tests.invitations.test_races import at_once
from auth_svc.tests.people import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(deed: Any) -> str:
    try:
        deed()
    except (WrongCode, PasskeyRefused) as refusal:
        return refusal.code
    return "done"


def use(ada: Visitor, code: str, network: int) -> str:
    device = Device(user_agent="", address=f"10.88.{network}.0/24")
    return outcome(partial(codes.use_code, user_id=ada.id, code=code, device=device))


def test_an_apps_code_is_taken_once(ada: Visitor, two_step: Held):
    code = two_step.app.code()

    found = at_once([partial(use, ada, code, number) for number in range(6)])

    assert Counter(found) == {"done": 1, "wrong_code": 5}


def test_a_recovery_code_is_taken_once(ada: Visitor, two_step: Held):
    found = at_once([partial(use, ada, two_step.paper[0], number) for number in range(6)])

    assert Counter(found) == {"done": 1, "wrong_code": 5}


def test_different_recovery_codes_at_once_are_each_taken(ada: Visitor, two_step: Held):
    found = at_once([partial(use, ada, code, number) for number, code in enumerate(two_step.paper[:6])])

    assert found == ["done"] * 6
    assert Row.objects.get(type="recovery_codes").data["used_mask"] == 0b111111


def test_a_passkeys_answer_is_taken_once(ada: Visitor, passkey: Authenticator):
    answer = answer_of(ada, passkey)
    deed = partial(passkeys.use_passkey, **answer, origin=ORIGIN)

    found = at_once([partial(outcome, deed) for _ in range(6)])

    assert Counter(found) == {"done": 1, "passkey_refused": 5}


@pytest.mark.postgres
def test_of_app_and_passkey_removed_at_once_one_is_the_last_and_takes_the_recovery_codes_along(ada: Visitor):
    session_id = read(ada.token).session_id
    who: dict[str, Any] = {"user_id": ada.id, "session_id": session_id, "device": NOWHERE}
    for _ in range(5):
        Row.objects.create(user_id=ada.id, type=Row.Type.TOTP, data={})
        passkey = Row.objects.create(user_id=ada.id, type=Row.Type.WEBAUTHN, data={})
        first_codes(ada.id)
        note_authentication(session_id=session_id, by_second_factor=True)

        at_once([partial(codes.turn_off_totp, **who), partial(passkeys.remove_passkey, passkey_id=passkey.pk, **who)])

        assert not Row.objects.filter(user_id=ada.id).exists()
        assert Session.objects.get(id=session_id).second_factor_at is None


@pytest.mark.postgres
def test_a_factor_added_while_the_last_one_goes_brings_codes_of_its_own(ada: Visitor, clock: Clock):
    session_id = read(ada.token).session_id
    who: dict[str, Any] = {"user_id": ada.id, "session_id": session_id, "device": NOWHERE}
    for _ in range(5):
        passkey = Row.objects.create(user_id=ada.id, type=Row.Type.WEBAUTHN, data={})
        first_codes(ada.id)
        note_authentication(session_id=session_id, by_second_factor=True)
        begun = codes.begin_totp(user_id=ada.id, session_id=session_id)
        code = App(begun.secret, clock).code()

        at_once(
            [
                partial(codes.turn_on_totp, state=begun.state, code=code, **who),
                partial(passkeys.remove_passkey, passkey_id=passkey.pk, **who),
            ]
        )

        assert set(Row.objects.values_list("type", flat=True)) == {Row.Type.TOTP, Row.Type.RECOVERY_CODES}
        assert Session.objects.get(id=session_id).second_factor_at
        codes.turn_off_totp(**who)
