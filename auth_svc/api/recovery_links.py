"""/api/auth/recovery-links: a guest, who has no password, moves to another device."""

from typing import Any, TypedDict

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of
from abdre.device import device_that_asks
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.views import ApiView
from abdre.wire import Moment, utc
from auth_svc import qr
from auth_svc.api.answers import SignedInJson, with_tokens
from auth_svc.api.attempts import ATTEMPT, attempt_key
from auth_svc.errors.devices import (
    GuestIsMember,
    RecoveryLinkExpired,
    RecoveryLinkRevoked,
    RecoveryLinkUnknown,
    RecoveryLinkUsed,
)
from auth_svc.errors.sessions import AccountClosed
from auth_svc.selectors.other_devices import RecoveryLinkPreviewJson, recovery_link_preview
from auth_svc.services import create_recovery_link, living_recovery_link, recover
from user_svc.errors import NotAGuest

TOKEN_LENGTH = 200


class RecoveryToken(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class RecoveryLinkJson(TypedDict):
    """`qr_svg`: the picture itself; the link stands in this answer only."""

    url: str
    expires_at: Moment
    qr_svg: str


DEAD = (
    RecoveryLinkUnknown,
    RecoveryLinkExpired,
    RecoveryLinkRevoked,
    RecoveryLinkUsed,
    GuestIsMember,
    AccountClosed,
)


class RecoveryLinkListView(ApiView):
    @operation(
        "Make a recovery link",
        {201: RecoveryLinkJson},
        note="For guests. It works once, for a day; the one made before is dead.",
        refusals=[NotAGuest],
    )
    def post(self, request: Request) -> Response:
        made = create_recovery_link(user_id=person_of(request).id)
        url = f"{public_origin(request)}/recover/{made.token}"
        shown: RecoveryLinkJson = {
            "url": url,
            "expires_at": utc(made.link.expires_at),
            "qr_svg": qr.svg(url).decode(),
        }
        return Response(shown, status=201, headers=UNCACHED)


class HolderView(ApiView):
    permission_classes = (AllowAny,)


class PreviewView(HolderView):
    @operation(
        "Look at a recovery link",
        {200: RecoveryLinkPreviewJson},
        note="It uses nothing up. `own`: whoever asks is this guest already.",
        body=RecoveryToken,
        refusals=DEAD,
    )
    def post(self, request: Request) -> Response:
        link = living_recovery_link(**parse(RecoveryToken, request.data), address=address_prefix(request))
        is_own = bool(request.user) and person_of(request).id == link.user_id
        return Response(recovery_link_preview(link, is_own=is_own), headers=UNCACHED)


class ClaimView(HolderView):
    @operation(
        "Move a guest here",
        {200: SignedInJson},
        note="The guest is signed out everywhere else. Whoever asks as somebody else stays signed in there too.",
        body=RecoveryToken,
        parameters=[ATTEMPT],
        refusals=DEAD,
    )
    def post(self, request: Request) -> Response:
        tokens = recover(
            **parse(RecoveryToken, request.data),
            attempt_key=attempt_key(request),
            device=device_that_asks(request),
        )
        return with_tokens(request, tokens)
