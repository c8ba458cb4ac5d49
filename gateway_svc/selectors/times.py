"""Moments in words, in the zone that the reader has chosen, else in UTC: the page's script says it anew in theirs."""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

DAY_S = 86_400
SOON_S = 60


def moment(text: str | None) -> dt.datetime | None:
    """ISO 8601 as the services write it, in the reader's zone."""
    return timezone.localtime(dt.datetime.fromisoformat(text)) if text else None


def clock(text: str | None) -> str:
    time = moment(text)
    return f"{time:%H:%M}" if time else ""


def day_name(day: dt.date, today: dt.date) -> str:
    if day == today:
        return _("Today")
    if day == today - dt.timedelta(days=1):
        return _("Yesterday")
    return said(day, pgettext("date", "l, j F")) if day.year == today.year else date(day)


def short(text: str | None) -> str:
    """For lists: the clock today, else the date."""
    time = moment(text)
    if not time:
        return ""
    now = timezone.localtime()
    if time.date() == now.date():
        return f"{time:%H:%M}"
    return said(time, pgettext("date", "j M") if time.year == now.year else pgettext("date", "j M Y"))


def to_the_minute(text: str) -> str:
    """The clock; of another day, after the date."""
    day = short(text)
    return day if day in ("", clock(text)) else f"{day}, {clock(text)}"


def dated(time: dt.datetime) -> str:
    """The date, with the year where it is another one."""
    return said(time, pgettext("date", "j F")) if time.year == timezone.localtime().year else date(time)


def dated_clock(text: str) -> str:
    """The date and the clock."""
    time = moment(text)
    assert time is not None  # only None gives None
    return f"{dated(time)}, {time:%H:%M}"


def date(day: dt.date) -> str:
    return said(day, pgettext("date", "j F Y"))


def said(day: dt.date, how: str) -> str:
    """The day in Django's letters for its parts, which each language orders in its own way."""
    text = date_format(day, how)
    # Django writes all names large, as English does; the others know "26 ноября" and "Четверг, 26 ноября".
    return text if get_language() == "en" else text.capitalize()


def left_s(expires_at: str | None) -> int | None:
    """Whole seconds until then, never negative; None where nothing ends."""
    end = moment(expires_at)
    return max(0, int((end - timezone.now()).total_seconds())) if end else None


def ahead(seconds: int) -> str:
    """The moment so many seconds from now, as the services read it."""
    return (timezone.now() + dt.timedelta(seconds=seconds)).isoformat()


def left(expires_at: str | None) -> str:
    """As the countdown of the page's script writes it: 0:07, 14:59, 1:02:03; from two days on in days."""
    seconds = left_s(expires_at)
    if seconds is None:
        return ""
    if seconds >= 2 * DAY_S:
        return days(seconds // DAY_S)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: int) -> str:
    """A span as people say it: what was made to last seven days has seven a minute later, too."""
    if seconds >= 2 * DAY_S:
        return days(round(seconds / DAY_S))
    if seconds >= 3600:
        hours = round(seconds / 3600)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = max(1, seconds // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
