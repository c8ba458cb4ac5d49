"""A join code signs nobody in as somebody; a device code and a recovery link open no chat."""

import pytest

from auth_svc.models import InvitationUse, RecoveryLink, Session
from auth_svc.tests import test_device_codes as device_codes
from auth_svc.tests import test_recovery_links as recovery_links
from auth_svc.tests.invitations.codes import INVITATIONS, Code
from auth_svc.tests.people import Visitor


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("device-codes/preview", "device_code_unknown"),
        ("device-codes/confirm", "device_code_unknown"),
        ("device-codes/decline", "device_code_unknown"),
        ("recovery-links/preview", "recovery_link_unknown"),
        ("recovery-links/claim", "recovery_link_unknown"),
    ],
)
def test_a_join_code_is_nothing_to_them(bob: Visitor, code: Code, path: str, unknown: str):
    answer = bob.post(f"/api/auth/{path}", {"token": code["token"]})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, unknown)


def test_nobody_collects_a_session_by_a_join_code(ada: Visitor, somebody: Visitor, code: Code):
    made = device_codes.make(somebody)
    device_codes.say(ada, "confirm", made)

    for facts in ({"id": code["id"], "secret": code["token"]}, {"id": made["id"], "secret": code["token"]}):
        assert somebody.post("/api/auth/device-codes/collect", facts).status_code == 404

    assert Session.objects.of(ada.id).count() == 1


@pytest.mark.parametrize("deed", ["preview", "opened", "decline", "accept"])
def test_they_are_nothing_to_the_invitations(bob: Visitor, guest: Visitor, somebody: Visitor, code: Code, deed: str):
    made = device_codes.make(somebody)
    link = recovery_links.make(guest)

    for token in (device_codes.token_of(made), made["secret"], recovery_links.token_of(link)):
        answer = bob.post(f"{INVITATIONS}/{deed}", {"token": token, "display_name": "Bob"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "invitation_unknown")
    assert not InvitationUse.objects.exists()


def test_a_device_code_is_no_recovery_link_and_back(ada: Visitor, guest: Visitor, somebody: Visitor):
    made, link = device_codes.make(somebody), recovery_links.make(guest)

    for deed in ("preview", "claim"):
        answer = ada.post(f"/api/auth/recovery-links/{deed}", {"token": device_codes.token_of(made)})
        assert answer.status_code == 404
    for deed in ("preview", "confirm", "decline"):
        answer = ada.post(f"/api/auth/device-codes/{deed}", {"token": recovery_links.token_of(link)})
        assert answer.status_code == 404
    assert RecoveryLink.objects.get().used_at is None
