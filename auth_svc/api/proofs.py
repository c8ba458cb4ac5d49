"""What shows who somebody is, as it comes in a body: a code, or what a passkey answered."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from abdre.api import StrictCharField
from abdre.origin import page_origin
from auth_svc.services import CodeProof, PasskeyProof, Proof

CODE_LENGTH = 32
STATE_LENGTH = 4096
# Ours hold a key and a signature; only certificates of makers, for which nobody asks, would be larger.
CREDENTIAL_LENGTH = 16_384


class CredentialField(serializers.DictField):
    """A public key credential, as `PublicKeyCredential.toJSON()` writes it."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        credential: dict[str, Any] = super().to_internal_value(data)
        if len(json.dumps(credential)) > CREDENTIAL_LENGTH:
            raise serializers.ValidationError([_("That is too large.")])
        return credential


class PasskeyAnswer(serializers.Serializer[object]):
    credential = CredentialField()
    state = StrictCharField(max_length=STATE_LENGTH, help_text="The word that came with the options.")


class FactorProof(serializers.Serializer[object]):
    """`code`, or `credential` and `state`."""

    code = StrictCharField(max_length=CODE_LENGTH, required=False, help_text="Of the app, or a recovery code.")
    credential = CredentialField(required=False)
    state = StrictCharField(max_length=STATE_LENGTH, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        by_passkey = {"credential", "state"} <= data.keys()
        if by_passkey == ("code" in data):
            raise serializers.ValidationError({"code": [_("Send a code, or a credential and its state.")]})
        return data


def proof_of(request: Request, data: dict[str, Any]) -> Proof:
    return CodeProof(data["code"]) if "code" in data else passkey_proof_of(request, data)


def passkey_proof_of(request: Request, data: dict[str, Any]) -> PasskeyProof:
    return PasskeyProof(data["credential"], data["state"], page_origin(request))
