"""A guest's recovery link: shown on the old device, opened on the new one, and how it ends."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.invitations import picture_of
from gateway_svc.selectors.join import Closed, Way
from gateway_svc.selectors.other_devices import RECOVERY_PATH
from gateway_svc.selectors.text import initial


@dataclass(frozen=True)
class RecoveryLink:
    url: str
    svg: SafeString


@dataclass(frozen=True)
class Recovery:
    """On the new device. `replaces`: who is signed in there now; a guest of whom nothing would be left is told so."""

    path: str
    name: str
    initial: str
    continue_text: str
    replaces: str
    replaces_guest: bool


def recovery_link(answer: Json) -> RecoveryLink:
    return RecoveryLink(url=answer["url"], svg=picture_of(answer["qr_svg"]))


def recovery(answer: Json, *, token: str, viewer: people.Viewer | None) -> Recovery:
    name = answer["display_name"]
    return Recovery(
        path=f"/recover/{token}",
        name=name,
        initial=initial(name),
        continue_text=_("Continue here as %(name)s") % {"name": name},
        replaces=(viewer.name or _("somebody else")) if viewer else "",
        replaces_guest=viewer is not None and viewer.is_guest,
    )


def closed(refusal: Refused) -> Closed:
    """Raises the refusal that is not about the link."""
    states = {
        "expired": ("clock", _("This link has expired"), _("Make a new one on the device where the guest still is.")),
        "revoked": ("stop", _("This link was replaced"), _("A newer one took its place on the old device.")),
        "used": ("key", _("This link has been used"), _("Each works once. A new one is made where the guest is now.")),
        "unknown": ("question", _("There is no such link"), _("Perhaps a character got lost on the way.")),
        "guest_is_member": ("key", _("This guest has an account now"), _("Log in with it, here and anywhere.")),
        "account_closed": ("stop", _("This guest cannot come back"), _("Those who run it do not let them in.")),
    }
    state = refusal.code.removeprefix("recovery_link_")
    if state not in states:
        raise refusal
    icon, title, text = states[state]
    login = [Way(_("Log in"), "/login", True)] if state == "guest_is_member" else []
    return Closed(state, refusal.status, icon, title, text, [*login, Way(_("To the start"), "/", not login)])


def own() -> Closed:
    text = _("It is for another device: open it there, and this one is logged out.")
    ways = [Way(_("To your chats"), "/chats", True), Way(_("Show the code again"), RECOVERY_PATH)]
    return Closed("own", 200, "check", _("You are here already"), text, ways)
