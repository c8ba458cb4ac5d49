"""How the account is held, and showing once more that it is you."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, who_of
from abdre.device import device_that_asks
from abdre.errors import TooMany
from abdre.operations import operation
from abdre.views import ApiView
from auth_svc.api.accounts import PASSWORD_LENGTH
from auth_svc.api.proofs import FactorProof, proof_of
from auth_svc.errors.factors import PasskeyRefused, SecondFactorNeeded, WrongCode
from auth_svc.errors.sessions import WrongPassword
from auth_svc.selectors.security import SecurityJson, security_of
from auth_svc.services import reauthenticate, reauthenticate_by_factor


class AnyProof(FactorProof):
    """`password`, or `code`, or `credential` and `state`."""

    password = StrictCharField(max_length=PASSWORD_LENGTH, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if "password" not in data:
            return super().validate(data)
        if len(data) > 1:
            raise serializers.ValidationError({"password": [_("One of them is enough.")]})
        return data


class SecurityView(ApiView):
    @operation("See how my account is held", {200: SecurityJson})
    def get(self, request: Request) -> Response:
        return Response(security_of(**who_of(request)))


class ReauthenticationView(ApiView):
    @operation(
        "Show once more that it is you",
        {204: None},
        note="What changes how one signs in asks for it with 403 `reauthentication_required`, when the last time is "
        "more than ten minutes ago. Signing in counts. Whoever has a second factor that this session has never shown "
        "shows that one: a password, and the change itself, is refused with `second_factor_needed`.",
        body=AnyProof,
        refusals=[WrongPassword, WrongCode, PasskeyRefused, SecondFactorNeeded, TooMany],
    )
    def post(self, request: Request) -> Response:
        data = parse(AnyProof, request.data)
        if "password" in data:
            reauthenticate(**who_of(request), password=data["password"])
        else:
            reauthenticate_by_factor(**who_of(request), proof=proof_of(request, data), device=device_that_asks(request))
        return Response(status=204)
