"""Who asks to be let in, as a host sees it; and the page on which somebody waits."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.wire import utc
from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.join import Closed, Inviter, Way, closed
from gateway_svc.selectors.text import initial


@dataclass(frozen=True)
class Knock:
    """Somebody at one code; `title` empty: they ask for a chat with the host."""

    invitation_id: str
    user_id: str
    name: str
    is_guest: bool
    initial: str
    title: str


BLANK_KNOCK = Knock("", "", "", is_guest=True, initial="", title="")


@dataclass(frozen=True)
class Waiting:
    """The page of whoever knocked."""

    path: str
    invitation_id: str
    inviter: Inviter
    title: str
    expires_at: str
    left_text: str
    server_now: str


def knocks_of(answer: Json | None) -> list[Knock]:
    """`answer` of the list of all who wait for this host's word; None while its service is away."""
    items = answer["items"] if answer else []
    return [knock(item["user"], invitation_id=item["invitation"], title=item["title"]) for item in items]


def knock(user: Json, *, invitation_id: str, title: str) -> Knock:
    name = user["display_name"]
    return Knock(invitation_id, user["id"], name, user["is_guest"], initial(name), title)


def waiting(answer: Json) -> Waiting:
    inviter = answer["inviter"]
    name = inviter["display_name"]
    shown = Inviter(name, inviter["is_guest"], initial(name))
    return Waiting(
        path=f"/waiting/{answer['invitation']}",
        invitation_id=answer["invitation"],
        inviter=shown,
        title=answer["title"],
        expires_at=answer.get("expires_at") or "",
        left_text=times.left(answer.get("expires_at")),
        server_now=utc(timezone.now()),
    )


def over(answer: Json) -> Closed:
    """Why there is nothing to wait for any more: a word of the host, or the code's end."""
    if answer["state"] == "refused":
        return closed("knock_refused")
    return closed(answer["code"]) if answer["code"] != "active" else _not_waiting()


def _not_waiting() -> Closed:
    text = _("Nobody let you in this time, or you went. Scan the code again, and they hear it again.")
    return Closed(
        "not_waiting", 200, "clock", _("You are not waiting any more"), text, [Way(_("To your chats"), "/chats")]
    )
