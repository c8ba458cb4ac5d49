"""One measurement of one role: what it was asked, and what that cost here, in PostgreSQL and in Redis."""

import time
from contextlib import ExitStack
from typing import NamedTuple

from deploy.bench.capacity.house import House
from deploy.bench.capacity.model import Cost
from deploy.bench.gateway.http_load import NUMBER, Request, Requests
from deploy.bench.generator import Load, Seat, cores
from deploy.bench.ground import Stores
from deploy.bench.install import HOME
from deploy.bench.meters import memory_kb
from deploy.bench.peers.ours import client_of
from deploy.bench.run import settle
from deploy.ci.stack import Role

WARM_S, SECONDS = 2.0, 5.0
CONNECTIONS = 8
# Messages under way in all chats together: batches of one size, whatever the chats' size.
OUTSTANDING = 240
SETTLES_S = 5.0


class Asked(NamedTuple):
    """A request that a role is asked again and again, by somebody who is signed in."""

    role: str
    what: str
    target: str  # {chat} is the person's largest
    accept: str = "application/json"
    connections: int = CONNECTIONS

    def request(self, house: House) -> Request:
        by_cookie, by_header = {"Cookie": f"abdre_access={house.token}"}, {"Authorization": f"Bearer {house.token}"}
        who = by_cookie if self.role == "gateway" else by_header
        return Request(
            "GET", self.target.format(chat=house.chat), {"X-Request-ID": NUMBER, "Accept": self.accept, **who}
        )


ASKED = (
    Asked("user", "own profile", "/api/users/me"),
    Asked("auth", "own sessions", "/api/auth/sessions"),
    Asked("oauth", "providers", "/api/oauth/providers"),
    Asked("chat", "page of 50 messages", "/api/chats/{chat}/messages?limit=50"),
    Asked("chat", "list of chats", "/api/chats?limit=50"),
    Asked("gateway", "page of 50 messages, passed on", "/api/chats/{chat}/messages?limit=50"),
    # With more at once, on one core with all the rest, the services do not answer the gateway in time.
    Asked("gateway", "page of a chat, rendered", "/chats/{chat}", "text/html", connections=4),
)


def asked(house: House, what: Asked, processes: int) -> Cost:
    request = what.request(house)
    with house.processes(what.role, processes) as roles, ExitStack() as stack:
        loads = [stack.enter_context(_requests(role, request, what.connections // processes)) for role in roles]
        time.sleep(WARM_S)
        for load in loads:
            load.ask("mark")
        before = house.used(roles)
        time.sleep(SECONDS)
        after = house.used(roles)
        answers = [load.report() for load in loads]
    if any(one.wrong or one.closed or not one.requests for one in answers):
        raise RuntimeError(f"{what.role}, {what.what}: {answers}")
    count = sum(one.requests for one in answers)
    return Cost(
        f"{what.role}: {what.what}",
        processes,
        count / answers[0].seconds,
        *(now.since(then) / count * 1e6 for now, then in zip(after, before, strict=True)),
        p50_ms=max(one.p50_ms for one in answers),
        p99_ms=max(one.p99_ms for one in answers),
    )


def _requests(role: Role, request: Request, connections: int) -> Requests:
    return Requests(role.port, request, connections=connections, cpus=cores()[1])


def talked(house: House, *, members: int, chats: int, processes: int) -> Cost:
    """Everybody writes, in chats of `members`, and hears everybody; with two processes each has half of every chat."""
    town = house.settle(members * chats, chats)
    with house.processes("realtime", processes) as roles:
        whole = range(members * chats)
        # Who is beside whom in a chat is `chats` numbers away, so this halves every chat.
        doors = [roles[i // chats % processes] for i in whole]
        seats = [Seat(client_of(town, i, i % chats, port=doors[i].port), i % chats) for i in whole]
        with Load(seats, HOME, window=OUTSTANDING // chats, cpus=cores()[1]) as load:
            load.open()
            load.ask("start")
            settle(load, f"chats of {members}", OUTSTANDING)
            time.sleep(WARM_S)
            load.ask("mark")
            before = house.used(roles)
            time.sleep(SECONDS)
            after = house.used(roles)
            figures = load.report()
    if figures.closed or figures.doubled or not figures.messages:
        raise RuntimeError(f"chats of {members}: {figures}")
    return Cost(
        f"realtime: message in a chat of {members}",
        processes,
        figures.messages / figures.seconds,
        *(now.since(then) / figures.messages * 1e6 for now, then in zip(after, before, strict=True)),
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
    )


def idle_kb(house: House, sockets: int) -> float:
    """Resident memory that each open socket adds to its process."""
    chats = sockets // 10
    town = house.settle(sockets, chats)
    with house.processes("realtime", 1) as [role]:
        assert role.process is not None
        before = memory_kb([role.process.pid])
        seats = [Seat(client_of(town, i, i % chats, port=role.port), i % chats, writes=False) for i in range(sockets)]
        with Load(seats, HOME, cpus=cores()[1]) as load:
            load.open()
            time.sleep(SETTLES_S)
            if load.status()["ready"] < sockets:
                raise RuntimeError("not all sockets stayed open")
            return (memory_kb([role.process.pid]) - before) / sockets


def bytes_a_message(stores: Stores, database: str) -> float:
    """On disk, with indexes and what search needs."""
    [[size, count]] = stores.execute(STORED, database=database)
    return float(size) / float(count)


STORED = """
SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class
        WHERE relname IN ('chat_svc_message', 'chat_svc_searchblock')), (SELECT count(*) FROM chat_svc_message)
"""
