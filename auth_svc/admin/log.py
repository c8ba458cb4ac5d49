"""The moderation log: what staff did, to look at, to search and to take along. Nothing in it is changed.

Quick at any length: ids and names are found by index (a name first gives the ids of who is called so); words of a
reason are looked for in the newest entries alone, of what the list is narrowed to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite, SimpleListFilter, display
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from auth_svc.admin.choosing import choosing
from auth_svc.admin.entry import has_right
from auth_svc.admin.listing import Listing
from auth_svc.admin.log_export import exported
from auth_svc.admin.read_only import ReadOnly
from chat_svc.services.moderation import Deed, Right
from user_svc.selectors import users_by_id
from user_svc.selectors.people import people_found

DEEDS = dict(Deed.choices)
# Of who is called so, for the search; and how far back it reads reasons.
PEOPLE_LIMIT = 100
REASONS_READ = 20_000


@dataclass(frozen=True)
class Beside:
    """What a page of entries names: people by id, and which rows the reader may open."""

    names: dict[UUID, str]
    opens: Collection[str]

    def link(self, label: str, key: Any, said: str) -> str:
        if label not in self.opens:
            return format_html("<bdi>{}</bdi>", said)
        model = label.replace(".", "_").lower()
        return format_html('<a href="{}"><bdi>{}</bdi></a>', reverse(f"admin:{model}_change", args=[key]), said)

    def person(self, user_id: UUID | None) -> SafeString | str:
        return self.link("user_svc.User", user_id, self.names.get(user_id) or short(user_id)) if user_id else ""


def short(key: UUID) -> str:
    return str(key)[:8]


def beside(entries: Iterable[Any], request: HttpRequest, site: AdminSite) -> Beside:
    people = {user_id for entry in entries for user_id in (entry.actor_id, entry.person_id) if user_id}
    names = {user_id: person.display_name for user_id, person in users_by_id(people).items()}
    return Beside(names, {admin.opts.label for admin in site._registry.values() if admin.has_view_permission(request)})


class When(SimpleListFilter):
    title = _("When")
    parameter_name = "when"
    spans = {
        "day": (_("the last 24 hours"), timedelta(days=1)),
        "week": (_("the last 7 days"), timedelta(days=7)),
        "month": (_("the last 30 days"), timedelta(days=30)),
        "year": (_("the last year"), timedelta(days=365)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, said) for value, (said, _span) in self.spans.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = self.spans.get(self.value() or "")
        return queryset.filter(at__gte=timezone.now() - chosen[1]) if chosen else queryset


class LogListing(Listing):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        named = beside(self.result_list, request, self.model_admin.admin_site)
        for entry in self.result_list:
            entry.beside = named

    @property
    def export_path(self) -> str:
        return f"{reverse('admin:chat_svc_moderationentry_export')}{self.get_query_string(remove=['p'])}"


class EntryAdmin(ReadOnly):
    right = Right.READ_LOG
    title = _("Moderation log")
    change_list_template = "admin/log.html"
    list_display = ("at", "what", "by", "person", "about", "reason", "address")
    list_filter = (
        choosing("deed", _("What was done"), **{deed: (said, Q(deed=deed)) for deed, said in DEEDS.items()}),
        When,
    )
    search_help_text = _(
        "A name or words of the reason (in the newest 20,000 entries of what is chosen), or the id of a person, "
        "a chat or a report."
    )
    id_fields = ("actor_id", "person_id", "chat_id", "report_id")
    fields = ("at", "what", "by", "person", "about", "reason", "address", "target_id", "takes_back", "further", "id")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="chat_svc_moderationentry_export")
        return [export, *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        return exported(request, self)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[Listing]:
        return LogListing

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        entry: Any = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.beside = beside([entry], request, self.admin_site)
        return entry

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_export = has_right(request, Right.EXPORT_LOG)
        return super().changelist_view(request, {"may_export": may_export, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        """`queryset`: what the list is narrowed to already."""
        words = search_term.strip()
        if not words or is_id(words):
            return super().get_search_results(request, queryset, search_term)
        people = list(people_found(words).values_list("pk", flat=True)[:PEOPLE_LIMIT])
        found = [
            said_lately(queryset, words),
            queryset.filter(actor_id__in=people),
            queryset.filter(person_id__in=people),
        ]
        # Each by its own index, or within its bound; in one condition with OR the whole log would be read.
        first, *others = [entries.order_by().values("pk") for entries in found]
        return queryset.filter(pk__in=first.union(*others)), False

    def heading(self, row: Any) -> str:
        return str(self.what(row))

    @display(description=_("What was done"))
    def what(self, entry: Any) -> str:
        return str(DEEDS.get(entry.deed, entry.deed))

    @display(description=_("By"))
    def by(self, entry: Any) -> str:
        return str(entry.beside.person(entry.actor_id))

    @display(description=_("To whom"))
    def person(self, entry: Any) -> SafeString | str:
        told: SafeString | str = entry.beside.person(entry.person_id)
        return told

    @display(description=_("About"))
    def about(self, entry: Any) -> SafeString:
        message = gettext("message %(number)d") % {"number": entry.seq}
        named = [
            (entry.report_id, "chat_svc.Report", gettext("report")),
            (
                entry.chat_id,
                "chat_svc.Chat",
                gettext("chat %(id)s") % {"id": short(entry.chat_id)} if entry.chat_id else "",
            ),
        ]
        links = [entry.beside.link(label, key, said) for key, label, said in named if key]
        return format_html_join(", ", "{}", [(one,) for one in [*links, *([message] if entry.seq else [])]])

    @display(description=_("Further facts"))
    def further(self, entry: Any) -> dict[str, Any] | None:
        return entry.details or None

    @display(description=_("Takes back"))
    def takes_back(self, entry: Any) -> SafeString | str:
        if entry.undoes is None:
            return ""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:chat_svc_moderationentry_change", args=[entry.undoes]), entry.undoes
        )


def said_lately(entries: QuerySet[Model], words: str) -> QuerySet[Model]:
    """Those whose reason has `words` in it, of the newest."""
    found = entries.filter(reason__icontains=words)
    first_too_old = entries.order_by("-pk").values_list("pk", flat=True)[REASONS_READ : REASONS_READ + 1].first()
    return found if first_too_old is None else found.filter(pk__gt=first_too_old)


def is_id(words: str) -> bool:
    try:
        UUID(words)
    except ValueError:
        return False
    return True
