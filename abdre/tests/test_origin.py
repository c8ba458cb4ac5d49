"""What a QR code holds: an address that a phone can reach."""

import pytest
from django.test import RequestFactory

from abdre import origin


@pytest.fixture(autouse=True)
def _network(monkeypatch: pytest.MonkeyPatch, settings):
    monkeypatch.setattr(origin, "lan_address", lambda: "192.168.7.5")
    settings.PUBLIC_ORIGIN = ""
    settings.OFFER_LAN_ADDRESS = True
    settings.ALLOWED_HOSTS = ["*"]


def origin_for(host: str) -> str:
    return origin.public_origin(RequestFactory().get("/", headers={"Host": host}))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "abdre.localhost:8000"])
def test_a_code_shown_on_localhost_holds_this_machines_address(host: str):
    assert origin_for(host) == "http://192.168.7.5:8000"


@pytest.mark.parametrize("host", ["192.168.7.5:8000", "chat.lan", "[2001:db8::1]:8000"])
def test_any_other_address_is_kept(host: str):
    assert origin_for(host) == f"http://{host}"


def test_the_operators_origin_wins(settings):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"

    assert origin_for("localhost:8000") == "https://chat.example.org"


def test_behind_an_edge_localhost_is_what_was_asked_for(settings):
    settings.OFFER_LAN_ADDRESS = False

    assert origin_for("localhost:8000") == "http://localhost:8000"
