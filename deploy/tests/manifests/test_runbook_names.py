"""What a runbook's commands name is there: a wrong name is found here and not at the worst moment."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml

from deploy.ci.jobs import ROOT
from deploy.tests.manifests.house import house

RUNBOOKS = ROOT / "deploy/runbooks"
PAGES = sorted(str(path.relative_to(RUNBOOKS)) for path in RUNBOOKS.rglob("*.md"))
KINDS = {"deployment", "statefulset", "job", "cronjob"}
NAME = re.compile(r"[a-z$][\w$-]*")
# Deeds of compose that name services, and those that go on with a command after one.
OF_SERVICES, OF_ONE = ("ps", "logs", "stop", "start", "restart", "up"), ("exec", "run")


def commands(text: str) -> Iterator[str]:
    """Of kubectl and of compose, from blocks and from within lines; ROLE and $role stand for any."""
    blocks = re.findall(r"^ {4,}(.+)$", text, re.MULTILINE)
    for code in [*blocks, *re.findall(r"`([^`]+)`", text)]:
        for command in re.findall(r"(?:kubectl|docker compose) [^;#|`]+", " ".join(code.split())):
            yield re.sub(r"ROLE|\$role", "chat", command).partition(" -- ")[0].strip()


def named_in_kubernetes(command: str) -> Iterator[tuple[str, str]]:
    """(kind, name): written with a slash, or after the kind."""
    yield from re.findall(rf"\b({'|'.join(KINDS)})/([\w$-]+)", command)
    words = command.split()
    for kind in KINDS & set(words):
        following = words[words.index(kind) + 1 :]
        yield from ((kind, word) for word in following if NAME.fullmatch(word))


def services_named(command: str) -> list[str]:
    """In a command of compose."""
    words = [word for word in command.split()[2:] if NAME.fullmatch(word)]
    if words and words[0] in OF_ONE:
        return words[1:2]
    return words[1:] if words and words[0] in OF_SERVICES else []


@cache
def there() -> set[tuple[str, str]]:
    documents = house("prod").all_of("Deployment", "StatefulSet", "Job", "CronJob")
    return {(document["kind"].lower(), document["metadata"]["name"]) for document in documents}


def unknown(text: str) -> set[str]:
    known = set(there())
    services = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())["services"]
    wrong = set()
    for command in commands(text):
        if made := re.search(r"create job ([\w-]+) --from=", command):
            known.add(("job", made[1]))
        if command.startswith("kubectl"):
            wrong |= {" ".join(named) for named in set(named_in_kubernetes(command)) - known}
        else:
            wrong |= set(services_named(command)) - services.keys()
    return wrong


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_a_command_names_is_there(page: str):
    assert unknown((RUNBOOKS / page).read_text()) == set()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`kubectl --namespace abdre scale deployment --replicas=0 auth`", {"deployment auth"}),
        ("    kubectl rollout undo deployment/auth  # then others", {"deployment auth"}),
        ("    kubectl rollout undo deployment/abdre-ROLE  # then others", set()),
        ("    kubectl create job again --from=cronjob/backups", {"cronjob backups"}),
        ("    kubectl create job again --from=cronjob/backup\n    kubectl delete job again", set()),
        ("`docker compose stop\n   abdre-auth`", {"abdre-auth"}),
        ("`docker compose exec auth python manage.py doctor`", set()),
    ],
)
def test_a_wrong_name_is_found(text: str, wrong: set[str]):
    assert unknown(text) == wrong


@pytest.mark.parametrize("program", ["docker compose", "manage.py", "curl http://", "redis-cli"])
def test_who_has_no_such_program_at_hand_is_told_where_it_is(program: str):
    """The image has no curl, and nobody's laptop has the house's settings or its passwords."""
    used = [
        page for page in PAGES if re.search(rf"(?:^ {{4,}}|`){program}", (RUNBOOKS / page).read_text(), re.MULTILINE)
    ]

    assert len(used) > 1
    assert f"\n| `{program}" in (RUNBOOKS / "README.md").read_text()


def test_the_stores_address_is_given_to_nobody_who_does_not_understand_it():
    """redis-cli knows neither redis+sentinel:// nor redis+cluster://."""
    assert [page for page in PAGES if "redis-cli -u" in (RUNBOOKS / page).read_text()] == []


def test_the_page_about_leaving_names_the_time_that_is_really_given():
    grace_s = house("prod").pod("realtime")["terminationGracePeriodSeconds"]
    services = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())["services"]
    said = re.findall(r"(\d+) s \((Kubernetes|compose)\)", (RUNBOOKS / "drain.md").read_text())

    compose_s = services["realtime"]["stop_grace_period"].removesuffix("s")
    assert said == [(str(grace_s), "Kubernetes"), (compose_s, "compose")]
