"""`rotate_keys`: three steps, each at its time and once, however often the command is given."""

import json
import stat
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from abdre import keys
from abdre.key_rotation import PUBLISHED_FOR, RETIRED_FOR
from abdre.keys import load_jwks, load_signing_keys
from abdre.tokens import AccessToken
from auth_svc.management.commands import rotate_keys


class Clock:
    """Stands for `datetime` in the command; it begins after the keys were made, whose date is the real one."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)

    def now(self, _: object) -> datetime:
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rotate_keys, "datetime", clock)
    return clock


class Folder:
    def __init__(self, path: Path) -> None:
        keys.main(str(path))
        self.signing, self.verifying = path / keys.SIGNING_FILE, path / keys.VERIFYING_FILE

    def rotate(self, *options: str) -> str:
        told = StringIO()
        files = ["--signing", str(self.signing), "--verifying", str(self.verifying)]
        call_command("rotate_keys", *files, *options, stdout=told)
        return told.getvalue()

    def code(self, *options: str) -> int:
        with pytest.raises(CommandError) as refusal:
            self.rotate(*options)
        return refusal.value.returncode

    @property
    def kids(self) -> list[str]:
        return [key.kid for key in load_signing_keys(self.signing.read_text())]

    @property
    def published(self) -> set[str]:
        return set(load_jwks(json.loads(self.verifying.read_text())))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_three_steps_of_a_rotation(folder: Folder, clock: Clock):
    (old,) = folder.kids

    folder.rotate("--now")
    assert folder.kids[0] == old
    new = folder.kids[1]
    assert folder.published == {old, new}

    clock.moment += PUBLISHED_FOR
    folder.rotate()
    assert folder.kids == [new, old]
    assert folder.published == {old, new}

    clock.moment += RETIRED_FOR
    folder.rotate()
    assert folder.kids == [new]
    assert folder.published == {new}


@pytest.mark.parametrize("steps", [1, 2])
def test_pressed_again_before_its_time_a_step_changes_nothing_and_says_when(folder: Folder, clock: Clock, steps: int):
    for pause in [timedelta(0), PUBLISHED_FOR][:steps]:
        clock.moment += pause
        folder.rotate("--now")
    clock.moment += {1: PUBLISHED_FOR, 2: RETIRED_FOR}[steps] - timedelta(seconds=1)
    before = folder.signing.read_text(), folder.verifying.read_text()

    assert [folder.code("--now") for _ in range(3)] == [rotate_keys.NOTHING_DUE] * 3

    assert (folder.signing.read_text(), folder.verifying.read_text()) == before


def test_by_the_clock_a_rotation_begins_with_a_key_of_thirty_days(folder: Folder, clock: Clock):
    folder.rotate("--leaked")  # a key that was made by this clock
    clock.moment += timedelta(days=30, seconds=-1)
    assert folder.code() == rotate_keys.NOTHING_DUE

    clock.moment += timedelta(seconds=1)

    assert "is published" in folder.rotate()


def test_a_key_from_before_its_age_was_noted_is_old(folder: Folder, clock: Clock):
    folder.signing.write_text(folder.signing.read_text().partition("\n")[2])

    assert "is published" in folder.rotate()


def test_waiting_takes_all_steps_that_are_left(folder: Folder, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    (old,) = folder.kids
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.moment += timedelta(seconds=seconds)

    monkeypatch.setattr("auth_svc.management.commands.rotate_keys.time.sleep", sleep)

    told = folder.rotate("--now", "--wait")

    assert slept == [PUBLISHED_FOR.total_seconds(), RETIRED_FOR.total_seconds()]
    assert old not in folder.kids
    assert len(folder.kids) == 1
    assert f"{old} is dropped" in told


def test_waiting_goes_on_with_a_rotation_that_was_begun(folder: Folder, clock: Clock):
    folder.rotate("--now")
    new = folder.kids[1]

    folder.rotate("--wait", "--pause-s", "0")

    assert folder.kids == [new]


def test_a_leaked_key_is_gone_at_once_with_all_others(folder: Folder, clock: Clock):
    folder.rotate("--now")
    before = set(folder.kids)

    folder.rotate("--leaked")

    assert not before & set(folder.kids)
    assert set(folder.kids) == folder.published


def test_the_files_keep_their_readers_and_no_draft_stays_behind(folder: Folder, clock: Clock):
    folder.signing.chmod(0o440)

    folder.rotate("--now")

    assert stat.S_IMODE(folder.signing.stat().st_mode) == 0o440
    assert {path.name for path in folder.signing.parent.iterdir()} == {keys.SIGNING_FILE, keys.VERIFYING_FILE}


def test_a_next_key_that_the_others_do_not_know_is_published_again_and_waits_anew(folder: Folder, clock: Clock):
    unpublished = folder.verifying.read_text()
    folder.rotate("--now")
    folder.verifying.write_text(unpublished)
    clock.moment += PUBLISHED_FOR

    assert "was not published" in folder.rotate()

    old, new = folder.kids
    assert folder.published == {old, new}
    clock.moment += PUBLISHED_FOR - timedelta(seconds=1)
    assert folder.code() == rotate_keys.NOTHING_DUE
    clock.moment += timedelta(seconds=1)
    folder.rotate()
    assert folder.kids == [new, old]


def test_a_signing_key_that_the_others_do_not_know_is_said(folder: Folder, clock: Clock, tmp_path: Path):
    keys.main(str(tmp_path / "other"))
    folder.verifying.write_text((tmp_path / "other" / keys.VERIFYING_FILE).read_text())

    assert folder.code("--now") == 1


def test_a_drop_that_was_broken_off_between_the_files_is_finished(folder: Folder, clock: Clock):
    for pause in (timedelta(0), PUBLISHED_FOR, RETIRED_FOR):
        clock.moment += pause
        half_done = folder.signing.read_text()
        folder.rotate("--now")
    (new,) = folder.kids
    folder.signing.write_text(half_done)

    folder.rotate()

    assert folder.kids == [new]
    assert folder.published == {new}


@pytest.mark.parametrize("content", ["", "[]", "{}", "half a"])
def test_a_published_set_that_is_none_is_said(folder: Folder, clock: Clock, content: str):
    folder.verifying.write_text(content)

    assert folder.code("--now") == 1


@pytest.mark.parametrize("order", ["two without a word", "next before signing"])
def test_files_that_no_rotation_leaves_are_refused(folder: Folder, clock: Clock, order: str):
    folder.rotate("--now")
    first, middle, second = folder.signing.read_text().partition("# next")
    swapped = {"two without a word": first + second.partition("\n")[2], "next before signing": middle + second + first}
    folder.signing.write_text(swapped[order])

    assert folder.code() == 1


def test_a_folder_that_refuses_one_file_changes_none(folder: Folder, clock: Clock, tmp_path: Path):
    before = folder.verifying.read_text()
    missing = ["--signing", str(tmp_path / "nowhere" / "signing.pem"), "--verifying", str(folder.verifying)]

    with pytest.raises(CommandError) as refusal:
        call_command("rotate_keys", *missing, "--leaked")

    assert refusal.value.returncode == 1
    assert folder.verifying.read_text() == before


def test_no_token_outlives_its_key():
    assert AccessToken.lifetime < RETIRED_FOR
