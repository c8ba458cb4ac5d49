"""/api/auth/invitations, the holder's side: a code is looked at, declined, accepted; signed in or not."""

from typing import Any, Literal, NotRequired, TypedDict
from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of
from abdre.device import device_that_asks
from abdre.errors import TooMany
from abdre.limits import address_prefix, limit
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.tokens import is_browser
from abdre.views import ApiView
from abdre.wire import Id
from auth_svc.api.answers import TokensJson, handed_over, tokens_json
from auth_svc.api.attempts import ATTEMPT, attempt_key
from auth_svc.errors.invitations import (
    InvitationExpired,
    InvitationMovedOn,
    InvitationRevoked,
    InvitationUnknown,
    InvitationUsedUp,
    KnockRefused,
    OwnInvitation,
    PasswordRequired,
    WaitingRoomFull,
    WrongInvitationPassword,
)
from auth_svc.errors.sessions import AccountClosed, AccountRequired
from auth_svc.selectors.previews import PreviewJson, preview
from auth_svc.services import claims, code_passwords
from auth_svc.services import invitations as services
from chat_svc.errors import Banned, ChatFull, ChatNotFound, ChatOver, NotAllowed
from chat_svc.events import MembershipJson, SummaryJson
from user_svc.errors import MayNotWrite
from user_svc.selectors import UserJson

TOKEN_LENGTH = 200
PASSWORD_LONGEST = 128
# Presses from one network on one code; a lecture hall behind one address gets in.
ACCEPT_LIMIT_PER_MINUTE = 600


class InvitationToken(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class Acceptance(InvitationToken):
    display_name = StrictCharField(
        default="", allow_blank=True, help_text="A newcomer's; 1 to 60 characters. Who is signed in keeps the own one."
    )
    password = StrictCharField(
        default="",
        allow_blank=True,
        max_length=PASSWORD_LONGEST,
        trim_whitespace=False,
        help_text="Where one is asked.",
    )


class CodeReport(InvitationToken):
    reason = StrictCharField(help_text="As of other reports (`/api/chats/reports`).")
    note = StrictCharField(default="", allow_blank=True, help_text="At most 1,000 characters.")


class EntryJson(TypedDict):
    """`tokens`: for a newcomer at a program; a browser gets cookies."""

    chat: SummaryJson
    membership: MembershipJson
    user: UserJson
    tokens: NotRequired[TokensJson]


class AsksToComeInJson(TypedDict):
    """`invitation` names the knock; `tokens` as of an entry."""

    state: Literal["waiting"]
    invitation: Id
    user: UserJson
    tokens: NotRequired[TokensJson]


KNOWN = (InvitationUnknown, InvitationMovedOn)
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
        refusals=[InvitationUnknown, InvitationMovedOn, ChatNotFound],
    )
    def post(self, request: Request) -> Response:
        token = parse(InvitationToken, request.data)["token"]
        invitation = services.known_invitation(token, address=address_prefix(request))
        shown = preview(invitation, token=token, viewer_id=_viewer_id(request), origin=public_origin(request))
        return Response(shown, headers=UNCACHED)


class OpenedView(HolderView):
    @operation("Say that a code was opened", {204: None}, body=InvitationToken, refusals=KNOWN)
    def post(self, request: Request) -> Response:
        services.open_invitation(
            **parse(InvitationToken, request.data), viewer_id=_viewer_id(request), address=address_prefix(request)
        )
        return Response(status=204)


class DeclineView(HolderView):
    @operation("Decline a code", {204: None}, body=InvitationToken, refusals=KNOWN)
    def post(self, request: Request) -> Response:
        services.decline_invitation(
            **parse(InvitationToken, request.data), viewer_id=_viewer_id(request), address=address_prefix(request)
        )
        return Response(status=204)


class ReportView(ApiView):
    @operation(
        "Report a code",
        {204: None},
        note="To the staff of the installation; nobody else hears of it, and the same once more changes nothing.",
        body=CodeReport,
        refusals=[*KNOWN, TooMany],
    )
    def post(self, request: Request) -> Response:
        services.report_shown_invitation(
            **parse(CodeReport, request.data), reporter_id=person_of(request).id, address=address_prefix(request)
        )
        return Response(status=204)


class AcceptView(HolderView):
    @operation(
        "Join by a code",
        {200: EntryJson, 202: AsksToComeInJson},
        note="Who is signed in comes in as who they are, anybody else as a new guest. A member uses nothing up. "
        "202: a host has to let them in; `chat.created` tells of it.",
        body=Acceptance,
        parameters=[ATTEMPT],
        refusals=[
            *KNOWN,
            *DEAD,
            PasswordRequired,
            WrongInvitationPassword,
            KnockRefused,
            WaitingRoomFull,
            MayNotWrite,
            OwnInvitation,
            ChatFull,
            Banned,
            NotAllowed,
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
        viewer_id = _viewer_id(request)
        code_passwords.require_password(invitation, viewer_id=viewer_id, password=data["password"], address=address)
        if viewer_id is not None:
            return _told(claims.accept_as_person(invitation_id=invitation.id, user_id=viewer_id))
        outcome = claims.accept_as_guest(
            invitation_id=invitation.id,
            display_name=data["display_name"],
            attempt_key=attempt_key(request),
            device=device_that_asks(request),
        )
        return _signed_in(request, outcome)


def _viewer_id(request: Request) -> UUID | None:
    return person_of(request).id if request.user else None


def _body(outcome: claims.Entry | claims.Waiting) -> tuple[dict[str, Any], int]:
    if isinstance(outcome, claims.Waiting):
        return {"state": "waiting", "invitation": str(outcome.invitation_id), "user": outcome.user}, 202
    return {"chat": outcome.chat, "membership": outcome.membership, "user": outcome.user}, 200


def _told(outcome: claims.Entry | claims.Waiting) -> Response:
    body, status = _body(outcome)
    return Response(body, status=status)


def _signed_in(request: Request, outcome: claims.Entry | claims.Waiting) -> Response:
    tokens, (body, status) = outcome.tokens, _body(outcome)
    assert tokens is not None
    to_browser = is_browser(request)
    shown = body if to_browser else {**body, "tokens": tokens_json(tokens)}
    return handed_over(tokens, shown, to_browser=to_browser, status=status)
