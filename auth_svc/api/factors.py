"""/api/auth/totp and /api/auth/recovery-codes: turned on, renewed, turned off."""

from typing import TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, who_of
from abdre.device import device_that_asks
from abdre.operations import operation
from abdre.views import ApiView
from auth_svc import qr
from auth_svc.api.proofs import CODE_LENGTH, STATE_LENGTH
from auth_svc.errors.factors import (
    EnrolmentExpired,
    NoSecondFactor,
    SecondFactorNeeded,
    TotpIsOn,
    TotpNotFound,
    WrongCode,
)
from auth_svc.errors.sessions import AccountRequired, ReauthenticationRequired
from auth_svc.services import codes

OF_A_CHANGE = (AccountRequired, ReauthenticationRequired, SecondFactorNeeded)


class EnrolmentJson(TypedDict):
    """What an app is told: `qr_svg` to be scanned, `secret` to be typed; `state` goes back with its first code."""

    secret: str
    uri: str
    qr_svg: str
    state: str


class CodesJson(TypedDict):
    """`recovery_codes` are answered this once; none where the person has some already."""

    recovery_codes: list[str]


class AgainOrAnew(serializers.Serializer[object]):
    state = StrictCharField(
        max_length=STATE_LENGTH, required=False, default="", help_text="To see the one that was begun once more."
    )


class FirstCode(serializers.Serializer[object]):
    state = StrictCharField(max_length=STATE_LENGTH)
    code = StrictCharField(max_length=CODE_LENGTH)


class TotpOptionsView(ApiView):
    @operation(
        "Begin with an authenticator app",
        {200: EnrolmentJson},
        note="Nothing is on yet. The state is good for fifteen minutes.",
        body=AgainOrAnew,
        refusals=[TotpIsOn, EnrolmentExpired, *OF_A_CHANGE],
    )
    def post(self, request: Request) -> Response:
        begun = codes.begin_totp(**who_of(request), **parse(AgainOrAnew, request.data))
        picture = qr.svg(begun.uri).decode()
        return _secret({"secret": begun.secret, "uri": begun.uri, "qr_svg": picture, "state": begun.state})


class TotpView(ApiView):
    @operation(
        "Turn an authenticator app on",
        {201: CodesJson},
        body=FirstCode,
        refusals=[WrongCode, EnrolmentExpired, TotpIsOn, *OF_A_CHANGE],
    )
    def post(self, request: Request) -> Response:
        shown = codes.turn_on_totp(
            **who_of(request), **parse(FirstCode, request.data), device=device_that_asks(request)
        )
        return _secret({"recovery_codes": shown}, status=201)

    @operation(
        "Turn the authenticator app off",
        {204: None},
        note="With the last second factor the recovery codes go too.",
        refusals=[TotpNotFound, *OF_A_CHANGE],
    )
    def delete(self, request: Request) -> Response:
        codes.turn_off_totp(**who_of(request), device=device_that_asks(request))
        return Response(status=204)


class RecoveryCodesView(ApiView):
    @operation(
        "Make new recovery codes",
        {201: CodesJson},
        note="The former ones end.",
        refusals=[NoSecondFactor, *OF_A_CHANGE],
    )
    def post(self, request: Request) -> Response:
        shown = codes.renew_recovery_codes(**who_of(request), device=device_that_asks(request))
        return _secret({"recovery_codes": shown}, status=201)


def _secret(body: object, *, status: int = 200) -> Response:
    return Response(body, status=status, headers=UNCACHED)
