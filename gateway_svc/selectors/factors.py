"""Second factors as pages show them: codes, apps, passkeys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Field, Text
from gateway_svc.selectors.invitations import picture_of

GROUP = 4
APP_CODE = Field(
    "code", gettext_lazy("Code"), autocomplete="one-time-code", is_plain=True, maxlength=32, inputmode="numeric"
)
PASSKEY_NAME = Field(
    "name", gettext_lazy("Name"), maxlength=60, required=False,
    hint=gettext_lazy("By which you tell it from others, such as “phone” or “grey key”."),
)  # fmt: skip


@dataclass(frozen=True)
class PasskeyButton:
    """What a script needs to ask the browser for a passkey. `fields` of the form go along with the question."""

    text: Text
    options_url: str
    deed: Literal["get", "create"] = "get"
    action: str = ""  # where the form goes with the answer; empty: where it goes anyway
    fields: str = ""
    is_primary: bool = False


SHOW_PASSKEY = PasskeyButton(gettext_lazy("Use a passkey"), "/api/auth/login/passkey/options")
LOGIN_PASSKEY = PasskeyButton(gettext_lazy("Log in with a passkey"), "/api/auth/login/passkey/options")
NEW_PASSKEY = PasskeyButton(gettext_lazy("Add a passkey"), "/api/auth/passkeys/options", "create", is_primary=True)
REGISTER_PASSKEY = PasskeyButton(
    gettext_lazy("Make it with a passkey"),
    "/api/auth/register/passkey/options",
    "create",
    fields="username display_name",
)


@dataclass(frozen=True)
class Enrolment:
    """What an app is told, by the camera and by hand."""

    svg: SafeString
    uri: str
    secret: str
    state: str


@dataclass(frozen=True)
class Passkey:
    id: int
    name: str
    added_at: str
    added_text: str
    used_at: str
    used_text: str
    remove_text: str


def enrolment(answer: Json) -> Enrolment:
    return Enrolment(picture_of(answer["qr_svg"]), answer["uri"], in_groups(answer["secret"]), answer["state"])


def passkey(answer: Json) -> Passkey:
    return Passkey(
        id=answer["id"],
        name=answer["name"],
        added_at=answer["created_at"],
        added_text=times.short(answer["created_at"]),
        used_at=answer["last_used_at"] or "",
        used_text=times.short(answer["last_used_at"]),
        remove_text=_("Remove %(name)s") % {"name": answer["name"]},
    )


def in_groups(code: str) -> str:
    """As people read and type it."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def code_hint(factors: Sequence[str]) -> str:
    """What the field for a code takes from this person; empty where they have passkeys alone."""
    if "totp" in factors and "recovery_code" in factors:
        return _("Six digits from your authenticator app, or one of your recovery codes.")
    if "totp" in factors:
        return _("Six digits from your authenticator app.")
    return _("One of your recovery codes.") if "recovery_code" in factors else ""


def has_second_factor(security: Json) -> bool:
    """Recovery codes come with one, and are none of their own."""
    return bool(security["totp"] or security["passkeys"])


def factors_in(security: Json) -> Iterator[str]:
    """As a challenge names them, from the answer of /api/auth/security."""
    if security["totp"]:
        yield "totp"
    if security["recovery_codes_left"]:
        yield "recovery_code"
    if security["passkeys"]:
        yield "passkey"


def codes_left(security: Json) -> str:
    left = security["recovery_codes_left"] or 0
    return ngettext("%(count)d recovery code is left.", "%(count)d recovery codes are left.", left) % {"count": left}


def codes_need_password(security: Json | None, linked: Json | None) -> bool:
    """Whether recovery codes would open nothing: they are a second step, and nothing this person has is a first.

    A confirmed address brings a password by letter. What nobody can tell right now is not said.
    """
    if security is None or linked is None:
        return False
    return not (security["has_password"] or security["email_verified"] or linked["items"])


def on_paper(answer: Json) -> list[str]:
    """Recovery codes as they are shown to be written down."""
    return [in_groups(code) for code in answer["recovery_codes"]]
