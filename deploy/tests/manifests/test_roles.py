"""Each role starts from its manifest: its settings load with exactly the rendered environment, in every house."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Server
from deploy.ci.stack import answers, plain_environment
from deploy.tests.manifests.answers import LOADED, POD, WORKLOADS, Answers, as_in_the_pod, facts_of, job
from deploy.tests.manifests.conftest import PODS, ROLES
from deploy.tests.manifests.house import Manifests, house


@pytest.mark.parametrize("role", PODS)
@pytest.mark.parametrize("home", LOADED)
def test_a_role_is_content_with_its_rendered_environment(of_roles: Answers, home: str, role: str):
    facts = of_roles.of(home, role)

    assert facts == {
        "role": role,
        "port": house(home).container(role)["ports"][0]["containerPort"],
        "origin": house(home).one("ConfigMap", "common")["data"]["ABDRE_PUBLIC_ORIGIN"],
        "deployable": home != "dev",  # so `check --deploy` was asked, and had nothing to say
        "upstreams": facts["upstreams"],
        "has_tables": role != "gateway",
        "signs": role in ("auth", "oauth"),
        "views": {"/livez": "livez", "/readyz": "readyz"},
        "livez": 200,
        "modules": facts["modules"],
    }


@pytest.mark.parametrize(
    ("home", "name"), [(home, name) for home in LOADED for name in WORKLOADS[home] if name not in PODS]
)
def test_a_job_is_content_with_its_rendered_environment(of_roles: Answers, home: str, name: str):
    facts = of_roles.of(home, name)

    assert facts["has_tables"]
    assert not facts["signs"]


def test_a_role_that_is_not_content_is_noticed(mounted: Path):
    given = as_in_the_pod(house("base"), "chat", mounted)
    wrong = [
        {**given, "ABDRE_DATABASE_POOL": "many"},
        {**given, "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org/here"},
    ]

    by_number, by_origin = facts_of([job(environment, POD) for environment in wrong])

    assert "ABDRE_DATABASE_POOL must be a whole number" in by_number["problem"]
    assert "ABDRE_PUBLIC_ORIGIN must be like" in by_origin["problem"]


@pytest.mark.parametrize("home", LOADED)
def test_the_gateway_looks_for_the_services_where_they_are(of_roles: Answers, home: str):
    services = {
        service["metadata"]["name"]: service["spec"]["ports"][0]["port"] for service in house(home).all_of("Service")
    }

    assert of_roles.of(home, "gateway")["upstreams"] == {
        role: [f"http://abdre-{role}:{services[f'abdre-{role}']}"] for role in ROLES if role != "gateway"
    }


class Container(Server):
    """A role started as its pod starts it, but for the port."""

    name = "container"

    def __init__(self, environment: dict[str, str], arguments: list[str]) -> None:
        super().__init__()
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # in the image the packages are on it as well
        self.environment = {**plain_environment(), "PATH": path, **environment, "PORT": str(self.port)}
        self.arguments = arguments

    def start(self) -> None:
        self.launch([str(ROOT / "deploy/docker/entrypoint"), *self.arguments], env=self.environment)

    def is_ready(self) -> bool:
        return answers(f"http://127.0.0.1:{self.port}/livez")


@pytest.fixture
def container(manifests: Manifests, mounted: Path, request: pytest.FixtureRequest) -> Iterator[Container]:
    name = request.param
    with Container(as_in_the_pod(manifests, name, mounted), manifests.container(name)["args"]) as started:
        yield started


# One for each way that the entry point starts a role.
@pytest.mark.parametrize("container", ["gateway", "realtime"], indirect=True)
def test_the_rendered_command_starts_the_role(container: Container):
    assert not container.process or container.process.poll() is None
