"""The engine's packages are fetched once, and a mirror that says nothing is as one that is away."""

from pathlib import Path

import pytest

from deploy.ci import engine
from deploy.ci.engine import Archive, CannotRun

# Stands for apt: notes what it is told, and gives a package.
APT = """#!/bin/sh
echo "$*" >>{folder}/told
{then}
case "$*" in *download*) touch {folder}/kept/archives/one.deb ;; esac
"""
FETCH = ["download", "one"]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(engine, "INSTALLED", tmp_path / "status")
    (tmp_path / "status").touch()
    apt(tmp_path)
    return Archive(tmp_path / "kept")


def apt(folder: Path, then: str = "") -> None:
    (folder / "apt-get").write_text(APT.format(folder=folder, then=then))
    (folder / "apt-get").chmod(0o755)


def asked(folder: Path) -> int:
    return (folder / "told").read_text().count("download")


def test_packages_are_fetched_once(archive: Archive, tmp_path: Path):
    archive.fetch(FETCH)
    again = Archive(tmp_path / "kept")
    again.fetch(FETCH)

    assert [package.name for package in again.packages()] == ["one.deb"]
    assert asked(tmp_path) == 1


def test_they_are_fetched_anew_where_others_are_wanted_or_the_machine_has_others(archive: Archive, tmp_path: Path):
    archive.fetch(FETCH)
    archive.fetch([*FETCH, "two"])
    (tmp_path / "status").write_text("one was removed")
    archive.fetch([*FETCH, "two"])

    assert asked(tmp_path) == 3


def test_what_was_fetched_in_part_is_not_kept(archive: Archive, tmp_path: Path):
    apt(tmp_path, f"touch {tmp_path}/kept/archives/half.deb; exit 100")
    with pytest.raises(CannotRun, match="not in reach"):
        archive.fetch(FETCH)
    apt(tmp_path)
    archive.fetch(FETCH)

    assert [package.name for package in archive.packages()] == ["one.deb"]


def test_a_mirror_that_says_nothing_is_not_waited_for(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "ANSWERS_WITHIN_S", 0.2)
    apt(tmp_path, "exec sleep 60")

    with pytest.raises(CannotRun, match=r"apt-get did not end within 0\.2 s"):
        archive.fetch(FETCH)
