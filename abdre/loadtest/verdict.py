"""What a load has shown: how much, how fast, and whether anything was lost, doubled or out of order."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from abdre.loadtest.talking import Device


@dataclass(frozen=True)
class Times:
    """In milliseconds, from the moment at which a message was due: a sender that falls behind does not flatter."""

    p50: float
    p95: float
    p99: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Times":
        if len(seconds) < 2:
            return cls(*[1000 * (seconds[0] if seconds else 0.0)] * 4)
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        return cls(*(round(1000 * value, 1) for value in (cuts[49], cuts[94], cuts[98], max(seconds))))

    def __str__(self) -> str:
        return f"p50 {self.p50:g} · p95 {self.p95:g} · p99 {self.p99:g} · worst {self.worst:g} ms"


@dataclass(frozen=True)
class Verdict:
    """`lost`: acknowledged and not stored, or stored and not shown to a member who stayed online."""

    seconds: float
    sockets: int
    sent: int
    acked: int
    delivered: int
    refused: dict[str, int]
    cut_off: int
    lost: int
    doubled: int
    reordered: int
    ack: Times
    delivery: Times

    @property
    def is_clean(self) -> bool:
        return not (self.refused or self.cut_off or self.lost or self.doubled or self.reordered)

    @property
    def rows(self) -> dict[str, Any]:
        per_s = {"acked_per_s": self.acked / self.seconds, "delivered_per_s": self.delivered / self.seconds}
        return {**asdict(self), **{name: round(value, 1) for name, value in per_s.items()}}

    def __str__(self) -> str:
        refused = ", ".join(f"{code} {count}" for code, count in self.refused.items()) or "none"
        return "\n".join(
            [
                f"sent {self.sent}, acknowledged {self.acked} ({self.rows['acked_per_s']:,}/s), refused: {refused}",
                f"delivered {self.delivered} to {self.sockets} sockets ({self.rows['delivered_per_s']:,}/s)",
                f"acknowledged after  {self.ack}",
                f"delivered after     {self.delivery}",
                f"lost {self.lost}, doubled {self.doubled}, reordered {self.reordered}, sockets cut off {self.cut_off}",
            ]
        )


def judged(devices: Sequence[Device], listed: Mapping[str, Sequence[Mapping[str, Any]]], seconds: float) -> Verdict:
    """`listed`: what the house has of each chat when all is calm."""
    wishes = {key: wish for device in devices for key, wish in device.wishes.items()}
    stored = {chat: [message["client_id"] for message in messages] for chat, messages in listed.items()}
    acked = {key for key, wish in wishes.items() if wish.acked}
    online = [device for device in devices if device.close_code is None]
    runs = [run for device in devices for run in device.heard.values()]
    orders = [*stored.values(), *([told.client_id for told in run] for run in runs)]
    return Verdict(
        seconds=round(seconds, 1),
        sockets=len(devices),
        sent=len(wishes),
        acked=len(acked),
        delivered=sum(map(len, runs)),
        refused=dict(Counter(wish.refused or "no_answer" for wish in wishes.values() if not wish.acked)),
        cut_off=len(devices) - len(online),
        lost=len(acked - {key for keys in stored.values() for key in keys}) + sum(_missed(it, stored) for it in online),
        doubled=sum(map(_twice, orders)),
        reordered=sum(_fallen([told.version for told in run]) for run in runs),
        ack=Times.of([wish.acked - wish.due for wish in wishes.values() if wish.acked]),
        delivery=Times.of(
            [told.at - wishes[told.client_id].due for run in runs for told in run if told.client_id in wishes]
        ),
    )


def _missed(device: Device, stored: Mapping[str, Sequence[str]]) -> int:
    """Of the chats in which the device's person is."""
    return sum(len(set(stored.get(chat, ())) - {told.client_id for told in run}) for chat, run in device.heard.items())


def _twice(keys: Iterable[str]) -> int:
    return sum(count - 1 for count in Counter(keys).values())


def _fallen(versions: Sequence[int]) -> int:
    return sum(later < earlier for earlier, later in pairwise(versions))
