"""The write path beside two others: committed messages a second without holes, one sender's wait, and growth.

`python -m deploy.bench.write_path [--short] [--json FILE]`. Brings its own durable PostgreSQL. The ways take turns, so
that what else the machine does hits all of them; medians of the rounds, with their spread.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
import uvloop
from psycopg_pool import AsyncConnectionPool

from deploy.ci.servers import Postgres

BODY = ("It is about two hundred characters long, as people write them. " * 4)[:200]
HISTORY = 100_000  # messages that are there before the first run, so that no plan is made for an empty table
POOL_SIZE = 16  # of 4, 8, 16 and 32 the best for one statement a message, with 8 close behind
SENDERS = 64
BURST = 1_000

Result = dict[str, Any]


class Plan(NamedTuple):
    rounds: int
    run_s: float
    bursts: int
    sizes: tuple[int, ...]


FULL = Plan(rounds=7, run_s=2.0, bursts=30, sizes=(1_000, 10_000, 100_000, 1_000_000))
SHORT = Plan(rounds=3, run_s=1.0, bursts=10, sizes=(1_000, 10_000, 100_000))


@dataclass(frozen=True)
class Run:
    """What one way did in one run."""

    messages: int
    seconds: float
    waits_s: Sequence[float]
    cpu_s: float  # the sender's process and PostgreSQL together

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.messages * 1e6

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.waits_s) * 1e3

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.waits_s, n=100)[98] * 1e3


class Ground:
    """The database, the people in it, and the chats of the next run."""

    def __init__(self, server: Postgres, url: str) -> None:
        self.server = server
        self.url = url
        self.sql = psycopg.connect(url, autocommit=True)
        self.people: list[UUID] = []

    def fill(self) -> None:
        from user_svc.services import create_member

        names = [f"person{number}" for number in range(SENDERS)]
        self.people = [create_member(username=name, password=None, display_name=name).id for name in names]
        for chat in self.chats(10):
            self.grow(chat, HISTORY // 10)
        self.sql.execute("VACUUM ANALYZE")

    def chats(self, count: int) -> list[UUID]:
        """New chats in which everybody is."""
        chats = [uuid4() for _ in range(count)]
        self.sql.execute(
            """
            INSERT INTO chat_svc_chat (id, kind, title, created_by_id, created_at, last_seq, version, own_version,
                last_message_at)
            SELECT id, 'group', 'bench', %s, now(), 0, %s, 0, now() FROM unnest(%s::uuid[]) id
            """,
            [self.people[0], len(self.people), chats],
        )
        self.sql.execute(
            """
            INSERT INTO chat_svc_membership (chat_id, user_id, role, state, joined_at, read_seq, version)
            SELECT chat, person, 'member', 'active', now(), 0, n
            FROM unnest(%s::uuid[]) chat, unnest(%s::uuid[]) WITH ORDINALITY people(person, n)
            """,
            [chats, self.people],
        )
        return chats

    def grow(self, chat: UUID, size: int) -> None:
        """Until `size` messages are stored in the chat."""
        with self.sql.transaction():
            self.sql.execute("SET LOCAL session_replication_role = replica")  # the keys are known to be right
            self.sql.execute(
                """
                INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
                SELECT chat.id, seq, chat.version - chat.last_seq + seq, (%s::uuid[])[1 + seq %% %s],
                    gen_random_uuid(), 'text', %s, now()
                FROM chat_svc_chat chat, generate_series(chat.last_seq + 1, %s) seq WHERE chat.id = %s
                """,
                [self.people, len(self.people), BODY, size, chat],
            )
            self.sql.execute(
                "UPDATE chat_svc_chat SET version = version - last_seq + %s, last_seq = %s WHERE id = %s",
                [size, size, chat],
            )

    def stored(self, chats: Sequence[UUID]) -> int:
        """The number of messages in the chats, each numbered without holes."""
        rows = self.sql.execute(
            """
            SELECT chat.last_seq, count(message.seq), coalesce(min(message.seq), 1), coalesce(max(message.seq), 0)
            FROM chat_svc_chat chat LEFT JOIN chat_svc_message message ON message.chat_id = chat.id
            WHERE chat.id = ANY(%s) GROUP BY chat.id
            """,
            [list(chats)],
        ).fetchall()
        for last_seq, count, lowest, highest in rows:
            if not (lowest == 1 and last_seq == count == highest):
                raise RuntimeError(f"holes: {count} messages from {lowest} to {highest}, last_seq {last_seq}")
        return sum(count for _, count, _, _ in rows)

    def cpu_s(self) -> float:
        """Used so far by this process and by PostgreSQL, its ended backends too."""
        assert self.server.process is not None
        postmaster = self.server.process.pid
        ended = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[13:15]
        living = [os.getpid(), postmaster, *children_of(postmaster)]
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(int(value) for value in ended) / ticks + sum(used_s(process) for process in living)


def children_of(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def used_s(process: int) -> float:
    """By the scheduler's count, which is in nanoseconds; 0 for who ended meanwhile."""
    try:
        threads = [int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:
        return 0
    return sum(threads) / 1e9


Send = Callable[[UUID, UUID], Coroutine[None, None, None]]
Senders = Sequence[tuple[UUID, UUID]]  # the chat and the person
GoesOn = Callable[[], bool]
Way = Callable[[Ground, Senders, GoesOn], Coroutine[None, None, list[float]]]  # gives each message's wait


def for_seconds(run_s: float) -> GoesOn:
    deadline = time.perf_counter() + run_s
    return lambda: time.perf_counter() < deadline


def for_messages(count: int) -> GoesOn:
    numbers = iter(range(count))
    return lambda: next(numbers, None) is not None


async def ours(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    """As a socket's commands do it: the answer to one message lets the next one go."""
    from abdre import events
    from chat_svc.services import Sent, submit_message

    loop = asyncio.get_running_loop()
    events.use_loop(loop)
    waits: list[float] = []
    ended: asyncio.Future[None] = loop.create_future()
    running = len(senders)

    def send(chat: UUID, sender: UUID) -> None:
        nonlocal running
        if not goes_on():
            running -= 1
            if not running and not ended.done():
                ended.set_result(None)
            return
        began = time.perf_counter()

        def on_done(outcome: object) -> None:
            waits.append(time.perf_counter() - began)
            if isinstance(outcome, Sent):
                send(chat, sender)
            elif not ended.done():
                ended.set_exception(RuntimeError(f"refused: {outcome!r}"))

        submit_message(chat_id=chat, sender_id=sender, client_id=uuid4(), body=BODY, reply_to=None, on_done=on_done)

    for chat, sender in senders:
        send(chat, sender)
    await ended
    return waits


async def tutorial(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    """As the Channels tutorial teaches it, with Django's way to number without holes."""
    from channels.db import database_sync_to_async
    from django.apps import apps
    from django.db import transaction

    chats, members = apps.get_model("chat_svc", "Chat"), apps.get_model("chat_svc", "Membership")
    messages = apps.get_model("chat_svc", "Message")

    @database_sync_to_async
    def send(chat_id: UUID, sender_id: UUID) -> None:
        with transaction.atomic(using=TUTORIAL):
            chat = chats.objects.using(TUTORIAL).select_for_update().get(id=chat_id)
            if not members.objects.using(TUTORIAL).filter(chat=chat, user_id=sender_id, state="active").exists():
                raise PermissionError
            chat.last_seq += 1
            chat.version += 1
            chat.save(update_fields=["last_seq", "version"])
            messages.objects.using(TUTORIAL).create(
                chat=chat,
                seq=chat.last_seq,
                version=chat.version,
                sender_id=sender_id,
                client_id=uuid4(),
                body=BODY,
            )

    return await each_sends(send, senders, goes_on)


ONE_STATEMENT = """
WITH chat AS (
    UPDATE chat_svc_chat SET last_seq = last_seq + 1, version = version + 1
    WHERE id = %(chat)s AND EXISTS (
        SELECT FROM chat_svc_membership WHERE chat_id = %(chat)s AND user_id = %(sender)s AND state = 'active'
    )
    RETURNING id, last_seq, version
)
INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
SELECT id, last_seq, version, %(sender)s, %(client)s, 'text', %(body)s, now() FROM chat
RETURNING seq, version, created_at
"""


async def one_statement(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    async with AsyncConnectionPool(
        ground.url, min_size=POOL_SIZE, max_size=POOL_SIZE, kwargs={"autocommit": True, "prepare_threshold": 0}
    ) as pool:

        async def send(chat: UUID, sender: UUID) -> None:
            async with pool.connection() as connection:
                found = await connection.execute(
                    ONE_STATEMENT, {"chat": chat, "sender": sender, "client": uuid4(), "body": BODY}
                )
                if await found.fetchone() is None:
                    raise PermissionError

        return await each_sends(send, senders, goes_on)


async def each_sends(send: Send, senders: Senders, goes_on: GoesOn) -> list[float]:
    waits: list[float] = []

    async def keep_sending(chat: UUID, sender: UUID) -> None:
        while goes_on():
            began = time.perf_counter()
            await send(chat, sender)
            waits.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for chat, sender in senders:
            group.create_task(keep_sending(chat, sender))
    return waits


async def bare_commit(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    """The row alone, numbered by the client, unchecked, without a loop or a pool: what a commit costs here."""
    ((chat, sender),) = senders
    waits = []
    statement = """
        INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
        VALUES (%s, %s, %s, %s, %s, 'text', %s, now())
    """
    with psycopg.connect(ground.url, autocommit=True, prepare_threshold=0) as connection:
        while goes_on():
            began, seq = time.perf_counter(), len(waits) + 1
            connection.execute(statement, [chat, seq, SENDERS + seq, sender, uuid4(), BODY])
            waits.append(time.perf_counter() - began)
        connection.execute(
            "UPDATE chat_svc_chat SET last_seq = %s, version = %s WHERE id = %s", [seq, SENDERS + seq, chat]
        )
    return waits


def run(way: Way, ground: Ground, chats: Sequence[UUID], *, senders: int, goes_on: GoesOn) -> Run:
    pairs = [(chats[number % len(chats)], ground.people[number]) for number in range(senders)]
    before, cpu_before, began = ground.stored(chats), ground.cpu_s(), time.perf_counter()
    waits = uvloop.run(way(ground, pairs, goes_on))
    seconds, cpu_s = time.perf_counter() - began, ground.cpu_s() - cpu_before
    if ground.stored(chats) - before != len(waits):
        raise RuntimeError("acknowledged and stored differ")
    return Run(len(waits), seconds, waits, cpu_s)


def side_by_side(ground: Ground, ways: Sequence[Way], plan: Plan, *, chats: int, senders: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {way.__name__: [] for way in ways}
    for _ in range(plan.rounds):
        for way in ways:
            fresh = ground.chats(chats)
            runs[way.__name__].append(run(way, ground, fresh, senders=senders, goes_on=for_seconds(plan.run_s)))
    return runs


def growth(ground: Ground, plan: Plan) -> dict[int, list[Run]]:
    """Short bursts of 64 senders into chats of each size in turn; small chats are new ones in each burst."""
    large = {
        size: chat for size, chat in zip(plan.sizes, ground.chats(len(plan.sizes)), strict=True) if size > BURST * 100
    }
    for size, chat in large.items():
        ground.grow(chat, size)
    ground.sql.execute("VACUUM ANALYZE chat_svc_message")
    runs: dict[int, list[Run]] = {size: [] for size in plan.sizes}
    for _ in range(plan.bursts):
        for size in plan.sizes:
            chat = large.get(size) or ground.chats(1)[0]
            if size not in large:
                ground.grow(chat, size)
            runs[size].append(run(ours, ground, [chat], senders=SENDERS, goes_on=for_messages(BURST)))
    return runs


def measured(plan: Plan) -> Result:
    """The raw figures, by scenario."""
    with ground() as place:
        one = side_by_side(place, [ours, bare_commit, tutorial, one_statement], plan, chats=1, senders=1)
        hot = side_by_side(place, [ours, tutorial, one_statement], plan, chats=1, senders=SENDERS)
        many = side_by_side(place, [ours, tutorial, one_statement], plan, chats=50, senders=SENDERS)
        grown = growth(place, plan)
    scenarios = {"1 chat, 1 sender": one, "1 chat, 64 senders": hot, "50 chats, 64 senders": many}
    raw = {name: {way: figures(runs) for way, runs in ways.items()} for name, ways in scenarios.items()}
    return raw | {"growth": {str(size): figures(runs) for size, runs in grown.items()}}


def figures(runs: Sequence[Run]) -> Result:
    return {
        name: {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}
        for name in ("per_second", "p50_ms", "p99_ms", "cpu_us")
        for values in [[getattr(one, name) for one in runs]]
    }


TUTORIAL = "tutorial"


@contextmanager
def ground() -> Iterator[Ground]:
    """Our tables on a PostgreSQL of our own, in this process; nothing of the caller's settings."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="abdre-bench-"))
        server = stack.enter_context(Postgres(durable=True))
        url = server.create_database("abdre")
        os.environ |= {
            "ABDRE_DATA_DIR": folder,
            "DATABASE_URL": url,
            "REDIS_URL": "",
            "ABDRE_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "abdre.settings.all_in_one",
        }
        place = Ground(server, url)
        stack.callback(place.sql.close)
        set_up(stack)
        place.fill()
        yield place


def set_up(stack: ExitStack) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from chat_svc.writer import writer

    # The tutorial's way at its best: one connection that stays, instead of a new one or the pool's for each message.
    own = {**connections.settings["default"], "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "OPTIONS": {}}
    settings.DATABASES[TUTORIAL] = connections.settings[TUTORIAL] = own
    call_command("migrate", verbosity=0)
    stack.callback(connections.close_all)
    stack.callback(writer.stop)


def results(raw: Result) -> list[Result]:
    """The table's rows: `met` is None where nothing was demanded."""

    def row(name: str, peer: str, our: float, theirs: float, wanted: str = "") -> Result:
        ratio = our / theirs
        sign, _, bound = wanted.partition(" ")
        met = None if not wanted else ratio >= float(bound) if sign == "≥" else ratio <= float(bound)
        return {
            "name": name,
            "ours": our,
            "peer": peer,
            "peer_value": theirs,
            "ratio": ratio,
            "target": wanted or None,
            "met": met,
        }

    def median(scenario: str, way: str, figure: str) -> float:
        return float(raw[scenario][way][figure]["median"])

    rows = []
    demands = {
        ("1 chat, 64 senders", "tutorial"): "≥ 40",
        ("1 chat, 64 senders", "one_statement"): "≥ 10",
        ("50 chats, 64 senders", "tutorial"): "",
        ("50 chats, 64 senders", "one_statement"): "",
    }
    for (scenario, peer), wanted in demands.items():
        values = (median(scenario, way, "per_second") for way in ("ours", peer))
        rows.append(row(f"{scenario}: committed messages/s", PEERS[peer], *values, wanted))
    values = (median("1 chat, 1 sender", way, "p50_ms") for way in ("ours", "bare_commit"))
    rows.append(row("1 chat, 1 sender: p50 submit to answer, ms", PEERS["bare_commit"], *values, "≤ 1.5"))
    least, *_, most = raw["growth"]
    values = (median("growth", size, "cpu_us") for size in (most, least))
    rows.append(row(f"CPU µs a message at {most} stored in the chat", f"at {least}", *values, "≤ 1.1"))
    return rows


PEERS = {
    "ours": "the writer",
    "tutorial": "Channels tutorial: database_sync_to_async, transaction, select_for_update",
    "one_statement": f"one statement a message, psycopg pool of {POOL_SIZE}",
    "bare_commit": "bare single-row commit",
}


def measure(short: bool) -> list[Result]:
    """For the bench as a whole; in a process of its own, because it sets Django up for itself."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        options = ["--short"] if short else []
        subprocess.run([sys.executable, "-m", "deploy.bench.write_path", "--json", str(file), *options], check=True)
        found: list[Result] = json.loads(file.read_text())["results"]
        return found


def table(rows: Sequence[Result]) -> str:
    head = ["| what | ours | beside | theirs | ratio | target | met |", "|---|---:|---|---:|---:|---|---|"]
    words = {None: "", True: "yes", False: "**no**"}
    return "\n".join(
        head
        + [
            f"| {row['name']} | {row['ours']:,.2f} | {row['peer']} | {row['peer_value']:,.2f} | {row['ratio']:.2f} "
            f"| {row['target'] or ''} | {words[row['met']]} |"
            for row in rows
        ]
    )


def details(raw: Result) -> str:
    lines = [
        "| scenario | way | messages/s (lowest to highest) | p50 ms | p99 ms | CPU µs |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for scenario, ways in raw.items():
        for way, values in ways.items():
            rate, *others = values.values()
            medians = " | ".join(f"{one['median']:,.2f}" for one in others)
            spread = f"{rate['median']:,.0f} ({rate['lowest']:,.0f} to {rate['highest']:,.0f})"
            lines.append(f"| {scenario} | {PEERS.get(way, way)} | {spread} | {medians} |")
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--short", action="store_true", help="fewer and shorter runs")
    arguments.add_argument("--json", type=Path, help="where the figures go")
    chosen = arguments.parse_args()
    raw = measured(SHORT if chosen.short else FULL)
    rows = results(raw)
    print(table(rows), details(raw), sep="\n\n")
    if chosen.json:
        chosen.json.write_text(json.dumps({"results": rows, "raw": raw}, indent=2))


if __name__ == "__main__":
    main()
