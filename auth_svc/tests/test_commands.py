"""What operators do at the command line for people: a code, an archive."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from auth_svc.models import Invitation
from chat_svc.services import create_chat
from user_svc.services import create_member

if TYPE_CHECKING:
    from user_svc.models import User

pytestmark = pytest.mark.django_db
ORIGIN = "https://chat.example.org"


@pytest.fixture
def ada(settings: Settings) -> User:
    settings.PUBLIC_ORIGIN = ORIGIN
    return create_member(username="ada", password="only for tests", display_name="Ada")


@pytest.fixture
def chat(ada: User) -> UUID:
    return create_chat(creator_id=ada.id, kind="group", title="Tea", members=[]).id


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_code_is_made_as_its_host_with_what_was_asked_for(ada: User, chat: UUID):
    told = said("create_invite", "--as", "ada", "--chat", str(chat), "--uses", "30", "--lifetime", "2h", "--qr")

    made = Invitation.objects.get()
    assert (made.created_by_id, made.chat_id, made.max_uses, made.lifetime) == (ada.id, chat, 30, timedelta(hours=2))
    assert f"{ORIGIN}/join/{made.token()}\n" in told
    assert "\u2584" in told or "\u2580" in told  # half blocks
    assert "for 30 people" in told


def test_without_a_chat_it_leads_to_its_host(ada: User):
    told = said("create_invite", "--as", "ada", "--uses", "any", "--lifetime", "ever")

    made = Invitation.objects.get()
    assert (made.chat_id, made.max_uses, made.expires_at) == (None, None, None)
    assert "any number of people; ends when it is taken back" in told


def test_who_is_not_in_the_chat_makes_no_code_into_it(ada: User, chat: UUID):
    create_member(username="eve", password="only for tests", display_name="Eve")

    with pytest.raises(CommandError):
        said("create_invite", "--as", "eve", "--chat", str(chat))

    assert not Invitation.objects.exists()


@pytest.mark.parametrize("wrong", [["--lifetime", "8d"], ["--lifetime", "soon"], ["--uses", "0"], ["--as", "nobody"]])
def test_what_cannot_be_is_said_and_makes_nothing(ada: User, wrong: list[str]):
    with pytest.raises(CommandError):
        said("create_invite", "--as", "ada", *wrong)

    assert not Invitation.objects.exists()


@pytest.mark.parametrize("by", ["name", "id"])
def test_an_archive_is_what_the_person_could_have_themselves(ada: User, chat: UUID, tmp_path: Path, by: str):
    file = tmp_path / "ada.zip"

    said("export_user", "ada" if by == "name" else str(ada.id), "--to", str(file))

    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("profile.json"))["username"] == "ada"
        assert [row["chat"] for row in json.loads(archive.read("chats.json"))] == [str(chat)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_archive_is_not_written_over_a_file_nor_of_nobody(ada: User, tmp_path: Path):
    file = tmp_path / "ada.zip"
    file.write_text("mine")

    for person in ("ada", "nobody"):
        with pytest.raises(CommandError):
            said("export_user", person, "--to", str(file))

    assert file.read_text() == "mine"


def test_a_full_disk_leaves_no_half_archive(ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Full(io.FileIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", Full)

    with pytest.raises(CommandError, match="No space left"):
        said("export_user", "ada", "--to", str(tmp_path / "ada.zip"))

    assert list(tmp_path.iterdir()) == []
