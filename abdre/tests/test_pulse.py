"""Each process says that it lives and what it lacks, and is missed when it does not."""

import json

import pytest

from abdre import pulse
from abdre.pulse import Pulse, pulses
from abdre.service_client import CLOSED
from abdre.store import StoreAway, store
from abdre.store.redis import RedisStore

TEA = Pulse("tea", "1.0", 1_800_000_000.0, lacks=[], avoids=[])


def test_the_processes_of_a_role_are_all_heard_of():
    pulse._say("one", TEA)
    pulse._say("two", Pulse("tea", "1.1", 1_800_000_001.0, lacks=["redis: away"], avoids=["chat"]))
    pulse._say("three", Pulse("coffee", "1.0", 1_800_000_000.0, lacks=[], avoids=[]))

    heard = pulses(["tea", "coffee", "cake"])

    assert [one.version for one in heard["tea"]] == ["1.0", "1.1"]
    assert heard["tea"][1].lacks == ["redis: away"]
    assert [len(heard["coffee"]), heard["cake"]] == [1, []]


def test_who_is_silent_is_dead_and_dropped_from_the_list(monkeypatch: pytest.MonkeyPatch):
    pulse._say("dead", Pulse("porter", "1.0", 0.0, lacks=[], avoids=[]))
    store.delete("pulse:dead")

    assert pulses(["porter"]) == {"porter": []}
    pulse._say("alive", Pulse("porter", "1.0", 0.0, lacks=[], avoids=[]))
    assert store.get("pulse.of:porter") == "alive"


@pytest.mark.django_db
def test_this_process_says_what_it_lacks_and_goes_without_being_missed(settings, monkeypatch: pytest.MonkeyPatch):
    settings.ROLE = "cloakroom"
    monkeypatch.setattr(pulse, "checks", lambda: {"keys": "ok", "database": "no answer"})
    breakers = {"chat": {"a": CLOSED, "b": "opened"}, "user": {"a": CLOSED}}
    monkeypatch.setattr("abdre.service_client.states", lambda: breakers)

    pulse.beat()

    (told,) = pulses(["cloakroom"])["cloakroom"]
    assert (told.lacks, told.avoids) == (["database: no answer"], ["chat"])
    pulse.end()
    assert pulses(["cloakroom"]) == {"cloakroom": []}


@pytest.mark.django_db
def test_while_the_store_is_away_nobody_is_heard_and_nothing_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pulse, "store", RedisStore("redis://127.0.0.1:1"))

    pulse.beat()
    pulse.end()

    with pytest.raises(StoreAway):
        pulses(["tea"])


def test_what_is_said_is_json_that_names_every_key():
    pulse._say("one", TEA)

    assert set(json.loads(store.get("pulse:one") or "")) == {"role", "version", "began_at", "lacks", "avoids"}
