"""The manifests as a cluster would get them, and each role's settings loaded with exactly its rendered environment."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.ci.jobs import ROOT

K8S = ROOT / "deploy" / "k8s"
MOUNTED_AT = "/run/secrets/abdre"
ROLES = ["gateway", "auth", "user", "oauth", "chat", "realtime"]
# The worker is asked by probes alone, so it has no Service, and the gateway does not know it.
PODS = [*ROLES, "worker"]
STORES = {
    "DATABASE_URL": "postgresql://services:x@postgres:5432/abdre",
    "MIGRATION_DATABASE_URL": "postgresql://abdre:x@postgres:5432/abdre",
    "REDIS_URL": "redis://redis:6379/0",
}

Document = dict[str, Any]


@cache
def render(folder: Path) -> list[Document]:
    done = subprocess.run([str(ROOT / "deploy/ci/render"), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def all_kustomizations() -> list[Path]:
    return sorted(path.parent for path in K8S.glob("**/kustomization.yaml"))


class Manifests:
    """What the base and the migrate Job render to, found by kind and name."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents

    def all_of(self, kind: str) -> list[Document]:
        return [document for document in self.documents if document["kind"] == kind]

    def one(self, kind: str, name: str) -> Document:
        (found,) = [document for document in self.all_of(kind) if document["metadata"]["name"] == name]
        return found

    def workload(self, name: str) -> Document:
        return self.one("Job" if name == "migrate" else "Deployment", name)

    def pod(self, name: str) -> Document:
        pod: Document = self.workload(name)["spec"]["template"]["spec"]
        return pod

    def container(self, name: str) -> Document:
        (container,) = self.pod(name)["containers"]
        return dict(container)

    def environment(self, name: str) -> dict[str, str]:
        container = self.container(name)
        assert "env" not in container  # all of it stands in the ConfigMaps
        sources = [self.one("ConfigMap", source["configMapRef"]["name"]) for source in container["envFrom"]]
        return {key: value for source in sources for key, value in source["data"].items()}

    def mounted_keys(self, name: str) -> dict[str, str]:
        """File name → key of the Secret."""
        (volume,) = [volume for volume in self.pod(name)["volumes"] if "secret" in volume]
        return {item["path"]: item["key"] for item in volume["secret"]["items"]}


@pytest.fixture(scope="session")
def manifests() -> Manifests:
    return Manifests([*render(K8S / "base"), *render(K8S / "base" / "migrate")])


@pytest.fixture(scope="session")
def secret() -> Document:
    """What deploy/k8s/make-secret prints."""
    done = subprocess.run(
        [str(K8S / "make-secret")],
        env={**os.environ, **STORES, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: Document = yaml.safe_load(done.stdout)
    return document


@pytest.fixture(scope="session")
def fresh_secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `deploy.docker.make_secrets` makes it."""
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([sys.executable, "-m", "deploy.docker.make_secrets", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def mounted(tmp_path_factory: pytest.TempPathFactory, fresh_secrets: Path) -> Path:
    """The Secret's files, as a pod would see all of them."""
    folder = tmp_path_factory.mktemp("mounted")
    for name in ("signing/signing.pem", "verifying/verifying.json", "push/push.pem"):
        (folder / Path(name).name).write_text((fresh_secrets / name).read_text())
    for name, value in {"secret-key": secrets.token_urlsafe(48), **STORES}.items():
        (folder / name.lower().replace("_", "-")).write_text(value)
    return folder


Facts = dict[str, Any]
Asking = Callable[..., Facts]


@pytest.fixture(scope="session")
def ask_role() -> Asking:
    """`ask_role(environment, host, *paths)`: what the role says of itself, given this environment and nothing else."""

    def ask(environment: dict[str, str], host: str, *paths: str) -> Facts:
        script = str(Path(__file__).with_name("within_role.py"))
        done = subprocess.run(
            [sys.executable, script, host, *paths],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        facts: Facts = json.loads(done.stdout)
        return facts

    return ask
