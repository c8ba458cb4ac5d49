"""What goes to push services: encrypted as RFC 8291 says, signed as RFC 8292 says."""

import ipaddress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from abdre import web_push
from abdre.push_key import CURVE, first_push_pem, load_push_key
from abdre.tests.receiver import receiver
from abdre.web_push import PushFailed, SubscriptionGone, Target, decoded, encoded, encrypted

# RFC 8291, appendix A.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_a_message_is_encrypted_as_in_the_example_of_the_rfc():
    sender = ec.derive_private_key(int.from_bytes(decoded(SENDER), "big"), CURVE)
    content = b"When I grow up, I want to be a watermelon"

    sealed = encrypted(content, Target("https://push.example", P256DH, AUTH), salt=decoded(SALT), sender=sender)

    assert encoded(sealed) == SEALED


@pytest.fixture
def pem(settings: Any) -> str:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.PUSH_PEM = first_push_pem()
    return str(settings.PUSH_PEM)


@pytest.mark.parametrize(("origin", "contact"), [("", "mailto:no-reply@localhost"), ("https://abdre.example", None)])
def test_a_push_service_sees_who_sends_and_how_long_to_keep_it(pem: str, settings: Any, origin: str, contact: str):
    settings.PUBLIC_ORIGIN = origin
    settings.DEFAULT_FROM_EMAIL = "ABDRE Chat <no-reply@localhost>"
    with receiver(lambda asked: (201, {}, b"")) as service:
        target = Target(service.url("/browser"), P256DH, AUTH)

        web_push.send(target, {"text": "salem"}, topic="tea", ttl_s=60, is_urgent=True)

        [asked] = service.asked
        audience = service.url("")
    sent = ("POST", "/browser", "60", "tea", "high", "aes128gcm")
    assert (
        asked.method,
        asked.path,
        *(asked.headers[name] for name in ("ttl", "topic", "urgency", "content-encoding")),
    ) == sent
    scheme, token, key = asked.headers["authorization"].replace(",", "").split()
    assert (scheme, key) == ("vapid", f"k={web_push.public_key()}")
    claims = jwt.decode(token.removeprefix("t="), load_push_key(pem).public_key(), ["ES256"], audience=audience)
    assert claims["sub"] == (contact or origin)
    assert b"salem" not in asked.body


@pytest.mark.parametrize(
    ("status", "problem"),
    [(404, SubscriptionGone), (410, SubscriptionGone), (429, PushFailed), (500, PushFailed), (301, PushFailed)],
)
def test_what_is_not_taken_is_said(pem: str, status: int, problem: type[Exception]):
    with receiver(lambda asked: (status, {}, b"")) as service, pytest.raises(problem) as raised:
        web_push.send(Target(service.url(), P256DH, AUTH), {}, topic="tea", ttl_s=60, is_urgent=True)

    assert type(raised.value) is problem


@pytest.mark.parametrize(
    ("p256dh", "auth"), [(P256DH, AUTH[:-2]), (P256DH[:-2], AUTH), ("B" * 87, AUTH), ("ä", AUTH), ("", "")]
)
def test_what_are_no_keys_is_refused(p256dh: str, auth: str):
    with pytest.raises(ValueError, match=r"."):
        Target("https://push.example", p256dh, auth).check()
