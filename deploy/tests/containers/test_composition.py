"""compose.yaml as it runs, in this order: each test leaves it running and healthy."""

import re
import shlex
import socket
import ssl
from pathlib import Path

import aiohttp
import pytest

from deploy.ci.jobs import ROOT
from deploy.tests.containers.composition import Composition, fails_inside, inspected, own_copy, put_back, said
from deploy.tests.containers.conversation import talk
from deploy.tests.people import Town

ONCE = {"migrate", "secrets"}
WRITERS = ("auth", "user", "oauth", "chat", "realtime", "worker")
STATUS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
# What an image that runs a program needs of none.
TOO_MUCH = "-name pip -o -name ensurepip -o -path '/app/*/tests' -o -path '/app/*.md' -o -path '/app/.git*'"
TO_BUILD_WITH = ("pip", "pip3", "gcc", "cc", "make", "git", "curl", "wget")


def test_everything_is_healthy_and_what_runs_once_has_ended_well(composition: Composition):
    states = {name: one["State"] for name, one in composition.containers().items()}

    assert {name for name, state in states.items() if state["Status"] == "exited"} == ONCE
    assert {states[name]["ExitCode"] for name in ONCE} == {0}
    assert {state["Health"]["Status"] for name, state in states.items() if name not in ONCE} == {"healthy"}


async def test_a_scanned_code_brings_two_people_together_through_the_edge(town: Town):
    await talk(town)


def test_no_container_may_do_what_it_need_not(composition: Composition):
    problems = [problem for name, one in composition.containers().items() for problem in excesses(name, one)]

    assert problems == []


def excesses(name: str, one: dict) -> list[str]:
    host, user = one["HostConfig"], one["Config"]["User"].partition(":")[0]
    rules = {
        "runs as a number that is not root": user.isdigit() and int(user) > 0,
        "its root is read-only": host["ReadonlyRootfs"],
        "all capabilities are dropped": host["CapDrop"] == ["ALL"] and not host["CapAdd"],
        "no new privileges": "no-new-privileges:true" in host["SecurityOpt"],
        "its memory is limited": host["Memory"] > 0,
        "its processes are limited": host["PidsLimit"],
        "its log is limited": host["LogConfig"]["Config"].get("max-size"),
        **(seen_inside(one["Id"], int(user)) if one["State"]["Running"] else {}),
    }
    return [f"{name}: not so: {rule}" for rule, holds in rules.items() if not holds]


def seen_inside(container: str, user: int) -> dict[str, bool]:
    """The same as the kernel has it of the first process."""
    lines = (line.partition(":") for line in said("docker", "exec", container, "cat", "/proc/1/status").splitlines())
    status = {name: value.split() for name, _, value in lines}
    return {
        "its process is nobody else": set(status["Uid"]) == {str(user)},
        "its process has no capability": all(int(status[name][0], 16) == 0 for name in STATUS),
        "its process gets no new privileges": status["NoNewPrivs"] == ["1"],
        "nothing is written to its root": fails_inside(container, "touch", "/etc/new"),
    }


def test_who_faces_the_outside_reaches_no_store_and_the_gateway_no_outside(composition: Composition):
    containers = {name: one["Id"] for name, one in composition.containers().items()}

    def reaches(name: str, address: str) -> bool:
        return not fails_inside(containers[name], "timeout", "2", "bash", "-c", f"</dev/tcp/{address}")

    assert reaches("auth", "postgres/5432")
    assert reaches("gateway", "redis/6379")
    assert reaches("edge", "gateway/8000")
    assert reaches("oauth", "10.0.2.3/53")  # the way out of this engine
    assert not reaches("gateway", "postgres/5432")
    assert not reaches("gateway", "10.0.2.3/53")
    assert not reaches("edge", "redis/6379")
    assert not reaches("edge", "auth/8001")


def test_the_image_holds_what_runs_and_nothing_to_build_with():
    (image,) = inspected("abdre-chat", kind="image")
    run = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "sh", "abdre-chat", "-c")

    assert said(*run, f"for name in {' '.join(TO_BUILD_WITH)}; do command -v $name || true; done") == ""
    assert said(*run, f"find / -xdev {TOO_MUCH} 2>/dev/null || true") == ""
    assert said(*run, 'python -c \'import boto3; boto3.client("s3", region_name="x")\'') == ""
    assert image["Config"]["Labels"]["org.opencontainers.image.version"] == "development"
    assert image["Config"]["User"] == "10001:10001"


@pytest.mark.lengthy
@pytest.mark.timeout(600)
async def test_down_and_up_keeps_everything(composition: Composition, town: Town):
    before = await talk(town)

    composition.compose("down")
    composition.up()

    assert await before.guest.bodies(before.chat) == ["Table 4?", "Coming"]
    await talk(town)


@pytest.mark.lengthy
@pytest.mark.timeout(900)
async def test_a_release_and_the_way_back_are_one_command_each(composition: Composition, town: Town, tmp_path: Path):
    before = await talk(town)
    build_next(tmp_path)
    folder = own_copy(tmp_path)

    told = said(str(folder / "upgrade"), "abdre-chat:next")
    upgraded = version_of(composition), planted(composition)
    after = await talk(town)
    said(str(folder / "rollback"))
    back = version_of(composition), planted(composition)

    assert upgraded == ("next", 2)
    assert back == ("development", 2)  # the release before, on the schema of the next
    for known in (before, after):
        assert await known.ada.bodies(known.chat) == ["Table 4?", "Coming"]
    await talk(town)

    restore(composition, folder / told.partition("dump of the database: ")[2].splitlines()[0])

    assert planted(composition) == 0
    assert await before.ada.bodies(before.chat) == ["Table 4?", "Coming"]
    assert (await after.ada.get(f"/api/chats/{after.chat}")).status in (401, 404)  # came after the dump
    await talk(town)

    said(str(folder / "upgrade"), "abdre-chat:next")
    again = planted(composition)
    said(str(folder / "rollback"))

    assert again == 2


