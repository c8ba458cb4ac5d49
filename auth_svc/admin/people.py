"""People: the list of them, and the page of one: where they stand, what was done, what may be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin import display
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from auth_svc.admin.choosing import choosing
from auth_svc.admin.entry import has_right
from auth_svc.admin.offers import offers
from auth_svc.admin.read_only import Fact, ReadOnly
from auth_svc.admin.values import NOTHING, Aside, Badge, moment
from auth_svc.selectors.people import ways_of
from chat_svc.selectors.records import last_entries, record_of
from chat_svc.services.moderation import Deed, Right, is_webhook
from user_svc.selectors import ADMINISTRATORS, MODERATORS, users_by_id
from user_svc.selectors.people import people_found

GROUPS = {MODERATORS: _("moderators"), ADMINISTRATORS: _("administrators")}
LIST_OF_REPORTS = "admin:chat_svc_report_changelist"
PAGE = "admin:user_svc_user_change"


class Known(NamedTuple):
    """A number, and where it leads."""

    name: str | Promise
    number: int
    path: str = ""


class Entry(NamedTuple):
    deed: str | Promise
    at: str
    who: str
    reason: str


def deeds_on(person: Any) -> Iterator[str]:
    if person.deleted_at:
        return
    yield "warn"
    is_silenced = person.silenced_until and person.silenced_until > timezone.now()
    if is_silenced or not is_webhook(person):
        yield "unsilence" if is_silenced else "silence"
    if person.banned_at or not is_webhook(person):
        yield "unban" if person.banned_at else "ban"
    yield from ("delete-messages-of", "end-sessions", "revoke-codes-of")
    if person.is_staff:
        yield "dismiss"
    if not (person.is_guest or person.is_bot or person.banned_at):
        yield from ("appoint-moderator", "appoint-administrator")


def known(request: HttpRequest, person: Any) -> list[Known]:
    """In numbers: whose chats and codes these are, is read only where something was reported. Of themselves nobody of
    the staff reads whether anything was."""
    record, ways, reports = record_of(person.pk), ways_of(person.pk), reverse(LIST_OF_REPORTS)
    of_them = [
        Known(_("Reports about them"), record["reports_about"], f"{reports}?{urlencode({'q': person.pk})}"),
        Known(_("of these waiting"), record["reports_about_open"]),
    ]
    return [
        *(of_them if person.pk != request.user.pk else []),
        Known(_("Reports by them"), record["reports_by"]),
        Known(_("Chats"), record["chats"]),
        Known(_("Chats of their own"), record["own_chats"]),
        Known(_("Living codes"), ways["codes"]),
        Known(_("Codes they came by"), ways["came_by"]),
        Known(_("Devices signed in"), ways["sessions"]),
        Known(_("Personal tokens"), ways["tokens"]),
    ]


def entries_of(user_id: UUID) -> list[Entry]:
    """What was done to the person, the newest first."""
    entries, said = last_entries(user_id), dict(Deed.choices)
    names = users_by_id({entry.actor_id for entry in entries})
    return [
        Entry(said.get(entry.deed, entry.deed), moment(entry.at), str(names.get(entry.actor_id, "")), entry.reason)
        for entry in entries
    ]


class UserAdmin(ReadOnly):
    change_form_template = "admin/person.html"
    right = Right.MODERATE_PEOPLE
    title = _("People")
    list_display = ("name", "kind", "standing", "date_joined", "last_seen_at")
    list_filter = (
        choosing(
            "kind",
            _("Kind"),
            members=(_("members"), Q(is_guest=False, is_bot=False)),
            guests=(_("guests"), Q(is_guest=True)),
            bots=(_("bots"), Q(is_bot=True)),
            staff=(_("staff"), Q(is_staff=True)),
        ),
        choosing(
            "standing",
            _("Standing"),
            banned=(_("banned"), Q(banned_at__isnull=False)),
            closed=(_("closed"), Q(is_active=False)),
            away=(_("deactivated"), Q(deactivated_at__isnull=False)),
        ),
    )
    search_help_text = _("The beginning of a user name, a part of the shown name, a whole e-mail address, or an id.")
    fields = (
        *("id", "username", "display_name", "email", "kind", "standing", "silenced_until", "group", "is_superuser"),
        *("banned_at", "date_joined", "last_seen_at", "deactivated_at", "deletion_due_at", "deleted_at"),
    )
    ordering = ("-date_joined", "-pk")

    @display(description=_("Name"))
    def name(self, person: Any) -> Aside:
        return Aside(person.display_name, person.username or "")

    @display(description=_("Kind"))
    def kind(self, person: Any) -> Badge:
        if person.is_guest or person.is_bot:
            return Badge(_("guest") if person.is_guest else _("bot"))
        return Badge(_("staff"), "accent") if person.is_staff else Badge(_("member"))

    @display(description=_("Standing"))
    def standing(self, person: Any) -> Badge:
        for since, said in ((person.deleted_at, _("deleted")), (person.banned_at, _("banned"))):
            if since:
                return Badge(said, "ended")
        if not person.is_active:
            return Badge(_("closed"), "ended")
        if person.silenced_until and person.silenced_until > timezone.now():
            return Badge(_("may not write"), "warning")
        return Badge(_("deactivated"), "warning") if person.deactivated_at else Badge("")

    @display(description=_("Group"))
    def group(self, person: Any) -> str:
        names = person.groups.values_list("name", flat=True)
        return ", ".join(str(GROUPS.get(name, name)) for name in names)

    def heading(self, row: Any) -> str:
        return str(row.display_name)

    def found(self, words: str) -> Q:
        return Q(pk__in=people_found(words).values("pk"))

    def facts(self, request: HttpRequest, row: Any) -> list[Fact]:
        """Without what never was: of most people that is the longer half."""
        return [fact for fact in super().facts(request, row) if fact.shown != NOTHING]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *how: Any, **more: Any) -> HttpResponse:
        person = context["original"]
        page = {
            "buttons": list(offers(request, deeds_on(person), person=person.pk)),
            "known": known(request, person),
            "entries": entries_of(person.pk) if has_right(request, Right.READ_LOG) else [],
        }
        return super().render_change_form(request, {**context, **page}, *how, **more)
