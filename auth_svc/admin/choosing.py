"""What a list may be narrowed to: one word chosen of a few, each a condition on the rows."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

Said = str | Promise


class Choosing(SimpleListFilter):
    """Subclasses say `title`, `parameter_name` and `options`: a word of the address, a word to people, a condition."""

    options: dict[str, tuple[Said, Q]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, said) for value, (said, _condition) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = self.options.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


def choosing(parameter: str, title: Said, **options: tuple[Said, Q]) -> type[Choosing]:
    facts = {"title": title, "parameter_name": parameter, "options": options}
    return type(f"Choosing_{parameter}", (Choosing,), facts)
