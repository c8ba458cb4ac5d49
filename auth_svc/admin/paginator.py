"""Pages of a list that is never counted to its end: a million rows cost what ten thousand do."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

# Nobody turns more pages; who looks for something further back searches.
COUNTED = 10_000


class CappedPaginator(Paginator[Any]):
    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @cached_property
    def has_more(self) -> bool:
        """Whether there are rows beyond the last page."""
        return self._counted > COUNTED

    @cached_property
    def said(self) -> str:
        """How many there are, in words that promise no more than is known."""
        if not self.has_more:
            return ngettext("%(count)s in all", "%(count)s in all", self.count) % {"count": number_format(self.count)}
        estimate = 0 if self._is_filtered else self._estimate()
        if estimate > COUNTED:
            return gettext("about %(count)s in all") % {"count": number_format(_rounded(estimate), force_grouping=True)}
        return gettext("more than %(count)s in all") % {"count": number_format(COUNTED, force_grouping=True)}

    @cached_property
    def _counted(self) -> int:
        """Rows, up to the first that is too many."""
        return int(self.object_list.order_by().values("pk")[: COUNTED + 1].count())

    @property
    def _is_filtered(self) -> bool:
        return bool(self.object_list.query.where)

    def _estimate(self) -> int:
        """As the planner believes: PostgreSQL keeps it for each table. 0 where nothing is kept."""
        connection = connections[self.object_list.db]
        if connection.vendor != "postgresql":
            return 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [self._table])
            return int(cursor.fetchone()[0])

    @property
    def _table(self) -> str:
        return str(self.object_list.model._meta.db_table)


def _rounded(estimate: int) -> int:
    """To two places: 1,234,567 is about 1,200,000."""
    return round(estimate, 2 - len(str(estimate)))
