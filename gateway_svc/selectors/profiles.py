"""Somebody's profile, and what of one's own may be changed."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.chats import picture_of
from gateway_svc.selectors.forms import PROFILE_NAME, Field, Option
from gateway_svc.selectors.people import picture_url
from gateway_svc.selectors.text import initial

STATUS_EMOJI = Field("status_emoji", gettext_lazy("Emoji"), required=False, maxlength=16)
STATUS_TEXT = Field("status_text", gettext_lazy("Status"), required=False, maxlength=100)
ABOUT = Field("about", gettext_lazy("About you"), required=False, maxlength=500)
# By the form's word: how long a status stands.
KEEP, TODAY = "keep", "today"
SPANS = {"30": 30, "60": 60, "240": 240}


@dataclass(frozen=True)
class Shared:
    url: str
    title: str
    initial: str
    picture_url: str


@dataclass(frozen=True)
class Profile:
    id: str
    name: str
    username: str
    is_guest: bool
    is_self: bool
    is_blocked: bool
    initial: str
    picture_url: str
    status_emoji: str
    status_text: str
    status_until: str
    about: str
    since: str
    local_time: str
    shared: list[Shared]
    may_write: bool


# What a user service of the release before does not say.
UNTOLD: Json = {
    "username": "",
    "about": "",
    "status": None,
    "time_zone": None,
    "is_blocked": False,
    "date_joined": None,
}


def profile(user: Json, *, viewer_id: str, viewer_is_guest: bool, chats: list[Json]) -> Profile:
    """`chats`: those that the two share."""
    user = {**UNTOLD, **user}
    status = user["status"] or {"emoji": "", "text": "", "until": None}
    joined = times.moment(user["date_joined"])
    is_self = user["id"] == viewer_id
    has_direct = any(chat["kind"] == "direct" for chat in chats)
    return Profile(
        id=user["id"],
        name=user["display_name"],
        username=user["username"] or "",
        is_guest=user["is_guest"],
        is_self=is_self,
        is_blocked=user["is_blocked"],
        initial=initial(user["display_name"]),
        picture_url=picture_url(user, 256),
        status_emoji=status["emoji"],
        status_text=status["text"],
        status_until=_until(status["until"]),
        about=user["about"],
        since=times.date(joined) if joined else "",
        local_time=_local_time(user["time_zone"]),
        shared=[_shared(chat) for chat in chats if chat["kind"] != "direct"],
        may_write=not is_self and not user["is_blocked"] and (has_direct or not (user["is_guest"] or viewer_is_guest)),
    )


def _shared(chat: Json) -> Shared:
    title = chat["title"] or _("Chat")
    return Shared(f"/chats/{chat['id']}", title, initial(title), picture_of(chat))


def _until(text: str | None) -> str:
    return _("until %(time)s") % {"time": times.short(text)} if text else ""


def _local_time(zone: str | None) -> str:
    if not zone:
        return ""
    return f"{timezone.localtime(timezone=zoneinfo.ZoneInfo(zone)):%H:%M}"


@dataclass(frozen=True)
class OwnProfile:
    name_field: Field
    emoji_field: Field
    status_field: Field
    about: Field
    spans: list[Option]
    username: str
    initial: str
    picture_url: str
    saved: str
    picture_error: str


def own_profile(
    me: Json, *, sent: dict[str, str], errors: dict[str, list[str]], saved: str, picture_error: str = ""
) -> OwnProfile:
    """`sent`: what was asked for and is not to be had."""
    me = {**UNTOLD, **me}
    status = me["status"] or {"emoji": "", "text": "", "until": None}
    kept = {
        "display_name": me["display_name"],
        "status_emoji": status["emoji"],
        "status_text": status["text"],
        "about": me["about"],
        "until": KEEP,
    }
    values = {**kept, **sent}

    def filled(field: Field, error: str = "") -> Field:
        problem = " ".join(errors.get(error or field.name, []))
        return replace(field, value=values[field.name], error=problem, has_focus=bool(problem))

    return OwnProfile(
        name_field=filled(PROFILE_NAME),
        emoji_field=filled(STATUS_EMOJI, "nothing"),
        status_field=filled(STATUS_TEXT, "status"),
        about=filled(ABOUT),
        spans=[Option(value, text, values["until"] == value) for value, text in _spans(status["until"])],
        username=me.get("username") or "",
        initial=initial(me["display_name"]),
        picture_url=picture_url(me, 256),
        saved=saved,
        picture_error=picture_error,
    )


def _spans(until: str | None) -> list[tuple[str, str]]:
    kept = _("Keep: %(until)s") % {"until": _until(until)} if until else _("Until I change it")
    return [
        (KEEP, kept),
        ("30", _("For 30 minutes")),
        ("60", _("For an hour")),
        ("240", _("For 4 hours")),
        (TODAY, _("Until midnight")),
    ]


def end_of_status(span: str, status: Json | None) -> str | None:
    """ISO 8601, from what the form said; `status` is the one that stood there."""
    if span in SPANS:
        return (timezone.now() + dt.timedelta(minutes=SPANS[span])).isoformat()
    if span == TODAY:
        tomorrow = timezone.localtime() + dt.timedelta(days=1)
        return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
    until: str | None = status["until"] if status else None
    return until
