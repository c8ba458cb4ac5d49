"""/api/auth/email: the address of one's account."""

from typing import TypedDict

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of
from abdre.errors import TooMany
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.views import ApiView
from auth_svc.errors.emails import LinkExpired
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import AccountRequired, ReauthenticationRequired
from auth_svc.selectors.emails import EmailJson, email_json
from auth_svc.selectors.security import PendingEmailJson, pending_email_json
from auth_svc.services import (
    change_email,
    give_up_pending_email,
    pending_of,
    require_recent,
    resend_verification,
    verify_email,
)
from user_svc.errors import EmailTaken

EMAIL_LENGTH = 254
KEY_LENGTH = 200


class NewEmail(serializers.Serializer[object]):
    email = serializers.EmailField(max_length=EMAIL_LENGTH)


class EmailKey(serializers.Serializer[object]):
    key = StrictCharField(max_length=KEY_LENGTH, help_text="The last part of the letter's link.")


class VerifiedJson(TypedDict):
    email: str


class EmailView(ApiView):
    @operation("Look at my address", {200: EmailJson})
    def get(self, request: Request) -> Response:
        return Response(email_json(person_of(request).id))

    @operation(
        "Change my address",
        {200: EmailJson},
        note="It holds when the link in the letter to it was followed; until then the old one does. The answer is the "
        "same whether or not somebody has that address.",
        body=NewEmail,
        refusals=[AccountRequired, ReauthenticationRequired, SecondFactorNeeded, TooMany],
    )
    def post(self, request: Request) -> Response:
        person = person_of(request)
        email = parse(NewEmail, request.data)["email"]
        require_recent(session_id=person.session_id)
        change_email(user_id=person.id, email=email, origin=public_origin(request))
        return Response(email_json(person.id))

    @operation("Give up the address that waits", {204: None}, note="A confirmed one stays.")
    def delete(self, request: Request) -> Response:
        give_up_pending_email(user_id=person_of(request).id)
        return Response(status=204)


class ResendView(ApiView):
    @operation(
        "Ask for the letter again",
        {204: None},
        note="To the address that waits for its confirmation; without one nothing happens.",
        refusals=[TooMany],
    )
    def post(self, request: Request) -> Response:
        resend_verification(user_id=person_of(request).id, origin=public_origin(request))
        return Response(status=204)


class VerificationView(ApiView):
    """Whoever reads the letter, on whichever device."""

    permission_classes = (AllowAny,)

    @operation(
        "Confirm an address",
        {200: VerifiedJson},
        note="By the key of the letter, within three days. Of several accounts with one address, the first to confirm "
        "it has it. The key of a confirmed address changes nothing more.",
        body=EmailKey,
        refusals=[LinkExpired, EmailTaken, TooMany],
    )
    def post(self, request: Request) -> Response:
        email = verify_email(**parse(EmailKey, request.data), address=address_prefix(request))
        return Response({"email": email})


class VerificationPreviewView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "Look at a letter to an address",
        {200: PendingEmailJson},
        note="It uses nothing up. Whoever does not know the account should not confirm.",
        body=EmailKey,
        refusals=[LinkExpired, TooMany],
    )
    def post(self, request: Request) -> Response:
        pending = pending_of(**parse(EmailKey, request.data), address=address_prefix(request))
        return Response(pending_email_json(pending), headers=UNCACHED)
