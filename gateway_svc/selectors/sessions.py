"""The devices on which a person is signed in."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json


@dataclass(frozen=True)
class Session:
    id: str
    device: str
    place: str
    is_current: bool
    last_used_at: str
    last_used_text: str
    end_text: str


def session(answer: Json) -> Session:
    return Session(
        id=answer["id"],
        device=answer["device"],
        place=answer.get("place") or answer["address"],  # while a release rolls, auth may still say no place
        is_current=answer["current"],
        last_used_at=answer["last_used_at"],
        last_used_text=times.short(answer["last_used_at"]),
        end_text=_("End %(device)s") % {"device": answer["device"]},
    )
