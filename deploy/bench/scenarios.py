"""The table of targets as data: what is played, by whom, and which ratio each figure has to reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Figure = Literal["cpu_us", "cpu_share", "p50_ms", "p99_ms", "messages_per_s", "requests_per_s"]

OURS = "ours"
TO_ACK = "ours, to the ack"
TUTORIAL = "Channels tutorial on daphne, core layer"
TUTORIAL_PUBSUB = "Channels tutorial on daphne, pub/sub layer"
FLASK = "Flask-SocketIO + Redis"
SOCKET_IO = "Socket.IO + Redis"
WS = "ws"
NCHAN = "nchan + Redis"
BARE_COMMIT = "a bare single-row commit"

# What a figure is called in the table, and whether more of it is better.
FIGURES: dict[Figure, str] = {
    "cpu_us": "CPU µs per delivery",
    "cpu_share": "CPU, share of a core",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "messages_per_s": "messages/s",
    "requests_per_s": "requests/s",
}


@dataclass(frozen=True)
class Target:
    """Ours divided by the peer's has to be at most, or at least, `bound`; None: shown for comparison."""

    figure: Figure
    peer: str
    bound: float | None = None
    at_least: bool = False


@dataclass(frozen=True)
class Scenario:
    """`clients` in `rooms`, all of whom write: `window` messages outstanding in each room, or `rate` a second in all.

    `doors` = 2: the readers' process is measured, a second one takes what is written. `stored`: every peer commits
    every message to the same PostgreSQL before it tells it.
    """

    key: str
    title: str
    clients: int
    rooms: int
    peers: tuple[str, ...]
    targets: tuple[Target, ...]
    window: int = 0
    rate: float = 0
    doors: int = 1
    stored: bool = False
    seconds: float = 5
    note: str = ""
    # A server for which fewer outstanding are better: the same messages a second, and no queue of many seconds.
    windows: Mapping[str, int] = field(default_factory=dict)

    def window_of(self, peer: str) -> int:
        return self.windows.get(peer, self.window)


LOAD_SCENARIOS = (
    Scenario(
        "hot-room",
        "1,000 sockets in one chat, saturated",
        clients=1_000,
        rooms=1,
        window=16,
        peers=(OURS, TUTORIAL, TUTORIAL_PUBSUB, FLASK, SOCKET_IO, WS, NCHAN),
        targets=(
            Target("cpu_us", TUTORIAL, 1 / 200),
            Target("cpu_us", SOCKET_IO, 1 / 5),
            Target("cpu_us", NCHAN, 1 / 2),
            Target("cpu_us", TUTORIAL_PUBSUB),
            Target("cpu_us", FLASK),
            Target("cpu_us", WS),
        ),
        note="16 messages outstanding; ours commits each of them, the others keep none",
    ),
    Scenario(
        "hotter-room",
        "4,000 sockets in one chat, saturated",
        clients=4_000,
        rooms=1,
        window=16,
        peers=(OURS, SOCKET_IO),
        targets=(Target("cpu_us", SOCKET_IO, 1 / 5),),
    ),
    Scenario(
        "calm-room",
        "20 messages/s into 1,000 sockets",
        clients=1_000,
        rooms=1,
        rate=20,
        seconds=10,
        peers=(OURS, WS),
        targets=(Target("p99_ms", WS, 1.2), Target("cpu_share", WS, 1.2)),
        note="from the moment of sending to each delivery; ours commits in between",
    ),
    Scenario(
        "small-rooms",
        "200 chats of 10, saturated, persistence aside",
        clients=2_000,
        rooms=200,
        window=10,
        doors=2,
        peers=(OURS, SOCKET_IO),
        targets=(Target("cpu_us", SOCKET_IO, 1),),
        note=(
            "two processes of each server over Redis: 400 writers come to the second one, which for ours also commits; "
            "the first, which has the 2,000 readers, is measured"
        ),
    ),
    Scenario(
        "everyone-writes",
        "200 chats of 10, everyone writing, every message committed",
        clients=2_000,
        rooms=200,
        window=10,
        stored=True,
        peers=(OURS, TUTORIAL_PUBSUB, SOCKET_IO),
        targets=(
            Target("messages_per_s", TUTORIAL_PUBSUB, 20, at_least=True),
            Target("messages_per_s", SOCKET_IO, 3, at_least=True),
        ),
        windows={TUTORIAL_PUBSUB: 1},
        note=(
            "each person has one message under way; the tutorial writes its way, Socket.IO one insert per message; the "
            "tutorial has one message under way in each chat, because more only wait in the queue of its one thread"
        ),
    ),
    Scenario(
        "to-the-ack",
        "one sender on a socket: send → ack",
        clients=1,
        rooms=1,
        rate=40,
        seconds=8,
        peers=(TO_ACK, BARE_COMMIT),
        targets=(Target("p50_ms", BARE_COMMIT, 1.5),),
        note="40 messages/s, because a socket may not send faster; the bare commits come at the same pace",
    ),
)


@dataclass(frozen=True)
class Idle:
    clients: int = 10_000
    rooms: int = 1_000
    limit_kb: float = 30
    settle_s: float = 12
    peers: tuple[str, ...] = (OURS, SOCKET_IO, WS)


@dataclass(frozen=True)
class Cut:
    """Clients of `rooms` chats are cut off at once while one writer a chat goes on; then they come back."""

    clients: int = 5_000
    rooms: int = 50
    rate: float = 50
    normal_s: float = 10
    watched_s: float = 30
    # As static/js/backoff.js: full jitter up to this before the first attempt.
    first_delay_ms: float = 500
    back_within_s: float = 30
    statements_ratio: float = 2
    over_s: float = 5
    after_s: float = 5


@dataclass(frozen=True)
class Growth:
    """More and more chats of one size, all of them saturated: what does a delivery cost?"""

    sizes: tuple[int, ...] = (100, 1_000, 4_000, 10_000)
    room: int = 100
    window: int = 4
    seconds: float = 5
    ratio: float = 1.1


IDLE, CUT, GROWTH = Idle(), Cut(), Growth()
SHORT_IDLE = replace(IDLE, settle_s=5, peers=(OURS,))
SHORT_CUT = replace(CUT, normal_s=5)
SHORT_GROWTH = replace(GROWTH, sizes=(100, 1_000), seconds=2)
