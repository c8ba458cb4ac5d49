"""What the logs of all clients and the listings say: was anything lost, doubled, out of order, or made up?"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from deploy.tests.checker.log import Loaded, Log, Row, Told, Wish
from deploy.tests.checker.order import out_of_order

Fault = Literal["lost", "doubled", "reordered", "phantom", "unanswered", "gap"]
FAULTS: tuple[Fault, ...] = ("lost", "doubled", "reordered", "phantom", "unanswered", "gap")

# Person → chat → what the REST API lists for them at the end. Who is not a member has no such chat.
Listings = Mapping[str, Mapping[str, Sequence[Row]]]


class Finding(NamedTuple):
    fault: Fault
    what: str


@dataclass(frozen=True)
class Verdict:
    sent: int
    acked: int
    refused: int
    longest_lag_s: float  # from the commit of a message to the last client that has it
    findings: tuple[Finding, ...] = ()
    counts: Counter[Fault] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        return not self.findings

    @property
    def is_met(self) -> bool:
        """Clean, and of something: most of what was said was taken. Where all is refused nothing can be lost."""
        return self.is_clean and self.sent > 0 and self.acked >= self.sent / 2

    def __str__(self) -> str:
        counts = " ".join(f"{fault} {self.counts[fault]}" for fault in FAULTS)
        return f"sent {self.sent} acked {self.acked} {counts} lag {self.longest_lag_s:.2f} s"


def verdict(logs: Sequence[Log], listings: Listings) -> Verdict:
    """`listings` are read after everything has calmed down, as each client."""
    wishes = {(log.person, *key): wish for log in logs for key, wish in log.wishes.items()}
    truth = _truth(listings)
    findings = [
        *_disagreements(listings, truth),
        *_misnumbered(truth),
        *_stored_twice(truth),
        *(finding for log in logs for finding in _unkept_promises(log, truth)),
        *_made_up(truth, wishes),
        *(finding for log in logs for finding in _shown_wrongly(log, listings, wishes)),
        *(Finding(fault, f"{log.person} {what}") for log in logs for fault, what in out_of_order(log.entries)),
    ]
    return Verdict(
        sent=len(wishes),
        acked=sum(bool(wish.acks) for wish in wishes.values()),
        refused=sum(bool(wish.refusal) for wish in wishes.values()),
        longest_lag_s=max(lags(logs, listings), default=0.0),
        findings=tuple(findings),
        counts=Counter(finding.fault for finding in findings),
    )


def _truth(listings: Listings) -> dict[str, Sequence[Row]]:
    return {chat: rows for chats in listings.values() for chat, rows in chats.items()}


def _disagreements(listings: Listings, truth: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    for person, chats in listings.items():
        for chat, rows in chats.items():
            if list(rows) != list(truth[chat]):
                yield Finding("lost", f"{person} is listed another history of {chat} than others")


def _misnumbered(truth: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    for chat, rows in truth.items():
        seqs = [row.seq for row in rows]
        if seqs != list(range(1, len(rows) + 1)):
            yield Finding("gap", f"{chat} is numbered {seqs}")
        twice = [version for version, times in Counter(row.version for row in rows).items() if times > 1]
        yield from (Finding("doubled", f"{chat} has version {version} twice") for version in twice)


def _stored_twice(truth: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    for chat, rows in truth.items():
        times = Counter((row.sender, row.client_id) for row in rows)
        yield from (
            Finding("doubled", f"{chat} stored {key} {count} times") for key, count in times.items() if count > 1
        )


def _unkept_promises(log: Log, truth: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    stored = {(chat, row.client_id): row for chat, rows in truth.items() for row in rows if row.sender == log.person}
    for key, wish in log.wishes.items():
        yield from _unkept(wish, stored.get(key))
    by_seq = {(chat, row.seq): row for chat, rows in truth.items() for row in rows}
    for change in log.changes:
        row = by_seq.get((change.chat, change.seq))
        if row is None or row.version < change.version:
            yield Finding("lost", f"acked change {change} is not there: {row}")
        elif row.version == change.version and (change.body or "") != row.body:
            yield Finding("lost", f"acked change {change} is there as {row}")


def _unkept(wish: Wish, row: Row | None) -> Iterator[Finding]:
    if wish.is_open:
        yield Finding("unanswered", f"{wish}")
    if wish.acks and row is None:
        yield Finding("lost", f"acked and not stored: {wish}")
    if len({ack.seq for ack in wish.acks}) > 1:
        yield Finding("doubled", f"acked as several: {wish}")
    if row is not None and any(ack.seq != row.seq or ack.version > row.version for ack in wish.acks):
        yield Finding("lost", f"acked as another than stored, {row}: {wish}")
    if row is not None and wish.refusal and not wish.acks:
        yield Finding("phantom", f"refused and stored: {wish}")


def _made_up(truth: Mapping[str, Sequence[Row]], wishes: Mapping[tuple[str, str, str], Wish]) -> Iterator[Finding]:
    for chat, rows in truth.items():
        yield from (
            Finding("phantom", f"{chat} holds what nobody sent: {row}") for row in rows if not _meant(row, chat, wishes)
        )


def _meant(row: Row, chat: str, wishes: Mapping[tuple[str, str, str], Wish]) -> bool:
    """Whether its author ever wanted it to say this."""
    wish = wishes.get((row.sender, chat, row.client_id))
    return wish is not None and (row.body in wish.bodies or (row.is_deleted and not row.body))


def _shown_wrongly(log: Log, listings: Listings, wishes: Mapping[tuple[str, str, str], Wish]) -> Iterator[Finding]:
    mine = listings.get(log.person, {})
    for chat, rows in mine.items():
        held = log.shown.chats.get(chat, {})
        for row in rows:
            if held.get(row.seq) != row:
                yield Finding("lost", f"{log.person} holds {held.get(row.seq)} of {chat}, and it is {row}")
    stored = {(chat, row.seq): (row.sender, row.client_id) for chat, rows in mine.items() for row in rows}
    for _, chat, row in sights(log):
        if not _meant(row, chat, wishes):
            yield Finding("phantom", f"{log.person} saw in {chat} what nobody sent: {row}")
        elif chat in mine and stored.get((chat, row.seq)) != (row.sender, row.client_id):
            yield Finding("phantom", f"{log.person} saw in {chat} what is not stored: {row}")


def sights(log: Log) -> Iterator[tuple[Told | Loaded, str, Row]]:
    """Each message that the client was shown, every time that it was."""
    for entry in log.entries:
        if isinstance(entry, Told) and entry.row is not None:
            yield entry, entry.chat, entry.row
        elif isinstance(entry, Loaded):
            yield from ((entry, entry.chat, row) for row in entry.rows)


def lags(logs: Sequence[Log], listings: Listings) -> Iterator[float]:
    """For each member and message the seconds from its commit (or its first ack) until the member had it."""
    committed = {(chat, row.seq): row.created_at for chat, rows in _truth(listings).items() for row in rows}
    for log in logs:
        for wish in log.wishes.values():
            for ack in wish.acks:
                key = wish.chat, ack.seq
                committed[key] = min(committed.get(key, ack.at), ack.at)
    for log in logs:
        yield from (max(at - committed[key], 0.0) for key, at in first_seen(log).items() if key in committed)


def first_seen(log: Log) -> dict[tuple[str, int], float]:
    seen: dict[tuple[str, int], float] = {}
    for entry, chat, row in sights(log):
        seen.setdefault((chat, row.seq), entry.at)
    return seen
