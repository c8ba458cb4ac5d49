"""The host's view of a code."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abdre.wire import utc
from gateway_svc.errors import Refused
from gateway_svc.selectors import times
from gateway_svc.selectors.api import Api, Json
from gateway_svc.selectors.forms import CODE_PASSWORD, LABEL, Choices, Field, Option, Text
from gateway_svc.selectors.knocks import Knock, knock
from gateway_svc.selectors.people import BLANK, Person, person

DEAD = ("expired", "revoked", "used_up")
ENDLESS = "none"
LIFETIMES: dict[str, Text] = {
    "900": gettext_lazy("15 minutes"),
    "3600": gettext_lazy("1 hour"),
    "86400": gettext_lazy("24 hours"),
    "604800": gettext_lazy("7 days"),
    ENDLESS: gettext_lazy("Until revoked"),
}
MY_CODES = "/me/code"
# A code that hangs on a door or stands on a card.
USUAL_FOR_ME = {"guests": "1", "ttl": ENDLESS, "uses": ENDLESS}
ASKED_AT_THE_DOOR = gettext_lazy("At least 4 characters. Whoever scans the code is asked for it.")
USES: dict[str, Text] = {
    "1": gettext_lazy("One person"),
    "5": "5",
    "25": "25",
    "100": "100",
    ENDLESS: gettext_lazy("No limit"),
}


@dataclass(frozen=True)
class Step:
    """One thing that happens to a code; those that are no good news show themselves only when they have happened."""

    name: str
    text: str
    is_done: bool
    time: str = ""
    is_hidden: bool = False
    is_end: bool = False

    @property
    def time_text(self) -> str:
        return times.clock(self.time)


@dataclass(frozen=True)
class Numbers:
    """What became of the code so far, as far as anything did."""

    opens: int
    uses: int
    waiting: int
    declined: int
    first: str
    last: str

    @property
    def first_text(self) -> str:
        return times.short(self.first)

    @property
    def last_text(self) -> str:
        return times.short(self.last)


@dataclass(frozen=True)
class Invitation:
    """`chat_id` empty: a code for a chat with its host."""

    id: str
    chat_id: str
    chat_title: str
    name: str
    label: str
    created_at: str
    created_text: str
    heading: str
    lead: str
    status: str
    url: str
    svg: SafeString
    svg_url: str
    png_url: str
    server_now: str
    expires_at: str
    left_text: str
    lasts_text: str  # where no script counts down
    is_soon: bool
    uses: int
    max_uses: int | str
    uses_text: str
    steps: list[Step]
    people: list[Person]
    knocks: list[Knock]
    numbers: Numbers
    locks_text: str
    rotates_at: str
    rotates_in_s: int
    blank_person: Person = BLANK

    @property
    def path(self) -> str:
        return f"{self.codes_path}/{self.id}"

    @property
    def codes_path(self) -> str:
        """Where codes of its kind are made."""
        return f"/chats/{self.chat_id}/invitations" if self.chat_id else "/me/code"

    @property
    def chat_url(self) -> str:
        return f"/chats/{self.chat_id}" if self.chat_id else "/chats"

    @property
    def is_rotating(self) -> bool:
        return bool(self.rotates_at)

    @property
    def is_alive(self) -> bool:
        return self.status not in DEAD

    @property
    def is_used_up(self) -> bool:
        return self.status == "used_up"


@dataclass(frozen=True)
class Options:
    """`is_unusual`: something beyond lifetime and number was chosen, or is wrong."""

    action: str
    lifetime: Choices
    uses: Choices
    guests: bool
    approval: bool
    rotating: bool
    label: Field
    password: Field

    @property
    def is_unusual(self) -> bool:
        typed = self.label.value or self.label.error or self.password.error
        return bool(typed or self.approval or self.rotating or not self.guests)


def invitation(answer: Json, *, chat_title: str, url: str = "", svg: str = "", rotates_at: str = "") -> Invitation:
    seconds = times.left_s(answer["expires_at"])
    came = [person(use["user"], use["joined_at"]) for use in answer.get("people", [])]
    return Invitation(
        id=answer["id"],
        chat_id=answer["chat"] or "",
        chat_title=chat_title,
        name=answer["label"] or _("Code without a label"),
        label=answer["label"],
        created_at=answer["created_at"],
        created_text=times.short(answer["created_at"]),
        heading=_heading(answer["status"]),
        lead=_lead(answer),
        status=answer["status"],
        url=url,
        svg=picture_of(svg),
        svg_url=answer["qr_svg"],
        png_url=answer["qr_png"],
        server_now=utc(timezone.now()),
        expires_at=answer["expires_at"] or "",
        left_text=_ended_text(answer) or times.left(answer["expires_at"]) or _("Until revoked"),
        lasts_text=_ended_text(answer) or _lasts_text(seconds),
        is_soon=seconds is not None and seconds < times.SOON_S,
        uses=answer["uses"],
        max_uses=answer["max_uses"] or "",
        uses_text=uses_text(answer["uses"], answer["max_uses"]),
        steps=steps(answer, came),
        people=came,
        knocks=[
            knock(waiting["user"], invitation_id=answer["id"], title=chat_title if answer["chat"] else "")
            for waiting in answer.get("knocks", [])
        ],
        numbers=_numbers(answer),
        locks_text=_locks_text(answer),
        rotates_at=rotates_at,
        rotates_in_s=(times.left_s(rotates_at) or 0) + 1,
    )


def _numbers(answer: Json) -> Numbers:
    return Numbers(
        answer.get("opens", 0),
        answer["uses"],
        answer.get("waiting", 0),
        answer["declined"],
        answer.get("first_joined_at") or "",
        answer.get("last_joined_at") or "",
    )


def _locks_text(answer: Json) -> str:
    """What stands between the code and the chat, for its host."""
    locks = {
        "approval": _("you let people in"),
        "has_password": _("with a password"),
        "rotating": _("changes all the time"),
    }
    return " · ".join(text for name, text in locks.items() if answer.get(name))


def uses_text(uses: int, max_uses: int | None) -> str:
    """In the words of the page's script (templates/components/_strings.html)."""
    if max_uses is None:
        return _("Used {uses} times").format(uses=uses)
    return _("{uses} of {max} used").format(uses=uses, max=max_uses)


