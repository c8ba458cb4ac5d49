"""The rows that staff may look at: read-only, without secrets and without anybody's messages.

Rows of the services below are named by label, as foreign keys name them.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite, display
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from auth_svc.admin.choosing import choosing
from auth_svc.admin.deeds.screen import staff_of
from auth_svc.admin.entry import has_right
from auth_svc.admin.log import EntryAdmin
from auth_svc.admin.offers import offers
from auth_svc.admin.people import UserAdmin
from auth_svc.admin.read_only import ReadOnly
from auth_svc.admin.reports import ReportAdmin
from auth_svc.admin.values import Badge
from auth_svc.admin.words import CHOICES, STANDINGS
from auth_svc.selectors.devices import device_of
from auth_svc.selectors.invitations import codes_in_view
from chat_svc.selectors.for_staff import chats_in_view, chats_titled
from chat_svc.services.moderation import Right, note_look_at_chat
from user_svc.selectors.people import people_found


class RowsOfChats(ReadOnly):
    """Of moderators' business is what anybody may find and what was reported, unless the operator says otherwise."""

    right = Right.MODERATE_CHATS

    def in_view(self) -> Q:
        return Q(chat__in=chats_in_view())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        found = super().get_queryset(request)
        return found if self.sees_all(request) else found.filter(self.in_view())

    def sees_all(self, request: HttpRequest) -> bool:
        return settings.MODERATORS_READ == "all" or has_right(request, Right.SEE_SYSTEM)


class ChatAdmin(RowsOfChats):
    title = _("Chats")
    list_display = ("name", "kind", "standing", "created_by", "created_at", "last_seq")
    list_filter = (
        choosing(
            "kind",
            _("Kind"),
            group=(_("groups"), Q(kind="group")),
            public=(_("public groups"), Q(is_public=True)),
            direct=(_("direct chats"), Q(kind="direct")),
            temporary=(_("temporary chats"), Q(kind="temporary")),
        ),
        choosing(
            "standing",
            _("Standing"),
            open=(_("open"), Q(closed_at__isnull=True)),
            closed=(_("closed"), Q(closed_at__isnull=False)),
        ),
    )
    list_select_related = ("created_by",)
    search_help_text = _("A part of the title, or an id.")
    fields = (
        *("id", "kind", "standing", "title", "topic", "is_public", "created_by", "created_at", "expires_at"),
        *("closed_at", "last_seq", "last_message_at"),
    )
    # Not by the last message: every message would have to move its chat in the index.
    ordering = ("-created_at", "-pk")

    @display(description=_("Title"))
    def name(self, chat: Any) -> str:
        return str(chat)

    @display(description=_("Standing"))
    def standing(self, chat: Any) -> Badge:
        if chat.closed_at:
            return Badge(_("closed"), "ended")
        return Badge(_("over"), "ended") if chat.is_over else Badge(_("open"), "good")

    def in_view(self) -> Q:
        return Q(pk__in=chats_in_view())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *how: Any, **more: Any) -> HttpResponse:
        chat = context["original"]
        buttons = list(offers(request, deeds_on(chat), chat=chat.pk))
        return super().render_change_form(request, {**context, "buttons": buttons}, *how, **more)

    def found(self, words: str) -> Q:
        return Q(pk__in=chats_titled(words).values("pk"))

    def change_view(self, request: HttpRequest, object_id: str, *how: Any, **more: Any) -> HttpResponse:
        page = super().change_view(request, object_id, *how, **more)
        if page.status_code == HTTPStatus.OK and not has_right(request, Right.SEE_SYSTEM):
            note_look_at_chat(by=staff_of(request), chat_id=UUID(object_id))
        return page


def deeds_on(chat: Any) -> Iterator[str]:
    if not chat.is_over:
        yield "slow-chat"
        yield "unlock-chat" if chat.announcement_only else "lock-chat"
        yield "revoke-codes-of"
    yield "reopen-chat" if chat.closed_at else "close-chat"


class MembershipAdmin(RowsOfChats):
    title = _("Members of chats")
    list_display = ("user", "chat", "role", "state", "joined_at")
    list_filter = (
        choosing(
            "role",
            _("Role"),
            **{role: (CHOICES[role], Q(role=role)) for role in ("owner", "admin", "member", "guest")},
        ),
        choosing(
            "state",
            _("State"),
            **{state: (CHOICES[state], Q(state=state)) for state in ("active", "left", "removed", "banned")},
        ),
    )
    list_select_related = ("chat", "user")
    search_help_text = _("As among people and among chats; an id of either.")
    id_fields = ("user_id", "chat_id")
    fields = ("user", "chat", "role", "state", "joined_at", "read_seq", "version")
    ordering = ("-pk",)

    def heading(self, row: Any) -> str:
        return f"{row.user} · {row.chat}"

    def found(self, words: str) -> Q:
        return Q(user__in=people_found(words).values("pk")) | Q(chat__in=chats_titled(words).values("pk"))


