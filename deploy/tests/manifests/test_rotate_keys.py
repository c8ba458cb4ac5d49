"""deploy/k8s/rotate-keys changes the two keys of the Secret and nothing else, and only what it has read."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.ci.jobs import ROOT

# Stands for a cluster: keeps one Secret in a file, and refuses a patch of an older state of it, as the real one does.
KUBECTL = """#!{python}
import base64, json, re, sys
from pathlib import Path
kept = Path({kept!r})
secret = json.loads(kept.read_text())
arguments = sys.argv[1:]
assert arguments[1:5] == ["secret", "abdre-keys", "--namespace", {namespace!r}], arguments
if arguments[0] == "get":
    key = re.search('index .data "(.+?)" . base64decode', arguments[-1])
    print(base64.b64decode(secret["data"][key[1]]).decode() if key else secret["metadata"]["resourceVersion"], end="")
else:
    patch = json.loads(Path(arguments[arguments.index("--patch-file") + 1]).read_text())
    if patch["metadata"]["resourceVersion"] != secret["metadata"]["resourceVersion"]:
        sys.exit("the object has been modified")
    secret["data"] |= patch["data"]
    secret["metadata"]["resourceVersion"] += "1"
    kept.write_text(json.dumps(secret))
"""


class Cluster:
    def __init__(self, folder: Path, secret: dict[str, Any], namespace: str) -> None:
        self.folder = folder
        self.kept = folder / "secret.json"
        self.kept.write_text(json.dumps({"metadata": {"resourceVersion": "7"}, "data": secret["data"]}))
        kubectl = folder / "kubectl"
        kubectl.write_text(KUBECTL.format(python=sys.executable, kept=str(self.kept), namespace=namespace))
        kubectl.chmod(0o755)

    def rotate(self, *arguments: str) -> int:
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "PYTHON": sys.executable}
        script = [str(ROOT / "deploy/k8s/rotate-keys"), *arguments]
        return subprocess.run(script, env=environment, check=False).returncode

    def data(self) -> dict[str, str]:
        data = json.loads(self.kept.read_text())["data"]
        return {name: base64.b64decode(text).decode() for name, text in data.items()}


@pytest.fixture
def cluster(tmp_path: Path, secret: dict[str, Any]) -> Cluster:
    return Cluster(tmp_path, secret, "chat")


def test_a_step_changes_the_keys_in_the_secret_and_a_second_press_nothing(cluster: Cluster):
    before = cluster.data()

    assert cluster.rotate("chat", "--now") == 0

    after = cluster.data()
    assert {name for name in after if after[name] != before[name]} == {"signing.pem", "verifying.json"}
    assert after["signing.pem"].count("BEGIN") == len(json.loads(after["verifying.json"])["keys"]) == 2
    assert cluster.rotate("chat", "--now") == 3
    assert cluster.data() == after


def test_without_a_namespace_it_is_the_usual_one(tmp_path: Path, secret: dict[str, Any]):
    assert Cluster(tmp_path, secret, "abdre").rotate("--now") == 0
