"""/api/auth/password: changing it, and getting a new one by a letter."""

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, who_of
from abdre.device import device_that_asks
from abdre.errors import TooMany
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.views import ApiView
from auth_svc.api.accounts import PASSWORD_LENGTH
from auth_svc.api.emails import EmailKey, NewEmail
from auth_svc.errors.emails import LinkExpired
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import AccountRequired, ReauthenticationRequired, WrongPassword
from auth_svc.services import ask_for_reset, change_password, reset_password
from user_svc.errors import WeakPassword

NEW_PASSWORD_NOTE = "At least 8 characters."


class NewPassword(serializers.Serializer[object]):
    password = StrictCharField(max_length=PASSWORD_LENGTH, help_text=NEW_PASSWORD_NOTE)
    password_old = StrictCharField(
        max_length=PASSWORD_LENGTH,
        required=False,
        allow_blank=True,
        default="",
        help_text="Not needed by who has shown a moment ago who they are.",
    )


class Reset(EmailKey):
    password = StrictCharField(max_length=PASSWORD_LENGTH, help_text=NEW_PASSWORD_NOTE)


class PasswordView(ApiView):
    @operation(
        "Change my password",
        {204: None},
        note="Also sets the first one of who logs in elsewhere. All other sessions end.",
        body=NewPassword,
        refusals=[AccountRequired, ReauthenticationRequired, SecondFactorNeeded, WrongPassword, WeakPassword, TooMany],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewPassword, request.data)
        change_password(**who_of(request), **data, device=device_that_asks(request))
        return Response(status=204)


class ResetView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "Ask for a new password",
        {204: None},
        note="A letter goes to the address: with a link that works for an hour where an account has confirmed it, else "
        "with the word that there is none. The answer is the same.",
        body=NewEmail,
        refusals=[TooMany],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewEmail, request.data)
        ask_for_reset(**data, origin=public_origin(request), address=address_prefix(request))
        return Response(status=204)


class ResetConfirmationView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "Set a new password by the letter",
        {204: None},
        note="By the key of the letter, once. All sessions end; nobody is signed in by it.",
        body=Reset,
        refusals=[LinkExpired, WeakPassword, TooMany],
    )
    def post(self, request: Request) -> Response:
        reset_password(**parse(Reset, request.data), device=device_that_asks(request))
        return Response(status=204)
