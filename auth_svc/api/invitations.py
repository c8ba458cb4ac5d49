"""/api/auth/invitations, the host's side: codes are made, listed, drawn, renewed, taken back."""

from datetime import timedelta
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Forbidden, Invalid
from abdre.operations import Parameter, operation
from abdre.origin import public_origin
from abdre.views import ApiView
from abdre.wire import Items, Moment
from auth_svc import qr
from auth_svc.errors.invitations import InvitationUnknown, QrUnavailable
from auth_svc.errors.sessions import AccountRequired
from auth_svc.models import Invitation
from auth_svc.models.invitations import LABEL_LENGTH, MAX_USES_LIMIT
from auth_svc.selectors import invitations as selectors
from auth_svc.selectors.invitations import InvitationJson, rotates_at
from auth_svc.services import invitations as services
from auth_svc.services.invitations import Options
from chat_svc.errors import ChatNotFound, ChatOver, NotAllowed

PASSWORD_SHORTEST, PASSWORD_LONGEST = 4, 128
TTL_LOWEST_S, TTL_DEFAULT_S, TTL_HIGHEST_S = 60, 15 * 60, 7 * 24 * 3600


NO_CHAT = gettext_lazy("The chat that the code opens; without it each who comes gets a direct chat with you.")


class NewInvitation(serializers.Serializer[Any]):
    chat = serializers.UUIDField(
        required=False, error_messages={"null": NO_CHAT}, help_text="Without it: a direct chat with me for each."
    )
    ttl_s = StrictIntegerField(
        default=TTL_DEFAULT_S,
        allow_null=True,
        min_value=TTL_LOWEST_S,
        max_value=TTL_HIGHEST_S,
        help_text="Seconds; null: until it is taken back.",
    )
    max_uses = StrictIntegerField(
        default=1, allow_null=True, min_value=1, max_value=MAX_USES_LIMIT, help_text="null: any number."
    )
    guests = serializers.BooleanField(default=True, help_text="Whether people without an account may come in.")
    label = StrictCharField(default="", allow_blank=True, max_length=LABEL_LENGTH)  # type: ignore[assignment]  # hides DRF\'s own word
    approval = serializers.BooleanField(default=False, help_text="Whether a host lets each newcomer in.")
    rotating = serializers.BooleanField(
        default=False, help_text="Whether the code on the screen changes all the time; an old picture opens nothing."
    )
    password = StrictCharField(
        default="",
        allow_blank=True,
        max_length=PASSWORD_LONGEST,
        trim_whitespace=False,
        help_text=f"Asked of who comes; {PASSWORD_SHORTEST} characters or more. Empty: none.",
    )

    def to_internal_value(self, data: dict[str, Any]) -> dict[str, Any]:
        """An option we do not know may be a lock that somebody relies on, so it is refused and not dropped."""
        unknown = {name: [_("There is no such option.")] for name in sorted(set(data) - set(self.fields))}
        if unknown:
            raise serializers.ValidationError(unknown)
        options: dict[str, Any] = super().to_internal_value(data)
        return options

    def validate_password(self, password: str) -> str:
        if password and len(password) < PASSWORD_SHORTEST:
            raise serializers.ValidationError(_("At least %(count)s characters.") % {"count": PASSWORD_SHORTEST})
        return password


class LinkJson(TypedDict):
    """Of a rotating code: the picture too, and until when it is the one on the screen."""

    url: str
    rotates_at: NotRequired[Moment | None]
    svg: NotRequired[str]


OF_CHAT = Parameter("chat", "Of this chat only.", {"type": "string", "format": "uuid"})
DIRECT = Parameter("direct", "Those without a chat only.", {"type": "boolean", "default": False})
EVICT = Parameter("evict", "Whoever came by it leaves the chat too.", {"type": "boolean", "default": False})
MAKING = (ChatNotFound, ChatOver, NotAllowed, AccountRequired)
SHOWING = (InvitationUnknown, QrUnavailable, Forbidden)