@pytest.mark.lengthy
@pytest.mark.timeout(600)
async def test_a_backup_is_made_and_put_back_by_the_image_s_own_programs(composition: Composition, town: Town):
    before = await talk(town)

    (made,) = set(re.findall(r"/backups/abdre-\w+Z\b", composition.compose("run", "--rm", "-T", "backup")))
    after = await talk(town)
    put = ("run", "--rm", "-T", "backup", "python", "manage.py", "restore", made)
    composition.compose("stop", *WRITERS)
    composition.compose(*put, "--check")
    composition.compose(*put, "--replace")
    composition.compose("exec", "-T", "redis", "redis-cli", "FLUSHDB")
    composition.up()

    assert await before.ada.bodies(before.chat) == ["Table 4?", "Coming"]
    assert (await after.ada.get(f"/api/chats/{after.chat}")).status in (401, 404)
    await talk(town)


def restore(composition: Composition, dump: Path) -> None:
    """As deploy/README.md has it."""
    composition.compose("stop", "gateway", *WRITERS)
    with dump.open() as given:
        composition.compose("exec", "-T", "postgres", *shlex.split(put_back()), given=given)
    composition.up()


def build_next(folder: Path) -> None:
    """A release with a schema of its own: a column more, and a table."""
    migrations = ROOT / "chat_svc" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (folder / "9999_planted.py").write_text(
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [('chat_svc', '{last}')]\n"
        "    operations = [\n"
        "        migrations.RunSQL('ALTER TABLE chat_svc_chat ADD COLUMN planted integer'),\n"
        "        migrations.RunSQL('CREATE TABLE chat_svc_planted (planted integer)'),\n"
        "    ]\n"
    )
    (folder / "Dockerfile").write_text(
        "FROM abdre-chat\nCOPY --chmod=0644 9999_planted.py /app/chat_svc/migrations/\nENV ABDRE_VERSION=next\n"
    )
    said("docker", "build", "--quiet", "--tag", "abdre-chat:next", str(folder))


def version_of(composition: Composition) -> str:
    container = composition.containers()["gateway"]["Id"]
    return said("docker", "exec", container, "printenv", "ABDRE_VERSION").strip()


def planted(composition: Composition) -> int:
    asked = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'planted'"
    return int(composition.compose("exec", "-T", "postgres", "psql", "-U", "abdre", "-Atc", asked))


@pytest.mark.lengthy
@pytest.mark.timeout(600)
async def test_a_public_name_is_served_encrypted_and_leads_there(composition: Composition):
    """By an authority of the edge's own: that of everybody is not in reach of a test."""
    public = Composition(
        chosen={
            "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org",
            "ABDRE_CERTIFICATES": "local_certs",
            "HTTPS_PORT": "8443",
        }
    )
    public.up()
    root = public.compose("exec", "-T", "edge", "cat", "/data/caddy/pki/authorities/local/root.crt")
    trusted = ssl.create_default_context(cadata=root)

    host = {"Host": "chat.example.org"}
    async with (
        aiohttp.ClientSession(headers=host) as http,
        http.get("http://127.0.0.1:8000/chats", allow_redirects=False) as plain,
        http.get("https://127.0.0.1:8443/", ssl=trusted, server_hostname="chat.example.org") as encrypted,
    ):
        assert (plain.status, plain.headers["Location"]) == (308, "https://chat.example.org/chats")
        assert encrypted.status == 200
        assert "max-age" in encrypted.headers["Strict-Transport-Security"]
    composition.up()


@pytest.mark.lengthy
@pytest.mark.timeout(600)
async def test_one_of_two_is_killed_and_people_talk_on(composition: Composition, town: Town):
    doubled = Composition(overlays=("faults",))
    doubled.up()
    await talk(town)

    for service in ("chat", "realtime"):
        doubled.compose("kill", service)
        await talk(town)

    doubled.compose("stop", "chat-2")
    with pytest.raises((AssertionError, TimeoutError)):  # so it was the second that answered
        await talk(town)
    composition.up()
    await talk(town)


@pytest.mark.lengthy
@pytest.mark.timeout(600)
async def test_who_has_an_edge_already_uses_that(composition: Composition, tmp_path: Path):
    chosen = {"GATEWAY_PORT": "8100"}
    own, folder = Composition(overlays=("own-edge",), chosen=chosen), own_copy(tmp_path)
    composition.compose("stop", "edge")
    own.up()

    async with Town("http://127.0.0.1:8100") as town:
        await talk(town)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 8000))
    gateway = own.containers()["gateway"]["Id"]
    assert fails_inside(gateway, "timeout", "2", "bash", "-c", "</dev/tcp/10.0.2.3/53")  # the way out of this engine

    composition.compose("rm", "--force", "edge")
    for command in ([str(folder / "upgrade"), "abdre-chat"], [str(folder / "rollback")]):
        said(*command, COMPOSE_FILE="compose.yaml:compose.own-edge.yaml", **chosen)
        async with Town("http://127.0.0.1:8100") as town:
            await talk(town)
    composition.up()
