"""Personal tokens and bots, as their owner's pages show them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Choices, Field, Option

READ, WRITE = "read", "write"
DAYS = {"7": gettext_lazy("a week"), "90": gettext_lazy("three months"), "366": gettext_lazy("a year")}
USUAL_DAYS = "90"

TOKEN_NAME = Field(
    "name", gettext_lazy("What it is for"), maxlength=60, hint=gettext_lazy("Such as “backup script”, for your eyes.")
)
BOT_NAME = Field(
    "username", gettext_lazy("User name"), maxlength=30, is_plain=True,
    hint=gettext_lazy("3 to 30 letters, digits, dots or dashes. By it the bot is found and mentioned."),
)  # fmt: skip
BOT_DISPLAY_NAME = Field("display_name", gettext_lazy("Name in chats"), maxlength=60, required=False)


@dataclass(frozen=True)
class Token:
    id: str
    name: str
    ending: str
    reach: str
    expiry: str
    used: str
    revoke_text: str


@dataclass(frozen=True)
class Bot:
    id: str
    name: str
    username: str
    token: Token | None
    delete_text: str


def token(item: Json) -> Token:
    expires, used = times.moment(item["expires_at"]), item["last_used_at"]
    return Token(
        id=item["id"],
        name=item["name"],
        ending=item["ending"],
        reach=_("reads and writes") if WRITE in item["scopes"] else _("only reads"),
        expiry=_("until %(day)s") % {"day": times.date(expires)} if expires else "",
        used=_("last used %(time)s") % {"time": times.short(used)} if used else _("never used"),
        revoke_text=_("Revoke %(name)s") % {"name": item["name"]},
    )


def bot(item: Json) -> Bot:
    return Bot(
        id=item["id"],
        name=item["display_name"],
        username=item["username"],
        token=token(item["token"]) if item["token"] else None,
        delete_text=_("Delete %(name)s") % {"name": item["display_name"]},
    )


def scope_choice(chosen: str) -> Choices:
    texts = {READ: _("only read"), WRITE: _("read and write")}
    return Choices(
        "scope", _("It may"), [Option(value, text, value == (chosen or READ)) for value, text in texts.items()]
    )


def days_choice(chosen: str) -> Choices:
    wanted = chosen if chosen in DAYS else USUAL_DAYS
    return Choices("days", _("It lasts"), [Option(value, text, value == wanted) for value, text in DAYS.items()])
