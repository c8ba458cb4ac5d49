"""The first administrator comes by one command, with a password of the operator's own."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from auth_svc.tests.people import PASSWORD
from user_svc.selectors import administrators, user_by_login


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["environment", "file", "pipe"])
def test_an_administrator_is_made_and_can_sign_in(way: str, pipe, monkeypatch, tmp_path):
    if way == "environment":
        monkeypatch.setenv("ABDRE_ADMIN_PASSWORD", PASSWORD)
    elif way == "file":
        (tmp_path / "password").write_text(PASSWORD + "\n")
        monkeypatch.setenv("ABDRE_ADMIN_PASSWORD_FILE", str(tmp_path / "password"))
    else:
        pipe(PASSWORD + "\n")

    call_command("create_admin", username="root.admin", email="root@example.org", stdout=io.StringIO())

    user = user_by_login("root@example.org")
    assert user
    assert (user.username, user.is_staff, user.is_superuser) == ("root.admin", True, False)
    assert list(administrators()) == [user]
    assert user.check_password(PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "admin123", "12345678", "root.admin"])
def test_a_weak_password_makes_no_administrator(password: str, pipe):
    pipe(password)

    with pytest.raises(CommandError):
        call_command("create_admin", username="root.admin", stdout=io.StringIO())

    assert user_by_login("root.admin") is None


@pytest.mark.django_db
def test_a_name_in_use_is_refused_and_its_owner_is_no_administrator(pipe):
    pipe(PASSWORD)
    call_command("create_admin", username="root.admin", stdout=io.StringIO())
    pipe("another long password")

    with pytest.raises(CommandError, match="taken"):
        call_command("create_admin", username="root.admin", stdout=io.StringIO())


def test_there_is_no_default_name():
    with pytest.raises(CommandError, match="--username"):
        call_command("create_admin", stdout=io.StringIO())
