"""What is asked, as data: each a name, whose chats, and an address of the API."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

from deploy.bench.reading.ground import Ground

Address = Callable[[Ground, Random], str]


class Asked(NamedTuple):
    """`address` makes another one each time. `limit_ms` is what the 95th percentile may take."""

    name: str
    login: str
    address: Address
    limit_ms: float | None


MEMBER, EVERYWHERE = "demo", "demo-everywhere"


def searched(text: str) -> Address:
    return lambda _ground, _random: f"/api/chats/search?{urlencode({'q': text})}"


def own_number(ground: Ground, random: Random) -> str:
    """A word that stands in one message."""
    return f"/api/chats/search?{urlencode({'q': random.choice(ground.numbers)})}"


def third_page(ground: Ground, _random: Random) -> str:
    first = ground.ask(MEMBER, "/api/chats/search?q=завтра")
    second = ground.ask(MEMBER, f"/api/chats/search?q=завтра&cursor={first['next']}")
    return f"/api/chats/search?q=завтра&cursor={second['next']}"


def in_one_chat(ground: Ground, random: Random) -> str:
    return f"/api/chats/search?q=zzz&chat={random.choice(ground.chats_of(MEMBER))}"


def history(depth: float) -> Address:
    """So far back in a chat: 0 the newest page, 1 the first."""

    def address(ground: Ground, random: Random) -> str:
        chat, last_seq = random.choice(ground.largest)
        before = "" if depth == 0 else f"?before={max(51, int(last_seq * (1 - depth)))}"
        return f"/api/chats/{chat}/messages{before}"

    return address


def further_down(ground: Ground, _random: Random) -> str:
    first = ground.ask(EVERYWHERE, "/api/chats?limit=200")
    return f"/api/chats?{urlencode({'before': first['next']})}"


SEARCHES: tuple[tuple[str, Address], ...] = (
    ("a word that one message holds", own_number),
    ("a frequent word", searched("завтра")),
    ("a frequent word, third page", third_page),
    ("a word that nobody says", searched("насекомое")),
    ("part of a word", searched("отоаппара")),
    ("two letters, frequent", searched("ра")),
    ("two letters that nobody writes", searched("ъы")),
    ("one Chinese sign", searched("爬")),
    ("Japanese", searched("ごはん")),
    ("two words", searched("samovar library")),
    ("two words, never together", searched("самовар 护照")),
    ("a phrase", searched('"на следующей неделе"')),
    ("from: and a word", searched("from:aigerim билет")),
    ("from: alone", searched("from:svetlana")),
    ("has:link and a word", searched("has:link 请看")),
    ("before: and after:", searched("палатку after:2026-02-01 before:2026-02-03")),
    ("in: and a word", searched("in:chess kettle")),
    ("in one chat", in_one_chat),
)
ASKED = (
    *(Asked(f"search: {name}", MEMBER, address, 100) for name, address in SEARCHES),
    Asked("search in all 1,000 chats: a frequent word", EVERYWHERE, searched("завтра"), None),
    Asked("search in all 1,000 chats: a word that nobody says", EVERYWHERE, searched("насекомое"), None),
    Asked("list: first page of 1,000 chats", EVERYWHERE, lambda _ground, _random: "/api/chats", 50),
    Asked("list: a page further down", EVERYWHERE, further_down, 50),
    Asked("list: 200 at once", EVERYWHERE, lambda _ground, _random: "/api/chats?limit=200", None),
    Asked("history: the newest page", EVERYWHERE, history(0), 50),
    Asked("history: half way", EVERYWHERE, history(0.5), 50),
    Asked("history: the beginning", EVERYWHERE, history(1), 50),
)
