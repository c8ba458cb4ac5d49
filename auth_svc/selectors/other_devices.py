"""What a device code says to who has scanned it, and a recovery link to who has opened it."""

from typing import Literal, TypedDict

from django.utils import timezone

from abdre.wire import Moment, utc
from auth_svc.models import DeviceCode, RecoveryLink
from auth_svc.selectors.devices import device_of
from auth_svc.selectors.places import place_of


class DeviceCodePreviewJson(TypedDict):
    """Which device asks, from which network and place, when. `confirmed`: this person has said yes."""

    state: Literal["waiting", "confirmed"]
    device: str
    address: str
    place: str
    check: str
    asked_at: Moment
    expires_at: Moment


class RecoveryLinkPreviewJson(TypedDict):
    """Whose link it is."""

    display_name: str
    own: bool
    expires_at: Moment


def device_code_preview(code: DeviceCode) -> DeviceCodePreviewJson:
    is_waiting = code.status(timezone.now()) == "waiting"
    return {
        "state": "waiting" if is_waiting else "confirmed",
        "device": device_of(code.user_agent),
        "address": code.address,
        "place": place_of(code.address),
        "check": code.check_number,
        "asked_at": utc(code.created_at),
        "expires_at": utc(code.expires_at),
    }


def recovery_link_preview(link: RecoveryLink, *, is_own: bool) -> RecoveryLinkPreviewJson:
    return {"display_name": link.user.display_name, "own": is_own, "expires_at": utc(link.expires_at)}
