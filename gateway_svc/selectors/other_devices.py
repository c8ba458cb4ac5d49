"""Logging in on another device: the code on the new screen, the question on the phone, and how both end."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from abdre.wire import utc
from gateway_svc.errors import Refused
from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.invitations import picture_of
from gateway_svc.selectors.join import Closed, Way

RECOVERY_PATH = "/security/recovery-link"


@dataclass(frozen=True)
class DeviceCode:
    """On the new device. Without `svg` it was asked for before the phone said anything: only the waiting goes on."""

    id: str
    secret: str
    next: str
    action: str
    svg: SafeString
    check: str
    expires_at: str
    left_text: str
    server_now: str
    remember: bool = True


@dataclass(frozen=True)
class Asking:
    """On the phone: the device that wants in."""

    path: str
    device: str
    place: str
    check: str
    asked_at: str
    asked_text: str
    expires_at: str
    left_text: str
    server_now: str


def screen_path(next_path: str) -> str:
    return f"/login/device?{urlencode({'next': next_path})}"


def device_code(answer: Json, *, next_path: str) -> DeviceCode:
    return DeviceCode(
        id=answer["id"],
        secret=answer["secret"],
        next=next_path,
        action=screen_path(next_path),
        svg=picture_of(answer["qr_svg"]),
        check=answer["check"],
        expires_at=answer["expires_at"],
        left_text=times.left(answer["expires_at"]),
        server_now=utc(timezone.now()),
    )


def waiting_code(*, code_id: str, secret: str, next_path: str, remember: bool) -> DeviceCode:
    """The code that was shown before; its picture cannot be drawn again."""
    return DeviceCode(
        id=code_id,
        secret=secret,
        next=next_path,
        action=screen_path(next_path),
        svg=SafeString(),
        check="",
        expires_at="",
        left_text="",
        server_now="",
        remember=remember,
    )


def asking(answer: Json, *, token: str) -> Asking:
    return Asking(
        path=f"/device/{token}",
        device=answer["device"],
        place=answer["place"] or answer["address"],
        check=answer["check"],
        asked_at=answer["asked_at"],
        asked_text=times.clock(answer["asked_at"]),
        expires_at=answer["expires_at"],
        left_text=times.left(answer["expires_at"]),
        server_now=utc(timezone.now()),
    )


def closed_on_phone(refusal: Refused) -> Closed:
    """Raises the refusal that is not about the code."""
    makers: dict[str, Callable[[], Closed]] = {
        "device_code_expired": _ended,
        "device_code_declined": _declined,
        "device_code_used": _used,
        "device_code_unknown": _unknown,
        "account_required": _account_required,
    }
    if refusal.code not in makers:
        raise refusal
    return makers[refusal.code]()


def closed_on_screen(refusal: Refused, *, next_path: str) -> Closed:
    """Raises the refusal that is not about the code."""
    states = {
        "expired": ("clock", _("This code has ended"), _("Codes for logging in live for half a minute.")),
        "declined": ("stop", _("The login was declined"), _("The phone said no.")),
        "used": ("key", _("This code has been used"), _("Each works once. Take a new one.")),
        "unknown": ("question", _("There is no such code"), _("It may have ended. Take a new one.")),
    }
    state = refusal.code.removeprefix("device_code_")
    if state not in states:
        raise refusal
    icon, title, text = states[state]
    ways = [
        Way(_("Show a new code"), screen_path(next_path), True),
        Way(_("Log in another way"), f"/login?{urlencode({'next': next_path})}"),
    ]
    return Closed(state, refusal.status, icon, title, text, ways)


def confirmed() -> Closed:
    text = _("The other device is logged in as you. If that was a mistake, end it in the list of your devices.")
    return Closed("confirmed", 200, "check", _("Done"), text, [_devices(), _chats()])


def _devices(*, is_main: bool = True) -> Way:
    return Way(_("Your devices"), "/sessions", is_main)


def _chats(*, is_main: bool = False) -> Way:
    return Way(_("To your chats"), "/chats", is_main)


def _ended() -> Closed:
    text = _("Codes for logging in live for half a minute. The screen shows a new one by now: scan that.")
    return Closed("expired", 410, "clock", _("This code has ended"), text, [_chats(is_main=True)])


def _declined() -> Closed:
    text = _("The other device stays outside. If it was not you who showed the code there, you did right.")
    ways = [_chats(is_main=True), _devices(is_main=False)]
    return Closed("declined", 410, "stop", _("This login was declined"), text, ways)


def _used() -> Closed:
    text = _("Each works once. If you are surprised, look at the list of your devices and end what you do not know.")
    return Closed("used", 410, "key", _("This code has been used"), text, [_devices(), _chats()])


def _unknown() -> Closed:
    text = _("It may have ended some time ago. Scan the one that is on the screen now.")
    return Closed("unknown", 404, "question", _("There is no such code"), text, [_chats(is_main=True)])


def _account_required() -> Closed:
    text = _("As a guest you move to another device by a link instead. With an account you can log in on many.")
    ways = [Way(_("Take this guest to another device"), RECOVERY_PATH, True), Way(_("Make an account"), "/register")]
    return Closed("account_required", 403, "key", _("This takes an account"), text, ways)
