"""PostgreSQL's address means what libpq says it means, and nothing of it is passed over."""

import pytest

from abdre.settings.postgres import pooled, read


def test_an_address_may_name_several_hosts_of_which_the_primary_is_meant():
    config = read("postgresql://ada:p%40ss@one:5433,[::1],three/abdre?sslmode=verify-full")

    assert (config["HOST"], config["PORT"]) == ("one,::1,three", "5433,,")
    assert (config["USER"], config["PASSWORD"], config["NAME"]) == ("ada", "p@ss", "abdre")
    assert config["OPTIONS"] == {"sslmode": "verify-full", "target_session_attrs": "read-write"}


def test_one_host_is_taken_as_it_is_and_what_the_address_asks_for_is_kept():
    assert read("postgres://one/abdre")["OPTIONS"] == {}
    assert read("postgresql://one,two/abdre?target_session_attrs=primary")["OPTIONS"] == {
        "target_session_attrs": "primary"
    }


@pytest.mark.parametrize(
    "url", ["postgresql://one/abdre?tea=green", "postgresql://one:port:2/abdre", "postgresql://one"]
)
def test_what_libpq_would_not_understand_is_refused(url: str):
    with pytest.raises(ValueError, match=r"options|port|name"):
        read(url)


def test_the_pool_keeps_what_the_address_asks_for():
    config = pooled(
        read("postgresql://one/abdre?sslmode=require&connect_timeout=9&options=-c%20work_mem%3D8MB"),
        most=4,
        is_bounced=False,
    )

    options = config["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"], options["pool"]["max_size"]) == ("require", "9", 4)
    assert "lock_timeout=5s" in options["options"]
    assert options["options"].endswith("work_mem=8MB")


def test_behind_pgbouncer_a_connection_asks_for_nothing_of_its_own():
    config = pooled(read("postgresql://one/abdre"), most=4, is_bounced=True)

    assert "options" not in config["OPTIONS"]
    assert config["DISABLE_SERVER_SIDE_CURSORS"]
