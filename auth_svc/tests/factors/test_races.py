"""The same code twice in the same moment, each on a thread and connection of its own."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Row

from abdre.device import Device
from abdre.tests.authenticator import Authenticator
from auth_svc.errors.factors import PasskeyRefused, WrongCode
from auth_svc.services import codes, passkeys
from auth_svc.tests.factors.conftest import ORIGIN, Held
from auth_svc.tests.factors.ways import answer_of
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
