"""deploy/compose/upgrade and rollback: nothing changes before it is kept, and the way back leads to what was well."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.ci.servers import Postgres
from deploy.tests.containers.composition import own_copy, put_back

# Stands for an engine: keeps containers and tags in a file. `up` brings what the names stand for, healthy unless `ill`.
DOCKER = """#!{python} -IS
import json, sys
from pathlib import Path
kept = Path({kept!r})
house = json.loads(kept.read_text())
containers, tags, words = house["containers"], house["tags"], sys.argv[1:]
asked = {{
    "{{{{.Image}}}}": "image", "{{{{.Config.Image}}}}": "name",
    "{{{{if .State.Health}}}}{{{{.State.Health.Status}}}}{{{{end}}}}": "health",
}}
if words[:2] == ["compose", "config"]:
    print(*house["services"], sep="\\n")
elif words[:2] == ["compose", "ps"]:
    wanted = [word for word in words[2:] if word[0] != "-"]
    assert set(wanted) <= set(house["services"]), "no such service"
    hidden = [] if "--all" in words else [name for name in containers if not containers[name]["health"]]
    print(*[name for name in wanted if name in containers and name not in hidden], sep="\\n")
elif words[:2] == ["compose", "exec"]:
    print("half of it", end="")
    sys.exit(1) if house["full"] else print(" and the rest", end="")
elif words[:2] == ["compose", "up"]:
    for name in house["services"]:
        called = "abdre-edge" if name == "edge" else "abdre-chat"
        is_well = tags[called] not in house["ill"]
        waits = "" if name == "gateway" else "unhealthy"  # it is made, and waits for who is ill
        containers[name] = {{"name": called, "image": tags[called], "health": "healthy" if is_well else waits}}
elif words[0] == "inspect":
    print(*[containers[name][asked[words[2]]] for name in words[3:]], sep="\\n")
elif words[:2] == ["image", "inspect"]:
    print(tags[words[-1]])
elif words[0] == "tag":
    assert words[1] in {{*tags, "first", "second", "third", "caddy"}}, "no such image"
    tags[words[2]] = tags.get(words[1], words[1])
kept.write_text(json.dumps(house))
sys.exit(any(one["health"] != "healthy" for one in containers.values()) if words[:2] == ["compose", "up"] else 0)
"""
ROLES = ["auth", "chat", "gateway", "oauth", "realtime", "user", "worker"]


class House:
    """What runs is "first"; `abdre-chat:second` and `:third` are there."""

    def __init__(self, folder: Path) -> None:
        self.compose = own_copy(folder)
        self.kept = folder / "house.json"
        tags = {"abdre-chat": "first", "abdre-edge": "caddy"}
        tags |= {f"abdre-chat:{name}": name for name in ("second", "third")}
        healthy = {name: {"name": "abdre-chat", "image": "first", "health": "healthy"} for name in ROLES}
        healthy["edge"] = {"name": "abdre-edge", "image": "caddy", "health": "healthy"}
        self.write(services=[*healthy], containers=healthy, tags=tags, ill=[], full=False)
        (folder / "docker").write_text(DOCKER.format(python=sys.executable, kept=str(self.kept)))
        (folder / "docker").chmod(0o755)
        self.path = f"{folder}:{os.environ['PATH']}"

    def read(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        return state

    def write(self, **changes: Any) -> None:
        self.kept.write_text(json.dumps({**self.read(), **changes}))

    def runs(self) -> set[str]:
        return {one["image"] for name, one in self.read()["containers"].items() if name != "edge"}

    def without_edge(self, *, offered: bool) -> None:
        state = self.read()
        del state["containers"]["edge"], state["tags"]["abdre-edge"]
        self.write(**state)
        if offered:
            self.write(tags={**state["tags"], "abdre-edge": "caddy"})
        else:
            self.write(services=ROLES)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.compose / script), *arguments],
            env={"PATH": self.path},
            capture_output=True,
            text=True,
            check=False,
        )

    def upgrade(self, name: str) -> int:
        return self.run("upgrade", f"abdre-chat:{name}").returncode

    def rollback(self) -> int:
        return self.run("rollback").returncode


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_upgrade_keeps_a_whole_dump_and_rollback_goes_back_and_forth(house: House):
    done = house.run("upgrade", "abdre-chat:second")
    upgraded = house.runs()

    assert done.returncode == 0, done.stderr
    dump = house.compose / done.stdout.partition("dump of the database: ")[2].strip()
    assert dump.read_text() == "half of it and the rest"
    assert upgraded == {"second"}
    assert (house.rollback(), house.runs()) == (0, {"first"})
    assert (house.rollback(), house.runs()) == (0, {"second"})


def test_where_the_dump_fails_nothing_is_changed_and_no_half_of_one_is_left(house: House):
    house.write(full=True)
    before = house.read()

    assert house.upgrade("second") != 0

    assert house.read() == before
    assert [*(house.compose / "backups").iterdir()] == []


@pytest.mark.parametrize("offered", [False, True], ids=["an edge of one's own", "a release from before the edge"])
def test_a_house_whose_edge_never_ran_goes_forth_and_back(house: House, offered: bool):
    house.without_edge(offered=offered)

    assert (house.upgrade("second"), house.runs()) == (0, {"second"})
    assert (house.rollback(), house.runs()) == (0, {"first"})
    assert ("edge" in house.read()["containers"]) == offered


def test_without_a_release_from_before_there_is_no_way_back(house: House):
    before = house.read()

    assert house.rollback() != 0

    assert house.read() == before


def test_an_upgrade_that_failed_is_never_the_way_back_but_can_be_gone_back_from(house: House):
    house.write(ill=["second", "third"])

    assert house.upgrade("second") != 0
    assert house.upgrade("third") != 0

    assert (house.rollback(), house.runs()) == (0, {"first"})


def test_a_dump_put_back_leaves_nothing_of_later(tmp_path: Path):
    """A table that stayed would stop the migration that makes it."""
    with Postgres() as server:
        url = server.create_database("abdre")
        names = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": server.password}

        def run(command: str) -> None:
            subprocess.run(command, shell=True, env={**os.environ, **names}, cwd=tmp_path, check=True)  # noqa: S602

        with psycopg.connect(url) as before:
            before.execute("CREATE TABLE kept AS SELECT 1 AS number")
        run("pg_dump --username=abdre --format=custom abdre >DUMP")
        with psycopg.connect(url) as after:
            after.execute("CREATE TABLE later (); UPDATE kept SET number = 2; ALTER TABLE kept ADD COLUMN planted int")
        run(f"{put_back()} <DUMP")

        with psycopg.connect(url) as there:
            assert there.execute("SELECT * FROM kept").fetchall() == [(1,)]
            assert there.execute("SELECT to_regclass('later')").fetchall() == [(None,)]
