"""The house's keys, made as k8s/README.md says, are read by nobody else on the machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.ci.jobs import ROOT
from deploy.tests.manifests.conftest import STORES
from deploy.tests.manifests.house import K8S

# The real one makes the documents; what it would apply goes nowhere.
KUBECTL = f"""#!/bin/sh
[ "$1" = apply ] || exec {shutil.which("kubectl")} "$@"
"""


def test_the_documented_command_keeps_the_keys_from_everybody_else(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    [line] = [
        line
        for line in (K8S / "README.md").read_text().splitlines()
        if line.startswith("    ") and "make-secret" in line
    ]
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = {**os.environ, **STORES, "PYTHON": sys.executable, "HOME": str(home), "PATH": path}

    subprocess.run(["sh", "-c", f"umask 022; {line}"], cwd=ROOT, env=environment, check=True)

    [kept] = home.iterdir()
    assert "signing.pem" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_secret_in_the_checkout_is_not_committed():
    asked = ["git", "check-ignore", "secret.yaml", "deploy/k8s/abdre-secret.yaml"]

    assert subprocess.run(asked, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True).stdout.split() == asked[2:]
