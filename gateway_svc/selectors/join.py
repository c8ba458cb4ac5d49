"""What a code says to whoever holds it."""

from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.wire import utc
from gateway_svc.errors import Refused
from gateway_svc.selectors import people, times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.chats import title_of
from gateway_svc.selectors.forms import CODE_PASSWORD, NAME, Field
from gateway_svc.selectors.text import initial


@dataclass(frozen=True)
class Inviter:
    name: str
    is_guest: bool
    initial: str


@dataclass(frozen=True)
class Join:
    """A code that lives."""

    path: str
    token: str
    inviter: Inviter
    chat_title: str
    people_text: str
    is_direct: bool
    asks_host: bool
    domain: str
    expires_at: str
    left_text: str
    server_now: str
    guests: bool
    join_text: str
    name_field: Field
    password_field: Field | None
    login_url: str
    register_url: str
    asks_name: bool
    error: str


@dataclass(frozen=True)
class Way:
    """A way on."""

    text: str
    url: str
    is_main: bool = False


@dataclass(frozen=True)
class Closed:
    """A code that leads nowhere, and why."""

    name: str
    status: int
    icon: str
    title: str
    text: str
    ways: list[Way]


def join(
    answer: Json,
    *,
    path: str,
    token: str,
    viewer: people.Viewer | None,
    domain: str,
    name: str = "",
    error: str = "",
    password_error: str = "",
) -> Join:
    """`error`: why joining was refused, for strangers and guests a matter of the name."""
    inviter = answer["inviter"]
    may_rename = viewer is None or viewer.is_guest
    is_direct = answer["chat"]["kind"] == "direct"
    return Join(
        path=path,
        token=token,
        inviter=Inviter(inviter["display_name"], inviter["is_guest"], initial(inviter["display_name"])),
        chat_title=_("A chat of the two of you") if is_direct else title_of(answer["chat"]),
        people_text="" if is_direct else people.count_text(answer["chat"]["member_count"]),
        is_direct=is_direct,
        asks_host=answer.get("approval", False),
        domain=answer.get("domain") or domain,
        expires_at=answer["expires_at"] or "",
        left_text=times.left(answer["expires_at"]),
        server_now=utc(timezone.now()),
        guests=answer["guests"],
        join_text=_join_text(viewer, asks=answer.get("approval", False)),
        name_field=replace(NAME, value=name, error=error, has_focus=not password_error),
        password_field=_password_field(password_error) if answer.get("has_password") else None,
        login_url=f"/login?next={path}",
        register_url=f"/register?next={path}",
        asks_name=viewer is None or bool(error and may_rename),
        error="" if may_rename else error,
    )


def _password_field(error: str) -> Field:
    return replace(
        CODE_PASSWORD,
        type="password",
        required=True,
        error=error,
        has_focus=bool(error),
        hint=_("Whoever shows it knows it."),
    )


def _join_text(viewer: people.Viewer | None, *, asks: bool) -> str:
    if viewer is None:
        return _("Ask to come in") if asks else _("Join as guest")
    if not viewer.name:
        return _("Ask to come in") if asks else _("Join")
    return (_("Ask as %(name)s") if asks else _("Join as %(name)s")) % {"name": viewer.name}


def closed(state: str, *, token: str = "", chat_id: str = "") -> Closed:
    """`state`: of a preview, or the code of a refusal. An unknown one is a code that does not work.

    `chat_id`: the chat behind the code, for who is in it.
    """
    makers = {
        "expired": _expired,
        "invitation_expired": _expired,
        "revoked": _revoked,
        "invitation_revoked": _revoked,
        "used_up": _used_up,
        "invitation_used_up": _used_up,
        "chat_over": _chat_over,
        "own_invitation": _own,
        "chat_full": _full,
        "banned": _banned,
        "account_required": _account_required,
        "declined": _declined,
        "invitation_moved_on": _moved_on,
        "knock_refused": _knock_refused,
        "waiting_room_full": _waiting_room_full,
        "may_not_write": _may_not_write,
    }
    shown = makers.get(state, _unknown)(f"/join/{token}")
    return replace(shown, ways=[Way(_("To the chat"), f"/chats/{chat_id}", True)]) if chat_id else shown


