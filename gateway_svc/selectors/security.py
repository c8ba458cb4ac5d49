"""How somebody's account is held, a line for each of the pages that change it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gateway_svc.selectors.api import Json
from gateway_svc.selectors.factors import codes_left
from gateway_svc.selectors.leaving import day_of


@dataclass(frozen=True)
class Line:
    title: str
    state: str
    url: str
    icon: str  # of static/img/icons.svg


def lines(security: Json, linked: Json | None, *, may_link: bool) -> Iterator[Line]:
    """`security`: the answer of /api/auth/security; `linked`: of /api/oauth/accounts, None while its service is away.

    `may_link`: whether there is a provider to link to.

    Each page of /security/ adds its line here.
    """
    if not security["is_guest"]:
        yield _email(security)
        yield _password(security)
        if linked is None or linked["items"] or may_link:
            yield _linked(linked)
    yield _devices(security)
    yield _recovery_link() if security["is_guest"] else _another_device()
    if not security["is_guest"]:  # who has nothing to log in with
        yield _two_step(security)
        yield _passkeys(security)
    yield _data(security)


def _email(security: Json) -> Line:
    state = security["email"] or _("None yet")
    if security["email"] and not security["email_verified"]:
        state = _("%(email)s, not confirmed yet") % {"email": security["email"]}
    return Line(_("E-mail address"), state, "/security/email", "mail")


def _password(security: Json) -> Line:
    state = _("Set") if security["has_password"] else _("None yet")
    return Line(_("Password"), state, "/security/password", "key")


def _devices(security: Json) -> Line:
    state = ngettext("Logged in on %(count)d device", "Logged in on %(count)d devices", security["sessions"])
    return Line(_("Devices"), state % {"count": security["sessions"]}, "/sessions", "device")


def _linked(linked: Json | None) -> Line:
    names = [item["provider_name"] for item in linked["items"]] if linked else []
    state = ", ".join(names) or (_("None so far") if linked else _("Not available right now"))
    return Line(_("Linked accounts"), state, "/security/linked", "link")


def _another_device() -> Line:
    title = _("Log in on another device")
    return Line(title, _("By a code that you scan, without a password"), "/security/another-device", "code")


def _recovery_link() -> Line:
    title = _("Take this guest to another device")
    return Line(title, _("By a link that works once"), "/security/recovery-link", "link")


def _two_step(security: Json) -> Line:
    if security["totp"]:
        state = _("On: your authenticator app is asked. %(codes)s") % {"codes": codes_left(security)}
    elif security["passkeys"]:
        state = _("On: a passkey is asked. %(codes)s") % {"codes": codes_left(security)}
    elif security["has_password"]:
        state = _("Off: your password alone is enough")
    else:
        state = _("Off: your login elsewhere alone is enough")
    return Line(_("Two-step login"), state, "/security/two-step", "shield")


def _passkeys(security: Json) -> Line:
    if not security["passkeys"]:
        return Line(_("Passkeys"), _("None: log in by finger, face or PIN"), "/security/passkeys", "key")
    state = ngettext("%(count)d passkey", "%(count)d passkeys", security["passkeys"])
    return Line(_("Passkeys"), state % {"count": security["passkeys"]}, "/security/passkeys", "key")


def _data(security: Json) -> Line:
    day = day_of(security.get("deletion_due_at"))
    state = _("Your account will be deleted on %(day)s") % {"day": day} if day else _("Take it along, or leave")
    return Line(_("Your data"), state, "/security/data", "download")
