"""What the manifests' tests share: secrets as operators make them, and roles asked in their rendered environment."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from deploy.ci.jobs import ROOT
from deploy.ci.role_settings import PODS, ROLES
from deploy.tests.manifests.answers import Answers, Facts, facts_of, job
from deploy.tests.manifests.house import K8S, Document, Manifests, house

__all__ = ["PODS", "ROLES"]

# Pictures, what people send, and the pictures of link cards, which the worker fetches.
KEEP_FILES = {"user", "chat", "worker"}
STORES = {
    "DATABASE_URL": "postgresql://services:x@postgres:5432/abdre",
    "MIGRATION_DATABASE_URL": "postgresql://abdre:owners@postgres:5432/abdre",
    "REDIS_URL": "redis://:redises@redis:6379/0",
}


@pytest.fixture(scope="session")
def manifests() -> Manifests:
    """Of the base."""
    return house("base")


@pytest.fixture(scope="session")
def made_secrets() -> dict[str, Document]:
    """What deploy/k8s/make-secret prints, by name."""
    done = subprocess.run(
        [str(K8S / "make-secret")],
        env={**os.environ, **STORES, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {document["metadata"]["name"]: document for document in yaml.safe_load_all(done.stdout)}


@pytest.fixture(scope="session")
def secret(made_secrets: dict[str, Document]) -> Document:
    """The roles' own."""
    return made_secrets["abdre-keys"]


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


Asking = Callable[..., Facts]


@pytest.fixture(scope="session")
def ask_role() -> Asking:
    """`ask_role(environment, host, *paths)`: what the role says of itself."""

    def ask(environment: dict[str, str], host: str, *paths: str) -> Facts:
        (facts,) = facts_of([job(environment, host, *paths)])
        assert "problem" not in facts, facts["problem"]
        return facts

    return ask


@pytest.fixture(scope="session")
def of_roles(mounted: Path) -> Answers:
    return Answers(mounted)
