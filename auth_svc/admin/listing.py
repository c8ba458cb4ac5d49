"""One page of a list: its columns and lines in words, its filters, the way to the next page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model
from django.utils.html import strip_tags

from auth_svc.admin.values import NOTHING, shown
from auth_svc.admin.words import name_of

LONG = 30  # characters; more do not fit beside another cell of a card


class Cell(NamedTuple):
    name: str
    shown: str

    @property
    def is_empty(self) -> bool:
        return self.shown == NOTHING

    @property
    def is_long(self) -> bool:
        return len(strip_tags(self.shown)) > LONG


class Line(NamedTuple):
    """`path`: where the row's own page is."""

    key: str
    path: str
    first: Cell
    cells: list[Cell]


class Listing(ChangeList):
    @property
    def columns(self) -> list[str]:
        return [str(name) for name in self.list_display if name != "action_checkbox"]

    def heads(self) -> list[str]:
        return [name_of(name, self.model_admin) for name in self.columns]

    def lines(self) -> Iterator[Line]:
        heads = self.heads()
        for row in self.result_list:
            cells = [Cell(*pair) for pair in zip(heads, self._shown(row), strict=True)]
            yield Line(str(row.pk), self.url_for_result(row), cells[0], cells[1:])

    def _shown(self, row: Model) -> list[str]:
        return [shown(row, name, self.model_admin) for name in self.columns]

    @property
    def checkbox(self) -> str:
        return ACTION_CHECKBOX_NAME

    @property
    def back(self) -> str:
        return self.get_query_string({PAGE_VAR: self.page_num - 1}) if self.page_num > 1 else ""

    @property
    def onward(self) -> str:
        is_last = self.page_num >= self.paginator.num_pages
        return "" if is_last else self.get_query_string({PAGE_VAR: self.page_num + 1})

    @property
    def selects(self) -> list[dict[str, Any]]:
        """The filters (each a SimpleListFilter), as fields of the search's own form."""
        return [_select(spec) for spec in self.filter_specs]


def _select(spec: Any) -> dict[str, Any]:
    choices = [(value, said) for value, said in spec.lookup_choices]
    return {"title": spec.title, "name": spec.parameter_name, "value": spec.value(), "choices": choices}
