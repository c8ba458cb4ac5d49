"""Houses as clusters would get them: rendered, and found by kind and name."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.ci.jobs import ROOT

K8S = ROOT / "deploy" / "k8s"
# Everything that a cluster gets for one house. The base is none by itself: nobody there may speak to anybody.
BASE = ["base/cluster", "base/common", "base/migrate", "base"]
STEPS = ["common", "stores", "migrate", "roles"]
HOUSES = {
    "base": BASE,
    **{name: [f"overlays/{name}/{step}" for step in STEPS] for name in ("dev", "staging", "prod")},
    "plain": ["tests/plain/common", "tests/plain/migrate", "tests/plain/roles"],
    "mesh": ["overlays/prod/common", "overlays/prod/stores", "overlays/prod/migrate", "tests/mesh/roles"],
    "sockets": [
        "overlays/staging/common",
        "overlays/staging/stores",
        "overlays/staging/migrate",
        "tests/sockets/roles",
    ],
}

Document = dict[str, Any]


@cache
def render(folder: Path) -> list[Document]:
    done = subprocess.run([str(ROOT / "deploy/ci/render"), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def all_kustomizations() -> list[Path]:
    return sorted(path.parent for path in K8S.glob("**/kustomization.yaml"))


@cache
def house(name: str) -> "Manifests":
    return Manifests([document for folder in HOUSES[name] for document in render(K8S / folder)])


class Manifests:
    """What a cluster would hold, found by kind and name."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents

    def all_of(self, *kinds: str) -> list[Document]:
        return [document for document in self.documents if document["kind"] in kinds]

    def one(self, kind: str, name: str) -> Document:
        (found,) = [document for document in self.all_of(kind) if document["metadata"]["name"] == name]
        return found

    def workload(self, name: str) -> Document:
        kind = {"migrate": "Job", "backup": "CronJob", "restore": "CronJob"}.get(name, "Deployment")
        return self.one(kind, name if kind != "Deployment" else f"abdre-{name}")

    def pod(self, name: str) -> Document:
        pod: Document = template_of(self.workload(name))["spec"]
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

    def templates(self) -> Iterator[tuple[Document, Document]]:
        """Whatever makes pods, and what each of its pods is like."""
        for document in self.all_of("Deployment", "StatefulSet", "Job", "CronJob"):
            yield document, template_of(document)


def template_of(workload: Document) -> Document:
    spec = workload["spec"]
    template: Document = (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]
    return template
