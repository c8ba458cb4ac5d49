"""What so many people need, from what one unit costs: `python -m deploy.bench.capacity.plan`, for scale.md."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

from deploy.bench.capacity.report import FILE

PEOPLE = (10_000, 1_000_000, 100_000_000)
DAY_S = 86_400
GB = 10**9


@dataclass(frozen=True)
class Habits:
    """What people are taken to do; each is a guess, and stands in scale.md as one."""

    online: float = 0.1  # of all people hold a socket at the busiest moment
    messages_a_day: float = 40  # that a person writes
    members: int = 30  # of a chat, as if each message were written into one so large
    pages_a_day: float = 10  # that a person opens
    asked_a_day: float = 40  # requests to the API: older messages, profiles, lists
    peak: float = 3  # the busiest moment beside the mean of a day


@dataclass(frozen=True)
class Machines:
    """What a process or a server is given to do at most."""

    busy: float = 0.5  # of a core, so that half the processes carry all while the others roll
    sockets_a_process: int = 10_000
    database_cores: int = 16
    database_bytes: int = 4 * 10**12  # a backup and a restore of more take too long


class Need(NamedTuple):
    what: str
    amounts: list[float]


HABITS, MACHINES = Habits(), Machines()


class Plan:
    """`costs` as capacity.json has them; everything at the busiest moment."""

    def __init__(self, figures: dict[str, Any], habits: Habits = HABITS, machines: Machines = MACHINES) -> None:
        self._costs = {cost["what"]: cost for cost in figures["costs"] if cost["processes"] == 1}
        self._bytes = figures["bytes_a_message"]
        self._kb = figures["idle_kb_a_socket"]
        self.habits = habits
        self.machines = machines

    def needs(self) -> list[Need]:
        rows: list[tuple[str, Callable[[int], float]]] = [
            ("sockets open", self.sockets),
            ("messages a second", self.messages),
            ("requests a second", self.requests),
            ("realtime processes", self.realtime),
            ("gateway processes", self.gateway),
            ("chat, user and auth processes", self.services),
            ("cores busy in PostgreSQL", self.database_cores),
            ("GB of messages a year", lambda people: self.bytes_a_year(people) / GB),
            ("PostgreSQL primaries", self.primaries),
            ("events a second over Redis", self.events),
        ]
        return [Need(what, [amount(people) for people in PEOPLE]) for what, amount in rows]

    def sockets(self, people: int) -> float:
        return people * self.habits.online

    def messages(self, people: int) -> float:
        return self._peak(people, self.habits.messages_a_day)

    def requests(self, people: int) -> float:
        return self._peak(people, self.habits.asked_a_day + self.habits.pages_a_day)

    def realtime(self, people: int) -> float:
        by_memory = self.sockets(people) / self.machines.sockets_a_process
        return max(2, ceil(max(by_memory, self._processes(self.messages(people), self._message()["role_us"]))))

    def gateway(self, people: int) -> float:
        passed_on = self._peak(people, self.habits.asked_a_day) * self._cost("gateway: page of 50")["role_us"]
        rendered = self._peak(people, self.habits.pages_a_day) * self._cost("gateway: page of a chat")["role_us"]
        return max(2, ceil((passed_on + rendered) / 1e6 / self.machines.busy))

    def services(self, people: int) -> float:
        """A rendered page asks about five things, like the ones that are asked for alone."""
        asked = self._asked(people)
        return max(6, self._processes(asked, self._cost("chat: page of 50")["role_us"]))

    def database_cores(self, people: int) -> float:
        us = self.messages(people) * self._message()["postgres_us"]
        us += self._asked(people) * self._cost("chat: page of 50")["postgres_us"]
        return us / 1e6

    def bytes_a_year(self, people: int) -> float:
        return people * self.habits.messages_a_day * 365 * float(self._bytes)

    def primaries(self, people: int) -> float:
        by_cores = self.database_cores(people) / (self.machines.database_cores * self.machines.busy)
        return ceil(max(by_cores, self.bytes_a_year(people) / self.machines.database_bytes))

    def events(self, people: int) -> float:
        """Each message once published, and heard by each process that has one of the chat's readers."""
        readers = max(1.0, self.habits.members * self.habits.online)
        return self.messages(people) * (1 + min(readers, self.realtime(people)))

    def _asked(self, people: int) -> float:
        return self._peak(people, self.habits.asked_a_day + 5 * self.habits.pages_a_day)

    def _peak(self, people: int, a_day: float) -> float:
        return people * a_day / DAY_S * self.habits.peak

    def _processes(self, a_second: float, us: float) -> int:
        return ceil(a_second * us / 1e6 / self.machines.busy)

    def _cost(self, begins: str) -> dict[str, float]:
        [found] = [cost for what, cost in self._costs.items() if what.startswith(begins)]
        return found

    def _message(self) -> dict[str, float]:
        return self._costs[f"realtime: message in a chat of {self.habits.members}"]


def table(needs: list[Need]) -> str:
    head = f"| at the busiest moment | {' | '.join(f'{people:,} people' for people in PEOPLE)} |"
    rows = [f"| {need.what} | {' | '.join(_rounded(amount) for amount in need.amounts)} |" for need in needs]
    return "\n".join([head, f"|---|{'---:|' * len(PEOPLE)}", *rows])


def _rounded(amount: float) -> str:
    """Two digits say all that a guess knows; small whole numbers stay themselves."""
    if amount < 10:
        return f"{amount:.2g}"
    digits = len(str(int(amount))) - 2
    return f"{round(amount / 10**digits) * 10**digits:,}" if digits > 0 else f"{amount:.0f}"


def main() -> None:
    print(table(Plan(json.loads(FILE.read_text())).needs()))


if __name__ == "__main__":
    main()
