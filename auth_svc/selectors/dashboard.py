"""How the installation is doing, for its staff: from the store's sums and marks, and from no table that grows."""

from dataclasses import dataclass

from django.conf import settings

from abdre.errors import REFUSED
from abdre.pulse import Pulse, pulses
from abdre.store import StoreAway
from abdre.tally import HOUR_S, MINUTE_S, Series, series
from auth_svc.events import LOGINS_FAILED
from chat_svc.events import MESSAGES_REFUSED, MESSAGES_STORED
from user_svc import presence
from user_svc.events import ACCOUNTS_MADE, GUESTS_MADE

BY_MINUTE = (MESSAGES_STORED, MESSAGES_REFUSED, REFUSED, LOGINS_FAILED)
BY_HOUR = (ACCOUNTS_MADE, GUESTS_MADE)


@dataclass(frozen=True)
class Figures:
    """`minutes`: the last hour's. `hours`: the last day's. `pulses`: the living processes of each role."""

    people_online: int
    minutes: Series
    hours: Series
    pulses: dict[str, list[Pulse]]


def figures() -> Figures | None:
    """None while the store is away: nothing of this is known then."""
    try:
        return Figures(
            people_online=presence.count(),
            minutes=series(BY_MINUTE, step_s=MINUTE_S, steps=60),
            hours=series(BY_HOUR, step_s=HOUR_S, steps=24),
            pulses=pulses(settings.ROLES),
        )
    except StoreAway:
        return None
