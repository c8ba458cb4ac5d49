"""A release under load: the house goes over to new code role by role, and back: `python -m deploy.tests.faults.mixed`.

Arguments: the tree of the older code, and the Python that runs it. The schema is the new one from the beginning, as
after a release's migrate. At each moment some roles are old and some new, and everybody talks.
"""

import asyncio
import random
import sys
from pathlib import Path

import uvloop

from deploy.ci.jobs import ROOT
from deploy.ci.stack import Role, Stack
from deploy.tests.checker import Verdict
from deploy.tests.faults.house import House, by_hand
from deploy.tests.faults.load import Crowd, Size

# Who does jobs first, since it must know all that are asked of it; then who is asked before who asks
# (deploy/runbooks/release.md).
ORDER = ["worker", "user", "chat", "auth", "oauth", "realtime", "gateway"]
SIZE = Size(clients=40, chats=10, messages_per_s=20)
TALKS_BETWEEN_S = 2.0


class MixedHouse(House):
    """Begins with all of the older code."""

    def __init__(self, tree: Path, python: str) -> None:
        super().__init__()
        self.older = (tree, python)

    def make_stack(self, environment: dict[str, str]) -> Stack:
        return Stack(environment, realtime=2, code=self.older)

    async def roll(self, role: Role, code: tuple[Path, str]) -> None:
        await by_hand(role.halt)
        role.code = code
        await by_hand(role.start)


async def drill(house: MixedHouse, chance: random.Random) -> Verdict:
    newer = (ROOT, sys.executable)
    there = [role for name in ORDER for role in house.stack.all_of(name)]
    async with Crowd(house.url, house.doors, SIZE, chance) as crowd:
        over = asyncio.Event()
        talking = asyncio.create_task(crowd.talk(over))
        for role, code in [*((role, newer) for role in there), *((role, house.older) for role in reversed(there))]:
            await asyncio.sleep(TALKS_BETWEEN_S)
            await house.roll(role, code)
            print(f"   {role.name} runs {'the new' if code == newer else 'the old'} code", flush=True)
        await asyncio.sleep(TALKS_BETWEEN_S)
        over.set()
        talked_s = await talking
        verdict = await crowd.judged()
        print(f"   {verdict.acked / talked_s:.0f} messages a second", flush=True)
        return verdict


async def main() -> int:
    tree, python = sys.argv[1:]
    seed = random.randrange(10**6)
    async with MixedHouse(Path(tree), python) as house:
        verdict = await drill(house, random.Random(seed))
    print(f"release and way back, seed {seed} · {verdict}")
    return 0 if verdict.is_met else 1


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