# Refusals of a person that have a page of their own.
FORBIDDEN = ("banned", "account_required", "knock_refused", "may_not_write")


def speaks_of(refusal: Refused) -> bool:
    """Whether the refusal is about the code or the chat, and so has its own page."""
    return refusal.status in (404, 409, 410) or refusal.code in FORBIDDEN


def _may_not_write(path: str) -> Closed:
    text = _("You and whoever shows this code cannot write to each other here.")
    return Closed("may_not_write", 403, "stop", _("No talk by this code"), text, [_start()])


def _start(text: str = "", *, is_main: bool = True) -> Way:
    return Way(text or _("Start your own chat"), "/", is_main)


def _expired(path: str) -> Closed:
    text = _("Codes live for a short time, so that a photo of one is worth little. Ask for a fresh one and scan it.")
    return Closed("expired", 410, "clock", _("This code has expired"), text, [_start()])


def _revoked(path: str) -> Closed:
    text = _("Whoever showed it has withdrawn it. Ask for a fresh one if that surprises you.")
    return Closed("revoked", 410, "stop", _("This code was taken back"), text, [_start()])


def _used_up(path: str) -> Closed:
    text = _("As many people as it was made for have come in by it. Ask for a fresh one.")
    return Closed("used_up", 410, "people", _("This code is used up"), text, [_start()])


def _chat_over(path: str) -> Closed:
    text = _("It has ended, and with it the invitations to it. A new one is a tap away.")
    return Closed("chat_over", 410, "clock", _("This chat is over"), text, [_start()])


def _moved_on(path: str) -> Closed:
    text = _("The code on that screen changes all the time, so that a photo of it is worth nothing. Scan it once more.")
    ways = [Way(_("Scan again"), "/scan", True), _start(is_main=False)]
    return Closed("moved_on", 410, "renew", _("This code has moved on"), text, ways)


def _knock_refused(path: str) -> Closed:
    text = _("Those inside did not let you in this time. Perhaps they took you for somebody else: ask them.")
    return Closed("knock_refused", 403, "stop", _("Not this time"), text, [_start()])


def _waiting_room_full(path: str) -> Closed:
    text = _("So many ask to come in that no more can wait. Try again in a moment.")
    return Closed("waiting_room_full", 409, "people", _("Many are waiting"), text, [Way(_("Try again"), path, True)])


def _unknown(path: str) -> Closed:
    text = _(
        "We do not know this code. Perhaps a character got lost on the way: scan it again, or ask for the link anew."
    )
    return Closed("unknown", 404, "question", _("There is no such code"), text, [_start()])


def _own(path: str) -> Closed:
    text = _("Show it to the person you want to talk to: their phone’s camera opens it.")
    return Closed("own", 200, "code", _("This is your own code"), text, [Way(_("To your chats"), "/chats", True)])


def _full(path: str) -> Closed:
    text = _("It has as many people as it can hold. When somebody leaves, there is room again.")
    ways = [Way(_("Try again"), path, True), _start(is_main=False)]
    return Closed("full", 409, "people", _("This chat is full"), text, ways)


def _banned(path: str) -> Closed:
    text = _("Those who run it do not let you back in. They can change that, we cannot.")
    return Closed("banned", 403, "stop", _("You cannot enter this chat"), text, [_start()])


def _account_required(path: str) -> Closed:
    text = _("Guests cannot come in by this code. With an account you can, and everything you have here stays yours.")
    ways = [Way(_("Make an account and join"), f"/register?next={path}", True), Way(_("Log in"), f"/login?next={path}")]
    return Closed("account_required", 403, "key", _("This code asks for an account"), text, ways)


def _declined(path: str) -> Closed:
    text = _("They hear that somebody declined, and not who it was.")
    ways = [Way(_("Back to the invitation"), path), _start(is_main=False)]
    return Closed("declined", 200, "check", _("You said no"), text, ways)
