"""/api/auth/invitations, the holder's side: a code is looked at, declined, accepted; signed in or not."""

from typing import Any, NotRequired, TypedDict
from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of
from abdre.device import device_that_asks
from abdre.limits import address_prefix, limit
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.tokens import is_browser
from abdre.views import ApiView
from auth_svc.api.answers import TokensJson, handed_over, tokens_json
from auth_svc.api.attempts import ATTEMPT, attempt_key
from auth_svc.errors.invitations import (
    InvitationExpired,
    InvitationRevoked,
    InvitationUnknown,
    InvitationUsedUp,
    OwnInvitation,
)
from auth_svc.errors.sessions import AccountClosed, AccountRequired
from auth_svc.selectors.invitations import PreviewJson, preview
from auth_svc.services import claims
from auth_svc.services import invitations as services
from chat_svc.errors import Banned, ChatFull, ChatNotFound, ChatOver
from chat_svc.events import MembershipJson, SummaryJson
from user_svc.selectors import UserJson

TOKEN_LENGTH = 200
# Presses from one network on one code; a lecture hall behind one address gets in.
ACCEPT_LIMIT_PER_MINUTE = 600


class InvitationToken(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class Acceptance(InvitationToken):
    display_name = StrictCharField(
        default="", allow_blank=True, help_text="A newcomer's; 1 to 60 characters. Who is signed in keeps the own one."
    )


class EntryJson(TypedDict):
    """`tokens`: for a newcomer at a program; a browser gets cookies."""

    chat: SummaryJson
    membership: MembershipJson
    user: UserJson
    tokens: NotRequired[TokensJson]


DEAD = (InvitationExpired, InvitationRevoked, InvitationUsedUp, ChatOver)


class HolderView(ApiView):
    """POST throughout: a token stands in no address but that of the join page."""

    permission_classes = (AllowAny,)


class PreviewView(HolderView):
    @operation(
        "Look at a code",
        {200: PreviewJson},
        note="It uses nothing up, and tells the host nothing.",
        body=InvitationToken,
        refusals=[InvitationUnknown, ChatNotFound],
    )
    def post(self, request: Request) -> Response:
        invitation = services.known_invitation(**parse(InvitationToken, request.data), address=address_prefix(request))
        shown = preview(invitation, viewer_id=_viewer_id(request), origin=public_origin(request))
        return Response(shown, headers=UNCACHED)


class OpenedView(HolderView):
    @operation("Say that a code was opened", {204: None}, body=InvitationToken, refusals=[InvitationUnknown])
    def post(self, request: Request) -> Response:
        services.open_invitation(
            **parse(InvitationToken, request.data), viewer_id=_viewer_id(request), address=address_prefix(request)
        )
        return Response(status=204)


class DeclineView(HolderView):
    @operation("Decline a code", {204: None}, body=InvitationToken, refusals=[InvitationUnknown])
    def post(self, request: Request) -> Response:
        services.decline_invitation(
            **parse(InvitationToken, request.data), viewer_id=_viewer_id(request), address=address_prefix(request)
        )
        return Response(status=204)


class AcceptView(HolderView):
    @operation(
        "Join by a code",
        {200: EntryJson},
        note="Who is signed in comes in as who they are, anybody else as a new guest. A member uses nothing up.",
        body=Acceptance,
        parameters=[ATTEMPT],
        refusals=[
            InvitationUnknown,
            *DEAD,
            OwnInvitation,
            ChatFull,
            Banned,
            AccountRequired,
            AccountClosed,
            ChatNotFound,
        ],
    )
    def post(self, request: Request) -> Response:
        data = parse(Acceptance, request.data)
        address = address_prefix(request)
        invitation = services.known_invitation(data["token"], address=address)
        limit("invitation.accept", f"{invitation.id}:{address}", limit=ACCEPT_LIMIT_PER_MINUTE, window_s=60)
        if request.user:
            entry = claims.accept_as_person(invitation_id=invitation.id, user_id=person_of(request).id)
            return Response(_entry_json(entry))
        entry = claims.accept_as_guest(
            invitation_id=invitation.id,
            display_name=data["display_name"],
            attempt_key=attempt_key(request),
            device=device_that_asks(request),
        )
        return _signed_in(request, entry)


def _viewer_id(request: Request) -> UUID | None:
    return person_of(request).id if request.user else None


def _entry_json(entry: claims.Entry) -> dict[str, Any]:
    return {"chat": entry.chat, "membership": entry.membership, "user": entry.user}


def _signed_in(request: Request, entry: claims.Entry) -> Response:
    tokens, body = entry.tokens, _entry_json(entry)
    assert tokens is not None
    to_browser = is_browser(request)
    return handed_over(tokens, body if to_browser else {**body, "tokens": tokens_json(tokens)}, to_browser=to_browser)
