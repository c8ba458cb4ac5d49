"""The rows an administrator may look at: read-only, without secrets and without anybody's messages.

Rows of the services below are named by label, as foreign keys name them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.contrib.admin import AdminSite, EmptyFieldListFilter, ModelAdmin
from django.db.models import Model, QuerySet, UUIDField
from django.http import HttpRequest

from chat_svc.services.moderation import Right, may

if TYPE_CHECKING:
    Rows = ModelAdmin[Model]
else:  # generic for the type checker only
    Rows = ModelAdmin


class ReadOnly(Rows):
    # Counting a whole table for a line at its foot is the slowest part of a long list.
    show_full_result_count = False
    list_per_page = 50
    sortable_by = ()
    right: ClassVar = Right.SEE_SYSTEM

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, self.right)  # type: ignore[arg-type]  # staff are users of ours

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        """A row's id finds it at once; anything else is looked for in the text."""
        if isinstance(self.opts.pk, UUIDField):
            with suppress(ValueError):
                return queryset.filter(pk=UUID(search_term.strip())), False
        by_text: tuple[QuerySet[Model], bool] = super().get_search_results(request, queryset, search_term)
        return by_text


class UserAdmin(ReadOnly):
    right = Right.MODERATE_PEOPLE
    list_display = ("display_name", "username", "is_guest", "is_staff", "is_active", "date_joined", "last_seen_at")
    list_filter = ("is_guest", "is_staff", "is_active", ("banned_at", EmptyFieldListFilter))
    search_fields = ("display_name", "username", "email")
    fields = (
        *("id", "username", "display_name", "email", "is_guest", "is_active", "is_staff", "is_superuser"),
        *("banned_at", "date_joined", "last_seen_at"),
    )
    ordering = ("-date_joined",)


class ChatAdmin(ReadOnly):
    list_display = ("__str__", "kind", "created_by", "created_at", "last_seq", "expires_at", "closed_at")
    list_filter = ("kind", ("closed_at", EmptyFieldListFilter))
    list_select_related = ("created_by",)
    search_fields = ("title",)
    fields = (
        *("id", "kind", "title", "created_by", "created_at", "expires_at", "closed_at"),
        *("last_seq", "version", "last_message_at"),
    )
    ordering = ("-last_message_at",)


class MembershipAdmin(ReadOnly):
    list_display = ("chat", "user", "role", "state", "joined_at")
    list_filter = ("role", "state")
    list_select_related = ("chat", "user")
    search_fields = ("chat__title", "user__display_name", "user__username")
    fields = ("chat", "user", "role", "state", "joined_at", "read_seq", "version")
    ordering = ("-id",)


class SessionAdmin(ReadOnly):
    list_display = ("user", "user_agent", "address", "created_at", "last_used_at", "expires_at", "ended_at")
    list_filter = (("ended_at", EmptyFieldListFilter), "remember")
    list_select_related = ("user",)
    search_fields = ("user__display_name", "user__username", "address")
    fields = ("id", "user", "user_agent", "address", "remember", "created_at", "last_used_at", "expires_at", "ended_at")
    ordering = ("-created_at",)


class InvitationAdmin(ReadOnly):
    # Neither the nonce nor the hash: with the first and the process's key the code could be drawn again.
    list_display = ("label", "chat", "created_by", "created_at", "expires_at", "uses", "max_uses", "revoked_at")
    list_filter = ("guests", ("revoked_at", EmptyFieldListFilter))
    list_select_related = ("chat", "created_by")
    search_fields = ("label", "chat__title", "created_by__display_name", "created_by__username")
    fields = (
        *("id", "chat", "created_by", "label", "guests", "approval", "rotating", "uses", "max_uses", "declines"),
        *("created_at", "opened_at", "expires_at", "revoked_at"),
    )
    list_display_links = ("chat",)
    ordering = ("-created_at",)


class ReportAdmin(ReadOnly):
    """The one row that shows what somebody wrote: who reported it has asked for it to be read."""

    right = Right.HANDLE_REPORTS
    list_display = ("created_at", "target_kind", "reason", "note", "reporter", "state")
    list_filter = ("state", "target_kind", "reason")
    list_select_related = ("reporter",)
    search_fields = ("note", "reporter__display_name", "reporter__username")
    fields = (
        *("id", "target_kind", "target_id", "chat", "seq", "reporter", "reason", "note", "snapshot"),
        *("state", "created_at"),
    )
    ordering = ("-created_at",)


class ClientErrorAdmin(ReadOnly):
    list_display = (
        "message",
        "count",
        "last_at",
        "page",
        "version",
        "file",
        "line",
        "browser",
        "request_id",
        "user_id",
    )
    list_filter = ("version",)
    search_fields = ("message", "file", "page", "request_id", "user_id")
    fields = (
        *("message", "count", "first_at", "last_at", "version", "file", "line", "column", "stack"),
        *("page", "browser", "request_id", "user_id"),
    )
    ordering = ("-last_at",)


ROWS: dict[str, type[ReadOnly]] = {
    "user_svc.User": UserAdmin,
    "chat_svc.Chat": ChatAdmin,
    "chat_svc.Membership": MembershipAdmin,
    "chat_svc.Report": ReportAdmin,
    "auth_svc.Session": SessionAdmin,
    "auth_svc.Invitation": InvitationAdmin,
    "auth_svc.ClientError": ClientErrorAdmin,
}


def register_on(site: AdminSite) -> None:
    for label, admin in ROWS.items():
        site.register(apps.get_model(label), admin)
