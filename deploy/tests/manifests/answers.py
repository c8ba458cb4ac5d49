"""What the roles of a house say of themselves, each within exactly its rendered environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.ci.jobs import ROOT
from deploy.ci.role_settings import PODS
from deploy.ci.servers import free_port
from deploy.tests.manifests.house import Manifests, house

MOUNTED_AT = "/run/secrets/abdre"
Facts = dict[str, Any]

# A kubelet asks by the pod's address, whatever name the operator gave the house.
POD = "10.1.2.3"
# plain has nothing to say that is not in these.
LOADED = ["base", "dev", "staging", "prod"]
WORKLOADS = {name: [*PODS, "migrate", *(["backup"] if name == "prod" else [])] for name in LOADED}


# A pod has its address to itself, and this machine's port may be somebody's.
METRICS_PORT = free_port()


def as_in_the_pod(manifests: Manifests, name: str, mounted: Path) -> dict[str, str]:
    environment = {**manifests.environment(name), "ABDRE_METRICS_PORT": str(METRICS_PORT)}
    return {key: value.replace(MOUNTED_AT, str(mounted)) for key, value in environment.items()}


def probes_of(manifests: Manifests, name: str) -> list[str]:
    container = manifests.container(name)
    return [container[kind]["httpGet"]["path"] for kind in ("livenessProbe", "readinessProbe") if kind in container]


def job(environment: dict[str, str], host: str, *paths: str) -> Facts:
    return {"environment": {"PATH": os.environ["PATH"], **environment}, "host": host, "paths": paths}


def facts_of(jobs: list[Facts]) -> list[Facts]:
    """What the roles say of themselves, each given its environment and nothing else."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("within_role.py"))],
        cwd=ROOT,
        input=json.dumps(jobs),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    facts: list[Facts] = json.loads(done.stdout)
    return facts


class Answers:
    """Of every role of a house, all at once. What two houses say alike is asked once."""

    def __init__(self, mounted: Path) -> None:
        self.mounted = mounted
        self.known: dict[str, Facts] = {}

    def of(self, home: str, name: str) -> Facts:
        asked = {one: json.dumps(self.job(home, one)) for one in WORKLOADS[home]}
        new = [text for text in asked.values() if text not in self.known]
        self.known |= zip(new, facts_of([json.loads(text) for text in new]), strict=True) if new else {}
        return self.known[asked[name]]

    def job(self, home: str, name: str) -> Facts:
        return job(as_in_the_pod(house(home), name, self.mounted), POD, *probes_of(house(home), name))
