"""Rows to look at: a list and a page for each, from which nothing is ever saved."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from uuid import UUID

from django.contrib.admin import ModelAdmin, ShowFacets
from django.contrib.admin.utils import flatten_fieldsets, quote
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from django.utils.html import format_html

from auth_svc.admin.entry import has_right
from auth_svc.admin.listing import Listing
from auth_svc.admin.paginator import CappedPaginator
from auth_svc.admin.values import NOTHING, points_to, shown
from auth_svc.admin.words import name_of
from chat_svc.services.moderation import Right

if TYPE_CHECKING:
    Rows = ModelAdmin[Model]
else:  # generic for the type checker only
    Rows = ModelAdmin


class Fact(NamedTuple):
    name: str
    shown: str

    @property
    def is_empty(self) -> bool:
        return self.shown == NOTHING


class ReadOnly(Rows):
    """`title`: of the list. The order is by an index, since it is all of a long table that is put in it."""

    title: str | Promise = ""
    right: ClassVar[Right] = Right.SEE_SYSTEM
    id_fields: Sequence[str] = ("pk",)  # by which of its columns an id finds a row
    paginator = CappedPaginator
    # Counting a whole table for a line at its foot is the slowest part of a long list.
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    show_facets = ShowFacets.NEVER  # each would count the table once more

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_right(request, self.right)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """No page of Django's own log, in which nothing is ever written here."""
        return [address for address in super().get_urls() if not str(address.name).endswith("_history")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """With what a row's page names beside, which Django leaves to the list."""
        found: QuerySet[Model] = super().get_queryset(request)
        beside = self.list_select_related
        return found.select_related(*beside) if isinstance(beside, tuple) else found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the list offers and nothing else: an address that asks of a hash would tell it letter by letter."""
        assert request is not None
        return lookup in {getattr(one, "parameter_name", None) for one in self.get_list_filter(request)}

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[Listing]:
        return Listing

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Whether there is a search at all; `found` says what it looks at."""
        return tuple(self.search_fields or self.id_fields)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        """An id finds its rows at once; anything else is looked for in the text."""
        words = search_term.strip()
        with suppress(ValueError):
            return queryset.filter(self.identified(UUID(words))), False
        return queryset.filter(self.found(words)) if words else queryset, False

    def identified(self, one: UUID) -> Q:
        return _any(self.id_fields, one)

    def found(self, words: str) -> Q:
        """Which rows are meant by `words`. A long table is not to be read for it; see `people_found`."""
        return _any([f"{name}__icontains" for name in self.search_fields], words)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})

    def heading(self, row: Any) -> str:
        return str(row)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {"list_title": self.title, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *how: Any, **more: Any) -> HttpResponse:
        row = context["original"]
        about = {"title": self.heading(row), "subtitle": None, "facts": self.facts(request, row)}
        return super().render_change_form(request, {**context, **about}, *how, **more)

    def facts(self, request: HttpRequest, row: Model) -> list[Fact]:
        names = flatten_fieldsets(self.get_fieldsets(request, row))
        return [Fact(name_of(name, self), self._linked(request, row, name)) for name in names]

    def _linked(self, request: HttpRequest, row: Model, name: str) -> str:
        """A fact; one that names another row leads there, for who may see that."""
        said = shown(row, name, self)
        target = points_to(row, name)
        if target is None or not self.admin_site.is_registered(type(target)):
            return said
        if not self.admin_site.get_model_admin(type(target)).has_view_permission(request, target):
            return said
        address = f"{self.admin_site.name}:{target._meta.app_label}_{target._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(address, args=[quote(target.pk)]), said)


def _any(lookups: Sequence[str], value: object) -> Q:
    return reduce(or_, (Q(**{lookup: value}) for lookup in lookups))
