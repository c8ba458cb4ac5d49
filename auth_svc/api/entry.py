"""The second step of logging in, and coming in by a passkey: logging in, and making an account."""

from typing import Any, NotRequired

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.device import device_that_asks
from abdre.errors import TooMany
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.origin import page_origin, public_origin
from auth_svc.api.accounts import NAME_NOTE, REMEMBER_NOTE, SignInView, guest_of
from auth_svc.api.answers import SignedInJson, signed_in, with_tokens
from auth_svc.api.passkeys import NAME_LENGTH, AskedJson
from auth_svc.api.proofs import STATE_LENGTH, FactorProof, PasskeyAnswer, passkey_proof_of, proof_of
from auth_svc.errors.factors import ChallengeExpired, PasskeyRefused, WrongCode
from auth_svc.errors.sessions import AccountClosed, SignedOut, WrongCredentials
from auth_svc.services import note_authentication, pass_second_step, renew, sign_in_by_passkey, webauthn
from auth_svc.services.sign_up import SignedUp, begin_sign_up, sign_up_by_passkey
from user_svc.errors import NotAGuest, UsernameTaken


class SecondStep(FactorProof):
    challenge = StrictCharField(max_length=STATE_LENGTH)


class PasskeyLogin(PasskeyAnswer):
    remember = serializers.BooleanField(default=True, help_text=REMEMBER_NOTE)


class NewNames(serializers.Serializer[Any]):
    username = StrictCharField(help_text="3 to 30 letters, digits, dots, hyphens or underscores.")
    display_name = StrictCharField(required=False, allow_blank=True, default="", help_text=NAME_NOTE)


class NewAccountByPasskey(PasskeyAnswer):
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    name = StrictCharField(max_length=NAME_LENGTH, default="Passkey", help_text="The passkey's.")
    remember = serializers.BooleanField(default=True, help_text=REMEMBER_NOTE)


class SignedUpJson(SignedInJson):
    """`recovery_codes` are answered this once."""

    recovery_codes: NotRequired[list[str]]


class SecondFactorView(SignInView):
    @operation(
        "Pass the second step",
        {200: SignedInJson},
        note="With the `challenge` that logging in was refused with. A passkey answers the options of "
        "`/api/auth/login/passkey/options`. A wrong code costs one of five tries in five minutes.",
        body=SecondStep,
        refusals=[ChallengeExpired, AccountClosed, WrongCode, PasskeyRefused, TooMany],
    )
    def post(self, request: Request) -> Response:
        data = parse(SecondStep, request.data)
        tokens = pass_second_step(
            challenge=data["challenge"],
            proof=proof_of(request, data),
            device=device_that_asks(request),
            guest_id=guest_of(request),
        )
        return with_tokens(request, tokens)


class PasskeyLoginOptionsView(SignInView):
    @operation(
        "Ask for a passkey",
        {200: AskedJson},
        note="To log in, to pass the second step, or to show once more that it is you. The state is good for five "
        "minutes and one answer.",
    )
    def post(self, request: Request) -> Response:
        asked = webauthn.ask_to_show(origin=page_origin(request))
        return Response({"options": asked.options, "state": asked.state})


class PasskeyLoginView(SignInView):
    @operation(
        "Log in by a passkey",
        {200: SignedInJson},
        note="It counts as both factors. With a guest's token the guest's memberships move to the account.",
        body=PasskeyLogin,
        refusals=[PasskeyRefused, AccountClosed, WrongCredentials],
    )
    def post(self, request: Request) -> Response:
        data = parse(PasskeyLogin, request.data)
        tokens = sign_in_by_passkey(
            proof=passkey_proof_of(request, data),
            device=device_that_asks(request),
            remember=data["remember"],
            guest_id=guest_of(request),
        )
        return with_tokens(request, tokens)


class PasskeyRegisterOptionsView(SignInView):
    @operation(
        "Begin an account with a passkey",
        {200: AskedJson},
        note="Nothing is written yet. The state is good for five minutes and one answer.",
        body=NewNames,
        refusals=[UsernameTaken, NotAGuest],
    )
    def post(self, request: Request) -> Response:
        names = parse(NewNames, request.data)
        asked = begin_sign_up(**names, guest_id=guest_of(request), origin=page_origin(request))
        return Response({"options": asked.options, "state": asked.state})


class PasskeyRegisterView(SignInView):
    @operation(
        "Register by a passkey",
        {201: SignedUpJson},
        note="The names are those of the options. As with a password, a guest's token makes the guest a member.",
        body=NewAccountByPasskey,
        refusals=[PasskeyRefused, UsernameTaken, NotAGuest, SignedOut],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewAccountByPasskey, request.data)
        guest_id = guest_of(request)
        made = sign_up_by_passkey(
            proof=passkey_proof_of(request, data),
            name=data["name"],
            email=data["email"],
            address=address_prefix(request),
            letters_origin=public_origin(request),
            guest_id=guest_id,
        )
        return _welcome(request, made, remember=data["remember"], is_guest=guest_id is not None)


def _welcome(request: Request, made: SignedUp, *, remember: bool, is_guest: bool) -> Response:
    codes = {"recovery_codes": made.recovery_codes}
    if not is_guest:
        return signed_in(request, made.user, codes, status=201, remember=remember, by_second_factor=True)
    session_id = person_of(request).session_id
    note_authentication(session_id=session_id, by_second_factor=True)
    return with_tokens(request, renew(session_id=session_id), codes, status=201)
