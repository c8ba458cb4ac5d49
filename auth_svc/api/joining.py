"""/api/auth/invitations, the holder's side: a code is looked at, declined, accepted; signed in or not."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.errors import Invalid
from abdre.limits import address_prefix, limit
from abdre.origin import public_origin
from abdre.tokens import is_browser, set_auth_cookies
from abdre.views import ApiView
from auth_svc.selectors.invitations import preview
from auth_svc.services import claims
from auth_svc.services import invitations as services

UNCACHED = {"Cache-Control": "no-store"}
TOKEN_LENGTH = 200
# Presses from one network on one code; a lecture hall behind one address gets in.
ACCEPT_LIMIT_PER_MINUTE = 600
ATTEMPT_COOKIE = "join_attempt"
ATTEMPT_HEADER = "Idempotency-Key"
ATTEMPT_SHORTEST, ATTEMPT_LONGEST = 16, 255


class Token(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class Acceptance(Token):
    display_name = StrictCharField(default="", allow_blank=True)


class HolderView(ApiView):
    """POST throughout: a token stands in no address but that of the join page."""

    permission_classes = (AllowAny,)


class PreviewView(HolderView):
    def post(self, request: Request) -> Response:
        invitation = services.known_invitation(**parse(Token, request.data), address=address_prefix(request))
        shown = preview(invitation, viewer_id=_viewer_id(request), origin=public_origin(request))
        return Response(shown, headers=UNCACHED)


class OpenedView(HolderView):
    def post(self, request: Request) -> Response:
        services.open_invitation(
            **parse(Token, request.data), viewer_id=_viewer_id(request), address=address_prefix(request)
        )
        return Response(status=204)


class DeclineView(HolderView):
    def post(self, request: Request) -> Response:
        services.decline_invitation(
            **parse(Token, request.data), viewer_id=_viewer_id(request), address=address_prefix(request)
        )
        return Response(status=204)


class AcceptView(HolderView):
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
            attempt_key=_attempt_key(request),
            device=claims.Device(user_agent=request.headers.get("User-Agent", ""), address=address),
        )
        return _signed_in(request, entry)


def _viewer_id(request: Request) -> UUID | None:
    return person_of(request).id if request.user else None


def _attempt_key(request: Request) -> str:
    """What makes two presses of Join the same press; empty where the client sends nothing of use."""
    key = request.headers.get(ATTEMPT_HEADER)
    if key is not None and not _is_attempt_key(key):
        raise Invalid(fields={ATTEMPT_HEADER: [_("16 to 255 characters.")]})
    cookie = request.COOKIES.get(ATTEMPT_COOKIE, "")
    return key or (cookie if _is_attempt_key(cookie) else "")


def _is_attempt_key(text: str) -> bool:
    return ATTEMPT_SHORTEST <= len(text) <= ATTEMPT_LONGEST


def _entry_json(entry: claims.Entry) -> dict[str, Any]:
    return {"chat": entry.chat, "membership": entry.membership, "user": entry.user}


def _signed_in(request: Request, entry: claims.Entry) -> Response:
    """A browser gets cookies and never sees a token."""
    tokens, body = entry.tokens, _entry_json(entry)
    assert tokens is not None
    if is_browser(request):
        response = Response(body, headers=UNCACHED)
        set_auth_cookies(response, access=tokens.access, refresh=tokens.refresh, remember=tokens.remember)
        return response
    secrets = {"access_token": tokens.access, "refresh_token": tokens.refresh, "expires_in": tokens.expires_in}
    return Response({**body, "tokens": secrets}, headers=UNCACHED)