def steps(answer: Json, came: list[Person]) -> list[Step]:
    status, joined_at = answer["status"], came[-1].time if came else ""
    was_opened = bool(answer["opened_at"] or answer["uses"])
    return [
        Step("created", _("On your screen"), True, answer["created_at"]),
        Step("opened", _("Opened by somebody"), was_opened, answer["opened_at"] or ""),
        Step("waiting", _("Waits for your word"), bool(answer.get("waiting")), is_hidden=not answer.get("waiting")),
        Step("joined", _("In the chat"), answer["uses"] > 0, joined_at),
        Step("declined", _("Somebody said no"), answer["declined"] > 0, is_hidden=not answer["declined"]),
        Step("expired", _("The code has expired"), status == "expired", is_hidden=status != "expired", is_end=True),
        Step("revoked", _("The code was taken back"), status == "revoked", is_hidden=status != "revoked", is_end=True),
    ]


def options(action: str, chosen: dict[str, str] | None = None, errors: dict[str, list[str]] | None = None) -> Options:
    """The form for a new code, as it was sent or with what is usual; the password is never sent back."""
    usual = USUAL_FOR_ME if action == MY_CODES else {"guests": "1"}
    typed = chosen if chosen is not None else usual
    wrong = {name: " ".join(problems) for name, problems in (errors or {}).items()}
    return Options(
        action=action,
        lifetime=_choices("ttl", gettext_lazy("How long it works"), LIFETIMES, typed.get("ttl", "900")),
        uses=_choices("uses", gettext_lazy("For how many people"), USES, typed.get("uses", "1")),
        guests=bool(typed.get("guests")),
        approval=bool(typed.get("approval")),
        rotating=bool(typed.get("rotating")),
        label=replace(LABEL, value=typed.get("label", ""), error=wrong.get("label", "")),
        password=replace(CODE_PASSWORD, error=wrong.get("password", ""), hint=ASKED_AT_THE_DOOR),
    )


async def picture(api: Api, invitation_id: str) -> str:
    """The code's SVG; empty where it can no longer be drawn."""
    return await _or_empty(api.text("auth", f"/api/auth/invitations/{invitation_id}/qr.svg"))


async def link(api: Api, invitation_id: str) -> Json:
    """The `url`, of a rotating code with the picture (`svg`) that belongs to it and until when it stands."""
    return await _or_nothing(api.get("auth", f"/api/auth/invitations/{invitation_id}/link"))


async def _or_empty(asked: Any) -> str:
    try:
        return str(await asked)
    except Refused:
        return ""


async def _or_nothing(asked: Any) -> Json:
    try:
        answer: Json = await asked
    except Refused:
        return {}
    return answer


def _choices(name: str, label: Text, texts: dict[str, Text], chosen: str) -> Choices:
    known = chosen if chosen in texts else next(iter(texts))
    return Choices(name, label, [Option(value, text, value == known) for value, text in texts.items()])


def picture_of(svg: str) -> SafeString:
    # Our own drawing service's answer, not a person's; still, nothing but a picture goes into the page as it is.
    return mark_safe(svg) if svg.startswith("<svg ") and "<script" not in svg else SafeString()  # noqa: S308


def _ended_text(answer: Json) -> str:
    """Empty while the code works."""
    return {"expired": _("Expired"), "revoked": _("Revoked"), "used_up": _("Used up")}.get(answer["status"], "")


def _lasts_text(seconds: int | None) -> str:
    return _("Until revoked") if seconds is None else _("For another %(time)s") % {"time": times.about(seconds)}


def _heading(status: str) -> str:
    headings = {
        "expired": _("This code has expired"),
        "revoked": _("This code was taken back"),
        "used_up": _("This code is used up"),
    }
    return headings.get(status) or _("Let them scan this")


def _lead(answer: Json) -> str:
    if answer["status"] in DEAD:
        return _("Nobody can come in by it any more. A fresh one is a tap away.")
    if not answer["chat"]:
        return _("Each who scans it gets a chat with you, and sees nothing of the others.")
    if not answer["guests"]:
        return _("Any phone camera will do. It is for people with an account here.")
    return _("Any phone camera will do. No app, no account.")
