"""What leaves the pipeline is signed, says what is in it, and of which commit it is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.ci.jobs import ROOT

IMAGE, COMMIT = "images.example/abdre-chat", "1a2b3c"
DIGEST = f"sha256:{'1' * 64}"
# Each writes down how it was called. An image is there once it was pushed; cosign finds what KNOWN names.
STAND_INS = {
    "docker": f"""case "$*" in
        *build\\ *) touch pushed ;;
        *) test -e pushed && echo {DIGEST} ;;
    esac""",
    "cosign": 'case "$1" in verify*) case " $KNOWN " in *" $1 "*) ;; *) exit 1 ;; esac ;; esac',
    "python3": "",
    "git": f"echo {COMMIT}",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The script's own, with stand-ins for whatever asks the network."""
    (tmp_path / "deploy/ci").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/ci/publish", tmp_path / "deploy/ci/publish")
    shutil.copy(ROOT / "requirements-tools.txt", tmp_path)
    inside = {".artifacts/sbom-venv/bin/pip": "", "deploy/ci/sbom": ""}
    for name, does in {**{f"bin/{name}": does for name, does in STAND_INS.items()}, **inside}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>called\n{does}\n')
        path.chmod(0o755)
    return tmp_path


def published(tree: Path, *, known: str = "") -> str:
    """How the programs were called, a line each."""
    (tree / "called").write_text("")
    path = f"{tree / 'bin'}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "SIGNER": "ours", "KNOWN": known}
    done = subprocess.run(
        [tree / "deploy/ci/publish", IMAGE, "7"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"digest={DIGEST}\n"
    return (tree / "called").read_text()


def test_a_new_image_is_built_of_its_commit_attested_and_signed(tree: Path):
    called = published(tree)

    assert "--build-arg ABDRE_VERSION=7" in called
    assert f"--build-arg ABDRE_REVISION={COMMIT}" in called
    assert f"cosign sign --yes {IMAGE}@{DIGEST}" in called
    assert f".artifacts/sbom.cdx.json {IMAGE}@{DIGEST}" in called


def test_what_was_pushed_and_then_not_signed_is_signed_by_the_next_and_not_built_again(tree: Path):
    (tree / "pushed").touch()

    called = published(tree, known="verify-attestation")

    assert f"cosign sign --yes {IMAGE}@{DIGEST}" in called
    assert "cosign attest" not in called
    assert "buildx build" not in called


def test_what_is_there_attested_and_signed_is_left_alone(tree: Path):
    (tree / "pushed").touch()

    called = published(tree, known="verify verify-attestation")

    assert not any(word in called for word in ("buildx build", "cosign attest", "cosign sign", "sbom"))
