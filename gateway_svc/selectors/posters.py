"""What stands on a poster with a code."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from gateway_svc.selectors import people, times
from gateway_svc.selectors.invitations import Invitation

SIZES = ("a4", "a6")
# What hangs on a wall is looked at tomorrow.
WORTH_PRINTING_S = 24 * 3600


@dataclass(frozen=True)
class Poster:
    size: str
    title: str
    label: str
    domain: str
    valid_text: str
    warning: str

    @property
    def other_size(self) -> str:
        return SIZES[1 - SIZES.index(self.size)]


def poster(invitation: Invitation, *, viewer: people.Viewer, size: str) -> Poster:
    title = invitation.chat_title if invitation.chat_id else _("Talk to %(name)s") % {"name": viewer.name}
    return Poster(
        size=size if size in SIZES else SIZES[0],
        title=title,
        label=invitation.label,
        domain=urlsplit(invitation.url).netloc,
        valid_text=_valid_text(invitation.expires_at),
        warning=_warning(invitation),
    )


def _valid_text(expires_at: str) -> str:
    end = times.moment(expires_at)
    return _("Until %(date)s, %(time)s UTC") % {"date": times.date(end), "time": f"{end:%H:%M}"} if end else ""


def _warning(invitation: Invitation) -> str:
    """Why this code is no good on paper; empty where it is."""
    if not invitation.is_alive:
        return _("This code opens nothing any more.")
    if invitation.is_rotating:
        return _("This code changes all the time: on paper it is dead in a minute.")
    seconds = times.left_s(invitation.expires_at)
    if seconds is not None and seconds < WORTH_PRINTING_S:
        return _("This code ends in less than a day. For paper, make one that works for longer.")
    if invitation.max_uses == 1:
        return _("This code is for one person. For paper, make one for more.")
    return ""
