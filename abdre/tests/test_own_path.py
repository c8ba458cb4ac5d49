"""Where a person may be sent on to."""

import pytest

from abdre.own_path import HOME, own_path


@pytest.mark.parametrize("own", ["/", "/chats?a=b", "/join/abc", "/admin/", "/chats?next=https://example.org/"])
def test_a_path_of_this_site_is_kept(own: str) -> None:
    assert own_path(own) == own


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        " /chats",
        "javascript:alert(1)",
        "chats",
        "http://[",
        "",
        None,
    ],
)
def test_anything_else_leads_home(foreign: str | None) -> None:
    assert own_path(foreign) == HOME
