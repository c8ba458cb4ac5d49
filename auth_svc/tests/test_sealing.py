"""Secrets at rest: sealed by the present key, opened by former ones, and by nobody else's."""

import pytest
from allauth.mfa.utils import decrypt, encrypt
from cryptography.fernet import InvalidToken
from pytest_django import Settings

OTHER = "another secret key, of forty characters.."


def test_what_is_sealed_is_not_to_be_read_and_opens_again():
    sealed = encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert decrypt(sealed) == "JBSWY3DPEHPK3PXP"


def test_a_former_key_opens_and_no_longer_seals(settings: Settings):
    former = settings.SECRET_KEY
    sealed = encrypt("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER, [former]

    assert decrypt(sealed) == "secret"
    anew = encrypt("secret")
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(anew) == "secret"
    with pytest.raises(InvalidToken):
        decrypt(sealed)
