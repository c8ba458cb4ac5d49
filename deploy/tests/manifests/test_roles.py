"""Each role starts from its manifest: its settings load with exactly the rendered environment."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Server
from deploy.ci.stack import answers, plain_environment
from deploy.tests.manifests.conftest import MOUNTED_AT, PODS, ROLES, Asking, Manifests

# A kubelet asks by the pod's address, whatever name the operator gave the house.
POD = "10.1.2.3"


def as_in_the_pod(manifests: Manifests, name: str, mounted: Path) -> dict[str, str]:
    environment = manifests.environment(name)
    return {key: value.replace(MOUNTED_AT, str(mounted)) for key, value in environment.items()}


@pytest.mark.parametrize("role", PODS)
def test_a_role_is_content_with_its_rendered_environment(
    manifests: Manifests, mounted: Path, ask_role: Asking, role: str
):
    container = manifests.container(role)
    (port,) = container["ports"]
    probes = [container[kind]["httpGet"]["path"] for kind in ("livenessProbe", "readinessProbe")]

    facts = ask_role(as_in_the_pod(manifests, role, mounted), f"{POD}:{port['containerPort']}", *probes)

    assert facts["role"] == role
    assert facts["deployable"]  # so `check --deploy` was asked, and had nothing to say
    assert facts["port"] == port["containerPort"]
    assert facts["views"] == {"/livez": "livez", "/readyz": "readyz"}
    assert facts["livez"] == 200
    assert facts["signs"] == (role in ("auth", "oauth"))
    assert facts["has_tables"] == (role != "gateway")


def test_the_migrate_job_is_content_with_its_rendered_environment(
    manifests: Manifests, mounted: Path, ask_role: Asking
):
    facts = ask_role(as_in_the_pod(manifests, "migrate", mounted), POD)

    assert facts["has_tables"]
    assert not facts["signs"]


def test_the_gateway_looks_for_the_services_where_they_are(manifests: Manifests, mounted: Path, ask_role: Asking):
    facts = ask_role(as_in_the_pod(manifests, "gateway", mounted), POD)

    ports = {role: manifests.one("Service", role)["spec"]["ports"][0]["port"] for role in ROLES if role != "gateway"}
    assert facts["upstreams"] == {role: [f"http://{role}:{port}"] for role, port in ports.items()}


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