class SessionAdmin(ReadOnly):
    title = _("Devices")
    list_display = ("user", "device", "address", "standing", "created_at", "last_used_at")
    list_filter = (
        choosing(
            "standing",
            _("Standing"),
            open=(_("signed in"), Q(ended_at__isnull=True)),
            ended=(_("ended"), Q(ended_at__isnull=False)),
        ),
    )
    list_select_related = ("user",)
    search_help_text = _("As among people, the beginning of a network's address, or an id.")
    id_fields = ("pk", "user_id")
    fields = (
        *("id", "user", "device", "user_agent", "address", "standing", "remember"),
        *("created_at", "last_used_at", "expires_at", "ended_at"),
    )
    ordering = ("-created_at", "-pk")

    @display(description=_("Device"))
    def device(self, session: Any) -> str:
        return device_of(session.user_agent)

    @display(description=_("Standing"))
    def standing(self, session: Any) -> Badge:
        if session.ended_at:
            return Badge(_("ended"), "ended")
        return Badge(_("run out")) if session.expires_at <= timezone.now() else Badge(_("signed in"), "good")

    def heading(self, row: Any) -> str:
        return str(row.user)

    def found(self, words: str) -> Q:
        return Q(user__in=people_found(words).values("pk")) | Q(address__startswith=words.lower())


class InvitationAdmin(RowsOfChats):
    # Neither the nonce nor the hash: with the first and the process's key the code could be drawn again.
    change_form_template = "admin/code.html"
    title = _("Codes")
    list_display = ("name", "chat", "created_by", "standing", "created_at", "expires_at", "uses", "max_uses")
    list_filter = (
        choosing(
            "standing",
            _("Standing"),
            used=(_("used"), Q(uses__gt=0)),
            used_up=(_("used up"), Q(uses__gte=F("max_uses"))),
            revoked=(_("revoked"), Q(revoked_at__isnull=False)),
        ),
    )
    list_select_related = ("chat", "created_by")
    search_help_text = _("A part of the label, as among people and among chats, or an id.")
    id_fields = ("pk", "chat_id", "created_by_id")
    fields = (
        *("id", "chat", "created_by", "label", "standing", "guests", "approval", "rotating", "uses", "max_uses"),
        *("declines", "created_at", "opened_at", "expires_at", "revoked_at"),
    )
    ordering = ("-created_at", "-pk")

    @display(description=_("Label"))
    def name(self, code: Any) -> str:
        return code.label or gettext("without a label")

    @display(description=_("Standing"))
    def standing(self, code: Any) -> Badge:
        said, tone = STANDINGS[code.status(timezone.now())]
        return Badge(said, tone)

    def heading(self, row: Any) -> str:
        return str(self.name(row))

    def in_view(self) -> Q:
        return codes_in_view()

    def found(self, words: str) -> Q:
        people, chats = people_found(words).values("pk"), chats_titled(words).values("pk")
        return Q(label__icontains=words) | Q(created_by__in=people) | Q(chat__in=chats)


class ClientErrorAdmin(ReadOnly):
    title = _("Errors in browsers")
    list_display = ("message", "count", "last_at", "page", "version", "browser")
    search_fields = ("message", "file", "page", "request_id")
    search_help_text = _("A part of the error, of the file or the page; a request; a person's id.")
    id_fields = ("user_id",)
    fields = (
        *("message", "count", "first_at", "last_at", "version", "file", "line", "column", "stack"),
        *("page", "browser", "request_id", "user_id"),
    )
    ordering = ("-last_at", "-pk")

    def identified(self, one: UUID) -> Q:
        return super().identified(one) | Q(request_id=one.hex)  # a request is called by an id without dashes


ROWS: dict[str, type[ReadOnly]] = {
    "user_svc.User": UserAdmin,
    "chat_svc.Chat": ChatAdmin,
    "chat_svc.Membership": MembershipAdmin,
    "chat_svc.Report": ReportAdmin,
    "chat_svc.ModerationEntry": EntryAdmin,
    "auth_svc.Session": SessionAdmin,
    "auth_svc.Invitation": InvitationAdmin,
    "auth_svc.ClientError": ClientErrorAdmin,
}


def register_on(site: AdminSite) -> None:
    for label, admin in ROWS.items():
        site.register(apps.get_model(label), admin)
