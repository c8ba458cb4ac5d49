"""Staff whose pages are open hear at once that reports wait; nobody else does."""

from functools import partial

from django.db import transaction

from abdre.events import publish, user_group
from chat_svc.events import ReportNews, reports_event
from chat_svc.models import Right
from chat_svc.selectors.waiting_reports import count_waiting
from user_svc.selectors import staff_with

# Who may appoint staff is who takes what moderators hand on.
TOLD_OF = {
    ReportNews.CREATED: Right.HANDLE_REPORTS,
    ReportNews.ESCALATED: Right.APPOINT_STAFF,
    ReportNews.CHANGED: Right.HANDLE_REPORTS,
}


def tell_staff(news: ReportNews) -> None:
    """How many wait, counted after the commit: of two reports made side by side the later event knows both."""
    transaction.on_commit(partial(_tell, news), robust=True)


def _tell(news: ReportNews) -> None:
    event = reports_event(news, count_waiting())
    for user_id in staff_with(f"chat_svc.{TOLD_OF[news]}").values_list("id", flat=True):
        publish(user_group(user_id), event)
