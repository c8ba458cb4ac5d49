"""About where somebody is signed in, from a database of the operator's, by the network's prefix alone."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import override
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]
from pytest_django import Settings

from auth_svc.apps import AuthConfig
from auth_svc.models import Session
from auth_svc.selectors import place_of, places
from auth_svc.tests.people import Visitor

ALMATY = {
    "city": {"names": {"en": "Almaty", "ru": "Алматы"}},
    "country": {"names": {"en": "Kazakhstan", "ru": "Казахстан"}},
}
NETWORKS = {
    "203.0.113.0/24": ALMATY,
    "198.51.100.0/24": {"country": {"names": {"en": "Kazakhstan"}}},
    "192.0.2.0/24": {"continent": {"names": {"en": "Asia"}}},
}


@pytest.fixture
def city_file(tmp_path: Path, settings: Settings):
    writer = MMDBWriter(4, "ABDRE-Test-City", languages=["en", "ru"])
    for network, record in NETWORKS.items():
        writer.insert_network(IPSet([network]), record)
    path = tmp_path / "city.mmdb"
    writer.to_db_file(str(path))
    settings.GEOIP_DATABASE = str(path)
    places.database.cache_clear()
    yield path
    places.database.cache_clear()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.0/24", "Almaty, Kazakhstan"),
        ("198.51.100.0/24", "Kazakhstan"),
        ("192.0.2.0/24", ""),
        ("10.0.0.0/24", ""),
        ("2001:db8::/56", ""),  # a database of the older kind of address only
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_network_is_city_and_country_as_far_as_they_are_known(city_file: Path, address: str, place: str):
    assert place_of(address) == place


@pytest.mark.parametrize(("language", "place"), [("ru", "Алматы, Казахстан"), ("kk", "Almaty, Kazakhstan")])
def test_places_are_named_in_the_reader_s_language_where_the_database_has_it(
    city_file: Path, language: str, place: str
):
    with override(language):
        assert place_of("203.0.113.0/24") == place


def test_the_list_of_devices_says_where_and_the_session_keeps_the_prefix_only(city_file: Path, visitor):
    ada: Visitor = visitor()
    ada.address = "203.0.113.77"
    ada.signed_in_by(ada.register("ada"))

    (session,) = ada.get("/api/auth/sessions").json()["items"]

    assert (session["place"], session["address"]) == ("Almaty, Kazakhstan", "203.0.113.0/24")
    kept = Session.objects.values().get()
    assert kept["address"] == "203.0.113.0/24"
    assert "203.0.113.77" not in str(kept)
    assert "Almaty" not in str(kept)


def test_without_a_database_no_place_is_said(ada: Visitor):
    assert [session["place"] for session in ada.get("/api/auth/sessions").json()["items"]] == [""]


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_a_broken_file_stops_the_start_with_the_variable_s_name(
    tmp_path: Path, settings: Settings, content: bytes | None
):
    path = tmp_path / "city.mmdb"
    if content is not None:
        path.write_bytes(content)
    settings.GEOIP_DATABASE = str(path)
    places.database.cache_clear()

    with pytest.raises(ImproperlyConfigured, match="ABDRE_GEOIP_DATABASE"):
        AuthConfig.create("auth_svc").ready()