class InvitationListView(ApiView):
    @operation(
        "List my invitations",
        {200: Items[InvitationJson]},
        note="The newest hundred first.",
        parameters=[OF_CHAT, DIRECT],
        refusals=[Invalid],
    )
    def get(self, request: Request) -> Response:
        items = selectors.invitation_list(
            host_id=person_of(request).id, chat_id=chat_of(request), direct=_is_wanted(request, "direct")
        )
        return Response({"items": items})

    @operation(
        "Invite to a chat",
        {201: InvitationJson},
        note="`token` and `url` stand in this answer only. An option that is not known is refused.",
        body=NewInvitation,
        refusals=MAKING,
    )
    def post(self, request: Request) -> Response:
        data = parse(NewInvitation, request.data)
        invitation = services.create_invitation(
            host_id=person_of(request).id,
            chat_id=data.get("chat"),
            options=_options(data),
            password=data["password"],
        )
        return _fresh(request, invitation)


class InvitationView(ApiView):
    @operation("Look at an invitation", {200: InvitationJson}, refusals=[InvitationUnknown])
    def get(self, request: Request, invitation_id: UUID) -> Response:
        detail = selectors.invitation_detail(invitation_id=invitation_id, host_id=person_of(request).id)
        return Response(detail)

    @operation(
        "Take an invitation back",
        {204: None},
        parameters=[EVICT],
        refusals=[InvitationUnknown, ChatNotFound, Invalid],
    )
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        deed = services.revoke_and_evict if _is_wanted(request, "evict") else services.revoke_invitation
        deed(invitation_id=invitation_id, host_id=person_of(request).id)
        return Response(status=204)


class RenewView(ApiView):
    @operation(
        "Renew an invitation",
        {201: InvitationJson},
        note="A fresh code with the same options; the old one is dead.",
        refusals=[*SHOWING, *MAKING],
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        invitation = services.renew_invitation(invitation_id=invitation_id, host_id=person_of(request).id)
        return _fresh(request, invitation)


class LinkView(ApiView):
    """The QR code as text: for the host's page after a reload, to copy and to share."""

    reads_by_writing = True

    @operation("Show the link of an invitation", {200: LinkJson}, refusals=SHOWING)
    def get(self, request: Request, invitation_id: UUID) -> Response:
        invitation = selectors.own_invitation(invitation_id, person_of(request).id)
        shown: LinkJson = {"url": selectors.join_link(invitation, origin=public_origin(request))}
        if invitation.rotating:
            shown |= {"rotates_at": rotates_at(invitation), "svg": qr.svg(shown["url"]).decode()}
        return Response(shown, headers=UNCACHED)


class QrSvgView(ApiView):
    reads_by_writing = True

    @operation("Draw the code as SVG", {200: "image/svg+xml"}, refusals=SHOWING)
    def get(self, request: Request, invitation_id: UUID) -> HttpResponse:
        picture = qr.svg(_own_link(request, invitation_id))
        return HttpResponse(picture, content_type="image/svg+xml", headers=UNCACHED)


class QrPngView(ApiView):
    reads_by_writing = True

    @operation("Draw the code as PNG", {200: "image/png"}, refusals=SHOWING)
    def get(self, request: Request, invitation_id: UUID) -> HttpResponse:
        picture = qr.png(_own_link(request, invitation_id))
        return HttpResponse(picture, content_type="image/png", headers=UNCACHED)


def _options(data: dict[str, Any]) -> Options:
    ttl_s = data["ttl_s"]
    return Options(
        ttl=None if ttl_s is None else timedelta(seconds=ttl_s),
        max_uses=data["max_uses"],
        guests=data["guests"],
        label=data["label"],
        approval=data["approval"],
        rotating=data["rotating"],
    )


def _fresh(request: Request, invitation: Invitation) -> Response:
    shown = selectors.fresh_invitation_json(invitation, origin=public_origin(request))
    return Response(shown, status=201, headers=UNCACHED)


def _own_link(request: Request, invitation_id: UUID) -> str:
    invitation = selectors.own_invitation(invitation_id, person_of(request).id)
    return selectors.join_link(invitation, origin=public_origin(request))


def chat_of(request: Request) -> UUID | None:
    text = request.query_params.get("chat")
    try:
        return UUID(text) if text else None
    except ValueError as problem:
        raise Invalid(fields={"chat": [_("The id of a chat.")]}) from problem


def _is_wanted(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise Invalid(fields={name: [_("true or false.")]})
    return text == "true"
