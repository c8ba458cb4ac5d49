"""The running house that system and browser tests talk to: `--mode all-in-one`, `split`, or `daphne`.

What the modes may do differently runs in each of them: to start, to come in by a code, to talk, to resume, error pages,
headers, speed; all that is about transport, processes and restarts. What an app does wherever it runs, a feature on its
pages, is tried in one mode, and about as much of that in either, so that both are driven by many features. A marker of
the file says which, or one of the test, which goes before it: `split` or `all_in_one`; and `http`, where daphne has no
part in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from deploy.ci.servers import free_port
from deploy.ci.stack import AllInOne, Stack, plain_environment
from deploy.tests.github import GitHub
from deploy.tests.mailbox import Mailbox
from deploy.tests.provider import Provider

Mode = Literal["all-in-one", "split", "daphne"]

# The tests stand where an operator's edge would, and say from which address each person comes.
BEHIND_AN_EDGE = {
    "ABDRE_TRUSTED_PROXIES": "1",
    "ABDRE_LOG_FORMAT": "json",  # as in a container
    "ABDRE_INVITATION_ROTATION_S": "2",  # who watches a code change should not wait for half a minute
    "ABDRE_DEEDS_PER_MINUTE": "1500",  # who tries every route in half a minute does more than any person
}


@dataclass(frozen=True)
class House:
    """Where the house answers; `doors` are all addresses that serve `/ws`, the public one first."""

    mode: Mode
    url: str
    doors: list[str]
    stack: Stack | None = None  # to be broken by tests that mend it again; None in the all-in-one
    alone: AllInOne | None = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def door_of(self, role: str) -> str:
        """Where a role answers by itself."""
        return self.stack.all_of(role)[0].url if self.stack else self.url

    @property
    def signing_pem(self) -> str:
        house = self.stack or self.alone
        assert house is not None
        own = Path(house.environment.get("ABDRE_DATA_DIR", "")) / "signing.pem"
        return Path(house.environment.get("ABDRE_SIGNING_KEYS_FILE", own)).read_text()

    def create_admin(self, username: str, password: str) -> None:
        house = self.stack or self.alone
        assert house is not None
        house.manage("create_admin", "--username", username, ABDRE_ADMIN_PASSWORD=password)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--mode",
        choices=["all-in-one", "split", "daphne"],
        default="all-in-one",
        help="one process on SQLite; six processes on PostgreSQL and Redis; the same with realtime under plain daphne",
    )
    parser.addoption("--figures", action="store_true", help="measure too, for which the machine must be quiet")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out (not skip) what only the other mode can show, or what looks the same in both."""
    mode = config.getoption("--mode")
    others = ["http"] if mode == "daphne" else []
    if not config.getoption("--figures"):
        others.append("figures")
    left_out = [
        item
        for item in items
        if _only_mode(item) not in (None, mode) or any(item.get_closest_marker(other) for other in others)
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _only_mode(item: pytest.Item) -> str | None:
    """A test's own marker says more than that of its file."""
    names = (marker.name for marker in item.iter_markers())
    return next((name.replace("_", "-") for name in names if name in ("split", "all_in_one")), None)


@pytest.fixture(scope="session")
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.config.getoption("--mode")
    return chosen


# Where a test may have its own push service; to the house every other loopback address is inside.
PUSH_SERVICE = "127.0.0.55"


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Mailbox:
    """Where the house's letters go."""
    return Mailbox(tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="session")
def github() -> Iterator[GitHub]:
    with GitHub() as github:
        yield github


@pytest.fixture(scope="session")
def house(mode: Mode, provider: Provider, github: GitHub, mailbox: Mailbox) -> Iterator[House]:
    environment = {**plain_environment(), **BEHIND_AN_EDGE}
    environment |= {**provider.settings(), **github.settings(), **mailbox.settings()}
    environment["ABDRE_FETCH_ALLOWED_NETWORKS"] = f"{PUSH_SERVICE}/32"
    if mode == "all-in-one":
        environment["ABDRE_METRICS_PORT"] = str(free_port())
        with AllInOne(environment) as process:
            yield House(mode, process.url, [process.url], alone=process)
        return
    under = "daphne" if mode == "daphne" else "uvicorn"
    with Stack(environment, realtime=2, realtime_under=under, measured=True) as stack:
        second = stack.all_of("realtime")[1]
        yield House(mode, stack.url, [stack.url, second.url], stack)
